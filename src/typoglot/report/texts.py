"""The table of scores as LaTeX (with booktabs) or Markdown, for a paper or a thread. Knows groups and tests."""

from __future__ import annotations

import math
import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from typoglot.privacy import public
from typoglot.report.groups import groups
from typoglot.report.shown import UNITS, baseline_of, language_name
from typoglot.report.significance import P, tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typoglot.report.folders import Gathered
    from typoglot.report.groups import Group
    from typoglot.report.shown import Wanted

CLEAR = 0.05


class Form(Enum):
    """What `typoglot report` writes."""

    html = "html"
    latex = "latex"
    markdown = "markdown"


class _Table(NamedTuple):
    caption: str
    head: list[str]
    rows: list[list[str]]


def text_tables(gathered: Gathered, wanted: Wanted, form: Form) -> str:
    """A table for each set of queries that runs were asked, with what is left out behind it."""
    found = [_table(group, wanted) for group in groups(gathered.runs)]
    left_out = [public(f"{one.folder}: {one.reason}") for one in gathered.left_out]  # before signs are escaped
    return _latex(found, left_out) if form is Form.latex else _markdown(found, left_out)


def _table(group: Group, wanted: Wanted) -> _Table:
    measure = wanted.measure if wanted.measure in group.measures else group.measures[0]
    baseline, language, rates = baseline_of(group, wanted), group.languages[0], group.rates
    found = tests(group, measure, baseline)
    compared = found.found.get((language, measure))
    rows = []
    for number, row in enumerate(group.rows):
        cells = [_cell(row.cells.get((language, measure, rate))) for rate in rates]
        if compared is not None:
            place, last = found.baselines.index(baseline), len(rates) - 1
            cells.append("baseline" if number == baseline else _tested(compared[place, number, last]))
        rows.append([row.label, *cells])
    caption = (
        f"{measure} in % on {group.benchmark} ({language_name(language).lower()}, {len(group.queries):,} queries) with "
        f"95 % intervals; the rate is the {UNITS[group.mode]}."
    )
    against = []
    if compared is not None:
        caption += (
            f" Δ: difference to {group.rows[baseline].label} at rate {rates[-1]:g} in points; *: p < {CLEAR}, paired "
            f"randomisation test over questions, Holm-corrected for {len(group.rows) - 1} tests."
        )
        against = [f"Δ at {rates[-1]:g}"]
    return _Table(caption, ["run", *(f"{rate:g}" if rate else "clean" for rate in rates), *against], rows)


def _cell(cell: tuple[float, float, float] | None) -> str:
    return "–" if cell is None else "{:.1f} [{:.1f}, {:.1f}]".format(*(round(100 * value, 4) for value in cell))


def _tested(found: Sequence[float]) -> str:
    value, low, high = (f"{round(100 * one, 4):+.1f}".replace("-", "−") for one in found[:P])
    return "–" if math.isnan(found[P]) else f"{value} [{low}, {high}]{'*' if found[P] < CLEAR else ''}"


def _markdown(tables: Sequence[_Table], left_out: Sequence[str]) -> str:
    lines = []
    for table in tables:
        lines += [_md(table.caption), "", _md_row(table.head), "|---" + "|---:" * (len(table.head) - 1) + "|"]
        lines += [*map(_md_row, table.rows), ""]
    lines += [f"Left out: {_md(one)}" for one in left_out]
    return "\n".join(lines).rstrip() + "\n"


def _md_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_md, cells))} |"


def _md(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(text.split()))


def _latex(tables: Sequence[_Table], left_out: Sequence[str]) -> str:
    lines = ["% Needs \\usepackage{booktabs}."]
    for table in tables:
        columns = "l" + "r" * (len(table.head) - 1)
        lines += [
            r"\begin{table}", r"\centering", rf"\caption{{{_tex(table.caption)}}}", rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule", _tex_row(table.head), r"\midrule", *map(_tex_row, table.rows), r"\bottomrule",
            r"\end{tabular}", r"\end{table}",
        ]  # fmt: skip
    lines += [f"% Left out: {' '.join(one.split())}" for one in left_out]
    return "\n".join(lines) + "\n"


def _tex_row(cells: Sequence[str]) -> str:
    first, *others = map(_tex, cells)
    return " & ".join([first, *(re.sub(r" (\[.*\])", r" {\\footnotesize \1}", cell) for cell in others)]) + r" \\"


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in " ".join(text.split()))


_TEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "−": "$-$", "–": "--", "·": r"$\cdot$", "α": r"$\alpha$", "Δ": r"$\Delta$", "“": "``",
    "”": "''", "’": "'", "…": r"\dots{}", "*": "$^{*}$",
}  # fmt: skip
