"""Plans a query's slips once and lays them at every rate. Knows words and profiles; knows nothing of retrieval.

The rate is the share of eligible words that carry exactly one slip. What is wrong at a rate is wrong at every higher
one.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from typoglot.records import Edit, Perturbed
from typoglot.typos.letters import INVISIBLE, Word, letters, normal, words
from typoglot.typos.profiles import SlipProfile, make_profile
from typoglot.typos.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from typoglot.records import Query

VERSION = 1  # of the plan: raised whenever the same names would give other slips
CANDIDATES = 16  # tries before a word is taken to have no valid slip


@dataclass(frozen=True, slots=True)
class PlannedSlip:
    """One eligible word's slip, with its size in letters."""

    edit: Edit
    distance: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A text's slips in the order in which a growing rate lays them. Made by `TypoEngine.plan`."""

    text: str  # NFC
    slips: tuple[PlannedSlip, ...]
    offset: float  # 0 < v ≤ 1: rounds the number of slips without bias
    length: int  # letters of the text

    def at(self, rate: float) -> Perturbed:
        """The text with floor(words × rate + offset) slips: the asked rate on average, nested from rate to rate.

        Raises:
            ValueError: the rate lies outside 0-1.
        """
        if not 0 <= rate <= 1:
            raise ValueError(f"rate {rate}: a rate is a share of words and must lie in 0-1.")
        # An offset of exactly 1 would add a slip at rate 0, and one beyond the last word at rate 1.
        count = min(math.floor(len(self.slips) * rate + self.offset), len(self.slips)) if rate > 0 else 0
        chosen = sorted(self.slips[:count], key=lambda slip: slip.edit.start)
        errors = sum(slip.distance for slip in chosen)
        edits = tuple(slip.edit for slip in chosen)
        cer = errors / self.length if self.length else 0.0
        text = _lay(self.text, edits)
        return Perturbed(text, edits, len(self.slips), count, text != self.text, cer)


class TypoEngine:
    """Misspells texts by a profile; seed, draw and query id decide everything, the order of calls nothing.

    `draw` numbers independent misspellings of one set under one seed.

    Usage:
        engine = TypoEngine("uniform", seed=13)
        engine.plan("q1", "ko", "달은 얼마나 멀리 있나요?").at(0.5).text
    """

    def __init__(self, profile: str, seed: int = 13, draw: int = 0) -> None:
        self.profile: SlipProfile = make_profile(profile)
        self.seed, self.draw = seed, draw

    def plan(self, query_id: str, language: str, text: str) -> Plan:
        """Every eligible word's slip and priority. Words with no valid slip do not count as eligible.

        Raises:
            ValueError: the profile does not know the language.
        """
        if self.profile.languages is not None and language not in self.profile.languages:
            raise ValueError(f"profile '{self.profile.name}' knows {sorted(self.profile.languages)}, not '{language}'.")
        clean = normal(text)
        ordered: list[tuple[float, PlannedSlip]] = []
        for word in words(clean, language):
            stream = self._stream(language, query_id, word.start, word.text)
            priority = stream.unit()
            slip = self._slip(clean, word, language, stream)
            if slip is not None:
                ordered.append((priority, slip))
        ordered.sort(key=lambda item: (item[0], item[1].edit.start))
        offset = self._stream(language, query_id, "offset").unit()
        return Plan(clean, tuple(slip for _, slip in ordered), offset, len(letters(clean)))

    def curve(self, queries: Iterable[Query], rates: Sequence[float]) -> list[dict[float, Perturbed]]:
        """Each query at every rate, from one plan a query."""
        plans = (self.plan(query.id, query.language, query.text) for query in queries)
        return [{rate: plan.at(rate) for rate in rates} for plan in plans]

    def _stream(self, *name: object) -> Stream:
        return Stream(VERSION, self.profile.name, self.seed, self.draw, *name)

    def _slip(self, clean: str, word: Word, language: str, stream: Stream) -> PlannedSlip | None:
        for _ in range(CANDIDATES):
            slip = self.profile.slip(word, language, stream)
            if _valid(clean, word, slip.text):
                edit = Edit(word.start, word.end, slip.op, slip.kind, word.text, slip.text)
                return PlannedSlip(edit, OSA.distance(word.letters, letters(slip.text)))
        return None


def _valid(clean: str, word: Word, misspelt: str) -> bool:
    """Whether the slip is one.

    It changes what is seen of the word and leaves something of it, keeps its invisible marks, begins with no combining
    mark, and leaves the text in NFC on both sides.
    """
    marks, kept = ([c for c in text if c in INVISIBLE] for text in (misspelt, word.text))
    seen, meant = ("".join(c for c in text if c not in INVISIBLE) for text in (misspelt, word.text))
    if seen == meant or not seen.strip() or marks != kept or unicodedata.category(misspelt[0]).startswith("M"):
        return False
    around = clean[max(word.start - 1, 0) : word.start] + misspelt + clean[word.end : word.end + 1]
    return normal(around) == around


def _lay(text: str, edits: Sequence[Edit]) -> str:
    pieces = []
    done = 0
    for edit in edits:
        pieces += [text[done : edit.start], edit.after]
        done = edit.end
    return "".join([*pieces, text[done:]])
