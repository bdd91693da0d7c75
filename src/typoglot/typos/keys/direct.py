"""Letters with a key of their own, and letters typed as a dead key and a base letter. Knows no language."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


class Direct:
    """A stroke is a code point: a letter, a vowel sign, or the combining mark that a dead key stands for.

    Args:
        typed: what has a key, dead keys as combining marks.
        alphabet: what a dead key and a base letter may make together.

    >>> spanish = Direct("aeiounñ\u0301", "aeiouáéíóúnñ")
    >>> spanish.strokes("ñé"), spanish.text(["ñ", "e"])
    (('ñ', '\u0301', 'e'), 'ñe')
    """

    def __init__(self, typed: Collection[str], alphabet: Collection[str]) -> None:
        dead = {key for key in typed if is_dead(key)}
        self._pairs: dict[str, tuple[str, str]] = {}
        for letter in alphabet:
            for cased in {letter, letter.upper()} - set(typed):
                parted = unicodedata.normalize("NFD", cased)
                base, mark = parted[0], parted[1:]
                if mark in dead and base in typed and unicodedata.normalize("NFC", base + mark) == cased:
                    self._pairs[cased] = (mark, base)
        self._composed = {pair: letter for letter, pair in self._pairs.items()}
        self._dead = frozenset(dead)

    def strokes(self, word: str) -> tuple[str, ...] | None:
        """The word's keys; a letter that has none stands for itself. None where a mark stands alone."""
        if not self._dead.isdisjoint(word):
            return None  # a mark of its own would come back on the next letter
        if self._pairs.keys().isdisjoint(word):
            return tuple(word)
        return tuple(stroke for letter in word for stroke in self._pairs.get(letter, (letter,)))

    def text(self, strokes: Sequence[str]) -> str | None:
        """What the keys write; None where a dead key meets a letter that it does not go with."""
        if self._dead.isdisjoint(strokes):
            return unicodedata.normalize("NFC", "".join(strokes))
        written = []
        waiting = ""
        for stroke in strokes:
            if waiting:
                letter = self._composed.get((waiting, stroke))
                if letter is None:
                    return None
                written.append(letter)
                waiting = ""
            elif stroke in self._dead:
                waiting = stroke
            else:
                written.append(stroke)
        return None if waiting else unicodedata.normalize("NFC", "".join(written))


def is_dead(stroke: str) -> bool:
    """Whether the stroke is a dead key: a combining mark of the Latin and Greek kind, which no layout types alone."""
    return len(stroke) == 1 and "\u0300" <= stroke <= "\u036f"
