"""Runs to groups that were asked the same queries: only within one may curves share an axis and systems be tested."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from typoglot.report import mixes
from typoglot.report.labels import labels, seeds
from typoglot.results import MACRO, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from typoglot.report.folders import Run
    from typoglot.results import Point

Cell = tuple[str, str, float]
"""Language, measure, rate."""


@dataclass(frozen=True)
class Row:
    """What has one curve: a run under one mixture of generated queries. `cells` are means over draws of typos."""

    run: Run
    name: str  # of the run
    label: str  # with its mixture
    count: int
    alpha: float
    cells: Mapping[Cell, tuple[float, float, float]]


@dataclass(frozen=True)
class Group:
    """Rows that were asked the same queries, at rates that count the same thing."""

    benchmark: str
    mode: str
    queries: list[str]
    spoken: list[str]  # the language of each query
    clusters: list[str]  # its question
    rows: list[Row]

    @cached_property
    def languages(self) -> list[str]:
        """All together first, if there are several; then the mean of their means, where runs have it."""
        names = sorted(set(self.spoken))
        macro = [MACRO] if any(language == MACRO for row in self.rows for language, *_ in row.cells) else []
        return [POOLED, *macro, *names] if len(names) > 1 else names

    @cached_property
    def measures(self) -> list[str]:
        """Those of any row, in the order of the runs."""
        return list(dict.fromkeys(measure for row in self.rows for _, measure, _ in row.cells))

    @cached_property
    def rates(self) -> list[float]:
        """Those of any row, rising."""
        return sorted({rate for row in self.rows for _, _, rate in row.cells})

    def of(self, language: str) -> list[int]:
        """Where the queries of a language stand."""
        return [i for i, own in enumerate(self.spoken) if language in (own, POOLED, MACRO)]

    def scores(self, measures: Sequence[str]) -> NDArray[np.float64]:
        """(B, R, K, M) the mean score of each query over draws; nan where a row has not got the rate or measure."""
        return np.stack([self._scores(row.run, row, measures) for row in self.rows], axis=1)

    def scores_of_trainings(self, row: Row, measures: Sequence[str]) -> NDArray[np.float64]:
        """(B, S, K, M) the same for each of the S trainings of a row."""
        return np.stack([self._scores(run, row, measures) for run in row.run.trainings], axis=1)

    def _scores(self, run: Run, row: Row, measures: Sequence[str]) -> NDArray[np.float64]:
        found = np.full((len(self.queries), len(self.rates), len(measures)), np.nan)
        there = [measure for measure in measures if measure in run.queries.columns]
        rates, values = query_means(mixed(run.queries, row.count, row.alpha), there)
        at = np.ix_([self.rates.index(rate) for rate in rates], [measures.index(one) for one in there])
        found[:, at[0], at[1]] = values
        return found


def query_means(frame: pl.DataFrame, measures: Sequence[str]) -> tuple[list[float], NDArray[np.float64]]:
    """The rates of a per-query table, and (B, K, M) each query's scores at them, means over draws, in order of ids."""
    import polars as pl

    means = frame.group_by("query", "rate").agg(pl.col(measures).mean()).sort("query", "rate")
    rates = sorted(frame["rate"].unique())  # each query stands at each of them
    return rates, means.select(measures).to_numpy().reshape(-1, len(rates), len(measures))


def mixed(frame: pl.DataFrame, count: int, alpha: float) -> pl.DataFrame:
    """The rows of a per-query table under one mixture."""
    import polars as pl

    return frame.filter((pl.col("xqg_count") == count) & ((pl.col("alpha") == alpha) | (count == 0)))


def own_queries(row: Row) -> pl.DataFrame:
    """The per-query table of a row."""
    return mixed(row.run.queries, row.count, row.alpha)


def groups(runs: Sequence[Run]) -> list[Group]:
    """The groups of runs, the largest first."""
    asked: dict[tuple[str, str, frozenset[tuple[str, ...]]], list[Run]] = {}
    for run in runs:
        frame = run.queries
        queries = frozenset(frame.select("query", "language", "parallel_id").unique().iter_rows())
        asked.setdefault((str(frame["benchmark"][0]), str(frame["mode"][0]), queries), []).append(run)
    found = []
    for (benchmark, mode, queries), own in asked.items():
        names, spoken, clusters = (list(column) for column in zip(*sorted(queries), strict=True))
        rows = [row for label, run in labelled_runs(own).items() for row in _rows(label, run)]
        found.append(Group(benchmark, mode, names, spoken, clusters, rows))
    return sorted(found, key=lambda group: -len({row.name for row in group.rows}))


def cells_of_trainings(row: Row) -> list[dict[Cell, tuple[float, float, float]]]:
    """The cells of each of a row's trainings."""
    mix = (row.count, row.alpha)
    return [
        means([point for point in run.points if (point.xqg_count, point.alpha) == mix]) for run in row.run.trainings
    ]


def labelled_runs(runs: Sequence[Run]) -> dict[str, Run]:
    """The runs by what tells them apart, and by their seeds where they are systems."""
    told = [seeds([one.facts.get("seed", "?") for one in run.system.runs]) if run.system else "" for run in runs]
    places = [own or run.folder.name for own, run in zip(told, runs, strict=True)]
    names = labels(places, [run.settings for run in runs])
    names = [name if own in name else f"{name} · {own}" for name, own in zip(names, told, strict=True)]
    return dict(zip(names, runs, strict=True))


def _rows(label: str, run: Run) -> Iterator[Row]:
    shown: dict[tuple[int, float], list[Point]] = {}
    for point in mixes.shown(run.points, run.points[0].measure):
        shown.setdefault((point.xqg_count, point.alpha), []).append(point)
    for (count, alpha), points in shown.items():
        mixed = mixes.mix_label(points[0])
        yield Row(run, label, " · ".join(filter(None, (label, mixed))), count, alpha, means(points))


def means(points: Sequence[Point]) -> dict[Cell, tuple[float, float, float]]:
    """Value and ends of the interval by language, measure and rate: means over draws."""
    cells: dict[Cell, list[Point]] = {}
    for point in points:
        cells.setdefault((point.language, point.measure, point.rate), []).append(point)
    return {
        cell: (
            math.fsum(point.value for point in own) / len(own), math.fsum(point.low for point in own) / len(own),
            math.fsum(point.high for point in own) / len(own),
        )
        for cell, own in cells.items()
    }  # fmt: skip
