"""A slip: what became of one word, by which operation, of which class."""

from __future__ import annotations

from typing import NamedTuple


class Slip(NamedTuple):
    """A misspelt word. `swallowed` characters behind the word went with it (a space, where two words were joined)."""

    text: str
    op: str
    kind: str
    swallowed: int = 0
