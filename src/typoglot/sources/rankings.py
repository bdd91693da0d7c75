"""Rankings of any system as TREC writes them: query, anything, passage, rank, score, tag. Knows ids and scores only."""

from __future__ import annotations

import math
import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from typoglot.errors import DataError
from typoglot.lines import Faults, each_line
from typoglot.records import Hit, Run

if TYPE_CHECKING:
    from pathlib import Path


class Ties(Enum):
    """What decides between equal scores."""

    trec_eval = "trec_eval"  # the larger id first; scores are fp32 numbers (trec_eval 9, form_res_rels.c)
    rank = "rank"  # the file's ranks


class _Row(NamedTuple):
    line: int
    query: str
    passage: str
    rank: int
    score: float


def read_ranking(path: Path, ties: Ties) -> Run:
    """The rankings of a file, best first, in whatever order its lines are. Queries keep the file's order.

    Columns are parted by tabs or spaces. Typoglot's own files are read too, whose ids hold white space in code.

    Raises:
        DataError: the file cannot be read, a line has not its six columns, a rank or score is no number, or a query
            ranks a passage twice; the first such lines are told, the others counted.
    """
    faults = Faults()
    rows: dict[str, list[_Row]] = {}
    for row in each_line(path, lambda line, text: _row(path, line, text), faults):
        rows.setdefault(row.query, []).append(row)
    for query, own in rows.items():
        seen: dict[str, int] = {}
        for row in own:
            if row.passage in seen:
                what = f"'{query}' ranks '{row.passage}' twice (first at {seen[row.passage]})"
                faults.add(DataError(path, row.line, what, "a ranking names each passage once"))
            seen.setdefault(row.passage, row.line)
    faults.tell()
    return {query: [Hit(row.passage, row.score) for row in _sorted(own, ties)] for query, own in rows.items()}


def _sorted(rows: list[_Row], ties: Ties) -> list[_Row]:
    if ties is Ties.rank:
        return sorted(rows, key=lambda row: (-row.score, row.rank))
    with np.errstate(over="ignore"):  # trec_eval's numbers overflow too
        scores = np.array([row.score for row in rows]).astype(np.float32).tolist()
    order = sorted(range(len(rows)), key=lambda place: (scores[place], rows[place].passage.encode()), reverse=True)
    return [rows[place] for place in order]


def _row(path: Path, line: int, text: str) -> _Row:
    cells = [cell.strip() for cell in text.split("\t")] if text.count("\t") == 5 else text.split()
    expected = "query, Q0, passage, rank, score and tag are expected"
    if len(cells) != 6 or not re.fullmatch(r"-?[0-9]{1,9}", cells[3]):
        raise DataError(path, line, f"'{text[:60]}'", expected)
    try:
        score = float(cells[4])
    except ValueError:
        score = math.nan
    if not math.isfinite(score):
        raise DataError(path, line, f"score '{cells[4][:60]}'", "a finite number is expected")
    return _Row(line, _decoded(cells[0]), _decoded(cells[2]), int(cells[3]), score)


def _decoded(identifier: str) -> str:
    """White space and percent signs as `results.write_run` codes them; any other % is another system's own."""
    return re.sub(r"%(0[0-9a-f]{3}|[0-9a-f]{4});", _character, identifier) if "%" in identifier else identifier


def _character(code: re.Match[str]) -> str:
    character = chr(int(code[1], 16))
    return character if character == "%" or character.isspace() else code[0]
