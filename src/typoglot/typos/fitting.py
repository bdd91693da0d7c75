"""Fits a language's table to pairs of right and misspelt words: classes, operations, places, letters, confusions.

The table that a language has is the prior: what the pairs say little of stays near it. The model that is fitted is the
one that `Writer` draws from, step by step.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from rapidfuzz.distance import OSA

from typoglot.errors import DataError
from typoglot.typos.casing import lower
from typoglot.typos.letters import normal
from typoglot.typos.loglinear import Candidate, Choice, Feature, fit, likelihood
from typoglot.typos.tables import CLASSES, OPS, PLACES, SPACINGS, Confusion, Table
from typoglot.typos.writers import Writer, bucket, operation, pressing, without_marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from typoglot.typos.pairs import WordPair

FEWEST = 100  # pairs that are one slip: fewer say less than the table already does
NEW = 0.3  # prior weight of a confusion that the table has not: seldom
LONGEST = 2  # letters on either side of a confusion that is learnt
TWICE = 2  # words whose like rewriting of several letters makes it a confusion
CLASS_STRENGTH = 5.0
STRENGTH = 1.0  # there are hundreds of confusions: the unseen ones must not outweigh the seen
ALIKE = 2.0  # of log-likelihood: the rule of thumb for a difference that says something
SCALES = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


class Slipped(NamedTuple):
    """A pair read as one slip: its class, operation and place, and the letters before and after."""

    word: str  # the right one, in lower case
    kind: str
    op: str
    place: int = 0
    right: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class Fitted:
    """The new tables, ready for a language file, and what they were made from."""

    tables: Mapping[str, Any]
    counts: Mapping[str, int]  # slips by class and operation, and "unexplained": pairs that are no single slip


class Reader:
    """Reads pairs as slips of a table's writer."""

    def __init__(self, table: Table) -> None:
        self.table, self.writer = table, Writer(table)

    def read(self, pair: WordPair) -> Slipped | None:
        """The one slip that makes the wrong word of the right one; None where it takes several."""
        right, wrong = (lower(normal(text), self.table.language) for text in pair)
        if right != wrong and right.replace(" ", "") == wrong.replace(" ", ""):
            return Slipped(right, "spacing", "join" if len(wrong) < len(right) else "split")
        if " " in right or " " in wrong or right == wrong:
            return None
        return (
            self._marks(right, wrong)
            or self._known("orthographic", right, wrong, wide=True)
            or self._stroke(right, wrong)
        )

    def _marks(self, right: str, wrong: str) -> Slipped | None:
        if len(right) != len(wrong) or without_marks(right) != without_marks(wrong):
            return self._known("diacritic", right, wrong)
        differ = [i for i, (a, b) in enumerate(zip(right, wrong, strict=True)) if a != b]
        if len(differ) == 1:
            i = differ[0]
            spelling = self._is_known(right[i], wrong[i])  # Russian й and и are letters, not a letter and its mark
            return None if spelling else Slipped(right, "diacritic", "substitute", i, right[i], wrong[i])
        return Slipped(right, "diacritic", "bare") if wrong == without_marks(right) else None

    def _known(self, kind: str, right: str, wrong: str, *, wide: bool = False) -> Slipped | None:
        """A confusion of the table; if `wide`, one of several letters or bound to a place: a keystroke says less."""
        source = self.writer.source(right)
        for start, one in rewritings(self.writer, kind, source):
            if wide and max(len(one.right), len(one.wrong)) == 1 and not (one.start or one.end):
                continue
            if self.writer.rewrite(source, start, start + len(one.right), one.wrong) == wrong:
                return Slipped(right, kind, operation(one.right, one.wrong), start, one.right, one.wrong)
        return None

    def _stroke(self, right: str, wrong: str) -> Slipped | None:
        before, after = self.writer.keys.strokes(right), self.writer.keys.strokes(wrong)
        if not before or not after or before == after:
            return None
        if OSA.distance(before, after) > 1:
            return self._several(right, wrong)
        head = sum(1 for _ in _common(before, after))
        if len(after) < len(before):
            twin = bool(head) and before[head] == before[head - 1]
            return Slipped(right, "mechanical", *(("undouble", head - 1) if twin else ("delete", head)), before[head])
        if len(after) > len(before):
            put = after[head]
            if put not in before[max(head - 1, 0) : head + 1]:
                return Slipped(right, "mechanical", "insert", head, "", put)
            return Slipped(right, "mechanical", "double", head - (before[head : head + 1] != (put,)), put)
        if before[head + 1 : head + 2] == (after[head],) and after[head + 1] == before[head]:
            return Slipped(right, "mechanical", "transpose", head)
        near = after[head] in self.writer.keyboard.neighbours(before[head])[0]
        # A neighbouring key is a finger slip, unless the table knows the confusion.
        if near and not self._is_known(before[head], after[head]):
            return Slipped(right, "mechanical", "substitute", head, before[head], after[head])
        confused = self._several(right, wrong)
        return confused if confused and confused.op == "substitute" else None

    def _several(self, right: str, wrong: str) -> Slipped | None:
        """A rewriting of a few letters in one place, which may be a confusion."""
        one, other = (self.writer.source(word) for word in (right, wrong))
        head = sum(1 for _ in _common(one, other))
        tail = sum(1 for _ in _common(one[head:][::-1], other[head:][::-1]))
        before, after = one[head : len(one) - tail], other[head : len(other) - tail]
        if 0 < len(before) <= LONGEST >= len(after):
            return Slipped(right, "orthographic", operation(before, after), head, before, after)
        return None

    def _is_known(self, right: str, wrong: str) -> bool:
        """Whether the table has the substitution for one of spelling."""
        return any((one.right, one.wrong) == (right, wrong) for one in self.table.orthographic)


def rewritings(writer: Writer, kind: str, source: str) -> Iterator[tuple[int, Confusion]]:
    """The confusions of a class that fit into a word's letters, each with its place."""
    for site in writer.sites(kind, source):
        for confusion, _ in site.rewritings.items:
            yield site.start, confusion


def _common(one: Sequence[str], other: Sequence[str]) -> Iterator[str]:
    for a, b in zip(one, other, strict=False):
        if a != b:
            return
        yield a


def fit_table(table: Table, pairs: Sequence[WordPair], source: str) -> Fitted:
    """The language's tables, fitted to pairs of which most are one slip.

    Args:
        table: the prior; also says how the language is typed.
        pairs: right and wrong words. A pair that stands twice counts twice.
        source: one sentence for the file on where the pairs come from.

    Raises:
        DataError: fewer than FEWEST pairs are one slip.
    """
    read = Reader(table).read
    found = Counter(slipped for pair in pairs if (slipped := read(pair)) is not None)
    if found.total() < FEWEST:
        what = f"{found.total()} of {len(pairs)} pairs are one slip"
        raise DataError(table.language, None, what, f"at least {FEWEST} are needed to fit a language")
    fitting = _Fitting(_extended(table, found), found)
    counts = Counter(f"{one.kind} {one.op}" for one in found.elements())
    return Fitted(fitting.tables(source), {**dict(counts.most_common()), "unexplained": len(pairs) - found.total()})


def _extended(table: Table, found: Iterable[Slipped]) -> Table:
    """The table with the confusions that it lacked; of those of several letters, the ones seen in several words."""
    seen = Counter((one.kind, one.right, one.wrong) for one in found if one.right and one.op != "bare")
    known = {(kind, one.right, one.wrong) for kind in ("orthographic", "diacritic") for one in getattr(table, kind)}
    new: dict[str, list[Confusion]] = {"orthographic": [], "diacritic": []}
    for (kind, right, wrong), times in seen.items():
        sure = len(right + wrong) <= TWICE or times >= TWICE
        if kind in new and (kind, right, wrong) not in known and sure and table.alphabet.issuperset(right + wrong):
            new[kind].append(Confusion(right, wrong, NEW))
    return replace(
        table,
        orthographic=(*table.orthographic, *sorted(new["orthographic"])),
        diacritic=(*table.diacritic, *sorted(new["diacritic"])),
    )


class _Fitting:
    """One language's fit, step by step; each step is computed when another asks for it."""

    def __init__(self, table: Table, found: Counter[Slipped]) -> None:
        self.table, self.found = table, found
        self.writer = Writer(table)

    def of(self, kind: str, *ops: str) -> list[Slipped]:
        return [one for one in self.found if one.kind == kind and (not ops or one.op in ops)]

    @cached_property
    def ops(self) -> dict[str, float]:
        """The mix of operations among those that each word allows."""
        choices = []
        for one in self.of("mechanical"):
            able = [op for op in OPS if self.writer.places(op, self.strokes(one.word))]
            if one.op in able:
                choices.append(Choice(able.index(one.op), [Candidate((("op", op),)) for op in able], self.found[one]))
        start: dict[Feature, float] = {("op", op): self.table.ops.get(op) or 0.01 for op in OPS}
        found = _shares({op: weight for (_, op), weight in fit(choices, start, CLASS_STRENGTH).items()})
        # An operation never seen was hardly never made: such pairs were chosen by edit distance, under which a
        # transposition counts two. It keeps the share that it had.
        kept = {op: self.table.ops.get(op, 0.0) for op in OPS if not self.of("mechanical", op)}
        rest = _shares({op: share for op, share in found.items() if op not in kept})
        return {**kept, **{op: share * (1 - sum(kept.values())) for op, share in rest.items()}}

    @cached_property
    def by_op(self) -> dict[str, dict[Feature, float]]:
        """Weights of places and letters; those of substitution together with the confusions, whose places they share.

        Under "diacritic" those of the slips in marks.
        """
        found: dict[str, dict[Feature, float]] = {}
        for op in (*(op for op in OPS if op != "substitute"), "substitute", "diacritic"):
            choices = [self.place(one) for one in self.of("mechanical", op)]
            if op == "substitute":
                choices += [self.confusion(one, found) for one in self.of("orthographic")]
            elif op == "diacritic":
                choices += [self.confusion(one, found) for one in self.of("diacritic") if one.op != "bare"]
            found[op] = fit([choice for choice in choices if choice], self.start(op), STRENGTH)
        return found

    def start(self, op: str) -> dict[Feature, float]:
        places = self.table.positions.get(op, self.table.positions["all"])
        letters = self.table.letters.get(op, {})
        vowel = letters.get("vowel", 1.0)
        found: dict[Feature, float] = {("place", place): weight for place, weight in places.items()}
        found |= {("letter", c): letters.get(c, vowel if c in self.table.vowels else 1.0) for c in self.table.alphabet}
        rows = self.table.diacritic if op == "diacritic" else self.table.orthographic
        found |= {("pair", *_name(one)): one.weight for one in rows}
        return {**found, ("near", "near"): letters.get("adjacent", 1.0)}

    def strokes(self, word: str) -> tuple[str, ...]:
        return self.writer.keys.strokes(word) or ()

    def place(self, one: Slipped) -> Choice | None:
        """Which place and letter a finger slip took, among all at which the operation could happen."""
        strokes = self.strokes(one.word)
        places = [i for i, weight in enumerate(self.writer.places(one.op, strokes)) if weight]
        total = len(strokes) + {"insert": 1, "transpose": -1}.get(one.op, 0)
        candidates: list[Candidate] = []
        taken = None
        for i in places:
            features: tuple[Feature, ...] = (("place", PLACES[bucket(i, total)]),)
            if one.op == "insert":
                for feature, letter in self.insertions(strokes[max(i - 1, 0) : i + 1]):
                    taken = len(candidates) if (i, letter) == (one.place, one.wrong) else taken
                    candidates.append(Candidate(features + feature))
            else:
                taken = len(candidates) if i == one.place else taken
                letter_feature: tuple[Feature, ...] = () if one.op == "transpose" else (("letter", strokes[i]),)
                candidates.append(Candidate(features + letter_feature))
        return None if taken is None else Choice(taken, candidates, self.found[one])

    def insertions(self, beside: Sequence[str]) -> Iterator[tuple[tuple[Feature, ...], str]]:
        near = {stroke for one in beside for stroke in self.writer.keyboard.neighbours(one)[0]}
        for letter in self.writer.insertable(tuple(beside))[0]:
            yield ((("letter", letter),) + ((("near", "near"),) if letter in near else ())), letter

    def confusion(self, one: Slipped, known: Mapping[str, Mapping[Feature, float]]) -> Choice | None:
        """Which confusion was made, among all that the word invites.

        Deletions and insertions keep the places that finger slips have been found to take.
        """
        candidates: list[Candidate] = []
        taken = None
        source = self.writer.source(one.word)
        for start, other in rewritings(self.writer, one.kind, source):
            place: Feature = ("place", PLACES[bucket(start, len(source))])
            op = operation(other.right, other.wrong)
            if (start, other.right, other.wrong) == (one.place, one.right, one.wrong):
                taken = len(candidates)
            features: tuple[Feature, ...] = (_sort(one.kind, other), ("pair", *_name(other)))
            if one.kind == "diacritic" or op == "substitute":
                candidates.append(Candidate((place, *features)))
            else:
                candidates.append(Candidate(features, known[op].get(place, 1.0)))
        return None if taken is None else Choice(taken, candidates, self.found[one])

    @cached_property
    def confusions(self) -> dict[str, tuple[Confusion, ...]]:
        """The fitted confusions by class."""
        found = {}
        for kind, op in (("orthographic", "substitute"), ("diacritic", "diacritic")):
            weights = self.by_op[op]
            rows = []
            for one in getattr(self.table, kind):
                own = weights.get(("pair", *_name(one)), one.weight) * weights.get(_sort(kind, one), 1.0)
                placed = self.by_op["diacritic" if kind == "diacritic" else operation(one.right, one.wrong)]
                rows.append(one._replace(weight=own * (placed.get(("place", "middle")) or 1.0)))  # which becomes 1
            found[kind] = tuple(rows)
        return found

    @property
    def bare(self) -> float:
        """How often all marks of a word are left out, against all slips in a single mark of such words."""
        several = [one for one in self.of("diacritic") if _marks(one.word) > 1]
        bare = sum(self.found[one] for one in several if one.op == "bare")
        single = sum(self.found[one] for one in several) - bare
        return (bare + self.table.bare) / (single + 1)

    @cached_property
    def scaled(self) -> tuple[dict[str, tuple[Confusion, ...]], dict[str, float]]:
        """The confusions at the scale under which they say most of which class a word slips in, and the classes."""
        best = {kind: _rescaled(rows, 1.0) for kind, rows in self.confusions.items()}
        for kind in best:
            tries = [{**best, kind: _rescaled(best[kind], scale)} for scale in SCALES]
            likely = [self.classes(confusions)[1] for confusions in tries]
            # Small scales are much alike: of those that say as much, the largest leaves classes that read as shares.
            best = tries[max(i for i, found in enumerate(likely) if found > max(likely) - ALIKE)]
        return best, self.classes(best)[0]

    def classes(self, confusions: Mapping[str, tuple[Confusion, ...]]) -> tuple[dict[str, float], float]:
        """The shares of the classes, and how likely they make what was seen."""
        writer = Writer(replace(self.table, orthographic=confusions["orthographic"], diacritic=confusions["diacritic"]))
        kinds = [kind for kind in CLASSES if self.table.classes.get(kind) or self.of(kind)]
        start: dict[Feature, float] = {("class", kind): max(self.table.classes.get(kind, 0), 0.001) for kind in kinds}
        choices = []
        for one in self.found:
            prepared = writer.prepare(one.word)
            full = {kind: choices.fullness for kind, choices in prepared.choices.items()}
            full |= {"mechanical": pressing(len(prepared.strokes)), "spacing": 1.0, "input": 0.0}
            able = [kind for kind in kinds if kind == one.kind or full.get(kind)]
            candidates = [Candidate((("class", kind),), max(full.get(kind, 0.0), 0.001)) for kind in able]
            choices.append(Choice(able.index(one.kind), candidates, self.found[one]))
        weights = fit(choices, start, CLASS_STRENGTH)
        return _shares({kind: weight for (_, kind), weight in weights.items()}), likelihood(choices, weights)

    def tables(self, source: str) -> dict[str, Any]:
        """All fitted tables, as a language file has them."""
        confusions, classes = self.scaled
        spacing = Counter(one.op for one in self.found.elements() if one.kind == "spacing")
        joined = {op: spacing[op] + 2 * self.table.spacing.get(op, 0) for op in SPACINGS}
        says = {"provenance": "fitted", "source": source}
        return {
            "classes": {**says, "weights": _percent(classes)},
            "ops": {**says, "weights": _percent(self.ops)},
            "positions": {**says, "weights": self.positions()},
            "letters": {**says, "weights": self.letters()},
            "confusions": {
                **says,
                "bare": float(f"{self.bare:.3g}"),
                **{kind: [_row(one) for one in rows if one.weight >= 0.01] for kind, rows in confusions.items()},
            },
            "spacing": {**says, "weights": _percent(_shares(joined))},
        }

    def positions(self) -> dict[str, dict[str, float]]:
        """Weights of the places, the middle one 1."""
        found = {"all": self.table.positions["all"]}
        for op, weights in self.by_op.items():
            own = {place: weights.get(("place", place), found["all"][place]) for place in PLACES}
            found[op] = _rounded({place: weight / (own["middle"] or 1.0) for place, weight in own.items()})
        return {op: dict(places) for op, places in found.items()}

    def letters(self) -> dict[str, dict[str, float]]:
        """Weights of the letters that the pairs say anything of."""
        found = {}
        for op in OPS:
            weights = self.by_op[op]
            if op == "insert" and op not in self.table.letters:
                continue  # neighbouring keys alone slip in, whatever letters they have
            own = {letter: weight for (group, letter, *_), weight in weights.items() if group == "letter"}
            adjacent = {"adjacent": weights["near", "near"]} if op == "insert" and ("near", "near") in weights else {}
            if own:
                found[op] = _rounded({**dict(sorted(own.items())), **adjacent})
        return found


def _sort(kind: str, one: Confusion) -> Feature:
    """What sort of rewriting a confusion is: how often people do such a thing at all is sooner known than each pair."""
    if kind == "orthographic":
        return ("sort", operation(one.right, one.wrong))
    bare = without_marks(one.right), without_marks(one.wrong)
    return ("sort", "drop" if bare[0] == one.wrong else "add" if bare[1] == one.right else "change")


def _name(one: Confusion) -> tuple[str, ...]:
    return (one.right, one.wrong, "^" * one.start, "$" * one.end)


def _row(one: Confusion) -> list[object]:
    return ["^" * one.start + one.right + "$" * one.end, one.wrong, float(f"{one.weight:.3g}")]


def _rescaled(rows: tuple[Confusion, ...], factor: float) -> tuple[Confusion, ...]:
    return tuple(one._replace(weight=one.weight * factor) for one in rows)


def _marks(word: str) -> int:
    return sum(a != b for a, b in zip(word, without_marks(word), strict=False))


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def _percent(shares: Mapping[str, float]) -> dict[str, float]:
    """To hundredths of a percent, so that they still sum to 1."""
    return {name: round(share, 4) for name, share in shares.items()}


def _rounded(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{weight:.3g}") for name, weight in weights.items()}
