"""Passages and their generated queries to vectors and running sums, block by block. Mixing them is left to the search.

xQG adds to a passage's vector those of the queries that were generated for it (Zhuang, Shou and Zuccon 2023):
E'(p) = (1-α)·E(p) + α·C_n, where C_n sums the vectors of the first n queries of each language. Here E(p) and C_n are
made and kept. Queries are encoded as passages are, as the authors' code does.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from typoglot.config import Dtype
from typoglot.records import Contents, ids_of
from typoglot.search.corpus import Block
from typoglot.store import digest
from typoglot.terminal import progress
from typoglot.xqg.controls import random_directions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from typoglot.records import Generated, Passage
    from typoglot.shelving import Shelving
    from typoglot.store import Shelf

    Vectors = NDArray[np.floating]


@dataclass(frozen=True)
class Augmentation:
    """Which generated queries are added, and how they are read.

    Attributes:
        queries: by passage id and language; a passage may have none.
        languages: whose queries are added.
        counts: of queries of each language; a passage that has fewer adds those it has.
        max_length: tokens of a query; 32 in xQG.
        noise: the seed of random vectors that take the queries' place, norm by norm; None is no such control.
        keep: whether the vector of each query is kept besides the sums, in fp32.
    """

    queries: Generated
    languages: Sequence[str]
    counts: Sequence[int]
    max_length: int = 32
    noise: int | None = None
    keep: bool = False


class AugmentedCorpus:
    """A corpus with the sums of its generated queries, encoded as far as the store has not got them.

    Args:
        shelving: encodes and keeps.
        passages: N of them.
        how: queries are added; None adds none.

    Raises:
        ValueError: no passage has generated queries, or a count is below 1.
    """

    def __init__(self, shelving: Shelving, passages: Sequence[Passage], how: Augmentation | None = None) -> None:
        self.ids = ids_of(passages)
        self.passages = shelving.passages(Contents(passages))
        self.sums = None if how is None else Sums(shelving, self.ids, how)

    def fill(self) -> int:
        """Encodes what is missing and returns how many blocks were made; afterwards `blocks` encodes nothing."""
        return self.passages.fill() + (self.sums.fill() if self.sums else 0)

    def blocks(self) -> Iterator[Block]:
        """Every passage, in the order of ids. What is missing or damaged is made on the way."""
        sums = self.sums.blocks() if self.sums else None
        for rows, (passages,) in self.passages.blocks():
            yield Block(rows.start, passages, *(next(sums) if sums else ({}, {})))


class Sums:
    """The sums C_n of a corpus' generated queries, each count a layer of its own: what was made for 5 serves 3 as well.

    Args:
        shelving: encodes and keeps.
        ids: of the corpus, in its order.
        how: queries are added.

    Raises:
        ValueError: no passage has generated queries, or a count is below 1.
    """

    def __init__(self, shelving: Shelving, ids: Sequence[str], how: Augmentation) -> None:
        if min(how.counts, default=0) < 1:
            raise ValueError(f"counts={list(how.counts)}: at least one is needed, and each must be 1 or more.")
        if not any(how.queries.get(identifier) for identifier in ids):
            raise ValueError(f"None of {len(ids)} passages has generated queries: ids of both must be the same.")
        self._shelving = shelving
        self._ids = ids
        self._how = how
        self._counts = sorted(set(how.counts))
        self._languages = sorted(set(how.languages))
        self._digests = [digest(self._every(place)) for place in range(self._counts[-1])]
        columns = product(range(self._counts[-1]), self._languages) if how.keep else ()
        self._kept = {(place, language): self._column(place, language) for place, language in columns}

    def fill(self) -> int:
        """Makes every count up to the largest, and returns how many blocks were made."""
        made = self._shelf(range(1, self._counts[-1] + 1)).fill()
        return made + sum(column.fill() for column in self._kept.values())

    def blocks(self) -> Iterator[tuple[dict[int, Vectors], dict[int, NDArray[np.int64]]]]:
        """For each block, by count: the sums (n, D), and how many vectors each holds (n,)."""
        for rows, sums in self._shelf(self._counts).blocks():
            yield (
                dict(zip(self._counts, sums, strict=True)),
                {count: self._sizes(rows, count) for count in self._counts},
            )

    def _shelf(self, counts: Sequence[int]) -> Shelf:
        """A layer for each of the counts, which rise."""
        layers = [
            {"what": "sums", "languages": self._languages, "count": n, **self._texts(self._digests[:n])} for n in counts
        ]

        def make(rows: range) -> Iterator[NDArray[np.float32]]:
            what = f"Encoding generated queries of passages {rows.start + 1:,}-{rows.stop:,}"
            with progress(what, int(self._sizes(rows, counts[-1]).sum()), "texts") as advance:
                total = np.zeros((len(rows), self._shelving.width), np.float32)
                for place in range(counts[-1]):
                    for language in self._languages:
                        total += self._vectors(rows, place, language)
                        advance(sum(text is not None for text in self._queries(rows, place, language)))
                    if place + 1 in counts:
                        yield total.copy()

        return self._shelving.shelf(layers, len(self._ids), make)

    def _vectors(self, rows: range, place: int, language: str) -> NDArray[np.float32]:
        """(n, D) vectors of each passage's query at that place, zeros where it has none."""
        if (column := self._kept.get((place, language))) is None:
            return self._encoded(rows, place, language)
        (vectors,) = column.block(rows)
        return vectors

    def _column(self, place: int, language: str) -> Shelf:
        """The vectors of each passage's query at one place of one language. fp32, so that the sums are the same."""
        texts = digest(self._queries(range(len(self._ids)), place, language))
        named = {"what": "generated queries", "language": language, "place": place, **self._texts([texts])}

        def make(rows: range) -> Iterator[NDArray[np.float32]]:
            yield self._encoded(rows, place, language)

        return self._shelving.shelf([named], len(self._ids), make, Dtype.fp32)

    def _texts(self, digests: Sequence[str]) -> dict[str, object]:
        """The ingredients that all layers of generated queries have."""
        noise = None if self._how.noise is None else {"seed": self._how.noise, "ids": digest(self._ids)}
        return {"texts": digest(digests), "max_length": self._how.max_length, "noise": noise}

    def _encoded(self, rows: range, place: int, language: str) -> NDArray[np.float32]:
        vectors = np.zeros((len(rows), self._shelving.width), np.float32)
        queries = self._queries(rows, place, language)
        there = [position for position, query in enumerate(queries) if query is not None]
        if there:
            found = self._shelving.encoder.encode_passages(
                [query for query in queries if query is not None],
                precision=self._shelving.precision, max_length=self._how.max_length, what=None,
            )  # fmt: skip
            names = [digest([self._ids[rows[position]], language, str(place)]) for position in there]
            vectors[there] = found if self._how.noise is None else random_directions(found, names, self._how.noise)
        return vectors

    def _every(self, place: int) -> Iterator[str | None]:
        for language in self._languages:
            yield from self._queries(range(len(self._ids)), place, language)

    def _queries(self, rows: range, place: int, language: str) -> list[str | None]:
        own = (self._of(row, language) for row in rows)
        return [queries[place] if place < len(queries) else None for queries in own]

    def _of(self, row: int, language: str) -> Sequence[str]:
        return self._how.queries.get(self._ids[row], {}).get(language, ())

    def _sizes(self, rows: range, count: int) -> NDArray[np.int64]:
        return np.array([sum(min(count, len(self._of(row, language))) for language in self._languages) for row in rows])
