"""Errors of questions and trainings against an analysis of variance done by hand, and against one kind alone."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t, ttest_ind, ttest_rel

from typoglot.measures import (
    differences,
    every_pair,
    interaction,
    losses_over_trainings,
    macros_over_trainings,
    mean_over_trainings,
    means_over_trainings,
    over_trainings,
    pairs_over_trainings,
)
from typoglot.measures.trainings import _chance, _reach, error_of, kinds_of, parts_of


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


def test_one_systems_mean_has_the_error_of_two_crossed_random_effects() -> None:
    # Searle, Casella and McCulloch (Variance Components, 1992): of the grand mean (MS_a + MS_b - MS_ab) / ab.
    rng = np.random.default_rng(11)
    own = rng.normal(0, 1, (40, 1)) + rng.normal(0, 0.4, 4) + rng.normal(0, 0.5, (40, 4))
    questions, trainings = 4 * own.mean(axis=1).var(ddof=1), 40 * own.mean(axis=0).var(ddof=1)
    left = own - own.mean(axis=0) - own.mean(axis=1, keepdims=True) + own.mean()
    both = (left**2).sum() / (39 * 3)

    assert error_of([own], names(40)).size ** 2 == pytest.approx((questions + trainings - both) / 160)


def test_one_systems_interval_weighs_the_t_of_questions_and_that_of_trainings() -> None:
    own = np.random.default_rng(16).random((30, 3))
    trainings = own.mean(axis=0).var(ddof=1) / 3
    whole = error_of([own], names(30)).size ** 2

    found = mean_over_trainings(own, names(30))
    weighed = (t.ppf(0.975, 29) * (whole - trainings) + t.ppf(0.975, 2) * trainings) / whole
    assert found.high - found.value == pytest.approx(weighed * whole**0.5)


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


def test_many_means_are_those_of_each_condition_alone() -> None:
    scores = np.random.default_rng(12).random((20, 3, 4))

    found = means_over_trainings(scores, names(20))
    alone = [mean_over_trainings(scores[..., i], names(20)) for i in range(4)]
    assert np.array(found) == pytest.approx(np.array(alone))


def test_many_pairs_are_those_of_each_pair_alone() -> None:
    rng = np.random.default_rng(13)
    scores = [rng.random((24, trainings, 2)) for trainings in (3, 5, 2)]
    clusters = [name for name in names(12) for _ in "xy"]
    means = np.stack([own.mean(axis=1) for own in scores], axis=1)
    plain = every_pair(means, [1, 0], clusters, 500, "x")

    found = pairs_over_trainings(plain, [*(parts_of(own, clusters) for own in scores[:2]), None], {}, [1, 0])
    (one,) = differences(means[:, 0, 1:] - means[:, 1, 1:], clusters, 500, "x")
    judge = over_trainings(one, scores[0][..., 1], scores[1][..., 1], clusters)
    assert [row[0, 0, 1] for row in found] == pytest.approx([judge.value, judge.low, judge.high, judge.p_t])
    assert found.p[1, 1, 1] == pytest.approx(judge.p_t)  # the same pair from its other side
    for few, before in zip(found, plain, strict=True):  # two trainings are too few
        assert few[:, 2] == pytest.approx(before[:, 2])


def test_pairs_that_are_alike_to_the_bit_keep_the_p_of_the_randomisation() -> None:
    scores = np.random.default_rng(14).random((10, 1, 1)).repeat(3, axis=1)
    plain = every_pair(scores[:, :2], [0], names(10), 500, "x")

    alone, same = [parts_of(scores, names(10))] * 2, {(0, 1): kinds_of(scores - scores, names(10))}
    for together in ({}, same):
        found = pairs_over_trainings(plain, alone, together, [0])
        assert [row[0, 1, 0] for row in found] == [0, 0, 0, 1]


def of_one_luck() -> tuple[np.ndarray, np.ndarray]:
    """Scores of three trainings, bad, middling and good, under two mixtures; the second gains in each of them."""
    chance = np.random.default_rng(17)
    plain = 0.5 + chance.uniform(-0.3, 0.3, (600, 1)) + np.array([-0.06, 0, 0.06])
    return plain[..., None], (plain + np.array([0.022, 0.019, 0.015]) + chance.normal(0, 0.01, (600, 3)))[..., None]


def test_mixtures_of_the_same_trainings_share_their_luck() -> None:
    a, b = of_one_luck()
    plain = every_pair(np.stack([a.mean(axis=1), b.mean(axis=1)], axis=1), [1, 0], names(600), 500, "x")
    alone = [parts_of(own, names(600)) for own in (a, b)]

    found = pairs_over_trainings(plain, alone, {(0, 1): kinds_of(a - b, names(600))}, [1, 0])
    (judge,) = means_over_trainings(b - a, names(600))
    assert [row[1, 1, 0] for row in found[:3]] == pytest.approx(tuple(judge))
    assert [row[0, 0, 0] for row in found[:3]] == pytest.approx((-judge.value, -judge.high, -judge.low))
    assert 0.005 < judge.low < judge.high < 0.03
    assert found.p[1, 1, 0] == found.p[0, 0, 0] < 0.05
    independent = pairs_over_trainings(plain, alone, {}, [1, 0])
    assert independent.low[1, 1, 0] < -0.05


def test_a_mean_of_one_system_has_the_p_of_the_interval_that_ends_at_0() -> None:
    scores = np.random.default_rng(18).normal(0.1, 0.5, (30, 3, 4))
    kinds = kinds_of(scores, names(30))
    values = scores.mean(axis=(0, 1))

    p = _chance(kinds, values)
    assert _reach(kinds, p / 2) == pytest.approx(np.abs(values))
    assert _chance(kinds, 0 * values) == pytest.approx(1)
    assert _chance(kinds, _reach(kinds)) == pytest.approx(0.05)


def test_the_mean_of_two_groups_has_half_of_each_groups_error() -> None:
    rng = np.random.default_rng(15)
    groups = {name: rng.random((size, 1, 1)).repeat(3, axis=1) for name, size in (("a", 400), ("b", 100))}
    clusters = {name: [f"{name}{i}" for i in range(len(own))] for name, own in groups.items()}

    (found,) = macros_over_trainings(groups, clusters)
    errors = [own[:, 0, 0].std(ddof=1) / len(own) ** 0.5 for own in groups.values()]  # trainings that are all alike
    assert found.value == pytest.approx(np.mean([own.mean() for own in groups.values()]))
    assert (found.high - found.low) / 2 == pytest.approx(1.965 * np.hypot(*errors) / 2, rel=0.01)


def test_the_mean_of_groups_hears_of_luck_that_strikes_all_of_them() -> None:
    luck = np.array([0.4, 0.5, 0.6])
    groups = {name: np.tile(luck, (size, 1))[..., None] for name, size in (("a", 40), ("b", 10))}

    (found,) = macros_over_trainings(groups, {name: names(len(own)) for name, own in groups.items()})
    assert found.high - found.value == pytest.approx(4.303 * 0.1 / math.sqrt(3), abs=0.001)


def test_nothing_that_varies_has_an_interval_of_width_0() -> None:
    assert mean_over_trainings(np.full((5, 3), 0.5), names(5)) == (0.5, 0.5, 0.5)


def test_trainings_that_find_other_questions_equally_often_keep_the_spread_over_questions() -> None:
    own = np.zeros((40, 3))
    for training in range(3):
        own[10 * training : 10 * training + 10, training] = 1  # each another quarter: their means are alike

    found = mean_over_trainings(own, names(40))
    half = t.ppf(0.975, 39) * own.mean(axis=1).std(ddof=1) / 40**0.5
    assert found == pytest.approx((0.25, 0.25 - half, 0.25 + half))
    assert error_of([own, -own[::-1]], names(40)).size > 0


def test_one_question_tells_nothing_of_others() -> None:
    scores = np.array([[0.0, 0.5, 1.0]])
    found = mean_over_trainings(scores, ["q"])
    assert found.value == 0.5
    assert np.isnan(found[1:]).all()

    (plain,) = differences(scores.mean(axis=1)[:, None], ["q"], 100, "x")
    tested = over_trainings(plain, scores, 0 * scores, ["q"])
    assert np.isnan([tested.low, tested.high, tested.t, tested.p_t, tested.detectable]).all()
    assert tested.p == plain.p


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
