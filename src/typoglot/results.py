"""The two tables of a run and the rankings behind them: what every page, plot and log is made from.

`points.jsonl` has one line for each point and measure; `per_query.parquet` one row for each query and point.
docs/formats.md lists their columns. Files are written whole or not at all.
"""

from __future__ import annotations

import json
import math
import re
import sys
import unicodedata
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from typoglot.errors import DataError
from typoglot.files import atomic, atomic_text
from typoglot.lines import read_json_rows, read_lines, read_text
from typoglot.records import Condition, Hit, Run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
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
        DataError: it is missing, or a line is no point.
    """
    points = []
    for line, row in read_json_rows(path):
        try:
            point = Point(**row)
            shares = (point.value, point.low, point.high, point.word_rate, point.changed)
            sound = (
                all(0 <= share <= 1 for share in shares)
                and point.low <= point.high
                and point.n > 0 <= point.cer < math.inf
                and point.mode in MODES
                and 0 <= point.rate <= (sys.maxsize if point.mode == "k_per_query" else 1)
            )
        except (TypeError, OverflowError) as error:
            expected = "points.jsonl of this version is expected; evaluate again"
            raise DataError(path, line, f"not a point ({error})", expected) from error
        if not sound:
            raise DataError(path, line, "a share outside 0-1, or no queries", "evaluate again; the file was altered")
        points.append(point)
    return points


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
        DataError: the file is not as it was written.
    """
    path = folder / "floor.json"
    if not path.exists():
        return {}
    try:
        rows = json.loads(read_text(path))
        return {(row["measure"], row["language"], row["answer_type"]): row for row in rows}
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(path, None, f"not the floors of a run ({error})", "evaluate again") from error


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
        DataError: the file cannot be read, or lacks one of these.
    """
    import polars as pl

    path = folder / "per_query.parquet"
    try:
        frame = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(path, None, f"cannot be read ({error})", "a folder of a finished run is expected") from error
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise DataError(path, None, f"has no column {', '.join(missing)}", "evaluate again with this version")
    if measure and measure not in frame.columns:
        measures = ", ".join(name for name in frame.columns if "@" in name)
        raise DataError(path, None, f"no scores of {measure}", f"choose among {measures}")
    return frame


def write_run(path: Path, run: Run, tag: str) -> None:
    """Writes a ranking as TREC does: query Q0 passage rank score tag.

    White space and percent signs of ids are coded, since a column holds none.

    Scores are written so that they read back as the same 64-bit number.
    """
    with atomic_text(path) as out:
        for query, hits in run.items():
            for rank, hit in enumerate(hits, 1):
                out.write(f"{_code(query)} Q0 {_code(hit.passage_id)} {rank} {hit.score!r} {_code(tag)}\n")


def read_run(path: Path) -> Run:
    """Reads a TREC ranking back, in the order of its lines.

    Raises:
        DataError: a line has not its six columns, a score is no number, or a passage stands twice.
    """
    run: Run = {}
    expected = "query Q0 passage rank score tag are expected, each passage once for a query"
    for number, line in read_lines(path):
        cells = line.split()
        try:
            query, _, passage, _, score, _ = cells
            hit = Hit(decode_id(passage), float(score))
            hits = run.setdefault(decode_id(query), [])
        except ValueError as error:
            raise DataError(path, number, f"not a ranked passage ({error})", expected) from error
        if not math.isfinite(hit.score) or any(hit.passage_id == other.passage_id for other in hits):
            raise DataError(path, number, f"score {score} of passage '{hit.passage_id}'", expected)
        hits.append(hit)
    return run


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
    """The id that a column of a ranking codes."""
    if "%" in re.sub(_CODED, "", code):
        raise ValueError(f"'{code}' is no coded id")
    return re.sub(_CODED, lambda match: chr(int(match[1], 16)), code)


_CODED = r"%([0-9a-f]{4,6});"
