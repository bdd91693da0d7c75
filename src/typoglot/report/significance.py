"""A group of runs to tests of every row against every baseline. Knows scores; the formulas live in `measures`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from typoglot.measures import Correction, adjusted, every_pair, kinds_of, pairs_over_trainings, parts_of
from typoglot.report.seeds import REPLICATES, covers
from typoglot.results import MACRO, POOLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from typoglot.measures import Kinds, Parts
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
        families = [group.languages[:1], *([single] if single and count <= FEW else [])]
        trained = _trained(group, measures, losses, baselines, [name for family in families for name in family])
        for family in families:
            of = [_tested(columns, trained[name], baselines, group, name, replicates) for name in family]
            corrected = _corrected(np.array(of), baselines)  # (languages, K, R, C, M, 4)
            for name, own in zip(family, corrected, strict=True):
                found |= {(name, one): own[..., number, :] for number, one in enumerate(measures)}
    return Tests(baselines, group.rates, losses, replicates, found)


def _with_losses(scores: NDArray[np.float64], losses: Sequence[float]) -> NDArray[np.float64]:
    """(…, K, M) scores at all rates, and behind them what is lost from clean to each of the last."""
    rates = scores.shape[-2]
    return np.concatenate([scores, scores[..., :1, :] - scores[..., rates - len(losses) :, :]], axis=-2)


class _Trained(NamedTuple):
    """What `pairs_over_trainings` must know of the rows in one language: each alone, and two by two of one system."""

    alone: list[Parts | None]
    together: dict[tuple[int, int], Kinds]


def _trained(
    group: Group, measures: Sequence[str], losses: Sequence[float], baselines: Sequence[int], names: Sequence[str]
) -> dict[str, _Trained]:
    """By language. One system at a time: the scores of all trainings of all rows would fill the memory."""
    found = {name: _Trained([None] * len(group.rows), {}) for name in names}
    systems: dict[int, list[int]] = {}
    for place, row in enumerate(group.rows):
        if covers(row.run):
            systems.setdefault(id(row.run), []).append(place)
    for places in systems.values():
        scores = {
            place: _with_losses(group.scores_of_trainings(group.rows[place], measures), losses) for place in places
        }
        pairs = [pair for pair in combinations(places, 2) if not set(pair).isdisjoint(baselines)]
        for name, of in found.items():
            _add(of, scores, pairs, group, name)
        scores.clear()  # before those of the next are read
    return found


def _add(
    trained: _Trained, scores: Mapping[int, NDArray[np.float64]], pairs: Sequence[tuple[int, int]], group: Group,
    name: str,
) -> None:  # fmt: skip
    """Adds one system's rows and pairs, of whose trainings these are the (B, S, C, M) scores by the row's place."""
    rows = group.of(name)
    clusters = [group.clusters[i] for i in rows]
    own = {place: every[rows].reshape(len(rows), every.shape[1], -1) for place, every in scores.items()}
    for place, flat in own.items():
        trained.alone[place] = parts_of(flat, clusters)
    for one, other in pairs:
        trained.together[one, other] = kinds_of(own[one] - own[other], clusters)


def _tested(
    columns: NDArray[np.float64], trained: _Trained, baselines: Sequence[int], group: Group, name: str, replicates: int,
) -> NDArray[np.float64]:  # fmt: skip
    """(K, R, C, M, 4) of the (B, R, C, M) scores in one language; p is not yet corrected.

    Between rows of enough trainings interval and p speak of other trainings.
    """
    rows = group.of(name)
    clusters = [group.clusters[i] for i in rows]
    flat = columns[rows].reshape(len(rows), columns.shape[1], -1)
    pairs = every_pair(flat, baselines, clusters, replicates, f"{group.benchmark}|{name}")
    pairs = pairs_over_trainings(pairs, trained.alone, trained.together, baselines)
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
