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
from typoglot.measures.paired import POWER, Difference, standard_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from typoglot.measures.interaction import Interaction

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
        """The 95 % interval of a value; of width 0 where nothing varies."""
        half = self.reach(0.025) if self.size > 0 else 0.0
        return Interval(value, value - half, value + half)


def error_of(systems: Sequence[NDArray[np.float64]], clusters: Sequence[str]) -> Error:
    """The error of the sum, over systems, of their mean over queries and trainings.

    V = max(V_q - V_qs, 0) + Σ MS_s / S. V_q is the variance of the mean over trainings, by questions (CR1, as in
    `standard_error`); MS_s / S that of the S means of a system's trainings; V_qs what both hold: the spread of
    question and training that neither explains. Degrees of freedom: V² / Σ part² / df of the part.

    Args:
        systems: (B, S) scores of each system's trainings, S two or more, trained independently; B's negated for A - B.
        clusters: (B,) the question each row belongs to.
    """
    sums = [cluster_sums(scores, clusters) for scores in systems]  # (C, S)
    sizes = cluster_sums(np.ones((len(clusters), 1)), clusters)  # (C, 1)
    count, rows = len(sizes), len(clusters)
    together = np.sum([own.mean(axis=1) for own in sums], axis=0)[:, None]
    by_question = float(standard_error(together, sizes[:, 0])[0]) ** 2 if count > 1 else 0.0
    shared, parts = 0.0, []
    for own in sums:
        trainings = own.shape[1]
        means = own.sum(axis=0) / rows
        left = own - sizes * means
        left -= left.mean(axis=1, keepdims=True)
        shared += float((left**2).sum()) * count / max(1, count - 1) / (trainings * (trainings - 1)) / rows**2
        parts.append((float(means.var(ddof=1)) / trainings, trainings - 1))
    parts.append((max(by_question - shared, 0.0), max(1, count - 1)))
    total = sum(size for size, _ in parts)
    if total <= 1e-24:
        return Error(0.0, float("nan"))
    return Error(total**0.5, total**2 / sum(size**2 / df for size, df in parts))


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


def mean_over_trainings(scores: NDArray[np.float64], clusters: Sequence[str]) -> Interval:
    """The mean of (B, S) scores of one system's trainings, with an interval that covers other trainings."""
    return error_of([scores], clusters).around(float(scores.mean()))


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
    return found if np.isnan(found.value) else error_of(around, clusters).around(found.value)
