"""Exact top-k by inner product: faiss screens blocks in fp32, candidates are scored again in fp64, ties break by id.

The fp32 screen depends in its last bits on block sizes and on the processor; the ranking must not. So the screen keeps
more than k candidates, and a query is done only when no passage outside them can reach its k-th score, the screen's
error
included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import faiss
import numpy as np

from typoglot.search.law import as_run, id_ranks, require_finite, require_passages, require_queries, screen_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from typoglot.records import Run

_MARGIN = 16  # candidates beyond k that the first screen keeps
_GATHER = 1 << 24  # numbers gathered at a time when candidates are scored again (128 MiB)


class ExactIndex:
    """All passages, ready to be compared.

    Args:
        vectors: (N, D) fp32.
        ids: N passage ids, unique.
        block_size: passages screened at a time; changes memory, never results.

    Raises:
        ValueError: ids and vectors differ in number, an id is doubled, or a vector is not finite.
    """

    def __init__(self, vectors: NDArray[np.float32], ids: Sequence[str], block_size: int = 65536) -> None:
        require_passages(ids, len(vectors))
        require_finite(bool(np.isfinite(vectors).all()), "passage")
        self.ids = list(ids)
        self.block_size = block_size
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        self._largest = float(np.linalg.norm(self._vectors, axis=1).max(initial=0.0))
        self._id_rank = id_ranks(self.ids)

    def search(self, queries: NDArray[np.float32], query_ids: Sequence[str], depth: int) -> Run:
        """The `depth` best passages of each query (all, where there are fewer), best first, ties by passage id.

        Args:
            queries: (B, D) fp32.
            query_ids: B ids.
            depth: ranks to keep.

        Raises:
            ValueError: a query vector is not finite or not as wide as the passages', or an id is doubled.
        """
        require_queries(query_ids, queries.shape, self._vectors.shape)
        require_finite(bool(np.isfinite(queries).all()), "query")
        positions, scores = self._top(np.ascontiguousarray(queries, np.float32), min(depth, len(self.ids)))
        return as_run(self.ids, query_ids, positions, scores)

    def _top(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(B, k) positions and scores."""
        positions = np.zeros((len(queries), k), np.int64)
        scores = np.zeros((len(queries), k), np.float64)
        error = screen_error(queries.shape[1]) * np.linalg.norm(queries, axis=1).astype(np.float64) * self._largest
        left = np.arange(len(queries))
        kept = k + _MARGIN
        while left.size:
            kept = min(kept, len(self.ids))
            screen, candidates = self._screen(queries[left], kept)
            positions[left], scores[left] = self._rescore(queries[left], candidates, k)
            # What the screen left out scores at most its last kept score plus the error of the screen.
            sure = (screen[:, -1] + error[left] < scores[left, -1]) | (kept == len(self.ids))
            left = left[~sure]
            kept *= 4
        return positions, scores

    def _screen(self, queries: NDArray[np.float32], kept: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """(B, kept) fp32 scores, falling, and positions."""
        heap = faiss.ResultHeap(len(queries), kept, keep_max=True)
        for start in range(0, len(self.ids), self.block_size):
            block = self._vectors[start : start + self.block_size]
            found, places = faiss.knn(queries, block, min(kept, len(block)), metric=faiss.METRIC_INNER_PRODUCT)
            heap.add_result(found, places + start)
        heap.finalize()
        if (heap.I < 0).any():
            raise RuntimeError("faiss found nothing where a passage is: refusing to rank.")
        return heap.D, heap.I

    def _rescore(
        self, queries: NDArray[np.float32], candidates: NDArray[np.int64], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The k best of each query's candidates by fp64 score and then id: (B, k) positions and scores."""
        positions = np.empty((len(queries), k), np.int64)
        scores = np.empty((len(queries), k), np.float64)
        rows = max(1, _GATHER // max(1, candidates.shape[1] * queries.shape[1]))
        for start in range(0, len(queries), rows):
            part = slice(start, start + rows)
            vectors = self._vectors[candidates[part]].astype(np.float64)  # (b, kept, D)
            # Rounded to fp32, so that equal vectors tie whatever order their products were summed in.
            exact = np.einsum("bkd,bd->bk", vectors, queries[part].astype(np.float64)).astype(np.float32)
            order = np.lexsort((self._id_rank[candidates[part]], -exact), axis=1)[:, :k]
            positions[part] = np.take_along_axis(candidates[part], order, axis=1)
            scores[part] = np.take_along_axis(exact, order, axis=1)
        return positions, scores
