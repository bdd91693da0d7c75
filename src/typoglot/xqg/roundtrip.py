"""Drops generated queries that do not find their own passage. Knows no mixing: what is left is encoded as usual."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from typoglot.search import ExactIndex
from typoglot.terminal import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from typoglot.records import Generated, Hit
    from typoglot.store import Shelf

_AT_ONCE = 4096  # queries that are searched together


class Filtered(NamedTuple):
    """The queries that are left, and how many were dropped of each language."""

    queries: dict[str, dict[str, tuple[str, ...]]]
    dropped: dict[str, int]


def round_trip(
    queries: Generated, ids: Sequence[str], passages: Shelf, depth: int,
    encode: Callable[[Sequence[str]], NDArray[np.float32]],
) -> Filtered:  # fmt: skip
    """Keeps each query that finds its own passage among the first `depth` of all, which are not augmented.

    The query is encoded as a user's would be: as a query.

    Args:
        queries: by passage id and language.
        ids: of all passages, in their order on the shelf.
        passages: one layer, their vectors.
        depth: ranks.
        encode: texts to (B, D) vectors of queries.
    """
    named = [(own, language, text) for own in ids for language, texts in queries.get(own, {}).items() for text in texts]
    found: dict[str, dict[str, tuple[str, ...]]] = {own: dict.fromkeys(queries.get(own, {}), ()) for own in ids}
    dropped = dict.fromkeys((language for _, language, _ in named), 0)
    with progress("Filtering generated queries", len(named), "texts") as advance:
        for start in range(0, len(named), _AT_ONCE):
            part = named[start : start + _AT_ONCE]
            best = _best(encode([text for _, _, text in part]), ids, passages, depth)
            for (own, language, text), hits in zip(part, best, strict=True):
                if own in {hit.passage_id for hit in hits}:
                    found[own][language] += (text,)
                else:
                    dropped[language] += 1
            advance(len(part))
    return Filtered(found, dropped)


def _best(vectors: NDArray[np.float32], ids: Sequence[str], passages: Shelf, depth: int) -> list[list[Hit]]:
    """The first passages of each query, one block of passages in memory at a time."""
    names = [str(number) for number in range(len(vectors))]
    best: list[list[Hit]] = [[] for _ in names]
    for rows, (block,) in passages.blocks():
        run = ExactIndex(block.astype(np.float32), ids[rows.start : rows.stop]).search(vectors, names, depth)
        both = (hits + run[name] for name, hits in zip(names, best, strict=True))
        best = [heapq.nsmallest(depth, hits, key=lambda hit: (-hit.score, hit.passage_id)) for hits in both]
    return best
