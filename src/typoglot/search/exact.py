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

from typoglot.records import Hit, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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
        if len(vectors) != len(ids) or len(set(ids)) != len(ids):
            raise ValueError(
                f"{len(vectors)} vectors, {len(ids)} ids, {len(set(ids))} of them distinct: "
                "each passage needs its own id."
            )
        if not len(ids):
            raise ValueError("No passages: a corpus needs at least one.")
        if not np.isfinite(vectors).all():
            raise ValueError("A passage vector is not finite: training has diverged; lower optimizer.learning_rate.")
        self.ids = list(ids)
        self.block_size = block_size
        self._vectors = np.ascontiguousarray(vectors, np.float32)
        self._largest = float(np.linalg.norm(self._vectors, axis=1).max(initial=0.0))
        # The rank of each id in the order of ids: what ties are broken by.
        self._id_rank = np.empty(len(ids), np.int64)
        self._id_rank[np.argsort(np.array(self.ids, dtype=object), kind="stable")] = np.arange(len(ids))

    def search(self, queries: NDArray[np.float32], query_ids: Sequence[str], depth: int) -> Run:
        """The `depth` best passages of each query (all, where there are fewer), best first, ties by passage id.

        Args:
            queries: (B, D) fp32.
            query_ids: B ids.
            depth: ranks to keep.

        Raises:
            ValueError: a query vector is not finite or not as wide as the passages', or an id is doubled.
        """
        if not len(set(query_ids)) == len(query_ids) == len(queries) or queries.shape[1] != self._vectors.shape[1]:
            shapes = f"{queries.shape} for {len(set(query_ids))} ids, passages {self._vectors.shape}"
            raise ValueError(f"Query vectors {shapes}: each query needs its own id, and the passages' width.")
        if not np.isfinite(queries).all():
            raise ValueError("A query vector is not finite: training has diverged; lower optimizer.learning_rate.")
        positions, scores = self._top(np.ascontiguousarray(queries, np.float32), min(depth, len(self.ids)))
        return {
            query: [Hit(self.ids[position], float(score)) for position, score in zip(*row, strict=True)]
            for query, *row in zip(query_ids, positions, scores, strict=True)
        }

    def _top(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(B, k) positions and scores."""
        positions = np.zeros((len(queries), k), np.int64)
        scores = np.zeros((len(queries), k), np.float64)
        # |fp32 dot - true dot| ≤ D · 2^-24 · |q| · |d| / (1 - …) (Higham 2002, §3.1); doubled for the screen's own
        # rounding.
        error = 2 * queries.shape[1] * 2.0**-24 * np.linalg.norm(queries, axis=1).astype(np.float64) * self._largest
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
