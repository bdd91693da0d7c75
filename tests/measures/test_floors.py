"""What random orders find, by hand, by counting all of them, and by drawing many."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from typoglot.measures import Measure, answer_floors, floors, has_answer

TEXTS = ["Rome is old.", "old Rome", "the moon", "Oslo", "again"]


def test_of_five_passages_two_hold_the_answer() -> None:
    found = answer_floors([["rome"], ["paris"]], TEXTS, [Measure("answer_recall", 2)], 5, "t")["answer_recall@2"]

    assert found.of([0]) == (pytest.approx(1 - 3 / 10), pytest.approx(0.7), pytest.approx(0.7), True)
    assert found.of([1]).value == 0.0
    assert found.of([0, 1]).value == pytest.approx(0.35)
    assert found.of([0, 1], [1]).value == pytest.approx(0.35 / 2)


def test_it_is_the_mean_over_every_set_of_k_passages() -> None:
    rng = random.Random(3)
    texts = [" ".join(rng.choices("abcdef", k=3)) for _ in range(9)]
    answers = [["a b"], ["c", "d e"], ["f f f"]]
    (found,) = answer_floors(answers, texts, [Measure("answer_recall", 3)], 9, "t").values()

    for row, own in enumerate(answers):
        sets = list(combinations(texts, 3))
        expected = np.mean([any(has_answer(own, text) for text in chosen) for chosen in sets])
        assert found.of([row]).value == pytest.approx(expected)


def test_a_large_corpus_is_sampled_and_its_interval_holds_the_true_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floors, "SMALL", 100)
    texts = [f"w{i % 997} common{i % 50}" for i in range(60_000)]
    (found,) = answer_floors([["common7"], ["w13"]], texts, [Measure("answer_recall", 20)], 20, "t").values()
    for row, share in enumerate((1 / 50, 61 / 60_000)):
        floor = found.of([row])
        assert not floor.exact
        assert floor.low < 1 - (1 - share) ** 20 < floor.high
        assert floor.high - floor.low < 0.05


def test_a_floor_in_tokens_is_an_estimate_from_rankings_that_all_questions_share() -> None:
    texts = [*("filler " * 100 for _ in range(80)), *("Rome " * 100 for _ in range(20))]
    found = answer_floors([["Rome"], ["Oslo"]], texts, [Measure.parse("R@1kt")], 100, "t")["R@1kt"]

    assert found.of([0]).low < 1 - 0.8**10 < 1  # ten random passages
    assert found.of([0]).value > 0.6
    assert found.of([1]) == (0.0, 0.0, 0.0, False)


def test_the_samples_hang_on_the_name_alone() -> None:
    texts = [f"a{i % 7} " * 90 for i in range(300)]
    measures = [Measure.parse("R@1kt"), Measure("answer_recall", 5)]
    one, again, other = (
        {
            name: found.of([0, 1])
            for name, found in answer_floors([["a1"], ["a2 a2"]], texts, measures, 12, name).items()
        }
        for name in ("t", "t", "u")
    )
    assert one == again
    assert one["answer_recall@5"] == other["answer_recall@5"]
