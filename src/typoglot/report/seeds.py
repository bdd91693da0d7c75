"""Runs that differ in their seed alone to one whose scores are their means: as `typoglot compare --seeds` has it.

Knows gathered runs; the formulas live in `measures`. What is made here is read by everything that reads a run.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from typoglot.confounds import but_for_seed, by_seed, other_network
from typoglot.measures import MANY, intervals, macro_intervals, macros_over_trainings, means_over_trainings
from typoglot.report import mixes
from typoglot.report.folders import PIECES, LeftOut, System, read_queries
from typoglot.report.groups import mixed, query_means
from typoglot.results import MACRO, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from typoglot.measures import Interval
    from typoglot.report.folders import Gathered, Run
    from typoglot.results import Point

REPLICATES = 10_000  # of intervals over questions alone, as `typoglot compare` has them
_ASKED = ("typos.rates", "typos.draws", "benchmark.languages", "benchmark.limit")
_Place = tuple[int, float, str, str, float]
"""Count, α, language, measure, rate."""


class Covered(NamedTuple):
    """What intervals, bands and tests of a page speak of, in words."""

    intervals: str
    bands: str
    test: str
    trainings: str


def averaged(gathered: Gathered) -> Gathered:
    """Gathered runs with each system of several seeds in the place of its runs, as far as they were asked the same.

    Runs that were not are named in `apart`. Where no two runs can be averaged, the runs stay as they are.

    Raises:
        DataError: a per-query table, read once more for other mixtures, is not as it was.
    """
    systems = _systems(gathered.runs)
    apart = [one for family in _families(systems) for one in _apart(family)]
    if all(len(runs) == 1 for runs in systems):
        return gathered._replace(apart=apart)
    return gathered._replace(
        runs=[_mean(runs, key) for runs, key in zip(systems, _keys(systems), strict=True)], apart=apart
    )


def covers(run: Run) -> bool:
    """Whether a run's intervals speak of other trainings: whether it is the mean of MANY or more."""
    return len(run.trainings) >= MANY


def covered(runs: Iterable[Run]) -> Covered:
    """The words for these runs; without systems of several seeds those of single runs."""
    most = max(len(run.trainings) for run in runs)
    plain = Covered(
        "Intervals: bootstrap over questions, each value for itself.",
        "95 % bootstrap intervals over questions, each curve for itself",
        "the paired randomisation test over questions", "Tests speak of these very runs, not of other trainings.",
    )  # fmt: skip
    if most == 1:
        return plain
    means = "Rows of several seeds are means over their runs, each query’s scores averaged first."
    if most < MANY:
        one = "Intervals and tests speak of these very runs, not of a training that was not done: that takes"
        return plain._replace(intervals=f"{means} {plain.intervals}", trainings=f"{one} {MANY} seeds.")
    return Covered(
        f"{means} Their intervals, from {MANY} seeds on, cover other questions, slips and trainings (t); all other "
        "intervals: bootstrap over questions, each value for itself.",
        f"95 % intervals, each curve for itself: of {MANY} seeds or more over questions and trainings, of others over "
        "questions",
        f"{plain.test}, between rows of {MANY} seeds or more by t over questions and trainings",
        f"Between rows of {MANY} seeds or more interval and p speak of other trainings too; all others speak of these "
        "very runs.",
    )


def seed_notes(gathered: Gathered) -> list[str]:
    """What a terminal must say of runs that were averaged, and of those that were not."""
    found = [f"Not averaged: {one.folder}: {one.reason}" for one in gathered.apart]
    if any(len(run.trainings) > 1 for run in gathered.runs):
        found.append(f"{covered(gathered.runs).intervals} Without --seeds, typoglot report shows each run.")
    return found


def _systems(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs in groups that differ in their seed alone and were asked the same."""
    found: list[list[Run]] = []
    for group in by_seed([run.facts for run in runs]):
        parts: list[list[Run]] = []
        for run in (runs[i] for i in group):
            alike = [part for part in parts if not _unlike(run, part[0])]
            if alike:
                alike[0].append(run)
            else:
                parts.append([run])
        found += parts
    return found


def _unlike(run: Run, other: Run) -> str | None:
    """The first thing in which two runs' conditions are not the same; None where they are."""
    pairs = zip(_conditions(run).items(), _conditions(other).values(), strict=True)
    return next((name for (name, own), its in pairs if own != its), None)


def _conditions(run: Run) -> dict[str, object]:
    frame, points = run.queries, run.points
    return {
        "languages": {point.language for point in points},
        "queries": (
            str(frame["benchmark"][0]), frozenset(frame.select("query", "language", "parallel_id").unique().iter_rows())
        ),
        "typo rates": {(point.mode, point.rate) for point in points},
        "draws of typos": {(point.rate, point.draw) for point in points},
        "generated queries": {(point.xqg, point.xqg_count, point.alpha) for point in points},
        "measures": {point.measure for point in points},
    }  # fmt: skip


def _families(systems: Sequence[list[Run]]) -> Iterable[list[list[Run]]]:
    """Systems that would be one if they had been asked the same and had one network, the largest first."""
    found: dict[tuple[tuple[str, str], ...], list[list[Run]]] = {}
    for runs in systems:
        facts = but_for_seed(runs[0].facts)
        key = tuple(sorted((name, value) for name, value in facts.items() if name not in _ASKED))
        found.setdefault(key, []).append(runs)
    return [sorted(own, key=lambda runs: -len(runs)) for own in found.values()]


def _apart(family: Sequence[list[Run]]) -> list[LeftOut]:
    """Which runs of other seeds are not averaged with the first system, and why.

    Where seeds are the same in both, as in a sweep over languages and seeds, nobody means them to be one.
    """
    first = family[0]
    taken = {run.facts.get("seed") for run in first}
    seeds = ("seed " if len(first) == 1 else "seeds ") + ", ".join(str(run.facts.get("seed")) for run in first)
    return [
        LeftOut(str(run.folder), f"has other {_other(run, first[0])} than the runs of {seeds}")
        for runs in family[1:]
        if taken.isdisjoint(one.facts.get("seed") for one in runs)
        for run in runs
    ]  # fmt: skip


def _other(run: Run, first: Run) -> str:
    """The first thing that keeps a run from being averaged with another."""
    return _unlike(run, first) or other_network(run.facts, first.facts) or "settings"


def _keys(systems: Sequence[list[Run]]) -> list[str]:
    """What the page knows each system by: its settings. Runs that are there twice are two systems of one name."""
    told: dict[str, int] = {}
    found = []
    for runs in systems:
        settings = repr(sorted(but_for_seed(runs[0].facts).items())).encode()
        key = hashlib.blake2b(settings, digest_size=8).hexdigest()
        told[key] = told.get(key, 0) + 1
        found.append(key if told[key] == 1 else f"{key} {told[key]}")
    return found


def _mean(runs: Sequence[Run], key: str) -> Run:
    """The run that a system is shown as."""
    first = runs[0]
    settings = {name: value for name, value in first.settings.items() if name != "seed"}
    if len(runs) == 1:
        return replace(first, settings=settings, system=System(key, (first,)))
    points = _mean_points(runs)
    kept = mixes.shown_under_any(points)
    read = [_with_mixtures(run, kept) for run in runs]
    cells = {place: one for count, alpha in kept for place, one in _cells(read, count, alpha)}
    return replace(
        first, settings=settings, system=System(key, tuple(read)), training=[], queries=_mean_queries(read),
        points=[_with_ends(point, cells.get(_place(point))) for point in points],
    )  # fmt: skip


def _with_mixtures(run: Run, kept: set[tuple[int, float]]) -> Run:
    """The run with the per-query rows of these mixtures; those that it has were chosen by its own scores alone."""
    same = mixes.shown_mixes(run.points) == kept
    return run if same else replace(run, queries=read_queries(run.folder, run.points, kept))


def _place(point: Point) -> _Place:
    return (point.xqg_count, point.alpha, point.language, point.measure, point.rate)


def _mean_points(runs: Sequence[Run]) -> list[Point]:
    """The first run's points with the means of all runs' values; their intervals are not known yet."""
    values: dict[tuple[_Place, int], list[float]] = {}
    for point in (point for run in runs for point in run.points):
        values.setdefault((_place(point), point.draw), []).append(point.value)
    return [
        replace(point, value=math.fsum(own) / len(own), low=math.nan, high=math.nan)
        for point in runs[0].points
        for own in [values[_place(point), point.draw]]
    ]


def _with_ends(point: Point, mean: Interval | None) -> Point:
    """The point with the interval of the mean over draws; as it was where its mixture is not shown."""
    return point if mean is None else replace(point, low=mean.low, high=mean.high)


def _mean_queries(runs: Sequence[Run]) -> pl.DataFrame:
    """One table with the means of the runs' scores of each query, rate, draw and mixture."""
    import polars as pl

    measures = {point.measure for point in runs[0].points}
    names = [name for name in runs[0].queries.columns if all(name in run.queries.columns for run in runs)]
    keys = ["query", "rate", "draw", "xqg_count", "alpha"]
    numbers = [name for name in names if name in measures or name in PIECES]
    others = [name for name in names if name not in {*keys, *numbers}]
    every = pl.concat([run.queries.select(names) for run in runs], how="vertical_relaxed")
    return every.group_by(keys).agg(pl.col(others).first(), pl.col(numbers).mean()).select(names)


def _cells(runs: Sequence[Run], count: int, alpha: float) -> Iterable[tuple[_Place, Interval]]:
    """The mean of each language, measure and rate under one mixture, over draws and runs, with its interval."""
    measures = list(dict.fromkeys(point.measure for point in runs[0].points))
    queries = runs[0].queries.unique("query").sort("query")
    spoken, clusters, name = list(queries["language"]), list(queries["parallel_id"]), str(queries["benchmark"][0])
    read = [query_means(mixed(run.queries, count, alpha), measures) for run in runs]
    rates = read[0][0]
    scores = np.stack([values.reshape(len(queries), -1) for _, values in read], axis=1)  # (B, S, K · M)
    for language in dict.fromkeys(point.language for point in runs[0].points):
        rows = [i for i, own in enumerate(spoken) if language in (own, POOLED, MACRO)]
        found = _intervals(scores[rows], [spoken[i] for i in rows], [clusters[i] for i in rows], language, name)
        places = ((count, alpha, language, measure, rate) for rate in rates for measure in measures)
        yield from zip(places, found, strict=True)


def _intervals(
    scores: NDArray[np.float64], spoken: Sequence[str], clusters: Sequence[str], language: str, name: str
) -> list[Interval]:
    """The means of (B, S, M) scores with their intervals; those of MACRO are means of the languages' means."""
    many = scores.shape[1] >= MANY
    if language != MACRO:
        if many:
            return means_over_trainings(scores, clusters)
        return intervals(scores.mean(axis=1), clusters, REPLICATES, name)
    rows = {own: [i for i, one in enumerate(spoken) if one == own] for own in dict.fromkeys(spoken)}
    questions: Mapping[str, Sequence[str]] = {own: [clusters[i] for i in places] for own, places in rows.items()}
    if many:
        return macros_over_trainings({own: scores[places] for own, places in rows.items()}, questions)
    groups = {own: scores[places].mean(axis=1) for own, places in rows.items()}
    return macro_intervals(groups, questions, REPLICATES, name)
