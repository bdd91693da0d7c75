"""Runs to what a person reads: tables in the terminal, one page, LaTeX, Markdown. Reads runs' folders only.

Every command imports this, so polars, which only the page needs, is imported where it is used: it also makes a blocked
read deaf to interrupts, as that of `typoglot perturb -`.
"""

from typoglot.report.data import described, described_whole, held, help_counts
from typoglot.report.differences import comparison_tables
from typoglot.report.folders import Gathered, gather
from typoglot.report.fragmentation import fragmentation_tables
from typoglot.report.groups import labelled_runs
from typoglot.report.labels import labels
from typoglot.report.onefile import write_page
from typoglot.report.reproduced import Found, reproduced
from typoglot.report.seeds import averaged, seed_notes
from typoglot.report.shown import Wanted, page_data
from typoglot.report.stored import stored
from typoglot.report.table import summary_table, surface_table
from typoglot.report.texts import Form, text_tables

__all__ = [
    "Form",
    "Found",
    "Gathered",
    "Wanted",
    "averaged",
    "comparison_tables",
    "described",
    "described_whole",
    "fragmentation_tables",
    "gather",
    "held",
    "help_counts",
    "labelled_runs",
    "labels",
    "page_data",
    "reproduced",
    "seed_notes",
    "stored",
    "summary_table",
    "surface_table",
    "text_tables",
    "write_page",
]
