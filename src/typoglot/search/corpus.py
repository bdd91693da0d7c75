"""Passages with the running sums of their generated queries' vectors, block by block. Knows no queries, no scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.floating]


class Block(NamedTuple):
    """Passages from position `start` on; arrays may be memory-mapped and of any floating type."""

    start: int
    passages: Vectors
    """(n, D)."""
    sums: Mapping[int, Vectors]
    """(n, D) by count: C_n, the sum of the vectors of the first n generated queries of each language."""
    sizes: Mapping[int, NDArray[np.int64]]
    """(n,) by count: how many vectors each sum holds."""


class Corpus(Protocol):
    """What a surface is made from. `blocks` is asked for twice, and gives the same blocks each time."""

    @property
    def ids(self) -> Sequence[str]:
        """N passage ids, unique."""

    def blocks(self) -> Iterator[Block]:
        """Every passage, in the order of ids."""


@dataclass(frozen=True)
class HeldCorpus:
    """A corpus in memory: (N, D) passages, (N, D) sums by count, (N,) sizes by count (needed by mixing=mean only)."""

    ids: Sequence[str]
    passages: Vectors
    sums: Mapping[int, Vectors] = field(default_factory=dict)
    sizes: Mapping[int, NDArray[np.int64]] = field(default_factory=dict)
    block_size: int = 65536

    def blocks(self) -> Iterator[Block]:
        """Views, `block_size` passages at a time."""
        for start in range(0, len(self.passages), self.block_size):
            part = slice(start, start + self.block_size)
            sums = {count: vectors[part] for count, vectors in self.sums.items()}
            sizes = {count: numbers[part] for count, numbers in self.sizes.items()}
            yield Block(start, self.passages[part], sums, sizes)
