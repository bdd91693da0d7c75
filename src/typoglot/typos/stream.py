"""Randomness that belongs to a name: the same name gives the same numbers in any order, process or machine."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Stream:
    """An endless row of 64-bit numbers, drawn from the BLAKE2b hash of a name and a block number.

    >>> Stream("a", 1).below(1000) == Stream("a", 1).below(1000)
    True
    """

    def __init__(self, *name: object) -> None:
        # Length-prefixed parts: ("a", "bc") and ("ab", "c") are different names.
        parts = [str(part).encode("utf-8", "surrogatepass") for part in name]
        self._name = b"".join(len(part).to_bytes(4, "little") + part for part in parts)
        self._block = 0
        self._numbers: list[int] = []

    def bits(self) -> int:
        """The next number, 0 ≤ n < 2^64."""
        if not self._numbers:
            digest = hashlib.blake2b(self._name + self._block.to_bytes(8, "little")).digest()
            self._numbers = [int.from_bytes(digest[i : i + 8], "little") for i in range(56, -8, -8)]
            self._block += 1
        return self._numbers.pop()

    def unit(self) -> float:
        """The next number, scaled to 0 < u ≤ 1."""
        return (self.bits() + 1) / 2**64

    def below(self, bound: int) -> int:
        """The next number, scaled to 0 ≤ n < bound (bias below bound / 2^64)."""
        return self.bits() * bound >> 64

    def choose(self, items: Sequence[T]) -> T:
        """One of the items, each equally likely."""
        return items[self.below(len(items))]
