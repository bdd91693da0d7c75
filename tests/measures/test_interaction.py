"""The difference in differences, by hand and by scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import bootstrap, ttest_rel

from typoglot.measures import Interaction, differences, interaction


def of(*rows: tuple[float, float, float, float], clusters: str | None = None) -> Interaction:
    """Rows of clean A, clean B, misspelt A, misspelt B."""
    scores = np.array(rows, dtype=np.float64)
    names = list(clusters) if clusters else [f"q{number:03}" for number in range(len(rows))]
    return interaction(scores[:, :2], scores[:, 2:], names, 1024, "x")


def test_a_loses_one_query_and_b_two() -> None:
    found = of((1, 1, 1, 1), (1, 1, 1, 0), (1, 1, 0, 0), (1, 0, 1, 0))

    assert (found.loss_a.value, found.loss_b.value) == (0.25, 0.5)
    assert found.absolute.value == -0.25
    assert (found.relative_a.value, found.relative_b.value) == pytest.approx((1 / 4, 2 / 3))
    assert found.relative.value == pytest.approx(1 / 4 - 2 / 3)
    assert (found.n, found.n_found) == (4, 3)
    assert found.found is not None
    assert found.found.value == pytest.approx(-1 / 3)


def test_nothing_found_by_both_leaves_nothing_to_condition_on() -> None:
    found = of((1, 0, 0, 0), (0, 1, 0, 1))

    assert (found.n_found, found.found) == (0, None)


def test_a_system_that_finds_nothing_has_no_relative_loss() -> None:
    found = of((0, 1, 0, 0), (0, 1, 0, 1))

    assert math.isnan(found.relative_a.value)
    assert math.isnan(found.relative.value)
    assert not found.scales_disagree


def test_points_and_shares_may_disagree() -> None:
    # A falls from 0.2 to 0.1: 10 points, half of it. B from 1 to 0.8: 20 points, a fifth.
    found = of((0.2, 1, 0.1, 0.8), (0.2, 1, 0.1, 0.8))

    assert found.absolute.value < 0 < found.relative.value
    assert found.scales_disagree


def test_it_is_scipy_s_paired_t_of_two_losses() -> None:
    clean, misspelt = np.random.default_rng(3).random((2, 40, 2))
    losses = clean - misspelt

    found = interaction(clean, misspelt, [f"q{i:02}" for i in range(40)], 1000, "x").absolute
    judge = ttest_rel(losses[:, 0], losses[:, 1])
    assert (found.t, found.p_t) == pytest.approx((judge.statistic, judge.pvalue))


def test_the_interval_of_the_relative_difference_is_scipy_s() -> None:
    rng = np.random.default_rng(3)
    clean = rng.uniform(0.5, 1, (80, 2))
    misspelt = clean * rng.uniform(0.2, 1, (80, 2))

    def relative(a: object, b: object, x: object, y: object, axis: int) -> object:
        return np.mean(y, axis) / np.mean(b, axis) - np.mean(x, axis) / np.mean(a, axis)

    columns = (*clean.T, *misspelt.T)
    judge = bootstrap(columns, relative, n_resamples=5000, paired=True, method="percentile", rng=rng)
    found = interaction(clean, misspelt, [f"q{i:02}" for i in range(80)], 5000, "x").relative
    assert found[1:] == pytest.approx(judge.confidence_interval, abs=0.005)


def test_swapping_the_systems_turns_every_difference() -> None:
    clean, misspelt = np.random.default_rng(3).random((2, 20, 2))
    names = [f"q{i // 2:02}" for i in range(20)]

    there = interaction(clean, misspelt, names, 500, "x")
    back = interaction(clean[:, ::-1], misspelt[:, ::-1], names, 500, "x")
    assert back.absolute[:3] == pytest.approx((-there.absolute.value, -there.absolute.high, -there.absolute.low))
    assert back.relative == pytest.approx((-there.relative.value, -there.relative.high, -there.relative.low))
    assert back.absolute.p == there.absolute.p
    assert back.clean_a == there.clean_b


def test_the_same_loss_everywhere_is_no_interaction() -> None:
    found = of((1, 1, 0, 0), (1, 1, 1, 1), (1, 0.5, 0.75, 0.25))

    assert (found.absolute.value, found.absolute.p) == (0, 1)


def test_the_conditional_difference_is_tested_as_any_other() -> None:
    clean, misspelt = np.ones((12, 2)), np.random.default_rng(3).random((12, 2))
    names = [f"q{i:02}" for i in range(12)]

    found = interaction(clean, misspelt, names, 5000, "x")
    (direct,) = differences(misspelt[:, 1:] - misspelt[:, :1], names, 5000, "y")
    assert found.found is not None
    assert (found.found.p, found.found.t) == pytest.approx((direct.p, direct.t))
