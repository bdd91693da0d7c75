"""How one word is misspelt: the profiles. Each is given a word and a stream of numbers, and returns one slip."""

from __future__ import annotations

import importlib
import random
import threading
from typing import TYPE_CHECKING, NamedTuple, Protocol

from typoglot.typos.letters import alphabet

if TYPE_CHECKING:
    from typoglot.typos.letters import Word
    from typoglot.typos.stream import Stream


class Slip(NamedTuple):
    """A misspelt word, by which operation, of which kind."""

    text: str
    op: str
    kind: str


class SlipProfile(Protocol):
    """A way of misspelling. `slip` returns candidates: the engine takes the first that is valid."""

    name: str
    languages: frozenset[str] | None  # None: any

    def slip(self, word: Word, language: str, stream: Stream) -> Slip:
        """One candidate slip of the word."""
        ...


class Uniform:
    """Delete, insert, substitute and transpose, equally likely, at any letter: no keyboard, any script.

    Letters are drawn from the word's script. A one-letter word (Han, Hangul) is not deleted away.
    """

    name = "uniform"
    languages: frozenset[str] | None = None
    OPS = ("delete", "insert", "substitute", "transpose")

    def slip(self, word: Word, language: str, stream: Stream) -> Slip:
        """Draws operation, place and letter from the stream."""
        parts = list(word.letters)
        op = stream.choose(self.OPS if len(parts) > 1 else ("insert", "substitute"))
        place = stream.below(len(parts) + (op == "insert") - (op == "transpose"))
        if op == "delete":
            del parts[place]
        elif op == "transpose":
            parts[place], parts[place + 1] = parts[place + 1], parts[place]
        else:
            drawn = stream.choose(alphabet(word.text, language))
            parts[place : place + (op == "substitute")] = [drawn]
        return Slip("".join(parts), op, "mechanical")


class TypoPackage:
    """The PyPI package `typo` 0.1.7: English keys; its operations that change one word, equally likely.

    The package draws from the process's random state, so each call is seeded, locked, and the state put back.
    """

    name = "typo"
    languages: frozenset[str] | None = frozenset({"en"})
    OPS = ("char_swap", "missing_char", "extra_char", "nearby_char", "similar_char", "repeated_char")
    _lock = threading.Lock()

    def __init__(self) -> None:
        self._typo = importlib.import_module("typo")

    def slip(self, word: Word, language: str, stream: Stream) -> Slip:
        """Draws operation and seed from the stream."""
        op = stream.choose(self.OPS)
        with self._lock:
            before = random.getstate()
            try:
                text = getattr(self._typo.StrErrer(word.text, seed=stream.below(2**31)), op)().result
            finally:
                random.setstate(before)
        return Slip(text, op, "mechanical")


def make_profile(name: str) -> SlipProfile:
    """The profile of that name.

    Raises:
        KeyError: there is none.
    """
    profiles: dict[str, type[Uniform] | type[TypoPackage]] = {"uniform": Uniform, "typo": TypoPackage}
    return profiles[name]()


def profile_fault(name: str, languages: list[str]) -> str | None:
    """What is wrong with misspelling these languages by that profile, or None."""
    allowed = frozenset({"en"}) if name == "typo" else None
    outside = [] if allowed is None else [language for language in languages if language not in allowed]
    if not outside:
        return None
    return (
        f"typos.profile={name}: knows {', '.join(sorted(allowed or ()))} only, not {', '.join(outside)}; "
        f"give benchmark.languages=[{','.join(sorted(allowed or ()))}] or typos=uniform."
    )
