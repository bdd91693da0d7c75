"""Words with their readings and frequencies, as an input method keeps them. Knows no keys and no slips.

The files are made by tools/lexicons_*.py. A row is word, reading and count, parted by tabs; rows go by falling count;
lines that begin with `#` name sources and licences.
"""

from __future__ import annotations

import gzip
import re
import zlib
from functools import cache, cached_property
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from typoglot.errors import DataError
from typoglot.lines import read_text

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    Weighted = tuple[tuple[str, ...], tuple[int, ...]]  # words, and the running sums of their weights

FOLDER = Path(__file__).parent / "lexicons"
_ROW = "a row is word, reading and a whole count, parted by tabs; syllables are parted by one space"
_ROWS = re.compile(r"^([^#\t\n][^\t\n]*)\t([^\t\n ]+(?: [^\t\n ]+)*)\t([0-9]+)$", re.MULTILINE)


class Lexicon:
    """The words of one file, which is read when first asked. Every method may raise `DataError` for a malformed file.

    A reading is a tuple of syllables, or the text that stands for it in the file. In a Chinese file syllables are
    parted by a space, one for each character; with `separator=""` (Japanese) each sign of the reading is a syllable.

    >>> lexicon("zh_cn").readings("月球")
    ('yue', 'qiu')
    >>> lexicon("zh_cn").best(("yue", "qiu"))
    '月球'
    """

    def __init__(self, path: Path, separator: str = " ") -> None:
        self.path, self.separator = path, separator
        self._weighted: dict[str, Weighted] = {}

    def readings(self, word: str) -> tuple[str, ...] | None:
        """The syllables of the word's commonest reading.

        A word that is not listed is put together by longest match from the left; None where a character is unknown.
        """
        reading = self._tables.commonest
        pieces = _cut(word, "", reading)
        if pieces is None:
            return None
        return tuple(syllable for piece in pieces for syllable in self._split(reading[piece]))

    def counted(self, reading: tuple[str, ...] | str) -> list[tuple[str, int]]:
        """The words with exactly this reading and their counts, commonest first."""
        tables = self._tables
        return [(tables.words[place], tables.counts[place]) for place in tables.places.get(self._join(reading), ())]

    def words_of(self, reading: tuple[str, ...] | str) -> Weighted:
        """The words with exactly this reading, commonest first, and the running sums of their weights.

        A weight is the count plus one, so that a word that was never counted can still be drawn.
        """
        key = self._join(reading)
        if key not in self._weighted:
            rows = self.counted(key)
            if not rows:
                return (), ()
            self._weighted[key] = tuple(word for word, _ in rows), tuple(accumulate(count + 1 for _, count in rows))
        return self._weighted[key]

    def highest(self, reading: tuple[str, ...]) -> int | None:
        """The count of the commonest word with exactly this reading; None where there is none."""
        places = self._tables.places.get(self._join(reading))
        return self._tables.counts[places[0]] if places else None

    def best(self, reading: tuple[str, ...] | str) -> str | None:
        """What an input method shows first: the commonest word of the reading.

        Where no word has it, it is put together by longest match from the left; None where a syllable has no word.
        """
        tables = self._tables
        pieces = _cut(self._split(reading) if isinstance(reading, str) else reading, self.separator, tables.places)
        return None if pieces is None else "".join(tables.words[tables.places[piece][0]] for piece in pieces)

    @cached_property
    def syllables(self) -> frozenset[str]:
        """Every syllable that some word is read with."""
        return frozenset(syllable for reading in self._tables.places for syllable in self._split(reading))

    def _split(self, reading: str) -> tuple[str, ...]:
        return tuple(reading.split(self.separator) if self.separator else reading)

    def _join(self, reading: tuple[str, ...] | str) -> str:
        return reading if isinstance(reading, str) else self.separator.join(reading)

    @cached_property
    def _tables(self) -> _Tables:
        # Whole columns at a time: row by row, checks and all, takes twice as long.
        text = _text(self.path)
        rows: list[tuple[str, str, str]] = _ROWS.findall(text)
        if not self._sound(text, rows):
            raise self._fault(text)
        words, readings, counts = zip(*rows, strict=True)
        places: dict[str, list[int]] = {}
        for place, reading in enumerate(readings):
            if reading in places:
                places[reading].append(place)
            else:
                places[reading] = [place]
        commonest = dict(zip(reversed(words), reversed(readings), strict=True))
        return _Tables(words, tuple(map(int, counts)), commonest, places)

    def _sound(self, text: str, rows: list[tuple[str, str, str]]) -> bool:
        """Whether the rows are all lines but the comments, and keep the rules of `_fault`."""
        comments = text.count("\n#") + text.startswith("#")
        counts = [int(count) for _, _, count in rows]
        return (
            0 < len(rows) == text.count("\n") - comments
            and counts == sorted(counts, reverse=True)
            and len({row[:2] for row in rows}) == len(rows)
            and (not self.separator or all(len(word) == reading.count(" ") + 1 for word, reading, _ in rows))
        )

    def _fault(self, text: str) -> DataError:
        """The first fault of a file that is not sound."""
        seen: set[tuple[str, str]] = set()
        highest = None
        for number, line in enumerate(text.removesuffix("\n").split("\n"), 1):
            row = _ROWS.match(line + "\n")
            if line.startswith("#"):
                continue
            if not row:
                return DataError(self.path, number, repr(line), _ROW)
            word, reading, count = row[1], row[2], int(row[3])
            if self.separator and len(word) != reading.count(" ") + 1:
                return DataError(self.path, number, f"'{word}' is read '{reading}'", "each character has one syllable")
            if (word, reading) in seen:
                return DataError(self.path, number, f"'{word}' is read '{reading}' twice", "drop one row")
            if highest is not None and count > highest:
                return DataError(self.path, number, f"count {count} after {highest}", "rows go by falling count")
            seen.add((word, reading))
            highest = count
        return DataError(self.path, None, "no words, or no line end at the end", _ROW)


class _Tables(NamedTuple):
    words: tuple[str, ...]  # by falling count
    counts: tuple[int, ...]
    commonest: dict[str, str]  # reading of each word
    places: dict[str, list[int]]  # of each reading's words


@cache
def lexicon(code: str) -> Lexicon:
    """The lexicon of a language: zh_cn, zh_tw, zh_hk or ja. The same object each time.

    Raises:
        DataError: there is none.
    """
    path = FOLDER / f"{code}.tsv.gz"
    if not path.is_file():
        there = ", ".join(sorted(file.name.removesuffix(".tsv.gz") for file in FOLDER.glob("*.tsv.gz")))
        raise DataError(path, None, f"no lexicon '{code}'", f"choose among {there}")
    return Lexicon(path, "" if code == "ja" else " ")


def _text(path: Path) -> str:
    try:
        return gzip.decompress(path.read_bytes()).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        return read_text(path)  # ten times slower, but it names the fault


def _cut(units: Sequence[str], separator: str, known: Container[str]) -> list[str] | None:
    """The longest known pieces from the left; None where one unit is unknown, or there is none at all."""
    pieces: list[str] = []
    start = 0
    while start < len(units):
        for end in range(len(units), start, -1):
            piece = separator.join(units[start:end])
            if piece in known:
                break
        else:
            return None
        pieces.append(piece)
        start = end
    return pieces or None
