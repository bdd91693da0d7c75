"""Randomness that belongs to a name: the same name gives the same numbers in any order, process or machine."""

from __future__ import annotations

import hashlib
import struct
from bisect import bisect_right
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")
_UNPACK = struct.Struct("<8Q").unpack


class Names:
    """The beginning of many names, hashed once, since hashing is what a plan spends much of its time on."""

    def __init__(self, *name: object) -> None:
        self._hash = hashlib.blake2b(_joined(name))

    def stream(self, name: str) -> Stream:
        """The stream of the name that goes on so."""
        whole = self._hash.copy()
        whole.update(name.encode("utf-8", "surrogatepass"))
        return Stream(digest=whole.digest())


class Stream:
    """An endless row of 64-bit numbers: the BLAKE2b hash of a name, then the hash of that hash, and so on.

    >>> Stream("a", 1).below(1000) == Stream("a", 1).below(1000)
    True
    """

    __slots__ = ("_digest", "_numbers")

    def __init__(self, *name: object, digest: bytes = b"") -> None:
        self._digest = digest or hashlib.blake2b(_joined(name)).digest()
        self._numbers: Iterator[int] = iter(_UNPACK(self._digest))

    def bits(self) -> int:
        """The next number, 0 ≤ n < 2^64."""
        for number in self._numbers:
            return number
        self._digest = hashlib.blake2b(self._digest).digest()
        self._numbers = iter(_UNPACK(self._digest))
        return next(self._numbers)

    def unit(self) -> float:
        """The next number, scaled to 0 < u ≤ 1."""
        return (self.bits() + 1) / 2**64

    def below(self, bound: int) -> int:
        """The next number, scaled to 0 ≤ n < bound (bias below bound / 2^64)."""
        return self.bits() * bound >> 64

    def choose(self, items: Sequence[T]) -> T:
        """One of the items, each equally likely."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[T], cumulative: Sequence[int]) -> T:
        """One of the items, by their cumulative weights: the last of these is the sum.

        >>> {Stream(name).weighted("abc", (0, 2, 2)) for name in range(20)}
        {'b'}
        """
        return items[bisect_right(cumulative, self.bits() * cumulative[-1] >> 64)]


def _joined(name: Sequence[object]) -> bytes:
    # Length-prefixed parts: ("a", "bc") and ("ab", "c") are different names.
    parts = [str(part).encode("utf-8", "surrogatepass") for part in name]
    return b"".join(b"%d:%b" % (len(part), part) for part in parts)
