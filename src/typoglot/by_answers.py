"""A run that was judged by answers to what its table cannot show: types of answers, strict scores, random orders.

Reads the files that a run leaves; knows no models and no passages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from rich.table import Table

from typoglot import results
from typoglot.measures import intervals
from typoglot.results import POOLED, headline, read_floors, read_points

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from typoglot.measures import Interval

REPLICATES = 2000  # behind each interval


def floor_sentence(folder: Path, measure: str) -> str | None:
    """What random orders of the passages score; None where passages were judged.

    Raises:
        DataError: a file of the run is damaged.
    """
    floors = read_floors(folder)
    language = headline(read_points(folder / "points.jsonl"))
    floor = floors.get((measure, language, ""))
    if floor is None:
        return None
    how = "exactly" if floor["exact"] else "estimated by random samples, with the 95 % interval"
    return f"Floor: random orders of the {floor['passages']:,} passages score {_percent(floor)} {measure} ({how})."


def strict_sentence(folder: Path, measure: str) -> str | None:
    """How far the strict score is from the official one; None where there is none, or where they agree.

    Raises:
        DataError: a file of the run is damaged.
    """
    points = read_points(folder / "points.jsonl")
    language = headline(points)
    values = {
        name: {
            (point.rate, point.draw, point.xqg_count, point.alpha): point.value
            for point in points
            if (point.measure, point.language) == (name, language)
        }
        for name in (measure, f"{measure}-strict")
    }
    official, strict = values.values()
    if not strict or official == strict:
        return None
    apart = sorted({f"{100 * (strict[key] - official[key]):+.2f}" for key in strict if key in official}, key=float)
    told = apart[0] if len(apart) == 1 else f"{apart[0]} to {apart[-1]}"
    return f"Strictly, token by token, {measure} differs by {told} points ({measure}-strict; docs/xor_tydi.md)."


def types_table(folder: Path, measure: str) -> Table | None:
    """The measure by type of answer and typo rate in percent, with 95 % intervals; draws are averaged by query.

    None where the run knows no types. Rankings with generated queries are left out.

    Raises:
        DataError: the run has no scores of the measure, or a file of it is damaged.
    """
    frame = _per_query(folder, measure)
    if "answer_type" not in frame.columns:
        return None
    rates = sorted(frame["rate"].unique().to_list())
    floors = read_floors(folder)
    title = f"{measure} in % by type of answer and typo rate, all languages, with 95 % intervals"
    table = Table("answer", title=title, title_justify="left", title_style="bold")
    for heading in ("questions", "n", "random order", *(f"{rate:g}" for rate in rates)):
        table.add_column(heading, justify="right")
    for kind in [*sorted(frame["answer_type"].unique().to_list()), ""]:
        own = frame.filter(pl.col("answer_type") == kind) if kind else frame
        found = _at_rates(own, rates, f"{folder.name}|{kind}")
        numbers = (f"{own['parallel_id'].n_unique():,}", f"{own['query'].n_unique():,}")
        floor = floors.get((measure, POOLED, kind))
        texts = (f"{100 * one.value:.1f} [{100 * one.low:.0f}–{100 * one.high:.0f}]" for one in found)
        table.add_row(kind or "all", *numbers, _percent(floor) if floor else "–", *texts, style="" if kind else "bold")
    if floors and not all(floor["exact"] for floor in floors.values() if floor["measure"] == measure):
        table.caption = "Random order: estimated by random samples of the passages."
    return table


def _per_query(folder: Path, measure: str) -> pl.DataFrame:
    """The scores of plain passages as `score`."""
    frame = results.read_per_query(folder, measure)
    return frame.filter(pl.col("xqg_count") == 0).with_columns(score=pl.col(measure))


def _at_rates(frame: pl.DataFrame, rates: list[float], name: str) -> list[Interval]:
    """The mean at each rate, over queries; questions are resampled with all their translations."""
    wide = frame.pivot("rate", index=["query", "parallel_id"], values="score", aggregate_function="mean")
    return intervals(wide.select(map(str, rates)).to_numpy(), wide["parallel_id"].to_list(), REPLICATES, name)


def _percent(floor: Mapping[str, Any]) -> str:
    value, low, high = (100 * floor[key] for key in ("value", "low", "high"))
    return f"{value:.1f} %" if floor["exact"] else f"{value:.1f} % [{low:.1f}–{high:.1f}]"
