"""Which key a finger hits in place of another: the geometry of a layout. Knows keys; knows nothing of words.

Distances are in key widths, on the staggered rows of a 105-key ISO board.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# Where each row's first key lies (digits, top, home, bottom). The stagger of common keyboards: letters lie half a key
# to the right of the digits, the home row a quarter further, the bottom row (after its first key) half a key further.
OFFSETS = (0.0, 1.5, 1.75, 1.25)
REACH = 1.3  # keys nearer than this are neighbours: beside (1.0) and touching in the next row (1.03-1.25). Ours.
# How neighbours share the slips: our judgement, not fitted (MulTypo, arXiv 2510.09536, takes 9 to 1). The spread is one
# key width.
SAME_ROW = 3.0
SPREAD = 1.0
SCALE = 1000  # of weights to whole numbers, so that a draw is the same on every machine

Neighbours = tuple[tuple[str, ...], tuple[int, ...]]
_NONE: Neighbours = ((), ())


class Key(NamedTuple):
    """A key of the board: the place of its middle, and what it types on each level."""

    x: float
    y: int
    levels: tuple[str, ...]

    def distance(self, other: Key) -> float:
        """From middle to middle."""
        return math.hypot(self.x - other.x, self.y - other.y)

    def typed(self, level: int) -> str:
        """What the key types on a level; empty for nothing."""
        return self.levels[level] if level < len(self.levels) else ""


class Keyboard:
    """A layout whose slips stay within `letters`: of what the keys type, all that a slip may bring in.

    `rows` are those of a layout table: digits, top, home and bottom; a key lists what it types plain, with shift, with
    AltGr and with both. A stroke that several keys type belongs to the one of the lowest level, then to the first.

    >>> board = Keyboard([[], [["q"], ["w"], ["e"]], [["a", "A"], ["s", "S"]], []], letters="aswqAS")
    >>> board.neighbours("a")[0], board.neighbours("A")[0]
    (('q', 'w', 's'), ('S',))
    """

    def __init__(self, rows: Sequence[Sequence[Sequence[str]]], letters: Iterable[str]) -> None:
        self._keys = tuple(_keys(rows))
        self._letters = frozenset(letters)
        self._home: dict[str, tuple[Key, int]] = {}
        for level in range(max((len(key.levels) for key in self._keys), default=0)):
            for key in self._keys:
                self._home.setdefault(key.typed(level), (key, level))
        self._home.pop("", None)
        self._neighbours = {stroke: self._weighted(stroke) for stroke in self._home}

    def knows(self, stroke: str) -> bool:
        """Whether a key types the stroke, on any level."""
        return stroke in self._home

    def neighbours(self, stroke: str) -> Neighbours:
        """The strokes of the neighbouring keys on the same level, and their cumulative weights.

        A held shift or AltGr stays held. Both are empty where the stroke is not on the layout or no neighbour is
        allowed.
        """
        return self._neighbours.get(stroke, _NONE)

    def within(self, stroke: str, reach: float) -> tuple[str, ...]:
        """The allowed strokes of the keys nearer than `reach` key widths, on the same level."""
        return tuple(dict.fromkeys(other for other, _, _ in self._around(stroke, reach)))

    def adjacent(self, first: str, second: str) -> bool:
        """Whether two strokes, whatever their case and level, lie on neighbouring keys or on the same one."""
        one, other = (self._home.get(stroke) or self._home.get(stroke.lower()) for stroke in (first, second))
        return one is not None and other is not None and one[0].distance(other[0]) < REACH

    def _around(self, stroke: str, reach: float) -> Iterator[tuple[str, float, bool]]:
        """Each allowed stroke nearby, its distance, and whether it lies in the same row."""
        if stroke in self._home:
            home, level = self._home[stroke]
            for key in self._keys:
                other, distance = key.typed(level), home.distance(key)
                if other in self._letters and other != stroke and distance < reach:
                    yield other, distance, key.y == home.y

    def _weighted(self, stroke: str) -> Neighbours:
        weights: dict[str, int] = {}
        for other, distance, same_row in self._around(stroke, REACH):
            closeness = math.exp(-(distance**2) / (2 * SPREAD**2))
            weight = round(SCALE * closeness * (SAME_ROW if same_row else 1.0))
            weights[other] = weights.get(other, 0) + weight
        return tuple(weights), tuple(accumulate(weights.values()))


def _keys(rows: Sequence[Sequence[Sequence[str]]]) -> Iterator[Key]:
    for y, (offset, row) in enumerate(zip(OFFSETS, rows, strict=True)):
        for column, levels in enumerate(row):
            yield Key(offset + column, y, tuple(levels))
