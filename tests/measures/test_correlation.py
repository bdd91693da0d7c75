"""Rank correlation against scipy, and against the head where there are ties and clusters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import bootstrap, linregress, rankdata, spearmanr

from typoglot.measures import spearman


def singletons(count: int) -> list[str]:
    return [f"q{number:03}" for number in range(count)]


def test_it_is_scipy_s_with_and_without_ties() -> None:
    rng = np.random.default_rng(1)
    for x in (rng.random(60), rng.integers(0, 5, 60).astype(float)):
        y = x + rng.normal(0, 2, 60).round()
        assert spearman(x, y, singletons(60), 10, "x").value == pytest.approx(spearmanr(x, y).statistic)


def test_the_interval_is_scipy_s_where_every_query_is_its_own_question() -> None:
    rng = np.random.default_rng(2)
    x = rng.integers(0, 8, 120).astype(float)
    y = (rng.random(120) < x / 10).astype(float)

    def statistic(a: np.ndarray, b: np.ndarray) -> float:
        return float(spearmanr(a, b).statistic)

    judge = bootstrap((x, y), statistic, n_resamples=3000, paired=True, vectorized=False, method="percentile", rng=rng)
    found = spearman(x, y, singletons(120), 5000, "judge")
    assert (found.low, found.high) == pytest.approx(tuple(judge.confidence_interval), abs=0.02)


def test_what_rises_together_has_a_correlation_of_1_whatever_the_resample() -> None:
    x = np.arange(20.0)

    assert spearman(x, x**3, singletons(20), 200, "x") == pytest.approx((1, 1, 1))


def test_translations_are_drawn_together() -> None:
    rng = np.random.default_rng(3)
    x, y = (np.repeat(rng.random(40), 5) for _ in range(2))
    clusters = [f"q{row // 5:02}" for row in range(200)]

    together, apart = (spearman(x, y, names, 2000, "x") for names in (clusters, singletons(200)))
    assert together.high - together.low == pytest.approx(math.sqrt(5) * (apart.high - apart.low), rel=0.15)


def test_between_queries_of_equal_length_a_cause_of_both_is_gone() -> None:
    rng = np.random.default_rng(4)
    length = rng.integers(1, 9, 4000).astype(float)
    x, y = length + rng.normal(0, 0.5, 4000), length + rng.normal(0, 0.5, 4000)

    found = spearman(x, y, singletons(4000), 200, "x", given=length)
    assert spearman(x, y, singletons(4000), 10, "x").value > 0.9
    assert found.low < 0 < found.high
    ranks = [rankdata(one) for one in (x, y, length)]
    left = [one - (line := linregress(ranks[2], one)).slope * ranks[2] - line.intercept for one in ranks[:2]]
    assert found.value == pytest.approx(np.corrcoef(*left)[0, 1])


def test_what_does_not_vary_has_no_correlation() -> None:
    assert math.isnan(spearman(np.ones(5), np.arange(5.0), singletons(5), 50, "x").value)


def test_a_third_that_does_not_vary_changes_nothing() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.random((2, 30))

    alone, given = (spearman(x, y, singletons(30), 50, "x", given=one) for one in (None, np.ones(30)))
    assert given == pytest.approx(alone)
