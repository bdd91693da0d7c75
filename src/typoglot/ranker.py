"""Texts to rankings: encoder and index, put together in the one way that dev measure and evaluation share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typoglot.search import ExactIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from typoglot.config import Precision
    from typoglot.encoder import Encoder
    from typoglot.records import Benchmark


@dataclass(frozen=True)
class Ranker:
    """How queries are ranked."""

    encoder: Encoder
    precision: Precision
    depth: int
    block_size: int

    def index(self, benchmark: Benchmark) -> ExactIndex:
        """The benchmark's corpus, encoded."""
        vectors = self.encoder.encode_passages(
            [passage.content for passage in benchmark.corpus], precision=self.precision
        )
        return ExactIndex(vectors, [passage.id for passage in benchmark.corpus], self.block_size)

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(B, D) vectors of queries."""
        return self.encoder.encode_queries(texts, precision=self.precision)
