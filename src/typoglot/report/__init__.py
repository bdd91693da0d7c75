"""Points to what a person reads: a table in the terminal, a page with curves. Knows points only."""

from typoglot.report.curves import write_curves
from typoglot.report.differences import comparison_tables
from typoglot.report.fragmentation import fragmentation_tables
from typoglot.report.stored import stored
from typoglot.report.table import summary_table, surface_table

__all__ = ["comparison_tables", "fragmentation_tables", "stored", "summary_table", "surface_table", "write_curves"]
