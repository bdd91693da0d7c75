"""Whether one system loses less than another when queries are misspelt. Knows scores and clusters only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from typoglot.measures.bootstrap import Interval, resampled_means, spread
from typoglot.measures.paired import Difference, differences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Interaction(NamedTuple):
    """The losses of two systems, A and B, and their differences A - B: negative where A loses less.

    `absolute` is the difference in differences. `relative_a` and `relative_b` are shares of the clean score that are
    lost, `relative` their difference. `found` is the absolute difference over the `n_found` queries that both systems
    find when they are clean; None where there are none.
    """

    clean_a: Interval
    clean_b: Interval
    loss_a: Interval
    loss_b: Interval
    absolute: Difference
    relative_a: Interval
    relative_b: Interval
    relative: Interval
    n: int
    n_found: int
    found: Difference | None

    @property
    def scales_disagree(self) -> bool:
        """Whether A loses less in points and more in shares, or the reverse: then no claim stands (Loftus 1978)."""
        return self.absolute.value * self.relative.value < 0


def interaction(
    clean: NDArray[np.float64],
    misspelt: NDArray[np.float64],
    clusters: Sequence[str],
    replicates: int,
    name: str,
    level: float = 0.05,
) -> Interaction:
    """Compares the losses of A and B on the same queries.

    Args:
        clean: (B, 2) scores of the clean queries under A and B.
        misspelt: (B, 2) scores of the misspelt ones; means over draws where there are several.
        clusters: (B,) the question each row belongs to.
        replicates: of the bootstrap and of the randomisation.
        name: seeds both.
        level: as in `differences`.
    """
    losses = clean - misspelt
    doubled = losses[:, :1] - losses[:, 1:]  # (B, 1)
    columns = np.hstack([clean, losses])  # (B, 4)
    means = resampled_means(columns, clusters, replicates, name)  # (R, 4)
    count = len(set(clusters))
    clean_a, clean_b, loss_a, loss_b = (spread(*one, count) for one in zip(columns.mean(axis=0), means.T, strict=True))
    relative = _relative(clean.mean(axis=0)[None], losses.mean(axis=0)[None])[0]
    drawn = _relative(means[:, :2], means[:, 2:])
    both = np.asarray((clean > 0).all(axis=1))
    found = None
    if both.any():
        kept = [cluster for cluster, stays in zip(clusters, both, strict=True) if stays]
        (found,) = differences(doubled[both], kept, replicates, f"{name}|found", level)
    return Interaction(
        clean_a, clean_b, loss_a, loss_b, differences(doubled, clusters, replicates, name, level)[0],
        spread(relative[0], drawn[:, 0], count), spread(relative[1], drawn[:, 1], count),
        spread(relative[0] - relative[1], drawn[:, 0] - drawn[:, 1], count), len(clean), int(both.sum()), found,
    )  # fmt: skip


def _relative(clean: NDArray[np.float64], losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """(R, 2) shares lost; nan where nothing was found on clean queries."""
    return np.asarray(np.divide(losses, clean, out=np.full(clean.shape, np.nan), where=clean > 0))
