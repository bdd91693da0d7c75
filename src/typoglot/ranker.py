"""Texts to rankings: encoder and search, put together for the dev measure of training and for evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typoglot.records import Contents, ids_of
from typoglot.search import ExactIndex, Surface
from typoglot.terminal import say
from typoglot.xqg.augmentation import AugmentedCorpus

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from typoglot.config import Mixing, Precision
    from typoglot.encoder import Encoder
    from typoglot.records import Benchmark, Passage
    from typoglot.shelving import Shelving
    from typoglot.xqg.augmentation import Augmentation


@dataclass(frozen=True)
class Ranker:
    """How queries are ranked."""

    encoder: Encoder
    precision: Precision
    depth: int
    block_size: int

    def index(self, benchmark: Benchmark) -> ExactIndex:
        """The benchmark's corpus, encoded."""
        vectors = self.encoder.encode_passages(Contents(benchmark.corpus), precision=self.precision)
        return ExactIndex(vectors, ids_of(benchmark.corpus), self.block_size)

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(B, D) vectors of queries."""
        return self.encoder.encode_queries(texts, precision=self.precision)


@dataclass(frozen=True)
class SurfaceRanker:
    """Ranks queries over passages whose vectors the store keeps, at every count of generated queries and every α.

    Attributes:
        shelving: the encoder, and where its vectors are kept.
        augmentation: the generated queries; None for plain passages.
        counts: of queries of each language.
        alphas: their weight.
        mixing: of vectors.
        depth: ranks to keep.
    """

    shelving: Shelving
    augmentation: Augmentation | None
    counts: Sequence[int]
    alphas: Sequence[float]
    mixing: Mixing
    depth: int

    @property
    def mixes(self) -> list[tuple[int, float]]:
        """Every count with every α; plain passages once, since α changes nothing there."""
        plain = [(0, 0.0)] if 0 in self.counts else []
        return plain + [(count, alpha) for count in sorted(self.counts) if count for alpha in sorted(self.alphas)]

    def corpus(self, passages: Sequence[Passage]) -> AugmentedCorpus:
        """The passages with the sums of their queries, encoded as far as the store has not got them; says how far."""
        corpus = AugmentedCorpus(self.shelving, passages, self.augmentation)
        made = corpus.passages.fill()
        say(f"Encoded {made:,} blocks of passages" if made else "No passage encoded: the store has them all")
        if corpus.sums:
            made = corpus.sums.fill()
            say(
                f"Encoded {made:,} blocks of generated queries" if made else "No generated query encoded: all are there"
            )
        return corpus

    def vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(B, D) vectors of queries."""
        return self.shelving.encoder.encode_queries(texts, precision=self.shelving.precision)

    def surface(self, corpus: AugmentedCorpus, queries: NDArray[np.float32]) -> Surface:
        """The rankings of (B, D) query vectors."""
        return Surface(corpus, queries, self.counts, self.depth, self.mixing)
