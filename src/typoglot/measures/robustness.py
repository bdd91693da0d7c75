"""A curve over typo rates to four numbers with intervals. Knows scores, rates and clusters only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from typoglot.measures.bootstrap import Interval, resampled_means, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Robustness(NamedTuple):
    """What a curve comes to; formulas in docs/statistics.md.

    `area` is the mean height of the curve, `retained` its value at the highest rate divided by the clean one, `slope`
    its change in one step of rate (least squares), `half` the rate at which half of the clean value is lost: infinite
    where no rate that was tried does it. nan: not defined, as `retained` where nothing is found on clean queries.
    """

    area: Interval
    retained: Interval
    slope: Interval
    half: Interval


def robustness(
    scores: NDArray[np.float64],
    rates: Sequence[float],
    clusters: Sequence[str],
    replicates: int,
    name: str,
    step: float = 0.1,
) -> Robustness:
    """The numbers of the mean curve, and their intervals under the bootstrap of whole clusters.

    Args:
        scores: (B, K) one row a query, one column a rate.
        rates: (K,) rising, from 0; two at least.
        clusters: (B,) the question each row belongs to.
        replicates: number of resamples.
        name: seeds the draws.
        step: of rate, that `slope` is told for.

    Raises:
        ValueError: the rates do not rise from 0.
    """
    at = np.asarray(rates, dtype=np.float64)
    if len(at) < 2 or at[0] != 0 or (np.diff(at) <= 0).any():
        raise ValueError(f"rates {list(rates)}: two or more, rising from 0, are needed for a curve")
    (values,) = _numbers(scores.mean(axis=0)[None], at, step).swapaxes(0, 1)  # (4,)
    drawn = _numbers(resampled_means(scores, clusters, replicates, name), at, step)  # (4, R)
    count = len(set(clusters))
    return Robustness(*(spread(value, row, count) for value, row in zip(values, drawn, strict=True)))


def _numbers(curves: NDArray[np.float64], rates: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """(4, R): the numbers of (R, K) curves, in the order of `Robustness`."""
    clean = curves[:, 0]
    away = rates - rates.mean()
    retained = np.divide(curves[:, -1], clean, out=np.full(len(curves), np.nan), where=clean > 0)
    area = np.trapezoid(curves, rates, axis=1) / rates[-1]
    return np.stack([area, retained, step * (curves @ away) / (away @ away), _half(curves, rates)])


def _half(curves: NDArray[np.float64], rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first rate at which a curve has fallen to half its clean value, on straight lines between its points."""
    target = curves[:, :1] / 2
    fallen = curves <= target
    last = np.maximum(fallen.argmax(axis=1), 1)  # the first point at or below half
    rows = np.arange(len(curves))
    above, below = curves[rows, last - 1], curves[rows, last]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (above - target[:, 0]) / (above - below)
    found = rates[last - 1] + share * (rates[last] - rates[last - 1])
    return np.where(curves[:, 0] <= 0, np.nan, np.where(fallen.any(axis=1), found, np.inf))
