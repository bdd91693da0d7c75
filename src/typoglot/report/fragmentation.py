"""How tokenizers break up queries, and how that goes with their losses, to tables. Knows the numbers only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.report.differences import empty_table, plain_json
from typoglot.results import POOLED

if TYPE_CHECKING:
    from rich.table import Table

    from typoglot.measures import Interval

NO_CAUSE = (
    "A correlation is no cause: a slip breaks a word into other pieces and takes its meaning away at once, and harder "
    "queries may be broken up more. Only the same network with another tokenizer tells what the pieces do. "
    "Over all languages together, differences between languages are part of it."
)


class Broken(NamedTuple):
    """The queries of one language at one rate as one run's tokenizer reads them; formulas in docs/statistics.md."""

    run: str
    language: str
    rate: float
    n: int  # queries; draws are averaged
    fertility: Interval  # pieces a word
    continued: Interval  # share of words in several pieces
    unknown: Interval  # share of pieces
    token_edits: Interval  # a query
    truncated: Interval  # share of queries that are cut


class Related(NamedTuple):
    """Spearman's correlations between queries: of what slips did to their pieces, with the loss of their score."""

    run: str
    language: str
    n: int
    questions: int
    token_edits: Interval
    token_edits_given: Interval  # between queries with as many misspelt words
    rise: Interval  # of the number of pieces
    rise_given: Interval


class Fragmentation(NamedTuple):
    """All that was found. `rate` is the one at which `related` holds."""

    measure: str
    rate: float
    broken: list[Broken]
    related: list[Related]
    notes: list[str]

    def as_json(self) -> dict[str, Any]:
        """Plain dictionaries and lists; what is not defined is null."""
        found: dict[str, Any] = plain_json(self)
        return found


def fragmentation_tables(found: Fragmentation) -> list[Table]:
    """What tokenizers make of clean and of misspelt queries; then how it goes with the loss."""
    return [_broken(found), *([_related(found)] if found.related else [])]


def _broken(found: Fragmentation) -> Table:
    names = ("pieces a word", "token edits", "split words, %", "unknown, %", "cut queries, %")
    title = f"What tokenizers make of queries: clean → rate {found.rate:g}"
    table = empty_table(title, ("run", "language", "n", *names))
    table.caption = (
        "Words as the typo engine has them; split: in several pieces; unknown: of the pieces; token edits: distance of "
        "the pieces clean → misspelt, a query; cut: longer than the encoder reads."
    )
    rows = {(row.run, row.language, row.rate): row for row in found.broken}
    for (run, language, rate), typed in rows.items():
        if rate != found.rate:
            continue
        clean = rows.get((run, language, 0.0))
        values = [(clean and getattr(clean, name).value, getattr(typed, name).value) for name in _SHARES]
        shares = [f"{_number(before, '.1%')} → {_number(after, '.1%')}" for before, after in values]
        before = _number(clean and clean.fertility.value, ".2f")
        cells = [f"{before} → {_interval(typed.fertility, '.2f')}", _interval(typed.token_edits, ".2f"), *shares]
        table.add_row(run, language, f"{typed.n:,}", *cells, style=_style(language))
    return table


_SHARES = ("continued", "unknown", "truncated")


def _related(found: Fragmentation) -> Table:
    given = "the same, slips alike"
    title = f"Spearman's correlation with the loss of {found.measure} from clean to rate {found.rate:g}"
    table = empty_table(title, ("run", "language", "n", "token edits", given, "rise in pieces", given))
    table.caption = f"95 % intervals over questions. Slips alike: given the number of misspelt words. {NO_CAUSE}"
    for row in found.related:
        numbers = (row.token_edits, row.token_edits_given, row.rise, row.rise_given)
        cells = (_interval(one, "+.2f") for one in numbers)
        table.add_row(row.run, row.language, f"{row.n:,}", *cells, style=_style(row.language))
    return table


def _interval(found: Interval, form: str) -> str:
    if math.isnan(found.value):
        return "–"
    value, low, high = (_number(end, form) for end in found)
    return f"{value} [{low}, {high}]"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None or math.isnan(value) else f"{value:{form}}".replace("-", "−").rstrip("%")


def _style(language: str) -> str:
    return "bold" if language == POOLED else ""
