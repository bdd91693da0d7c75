"""Rank correlation with an interval by resampling whole questions. Knows numbers and clusters only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from typoglot.measures.bootstrap import Interval, resampled_sums, spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def spearman(
    x: NDArray[np.float64], y: NDArray[np.float64], clusters: Sequence[str], replicates: int, name: str,
    given: NDArray[np.float64] | None = None,
) -> Interval:  # fmt: skip
    """Spearman's rank correlation, ties at their mean rank, with its 95 % percentile interval.

    Each resample of whole clusters is ranked anew. With `given`, the partial correlation of the ranks: what is left of
    it between queries that are alike in that. nan where one of them does not vary.

    Args:
        x: (B,) one number a query.
        y: (B,) another.
        clusters: (B,) the question each belongs to.
        replicates: number of resamples.
        name: seeds the draws.
        given: (B,) a third one.
    """
    values = np.column_stack([x, y] if given is None else [x, y, given])
    kinds, index = np.unique(values, axis=0, return_inverse=True)  # (J, V): queries of one kind count together
    ranked = [_Values.of(column) for column in kinds.T]
    names, rows = np.unique(np.asarray(clusters), return_inverse=True)
    counts = np.zeros((len(names), len(kinds)))  # (C, J)
    np.add.at(counts, (rows, index.ravel()), 1)
    observed = _coefficients(counts.sum(axis=0)[None], ranked)[0]
    drawn = [_coefficients(sums, ranked) for sums in resampled_sums(counts, list(names), replicates, name)]
    return spread(float(observed), np.concatenate(drawn), len(names))


class _Values(NamedTuple):
    """The values of one number among J kinds."""

    order: NDArray[np.int64]  # (J,) kinds by value
    starts: NDArray[np.int64]  # (U,) where each distinct value begins in that order
    place: NDArray[np.int64]  # (J,) each kind's place among the distinct values

    @classmethod
    def of(cls, column: NDArray[np.float64]) -> _Values:
        _, place = np.unique(column, return_inverse=True)
        order = np.argsort(place, kind="stable")
        return cls(order, np.searchsorted(place[order], np.arange(place.max() + 1)), place)

    def ranks(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """(R, J) ranks in samples that hold each kind (R, J) times; ties have their mean rank."""
        sizes = np.add.reduceat(counts[:, self.order], self.starts, axis=1)
        return np.asarray((np.cumsum(sizes, axis=1) - (sizes - 1) / 2)[:, self.place])


def _coefficients(counts: NDArray[np.float64], ranked: Sequence[_Values]) -> NDArray[np.float64]:
    """(R,) correlations of the first two in samples that hold each kind (R, J) times, perhaps given the third."""
    total = counts.sum(axis=1, keepdims=True)
    ranks = [values.ranks(counts) for values in ranked]
    away = [own - (counts * own).sum(axis=1, keepdims=True) / total for own in ranks]
    between = np.array([[np.einsum("rj,rj,rj->r", counts, a, b) for b in away] for a in away])  # (V, V, R)
    xy = _ratio(between, 0, 1)
    if len(ranked) < 3:
        return xy
    xz, yz = _ratio(between, 0, 2), _ratio(between, 1, 2)
    left = np.sqrt((1 - np.minimum(1, xz**2)) * (1 - np.minimum(1, yz**2)))
    partial = np.divide(xy - xz * yz, left, out=np.full(len(xy), np.nan), where=left > 1e-9)
    return np.asarray(np.where(np.isnan(xz) & np.isnan(yz), xy, partial))  # a third that does not vary tells nothing


def _ratio(between: NDArray[np.float64], a: int, b: int) -> NDArray[np.float64]:
    """The correlations of two of them; nan where one does not vary."""
    scale = np.sqrt(between[a, a] * between[b, b])
    return np.asarray(np.divide(between[a, b], scale, out=np.full(len(scale), np.nan), where=scale > 1e-9))
