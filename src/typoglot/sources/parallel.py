"""Line-by-line text files: one side's line n belongs to the other side's line n.

`parallel` is a question and its English translation (folders xx-en with xx.txt and en.txt, as XOR-TyDi ships them);
`squad_nqg` a question and the SQuAD sentence that answers it (src-*.txt, tgt-*.txt of Du et al. 2017).
"""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from typoglot.errors import DataError
from typoglot.lines import Faults, check_language, pick_languages, read_lines, require_folder
from typoglot.records import Pair, Passage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def read_parallel(folder: Path, languages: Sequence[str] | None) -> list[Pair]:
    """Each question with its English version as the passage to find.

    Raises:
        DataError: a file is missing, lines do not pair up, or a line is empty.
    """
    require_folder(folder, "xx-en/{xx,en}.txt")
    folders = {path.name.removesuffix("-en"): path for path in sorted(folder.glob("*-en")) if path.is_dir()}
    for language, path in folders.items():
        check_language(language, path, None)
    if not folders:
        raise DataError(folder, None, "no folder xx-en", "folders such as fi-en with fi.txt and en.txt are expected")
    pairs = []
    homes: dict[str, Passage] = {}
    for language in pick_languages(languages, folders, folder):
        sides = (folders[language] / f"{language}.txt", folders[language] / "en.txt")
        for line, question, english in _line_pairs(*sides):
            passage = homes.setdefault(english, Passage(f"{language}-en:{line}", english))
            pairs.append(Pair(question, language, passage))
    return pairs


def read_squad_nqg(folder: Path, languages: Sequence[str] | None) -> list[Pair]:
    """Each question with the sentence it was asked of.

    Raises:
        DataError: a file is missing, lines do not pair up, or a line is empty.
    """
    pick_languages(languages, ["en"], folder)
    sources = sorted(require_folder(folder, "src-*.txt and tgt-*.txt").glob("src-*.txt"))
    if not sources:
        raise DataError(folder, None, "no src-*.txt", "src-test.txt beside tgt-test.txt, or another split, is expected")
    pairs = []
    homes: dict[str, Passage] = {}
    for source in sources:
        target = source.with_name(source.name.replace("src-", "tgt-", 1))
        for line, sentence, question in _line_pairs(source, target):
            passage = homes.setdefault(sentence, Passage(f"{source.stem}:{line}", sentence))
            pairs.append(Pair(question, "en", passage))
    return pairs


def _line_pairs(left: Path, right: Path) -> Iterator[tuple[int, str, str]]:
    """Yields line number and both stripped lines.

    Raises:
        DataError: one file is longer, or lines are empty; the first of them are told, the others counted.
    """
    faults = Faults()
    try:
        for one, two in zip_longest(read_lines(left), read_lines(right)):
            if one is None or two is None:
                shorter, longer, (line, _) = (left, right, two) if one is None else (right, left, one)
                expected = f"as many lines as in {longer} are expected"
                raise DataError(shorter, line, "the file ends before this line", expected)
            empty = [path for path, (_, text) in ((left, one), (right, two)) if not text.strip()]
            for path in empty:
                expected = "each line needs its text; drop it from both files"
                faults.add(DataError(path, one[0], "the line is empty", expected))
            if not empty:
                yield one[0], one[1].strip(), two[1].strip()
    except DataError as error:  # the lines no longer pair up
        faults.add(error)
    faults.tell()
