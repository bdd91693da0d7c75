"""The table at the end of a run or a sweep: one row a run, one column a rate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from typoglot.report.mixes import CHOSEN, chosen, mix_label, shown
from typoglot.results import MACRO, POOLED, headline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typoglot.results import Point


def summary_table(runs: Mapping[str, Sequence[Point]], measure: str, *, languages: bool) -> Table:
    """The measure at each typo rate in percent, with its 95 % interval; draws are averaged, interval ends as well.

    Of a run with generated queries, the plain passages and a few mixtures are shown; `surface_table` has the rest.

    Args:
        runs: points by the run's label.
        measure: shown; all others are in points.jsonl.
        languages: a row for each language too, or the pooled row alone.
    """
    rows = _rows(runs, measure, languages=languages)
    rates = sorted({rate for cells in rows.values() for rate in cells})
    # What is the same in every row is said once, above the table.
    varying = [
        i for i, name in enumerate(_NAMES) if name in ("run", "language", "n") or len({row[i] for row in rows}) > 1
    ]
    same = ", ".join(
        f"{name} {next(iter(rows))[i]}" for i, name in enumerate(_NAMES) if i not in varying and next(iter(rows))[i]
    )
    table = Table(
        title=escape(f"{measure} in % by typo rate, with 95 % intervals ({same})"), title_justify="left",
        title_style="bold",
    )  # fmt: skip
    for i in varying:
        table.add_column(_NAMES[i], justify="right" if _NAMES[i] == "n" else "left", no_wrap=_NAMES[i] != "run")
    for rate in rates:
        table.add_column(f"{rate:g}", justify="right")
    for key, cells in rows.items():
        last = languages and key[-2] == headline(runs[key[0]])
        texts = [*(key[i] for i in varying), *(_cell(cells.get(rate, ())) for rate in rates)]
        table.add_row(*map(escape, texts), style="bold" if last else "", end_section=last)
    if chosen(runs):
        table.caption = f"Mixed in: {CHOSEN}."
    return table


_NAMES = ("run", "benchmark", "method", "typos", "rate counts", "xqg", "mixed in", "language", "n")


def _rows(
    runs: Mapping[str, Sequence[Point]], measure: str, *, languages: bool
) -> dict[tuple[str, ...], dict[float, list[Point]]]:
    """The points of each row, named by _NAMES, by rate."""
    rows: dict[tuple[str, ...], dict[float, list[Point]]] = {}
    for label, points in runs.items():
        for point in shown(points, measure):
            if point.measure == measure and (languages or point.language in (POOLED, MACRO)):
                key = (
                    label, point.benchmark, point.method, point.profile, point.mode, point.xqg, mix_label(point),
                    point.language, str(point.n),
                )  # fmt: skip
                rows.setdefault(key, {}).setdefault(point.rate, []).append(point)
    return rows


def surface_table(points: Sequence[Point], measure: str) -> Table | None:
    """The measure over all languages by count and α, clean and at the highest typo rate, in percent.

    None where there is no surface to show.
    """
    pooled = [point for point in points if (point.language, point.measure) == (headline(points), measure)]
    alphas = sorted({point.alpha for point in pooled if point.xqg_count})
    if len(alphas) < 2:
        return None
    rates = sorted({point.rate for point in pooled})
    title = escape(f"{measure} in % over all languages by generated queries and α ({pooled[0].xqg})")
    table = Table("typo rate", "queries", *(f"{alpha:g}" for alpha in alphas), title=title, title_justify="left")
    for rate in dict.fromkeys([rates[0], rates[-1]]):
        for count in sorted({point.xqg_count for point in pooled}):
            at = [point for point in pooled if (point.rate, point.xqg_count) == (rate, count)]
            cells = ([point for point in at if point.alpha == alpha or not count] for alpha in alphas)
            texts = [f"{100 * sum(point.value for point in cell) / len(cell):.1f}" for cell in cells]
            table.add_row(f"{rate:g}", str(count), *texts)
        table.add_section()
    return table


def _cell(points: Sequence[Point]) -> str:
    if not points:
        return "–"
    value, low, high = (
        round(100 * sum(getattr(p, name) for p in points) / len(points), 4) for name in ("value", "low", "high")
    )  # 0.2875 is 28.8 %, not 28.7
    return f"{value:.1f}" if math.isnan(low) else f"{value:.1f} [{low:.0f}–{high:.0f}]"
