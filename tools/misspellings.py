"""Reads corpora of human misspellings and writes pairs of words, split in two: to fit the typo engine, and to test it.

For maintainers who have the corpora; none of their text goes into the repository, only what is counted from it.

    python tools/misspellings.py CORPORA OUT            # OUT/<language>.fit.tsv and OUT/<language>.heldout.tsv
    python tools/misspellings.py CORPORA OUT --texts    # the same of whole texts, as `typoglot fit-typos` reads them

A line is wrong<TAB>right. A sentence (Vietnamese: an article) goes to one side with all its words, by the hash of what
was written in it (of its id), so that no sentence is on both sides. Sentences that occur again count once; so do
JFLEG's, which come in up to four versions, each with the writer's misspellings put into another corrector's wording.

    en  jfleg.sources.txt, jfleg.corrections.txt          English learners (JFLEG): CC BY-NC-SA 4.0, not redistributed
    pt  nilc-ptbr.xml                                     Brazilian product reviews (NILC UGC), marked by hand: CC0
    ru  ruspellru.sources.txt, ruspellru.corrections.txt  blogs (RUSpellRU, first half): licence of the data not known,
                                                          not redistributed
    vi  viwiki.jsonl                                      Wikipedia (first half), marked by hand: licence not known,
                                                          not redistributed
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from typoglot.errors import DataError, TypoglotError
from typoglot.files import atomic_text, make_folder
from typoglot.lines import read_json_rows, read_lines, require_folder
from typoglot.typos.pairs import WordPair, align, known_words, misspellings, words

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Iterator

FIT = 0.7  # share of sentences
SHARED = 0.25  # of the words of two versions of a sentence together; unrelated ones share less, hardly any come close
SIDES = ("fit", "heldout")
# Of NILC's classes, internet slang is no slip, and "other" holds abbreviations and brands.
NILC_CLASSES = frozenset({"typo", "phono", "diac"})


class Sample(NamedTuple):
    """A sentence (in its versions) or article: its texts, and the parts of them in which to look for misspellings.

    Where errors were marked by hand the parts are what was marked.
    """

    key: str
    texts: tuple[tuple[str, str], ...]  # (right, wrong)
    parts: tuple[tuple[str, str], ...]


class Extract(NamedTuple):
    """What was found on one side of the split."""

    texts: list[tuple[str, str]]
    pairs: list[WordPair]
    left_out: Counter[str]


def parallel(folder: Path, name: str) -> list[tuple[str, str]]:
    """The lines of <name>.corrections.txt, each with the same line of <name>.sources.txt; repeated pairs once.

    Raises:
        DataError: a file is missing, or they differ in length.
    """
    paths = [folder / f"{name}.{part}.txt" for part in ("corrections", "sources")]
    right, wrong = ([line for _, line in read_lines(path)] for path in paths)
    if len(right) != len(wrong):
        what = f"{len(right)} lines, but {len(wrong)} in '{paths[1].name}'"
        raise DataError(paths[0], None, what, "each line must correct the same line there; fetch both files again")
    return list(dict.fromkeys(zip(right, wrong, strict=True)))


def ruspellru(folder: Path) -> Iterator[Sample]:
    """Sentences of RUSpellRU; raises as `parallel` does."""
    for text in parallel(folder, "ruspellru"):
        yield Sample(text[1], (text,), (text,))


def jfleg(folder: Path) -> Iterator[Sample]:
    """Sentences of JFLEG, each with all its versions, of whose misspellings each counts once; raises as `parallel`."""
    for texts in families(parallel(folder, "jfleg")):
        differences = dict.fromkeys(pair for text in texts for pair in align(*text))
        yield Sample(min(wrong for _, wrong in texts), tuple(texts), tuple(differences))


def families(texts: Iterable[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Gathers (right, wrong) texts that are versions of one: they share a misspelling and a quarter of their words.

    >>> [len(one) for one in families([("a bee", "a bea"), ("we see", "we sea"), ("a bee sat", "a bea sat")])]
    [2, 1]
    """
    found: list[list[tuple[str, str]]] = []
    holding: dict[WordPair, list[tuple[int, frozenset[str]]]] = defaultdict(list)  # by misspelling: family, all words
    for text in texts:
        here = frozenset(word.casefold() for word in words(text[1]))
        misspelt = set(align(*text))
        near = [i for pair in misspelt for i, there in holding[pair] if len(here & there) >= SHARED * len(here | there)]
        index = min(near, default=len(found))
        if not near:
            found.append([])
        found[index].append(text)
        for pair in misspelt:
            holding[pair].append((index, here))
    return found


def nilc(path: Path) -> Iterator[Sample]:
    """Sentences of the NILC UGC spelling corpus.

    Raises:
        DataError: the file is missing or no XML.
    """
    try:
        root = ET.fromstring("\n".join(line for _, line in read_lines(path)))
    except ET.ParseError as error:
        raise DataError(path, error.position[0], f"not XML ({error})", "fetch the file again") from error
    seen: set[str] = set()
    for sentence in root.iter("sentence"):
        pairs = [_nilc_word(word) for word in sentence.iter("w")]
        right, wrong = (" ".join(pair[side] for pair in pairs) for side in (0, 1))
        if wrong not in seen:
            seen.add(wrong)
            yield Sample(wrong, ((right, wrong),), tuple(pair for pair in pairs if pair[0] != pair[1]))


def _nilc_word(word: ET.Element) -> tuple[str, str]:
    wrong = word.text or ""
    return (word.get("correct_form", "") if word.get("error_type") in NILC_CLASSES else wrong), wrong


def viwiki(path: Path) -> Iterator[Sample]:
    """Articles of the Vietnamese Wikipedia with their mistakes, each with the first correction that is suggested.

    Raises:
        DataError: the file is missing or malformed, or a mistake does not stand where it should.
    """
    for number, row in read_json_rows(path):
        try:
            mistakes = [(int(one["start_offset"]), one["text"], one["suggest"][0]) for one in row["mistakes"]]
            yield _article(row["_id"], row["text"], sorted(mistakes))
        except KeyError as error:
            raise DataError(path, number, f"no {error}", "articles have _id, text and mistakes") from error
        except (IndexError, TypeError, ValueError) as error:
            raise DataError(path, number, str(error), "fetch the file again") from error


def _article(key: str, text: str, mistakes: list[tuple[int, str, str]]) -> Sample:
    """The article line by line, in which mistakes that overlap, or run over a line's end, stay as they are."""
    parts, pieces, done = [], [], 0
    for start, wrong, right in mistakes:
        if not text.startswith(wrong, start):
            raise ValueError(f"'{wrong}' does not stand at {start}")
        if "\n" not in wrong and start >= done:
            parts.append((right, wrong))
            pieces += [text[done:start], right]
            done = start + len(wrong)
    lines = zip("".join([*pieces, text[done:]]).split("\n"), text.split("\n"), strict=True)
    return Sample(key, tuple(pair for pair in lines if pair[0] != pair[1]), tuple(parts))


READERS: dict[str, Callable[[Path], Iterator[Sample]]] = {
    "en": jfleg,
    "pt": lambda folder: nilc(folder / "nilc-ptbr.xml"),
    "ru": ruspellru,
    "vi": lambda folder: viwiki(folder / "viwiki.jsonl"),
}
MARKED = frozenset({"pt", "vi"})  # by hand, one by one: what is a word there is a misspelling nevertheless


def side(language: str, key: str) -> str:
    """Which side of the split a sentence is on: the same on any machine, whatever else the corpus holds.

    >>> side("en", "I see.") == side("en", "I see.")
    True
    """
    digest = hashlib.blake2b(f"{language}\t{key}".encode(), digest_size=8).digest()
    return SIDES[int.from_bytes(digest, "big") >= FIT * 2**64]


def extract(folder: Path, language: str) -> dict[str, Extract]:
    """Both sides of a language's corpus. The vocabulary is that of both: it decides what is left out, not how often.

    Raises:
        DataError: a file is missing or malformed.
    """
    samples = list(READERS[language](folder))
    marked = language in MARKED
    texts = [] if marked else [text for sample in samples for text in sample.texts]
    vocabulary = known_words(texts, language)
    found = {}
    for name in SIDES:
        here = [sample for sample in samples if side(language, sample.key) == name]
        parts = [part for sample in here for part in sample.parts]
        pairs, left_out = misspellings(parts, vocabulary, language=language, real_words=marked)
        found[name] = Extract([text for sample in here for text in sample.texts], pairs, left_out)
    return found


def write(path: Path, pairs: Iterable[tuple[str, str]]) -> None:
    """Writes wrong<TAB>right, a line a pair; blanks inside a text become one space.

    Raises:
        OutputError: the disk refused.
    """
    with atomic_text(path) as out:
        for right, wrong in pairs:
            out.write("\t".join(" ".join(text.split()) for text in (wrong, right)) + "\n")


def table(found: dict[str, dict[str, Extract]]) -> str:
    """Counts a language: texts and pairs on both sides, then what was left out."""
    reasons = sorted({reason for sides in found.values() for one in sides.values() for reason in one.left_out})
    rows = [["", *(f"{name} {what}" for what in ("texts", "pairs") for name in SIDES), *reasons]]
    for language, sides in found.items():
        counts = [len(part) for what in (0, 1) for part in (sides[name][what] for name in SIDES)]
        out = [sum(one.left_out[reason] for one in sides.values()) for reason in reasons]
        rows.append([language, *map(str, counts + out)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def main() -> int:
    """Reads, writes and prints the table; 1 where a corpus or folder is not as it should be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpora", type=Path, help="folder with the corpora")
    parser.add_argument("out", type=Path, help="folder for the pairs")
    parser.add_argument("--texts", action="store_true", help="write pairs of texts instead of words")
    args = parser.parse_args()
    try:
        require_folder(args.corpora, "corpora of misspellings")
        found = {language: extract(args.corpora, language) for language in READERS}
        make_folder(args.out)
        for language, sides in found.items():
            for name, one in sides.items():
                write(args.out / f"{language}.{name}.tsv", one.texts if args.texts else one.pairs)
    except TypoglotError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(table(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
