"""Points as the curves, surfaces and tables that trackers are told. Pure: knows no tracker."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from typoglot.records import Condition
from typoglot.results import POOLED, file_stem, read_per_query, read_queries

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from pathlib import Path

    from typoglot.results import Point


class Table(NamedTuple):
    """Rows under named columns."""

    columns: list[str]
    rows: list[list[Any]]


def curve_rows(points: Sequence[Point]) -> dict[float, dict[str, float]]:
    """By rate: each `curve/language/measure`, averaged over draws. Rate 0, where it was measured, comes first.

    With n generated queries and weight α the name ends in `/n5-alpha0.01`; of these only all languages together have
    a curve, since a surface of 5 counts × 11 α in 12 languages would bury the rest under thousands.
    """
    kept = [point for point in points if not point.xqg_count or point.language == POOLED]
    return _rows(
        (point.rate, f"curve/{point.language}/{point.measure}{_mixture(point)}", point.value) for point in kept
    )


def surface_rows(points: Sequence[Point]) -> dict[float, dict[str, float]]:
    """By α: each `surface/language/measure/rateR/nN`, averaged over draws; nothing where there is one α.

    One series for each count of generated queries and typo rate. The first measure is told of each language, the
    others of all together.
    """
    mixed = [point for point in points if point.xqg_count]
    if len({point.alpha for point in mixed}) < 2:
        return {}
    main = points[0].measure
    kept = [point for point in mixed if point.language == POOLED or point.measure == main]
    return _rows(
        (
            point.alpha,
            f"surface/{point.language}/{point.measure}/rate{point.rate:g}/n{point.xqg_count}",
            point.value,
        )
        for point in kept
    )


def language_table(points: Sequence[Point]) -> Table:
    """One row for each language, measure and mixture; a column for each rate, and what the highest loses."""
    rates = sorted({point.rate for point in points})
    found = _means(
        ((point.language, point.measure, point.xqg_count, point.alpha, point.n), point.rate, point.value)
        for point in points
    )
    rows = []
    for keys, values in found.items():
        own = [values.get(rate) for rate in rates]
        first, last = own[0], own[-1]
        rows.append([*keys, *own, None if first is None or last is None else first - last])
    columns = ["language", "measure", "xqg_count", "alpha", "queries", *(f"rate {rate:g}" for rate in rates), "lost"]
    return Table(columns, rows)


def sample_table(folder: Path, points: Sequence[Point], count: int) -> Table:
    """Some misspelt queries of the highest rate, languages in turn, with their score before and after.

    Args:
        folder: of the run.
        points: of the run; the first one's measure is shown.
        count: at most so many; of each language the first ones that typos changed.
    """
    worst = max(points, key=lambda point: (point.rate, -point.draw))
    named = Condition(**{name: getattr(worst, name) for name in Condition._fields})
    noisy = named._replace(xqg_count=0, alpha=0.0)
    measure = points[0].measure
    scores = _scores(folder, measure)
    by_language: dict[str, list[list[Any]]] = defaultdict(list)
    for row in read_queries(folder / "queries" / f"{file_stem(noisy)}.jsonl.gz"):
        if row["edits"]:
            slips = ", ".join(f"{edit['before'] or '∅'}→{edit['after'] or '∅'}" for edit in row["edits"])
            after = scores.get((row["id"], noisy.rate, noisy.draw))
            shown = [row["language"], row["clean"], row["text"], slips, scores.get((row["id"], 0.0, 0)), after]
            by_language[row["language"]].append(shown)
    turns = max(map(len, by_language.values()), default=0)
    rows = [own[turn] for turn in range(turns) for own in by_language.values() if turn < len(own)]
    columns = ["language", "clean", "misspelt", "slips", f"{measure} clean", f"{measure} at rate {noisy.rate:g}"]
    return Table(columns, rows[:count])


def lines(points: Sequence[Point]) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """By chart its lines, each a list of (x, y).

    `robustness/measure` has each language over the typo rate, without generated queries where something has none;
    `count_x_alpha/measure` has each count over α, of all languages at the highest rate.
    """
    plain = [point for point in points if not point.xqg_count] or list(points)
    charts: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for point_measure in dict.fromkeys(point.measure for point in points):
        own = [point for point in plain if point.measure == point_measure]
        curves = _means(((point.language + _mixture(point),), point.rate, point.value) for point in own)
        charts[f"robustness/{point_measure}"] = {str(name): sorted(line.items()) for (name,), line in curves.items()}
    ending = f"/rate{max(point.rate for point in points):g}/n"
    for alpha, row in surface_rows(points).items():
        for name, value in row.items():
            _, language, measure, _, count = name.split("/")
            if language == POOLED and ending in name:
                charts.setdefault(f"count_x_alpha/{measure}", {}).setdefault(count, []).append((alpha, value))
    return charts


def _scores(folder: Path, measure: str) -> dict[tuple[str, float, int], float]:
    """By query, rate and draw: its score, without generated queries where something has none."""
    frame = read_per_query(folder, measure, ("query", "rate", "draw", "xqg_count"))
    least = frame.filter(pl.col("xqg_count") == pl.col("xqg_count").min())
    return {
        (query, rate, draw): score
        for query, rate, draw, score in least.select("query", "rate", "draw", measure).iter_rows()
    }


def _mixture(point: Point) -> str:
    return f"/n{point.xqg_count}-alpha{point.alpha:g}" if point.xqg_count else ""


def _rows(named: Iterable[tuple[float, str, float]]) -> dict[float, dict[str, float]]:
    """By place on the axis: each name's mean."""
    found = _means(((at,), name, value) for at, name, value in named)
    return {at: row for (at,), row in sorted(found.items())}


def _means(values: Iterable[tuple[tuple[Any, ...], Any, float]]) -> Mapping[tuple[Any, ...], dict[Any, float]]:
    """By key and column: the mean of the values."""
    sums: dict[Hashable, dict[Any, list[float]]] = defaultdict(lambda: defaultdict(list))
    for key, column, value in values:
        sums[key][column].append(value)
    return {key: {column: sum(own) / len(own) for column, own in row.items()} for key, row in sums.items()}  # type: ignore[misc]
