"""Intervals by resampling whole questions. Knows scores and clusters only."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

_DRAWN = 1 << 17  # questions drawn at a time: what is counted stays in the cache (1 MiB), twice as fast as 32 times it
_SUMMED = 1 << 22  # sums at a time (32 MiB)
_KEPT = (
    1 << 26
)  # questions drawn that are kept (128 MiB): a comparison draws the same ones for each language and number


class Interval(NamedTuple):
    """A mean, or a number made of means, with its 95 % percentile interval."""

    value: float
    low: float
    high: float


def intervals(scores: NDArray[np.float64], clusters: Sequence[str], replicates: int, name: str) -> list[Interval]:
    """The mean of each column of scores, with its 95 % interval, by expanded percentiles of its bootstrap distribution.

    Whole clusters are drawn with replacement (Field and Welsh 2007): scores of one question, in other languages, stand
    or fall together. With every score in a cluster of its own this is Efron's percentile bootstrap. All columns are
    resampled by the same draws, which `name` seeds. Scores that are all alike have an interval of width 0: with few
    queries that says less than it seems.

    Args:
        scores: (B, M) one row a query, one column a measure or condition.
        clusters: (B,) the question each row belongs to.
        replicates: number of resamples.
        name: seeds the draws.
    """
    means = resampled_means(scores, clusters, replicates, name)
    count = len(set(clusters))
    return [spread(value, column, count) for value, column in zip(scores.mean(axis=0), means.T, strict=True)]


def macro_interval(groups: Mapping[str, NDArray[np.float64]], replicates: int, name: str) -> Interval:
    """The unweighted mean of the groups' means, with its interval; each group is resampled for itself.

    The sizes of the groups are given, not drawn (stratified bootstrap; Davison and Hinkley 1997, §3.2).

    Args:
        groups: (B,) scores of each group, every score a cluster of its own.
        replicates: number of resamples.
        name: seeds the draws.
    """
    columns = {group: scores[:, None] for group, scores in groups.items()}
    clusters = {group: [str(row) for row in range(len(scores))] for group, scores in groups.items()}
    (mean,) = macro_intervals(columns, clusters, replicates, name)
    return mean


def macro_intervals(
    groups: Mapping[str, NDArray[np.float64]], clusters: Mapping[str, Sequence[str]], replicates: int, name: str
) -> list[Interval]:
    """As `macro_interval`, for each column of (B, M) scores; the clusters of a group as in `intervals`."""
    drawn = [
        resampled_means(scores, clusters[group], replicates, f"{name}|{group}") for group, scores in groups.items()
    ]
    means = np.mean([scores.mean(axis=0) for scores in groups.values()], axis=0)
    fewest = min(len(set(own)) for own in clusters.values())
    return [spread(float(value), column, fewest) for value, column in zip(means, np.mean(drawn, axis=0).T, strict=True)]


def resampled_means(
    scores: NDArray[np.float64], clusters: Sequence[str], replicates: int, name: str
) -> NDArray[np.float64]:
    """The (R, M) means of the columns in each resample of whole clusters; arguments as in `intervals`."""
    sized = np.column_stack([scores, np.ones(len(scores))])
    drawn = np.concatenate(list(resampled_sums(sized, clusters, replicates, name)))
    return np.asarray(drawn[:, :-1] / drawn[:, -1:])


def resampled_sums(
    scores: NDArray[np.float64], clusters: Sequence[str], replicates: int, name: str
) -> Iterator[NDArray[np.float64]]:
    """The sums of the columns in each resample of whole clusters, in blocks of (r, M); arguments as in `intervals`."""
    sums = cluster_sums(scores, clusters)
    most = max(1, _SUMMED // sums.shape[1])
    for times in _resamples(len(sums), replicates, name):
        for start in range(0, len(times), most):
            yield times[start : start + most].astype(np.float64) @ sums


def cluster_sums(scores: NDArray[np.float64], clusters: Sequence[str]) -> NDArray[np.float64]:
    """The (C, M) sums of the rows of each cluster, clusters in the order of their names."""
    _, index = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.zeros((int(index.max()) + 1, scores.shape[1]))
    np.add.at(sums, index, scores)
    return sums


def spread(value: float, replicates: NDArray[np.float64], clusters: int) -> Interval:
    """A number with percentiles of its (R,) replicates; those in which it is not defined (nan) are left out.

    The 2.5th and 97.5th are moved out by what a sample of so few clusters varies too little and a t distribution is
    wider than the normal one: expanded percentiles (Hesterberg 2015, §6.2). With 1,000
    clusters they are 2.48 and 97.52, with 20 1.59 and 98.41.

    Where some are infinite the ends are replicates themselves: nothing lies half way to infinity.
    """
    known = replicates[~np.isnan(replicates)]
    if np.isnan(value) or not len(known):
        return Interval(float(value), float("nan"), float("nan"))
    ends = expanded(clusters)
    if np.isfinite(known).all():
        low, high = np.percentile(known, ends)
    else:
        low, high = np.percentile(known, ends, method="inverted_cdf")
    return Interval(float(value), float(low), float(high))


@lru_cache(maxsize=64)
def expanded(clusters: int) -> tuple[float, float]:
    """The percentiles between which a percentile interval is as wide as that of t."""
    if clusters < 2:
        return 2.5, 97.5
    from scipy.special import ndtr, stdtrit  # half a second to import

    tail = 100 * float(ndtr((clusters / (clusters - 1)) ** 0.5 * stdtrit(clusters - 1, 0.025)))
    return tail, 100 - tail


def seeded(name: str) -> np.random.Generator:
    """The generator of that name: the same in every process."""
    return np.random.default_rng(int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little"))


def _resamples(count: int, replicates: int, name: str) -> Iterable[NDArray[np.uint16]]:
    """How often each cluster is drawn in each replicate, in blocks of (r, C); few ones are kept for the next call."""
    return _kept(count, replicates, name) if count * replicates <= _KEPT else _drawn(count, replicates, name)


@lru_cache(maxsize=2)
def _kept(count: int, replicates: int, name: str) -> list[NDArray[np.uint16]]:
    return list(_drawn(count, replicates, name))


def _drawn(count: int, replicates: int, name: str) -> Iterator[NDArray[np.uint16]]:
    rng = seeded(name)
    step = max(1, _DRAWN // count)
    for start in range(0, replicates, step):
        rows = min(step, replicates - start)
        drawn = rng.integers(0, count, (rows, count), dtype=np.int32) + np.arange(rows)[:, None] * count
        yield np.bincount(drawn.ravel(), minlength=rows * count).reshape(rows, count).astype(np.uint16)
