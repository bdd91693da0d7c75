"""How a writer of one language slips: which class of slip, which operation, at which place, to which letter.

Each step is drawn given the one before, from the language's table. Weights are whole numbers, so that a draw is the
same on every machine.
"""

from __future__ import annotations

import math
import unicodedata
from functools import lru_cache
from itertools import accumulate, pairwise
from operator import ne
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from typoglot.typos.casing import Casing, casing, lower, recase, upper
from typoglot.typos.keyboard import Keyboard
from typoglot.typos.keys import Converter
from typoglot.typos.keys.hangul import Hangul
from typoglot.typos.keys.methods import make_keys, typed
from typoglot.typos.slips import Slip
from typoglot.typos.tables import OPS, PLACES, SPACINGS, Confusion, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from typoglot.typos.letters import Word
    from typoglot.typos.stream import Stream

T = TypeVar("T")

SCALE = 1000  # of weights to whole numbers
TRIES = 8  # candidates of one class before another class is drawn
CANDIDATES = 80  # of the last class: most slips on the keys of a Chinese word write no word at all
FULL = 10.0  # summed weight of a word's confusions that calls for 63 % of their class's share; a common one weighs 10
STROKE = 2.0  # what each stroke of a word weighs on the same scale: a long word is mistyped more often
SHORTEST_SPLIT = 4  # letters: parting a shorter word leaves next to nothing of it

SYLLABIC = ("pinyin", "bopomofo", "jyutping")  # a key too many may make a syllable of its own, which is seen at once

_LOWER = Casing.lower  # members of an Enum are slow to reach

FIRST, SECOND, EARLY, MIDDLE, LATE, LAST = range(len(PLACES))


class Wheel(NamedTuple, Generic[T]):
    """Things to draw from, with cumulative weights."""

    items: Sequence[T]
    cumulative: tuple[int, ...]


class Rewriting(NamedTuple):
    """A confusion, and the operation that it comes to."""

    confusion: Confusion
    op: str


class Site(NamedTuple):
    """Where letters of a word may be rewritten, and to what."""

    start: int
    rewritings: Wheel[Rewriting]


class Choices(NamedTuple):
    """The sites that a class finds in a word."""

    sites: Wheel[Site]
    total: float  # summed weight of the confusions

    @property
    def fullness(self) -> float:
        """How much of its class's share the word calls for, 0-1."""
        return 1 - math.exp(-self.total / FULL)


Placed = tuple[Wheel[Rewriting] | None, ...]
"""The rewritings of the same letters by PLACES; None where none fits."""


class Prepared(NamedTuple):
    """A word as its writer sees it: in lower case where its case can be put back."""

    low: str
    casing: Casing
    strokes: tuple[str, ...]  # empty where the keys cannot type it
    source: str
    choices: Mapping[str, Choices]  # by class


class Writer:
    """A writer of one language, made from its table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.keyboard = Keyboard(table.layout, typed(table))
        self.keys = make_keys(table)
        self.converter = self.keys if isinstance(self.keys, Converter) else None
        self.letters = _letters(table)
        self._by_jamo = isinstance(self.keys, Hangul)
        self.prepare = lru_cache(maxsize=2**16)(self._prepare)
        self.placed = lru_cache(maxsize=2**16)(self._placed)
        self.classes = lru_cache(maxsize=2**16)(self._classes)
        self.insertable = lru_cache(maxsize=2**12)(self._insertable)
        positions = {op: table.positions.get(op, table.positions["all"]) for op in OPS}
        positions["diacritic"] = table.positions.get("diacritic", positions["substitute"])
        self._positions = {op: [whole(weights[place]) for place in PLACES] for op, weights in positions.items()}
        self._letters = {op: _by_letter(table, op, typed(table)) for op in OPS}
        self._adjacent = whole(table.letters.get("insert", {}).get("adjacent", 1.0))
        self._ops = _wheel(table.ops)
        self._longest = _longest([*table.orthographic, *table.diacritic])
        self._rewritings = {kind: self._by_right(kind) for kind in ("orthographic", "diacritic")}
        self._spacings = {
            (joins, splits): self._spacing(joins, splits) for joins in (False, True) for splits in (False, True)
        }

    def slips(self, word: Word, stream: Stream) -> Iterator[Slip]:
        """Candidates: some of the class that is drawn first, then of another, until no class is left."""
        prepared = self.prepare(word.text)
        able = (word.joins, len(word.letters) >= SHORTEST_SPLIT)
        classes = self.classes(word.text, *able)
        while classes.items:
            kind = stream.weighted(*classes)
            for _ in range(TRIES if len(classes.items) > 1 else CANDIDATES):
                slip = self._slip(kind, word, prepared, stream)
                if slip is not None:
                    yield slip
            classes = _without(kind, classes)

    def presses(self, word: str) -> int:
        """How many keys the word is typed with; its letters where the keys cannot type it."""
        return len(self.prepare(word).strokes) or len(word)

    def _slip(self, kind: str, word: Word, prepared: Prepared, stream: Stream) -> Slip | None:
        if kind == "mechanical":
            return self._press(prepared, stream)
        if kind == "input":
            return self._convert(word.text, stream)
        if kind == "spacing":
            return self._space(word, stream)
        return self._confuse(kind, prepared, stream)

    def _press(self, prepared: Prepared, stream: Stream) -> Slip | None:
        """A slip of the fingers: one operation on the strokes."""
        op, places = self._operation(prepared.strokes, stream)
        if not places:
            return None
        place = stream.weighted(range(len(places)), places)
        strokes = self._operate(op, place, list(prepared.strokes), stream)
        text = self.keys.text(strokes) if strokes else None
        if not text or (self.table.keys in SYLLABIC and len(text) != len(prepared.low)):
            return None
        return Slip(self._cased(text, prepared), op, "mechanical")

    def _operation(self, strokes: tuple[str, ...], stream: Stream) -> tuple[str, tuple[int, ...]]:
        """An operation that the strokes allow, and the cumulative weights of its places; none where none is allowed.

        An operation weighs the same wherever and however often it can happen.
        """
        ops = self._ops
        while ops.items:
            op = stream.weighted(*ops)
            places = self.placed(op, strokes)
            if places:
                return op, places
            ops = _without(op, ops)
        return "", ()

    def _placed(self, op: str, strokes: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(accumulate(self.places(op, strokes)))

    def places(self, op: str, strokes: Sequence[str]) -> list[int]:
        """The weight of each place for an operation; empty where it can happen nowhere.

        A deletion or insertion next to a like letter is undoubling or doubling, so it is not counted twice.
        """
        if not strokes:
            return []
        weights = self._letters[op]
        if op == "insert":
            found = [SCALE] * (len(strokes) + 1)
        elif op == "transpose":
            found = [SCALE * (a != b) for a, b in pairwise(strokes)]
        else:
            found = [weights.get(stroke, SCALE) for stroke in strokes]
        if op in ("delete", "undouble"):
            twins = [a == b for a, b in pairwise(strokes)]
            wanted = [*twins, False]
            if op == "delete":
                wanted = [not (a or b) for a, b in zip(wanted, [False, *twins], strict=True)]
            found = [weight * keep for weight, keep in zip(found, wanted, strict=True)]
        elif op == "substitute":
            near = self.keyboard.neighbours
            found = [weight * bool(near(stroke)[0]) for weight, stroke in zip(found, strokes, strict=True)]
        positions = self._positions[op]
        found = [weight * positions[place] for weight, place in zip(found, _buckets(len(found)), strict=True)]
        return found if any(found) else []

    def _operate(self, op: str, place: int, strokes: list[str], stream: Stream) -> list[str]:
        """The strokes after the operation; empty where no letter can be put there."""
        if op in ("delete", "undouble"):
            del strokes[place]
        elif op == "double":
            strokes.insert(place, strokes[place])
        elif op == "transpose":
            strokes[place], strokes[place + 1] = strokes[place + 1], strokes[place]
        elif op == "substitute":
            strokes[place] = stream.weighted(*self.keyboard.neighbours(strokes[place]))
        else:
            capital = any(map(str.isupper, strokes)) and not any(map(str.islower, strokes))
            letters, cumulative = self.insertable(tuple(strokes[max(place - 1, 0) : place + 1]), capital=capital)
            if not letters:
                return []
            strokes.insert(place, stream.weighted(letters, cumulative))
        return strokes

    def _insertable(self, beside: tuple[str, ...], *, capital: bool = False) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The strokes that may slip in beside one or two others, with cumulative weights.

        Where the table says which letters are inserted, these, a neighbouring key more often; else neighbouring keys.
        Capital letters (in Japanese, katakana) come into words that have no others.
        """
        near = dict.fromkeys(stroke for one in beside for stroke in self.keyboard.neighbours(one)[0])
        letters = self._letters["insert"] or dict.fromkeys(near, SCALE)
        found = {
            stroke: weight * (self._adjacent if stroke in near else SCALE)
            for stroke, weight in letters.items()
            if stroke not in beside and weight and stroke.isupper() == capital
        }
        return tuple(found), tuple(accumulate(found.values()))

    def _confuse(self, kind: str, prepared: Prepared, stream: Stream) -> Slip | None:
        """One rewriting by a confusion of the table."""
        start, rewritings = stream.weighted(*prepared.choices[kind].sites)
        (right, wrong, *_), op = stream.weighted(*rewritings)
        written = self.rewrite(prepared.source, start, start + len(right), wrong)
        return Slip(self._cased(written, prepared), op, kind) if written else None

    def source(self, low: str) -> str:
        """The letters that confusions rewrite: those of the word, in Korean its strokes."""
        return "".join(self.keys.strokes(low) or ()) if self._by_jamo else low

    def rewrite(self, source: str, start: int, end: int, wrong: str) -> str | None:
        """The word in which these letters became others."""
        text = source[:start] + wrong + source[end:]
        return self.keys.text(text) if self._by_jamo else unicodedata.normalize("NFC", text)

    def _convert(self, word: str, stream: Stream) -> Slip | None:
        """What an input method makes of the right keys: another word."""
        offers = self.converter.offers(word) if self.converter else ()
        offer = stream.weighted(offers, tuple(accumulate(whole(offer.share) for offer in offers)))
        return Slip(stream.weighted(offer.words, offer.cumulative), offer.op, "input")

    def _space(self, word: Word, stream: Stream) -> Slip | None:
        """The space behind the word left out, or one put into it."""
        able = (word.joins, len(word.letters) >= SHORTEST_SPLIT)
        if stream.weighted(*self._spacings[able]) == "join":
            return Slip(word.text, "join", "spacing", swallowed=1)
        place = 1 + stream.below(len(word.letters) - 1)
        return Slip("".join(word.letters[:place]) + " " + "".join(word.letters[place:]), "split", "spacing")

    def _spacing(self, joins: bool, splits: bool) -> Wheel[str]:
        """Joining and splitting, as far as a word allows them."""
        able = {"join": joins, "split": splits}
        return _wheel({op: self.table.spacing.get(op, 0) * able[op] for op in SPACINGS})

    def _cased(self, low: str, prepared: Prepared) -> str:
        return low if prepared.casing is _LOWER else recase(low, prepared.casing, self.table.language)

    def _prepare(self, text: str) -> Prepared:
        how = casing(text, self.table.language)
        low = text if how is Casing.mixed else lower(text, self.table.language)
        strokes = self.keys.strokes(low) or ()
        source = self.source(low)
        choices = {kind: self._choices(kind, low, source) for kind, found in self._rewritings.items() if found}
        return Prepared(low, how, strokes, source, choices)

    def _classes(self, text: str, joins: bool, splits: bool) -> Wheel[str]:
        """The classes, each by how much of its share the word calls for."""
        prepared = self.prepare(text)
        calls = {kind: found.fullness for kind, found in prepared.choices.items()}
        calls["mechanical"] = pressing(len(prepared.strokes))
        calls["input"] = sum(offer.share for offer in self.converter.offers(text)) if self.converter else 0.0
        spacing = joins * self.table.spacing.get("join", 0) + splits * self.table.spacing.get("split", 0)
        calls["spacing"] = spacing / sum(self.table.spacing.values())
        return _wheel({kind: weight * calls.get(kind, 0.0) for kind, weight in self.table.classes.items()})

    def sites(self, kind: str, source: str) -> Iterator[Site]:
        """Where the confusions of a class fit into a word's letters (in Korean its strokes)."""
        found, count = self._rewritings[kind], len(source)
        for start, place in enumerate(_buckets(count)):
            for end in range(start + 1, min(start + self._longest.get(source[start], 0), count) + 1):
                wheels = found.get(source[start:end])
                wheel = wheels[end == count][place] if wheels else None
                if wheel:
                    yield Site(start, wheel)

    def _choices(self, kind: str, low: str, source: str) -> Choices:
        """The sites, and with them the word without any mark."""
        sites = list(self.sites(kind, source))
        weights = [site.rewritings.cumulative[-1] for site in sites]
        total = sum(weights)
        bare = without_marks(low) if kind == "diacritic" and self.table.bare else low
        if sum(map(ne, bare, low)) > 1:
            weights.append(round(self.table.bare * total))
            whole_word = Rewriting(Confusion(low, bare, self.table.bare), operation(low, bare))
            sites.append(Site(0, Wheel((whole_word,), (1,))))
        return Choices(Wheel(sites, tuple(accumulate(weights))), total / SCALE)

    def _by_right(self, kind: str) -> dict[str, tuple[Placed, Placed]]:
        """The rewritings by the letters that they rewrite: within the word, and at its end."""
        found: dict[str, list[Rewriting]] = {}
        for one in getattr(self.table, kind):
            found.setdefault(one.right, []).append(Rewriting(one, operation(one.right, one.wrong)))
        return {right: (self._at(kind, rows, False), self._at(kind, rows, True)) for right, rows in found.items()}

    def _at(self, kind: str, rows: Sequence[Rewriting], ends: bool) -> Placed:
        """For each of PLACES the rewritings that fit there."""
        found: list[Wheel[Rewriting] | None] = []
        for place in range(len(PLACES)):
            fit = [
                one for one in rows if (place == FIRST or not one.confusion.start) and (ends or not one.confusion.end)
            ]
            positions = [self._positions["diacritic" if kind == "diacritic" else one.op][place] for one in fit]
            weights = [whole(one.confusion.weight * at / SCALE) for one, at in zip(fit, positions, strict=True)]
            found.append(Wheel(tuple(fit), tuple(accumulate(weights))) if fit else None)
        return tuple(found)


def pressing(strokes: int) -> float:
    """How much of the finger slips' share a word of so many strokes calls for, 0-1; a single one cannot slip."""
    return 1 - math.exp(-STROKE * strokes / FULL) if strokes > 1 else 0.0


def bucket(place: int, count: int) -> int:
    """Which of PLACES a place among `count` is: first, second, last, or a third of what lies between.

    >>> [PLACES[bucket(i, 9)] for i in range(9)]
    ['first', 'second', 'early', 'early', 'middle', 'middle', 'late', 'late', 'last']
    """
    if place == 0:
        return FIRST
    if place == count - 1:
        return LAST
    return SECOND if place == 1 else EARLY + 3 * (place - 2) // (count - 3)


@lru_cache(maxsize=256)
def _buckets(count: int) -> tuple[int, ...]:
    return tuple(bucket(place, count) for place in range(count))


def operation(right: str, wrong: str) -> str:
    """The operation that a rewriting comes to.

    >>> operation("ie", "ei"), operation("ph", "f"), operation("s", "ss"), operation("e", "a")
    ('transpose', 'delete', 'insert', 'substitute')
    """
    if right != wrong and right == wrong[::-1]:
        return "transpose"
    return "substitute" if len(right) == len(wrong) else "delete" if len(right) > len(wrong) else "insert"


def whole(weight: float) -> int:
    """A weight as a whole number; what is not 0 stays so."""
    return max(round(weight * SCALE), 1) if weight > 0 else 0


def _letters(table: Table) -> frozenset[str] | None:
    """What a slip may bring in; None where other letters are written than are typed."""
    if table.keys not in ("direct", "telex"):
        return None
    wrong = {letter for one in (*table.orthographic, *table.diacritic) for letter in one.wrong}
    found = table.alphabet | typed(table) | wrong | {" "}
    return frozenset(found | {upper(letter, table.language) for letter in found})


def _wheel(weights: Mapping[str, float]) -> Wheel[str]:
    """What weighs something, to be drawn from."""
    total = sum(weights.values()) or 1.0
    found = {name: round(weight / total * SCALE**3) for name, weight in weights.items()}
    kept = {name: weight for name, weight in found.items() if weight}
    return Wheel(tuple(kept), tuple(accumulate(kept.values())))


@lru_cache(maxsize=2**12)
def _without(name: str, wheel: Wheel[str]) -> Wheel[str]:
    """The wheel without one of its things."""
    weights = [upto - before for before, upto in pairwise((0, *wheel.cumulative))]
    return _wheel({item: weight for item, weight in zip(wheel.items, weights, strict=True) if item != name})


def _longest(confusions: Iterable[Confusion]) -> dict[str, int]:
    """How many letters a confusion may rewrite, by the first of them."""
    found: dict[str, int] = {}
    for one in confusions:
        found[one.right[0]] = max(found.get(one.right[0], 0), len(one.right))
    return found


def _by_letter(table: Table, op: str, strokes: Iterable[str]) -> dict[str, int]:
    """The weight of each stroke under an operation; empty where the table says nothing."""
    weights = table.letters.get(op)
    if not weights:
        return {}
    found = {}
    for stroke in sorted(strokes):
        letter = lower(stroke, table.language)
        found[stroke] = whole(weights.get(letter, weights.get("vowel", 1.0) if letter in table.vowels else 1.0))
    return found


def without_marks(word: str) -> str:
    """The word as someone types it who uses no marks; as many letters as before.

    >>> without_marks("đường")
    'duong'
    """
    return "".join(map(_base, word))


@lru_cache(maxsize=2**12)
def _base(letter: str) -> str:
    """The letter without its accents: what else Unicode takes apart (syllables of jamo, dakuten) is no mark."""
    parted = unicodedata.normalize("NFD", letter)
    return _BASES.get(parted[0], parted[0]) if all("\u0300" <= c <= "\u036f" for c in parted[1:]) else letter


_BASES = {"đ": "d", "ł": "l", "ø": "o", "ı": "i"}
