"""Errors of questions and trainings against an analysis of variance done by hand, and against one kind alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ttest_ind, ttest_rel

from typoglot.measures import (
    differences,
    interaction,
    losses_over_trainings,
    mean_over_trainings,
    over_trainings,
)
from typoglot.measures.trainings import error_of


def names(count: int) -> list[str]:
    return [f"q{number:03}" for number in range(count)]


def judged(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Standard error and degrees of freedom from the mean squares of two two-way tables (Hillis 2007, eq. for
    trainings nested in systems), one query a question."""
    count = len(a)
    shared, parts = 0.0, []
    for own in (a, b):
        trainings = own.shape[1]
        left = own - own.mean(axis=0) - own.mean(axis=1, keepdims=True) + own.mean()
        shared += (left**2).sum() / ((count - 1) * (trainings - 1)) / (count * trainings)
        parts.append((np.var(own.mean(axis=0), ddof=1) / trainings, trainings - 1))
    by_question = np.var(a.mean(axis=1) - b.mean(axis=1), ddof=1) / count
    parts.append((max(by_question - shared, 0), count - 1))
    total = sum(size for size, _ in parts)
    return math.sqrt(total), total**2 / sum(size**2 / df for size, df in parts)


def test_single_queries_have_the_error_of_an_analysis_of_variance() -> None:
    rng = np.random.default_rng(1)
    hard = rng.normal(0, 1, (30, 1))
    a, b = hard + rng.normal(0, 0.5, (30, 3)), hard + rng.normal(0, 0.5, (30, 5)) + rng.normal(0, 0.3, 5)

    assert error_of([a, -b], names(30)) == pytest.approx(judged(a, b))


def test_translations_alike_count_as_one_query_of_their_question() -> None:
    a, b = np.random.default_rng(2).random((2, 20, 3))
    doubled = [np.repeat(own, 2, axis=0) for own in (a, -b)]

    assert error_of(doubled, [name for name in names(20) for _ in "xy"]) == pytest.approx(error_of([a, -b], names(20)))


def test_trainings_that_are_all_alike_leave_the_paired_t_test_of_questions() -> None:
    a, b = np.random.default_rng(3).random((2, 25, 1))
    alike = [np.repeat(own, 3, axis=1) for own in (a, b)]

    (plain,) = differences(a - b, names(25), 100, "x")
    found, judge = over_trainings(plain, *alike, names(25)), ttest_rel(a[:, 0], b[:, 0])
    assert (found.t, found.p_t, found.df) == pytest.approx((judge.statistic, judge.pvalue, 24))
    assert (found.low, found.high) == pytest.approx(tuple(judge.confidence_interval()))


def test_questions_that_are_all_alike_leave_the_t_test_of_trainings() -> None:
    trainings = np.random.default_rng(4).random((2, 4))
    a, b = (np.tile(own, (25, 1)) for own in trainings)

    found = over_trainings(differences((a - b).mean(axis=1)[:, None], names(25), 100, "x")[0], a, b, names(25))
    judge = ttest_ind(*trainings, equal_var=False)  # Welch's: two variances, Satterthwaite's degrees of freedom
    assert (found.t, found.df, found.p_t) == pytest.approx((judge.statistic, judge.df, judge.pvalue))


def test_the_randomisation_and_the_effect_stay_as_they_are() -> None:
    a, b = np.random.default_rng(5).random((2, 25, 3))
    (plain,) = differences((a - b).mean(axis=1)[:, None], names(25), 500, "x")

    found = over_trainings(plain, a, b, names(25))
    assert (found.value, found.p, found.effect, found.better) == (plain.value, plain.p, plain.effect, plain.better)


def test_nothing_that_varies_has_an_interval_of_width_0() -> None:
    assert mean_over_trainings(np.full((5, 3), 0.5), names(5)) == (0.5, 0.5, 0.5)


def test_one_question_tells_of_trainings_alone() -> None:
    found = mean_over_trainings(np.array([[0.0, 0.5, 1.0]]), ["q"])

    assert found == pytest.approx((0.5, 0.5 - 4.303 * 0.5 / math.sqrt(3), 0.5 + 4.303 * 0.5 / math.sqrt(3)), abs=0.001)


def test_the_error_of_a_share_is_that_of_its_linear_terms() -> None:
    rng = np.random.default_rng(6)
    a, b = (np.stack([clean, clean * rng.uniform(0.4, 1, clean.shape)], axis=2) for clean in rng.random((2, 200, 3)))
    plain = interaction(
        np.stack([a[..., 0].mean(1), b[..., 0].mean(1)], axis=1),
        np.stack([a[..., 1].mean(1), b[..., 1].mean(1)], axis=1), names(200), 1000, "x",
    )  # fmt: skip

    found = losses_over_trainings(plain, a, b, names(200))
    assert found.relative.value == plain.relative.value
    step = 1e-6  # the delta method by small steps: what each query and training moves the share by
    moved = []
    for own in (a, b):
        clean, typed = own[..., 0].mean(), own[..., 1].mean()
        share = (clean - typed) / clean
        toward = ((1 - step) * clean + step * own[..., 0], (1 - step) * typed + step * own[..., 1])
        moved.append(((toward[0] - toward[1]) / toward[0] - share) / step)
    half = error_of([moved[0], -moved[1]], names(200)).reach(0.025)
    assert found.relative.high - found.relative.value == pytest.approx(half, rel=1e-4)
    assert found.relative_a.high > found.relative_a.value > found.relative_a.low


def test_a_share_of_nothing_stays_undefined() -> None:
    a, b = np.zeros((4, 3, 2)), np.ones((4, 3, 2))
    plain = interaction(np.array([[0.0, 1.0]] * 4), np.array([[0.0, 1.0]] * 4), names(4), 100, "x")

    found = losses_over_trainings(plain, a, b, names(4))
    assert math.isnan(found.relative.value)
    assert found.found is None
