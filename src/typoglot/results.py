"""The two tables of a run and the rankings behind them: what every page, plot and log is made from.

`points.jsonl` has one line for each point and measure; `per_query.parquet` one row for each query and point.
docs/formats.md lists their columns. Files are written whole or not at all.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import sys
import unicodedata
from collections import Counter
from dataclasses import MISSING, asdict, dataclass, fields
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from typoglot.errors import DataError
from typoglot.files import atomic, atomic_text
from typoglot.lines import NUMBER, Types, Unique, each_item, each_line, read_each, read_object, read_own, wrong_field
from typoglot.records import Condition, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import polars as pl

    from typoglot.records import Perturbed, Query

MODEL = "model"
"""The folder of the trained encoder, in the run's folder."""

INPUTS = "inputs.json"  # the fingerprint of the files that a run reads
DONE = "done.json"  # written last: all results are there
FAILED = "failed.json"  # why a run failed
LOG = "log.txt"  # its news, with tracebacks

MODES = {"word_rate": "rate", "one_per_query": "one", "k_per_query": "k"}
"""What a typo rate may count, and how file names call it."""

POOLED = "all"
"""The language of a point that is the mean over the queries of all languages."""

MACRO = "macro"
"""The language of a point that is the unweighted mean of the languages' means."""


def read_done(folder: Path) -> float:
    """The value of a finished run.

    Raises:
        DataError: done.json is missing or damaged.
    """
    return float(read_object(folder / DONE, {"value": NUMBER}, "the command that made the run makes it again")["value"])


def is_done(folder: Path) -> bool:
    """Whether a run is finished: a mark that is damaged says nothing."""
    try:
        read_done(folder)
    except DataError:
        return False
    return True


def read_inputs(folder: Path) -> str | None:
    """The fingerprint of the files that a run was made from; None where it was never begun.

    Raises:
        DataError: inputs.json is damaged.
    """
    path = folder / INPUTS
    if not path.exists():
        return None
    cure = "resume=never begins the run anew; where none of the files that it reads has changed, delete this one"
    found = read_own(path, cure)
    if not isinstance(found, str):
        raise DataError(path, None, f"is damaged (a JSON {type(found).__name__})", cure)
    return found


@dataclass(frozen=True, slots=True)
class Point:
    """One value: a measure's mean over a set of queries, with its 95 % interval. Values lie in 0-1.

    `word_rate` is the share of eligible words that carry a slip, `cer` the mean character error rate, `changed` the
    share of queries that differ from their clean text: all realised. `seconds` and `peak_memory_mb` are the run's cost
    so far. `mode` says what `rate` counts; `tables` names the language files that the slips were made by; `xqg` says
    which generated queries were mixed in and how, `xqg_count` of each language with weight `alpha`.
    """

    benchmark: str
    backbone: str
    method: str
    language: str
    profile: str
    rate: float
    draw: int
    xqg_count: int
    alpha: float
    seed: int
    measure: str
    value: float
    low: float
    high: float
    n: int
    word_rate: float
    cer: float
    ker: float | None
    changed: float
    seconds: float
    peak_memory_mb: float
    mode: str = "word_rate"
    tables: str = ""
    xqg: str = ""


class Realised:
    """How much queries were really misspelt; counts one after the other and keeps none."""

    def __init__(self, perturbed: Iterable[Perturbed] = ()) -> None:
        self.queries = self.words = self.edited = self._changed = self._pressed = 0
        self._cer = self._ker = 0.0
        self.kinds: Counter[str] = Counter()
        for one in perturbed:
            self.add(one)

    def add(self, one: Perturbed) -> None:
        """Counts a query."""
        self.queries += 1
        self.words += one.words
        self.edited += one.edited
        self._changed += one.changed
        self._cer += one.cer
        if one.ker is not None:
            self._pressed += 1
            self._ker += one.ker
        self.kinds.update(edit.kind for edit in one.edits)

    def figures(self) -> dict[str, Any]:
        """The columns of a point: `word_rate`, `cer`, `ker`, `changed`."""
        return {
            "word_rate": self.edited / self.words if self.words else 0.0,
            "cer": self._cer / self.queries if self.queries else 0.0,
            "ker": self._ker / self._pressed if self._pressed else None,
            "changed": self._changed / self.queries if self.queries else 0.0,
        }


def condition_of(point: Point) -> Condition:
    """The condition that a point belongs to."""
    return Condition(*(getattr(point, name) for name in Condition._fields))


def write_points(path: Path, points: Iterable[Point]) -> None:
    """Writes points.jsonl."""
    with atomic_text(path) as out:
        for point in points:
            out.write(json.dumps(asdict(point), ensure_ascii=False) + "\n")


def read_points(path: Path) -> list[Point]:
    """Reads points.jsonl back.

    Raises:
        DataError: it is missing, a line is no point, or a point stands twice; the first such lines are told, the others
            counted.
    """
    return list(read_each(path, partial(_point, path, Unique("point", path, _AGAIN))))


_AGAIN = "evaluate again; the file was altered"
_KINDS: Types = {"str": str, "int": int, "float": NUMBER, "float | None": (*NUMBER, type(None))}
_TYPES = {field.name: _KINDS[str(field.type)] for field in fields(Point)}
_DEFAULTS = {field.name: field.default for field in fields(Point) if field.default is not MISSING}
_name = attrgetter("measure", "language", *Condition._fields)  # what no two points of a file share


def _point(path: Path, unique: Unique, line: int, row: dict[str, Any]) -> Point:
    whole = {**_DEFAULTS, **row}
    wrong = wrong_field(whole, _TYPES)
    if wrong is None and len(whole) > len(_TYPES):
        wrong = f"unknown '{next(name for name in row if name not in _TYPES)}'"[:80]
    if wrong:
        expected = "points.jsonl of this version is expected; evaluate again"
        raise DataError(path, line, f"not a point ({wrong})", expected)
    point = Point(**whole)
    if not _is_sound(point):
        raise DataError(path, line, "a share outside 0-1, or no queries", _AGAIN)
    unique.add(_name(point), line)
    return point


def _is_sound(point: Point) -> bool:
    shares = (point.value, point.low, point.high, point.word_rate, point.changed)
    return (
        all(0 <= share <= 1 for share in shares)
        and point.low <= point.high
        and point.n > 0 <= point.cer < math.inf
        and point.mode in MODES
        and 0 <= point.rate <= (sys.maxsize if point.mode == "k_per_query" else 1)
    )


def read_training(path: Path) -> list[dict[str, Any]]:
    """The lines of train.jsonl: an optimizer step's, or a dev measurement's, which may be of the same step.

    Raises:
        DataError: a line has no step, or something else than numbers; the first such lines are told, the others
            counted.
    """
    return list(read_each(path, partial(parse_step, path)))


def parse_step(path: Path, line: int, row: dict[str, Any]) -> dict[str, Any]:
    """A line of train.jsonl.

    Raises:
        DataError: it has no step, or something else than numbers.
    """
    wrong = wrong_field(row, {**dict.fromkeys(row, NUMBER), "step": int})
    if wrong:
        raise DataError(path, line, f"no step ({wrong})", "train.jsonl of this version is expected; train again")
    return row


def headline(points: Iterable[Point]) -> str:
    """The language of the points that stand for a run: the macro mean where its benchmark has one."""
    return MACRO if any(point.language == MACRO for point in points) else POOLED


def write_floors(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Writes floor.json: for each measure, language and type of answer what random orders of the passages score."""
    with atomic_text(path) as out:
        out.write(json.dumps(rows, indent=1) + "\n")


def read_floors(folder: Path) -> dict[tuple[str, str, str], dict[str, Any]]:
    """A run's floors by measure, language and type of answer ("" for all); none where it was judged otherwise.

    Raises:
        DataError: the file is not as it was written; the first faults are told, the others counted.
    """
    path = folder / "floor.json"
    if not path.exists():
        return {}
    unique = Unique("the floor of", path, _AGAIN)
    return dict(each_item(path, lambda place, row: _floor(path, unique, place, row)))


_FLOOR: Types = {
    "measure": str, "language": str, "answer_type": str, "value": NUMBER, "low": NUMBER, "high": NUMBER, "exact": bool,
    "n": int, "passages": int,
}  # fmt: skip


def _floor(path: Path, unique: Unique, place: str, row: dict[str, Any]) -> tuple[tuple[str, str, str], dict[str, Any]]:
    wrong = wrong_field(row, _FLOOR)
    if wrong:
        raise DataError(path, place, f"not the floor of a measure ({wrong})", _AGAIN)
    if not 0 <= row["low"] <= row["value"] <= row["high"] <= 1:
        raise DataError(path, place, "a share outside 0-1, or outside its interval", _AGAIN)
    key = (row["measure"], row["language"], row["answer_type"])
    unique.add(key, place)
    return key, row


def write_per_query(path: Path, frame: pl.DataFrame) -> None:
    """Writes per_query.parquet."""
    with atomic(path) as temporary:
        frame.write_parquet(temporary)


def read_per_query(folder: Path, measure: str | None = None, columns: Sequence[str] = ()) -> pl.DataFrame:
    """The rows of a run's per_query.parquet.

    Args:
        folder: of the run.
        measure: that it must have scores of.
        columns: that it must have.

    Raises:
        DataError: the file cannot be read, lacks one of these or has a text for a number or the other way round, or has
            a query twice under one condition.
    """
    import polars as pl

    path = folder / "per_query.parquet"
    with table_faults(path):
        frame = pl.read_parquet(path)
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise DataError(path, None, f"has no column {', '.join(missing)}", "evaluate again with this version")
    if measure and measure not in frame.columns:
        measures = ", ".join(name for name in frame.columns if "@" in name)
        raise DataError(path, None, f"no scores of {measure}", f"choose among {measures}")
    check_kinds(path, frame)
    key = [name for name in ("query", "rate", "draw", "xqg_count", "alpha") if name in frame.columns]
    twice = frame.filter(frame.select(key).is_duplicated()) if key else frame.clear()
    if len(twice):
        again = len(twice) - len(twice.unique(key))
        first = dict(zip(key, twice.select(key).row(0), strict=True))
        what = f"{again:,} rows are of a query that stood before under the same condition (first: {first})"
        raise DataError(path, None, what, _AGAIN)
    return frame


_WORDS = ("query", "language", "parallel_id", "benchmark", "profile", "mode", "answer_type")
_NUMBERS = ("rate", "draw", "xqg_count", "alpha", "words", "edited", "cer")  # and each measure


@contextlib.contextmanager
def table_faults(path: Path) -> Iterator[None]:
    """Turns what polars says of a broken table into our error; over some damage it panics, which is no Exception."""
    import polars as pl

    try:
        yield
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        what = f"cannot be read ({(str(error).splitlines() or [''])[0]})"
        raise DataError(
            path, None, what, "a folder of a finished run is expected; correct the path, or evaluate again"
        ) from error


def check_kinds(path: Path, frame: pl.DataFrame) -> None:
    """Refuses a column of texts that holds something else, or a column of numbers that does.

    Raises:
        DataError: there is one; all are named.
    """
    import polars as pl

    wrong = [f"{name} ({frame.schema[name]})" for name in _WORDS if frame.schema.get(name, pl.String) != pl.String]
    numbers = [name for name in frame.columns if name in _NUMBERS or "@" in name]
    wrong += [f"{name} ({frame.schema[name]})" for name in numbers if not frame.schema[name].is_numeric()]
    if wrong:
        raise DataError(path, None, f"columns of another kind: {', '.join(wrong)}", _AGAIN)


def write_run(path: Path, run: Run, tag: str) -> None:
    """Writes a ranking as TREC does: query Q0 passage rank score tag.

    White space and percent signs of ids are coded, since a column holds none.

    Scores are written so that they read back as the same 64-bit number.
    """
    with atomic_text(path) as out:
        for query, hits in run.items():
            for rank, hit in enumerate(hits, 1):
                out.write(f"{_code(query)} Q0 {_code(hit.passage_id)} {rank} {hit.score!r} {_code(tag)}\n")


def passage_codes(path: Path) -> set[str]:
    """The passages that a ranking names, as its column codes them: quicker than reading it whole.

    Raises:
        DataError: a line has no third column; the first such lines are told, the others counted.
    """
    return set(each_line(path, partial(_passage_code, path)))


def _passage_code(path: Path, line: int, text: str) -> str:
    cells = text.split(maxsplit=3)
    if len(cells) < 4:
        raise DataError(
            path, line, f"not a ranked passage ('{text[:60]}')", "query Q0 passage rank score tag are expected"
        )
    return cells[2]


def write_queries(path: Path, queries: Sequence[Query], perturbed: Sequence[Perturbed]) -> None:
    """Writes each misspelt query with its clean text and its slips."""
    with atomic_text(path) as out:
        for query, noisy in zip(queries, perturbed, strict=True):
            row = {
                "id": query.id, "language": query.language, "text": noisy.text,
                "clean": unicodedata.normalize("NFC", query.text),  # what the edits' positions count
                "words": noisy.words, "cer": noisy.cer, "ker": noisy.ker,
                "edits": [edit._asdict() for edit in noisy.edits],
            }  # fmt: skip
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_queries(path: Path) -> Iterator[dict[str, Any]]:
    """The rows that `write_queries` has written.

    Raises:
        DataError: a line is no misspelt query, or one stands twice; the first such lines are told, the others counted.
    """
    return read_each(path, partial(_query, path, Unique("query", path, _AGAIN)))


_QUERY: Types = {"id": str, "language": str, "text": str, "clean": str, "edits": list}


def _query(path: Path, unique: Unique, line: int, row: dict[str, Any]) -> dict[str, Any]:
    wrong = wrong_field(row, _QUERY)
    for edit in () if wrong else row["edits"]:
        wrong = wrong or (wrong_field(edit, {"before": str, "after": str}) if isinstance(edit, dict) else f"{edit!r}")
    if wrong:
        raise DataError(path, line, f"not a misspelt query ({wrong[:80]})", _AGAIN)
    unique.add(row["id"], line)
    return row


def flat_config(folder: Path) -> dict[str, Any]:
    """A run's settings by dotted key; nothing where they cannot be read."""
    try:
        made = OmegaConf.to_container(OmegaConf.load(folder / "config.yaml"))
    except (OSError, ValueError, YAMLError, OmegaConfBaseException):
        return {}
    flat: dict[str, Any] = {}
    waiting = [("", made)]
    while waiting:
        place, node = waiting.pop()
        if isinstance(node, dict):
            waiting += [(".".join(filter(None, (place, str(key)))), value) for key, value in node.items()]
        else:
            flat[place] = node
    return flat


def file_stem(condition: Condition) -> str:
    """The name of a condition's files.

    >>> file_stem(Condition("mini", "mbert", "contrastive", "uniform", 0.1, 0, 0, 0.0, 42))
    'uniform-rate0.1-draw0'
    """
    mixed = f"-count{condition.xqg_count}-alpha{condition.alpha:g}" if condition.xqg_count else ""
    return f"{condition.profile}-{MODES[condition.mode]}{condition.rate:g}-draw{condition.draw}{mixed}"


def _code(identifier: str) -> str:
    return "".join(f"%{ord(c):04x};" if c.isspace() or c == "%" else c for c in identifier)


def decode_id(code: str) -> str:
    """The id that a column of a ranking codes.

    Raises:
        ValueError: it is no code.
    """
    if "%" not in code:  # nearly always
        return code
    if "%" in re.sub(_CODED, "", code):
        raise ValueError(f"'{code}' is no coded id")
    return re.sub(_CODED, lambda match: chr(int(match[1], 16)), code)


_CODED = r"%([0-9a-f]{4,6});"
