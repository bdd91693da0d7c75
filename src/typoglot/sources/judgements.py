"""Files of relevance judgements to grades by query and passage: TREC's four columns, or BEIR's three.

Knows ids only. A grade below 0 counts as 0.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from typoglot.errors import DataError
from typoglot.files import atomic_text
from typoglot.lines import Faults, each_line, read_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from typoglot.records import Qrels


class JudgementFormat(Enum):
    """How a file of judgements is written."""

    trec = "trec"  # query, anything, passage, grade; parted by tabs or spaces
    beir = "beir"  # query, passage, grade; parted by tabs, perhaps under a head that ends in "score"


class Known(NamedTuple):
    """What judgements may name."""

    queries: frozenset[str]
    passages: Sequence[str]  # ids of a corpus, perhaps of millions: gone through once
    where: str  # whose ids they are, for the message


def read_qrels(paths: Iterable[Path], form: JudgementFormat, known: Known | None = None) -> Qrels:
    """The grades by query and passage, of all files together.

    Args:
        paths: the files, perhaps .gz.
        form: their format.
        known: the ids that may stand in them; None takes any.

    Raises:
        DataError: a file cannot be read, a line is malformed, a pair is judged twice, or an id is not known; the first
            such lines are told, the others counted.
    """
    faults = Faults()
    rows = [row for path in paths for row in each_line(path, partial(_READERS[form], path), faults) if row is not None]
    passages: set[str] = set()
    if known is not None:
        judged = {row.passage for row in rows}
        passages = {identifier for identifier in known.passages if identifier in judged}
    qrels: Qrels = {}
    for row in rows:
        own = qrels.setdefault(row.query, {})
        if known is not None and not (row.query in known.queries and row.passage in passages):
            unknown = f"passage '{row.passage}'" if row.query in known.queries else f"query '{row.query}'"
            expected = f"judgements must name ids of {known.where}"
            faults.add(DataError(row.path, row.line, f"unknown {unknown}", expected))
        elif row.passage in own:
            what = f"'{row.query}' and '{row.passage}' are judged twice"
            faults.add(DataError(row.path, row.line, what, "keep one judgement of a pair"))
        own[row.passage] = row.grade
    faults.tell()
    return qrels


def format_of(path: Path) -> JudgementFormat:
    """The format that a file's first line fits: three columns are BEIR's.

    Raises:
        DataError: the file cannot be read, or holds nothing.
    """
    first = next((line for _, line in read_lines(path) if line.strip()), None)
    if first is None:
        raise DataError(path, None, "no judgement", "one judgement a line is expected")
    return JudgementFormat.beir if first.count("\t") == 2 else JudgementFormat.trec


def write_qrels(path: Path, qrels: Qrels) -> None:
    """Writes judgements as TREC does; ids hold no white space, since that parts the columns.

    Raises:
        DataError: an id does.
        OutputError: the disk refused the write.
    """
    for identifier in [*qrels, *(passage for own in qrels.values() for passage in own)]:
        if not identifier or any(character.isspace() for character in identifier):
            raise DataError(path, None, f"id '{identifier}'", "TREC's columns hold ids without white space; rename it")
    with atomic_text(path) as out:
        for query, own in qrels.items():
            out.writelines(f"{query} 0 {passage} {grade}\n" for passage, grade in own.items())


class _Row(NamedTuple):
    path: Path
    line: int
    query: str
    passage: str
    grade: int


def _trec(path: Path, line: int, text: str) -> _Row:
    # Ids may hold spaces where tabs part them.
    cells = [cell.strip() for cell in text.split("\t")] if text.count("\t") == 3 else text.split()
    if len(cells) != 4 or not re.fullmatch(_GRADE, cells[3]):
        raise DataError(path, line, f"'{text[:60]}'", "query id, 0, passage id and a whole grade are expected")
    return _Row(path, line, cells[0], cells[2], max(int(float(cells[3])), 0))


def _beir(path: Path, line: int, text: str) -> _Row | None:
    cells = text.split("\t")
    if line == 1 and cells[-1] == "score":
        return None
    if len(cells) != 3 or not re.fullmatch(_GRADE, cells[2]):
        expected = "query id, passage id and a whole grade, parted by tabs, are expected"
        raise DataError(path, line, f"'{text[:60]}'", expected)
    return _Row(path, line, cells[0], cells[1], max(int(float(cells[2])), 0))


_GRADE = r"\s*-?[0-9]{1,9}(\.0+)?\s*"  # 1.0 is 1: MTEB keeps its grades as such
_READERS = {JudgementFormat.trec: _trec, JudgementFormat.beir: _beir}
