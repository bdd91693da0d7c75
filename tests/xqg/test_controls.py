from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from typoglot.xqg.controls import of_another_passage, random_directions

ids = st.sets(st.text(max_size=3), min_size=2, max_size=9)


@given(ids, st.integers(0, 99))
def test_every_passage_gets_the_queries_of_another_and_none_are_lost(found: set[str], seed: int) -> None:
    queries = {identifier: {"en": (identifier,)} for identifier in found}
    taken = {own: other["en"][0] for own, other in of_another_passage(queries, seed).items()}

    assert taken.keys() == found == set(taken.values())
    assert all(own != other for own, other in taken.items())


def test_whose_queries_they_become_depends_on_the_seed_and_not_on_the_order() -> None:
    queries = {str(number): {"en": (f"q{number}",)} for number in range(20)}
    backwards = dict(reversed(queries.items()))

    assert of_another_passage(queries, 1) == of_another_passage(backwards, 1) != of_another_passage(queries, 2)


def test_one_passage_has_no_other() -> None:
    with pytest.raises(ValueError, match="1 passages with queries: to take another's, two are needed"):
        of_another_passage({"a": {"en": ("q",)}}, 1)


def test_random_directions_keep_norms_and_point_anywhere() -> None:
    vectors = (
        np.random.default_rng(0).standard_normal((400, 64), np.float32) * np.arange(400, dtype=np.float32)[:, None]
    )
    found = random_directions(vectors, [str(number) for number in range(400)], 7)

    np.testing.assert_allclose(np.linalg.norm(found, axis=1), np.linalg.norm(vectors, axis=1), rtol=1e-5)
    units = found[1:] / np.linalg.norm(found[1:], axis=1, keepdims=True)
    cosines = (units @ units.T)[np.triu_indices(399, 1)]
    assert abs(cosines.mean()) < 0.005
    assert abs(cosines.std() - 1 / 8) < 0.005  # of uniform directions in 64 dimensions: 1/√64


def test_a_random_direction_belongs_to_its_name_and_seed() -> None:
    vectors = np.ones((2, 8), np.float32)
    both, swapped, other = (
        random_directions(vectors, names, seed) for names, seed in ((["a", "b"], 1), (["b", "a"], 1), (["a", "b"], 2))
    )

    assert (both == swapped[::-1]).all()
    assert not (both == other).any()
