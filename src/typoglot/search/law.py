"""The law of a ranking, whoever computes it: fp64 scores rounded to fp32, falling; equal scores by passage id.

Vectors and ids come in; what is checked, how far an fp32 score may err, and the run go out. Knows no way to search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from typoglot.records import Hit, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Ranking(NamedTuple):
    """The k best passages of each query, best first."""

    positions: NDArray[np.int64]
    """(B, k)."""
    scores: NDArray[np.float32]
    """(B, k)."""


def screen_error(width: int) -> float:
    """A bound of |fp32 score - true score| in units of |q| · |d|, for vectors of this width.

    |fp32 dot - true dot| ≤ D · 2^-24 · |q| · |d| / (1 - …) (Higham 2002, §3.1), in whatever order it is summed; eight
    more terms are for factors that vectors and scores are multiplied by, and all is doubled for the last rounding.
    """
    return 2 * (width + 8) * 2.0**-24


def id_ranks(ids: Sequence[str]) -> NDArray[np.int64]:
    """The rank of each id (N,) in the order of ids as text: what ties are broken by."""
    ranks = np.empty(len(ids), np.int64)
    ranks[np.argsort(_compact(ids), kind="stable")] = np.arange(len(ids))
    return ranks


_AT_ONCE = 65536  # ids that are Python's own at a time


def _compact(ids: Sequence[str]) -> NDArray[Any]:
    """(N,) texts that sort as Python's do, in a quarter of the memory: a corpus may have millions."""
    texts = np.empty(len(ids), np.dtypes.StringDType())
    for start in range(0, len(ids), _AT_ONCE):
        texts[start : start + _AT_ONCE] = list(ids[start : start + _AT_ONCE])
    return texts


def require_passages(ids: Sequence[str], vectors: int) -> None:
    """Raises ValueError unless there are passages, each with an id of its own and a vector."""
    texts = np.sort(_compact(ids))
    distinct = min(1, len(ids)) + int((texts[1:] != texts[:-1]).sum())
    if vectors != len(ids) or distinct != len(ids):
        raise ValueError(
            f"{vectors} vectors, {len(ids)} ids, {distinct} of them distinct: each passage needs its own id."
        )
    if not len(ids):
        raise ValueError("No passages: a corpus needs at least one.")


def require_queries(query_ids: Sequence[str], queries: tuple[int, ...], passages: tuple[int, ...]) -> None:
    """Raises ValueError unless each query has an id of its own; shapes are told."""
    if not len(set(query_ids)) == len(query_ids) == queries[0] or queries[1] != passages[1]:
        shapes = f"{queries} for {len(set(query_ids))} ids, passages {passages}"
        raise ValueError(f"Query vectors {shapes}: each query needs its own id, and the passages' width.")


def require_finite(finite: bool, what: str) -> None:
    """Raises ValueError where a vector of `what` is not finite."""
    if not finite:
        raise ValueError(f"A {what} vector is not finite: training has diverged; lower optimizer.learning_rate.")


def as_run(
    ids: Sequence[str], query_ids: Sequence[str], positions: NDArray[np.int64], scores: NDArray[np.floating]
) -> Run:
    """Rankings by query id, from (B, k) positions and scores."""
    return {
        query: [Hit(ids[position], float(score)) for position, score in zip(*row, strict=True)]
        for query, *row in zip(query_ids, positions.tolist(), scores.tolist(), strict=True)
    }
