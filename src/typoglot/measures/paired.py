"""Scores of the same queries under two systems, to a difference that is tested. Knows scores and clusters only.

docs/statistics.md says what each number means, and what it cannot say.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from typoglot.measures.bootstrap import cluster_sums, expanded, intervals, resampled_means, seeded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

POWER = 0.8  # of the detectable difference: Cohen 1988, §2.4
_FLIPPED = 1 << 22  # signs drawn at a time (32 MiB)


class Correction(Enum):
    """What keeps a family of tests honest."""

    holm = "holm"  # the chance of any false claim in the family (Holm 1979)
    bh = "bh"  # the expected share of false claims among the claims (Benjamini and Hochberg 1995)
    none = "none"


class Difference(NamedTuple):
    """The mean of a difference per query, and what may be concluded from it.

    `p` is of the randomisation test, `t` and `p_t` of the paired t test with `df` degrees of freedom. `effect` is
    Cohen's d_z of questions. `better`, `worse` and `equal` count queries. `detectable` is the smallest difference that
    the t test would find with a power of 80 %. What the data do not determine is nan.
    """

    value: float
    low: float
    high: float
    p: float
    t: float
    df: float
    p_t: float
    effect: float
    better: int
    worse: int
    equal: int
    detectable: float


def differences(
    paired: NDArray[np.float64], clusters: Sequence[str], replicates: int, name: str, level: float = 0.05
) -> list[Difference]:
    """Tests whether the mean of each column is 0.

    Queries of one cluster are one observation: the bootstrap draws, the randomisation flips, and the t test varies
    whole clusters.

    Args:
        paired: (B, M) one row a query, one column a comparison: the score of A minus the score of B.
        clusters: (B,) the question each row belongs to.
        replicates: of the bootstrap and of the randomisation.
        name: seeds both.
        level: at which `detectable` would be found, two-sided.
    """
    sums = cluster_sums(np.column_stack([paired, np.ones(len(paired))]), clusters)
    p = randomisation(sums[:, :-1], replicates, name)
    error, df = standard_error(sums[:, :-1], sums[:, -1]), len(sums) - 1
    means = intervals(paired, clusters, replicates, name)
    t, p_t, detectable = _t_test(paired.mean(axis=0), error, df, level)
    better, worse = (paired > 0).sum(axis=0), (paired < 0).sum(axis=0)
    return [
        Difference(
            *means[i], float(p[i]), float(t[i]), df, float(p_t[i]), float(t[i] / len(sums) ** 0.5),
            int(better[i]), int(worse[i]), int(len(paired) - better[i] - worse[i]), float(detectable[i]),
        )
        for i in range(paired.shape[1])
    ]  # fmt: skip


class Pairs(NamedTuple):
    """Systems against baselines, each array (K, R, M): the mean of system - baseline, its interval, and its p."""

    value: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    p: NDArray[np.float64]


def every_pair(
    scores: NDArray[np.float64], baselines: Sequence[int], clusters: Sequence[str], replicates: int, name: str
) -> Pairs:
    """Tests every system against every baseline: the interval and the p of `differences`, for thousands of pairs.

    A sum of differences is a difference of sums, so resamples and sign patterns are drawn once for the systems. Where a
    system has no scores (nan), nothing is known of its pairs.

    Args:
        scores: (B, R, M) one row a query, one column a system, M times: measures or conditions.
        baselines: (K,) the systems that all are compared with.
        clusters: (B,) the question each row belongs to.
        replicates: of the bootstrap and of the randomisation.
        name: seeds both.
    """
    shape = scores.shape[1:]
    flat = scores.reshape(len(scores), -1)
    sums, means = cluster_sums(flat, clusters), flat.mean(axis=0).reshape(shape)
    drawn = _last(resampled_means(flat, clusters, replicates, name), shape)  # (R, M, m)
    exact = 2 ** len(sums) <= replicates
    patterns = [_all_signs(len(sums))] if exact else _random_signs(len(sums), replicates, name)
    flipped = _last(np.concatenate([signs @ sums for signs in patterns]), shape)
    of = _last(sums, shape)
    found = np.full((4, len(baselines), *shape), np.nan)
    for place, one in enumerate(baselines):
        # A pair of baselines is one test, told from both sides.
        rows = [row for row in range(shape[0]) if row not in baselines[: place + 1]]
        differing = of[rows] - of[one]
        slack = 1e-12 * np.abs(differing).sum(axis=2)
        found[0, place, rows] = means[rows] - means[one]
        found[1:3, place, rows] = np.percentile(drawn[rows] - drawn[one], expanded(len(sums)), axis=2)
        found[3, place, rows] = _share(flipped[rows] - flipped[one], differing.sum(axis=2), slack, exact=exact)
        for other, before in enumerate(baselines[:place]):
            value, low, high, p = found[:, other, one]
            found[:, place, before] = -value, -high, -low, p
    found[3][np.isnan(found[0])] = np.nan
    return Pairs(*found)


def _share(
    drawn: NDArray[np.float64], sums: NDArray[np.float64], slack: NDArray[np.float64], *, exact: bool
) -> NDArray[np.float64]:
    """The p of `randomisation`: the share of the sums drawn (…, m) that are farther from 0 than the observed one (…).

    Those that are as far count half, the observed one among them; `slack` is what rounding may do to a sum.
    """
    observed = np.abs(sums)
    beyond = (np.abs(drawn) > (observed + slack)[..., None]).sum(axis=-1)
    ties = sum((np.abs(drawn - side[..., None]) <= slack[..., None]).sum(axis=-1) for side in (observed, -observed))
    reached, count = beyond + ties / 2, drawn.shape[-1]
    # With a sum of 0 every pattern ties on both sides.
    return np.asarray(reached / count if exact else (reached + np.where(observed > slack, 0.5, 1)) / (count + 1))


def _last(values: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """(m, R · M) numbers as (R, M, m): those of one system side by side."""
    return np.ascontiguousarray(values.T).reshape(*shape, len(values))


def randomisation(sums: NDArray[np.float64], replicates: int, name: str) -> NDArray[np.float64]:
    """The two-sided p of the paired randomisation test of each column (Fisher 1935; Smucker et al. 2007).

    If the two systems are alike, each question's difference might as well have the other sign. p is the share of sign
    patterns whose sum is farther from 0, and half of those whose sum is as far (mid-p: Lancaster 1961; Fagerland,
    Lydersen and Laake 2013 for hits and misses): of all patterns where they are no more than the replicates, otherwise
    of random ones and the observed one (Phipson and Smyth 2010). Sums of hits tie often; counted whole, ties keep
    false claims at 3 to 4 % where 5 are promised.

    Args:
        sums: (C, M) sums of the differences of each cluster.
        replicates: number of random patterns.
        name: seeds them.
    """
    sums = sums[(sums != 0).any(axis=1)]  # a sum of 0 is the same under either sign
    slack = 1e-12 * np.abs(sums).sum(axis=0)  # equal sums may differ in their last bits
    exact = 2 ** len(sums) <= replicates
    patterns = [_all_signs(len(sums))] if exact else _random_signs(len(sums), replicates, name)
    drawn = np.concatenate([signs @ sums for signs in patterns]).T
    return _share(drawn, sums.sum(axis=0), slack, exact=exact)


def standard_error(sums: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The (M,) standard errors of the means over rows, from the (C, M) sums and (C,) sizes of clusters; nan for C = 1.

    A mean over rows is a ratio of two sums over clusters; its variance is the usual one of a ratio (Cochran 1977,
    §6.4), which is also the cluster-robust one, CR1 (Cameron and Miller 2015, §II). Clusters of one size make it that
    of the mean of their means.
    """
    count = len(sums)
    if count < 2:
        return np.full(sums.shape[1], np.nan)
    residuals = sums - sizes[:, None] * (sums.sum(axis=0) / sizes.sum())
    return np.asarray(np.sqrt(count / (count - 1) * (residuals**2).sum(axis=0)) / sizes.sum())


def _t_test(
    means: NDArray[np.float64], errors: NDArray[np.float64], df: int, level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """t, its two-sided p, and the detectable difference (Bloom 1995); nan where there is no variation."""
    from scipy.special import stdtr, stdtrit  # half a second to import: not for who compares nothing

    varies = errors > 1e-12 * np.maximum(1, np.abs(means))
    t = np.divide(means, errors, out=np.full(len(means), np.nan), where=varies)
    multiple = stdtrit(df, 1 - level / 2) + stdtrit(df, POWER) if df else np.nan
    return t, 2 * stdtr(df, -np.abs(t)), np.where(varies, multiple * errors, np.nan)


def adjusted(p: Sequence[float], correction: Correction) -> list[float]:
    """The p-values of a family, corrected for its size; in their order.

    >>> adjusted([0.01, 0.04, 0.03], Correction.holm)
    [0.03, 0.06, 0.06]
    >>> adjusted([0.01, 0.04, 0.03], Correction.bh)
    [0.03, 0.04, 0.04]
    """
    values, count = np.asarray(p, dtype=np.float64), len(p)
    order = np.argsort(values, kind="stable")
    if correction is Correction.none or not count:
        return [float(value) for value in values]
    if correction is Correction.holm:
        stepped = np.maximum.accumulate(values[order] * np.arange(count, 0, -1))
    else:
        scaled = values[order] * count / np.arange(1, count + 1)
        stepped = np.minimum.accumulate(scaled[::-1])[::-1]
    found = np.empty(count)
    found[order] = np.minimum(stepped, 1)
    return [float(value) for value in found]


def _all_signs(count: int) -> NDArray[np.float64]:
    """All 2^C patterns of signs, (2^C, C)."""
    bits = np.arange(2**count)[:, None] >> np.arange(count) & 1
    return np.asarray(1.0 - 2 * bits)


def _random_signs(count: int, replicates: int, name: str) -> Iterator[NDArray[np.float64]]:
    """Patterns of signs in blocks of (r, C)."""
    rng = seeded(f"{name}|signs")
    step = max(1, _FLIPPED // count)
    for start in range(0, replicates, step):
        heads = rng.integers(0, 2, (min(step, replicates - start), count), dtype=np.int8)
        yield 1.0 - 2 * heads.astype(np.float64)
