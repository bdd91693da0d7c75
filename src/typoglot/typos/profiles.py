"""How one word is misspelt: the profiles. Each is given a word and a stream of numbers, and offers slips."""

from __future__ import annotations

import importlib
import random
import threading
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from typoglot.typos.letters import alphabet, native
from typoglot.typos.slips import Slip
from typoglot.typos.tables import FOLDER, Table, file_of, load
from typoglot.typos.textattack import TextAttack
from typoglot.typos.writers import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typoglot.typos.letters import Word
    from typoglot.typos.stream import Stream

ENGLISH = frozenset({"en"})
ENGLISH_ONLY = ("textattack", "typo")
BY_TABLES = ("human", "keyboard")
KEYBOARD_OPS = ("substitute", "delete", "insert", "transpose")


class SlipProfile(Protocol):
    """A way of misspelling. `slips` offers candidates: the engine takes the first that is valid."""

    name: str
    languages: frozenset[str] | None  # None: any

    def slips(self, word: Word, language: str, stream: Stream) -> Iterator[Slip]:
        """Candidate slips of the word, perhaps without end; none where the word cannot be misspelt so."""
        ...

    def writer(self, word: str, language: str) -> Writer | None:
        """Whose keys type the word, where the profile works on keys."""
        ...


class Written:
    """Slips of the hand and mind of those who write the word's language: its table, read by `Writer`.

    `human` takes the table as it is; `keyboard` keeps finger slips alone, without regard to place or letter:
    substitution and insertion of a neighbouring key, deletion and transposition, equally likely.
    """

    languages: frozenset[str] | None = None

    def __init__(self, name: str, folder: Path = FOLDER) -> None:
        self.name = name
        change: Callable[[Table], Table] = _fingers_alone if name == "keyboard" else lambda table: table
        self._of = lru_cache(maxsize=None)(lambda language: Writer(change(load(language, folder))))

    def slips(self, word: Word, language: str, stream: Stream) -> Iterator[Slip]:
        """As the writer of the word's language makes them; none in a script that no table knows."""
        writer = self.writer(word.text, language)
        return writer.slips(word, stream) if writer else iter(())

    def writer(self, word: str, language: str) -> Writer | None:
        """The writer of the word's language, by its script."""
        spoken = native(next(filter(str.isalpha, word), word[0]), language)
        return self._of(spoken) if spoken else None


def _fingers_alone(table: Table) -> Table:
    flat = {"all": dict.fromkeys(table.positions["all"], 1.0)}
    ops = dict.fromkeys(KEYBOARD_OPS, 1.0)
    nothing: tuple[()] = ()
    return replace(
        table, classes={"mechanical": 1.0}, ops=ops, positions=flat, letters={}, orthographic=nothing, diacritic=nothing
    )


class Uniform:
    """Delete, insert, substitute and transpose, equally likely, at any letter: no keyboard, any script.

    Letters are drawn from the word's script. A one-letter word (Han, Hangul) is not deleted away.
    """

    name = "uniform"
    languages: frozenset[str] | None = None
    OPS = ("delete", "insert", "substitute", "transpose")

    def slips(self, word: Word, language: str, stream: Stream) -> Iterator[Slip]:
        """Draws operation, place and letter from the stream, again and again."""
        while True:
            yield self._slip(word, language, stream)

    def _slip(self, word: Word, language: str, stream: Stream) -> Slip:
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

    def writer(self, word: str, language: str) -> None:
        """Nobody's: it knows no keys."""


class TypoPackage:
    """The PyPI package `typo` 0.1.7: English keys; its operations that change one word, equally likely.

    The package draws from the process's random state, so each call is seeded, locked, and the state put back.
    """

    name = "typo"
    languages: frozenset[str] | None = ENGLISH
    OPS = ("char_swap", "missing_char", "extra_char", "nearby_char", "similar_char", "repeated_char")
    _lock = threading.Lock()

    def __init__(self) -> None:
        self._typo = importlib.import_module("typo")

    def slips(self, word: Word, language: str, stream: Stream) -> Iterator[Slip]:
        """Draws operation and seed from the stream, again and again."""
        while True:
            yield self._slip(word, stream)

    def _slip(self, word: Word, stream: Stream) -> Slip:
        op = stream.choose(self.OPS)
        with self._lock:
            before = random.getstate()
            try:
                text = getattr(self._typo.StrErrer(word.text, seed=stream.below(2**31)), op)().result
            finally:
                random.setstate(before)
        return Slip(text, op, "mechanical")

    def writer(self, word: str, language: str) -> None:
        """Nobody's: the package's keys are its own."""


def make_profile(name: str, folder: Path = FOLDER) -> SlipProfile:
    """The profile of that name, its tables from the folder where that has the language.

    Raises:
        KeyError: there is none.
    """
    makers: dict[str, Callable[[], SlipProfile]] = {
        "human": lambda: Written("human", folder),
        "keyboard": lambda: Written("keyboard", folder),
        "uniform": Uniform,
        "textattack": TextAttack,
        "typo": TypoPackage,
    }
    return makers[name]()


def profile_fault(
    name: str, languages: list[str], models: Path | str | None = None, *, key: str = "benchmark.languages"
) -> str | None:
    """What is wrong with misspelling these languages, which that key names, by that profile, or None.

    `models` is as for the engine.
    """
    if name in BY_TABLES:
        return _table_fault(name, languages, Path(models) if models else FOLDER, key)
    outside = [language for language in languages if name in ENGLISH_ONLY and language not in ENGLISH]
    if not outside:
        return None
    return f"typos.profile={name}: knows en only, not {', '.join(outside)}; give {key}=[en], or typos=human."


def _table_fault(name: str, languages: list[str], folder: Path, key: str) -> str | None:
    """Which of the languages have no table that says how they are misspelt."""
    without = [language for language in languages if not file_of(language, folder).exists()]
    if not without:
        return None
    rest = [language for language in languages if language not in without]
    return f"typos.profile={name}: has no table of {', '.join(without)}; give typos=uniform (any language)" + (
        f", or {key}=[{','.join(rest)}]." if rest else "."
    )
