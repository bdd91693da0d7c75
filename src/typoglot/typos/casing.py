"""Upper and lower case, one letter for one letter, so that a slip in the lower-case word can be put back into its case.

`str.upper` and `str.lower` change lengths (ß, İ) and know no Turkish.
"""

from __future__ import annotations

from enum import Enum


class Casing(Enum):
    """How a word is written. `mixed` words (iPhone) keep their letters as they are."""

    lower = "lower"
    title = "title"
    upper = "upper"
    mixed = "mixed"


def lower(text: str, language: str) -> str:
    """The text with every letter in lower case; letters whose lower case is longer stay.

    >>> lower("Iğdır İzmir", "tr"), lower("STRAẞE", "de")
    ('ığdır izmir', 'straße')
    """
    if text == text.lower():  # most words: there is nothing to do
        return text
    table = _TURKISH_LOWER if language == "tr" else {}
    return "".join(table.get(c) or (c.lower() if len(c.lower()) == 1 else c) for c in text)


def upper(text: str, language: str) -> str:
    """The text with every letter in upper case; letters whose upper case is longer stay.

    >>> upper("ısıi", "tr"), upper("straße", "de")
    ('ISIİ', 'STRAßE')
    """
    table = _TURKISH_UPPER if language == "tr" else {}
    return "".join(table.get(c) or (c.upper() if len(c.upper()) == 1 else c) for c in text)


def casing(text: str, language: str) -> Casing:
    """How the word is written: what `recase` makes of its lower case is the word again.

    >>> casing("owl", "en"), casing("Zürich", "de"), casing("NATO", "en"), casing("iPhone", "en")
    (<Casing.lower: 'lower'>, <Casing.title: 'title'>, <Casing.upper: 'upper'>, <Casing.mixed: 'mixed'>)
    """
    low = lower(text, language)
    if low == text:
        return Casing.lower
    return next((one for one in (Casing.title, Casing.upper) if recase(low, one, language) == text), Casing.mixed)


def recase(low: str, how: Casing, language: str) -> str:
    """The lower-case text written so; `lower` and `mixed` give it back as it is, for a mixed word never was lowered."""
    if how is Casing.title:
        return upper(low[:1], language) + low[1:]
    return upper(low, language) if how is Casing.upper else low


_TURKISH_LOWER = {"I": "ı", "İ": "i"}
_TURKISH_UPPER = {"i": "İ", "ı": "I"}
