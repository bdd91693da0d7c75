"""The table at the end of a run or a sweep: one row a run, one column a rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from typoglot.results import POOLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typoglot.results import Point


def summary_table(runs: Mapping[str, Sequence[Point]], measure: str, *, languages: bool) -> Table:
    """The measure at each typo rate in percent, with its 95 % interval; draws are averaged, interval ends as well.

    Args:
        runs: points by the run's label.
        measure: shown; all others are in points.jsonl.
        languages: a row for each language too, or the pooled row alone.
    """
    rows: dict[tuple[str, ...], dict[float, list[Point]]] = {}
    for label, points in runs.items():
        for point in points:
            if point.measure == measure and (languages or point.language == POOLED):
                key: tuple[str, ...] = (
                    label,
                    point.benchmark,
                    point.method,
                    point.profile,
                    point.mode,
                    point.language,
                    str(point.n),
                )
                rows.setdefault(key, {}).setdefault(point.rate, []).append(point)
    rates = sorted({rate for cells in rows.values() for rate in cells})
    names = ("run", "benchmark", "method", "typos", "rate counts", "language", "n")
    # What is the same in every row is said once, above the table.
    varying = [
        i for i, name in enumerate(names) if name in ("run", "language", "n") or len({row[i] for row in rows}) > 1
    ]
    same = ", ".join(f"{name} {next(iter(rows))[i]}" for i, name in enumerate(names) if i not in varying)
    table = Table(
        title=f"{measure} in % by typo rate, with 95 % intervals ({same})", title_justify="left", title_style="bold"
    )
    for i in varying:
        table.add_column(names[i], justify="right" if names[i] == "n" else "left", no_wrap=names[i] != "run")
    for rate in rates:
        table.add_column(f"{rate:g}", justify="right")
    for key, cells in rows.items():
        last = languages and key[4] == POOLED
        texts = [*(key[i] for i in varying), *(_cell(cells.get(rate, ())) for rate in rates)]
        table.add_row(*texts, style="bold" if last else "", end_section=last)
    return table


def _cell(points: Sequence[Point]) -> str:
    if not points:
        return "–"
    value, low, high = (100 * sum(getattr(p, name) for p in points) / len(points) for name in ("value", "low", "high"))
    return f"{value:.1f} [{low:.0f}–{high:.0f}]"
