"""Paired tests against scipy where clusters are of one size, and against the head where they are not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, false_discovery_control, nct, permutation_test, ttest_rel
from scipy.stats import t as student

from typoglot.measures import Correction, Difference, adjusted, differences, every_pair
from typoglot.measures import paired as ours
from typoglot.measures.bootstrap import resampled_means

quick = settings(max_examples=30, deadline=None, database=None)
shares = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def of(scores: list[float], clusters: str | None = None, replicates: int = 4096, level: float = 0.05) -> Difference:
    """The one column of differences, each query a question of its own unless clusters are named."""
    names = list(clusters) if clusters else [f"q{number:03}" for number in range(len(scores))]
    return differences(np.array(scores, dtype=np.float64)[:, None], names, replicates, "x", level)[0]


def test_three_wins_of_three_tie_with_two_patterns_of_eight_which_count_half() -> None:
    assert of([1, 1, 1]).p == 2 / 8 / 2  # + + + and - - -


def test_hits_give_the_mid_p_of_mcnemar_s_exact_test() -> None:
    lost, discordant = 3, 11
    judge = 2 * (binom.cdf(lost, discordant, 0.5) - binom.pmf(lost, discordant, 0.5) / 2)

    assert of([1.0] * (discordant - lost) + [-1.0] * lost + [0.0] * 20).p == pytest.approx(judge)


def test_queries_that_tie_do_not_weigh_in_the_randomisation() -> None:
    assert of([1, 0, 1, 0, 0, 1]).p == of([1, 1, 1]).p


def test_translations_are_flipped_together() -> None:
    assert of([1, 1, 1, 1], "aabb").p == 2 / 4 / 2


def test_no_difference_at_all_has_a_p_of_1() -> None:
    found = of([0, 0, 0])

    assert (found.value, found.p, found.equal) == (0, 1, 3)
    assert math.isnan(found.t)
    assert math.isnan(found.detectable)


def test_sums_that_are_equal_but_for_their_last_bits_tie() -> None:
    assert of([0.1, 0.1, 0.1, 0.4]).p == 2 / 16 / 2  # summed in another order, 0.7 falls short of itself


def test_differences_that_cancel_have_a_p_of_1_whatever_their_last_bits() -> None:
    assert of([0.1, 0.2, -0.3]).p == 1


def test_wins_losses_and_ties_are_counted_by_query() -> None:
    found = of([1, 0.5, -1, 0, 0, 0], "aabbcc")

    assert (found.better, found.worse, found.equal) == (2, 1, 3)


def test_one_question_alone_tells_nothing_of_others() -> None:
    found = of([1, 0.5], "aa")

    assert found.df == 0
    assert math.isnan(found.p_t)


def test_all_sign_patterns_give_scipy_s_p() -> None:
    a, b = np.random.default_rng(2).random((2, 10))

    judge = permutation_test(
        (a, b), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples", n_resamples=np.inf,
        vectorized=True,
    )  # fmt: skip
    assert of(list(a - b)).p == pytest.approx(judge.pvalue - 1 / 2**10, abs=1e-12)  # two ties of 2^10, half each


def test_random_sign_patterns_come_close_to_all() -> None:
    scores = list(np.random.default_rng(5).normal(0.4, 1, 14))

    exact = of(scores, replicates=2**14).p
    assert of(scores, replicates=2**14 - 1).p == pytest.approx(exact, abs=0.005)
    assert exact != of(scores, replicates=2**14 - 1).p


def test_a_random_p_is_never_0() -> None:
    assert of([1.0] * 20, replicates=999).p == 0.5 / 1000


def test_single_queries_give_scipy_s_paired_t() -> None:
    a, b = np.random.default_rng(2).random((2, 30))

    judge, found = ttest_rel(a, b), of(list(a - b))
    assert (found.t, found.p_t, found.df) == pytest.approx((judge.statistic, judge.pvalue, judge.df))


def test_clusters_of_one_size_give_scipy_s_t_of_their_means() -> None:
    a, b = np.random.default_rng(2).random((2, 12, 3))

    judge = ttest_rel(a.mean(axis=1), b.mean(axis=1))
    found = differences((a - b).reshape(-1, 1), [f"q{i // 3:02}" for i in range(36)], 100, "x")[0]
    assert (found.t, found.p_t, found.df) == pytest.approx((judge.statistic, judge.pvalue, judge.df))


def test_the_error_of_unequal_clusters_is_that_of_the_bootstrap() -> None:
    rng = np.random.default_rng(4)
    clusters = np.repeat(np.arange(300), rng.integers(1, 6, 300))
    scores = (rng.normal(size=300)[clusters] + rng.normal(size=len(clusters)))[:, None]
    names = [f"{number:03}" for number in clusters]

    (found,) = differences(scores, names, 100, "x")
    drawn = resampled_means(scores, names, 4000, "x").std()
    assert found.value / found.t == pytest.approx(drawn, rel=0.05)


def test_the_effect_is_the_mean_over_the_deviation_of_questions() -> None:
    scores = [0.0, 1.0, 1.0, 1.0]

    assert of(scores).effect == pytest.approx(0.75 / np.std(scores, ddof=1))


@pytest.mark.parametrize(("count", "level"), [(10, 0.05), (200, 0.05), (200, 0.004)])
def test_the_detectable_difference_is_found_four_times_in_five(count: int, level: float) -> None:
    scores = np.random.default_rng(1).random(count)

    found = of(list(scores), replicates=100, level=level)
    error, df = found.value / found.t, count - 1
    power = nct.sf(student.isf(level / 2, df), df, found.detectable / error)
    assert power == pytest.approx(0.8, abs=0.02 if count < 50 else 0.003)


@quick
@given(shares, st.data())
def test_swapping_the_systems_turns_the_difference_and_keeps_the_tests(
    scores: list[float], data: st.DataObject
) -> None:
    clusters = "".join(data.draw(st.lists(st.sampled_from("abcde"), min_size=len(scores), max_size=len(scores))))
    there, back = (of([sign * score for score in scores], clusters, 16) for sign in (1, -1))

    assert back[:3] == pytest.approx((-there.value, -there.high, -there.low))
    assert (there.p, there.better, there.worse) == (back.p, back.worse, back.better)
    assert (there.p_t, there.detectable) == pytest.approx((back.p_t, back.detectable), nan_ok=True)


@quick
@given(st.permutations(range(6)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    scores, clusters = [0, 0.25, -0.5, 0.5, 0.75, 1], "aabbcd"

    mixed = of([scores[row] for row in order], "".join(clusters[row] for row in order))
    assert mixed == pytest.approx(of(scores, clusters))


def test_how_many_signs_are_drawn_at_a_time_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = list(np.random.default_rng(1).random(20) - 0.4)
    expected = of(scores, replicates=500).p

    monkeypatch.setattr(ours, "_FLIPPED", 70)
    assert of(scores, replicates=500).p == expected


def test_a_column_does_not_depend_on_its_neighbours() -> None:
    scores = np.random.default_rng(1).random((30, 3)) - 0.4
    names = [f"q{number:02}" for number in range(30)]

    together = differences(scores, names, 500, "x")
    assert together[2] == pytest.approx(differences(scores[:, 2:], names, 500, "x")[0])


def test_holm_multiplies_by_the_tests_that_are_left() -> None:
    assert adjusted([0.01, 0.5, 0.02, 0.03], Correction.holm) == pytest.approx([0.04, 0.5, 0.06, 0.06])


def test_benjamini_hochberg_is_scipy_s() -> None:
    p = list(np.random.default_rng(1).random(15) ** 3)

    assert adjusted(p, Correction.bh) == pytest.approx(list(false_discovery_control(p, method="bh")))


def test_no_correction_changes_nothing() -> None:
    assert adjusted([0.2, 0.1], Correction.none) == [0.2, 0.1]


def test_an_empty_family_is_empty() -> None:
    assert adjusted([], Correction.holm) == []


@quick
@given(shares)
def test_corrections_keep_the_order_and_stay_between_the_raw_p_and_1(p: list[float]) -> None:
    holm, bh = adjusted(p, Correction.holm), adjusted(p, Correction.bh)

    assert all(raw <= b + 1e-15 and b <= h + 1e-15 and h <= 1 for raw, b, h in zip(p, bh, holm, strict=True))
    for found in (holm, bh):
        assert [found[i] for i in np.argsort(p, kind="stable")] == sorted(found)


def test_every_pair_has_the_interval_and_the_p_of_its_difference() -> None:
    rng = np.random.default_rng(3)
    scores = (rng.uniform(size=(60, 3, 2)) < [[[0.4], [0.6], [0.5]]]).astype(np.float64)
    clusters = [f"q{i // 3}" for i in range(60)]
    found = every_pair(scores, [2], clusters, 4000, "x")

    for column in (0, 1):
        judged = differences(scores[:, :2, column] - scores[:, 2:, column], clusters, 4000, "x")
        assert found.value[0, :2, column] == pytest.approx([one.value for one in judged])
        assert found.low[0, :2, column] == pytest.approx([one.low for one in judged])
        assert found.high[0, :2, column] == pytest.approx([one.high for one in judged])
        assert found.p[0, :2, column] == pytest.approx([one.p for one in judged], abs=0.03)  # other sign patterns


def test_few_questions_give_every_pair_its_exact_p() -> None:
    scores = np.array([[1, 0.0], [1, 0], [1, 0], [0, 0]])[:, :, None]

    assert every_pair(scores, [0, 1], list("abcd"), 1000, "x").p[0, 1, 0] == 1 / 8  # + + + and - - -, which tie


def test_a_pair_told_from_its_other_side_has_the_other_sign_and_one_p() -> None:
    rng = np.random.default_rng(5)
    found = every_pair(rng.uniform(size=(20, 3, 1)), [0, 1, 2], [str(i) for i in range(20)], 500, "x")

    assert found.value[0, 1] == -found.value[1, 0]
    assert found.low[0, 2] == -found.high[2, 0]
    assert found.p[1, 2] == found.p[2, 1]


def test_a_system_without_scores_has_no_pairs_and_spoils_no_others() -> None:
    scores = np.random.default_rng(1).uniform(size=(20, 3, 1))
    alone = every_pair(scores[:, :2], [0], [str(i) for i in range(20)], 500, "x")
    scores[:, 2] = np.nan
    found = every_pair(scores, [0], [str(i) for i in range(20)], 500, "x")

    assert np.isnan([one[0, 2, 0] for one in found]).all()
    assert [one[0, 1, 0] for one in found] == pytest.approx([one[0, 1, 0] for one in alone])
