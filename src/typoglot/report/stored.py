"""The table of what a store holds. Knows its entries only."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typoglot.store import Entry


def stored(entries: Sequence[Entry]) -> Table:
    """A row for each layer, what was used last first."""
    table = Table("layer", "what", "model", "vectors", "there", "MB", "last used", box=None)
    for entry in sorted(entries, key=lambda entry: -entry.last_used):
        made = entry.ingredients
        what = f"{made.get('what', 'index damaged')} {made.get('count', made.get('language', ''))}".strip()
        model = f"{made.get('model_type', '')} {str(made.get('weights', ''))[:8]}".strip()
        there = f"{100 * entry.done / entry.rows:.0f} %" if entry.rows else "–"
        used = datetime.fromtimestamp(entry.last_used).astimezone().strftime("%Y-%m-%d %H:%M")
        table.add_row(entry.key[:12], what, model, f"{entry.rows:,}", there, f"{entry.bytes / 1e6:,.1f}", used)
    table.caption = f"{len(entries):,} layers, {sum(entry.bytes for entry in entries) / 1e9:.2f} GB"
    return table
