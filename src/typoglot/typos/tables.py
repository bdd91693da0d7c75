"""A language's data file to a checked table: alphabet, keys, layout, and how its writers slip.

A table says of itself where it comes from: `fitted` to pairs of misspelt and correct text, written by `hand`, or
`borrowed` from another language. docs/typos.md describes the file.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import regex

from typoglot.errors import DataError
from typoglot.typos.casing import lower
from typoglot.typos.tablefile import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER = Path(__file__).with_name("languages")
CLASSES = ("mechanical", "orthographic", "diacritic", "input", "spacing")
OPS = ("substitute", "delete", "insert", "double", "undouble", "transpose")
PLACES = ("first", "second", "early", "middle", "late", "last")
SPACINGS = ("join", "split")
METHODS = ("direct", "hangul", "telex", "pinyin", "bopomofo", "jyutping", "romaji")
LENDABLE = ("classes", "ops", "positions", "letters", "confusions", "spacing")
ROWS = 4  # of a keyboard
HEAVIEST = 1_000_000  # weight: beyond that it is a slip of the pen


class Provenance(Enum):
    """Where a table's numbers come from."""

    fitted = "fitted"
    hand = "hand"
    borrowed = "borrowed"
    generated = "generated"


class Confusion(NamedTuple):
    """A rewriting of `right` to `wrong` that a writer makes, at the word's start or end only if it says so."""

    right: str
    wrong: str
    weight: float
    start: bool = False
    end: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One language's file. Weights are relative: what they sum to means nothing.

    `positions` has a weight for each of PLACES, by operation, "all", or "diacritic" for slips in marks; `letters` a
    weight for single letters (or "vowel"; in `insert` also "adjacent"), by operation; `bare` is the weight of typing a
    word without any mark, where the single diacritic confusions weigh 1 together.
    """

    language: str
    alphabet: frozenset[str]
    vowels: frozenset[str]
    keys: str
    layout: tuple[tuple[tuple[str, ...], ...], ...]
    classes: Mapping[str, float]
    ops: Mapping[str, float]
    positions: Mapping[str, Mapping[str, float]]
    letters: Mapping[str, Mapping[str, float]]
    orthographic: tuple[Confusion, ...]
    diacritic: tuple[Confusion, ...]
    bare: float
    spacing: Mapping[str, float]
    cluster: regex.Pattern[str] | None
    provenance: Mapping[str, Provenance]
    digest: str  # eight hexadecimal digits of the file and of those it borrows from


@lru_cache(maxsize=64)
def load(language: str, folder: Path = FOLDER) -> Table:
    """The language's table; `zh` is simplified Chinese, `pt_br` has that of `pt`, `en_gb` that of `en`.

    A folder need only hold the languages that it changes: the others are the package's. What they borrow follows the
    folder: a table that is borrowed from English is that of the folder's English.

    Raises:
        DataError: the language has no file, or a key of it is at fault; the key is named.
    """
    path = file_of(language, folder)
    if not path.exists():
        raise DataError(
            path, None, f"no table of '{language}'", "misspell it by the profile uniform, or write its table"
        )
    raw = read_table(path)
    digests = [_digest(path)]
    for key in LENDABLE:
        lender = _lender(path, raw, key, folder)
        if lender is not None:
            raw[key] = {**read_table(lender)[key], "provenance": "borrowed"}
            digests.append(_digest(lender))
    return _Reader(path, raw).table(hashlib.sha256("".join(digests).encode()).hexdigest()[:8])


def file_of(language: str, folder: Path = FOLDER) -> Path:
    """The language's file in the folder; in the package, where the folder has none."""
    own = folder / f"{_SAME.get(language, language)}.json"
    return own if own.exists() else FOLDER / own.name


# The table of `pt` has Brazilian keys and was fitted to Brazilian reviews; British keys differ from American in signs.
_SAME = {"zh": "zh_cn", "en_gb": "en", "pt_br": "pt"}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _lender(path: Path, raw: Mapping[str, Any], key: str, folder: Path) -> Path | None:
    """The file that lends this table, if one does."""
    part = raw.get(key)
    if not isinstance(part, dict) or "from" not in part:
        return None
    lender = file_of(str(part["from"]), folder)
    if not lender.exists():
        raise DataError(path, f"{key}.from", f"no language '{part['from']}'", "name a language that has a file")
    lent = read_table(lender).get(key)
    if not isinstance(lent, dict) or "from" in lent:
        raise DataError(path, f"{key}.from", f"'{part['from']}' has no {key} of its own", "borrow from one that has")
    return lender


class _Reader:
    """Checks a file key by key."""

    def __init__(self, path: Path, raw: Mapping[str, Any]) -> None:
        self.path, self.raw = path, raw

    def table(self, digest: str) -> Table:
        confusions = self.part("confusions")
        return Table(
            language=self.one_of("language", [self.path.stem]),
            alphabet=frozenset(self.text("alphabet")),
            vowels=self.vowels(),
            keys=self.one_of("keys", METHODS),
            layout=self.layout(),
            classes=self.weights("classes", CLASSES),
            ops=self.weights("ops", OPS),
            positions=self.positions(),
            letters=self.letters(),
            orthographic=self.confusions("orthographic"),
            diacritic=self.confusions("diacritic"),
            bare=self.number("confusions.bare", confusions.get("bare", 0)),
            spacing=self.weights("spacing", SPACINGS),
            cluster=self.cluster(),
            provenance={key: self.provenance(key) for key in ("layout", *LENDABLE)},
            digest=digest,
        )

    def fault(self, key: str, what: str, expected: str) -> DataError:
        return DataError(self.path, key, what, expected)

    def text(self, key: str, *, empty: bool = False) -> str:
        value = self.raw.get(key)
        if not isinstance(value, str) or not (value or empty):
            raise self.fault(key, f"{value!r}", "a text is expected")
        if unicodedata.normalize("NFC", value) != value:
            raise self.fault(key, "not in normal form C", "write it in NFC")
        return value

    def vowels(self) -> frozenset[str]:
        vowels = frozenset(self.text("vowels", empty=True))
        strange = sorted(vowels - set(self.text("alphabet")))
        if strange:
            raise self.fault("vowels", f"'{strange[0]}' is not in the alphabet", "name vowels of the alphabet")
        return vowels

    def one_of(self, key: str, names: Iterable[str]) -> str:
        value = self.text(key)
        if value not in names:
            raise self.fault(key, f"{value!r}", f"one of {', '.join(names)} is expected")
        return value

    def part(self, key: str) -> dict[str, Any]:
        value = self.raw.get(key)
        if not isinstance(value, dict):
            raise self.fault(key, "missing" if value is None else f"{value!r}", "an object is expected")
        return value

    def provenance(self, key: str) -> Provenance:
        value = self.part(key).get("provenance")
        names = [one.value for one in Provenance]
        if value not in names:
            raise self.fault(f"{key}.provenance", f"{value!r}", f"one of {', '.join(names)} is expected")
        source = self.part(key).get("source")
        if not isinstance(source, str) or not source:
            raise self.fault(f"{key}.source", "missing", "a sentence on where the numbers come from is expected")
        return Provenance(value)

    def number(self, key: str, value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= HEAVIEST:
            raise self.fault(key, f"{value!r:.40}", f"a weight of 0 to {HEAVIEST:,} is expected")
        return float(value)

    def named(self, key: str, values: object, names: Iterable[str] | None) -> dict[str, float]:
        """Weights by name; among `names`, if given."""
        if not isinstance(values, dict):
            raise self.fault(key, f"{values!r}", "an object of weights is expected")
        strange = [name for name in values if names is not None and name not in names]
        if strange:
            raise self.fault(f"{key}.{strange[0]}", "unknown", f"one of {', '.join(names or ())} is expected")
        return {name: self.number(f"{key}.{name}", value) for name, value in values.items()}

    def weights(self, key: str, names: tuple[str, ...]) -> dict[str, float]:
        found = self.named(f"{key}.weights", self.part(key).get("weights"), names)
        if sum(found.values()) <= 0:
            raise self.fault(f"{key}.weights", "all are 0", "at least one must be more than 0")
        return found

    def by_op(self, key: str) -> dict[str, Any]:
        values = self.part(key).get("weights")
        if not isinstance(values, dict):
            raise self.fault(f"{key}.weights", f"{values!r}", "an object of weights by operation is expected")
        names = (*OPS, "all", "diacritic")
        strange = [name for name in values if name not in names]
        if strange:
            raise self.fault(f"{key}.weights.{strange[0]}", "unknown", f"one of {', '.join(names)} is expected")
        return values

    def positions(self) -> dict[str, dict[str, float]]:
        found = {}
        for op, values in {"all": dict.fromkeys(PLACES, 1.0), **self.by_op("positions")}.items():
            key = f"positions.weights.{op}"
            found[op] = self.named(key, values, PLACES)
            missing = [place for place in PLACES if place not in found[op]]
            if missing:
                raise self.fault(f"{key}.{missing[0]}", "missing", f"weights for {', '.join(PLACES)} are expected")
            if not any(found[op].values()):
                raise self.fault(key, "all are 0", "at least one must be more than 0")
        return found

    def letters(self) -> dict[str, dict[str, float]]:
        return {op: self.named(f"letters.weights.{op}", values, None) for op, values in self.by_op("letters").items()}

    def confusions(self, kind: str) -> tuple[Confusion, ...]:
        rows = self.part("confusions").get(kind, [])
        if not isinstance(rows, list):
            raise self.fault(f"confusions.{kind}", f"{rows!r}", "a list of [right, wrong, weight] is expected")
        return tuple(self.confusion(f"confusions.{kind}[{i}]", row) for i, row in enumerate(rows))

    def confusion(self, key: str, row: object) -> Confusion:
        match row:
            case [str(right), str(wrong), weight]:
                bare = right.removeprefix("^").removesuffix("$")
                composed = unicodedata.is_normalized("NFC", bare) and unicodedata.is_normalized("NFC", wrong)
                if not bare or bare == wrong or not composed or lower(bare, self.raw["language"]) != bare:
                    raise self.fault(key, f"{row!r}", "right and wrong must differ, in NFC and in lower case")
                start, end = right.startswith("^"), right.endswith("$")
                return Confusion(bare, wrong, self.number(key, weight), start, end)
        raise self.fault(key, f"{row!r}", "[right, wrong, weight] is expected")

    def layout(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        rows = self.part("layout").get("rows")
        if not isinstance(rows, list) or len(rows) != ROWS:
            raise self.fault("layout.rows", "not four lists", "four rows of keys are expected")
        for i, row in enumerate(rows):
            if not isinstance(row, list) or not all(_is_key(key) for key in row):
                raise self.fault(f"layout.rows[{i}]", "no list of keys", "each key is a list of up to 4 texts")
        return tuple(tuple(tuple(key) for key in row) for row in rows)

    def cluster(self) -> regex.Pattern[str] | None:
        part = self.raw.get("cluster")
        if part is None:
            return None
        self.provenance("cluster")
        try:
            return regex.compile(self.part("cluster").get("pattern"))
        except (regex.error, TypeError) as error:
            raise self.fault("cluster.pattern", f"no regular expression ({error})", "mend the pattern") from error


def _is_key(key: object) -> bool:
    return isinstance(key, list) and len(key) <= 4 and all(isinstance(level, str) for level in key)
