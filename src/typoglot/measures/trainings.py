"""Scores of several trainings of each system, to intervals that speak of other trainings too. Knows scores only.

A training strikes all questions at once: its luck does not average out over them. So the mean has two kinds of error,
that of the questions and that of the trainings, and what both share (a question that one training finds and another
does not) is in either estimate and must be counted once. These are the multi-reader, multi-case studies of diagnostic
imaging, trainings for readers (Obuchowski and Rockette 1995; Hillis 2007).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from typoglot.measures.bootstrap import Interval, cluster_sums
from typoglot.measures.paired import POWER, Difference, Pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from typoglot.measures.interaction import Interaction

_NOTHING = 1e-24  # a variance: what rounding leaves of none
MANY = 3  # trainings of a system; two would have one degree of freedom, and intervals six times as wide as they look


class Error(NamedTuple):
    """A standard error with its degrees of freedom (Satterthwaite 1946)."""

    size: float
    df: float

    def reach(self, chance: float) -> float:
        """How far from the mean the t distribution leaves `chance` above; nan where nothing varies."""
        from scipy.special import stdtrit  # half a second to import

        return float(stdtrit(self.df, 1 - chance) * self.size) if self.size > 0 else float("nan")

    def around(self, value: float) -> Interval:
        """The 95 % interval of a value; of width 0 where nothing varies, with ends nan where that is unknown."""
        half = 0.0 if self.size == 0 else self.reach(0.025)
        return Interval(value, value - half, value + half)


Kinds = list[tuple["NDArray[np.float64]", int]]
"""The (M,) parts of a variance, each with its degrees of freedom."""


class Parts(NamedTuple):
    """What one system's trainings add to the error of a sum of means, in each of M conditions.

    `questions` (C, M): each question's part of the mean over trainings, less the mean's; `shared` (M,): V_qs, the
    spread of question and training that neither explains; `between` (M,): MS / S, with `df` degrees of freedom.
    """

    questions: NDArray[np.float64]
    shared: NDArray[np.float64]
    between: NDArray[np.float64]
    df: int


def parts_of(scores: NDArray[np.float64], clusters: Sequence[str]) -> Parts:
    """The parts of (B, S, M) scores: S trainings, two or more, in M conditions; the scores need not be kept."""
    rows, trainings, conditions = scores.shape
    sizes = cluster_sums(np.ones((rows, 1)), clusters)  # (C, 1)
    sums = cluster_sums(scores.reshape(rows, -1), clusters).reshape(-1, trainings, conditions)
    means = sums.sum(axis=0) / rows  # (S, M)
    left = (sums - sizes[:, :, None] * means) / rows
    questions = left.mean(axis=1)
    alone = ((left - questions[:, None]) ** 2).sum(axis=(0, 1)) * _small(len(sums)) / (trainings * (trainings - 1))
    return Parts(questions, alone, means.var(axis=0, ddof=1) / trainings, trainings - 1)


def _small(count: int) -> float:
    """What few questions vary too little: C / (C - 1); nan of one question, which tells nothing of others."""
    return count / (count - 1) if count > 1 else float("nan")


def kinds_of(scores: NDArray[np.float64], clusters: Sequence[str]) -> Kinds:
    """What the variance of the mean of one system's (B, S, M) scores is made of: questions, then trainings."""
    return _kinds([parts_of(scores, clusters)], [1])


def _kinds(systems: Sequence[Parts], signs: Sequence[int]) -> Kinds:
    """The (M,) parts of the variance of the signed sum of the systems' means, with their degrees of freedom.

    That of the questions first, then that of each system's trainings. Where the questions' part comes out as 0 and all
    trainings have the same mean, though they find other questions, it is V_q: an interval of width 0 would be no truer.
    """
    together = np.sum([sign * own.questions for own, sign in zip(systems, signs, strict=True)], axis=0)
    count = len(together)
    by_question = (together**2).sum(axis=0) * _small(count)
    apart = np.maximum(by_question - np.sum([own.shared for own in systems], axis=0), 0.0)
    nothing = apart + np.sum([own.between for own in systems], axis=0) <= _NOTHING
    return [(np.where(nothing, by_question, apart), max(1, count - 1)), *((own.between, own.df) for own in systems)]


def _errors(kinds: Kinds) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The (M,) errors of sums of means, and their degrees of freedom; as `error_of`."""
    total = np.sum([size for size, _ in kinds], axis=0)
    nothing = total <= _NOTHING
    with np.errstate(divide="ignore", invalid="ignore"):
        df = total**2 / np.sum([size**2 / df for size, df in kinds], axis=0)
    return np.where(nothing, 0.0, np.sqrt(total)), np.where(nothing, np.nan, df)


def _reach(kinds: Kinds, beyond: NDArray[np.float64] | float = 0.025) -> NDArray[np.float64]:
    """How far (M,) intervals of one system's means reach: each part of the variance weighs its own t.

    The t of Satterthwaite's degrees of freedom is too small here, where one part has two of them and the other many:
    such intervals miss in up to 10 % (Cochran and Cox, Experimental Designs, 1957, for two means).

    Args:
        kinds: of the means.
        beyond: the chance that is left above, of each mean or of all.
    """
    from scipy.special import stdtrit  # half a second to import

    size, _ = _errors(kinds)
    weighed = np.sum([-stdtrit(df, beyond) * part for part, df in kinds], axis=0)
    return np.asarray(np.divide(weighed, size, out=np.where(size == 0, 0.0, np.nan), where=size > 0))


def _chance(kinds: Kinds, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The two-sided p of (M,) means of one system: the chance of an interval, as `_reach` has it, that ends at 0.

    It is sought by halves; nan where nothing varies.
    """
    low, high = np.zeros(values.shape), np.full(values.shape, 0.5)
    for _ in range(50):
        middle = (low + high) / 2
        holds = _reach(kinds, middle) > np.abs(values)
        low, high = np.where(holds, middle, low), np.where(holds, high, middle)
    return np.where(_errors(kinds)[0] > 0, low + high, np.nan)


def error_of(systems: Sequence[NDArray[np.float64]], clusters: Sequence[str]) -> Error:
    """The error of the sum, over systems, of their mean over queries and trainings.

    V = max(V_q - V_qs, 0) + Σ MS_s / S. V_q is the variance of the mean over trainings, by questions (CR1, as in
    `standard_error`); MS_s / S that of the S means of a system's trainings; V_qs what both hold: the spread of
    question and training that neither explains. Degrees of freedom: V² / Σ part² / df of the part.

    Args:
        systems: (B, S) scores of each system's trainings, S two or more, trained independently; B's negated for A - B.
        clusters: (B,) the question each row belongs to.
    """
    (size,), (df,) = _errors(_kinds([parts_of(own[:, :, None], clusters) for own in systems], [1] * len(systems)))
    return Error(float(size), float(df))


def over_trainings(
    found: Difference, a: NDArray[np.float64], b: NDArray[np.float64], clusters: Sequence[str], level: float = 0.05
) -> Difference:
    """The difference A - B with interval, t, p of t and detectable difference that cover other trainings.

    `p` and `effect` stay: the randomisation swaps A and B within questions, so it speaks of these very trainings.

    Args:
        found: of the means over trainings.
        a: (B, S) scores of A's trainings.
        b: (B, S') of B's.
        clusters: (B,) the question each row belongs to.
        level: at which `detectable` would be found, two-sided.
    """
    from scipy.special import stdtr

    error = error_of([a, -b], clusters)
    t = found.value / error.size if error.size else float("nan")
    _, low, high = error.around(found.value)
    return found._replace(
        low=low, high=high, t=t, df=error.df, p_t=float(2 * stdtr(error.df, -abs(t))),
        detectable=error.reach(level / 2) + error.reach(1 - POWER),
    )  # fmt: skip


def pairs_over_trainings(
    found: Pairs, alone: Sequence[Parts | None], together: Mapping[tuple[int, int], Kinds], baselines: Sequence[int]
) -> Pairs:
    """Every pair with an interval and p that cover other trainings, where both of its systems have MANY or more.

    Two systems that are made of the same trainings (mixtures of the same runs) share their luck: theirs are the
    interval and p of one system's mean, that of the differences. All others are taken for independent: `over_trainings`
    has theirs. Where a system has fewer trainings, and where nothing varies, a pair stays as it was.

    Args:
        found: of the R systems' means over trainings, by `every_pair`.
        alone: (R,) `parts_of` each system's scores; None: it has fewer trainings.
        together: `kinds_of` the differences, training by training, of systems of the same trainings; by their places,
            the smaller first.
        baselines: (K,) as in `every_pair`.
    """
    low, high, p = found.low.copy(), found.high.copy(), found.p.copy()
    for place, baseline in enumerate(baselines):
        for row, (one, other) in enumerate((own, alone[baseline]) for own in alone):
            if row == baseline or one is None or other is None:
                continue
            value, same = found.value[place, row], together.get((min(row, baseline), max(row, baseline)))
            half, own = _apart(value, one, other) if same is None else (_reach(same), _chance(same, value))
            low[place, row], high[place, row] = value - half, value + half
            p[place, row] = np.where(np.isnan(own), found.p[place, row], own)
    return Pairs(found.value, low, high, p)


def _apart(value: NDArray[np.float64], one: Parts, other: Parts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far the (M,) intervals of differences of independent trainings reach, and their p; nan where none varies."""
    from scipy.special import stdtr, stdtrit  # half a second to import

    size, df = _errors(_kinds([one, other], [1, -1]))
    t = np.divide(value, size, out=np.full(value.shape, np.nan), where=size > 0)
    return np.where(size == 0, 0.0, stdtrit(df, 0.975) * size), np.asarray(2 * stdtr(df, -np.abs(t)))


def means_over_trainings(scores: NDArray[np.float64], clusters: Sequence[str]) -> list[Interval]:
    """The means of (B, S, M) scores of one system's trainings, with intervals that cover other trainings."""
    values, reach = scores.mean(axis=(0, 1)), _reach(kinds_of(scores, clusters))
    return [Interval(float(one), float(one - half), float(one + half)) for one, half in zip(values, reach, strict=True)]


def mean_over_trainings(scores: NDArray[np.float64], clusters: Sequence[str]) -> Interval:
    """The mean of (B, S) scores of one system's trainings, with an interval that covers other trainings."""
    return means_over_trainings(scores[:, :, None], clusters)[0]


def macros_over_trainings(
    groups: Mapping[str, NDArray[np.float64]], clusters: Mapping[str, Sequence[str]]
) -> list[Interval]:
    """The unweighted means of the groups' means, with intervals that cover other trainings.

    A mean of means is a mean of weighted scores. Its errors are those of the linear terms around it: how far each
    query lies from its group's mean, times what it weighs. The sizes of the groups are given, as in `macro_interval`;
    questions that stand in several groups are drawn with all their queries.

    Args:
        groups: (B, S, M) scores of each group.
        clusters: the question each row of a group belongs to.
    """
    rows = sum(len(scores) for scores in groups.values())
    means = {group: scores.mean(axis=(0, 1)) for group, scores in groups.items()}
    around = [
        (scores - means[group]) * (rows / len(groups) / len(scores)) + np.mean(list(means.values()), axis=0)
        for group, scores in groups.items()
    ]
    return means_over_trainings(np.concatenate(around), [one for group in groups for one in clusters[group]])


def losses_over_trainings(
    found: Interaction, a: NDArray[np.float64], b: NDArray[np.float64], clusters: Sequence[str], level: float = 0.05
) -> Interaction:
    """The interaction with intervals that cover other trainings.

    Shares are ratios of means: their errors are those of the linear terms around them (the delta method).

    Args:
        found: of the means over trainings.
        a: (B, S, 2) scores of A's trainings, clean and misspelt.
        b: (B, S', 2) of B's.
        clusters: (B,) the question each row belongs to.
        level: as in `over_trainings`.
    """
    clean, lost = ([a[..., 0], b[..., 0]], [a[..., 0] - a[..., 1], b[..., 0] - b[..., 1]])
    around = [
        (loss - share.value * before) / before.mean() if before.mean() > 0 else np.full(loss.shape, np.nan)
        for loss, before, share in zip(lost, clean, (found.relative_a, found.relative_b), strict=True)
    ]
    both = np.asarray((clean[0].mean(axis=1) > 0) & (clean[1].mean(axis=1) > 0))
    kept = [cluster for cluster, stays in zip(clusters, both, strict=True) if stays]
    return found._replace(
        clean_a=mean_over_trainings(clean[0], clusters), clean_b=mean_over_trainings(clean[1], clusters),
        loss_a=mean_over_trainings(lost[0], clusters), loss_b=mean_over_trainings(lost[1], clusters),
        absolute=over_trainings(found.absolute, lost[0], lost[1], clusters, level),
        relative_a=_share(found.relative_a, [around[0]], clusters),
        relative_b=_share(found.relative_b, [around[1]], clusters),
        relative=_share(found.relative, [around[0], -around[1]], clusters),
        found=found.found and over_trainings(found.found, lost[0][both], lost[1][both], kept, level),
    )  # fmt: skip


def _share(found: Interval, around: Sequence[NDArray[np.float64]], clusters: Sequence[str]) -> Interval:
    """The share with the interval of the linear terms around it; as it was where it is not defined."""
    if np.isnan(found.value):
        return found
    if len(around) > 1:
        return error_of(around, clusters).around(found.value)
    (half,) = _reach(kinds_of(around[0][:, :, None], clusters))
    return Interval(found.value, float(found.value - half), float(found.value + half))
