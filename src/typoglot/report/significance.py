"""A group of runs to tests of every row against every baseline. Knows scores; the formulas live in `measures`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from typoglot.measures import Correction, adjusted, every_pair, pairs_over_trainings
from typoglot.report.seeds import REPLICATES, covers
from typoglot.results import MACRO, POOLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from typoglot.report.groups import Group

# What is tested grows with the square of the rows; the page says what it has left out.
FEW = 12  # rows that are tested in each language too, under every measure
MANY = 60  # rows that are tested under every measure, over all languages
MOST = 200  # rows of which each may be the baseline, under one measure
QUICK = 2_000  # replicates at least, beyond MANY; more where a corrected p could not get below 0.05 otherwise

P = 3  # its place among value, low, high, p


@dataclass(frozen=True)
class Tests:
    """Each row minus each baseline: the score at each rate, then the loss from clean at each rate above 0.

    `found[language, measure]` is (K baselines, R rows, columns, 4): value, low, high, p corrected; nan where a row has
    not got the rate. Between rows of several trainings all but the value speak of other trainings. The family of a
    test: all other rows at this rate, under this measure and this baseline, and all languages where it is of one
    language.
    """

    baselines: list[int]
    rates: list[float]
    losses: list[float]
    replicates: int
    found: dict[tuple[str, str], NDArray[np.float64]]


def tests(group: Group, measure: str, baseline: int) -> Tests:
    """Tests the rows of a group.

    Args:
        group: its rows and queries.
        measure: the one that is tested where there are too many rows for all of them.
        baseline: the row that is the baseline where there are too many rows for all of them.
    """
    count = len(group.rows)
    baselines = list(range(count)) if count <= MOST else [baseline]
    measures = group.measures if count <= MANY else [measure]
    single = [name for name in group.languages if name not in (POOLED, MACRO)] if len(group.languages) > 1 else []
    replicates = REPLICATES if count <= MANY else max(QUICK, 25 * count)
    losses = [rate for rate in group.rates if rate > 0] if group.rates[0] == 0 else []
    found: dict[tuple[str, str], NDArray[np.float64]] = {}
    if count > 1:
        columns = _with_losses(group.scores(measures), losses)  # (B, R, C, M)
        trainings = [
            _with_losses(group.scores_of_trainings(row, measures), losses) if covers(row.run) else None
            for row in group.rows
        ]
        for family in filter(None, [group.languages[:1], single if count <= FEW else []]):
            of = [_tested(columns, trainings, baselines, group, name, replicates) for name in family]
            corrected = _corrected(np.array(of), baselines)  # (languages, K, R, C, M, 4)
            for name, own in zip(family, corrected, strict=True):
                found |= {(name, one): own[..., number, :] for number, one in enumerate(measures)}
    return Tests(baselines, group.rates, losses, replicates, found)


def _with_losses(scores: NDArray[np.float64], losses: Sequence[float]) -> NDArray[np.float64]:
    """(…, K, M) scores at all rates, and behind them what is lost from clean to each of the last."""
    rates = scores.shape[-2]
    return np.concatenate([scores, scores[..., :1, :] - scores[..., rates - len(losses) :, :]], axis=-2)


def _tested(
    columns: NDArray[np.float64], trainings: Sequence[NDArray[np.float64] | None], baselines: Sequence[int],
    group: Group, name: str, replicates: int,
) -> NDArray[np.float64]:  # fmt: skip
    """(K, R, C, M, 4) of the (B, R, C, M) scores in one language; p is not yet corrected.

    Between rows that have (B, S, C, M) scores of trainings, interval and p speak of other trainings.
    """
    rows = group.of(name)
    clusters = [group.clusters[i] for i in rows]
    flat = columns[rows].reshape(len(rows), columns.shape[1], -1)
    pairs = every_pair(flat, baselines, clusters, replicates, f"{group.benchmark}|{name}")
    of = [None if own is None else own[rows].reshape(len(rows), own.shape[1], -1) for own in trainings]
    pairs = pairs_over_trainings(pairs, of, baselines, clusters)
    return np.stack(pairs, axis=3).reshape(len(baselines), *columns.shape[1:], 4)


def _corrected(found: NDArray[np.float64], baselines: Sequence[int]) -> NDArray[np.float64]:
    """(languages, K, R, C, M, 4): p corrected, for each baseline, column and measure over rows and languages (Holm)."""
    made = found.copy()
    for place, baseline in enumerate(baselines):
        made[:, place, baseline, :, :, P] = np.nan  # with itself
        for column, measure in np.ndindex(found.shape[3:5]):
            p = made[:, place, :, column, measure, P]
            known = ~np.isnan(p)
            p[known] = adjusted(list(p[known]), Correction.holm)
    return made
