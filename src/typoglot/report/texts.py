"""The table of scores as LaTeX (with booktabs) or Markdown, for a paper or a thread. Knows groups and tests."""

from __future__ import annotations

import math
import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from typoglot.privacy import public
from typoglot.report.groups import cells_of_trainings, groups
from typoglot.report.seeds import covered
from typoglot.report.shown import UNITS, baseline_of, language_name
from typoglot.report.significance import P, tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typoglot.report.folders import Gathered
    from typoglot.report.groups import Cell, Group, Row
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
    told = [("Left out", one) for one in gathered.left_out] + [("Not averaged", one) for one in gathered.apart]
    notes = [public(f"{what}: {one.folder}: {one.reason}") for what, one in told]  # before signs are escaped
    return _latex(found, notes) if form is Form.latex else _markdown(found, notes)


def _table(group: Group, wanted: Wanted) -> _Table:
    measure = wanted.measure if wanted.measure in group.measures else group.measures[0]
    baseline, language, rates = baseline_of(group, wanted), group.languages[0], group.rates
    found = tests(group, measure, baseline)
    compared = found.found.get((language, measure))
    several = any(len(row.run.trainings) > 1 for row in group.rows)
    said = covered(row.run for row in group.rows)
    rows = []
    for number, row in enumerate(group.rows):
        cells = [_cell(row.cells.get((language, measure, rate))) for rate in rates]
        cells += [_ends(row, (language, measure, rates[-1]))] if several else []
        if compared is not None:
            place, last = found.baselines.index(baseline), len(rates) - 1
            cells.append("baseline" if number == baseline else _tested(compared[place, number, last]))
        rows.append([row.label, *cells])
    caption = (
        f"{measure} in % on {group.benchmark} ({language_name(language).lower()}, {len(group.queries):,} queries) with "
        f"95 % intervals; the rate is the {UNITS[group.mode]}."
    )
    if several:
        caption += f" Runs: the lowest and the highest seed at rate {rates[-1]:g}. {said.intervals}"
    against = [f"runs at {rates[-1]:g}"] if several else []
    if compared is not None:
        others = len(group.rows) - 1
        family = "one test" if others == 1 else f"Holm-corrected for {others} tests"
        caption += (
            f" Δ: difference to {group.rows[baseline].label} at rate {rates[-1]:g} in points; *: p < {CLEAR}, "
            f"{said.test.removeprefix('the ')}, {family}."
        )
        caption += f" {said.trainings}" if several else ""
        against += [f"Δ at {rates[-1]:g}"]
    return _Table(caption, ["run", *(f"{rate:g}" if rate else "clean" for rate in rates), *against], rows)


def _cell(cell: tuple[float, float, float] | None) -> str:
    if cell is None:
        return "–"
    value, low, high = (f"{round(100 * number, 4):.1f}" for number in cell)
    return value if math.isnan(cell[1]) else f"{value} [{low}, {high}]"


def _ends(row: Row, cell: Cell) -> str:
    """The lowest and the highest value of a row's trainings."""
    values = [own[cell][0] for own in cells_of_trainings(row) if cell in own]
    if len(row.run.trainings) == 1 or not values:
        return "–"
    return "–".join(f"{round(100 * end(values), 4):.1f}" for end in (min, max))


def _tested(found: Sequence[float]) -> str:
    value, low, high = (f"{round(100 * one, 4):+.1f}".replace("-", "−") for one in found[:P])
    between = "" if math.isnan(found[1]) else f" [{low}, {high}]"
    return "–" if math.isnan(found[P]) else f"{value}{between}{'*' if found[P] < CLEAR else ''}"


def _markdown(tables: Sequence[_Table], notes: Sequence[str]) -> str:
    lines = []
    for table in tables:
        lines += [_md(table.caption), "", _md_row(table.head), "|---" + "|---:" * (len(table.head) - 1) + "|"]
        lines += [*map(_md_row, table.rows), ""]
    lines += map(_md, notes)
    return "\n".join(lines).rstrip() + "\n"


def _md_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_md, cells))} |"


def _md(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", " ".join(text.split()))


def _latex(tables: Sequence[_Table], notes: Sequence[str]) -> str:
    lines = ["% Needs \\usepackage{booktabs}."]
    for table in tables:
        columns = "l" + "r" * (len(table.head) - 1)
        lines += [
            r"\begin{table}", r"\centering", rf"\caption{{{_tex(table.caption)}}}", rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule", _tex_row(table.head), r"\midrule", *map(_tex_row, table.rows), r"\bottomrule",
            r"\end{tabular}", r"\end{table}",
        ]  # fmt: skip
    lines += [f"% {' '.join(one.split())}" for one in notes]
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
