"""The exact ranking of every query at every count of generated queries and every mixing weight α, from one pass.

A corpus with its sums and query vectors go in; rankings at any (count, α), runs and the α at which rankings change come
out. Whose queries they are (language, typo rate, draw) is not known here: all are rows.

xQG mixes a passage's vector d with C_n, the sum of the vectors of its first n generated queries in each language:
E'(p) = (1-α)·d + α·C_n. A score is then a line in α, and a passage that k others beat at both ends of an interval is in
no ranking between. Those that are left, a few hundred a query, are scored in fp64.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from typoglot.config import Mixing
from typoglot.search.law import Ranking, as_run, id_ranks, require_finite, require_passages, require_queries
from typoglot.search.screening import Screen, curves, grouped, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from typoglot.records import Run
    from typoglot.search.corpus import Block, Corpus
    from typoglot.search.lines import Cosines, Lines

_CELLS = 8  # intervals of α, each with the few candidates that can be ranked in it
_GATHER = 32  # pairs scored at a time: their vectors stay in the cache, and torch keeps to one thread


class Stretch(NamedTuple):
    """From `start` to `end` (α) a query's ranking is `positions` (k,)."""

    start: float
    end: float
    positions: NDArray[np.int64]


class _Cell(NamedTuple):
    """The candidates of some queries in an interval of α."""

    queries: slice
    scores: Lines | Cosines
    ranks: NDArray[np.int64]  # of ids, (B, M)


class Surface:
    """Rankings over count × α.

    A count of 0 is the formula with C_0 = 0: scores shrink by 1-α, and at α = 1 every passage scores 0 and the order is
    that of ids. A passage without generated queries is treated so at every count.

    Args:
        corpus: read twice, block by block.
        queries: (B, D) fp32.
        counts: numbers of generated queries a language; each but 0 needs its sums in the corpus.
        depth: ranks to keep; all, where there are fewer passages.
        mixing: of vectors.

    Raises:
        ValueError: a count has no sums, a vector is not finite or of another width, an id is doubled, or blocks and
            ids differ in number.
    """

    def __init__(
        self,
        corpus: Corpus,
        queries: NDArray[np.float32],
        counts: Sequence[int],
        depth: int,
        mixing: Mixing = Mixing.sum,
    ) -> None:
        require_finite(bool(np.isfinite(queries).all()), "query")
        self.ids, self.counts, self.mixing = corpus.ids, sorted(set(counts)), mixing
        self.depth = min(depth, len(self.ids))
        self._queries = np.ascontiguousarray(queries, np.float32)
        self._rank = id_ranks(self.ids)
        self._by_rank = np.argsort(self._rank)
        screen = Screen(self._queries, [count for count in self.counts if count], self.depth, mixing)
        for block in corpus.blocks():
            require_block(block, screen.counts, self._queries.shape, mixing)
            screen.add(block)
        require_passages(self.ids, screen.seen)
        self._scales = screen.scales
        self._candidates = screen.candidates()
        self._edges, self._members = self._divide(screen.error)
        self._candidates = self._candidates._replace(products=self._score(corpus, screen.counts))
        self._at: tuple[int, int] | None = None
        self._cells: list[_Cell] = []

    def at(self, count: int, alpha: float) -> Ranking:
        """The ranking of every query at a count and α; points of one count in order of α are fastest.

        Raises:
            ValueError: the count was not asked for, or α lies outside 0-1.
        """
        layer = self._layer(count)
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha={alpha}: a weight lies in 0-1.")
        shape = (len(self._queries), self.depth)
        if not count and alpha == 1:
            return Ranking(np.tile(self._by_rank[: self.depth], (shape[0], 1)), np.zeros(shape, np.float32))
        cell = min(int(np.searchsorted(self._edges[layer], alpha, side="right")), len(self._members[layer])) - 1
        ranking = Ranking(np.empty(shape, np.int64), np.empty(shape, np.float32))
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            list(pool.map(lambda part: self._rank_cell(part, alpha, ranking), self._cells_of(layer, cell)))
        return ranking

    def run(self, count: int, alpha: float, query_ids: Sequence[str]) -> Run:
        """The rankings at a count and α by query id, as `ExactIndex.search` gives them for the mixed vectors.

        Raises:
            ValueError: as `at`, or queries and ids differ in number, or an id is doubled.
        """
        require_queries(query_ids, self._queries.shape, self._queries.shape)
        return as_run(self.ids, query_ids, *self.at(count, alpha))

    def breakpoints(self, count: int, query: int) -> list[Stretch]:
        """The stretches of α, from 0 to 1, over which the ranking of one query (a row) stays the same.

        Crossings are those of the fp64 lines; within fp32's rounding of one, `at` may order by id instead.

        Raises:
            ValueError: the count was not asked for, or vectors are normalised: their scores are not lines.
        """
        if self.mixing is Mixing.normalised:
            raise ValueError("mixing=normalised: scores are not lines; ask for rankings at single α instead.")
        layer = self._layer(count)
        stretches: list[Stretch] = []
        for cell in range(len(self._members[layer])):
            members = self._members[layer][cell]
            members = members[self._candidates.rows[members] == query]
            for stretch in self._stretches(members, layer, *self._edges[layer][cell : cell + 2]):
                if stretches and np.array_equal(stretches[-1].positions, stretch.positions):
                    stretch = stretch._replace(start=stretches.pop().start)
                stretches.append(stretch)
        return stretches

    def _layer(self, count: int) -> int:
        if count not in self.counts:
            raise ValueError(f"count={count}: this surface has {self.counts}; name it when the surface is made.")
        return self.counts.index(count) + (0 not in self.counts)

    def _divide(
        self, error: NDArray[np.float64]
    ) -> tuple[dict[int, NDArray[np.float64]], dict[int, list[NDArray[np.int64]]]]:
        """By layer: the ends of the intervals, and in each the candidates (places) that can be ranked there."""
        edges, members = {}, {}
        for layer in map(self._layer, self.counts):
            edges[layer] = _intervals(self._scales[0], self._scales[layer]) if layer else np.array([0.0, 1.0])
            spans = list(pairwise(edges[layer])) if layer else [(0.0, 0.0)]
            found: list[list[NDArray[np.int64]]] = [[] for _ in spans]
            for part, places, none in grouped(self._candidates.rows, len(self._queries)):
                scores = curves(self._candidates, layer, places, none, self._scales)
                for kept, span in zip(found, spans, strict=True):
                    mask = scores.reach(*span, self.depth, error[part]).mask
                    kept.append(places[mask & ~none])
            members[layer] = [np.concatenate(kept) for kept in found]
        return edges, members

    def _score(self, corpus: Corpus, counts: Sequence[int]) -> NDArray[np.float64]:
        """(1 + counts, M) fp64 products of the candidates that are a member anywhere; NaN elsewhere."""
        found = self._candidates
        wanted = np.zeros((1 + len(counts), len(found.rows)), np.bool_)
        for layer, cells in self._members.items():
            for members in cells:
                wanted[[[0], [layer]], members] = True
        products = np.full(wanted.shape, np.nan)
        queries = self._queries.astype(np.float64)
        for block in corpus.blocks():
            here = (found.positions >= block.start) & (found.positions < block.start + len(block.passages))
            for layer, vectors in enumerate([block.passages, *(block.sums[count] for count in counts)]):
                pairs = np.flatnonzero(wanted[layer] & here)
                pairs = pairs[np.argsort(found.positions[pairs])]  # each vector is read once, in the order of the disk
                places = found.positions[pairs] - block.start
                scored = _products(queries, found.rows[pairs], vectors, places)
                if layer and self.mixing is Mixing.mean:
                    scored *= share(block.sizes[counts[layer - 1]])[places]
                products[layer, pairs] = scored
        return products

    def _cells_of(self, layer: int, cell: int) -> list[_Cell]:
        """The candidates of all queries in an interval; kept until another is asked for."""
        if self._at != (layer, cell):
            members = self._members[layer][cell]
            self._cells = []
            for part, places, none in grouped(self._candidates.rows[members], len(self._queries)):
                places = members[places]
                scores = curves(self._candidates, layer, places, none, self._scales)
                self._cells.append(_Cell(part, scores, self._rank[self._candidates.positions[places]]))
            self._at = (layer, cell)
        return self._cells

    def _rank_cell(self, cell: _Cell, alpha: float, ranking: Ranking) -> None:
        """Sorts by score and id at once: both in one number, the score's bits above, in falling order."""
        scores = cell.scores.at(alpha).astype(np.float32) + np.float32(0)  # -0 becomes 0: they tie
        bits = scores.view(np.int32)
        keys = (~_ordered(bits)).astype(np.int64) << 32 | cell.ranks
        keys.sort(axis=1)
        best = keys[:, : self.depth]
        ranking.positions[cell.queries] = self._by_rank[best & 0xFFFFFFFF]
        ranking.scores[cell.queries] = _ordered(~(best >> 32).astype(np.int32)).view(np.float32)

    def _stretches(self, members: NDArray[np.int64], layer: int, low: float, high: float) -> list[Stretch]:
        """The stretches of one query in one interval."""
        plain = self._candidates.products[0][members]
        sums = self._candidates.products[layer][members] if layer else np.zeros_like(plain)
        one, other = np.triu_indices(len(members), 1)
        gap, closing = plain[one] - plain[other], sums[one] - sums[other]
        meeting = gap * closing < 0  # lines whose order differs at 0 and 1
        crossings = gap[meeting] / (gap[meeting] - closing[meeting])
        ends = np.unique([low, *crossings[(crossings > low) & (crossings < high)], high])
        positions = self._candidates.positions[members]
        stretches: list[Stretch] = []
        for start, end in pairwise(ends):
            middle = (start + end) / 2
            order = np.lexsort((self._rank[positions], -((1 - middle) * plain + middle * sums)))[: self.depth]
            if stretches and np.array_equal(stretches[-1].positions, positions[order]):
                stretches[-1] = stretches[-1]._replace(end=float(end))
            else:
                stretches.append(Stretch(float(start), float(end), positions[order]))
        return stretches


def require_block(block: Block, counts: Sequence[int], queries: tuple[int, ...], mixing: Mixing) -> None:
    """Raises ValueError where a block lacks what is asked of it."""
    if missing := [count for count in counts if count not in block.sums]:
        raise ValueError(f"counts={missing}: the corpus has sums of {sorted(block.sums)} generated queries only.")
    if mixing is Mixing.mean and (missing := [count for count in counts if count not in block.sizes]):
        raise ValueError(f"mixing=mean, counts={missing}: the corpus does not say how many queries these sums hold.")
    for vectors in (block.passages, *(block.sums[count] for count in counts)):
        if vectors.shape != (len(block.passages), queries[1]):
            raise ValueError(
                f"Passage vectors {block.passages.shape}, sums {vectors.shape}, queries {queries}: "
                "each passage needs a vector and sums, all of one width."
            )


def _intervals(plain: float, sums: float) -> NDArray[np.float64]:
    """Ends of intervals of α between which rankings change about equally much: sums are longer than passages."""
    longer = sums / plain if plain > 0 and sums > 0 else 1.0
    shares = np.linspace(0, 1, _CELLS + 1)
    return shares / (shares + (1 - shares) * longer)


def _products(
    queries: NDArray[np.float64], rows: NDArray[np.int64], vectors: NDArray[np.floating], places: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(n,) fp64 products of queries[rows] and vectors[places]."""
    products = np.empty(len(rows))

    def fill(start: int, stop: int) -> None:
        for first in range(start, stop, _GATHER):
            part = slice(first, min(first + _GATHER, stop))
            gathered = torch.from_numpy(vectors[places[part]]).double().numpy()
            products[part] = np.einsum("nd,nd->n", gathered, queries[rows[part]])

    ends = np.linspace(0, len(rows), torch.get_num_threads() + 1).astype(int).tolist()
    with ThreadPoolExecutor(len(ends) - 1) as pool:
        list(pool.map(fill, ends[:-1], ends[1:]))
    return products


def _ordered(bits: NDArray[np.int32]) -> NDArray[np.int32]:
    """The bits of fp32 numbers as integers in the same order; its own inverse."""
    return bits ^ ((bits >> 31) & 0x7FFFFFFF)
