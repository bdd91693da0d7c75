"""Points to what a person reads: a table in the terminal, a page with curves. Knows points only."""

from typoglot.report.curves import write_curves
from typoglot.report.data import described, described_whole, held, help_counts
from typoglot.report.differences import comparison_tables
from typoglot.report.reproduced import Found, reproduced
from typoglot.report.stored import stored
from typoglot.report.table import summary_table, surface_table

__all__ = [
    "Found",
    "comparison_tables",
    "described",
    "described_whole",
    "held",
    "help_counts",
    "reproduced",
    "stored",
    "summary_table",
    "surface_table",
    "write_curves",
]
