"""Intervals by resampling whole questions. Knows scores and clusters only."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Interval(NamedTuple):
    """A mean with its 95 % percentile interval."""

    value: float
    low: float
    high: float


def interval(scores: NDArray[np.float64], clusters: Sequence[str], replicates: int, name: str) -> Interval:
    """The mean of the scores, with the 2.5th and 97.5th percentile of its bootstrap distribution.

    Whole clusters are drawn with replacement (Field and Welsh 2007): scores of one question, in other languages or draws,
    stand or fall together. With every score in a cluster of its own this is Efron's percentile bootstrap. The draws are
    seeded by `name`, so the same scores give the same interval. Scores that are all alike have an interval of width 0:
    with few queries that says less than it seems.

    Args:
        scores: (B,) one score a query.
        clusters: (B,) the question each score belongs to.
        replicates: number of resamples.
        name: seeds the draws.
    """
    _, index = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.bincount(index, weights=scores)  # (C,)
    sizes = np.bincount(index)  # (C,)
    seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
    drawn = np.random.default_rng(seed).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=replicates)
    means = (drawn @ sums) / (drawn @ sizes)  # (replicates,)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(scores.mean()), float(low), float(high))
