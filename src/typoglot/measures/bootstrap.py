"""Intervals by resampling whole questions. Knows scores and clusters only."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

_DRAWN = 1 << 22  # questions drawn at a time (32 MiB)


class Interval(NamedTuple):
    """A mean with its 95 % percentile interval."""

    value: float
    low: float
    high: float


def intervals(scores: NDArray[np.float64], clusters: Sequence[str], replicates: int, name: str) -> list[Interval]:
    """The mean of each column of scores, with the 2.5th and 97.5th percentile of its bootstrap distribution.

    Whole clusters are drawn with replacement (Field and Welsh 2007): scores of one question, in other languages, stand
    or fall together. With every score in a cluster of its own this is Efron's percentile bootstrap. All columns are
    resampled
    by the same draws, which `name` seeds. Scores that are all alike have an interval of width 0: with few queries that
    says
    less than it seems.

    Args:
        scores: (B, M) one row a query, one column a measure or condition.
        clusters: (B,) the question each row belongs to.
        replicates: number of resamples.
        name: seeds the draws.
    """
    means = _means(scores, clusters, replicates, name)
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return [Interval(*map(float, row)) for row in zip(scores.mean(axis=0), low, high, strict=True)]


def macro_interval(groups: Mapping[str, NDArray[np.float64]], replicates: int, name: str) -> Interval:
    """The unweighted mean of the groups' means, with its interval; each group is resampled for itself.

    The sizes of the groups are given, not drawn (stratified bootstrap; Davison and Hinkley 1997, §3.2).

    Args:
        groups: (B,) scores of each group, every score a cluster of its own.
        replicates: number of resamples.
        name: seeds the draws.
    """
    columns = [
        _means(scores[:, None], [str(row) for row in range(len(scores))], replicates, f"{name}|{group}")
        for group, scores in groups.items()
    ]
    low, high = np.percentile(np.mean(columns, axis=0), [2.5, 97.5])
    return Interval(float(np.mean([scores.mean() for scores in groups.values()])), float(low), float(high))


def _means(scores: NDArray[np.float64], clusters: Sequence[str], replicates: int, name: str) -> NDArray[np.float64]:
    """The (R, M) means of resampled clusters."""
    _, index = np.unique(np.asarray(clusters), return_inverse=True)
    count = int(index.max()) + 1
    sizes = np.bincount(index).astype(np.float64)  # (C,)
    sums = np.zeros((count, scores.shape[1]))  # (C, M)
    np.add.at(sums, index, scores)
    drawn = _resamples(count, replicates, name)
    return np.concatenate([(times @ sums) / (times @ sizes)[:, None] for times in drawn])


def _resamples(count: int, replicates: int, name: str) -> Iterator[NDArray[np.float64]]:
    """How often each cluster is drawn in each replicate, in blocks of (r, C)."""
    seed = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
    rng = np.random.default_rng(seed)
    step = max(1, _DRAWN // count)
    for start in range(0, replicates, step):
        rows = min(step, replicates - start)
        drawn = rng.integers(0, count, (rows, count)) + np.arange(rows)[:, None] * count
        yield np.bincount(drawn.ravel(), minlength=rows * count).reshape(rows, count).astype(np.float64)
