"""Controls of xQG: what a gain is worth if the queries are another passage's, or no queries at all.

Seeded by name: neither the order of passages nor that of calls changes a result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from typoglot.batches import named_generator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from typoglot.records import Generated


def of_another_passage(queries: Generated, seed: int) -> dict[str, Mapping[str, Sequence[str]]]:
    """The same queries, each passage with those of another: one random cycle over all passages.

    Raises:
        ValueError: there are not two passages.
    """
    if len(queries) < 2:
        raise ValueError(f"{len(queries)} passages with queries: to take another's, two are needed.")
    order = [sorted(queries)[place] for place in named_generator("other passage", seed).permutation(len(queries))]
    return {own: queries[other] for own, other in zip(order, [*order[1:], order[0]], strict=True)}


def random_directions(vectors: NDArray[np.float32], names: Sequence[str], seed: int) -> NDArray[np.float32]:
    """(N, D) vectors of the same norms, each in a random direction that belongs to its name.

    Args:
        vectors: (N, D).
        names: N of them.
        seed: of all.
    """
    width = vectors.shape[1]
    drawn = np.array([named_generator("direction", seed, name).standard_normal(width) for name in names])
    drawn *= (np.linalg.norm(vectors, axis=1) / np.linalg.norm(drawn, axis=1))[:, None]
    return drawn.astype(np.float32)
