"""Exact search against brute force in fp64: the same passages, the same order, whatever the blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from typoglot.records import Hit
from typoglot.search.exact import ExactIndex

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from numpy.typing import NDArray

    from typoglot.records import Run

    Vectors = NDArray[np.float32]

quick = settings(max_examples=60, deadline=None, database=None)
# Quarters from -2 to 2: every score is exact in any precision, and many are equal.
quarters = st.integers(-8, 8).map(lambda number: np.float32(number / 4))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Vectors, list[str], Vectors]:
    """Up to 40 passages, some of them copies of others, with ids in no order, and up to 5 queries."""
    width = draw(st.integers(1, 4))
    distinct = draw(arrays(np.float32, (draw(st.integers(1, 10)), width), elements=quarters))
    rows = draw(st.lists(st.integers(0, len(distinct) - 1), min_size=1, max_size=40))
    ids = draw(st.lists(st.text("ab19é", min_size=1, max_size=4), min_size=len(rows), max_size=len(rows), unique=True))
    queries = draw(arrays(np.float32, (draw(st.integers(1, 5)), width), elements=quarters))
    return distinct[rows], ids, queries


def names(queries: Vectors) -> list[str]:
    """An id for each query."""
    return [f"q{number}" for number in range(len(queries))]


def brute_force(vectors: Vectors, ids: Sequence[str], queries: Vectors, depth: int) -> Run:
    """Every score in fp64, rounded to fp32, sorted by score and then by id."""
    scores = (queries.astype(np.float64) @ vectors.astype(np.float64).T).astype(np.float32)
    rankings = [sorted(zip(ids, map(float, row), strict=True), key=lambda hit: (-hit[1], hit[0])) for row in scores]
    return {
        name: [Hit(*hit) for hit in ranking[:depth]] for name, ranking in zip(names(queries), rankings, strict=True)
    }


def unit(rng: np.random.Generator, count: int, width: int) -> Vectors:
    """Random vectors of length 1."""
    vectors = rng.standard_normal((count, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


# By hand


def test_the_nearest_passage_comes_first() -> None:
    index = ExactIndex(np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32), ["x", "y", "z"])

    hits = index.search(np.array([[0, 1]], np.float32), ["q"], depth=2)["q"]
    assert hits == [("y", 1.0), ("z", pytest.approx(0.8))]


def test_ties_are_broken_by_id() -> None:
    index = ExactIndex(np.ones((4, 2), np.float32), ["d", "b", "c", "a"])

    assert [hit.passage_id for hit in index.search(np.ones((1, 2), np.float32), ["q"], 3)["q"]] == ["a", "b", "c"]


def test_ids_are_compared_as_text() -> None:
    index = ExactIndex(np.ones((3, 1), np.float32), ["p9", "p10", "P2"])

    assert [hit.passage_id for hit in index.search(np.ones((1, 1), np.float32), ["q"], 3)["q"]] == ["P2", "p10", "p9"]


def test_negative_scores_are_ranked_like_others() -> None:
    index = ExactIndex(np.array([[1], [2], [3]], np.float32), ["x", "y", "z"])

    assert index.search(np.array([[-1]], np.float32), ["q"], 3)["q"] == [("x", -1), ("y", -2), ("z", -3)]


def test_a_query_of_zeros_finds_the_first_ids() -> None:
    ids = [f"p{number:03}" for number in range(300)]
    index = ExactIndex(np.arange(-150, 150, dtype=np.float32)[:, None], ids[::-1])

    assert index.search(np.zeros((1, 1), np.float32), ["q"], 3)["q"] == [("p000", 0), ("p001", 0), ("p002", 0)]


def test_fewer_passages_than_asked_for_are_all_returned_once() -> None:
    index = ExactIndex(np.eye(3, dtype=np.float32), ["x", "y", "z"])

    hits = index.search(np.array([[1, 2, 3]], np.float32), ["q"], depth=1000)["q"]
    assert hits == [("z", 3), ("y", 2), ("x", 1)]


def test_a_tie_is_broken_by_id_however_many_passages_share_it() -> None:
    ids = [f"p{number:04}" for number in range(3000)]
    index = ExactIndex(np.ones((3000, 2), np.float32), ids[::-1], block_size=700)

    assert [hit.passage_id for hit in index.search(np.ones((1, 2), np.float32), ["q"], 5)["q"]] == ids[:5]


def test_no_queries_find_nothing() -> None:
    assert ExactIndex(np.eye(2, dtype=np.float32), ["x", "y"]).search(np.zeros((0, 2), np.float32), [], 5) == {}


def test_scores_are_plain_numbers() -> None:
    hits = ExactIndex(np.eye(2, dtype=np.float32), ["x", "y"]).search(np.eye(2, dtype=np.float32), ["q", "r"], 1)

    assert {type(hit.score) for ranking in hits.values() for hit in ranking} == {float}


# Against brute force


@quick
@given(worlds(), st.integers(1, 50), st.integers(1, 50))
def test_the_ranking_is_that_of_brute_force(
    world: tuple[Vectors, list[str], Vectors], depth: int, block_size: int
) -> None:
    vectors, ids, queries = world

    found = ExactIndex(vectors, ids, block_size).search(queries, names(queries), depth)
    assert found == brute_force(vectors, ids, queries, depth)


@pytest.mark.parametrize("width", [8, 384])
def test_the_ranking_of_unit_vectors_is_that_of_brute_force(width: int) -> None:
    rng = np.random.default_rng(width)
    vectors, queries = unit(rng, 2000, width), unit(rng, 20, width)
    ids = [f"p{number}" for number in rng.permutation(2000)]

    found = ExactIndex(vectors, ids, block_size=512).search(queries, names(queries), 100)
    assert found == brute_force(vectors, ids, queries, 100)


def test_passages_nearer_to_each_other_than_the_screen_can_see_are_told_apart() -> None:
    rng = np.random.default_rng(5)
    vectors = np.repeat(unit(rng, 1, 64), 1000, axis=0)
    vectors[np.arange(1000), rng.integers(0, 64, 1000)] *= np.float32(1 + 2**-23)  # one last bit each
    queries, ids = unit(rng, 5, 64), [f"p{number}" for number in rng.permutation(1000)]

    found = ExactIndex(vectors, ids, block_size=300).search(queries, names(queries), 10)
    assert found == brute_force(vectors, ids, queries, 10)


@pytest.mark.parametrize("block_size", [1, 7, 64, 299, 300, 65536])
def test_the_size_of_the_blocks_changes_nothing(block_size: int) -> None:
    rng = np.random.default_rng(9)
    vectors, queries, ids = unit(rng, 300, 24), unit(rng, 6, 24), [f"p{number}" for number in range(300)]

    found = ExactIndex(vectors, ids, block_size).search(queries, names(queries), 20)
    assert found == ExactIndex(vectors, ids).search(queries, names(queries), 20)


@quick
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_passages_and_queries_does_not_matter(
    world: tuple[Vectors, list[str], Vectors], rng: Random
) -> None:
    vectors, ids, queries = world
    rows, asked = list(range(len(ids))), list(range(len(queries)))
    rng.shuffle(rows)
    rng.shuffle(asked)

    mixed = ExactIndex(vectors[rows], [ids[row] for row in rows], 7)
    found = mixed.search(queries[asked], [f"q{number}" for number in asked], 9)
    assert found == ExactIndex(vectors, ids, 7).search(queries, names(queries), 9)


def test_a_query_finds_alone_what_it_finds_among_others() -> None:
    rng = np.random.default_rng(4)
    index = ExactIndex(unit(rng, 500, 32), [f"p{number}" for number in range(500)], 128)
    queries = unit(rng, 30, 32)

    together = index.search(queries, names(queries), 10)
    assert all(index.search(queries[n : n + 1], [f"q{n}"], 10) == {f"q{n}": together[f"q{n}"]} for n in range(30))


def test_rescoring_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    index = ExactIndex(unit(rng, 100, 16), [f"p{number}" for number in range(100)])
    queries = unit(rng, 9, 16)
    whole = index.search(queries, names(queries), 5)

    monkeypatch.setattr("typoglot.search.exact._GATHER", 1)
    assert index.search(queries, names(queries), 5) == whole


def test_the_vectors_stay_as_they_were() -> None:
    vectors = np.eye(3, dtype=np.float32)
    ExactIndex(vectors, ["x", "y", "z"]).search(vectors, ["q", "r", "s"], 2)

    assert np.array_equal(vectors, np.eye(3))


# What is refused


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_passage_vector_that_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="passage vector is not finite"):
        ExactIndex(np.array([[1, 0], [0, bad]], np.float32), ["x", "y"])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_query_vector_that_is_not_finite_is_refused(bad: float) -> None:
    index = ExactIndex(np.eye(2, dtype=np.float32), ["x", "y"])

    with pytest.raises(ValueError, match="query vector is not finite"):
        index.search(np.array([[bad, 0]], np.float32), ["q"], 1)


def test_a_passage_id_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="3 vectors, 3 ids, 2 of them distinct"):
        ExactIndex(np.eye(3, dtype=np.float32), ["x", "y", "x"])


def test_fewer_ids_than_vectors_are_refused() -> None:
    with pytest.raises(ValueError, match="3 vectors, 2 ids"):
        ExactIndex(np.eye(3, dtype=np.float32), ["x", "y"])


def test_fewer_query_ids_than_queries_are_refused() -> None:
    with pytest.raises(ValueError, match="each query needs its own id"):
        ExactIndex(np.eye(2, dtype=np.float32), ["x", "y"]).search(np.eye(2, dtype=np.float32), ["q"], 1)


def test_a_corpus_without_passages_is_refused() -> None:
    with pytest.raises(ValueError, match="a corpus needs at least one"):
        ExactIndex(np.zeros((0, 2), np.float32), [])


def test_a_query_id_that_comes_twice_is_refused() -> None:
    index = ExactIndex(np.eye(2, dtype=np.float32), ["x", "y"])

    with pytest.raises(ValueError, match=r"Query vectors \(2, 2\) for 1 ids"):
        index.search(np.eye(2, dtype=np.float32), ["q", "q"], 1)


@pytest.mark.parametrize("width", [0, 1, 3])
def test_queries_of_another_width_than_the_passages_are_refused(width: int) -> None:
    index = ExactIndex(np.eye(2, dtype=np.float32), ["x", "y"])

    with pytest.raises(ValueError, match=rf"Query vectors \(2, {width}\).*the passages' width"):
        index.search(np.ones((2, width), np.float32), ["q", "r"], 1)
