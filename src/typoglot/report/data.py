"""Tables of data: what can be fetched and is here, and what a benchmark holds. Knows no results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from typoglot.datasets.catalogue import Entry
    from typoglot.datasets.holdings import Holding
    from typoglot.description import Description
    from typoglot.sources.libreoffice import Counts


def held(holdings: Sequence[Holding]) -> Table:
    """A row for each entry of the catalogue: what it is, how it is vouched for, and how much of it is here."""
    table = Table("name", "what", "MB", "licence", "languages", "pinned", "here", box=None)
    for one in holdings:
        entry = one.entry
        few = len(entry.languages) <= 3
        languages = " ".join(entry.languages) if few else str(len(entry.languages))
        table.add_row(entry.name, entry.what, _size(entry), entry.licence, languages, _pinned(entry), _here(one))
    return table


def _size(entry: Entry) -> str:
    known = sum(file.pin.size for file in entry.files if file.pin and file.pin.size)
    whole = bool(entry.files) and all(file.pin and file.pin.size for file in entry.files)
    return f"{known / 1e6:,.1f}" if whole else "?"


def _pinned(entry: Entry) -> str:
    if entry.fetch:
        return "by its source"
    pinned = [file for file in entry.files if file.pin]
    if not pinned:
        return "no"
    return "yes" if len(pinned) == len(entry.files) else f"{len(pinned)} of {len(entry.files)}"


def _here(one: Holding) -> str:
    if not one.have:
        return "–"
    return "yes" if one.entry.fetch or one.have == one.of else f"{one.have} of {one.of}"


def described(found: Description) -> Table:
    """A row for each language of a benchmark."""
    table = Table("language", "queries", "words", "characters", "with answers", "judgements", "relevant", box=None)
    for one in found.languages:
        numbers = (f"{one.queries:,}", f"{one.words:.1f}", f"{one.characters:.1f}", f"{one.answers:,}")
        table.add_row(one.language, *numbers, f"{one.judgements:,}", f"{one.relevant:.2f}")
    return table


def described_whole(name: str, found: Description) -> str:
    """What the languages share, in a sentence."""
    measured = "" if found.measured == found.passages else f" (of {found.measured:,} evenly spaced ones)"
    return (
        f"{name}: {sum(one.queries for one in found.languages):,} queries, {found.questions:,} questions; "
        f"{found.passages:,} passages, {found.words:.1f} words and {found.characters:.1f} characters each{measured}"
    )


def help_counts(found: Iterable[Counts]) -> Table:
    """A row for each language of LibreOffice's help: its index, what is not asked and why, splits, training pairs."""
    table = Table(box=None, title="Of the index: entries = terms of the splits + what is left out; pairs for training")
    for number, one in enumerate(found):
        if not number:
            for name in ("language", "entries", *one.asked, *one.left_out, "test pages", "pairs"):
                table.add_column(name, justify="left" if name == "language" else "right")
        numbers = (one.entries, *one.asked.values(), *one.left_out.values(), one.pages, one.pairs)
        table.add_row(one.language, *(f"{number:,}" for number in numbers))
    return table
