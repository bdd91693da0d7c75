"""Scores as functions of α, and which of them can be among the k best somewhere on an interval of α.

Products q·d and q·C of candidates come in, scores and bounds go out. Knows no vectors, no ids, no files.
Arrays are (B, M): B queries, M candidates each. E'(α) = (1-α)·d + α·C.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[np.floating]

PADDING = -1e30  # the products of a candidate that is none: below every score, and finite at every α
_VANISHED = 1e-12  # |E'|² below this share of its parts' is rounding: the vector has cancelled, its score is 0
_OPPOSED = 0.1  # cosine of half an angle below which a chord bounds nothing worth knowing


class Reach(NamedTuple):
    """What candidates reach at an interval's ends, and the floors that k of them keep above all along."""

    left: Scores
    right: Scores
    left_floor: NDArray[np.floating]
    """(B,)."""
    right_floor: NDArray[np.floating]
    """(B,)."""

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Who can be among the k best somewhere on the interval: those that reach a floor at either end."""
        reached: NDArray[np.bool_] = self.left >= self.left_floor[:, None]
        return reached | (self.right >= self.right_floor[:, None])


class Lines(NamedTuple):
    """Scores s(α) = q·E'(α), which are lines.

    `scales` are the largest |d| and |C|: what errors of the products are proportional to.
    """

    plain: Scores
    sums: Scores
    scales: tuple[float, float]

    def at(self, alpha: float) -> Scores:
        """The scores at α."""
        return (1 - alpha) * self.plain + alpha * self.sums

    def reach(self, low: float, high: float, depth: int, error: NDArray[np.floating]) -> Reach:
        """Bounds candidates over an interval of α by `depth` of them: who is better at both ends is better between.

        The k that are best in the middle of the interval set the floors.

        Args:
            low: end of the interval.
            high: its other end.
            depth: k; a row holds at least as many true candidates, or none is left out.
            error: (B,) of a product q·v, in units of |v|.
        """
        left, right = self.at(low), self.at(high)
        units = [((1 - alpha) * self.scales[0] + alpha * self.scales[1]) or 1.0 for alpha in (low, high)]
        depth = min(depth, left.shape[1])
        best = np.argpartition(left / units[0] + right / units[1], -depth, axis=1)[:, -depth:]
        floors = [
            np.take_along_axis(end, best, axis=1).min(axis=1) - 2 * error * unit
            for end, unit in zip((left, right), units, strict=True)
        ]
        return Reach(left, right, *floors)


class Cosines(NamedTuple):
    """Scores s(α) = q·E'(α) / |E'(α)|, and 0 where E'(α) vanishes; given |d|², d·C and |C|²."""

    plain: Scores
    sums: Scores
    plain_square: Scores
    cross: Scores
    sums_square: Scores

    def at(self, alpha: float) -> Scores:
        """The scores at α."""
        return ((1 - alpha) * self.plain + alpha * self.sums) * self._inverse_length(alpha)

    def reach(self, low: float, high: float, depth: int, error: NDArray[np.floating]) -> Reach:
        """As Lines.reach. A score lies between its ends, each divided by 1 or the chord, whichever is farther out."""
        chord = self.chord(low, high)
        said = chord > 0
        divisor = np.where(said, chord, 1.0)
        ends = self.at(low), self.at(high)
        slack = error[:, None] * np.maximum(self._error_growth(low), self._error_growth(high))
        top, bottom = np.maximum(*ends) + slack, np.minimum(*ends) - slack
        top = np.where(said, np.maximum(top, top / divisor), -PADDING)
        bottom = np.where(said, np.minimum(bottom, bottom / divisor), PADDING)
        depth = min(depth, top.shape[1])
        floor = np.partition(bottom, -depth, axis=1)[:, -depth]
        return Reach(top, top, floor, floor)

    def chord(self, low: float, high: float) -> Scores:
        """The least length, over [low, high], of the chord between the unit vectors at its ends; 0: it says nothing.

        Between the ends E'(α) / |E'(α)| = (β·e0 + (1-β)·e1) / ν with unit vectors e0 and e1 and 1 ≥ ν ≥ cos(θ/2), θ the
        angle between them. An end that vanishes counts as at a right angle, which is farther than it is.
        """
        lengths = self._inverse_length(low), self._inverse_length(high)
        cosine = self._dot(low, high) * lengths[0] * lengths[1]
        chord = np.sqrt(np.clip((1 + cosine) / 2 - 1e-9, 0.0, 1.0))  # 1e-9: rounding never shortens what it says
        return np.where(chord < _OPPOSED, 0.0, chord)

    def _dot(self, one: float, other: float) -> Scores:
        """E'(one) · E'(other)."""
        crossed = (1 - one) * other + one * (1 - other)
        apart: Scores = (1 - one) * (1 - other) * self.plain_square + one * other * self.sums_square
        return apart + crossed * self.cross

    def _inverse_length(self, alpha: float) -> Scores:
        """1 / |E'(α)|, and 0 where it vanishes."""
        square = self._dot(alpha, alpha)
        gone = square <= _VANISHED * ((1 - alpha) ** 2 * self.plain_square + alpha**2 * self.sums_square)
        return np.where(gone, 0.0, 1 / np.sqrt(np.where(gone, 1.0, square)))

    def _error_growth(self, alpha: float) -> Scores:
        """((1-α)·|d| + α·|C|) / |E'(α)|: an error of the products in units of |d| and |C| grows by this."""
        span = (1 - alpha) * np.sqrt(self.plain_square) + alpha * np.sqrt(self.sums_square)
        return span * self._inverse_length(alpha)
