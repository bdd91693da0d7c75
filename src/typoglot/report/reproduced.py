"""The table of published results beside what came out. Knows values only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence


class Found(NamedTuple):
    """One expected value with what came out, both in percent; `found` is None where it could not be run."""

    row: str
    measure: str
    language: str
    mixed: str
    expected: float
    tolerance: float
    found: float | None
    why_not: str = ""

    @property
    def verdict(self) -> str:
        """`OK`, `off by` how many points, or why it cannot run.

        >>> Found("row", "R@2kt", "macro", "", expected=44.1, tolerance=1.5, found=42.0).verdict
        'off by -2.1'
        """
        if self.found is None:
            return f"cannot run: {self.why_not}"
        apart = self.found - self.expected
        # Values are published with a decimal or two: what is within after rounding is within.
        return "OK" if round(abs(apart), 6) <= self.tolerance else f"off by {apart:+.1f}"


def reproduced(values: Sequence[Found]) -> Table:
    """A row for each value; a result that could not be run is one row."""
    table = Table(title="Published results, in %", title_justify="left", title_style="bold")
    for heading in ("result", "measure", "language", "mixed in"):
        table.add_column(heading, no_wrap=heading != "mixed in")
    for heading in ("published", "here"):
        table.add_column(heading, justify="right")
    table.add_column("verdict")
    told: set[str] = set()
    for one in values:
        if one.found is None:
            if one.row not in told:
                table.add_row(one.row, "", "", "", "", "–", one.verdict)
            told.add(one.row)
            continue
        published = f"{one.expected:.1f} ± {one.tolerance:g}"
        table.add_row(one.row, one.measure, one.language, one.mixed, published, f"{one.found:.1f}", one.verdict)
    return table
