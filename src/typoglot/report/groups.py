"""Runs to groups that were asked the same queries: only within one may curves share an axis and systems be tested."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from typoglot.report import mixes
from typoglot.report.labels import labels
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
        import polars as pl

        found = np.full((len(self.queries), len(self.rows), len(self.rates), len(measures)), np.nan)
        for number, row in enumerate(self.rows):
            there = [measure for measure in measures if measure in row.run.queries.columns]
            frame = (
                own_queries(row).group_by("query", "rate").agg(pl.col(there).mean()).sort("query", "rate")
            )  # each query stands at each rate
            rates = sorted(frame["rate"].unique())
            values = frame.select(there).to_numpy().reshape(len(self.queries), len(rates), len(there))
            at = np.ix_([self.rates.index(rate) for rate in rates], [measures.index(one) for one in there])
            found[:, number][:, at[0], at[1]] = values
        return found


def own_queries(row: Row) -> pl.DataFrame:
    """The per-query table of a row."""
    import polars as pl

    frame = row.run.queries
    mixed = (pl.col("xqg_count") == row.count) & ((pl.col("alpha") == row.alpha) | (row.count == 0))
    return frame.filter(mixed)


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


def labelled_runs(runs: Sequence[Run]) -> dict[str, Run]:
    """The runs by what tells them apart."""
    names = labels([run.folder.name for run in runs], [run.settings for run in runs])
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
