"""The intervals against scipy where every query is its own cluster, and against the head where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap, ttest_1samp

from typoglot.measures import bootstrap as ours
from typoglot.measures import intervals, macro_interval, macro_intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

quick = settings(max_examples=50, deadline=None, database=None)


def column(*scores: float) -> NDArray[np.float64]:
    """Scores as the one column of a table."""
    return np.array(scores, dtype=np.float64)[:, None]


def singletons(count: int) -> list[str]:
    """A cluster of its own for each."""
    return [f"c{number}" for number in range(count)]


@pytest.mark.parametrize("kind", ["even", "skewed", "hits"])
def test_the_interval_is_scipy_s_where_every_score_is_its_own_cluster(kind: str) -> None:
    rng = np.random.default_rng(3)
    even = rng.random(80)
    scores = {"even": even, "skewed": even**4, "hits": (even < 0.2).astype(np.float64)}[kind]

    judge = bootstrap((scores,), np.mean, n_resamples=20_000, method="percentile", rng=rng).confidence_interval
    (found,) = intervals(scores[:, None], singletons(80), 20_000, "judge")
    assert found == pytest.approx((scores.mean(), judge.low, judge.high), abs=0.005 if kind != "hits" else 0.0126)


def test_with_few_questions_the_interval_is_as_wide_as_that_of_t() -> None:
    scores = np.random.default_rng(4).normal(0.5, 0.1, 15)

    judge = ttest_1samp(scores, 0).confidence_interval()
    (found,) = intervals(scores[:, None], singletons(15), 20_000, "t")
    assert found.high - found.low == pytest.approx(judge.high - judge.low, rel=0.03)


def test_each_column_has_its_own_mean() -> None:
    found = intervals(np.array([[0.0, 1.0], [1.0, 1.0]]), ["a", "b"], 100, "x")

    assert [interval.value for interval in found] == [0.5, 1.0]


def test_two_questions_one_right_may_be_anything() -> None:
    # Both draws wrong, one in four; both right, one in four.
    assert intervals(column(0, 1), ["a", "b"], 1000, "x") == [(0.5, 0, 1)]


def test_scores_that_are_all_alike_have_an_interval_of_width_0() -> None:
    (found,) = intervals(column(0.25, 0.25, 0.25), singletons(3), 100, "x")

    assert found == (0.25, 0.25, 0.25)


def test_one_cluster_has_an_interval_of_width_0() -> None:
    assert intervals(column(0, 1), ["a", "a"], 100, "x") == [(0.5, 0.5, 0.5)]


def test_scores_alike_within_a_cluster_count_as_one_score_of_it() -> None:
    (often,) = intervals(column(0.25, 0.25, 0.5, 0.5, 1, 1), ["a", "a", "b", "b", "c", "c"], 500, "x")
    (once,) = intervals(column(0.25, 0.5, 1), ["a", "b", "c"], 500, "x")

    assert often == pytest.approx(once)


def test_a_larger_cluster_weighs_more() -> None:
    # Drawn: a a -> 1, a b or b a -> 2/3, b b -> 0.
    (found,) = intervals(column(1, 1, 0), ["a", "a", "b"], 1000, "x")

    assert found == (pytest.approx(2 / 3), 0, 1)


def test_translations_that_stand_and_fall_together_widen_the_interval() -> None:
    rng = np.random.default_rng(1)
    scores = np.repeat(rng.random(50), 4)
    clusters = [f"q{number // 4}" for number in range(200)]

    (together,), (apart,) = (intervals(scores[:, None], names, 2000, "x") for names in (clusters, singletons(200)))
    assert together.high - together.low == pytest.approx(2 * (apart.high - apart.low), rel=0.15)


@quick
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.data())
def test_the_interval_lies_within_the_scores(scores: list[float], data: st.DataObject) -> None:
    clusters = data.draw(st.lists(st.sampled_from("abcd"), min_size=len(scores), max_size=len(scores)))
    (found,) = intervals(column(*scores), clusters, 50, "x")

    assert min(scores) - 1e-12 <= found.low <= found.high <= max(scores) + 1e-12
    assert found.value == pytest.approx(sum(scores) / len(scores))


@quick
@given(st.permutations(range(6)))
def test_the_order_of_the_rows_does_not_matter(order: list[int]) -> None:
    scores, clusters = np.array([0, 0.25, 0.5, 0.5, 0.75, 1]), list("aabbcd")

    (mixed,) = intervals(scores[order][:, None], [clusters[row] for row in order], 200, "x")
    assert mixed == pytest.approx(intervals(scores[:, None], clusters, 200, "x")[0])


def test_the_name_decides_the_draws() -> None:
    scores = np.random.default_rng(1).random((30, 1))
    first, again, other = (intervals(scores, singletons(30), 100, name) for name in ("x", "x", "y"))

    assert first == again
    assert first != other


def test_all_columns_are_resampled_by_the_same_draws() -> None:
    scores = np.random.default_rng(1).random(30)
    one, shifted = intervals(np.stack([scores, scores + 1], axis=1), singletons(30), 100, "x")

    assert shifted == pytest.approx([end + 1 for end in one])


def test_a_column_does_not_depend_on_its_neighbours() -> None:
    scores = np.random.default_rng(1).random((30, 3))

    together = intervals(scores, singletons(30), 100, "x")
    assert together[2] == pytest.approx(intervals(scores[:, 2:], singletons(30), 100, "x")[0])


@pytest.mark.parametrize("drawn", [1, 35, 70, 1000])
def test_how_many_are_drawn_at_a_time_changes_nothing(monkeypatch: pytest.MonkeyPatch, drawn: int) -> None:
    scores = np.random.default_rng(1).random((7, 1))
    (expected,) = intervals(scores, singletons(7), 50, "x")

    monkeypatch.setattr(ours, "_DRAWN", drawn)
    monkeypatch.setattr(ours, "_KEPT", 0)
    assert intervals(scores, singletons(7), 50, "x")[0] == pytest.approx(expected)


def test_the_scores_stay_as_they_were() -> None:
    scores = column(0, 0.5, 1)
    intervals(scores, singletons(3), 100, "x")

    assert scores.tolist() == [[0], [0.5], [1]]


def test_a_cluster_for_each_row_is_required() -> None:
    with pytest.raises(ValueError, match="shape"):
        intervals(column(0, 1), ["a"], 10, "x")


def test_the_macro_interval_is_that_of_the_groups_resampled_each_for_itself() -> None:
    """The judge draws with a generator of its own and has no code in common."""
    rng = np.random.default_rng(5)
    groups = {"a": (rng.random(300) < 0.2).astype(np.float64), "b": (rng.random(60) < 0.7).astype(np.float64)}

    drawn = [np.mean([rng.choice(hits, len(hits)).mean() for hits in groups.values()]) for _ in range(20_000)]
    found = macro_interval(groups, 20_000, "judge")
    mean = (groups["a"].mean() + groups["b"].mean()) / 2
    assert found == pytest.approx((mean, *np.percentile(drawn, [2.5, 97.5])), abs=0.005)


def test_the_macro_interval_does_not_draw_the_sizes_of_the_groups() -> None:
    found = macro_interval({"a": np.ones(3), "b": np.zeros(50)}, 100, "sizes")

    assert found == (0.5, 0.5, 0.5)


def test_the_macro_interval_of_one_group_is_its_own() -> None:
    scores = np.array([1.0, 0.0, 0.0, 1.0, 1.0])

    assert macro_interval({"a": scores}, 500, "x") == intervals(column(*scores), singletons(5), 500, "x|a")[0]


def test_the_macro_mean_of_each_column_is_that_of_the_column_alone() -> None:
    rng = np.random.default_rng(3)
    groups = {name: rng.random((size, 2)) for name, size in (("fi", 5), ("ko", 9))}
    clusters = {name: [str(row) for row in range(len(scores))] for name, scores in groups.items()}
    both = macro_intervals(groups, clusters, 200, "t")

    assert both == [macro_interval({n: s[:, column] for n, s in groups.items()}, 200, "t") for column in (0, 1)]
    assert both[0].value == pytest.approx((groups["fi"][:, 0].mean() + groups["ko"][:, 0].mean()) / 2)
