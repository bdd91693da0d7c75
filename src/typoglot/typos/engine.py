"""Plans a query's slips once and lays them at every rate. Knows words and profiles; knows nothing of retrieval.

The rate is the share of eligible words that carry exactly one slip. What is wrong at a rate is wrong at every higher
one.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import OSA

from typoglot.records import Edit, Perturbed
from typoglot.typos.letters import INVISIBLE, Word, letters, normal, words
from typoglot.typos.profiles import SlipProfile, Written, make_profile
from typoglot.typos.stream import Names
from typoglot.typos.tables import FOLDER, load

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import regex

    from typoglot.records import Query
    from typoglot.typos.slips import Slip
    from typoglot.typos.writers import Writer

VERSION = 3  # of the plan: raised whenever the same names would give other slips
CANDIDATES = 120  # tries before a word is taken to have no valid slip


class PlannedSlip(NamedTuple):
    """One eligible word's slip, with its size in letters and in keystrokes."""

    edit: Edit
    distance: int
    presses: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A text's slips in the order in which a growing rate lays them. Made by `TypoEngine.plan`."""

    text: str  # NFC
    slips: tuple[PlannedSlip, ...]
    offset: float  # 0 < v ≤ 1: rounds the number of slips without bias
    length: int  # letters of the text
    presses: int | None = None  # keystrokes of the text; None where the profile knows no keys

    def at(self, rate: float, mode: str = "word_rate") -> Perturbed:
        """The text at a typo rate, nested from rate to rate.

        `word_rate`: floor(words × rate + offset) slips, so that the asked share of all words has one. `one_per_query`:
        one slip or none, so that the asked share of all texts has one. `k_per_query`: `rate` slips, or as many as the
        text has eligible words.

        Raises:
            ValueError: the rate is no share (of `k_per_query`: no count).
            KeyError: there is no such mode.
        """
        return self._of(self._count(rate, mode))

    def curve(self, rates: Sequence[float], mode: str = "word_rate") -> dict[float, Perturbed]:
        """The text at every rate; raises as `at` does."""
        counts = {rate: self._count(rate, mode) for rate in rates}
        found = {count: self._of(count) for count in set(counts.values())}
        return {rate: found[count] for rate, count in counts.items()}

    def _count(self, rate: float, mode: str) -> int:
        if mode == "k_per_query":
            if not 0 <= rate < math.inf or rate != int(rate):
                raise ValueError(f"rate {rate}: in mode k_per_query a rate is a number of slips, 0 or more.")
            return int(rate)
        if not 0 <= rate <= 1:
            raise ValueError(f"rate {rate}: a rate is a share and must lie in 0-1.")
        most = {"word_rate": len(self.slips), "one_per_query": min(len(self.slips), 1)}[mode]
        # An offset of exactly 1 would add a slip at rate 0, and one beyond the last word at rate 1.
        return min(math.floor(most * rate + self.offset), most) if rate > 0 else 0

    def _of(self, count: int) -> Perturbed:
        chosen = sorted(self.slips[:count], key=_START)
        edits = tuple([slip.edit for slip in chosen])
        text = _lay(self.text, edits) if edits else self.text
        cer = sum([slip.distance for slip in chosen]) / self.length if self.length else 0.0
        ker = None
        if self.presses is not None:
            ker = sum([slip.presses for slip in chosen]) / self.presses if self.presses else 0.0
        return Perturbed(text, edits, len(self.slips), len(chosen), text != self.text, cer, ker)


class TypoEngine:
    """Misspells texts by a profile; seed, draw and query id decide everything, the order of calls nothing.

    `draw` numbers independent misspellings of one set under one seed. `models` is a folder of language files that take
    the place of the package's own, as `typoglot fit-typos` writes them.

    Usage:
        engine = TypoEngine("human", seed=13)
        engine.plan("q1", "ko", "달은 얼마나 멀리 있나요?").at(0.5).text
    """

    def __init__(self, profile: str, seed: int = 13, draw: int = 0, models: Path | str | None = None) -> None:
        self.models = Path(models) if models else FOLDER
        self.profile: SlipProfile = make_profile(profile, self.models)
        self.seed, self.draw = seed, draw
        self._name = (VERSION, self.profile.name, seed, draw)

    def plan(self, query_id: str, language: str, text: str) -> Plan:
        """Every eligible word's slip and priority. Words with no valid slip do not count as eligible.

        Raises:
            ValueError: the profile does not know the language.
            DataError: a language file is malformed.
        """
        if self.profile.languages is not None and language not in self.profile.languages:
            raise ValueError(f"profile '{self.profile.name}' knows {sorted(self.profile.languages)}, not '{language}'.")
        clean = normal(text)
        names = Names(*self._name, language, query_id)
        cluster = load(language, self.models).cluster if isinstance(self.profile, Written) else None
        ordered: list[tuple[float, int, PlannedSlip]] = []
        pressed = len(clean)  # what is no eligible word counts a press for each character
        for word in words(clean, language):
            writer = self.profile.writer(word.text, language)
            stream = names.stream(f"{word.start} {word.text}")
            presses = writer.presses(word.text) if writer else len(word.letters)
            pressed += presses - len(word.text)
            # An exponential race (Efraimidis and Spirakis 2006): longer words come first more often, by the root of
            # their length, as misspelt words of real queries are longer than others.
            priority = -math.log(stream.unit()) / math.sqrt(presses)
            offered = writer.slips(word, stream) if writer else self.profile.slips(word, language, stream)
            slip = _first_valid(offered, clean, word, writer, cluster)
            if slip is not None:
                ordered.append((priority, word.start, slip))
        ordered.sort(key=itemgetter(0, 1))
        slips = tuple([slip for _, _, slip in ordered])
        typed = pressed if isinstance(self.profile, Written) else None
        return Plan(clean, slips, names.stream("offset").unit(), len(letters(clean)), typed)

    def curve(self, queries: Iterable[Query], rates: Sequence[float]) -> list[dict[float, Perturbed]]:
        """Each query at every rate, from one plan a query."""
        plans = (self.plan(query.id, query.language, query.text) for query in queries)
        return [plan.curve(rates) for plan in plans]

    def tables(self, languages: Iterable[str]) -> str:
        """Eight hexadecimal digits of the tables that misspell these languages; "" where the profile reads none."""
        if not isinstance(self.profile, Written):
            return ""
        digests = [load(language, self.models).digest for language in languages]
        return hashlib.sha256(repr((VERSION, digests)).encode()).hexdigest()[:8]


def _first_valid(
    slips: Iterable[Slip], clean: str, word: Word, writer: Writer | None, cluster: regex.Pattern[str] | None
) -> PlannedSlip | None:
    """The first slip that is one and breaks no cluster: of its writer's script, or of the text's (`cluster`)."""
    for slip in islice(slips, CANDIDATES):
        end = word.end + slip.swallowed
        before = clean[word.start : end]
        broken = writer is not None and _breaks(writer, cluster, before, slip.text)
        if not broken and _valid(clean, word.start, end, slip.text):
            edit = Edit(word.start, end, slip.op, slip.kind, before, slip.text)
            distance = _distance(before, slip.text)
            return PlannedSlip(edit, distance, _pressed(writer, slip, before, distance) if writer else 1)
    return None


def _distance(before: str, after: str) -> int:
    """The optimal string alignment distance in letters."""
    if before.isascii() and after.isascii():
        return OSA.distance(before, after)
    right, wrong = letters(before), letters(after)
    if len(right) == len(before) and len(wrong) == len(after):  # texts are compared faster than tuples
        return OSA.distance(before, after)
    return OSA.distance(right, wrong)


def _pressed(writer: Writer, slip: Slip, before: str, distance: int) -> int:
    """How many keys went wrong. A wrong choice among an input method's words is one press."""
    if slip.kind not in ("orthographic", "diacritic"):
        return 1
    right, wrong = writer.keys.strokes(before), writer.keys.strokes(slip.text)
    return OSA.distance(right, wrong) if right and wrong else distance


def _valid(clean: str, start: int, end: int, misspelt: str) -> bool:
    """Whether the slip is one.

    It changes what is seen of the word and leaves something of it, keeps its invisible marks, begins with no combining
    mark, and leaves the text in NFC on both sides.
    """
    meant = clean[start:end]
    if misspelt == meant or not misspelt or misspelt.isspace():
        return False
    if clean.isascii() and misspelt.isascii():
        return True
    if not (_INVISIBLE.isdisjoint(misspelt) and _INVISIBLE.isdisjoint(meant)) and not _keeps_marks(meant, misspelt):
        return False
    around = clean[max(start - 1, 0) : start] + misspelt + clean[end : end + 1]
    return not unicodedata.category(misspelt[0]).startswith("M") and unicodedata.is_normalized("NFC", around)


def _keeps_marks(meant: str, misspelt: str) -> bool:
    """Whether invisible marks stay as they are, and something seen changes; no letter before its vowel sign goes."""
    (seen, marks), (sought, kept) = (
        (text.translate(_UNSEEN), [c for c in text if c in _INVISIBLE]) for text in (misspelt, meant)
    )
    return marks == kept and seen != sought and bool(seen.strip()) and _bare(misspelt) <= _bare(meant)


def _bare(text: str) -> int:
    """How many combining marks stand right behind an invisible one, where no letter carries them."""
    return sum(before in _INVISIBLE and unicodedata.category(after)[0] == "M" for before, after in pairwise(text))


_INVISIBLE = frozenset(INVISIBLE)
_UNSEEN = dict.fromkeys(map(ord, INVISIBLE))


def _breaks(writer: Writer, cluster: regex.Pattern[str] | None, before: str, after: str) -> bool:
    """Whether more of the word lies outside clusters than before, or a letter came in from elsewhere.

    Clusters are those of the writer's script, and, in a word that holds some beside other letters, the text's.
    """
    known = writer.letters
    if known is not None and not known.issuperset(after) and not known.issuperset(set(after) - set(before)):
        return True
    own = writer.table.cluster
    looked_at = [own] if own is not None else []
    if cluster is not None and cluster is not own and cluster.search(before):
        looked_at.append(cluster)
    return any(_outside(one, after) > _outside(one, before) for one in looked_at)


@lru_cache(maxsize=2**14)
def _outside(cluster: regex.Pattern[str], text: str) -> int:
    return len(text) - sum(len(match[0]) for match in cluster.finditer(text))


_START = attrgetter("edit.start")


def _lay(text: str, edits: Sequence[Edit]) -> str:
    pieces = []
    done = 0
    for edit in edits:
        pieces += [text[done : edit.start], edit.after]
        done = edit.end
    return "".join([*pieces, text[done:]])
