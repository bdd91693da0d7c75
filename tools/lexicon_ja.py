"""Makes src/typoglot/typos/lexicons/ja.tsv.gz: Japanese words, their readings, and how often they are written.

    python tools/lexicon_ja.py mozc_2.29.5160.102+dfsg.orig.tar.xz

The source is Debian's source package mozc (`apt-get source --download-only mozc`). Mozc is an input method; its
dictionary's entries are those of IPAdic, but their costs come from text of the web and are made for the very question
asked here, which word is meant by a reading. IPAdic's own costs are fitted to cutting text into words and cannot answer
it (they put 公開 behind 後悔 and 更改).

A cost is -500 ln P(entry | class), and a class costs -500 ln P(class | class before): both sum to 1 for that scale. So
the count of an entry, per hundred million words, is 10^8 P(entry | class) P(class), with P(class) the stationary
distribution of the chain of classes. The counts of a word's entries of one reading add up.

Rows are words as ICU cuts them, for it cuts the typo engine's texts: 大地震 is two of its words. ICU parts a verb's
stem from its ending (書|かれ). A stem has the counts of its inflected forms, and its reading names the ending of its
dictionary form in brackets (書 か(く)), for it can only be taken for a stem of the same endings (描, not 買).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import sys
import tarfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import regex
from icu4py.breakers import WordBreaker
from icu4py.locale import Locale

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

SHA256 = "267432a38286dfcf04614a4874c38a723c1cfe85d3bfc64e27a83efadc0b184f"
OUT = Path(__file__).parents[1] / "src/typoglot/typos/lexicons/ja.tsv.gz"
UNIT = 500  # of costs: the natural logarithm of a probability, times this
SCALE = 1e8  # words that the counts are for
WORDS = 58_000  # rows with kanji: what fits into 600 kB
SEEN = 0.5 / SCALE  # what is rarer rounds to no count
HEAD = """\
# Japanese words, their readings, and their counts per 100 million words. Made by tools/lexicon_ja.py.
# Behind a stem's reading, in brackets, is the ending of its dictionary form.
# Source: dictionary of Mozc 2.29.5160.102 (Debian source package mozc 2.29.5160.102+dfsg).
# Licence: BSD-3-Clause (Google) with the terms of IPAdic (NAIST) and ICOT Free Software: see LICENCES.md.
"""

_JAPANESE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー]+")
_KANJI = regex.compile(r"\p{Han}")
_READING = regex.compile("[ぁ-ゖー]+")
_HIRAGANA = regex.compile("[ぁ-ゖ]+")
_KANA = regex.compile("[ぁ-ゖァ-ヶー]+")
_JIS_LEVEL_1 = frozenset(
    bytes([row, cell]).decode("euc_jp", "ignore") for row in range(0xB0, 0xD0) for cell in range(0xA1, 0xFF)
) - {""}

Counts = dict[tuple[str, str], float]  # by word and reading


def main() -> None:
    """Reads the archive named on the command line and writes the lexicon."""
    archive = Path(sys.argv[1])
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != SHA256:
        raise SystemExit(f"{archive}: sha256 {digest}, expected {SHA256}: another version gives another lexicon.")
    files = dict(_files(archive))
    entries, stems = _entries(files)
    words = _words(entries, stems)
    rows = dict(sorted(words.items(), key=_rank)[:WORDS])
    rows |= _rivals(rows, entries)
    rows |= _kanji({word for word, _ in rows}, words, entries, files["single_kanji.tsv"])
    _write(rows)


def _files(archive: Path) -> Iterator[tuple[str, str]]:
    """The data files that count, by name."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if regex.search(
                r"src/data/(dictionary_oss/(dict|conn|id)|single_kanji/single).*\.(txt|tsv|def)$", member.name
            ):
                file = tar.extractfile(member)
                if file is not None:
                    yield Path(member.name).name, file.read().decode()


def _entries(files: dict[str, str]) -> tuple[Counts, dict[tuple[str, str], str]]:
    """The share of every entry among the words of a text; and by stem and its reading, the dictionary form's ending."""
    classes = _classes(files["connection_single_column.txt"])
    inflection = dict(line.split(" ", 1) for line in files["id.def"].splitlines())
    names = sorted(name for name in files if regex.fullmatch(r"dictionary\d+\.txt", name))
    lines = dict.fromkeys(line for name in names for line in files[name].splitlines())  # some stand there twice
    shares: Counts = defaultdict(float)
    endings: dict[tuple[str, str], tuple[float, str]] = {}
    for line in lines:
        reading, left, _, cost, word, *note = line.split("\t")
        if note:  # that it is a misspelling
            continue
        share = float(classes[int(left)]) * math.exp(-int(cost) / UNIT)
        shares[word, reading] += share
        for size in (1, 2) if "基本形" in inflection[left] else ():
            ending = word[-size:]
            if _HIRAGANA.fullmatch(ending) and reading.endswith(ending):
                stem = word[:-size], reading[:-size]
                endings[stem] = max((share, ending), endings.get(stem, (0.0, "")))
    return shares, {stem: ending for stem, (_, ending) in endings.items()}


def _classes(column: str) -> npt.NDArray[np.float64]:
    """The share of every class of words: the stationary distribution of the chain that the connection costs describe.

    Class 0 is the beginning and end of a sentence; classes that do not occur cost nothing wherever they stand.
    """
    size, *costs = map(int, column.split())
    matrix = np.array(costs, dtype=np.float64).reshape(size, size)
    absent = ~matrix.any(axis=1)
    chain = np.exp(-matrix / UNIT)
    chain[absent] = 0
    chain[:, 0] = 0
    shares: npt.NDArray[np.float64] = chain[0] / chain[0].sum()
    for _ in range(100):
        shares = shares @ chain
        shares /= shares.sum()
    return shares


def _words(entries: Counts, stems: dict[tuple[str, str], str]) -> Counts:
    """The shares of ICU's words with kanji: entries that it leaves whole, and stems that it cuts from an ending."""
    locale = Locale("ja")
    found: Counts = defaultdict(float)
    for (word, reading), share in entries.items():
        if not (_KANJI.search(word) and _JAPANESE.fullmatch(word) and _READING.fullmatch(reading)):
            continue
        first = next(iter(WordBreaker(word, locale)))
        ending = word[len(first) :]
        stem = first, reading[: -len(ending)]
        if not ending:
            found[word, reading] += share
        elif stem in stems and reading.endswith(ending):
            found[first, f"{stem[1]}({stems[stem]})"] += share
    return {row: share for row, share in found.items() if share > SEEN}


def _rivals(rows: Counts, entries: Counts) -> Counts:
    """For readings of the rows that are mostly written in kana, the kana: これ, not 此れ."""
    best: dict[str, float] = {}
    for (_, reading), share in rows.items():
        best[reading] = max(share, best.get(reading, 0.0))
    found: dict[str, tuple[float, str]] = {}
    for (word, reading), share in entries.items():
        if share > best.get(reading, math.inf) and _KANA.fullmatch(word):
            found[reading] = max((share, word), found.get(reading, (0.0, "")))
    return {(word, reading): share for reading, (share, word) in found.items()}


def _kanji(known: set[str], words: Counts, entries: Counts, readings: str) -> Counts:
    """A row for each further kanji of JIS level 1: the commonest reading of its rarer words.

    Where it is no word, that reading which begins most words beginning with the kanji; if none does, ends most words.
    """
    rows: Counts = {}
    for (word, reading), share in sorted(words.items(), key=_rank):
        if word in _JIS_LEVEL_1 and word not in known:
            known = known | {word}
            rows[word, reading] = share
    possible = defaultdict(list)
    for reading, kanji in (line.split("\t") for line in readings.splitlines()):
        for one in _JIS_LEVEL_1 & set(kanji) - known:
            possible[one].append(reading)
    begins: Counts = defaultdict(float)
    ends: Counts = defaultdict(float)
    for (word, reading), share in entries.items():
        for candidate in possible.get(word[0], ()):
            begins[word[0], candidate] += share * reading.startswith(candidate)
        for candidate in possible.get(word[-1], ()):
            ends[word[-1], candidate] += share * reading.endswith(candidate)
    for one, candidates in possible.items():
        # A reading in っ is another one before some sounds (窃 せつ in 窃盗). Of equals the longer explains more.
        fitness = [(r[-1] != "っ", begins[one, r], ends[one, r], len(r), r) for r in candidates]
        rows[one, max(fitness)[-1]] = 0.0
    return rows


def _rank(row: tuple[tuple[str, str], float]) -> tuple[float, str, str]:
    (word, reading), share = row
    return -share, word, reading


def _write(rows: Counts) -> None:
    """Writes the rows, the commonest first, with a count of at least 1."""
    counted = sorted((-max(1, round(share * SCALE)), word, reading) for (word, reading), share in rows.items())
    text = HEAD + "".join(f"{word}\t{reading}\t{-count}\n" for count, word, reading in counted)
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", 9, packed, mtime=0) as file:
        file.write(text.encode())
    OUT.write_bytes(packed.getvalue())
    print(f"{OUT.name}: {len(counted)} rows, {len(packed.getvalue()) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
