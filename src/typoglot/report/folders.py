"""Folders to runs that can be shown, and to those that cannot, each with its reason. Reads what runs leave on disk."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.confounds import facts
from typoglot.errors import DataError
from typoglot.files import is_locked
from typoglot.languages import Language
from typoglot.lines import json_object
from typoglot.report import examples, mixes
from typoglot.report.cautions import known_floors
from typoglot.results import MACRO, POOLED, check_kinds, flat_config, read_points, read_training, table_faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import polars as pl

    from typoglot.results import Point

MARKS = ("config.yaml", "inputs.json", "points.jsonl", "done.json", "failed.json")
"""A folder with one of these is a run's."""
DEPTH = 3  # folders of folders in which runs are looked for
COLUMNS = (
    "query",
    "language",
    "parallel_id",
    "rate",
    "draw",
    "edited",
    "cer",
    "benchmark",
    "mode",
    "xqg_count",
    "alpha",
)
PIECES = ("pieces", "continued", "unknown", "token_edits", "truncated")
"""How the tokenizer cut each query; runs of older versions have not got them."""


class LeftOut(NamedTuple):
    """A folder that is not on the page. `waiting`: a process is working in it."""

    folder: str
    reason: str
    waiting: bool = False


class System(NamedTuple):
    """Runs that differ in their seed alone; `key` stays the same when another of them has finished."""

    key: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, eq=False)
class Run:
    """What a finished run left; or, of a `system` of several, the means of what they left.

    `queries` has its per-query rows of the mixtures that are shown; `floors` what a random order scores over all
    languages, by measure, as far as the run found it.
    """

    folder: Path
    finished: int  # when: the time stamp of done.json
    settings: dict[str, Any]
    facts: dict[str, str]
    environment: dict[str, Any]
    points: list[Point]
    queries: pl.DataFrame
    training: list[dict[str, float]]
    examples: examples.Examples | None
    floors: dict[str, float]
    system: System | None = None

    @property
    def trainings(self) -> tuple[Run, ...]:
        """The runs that it is the mean of: itself, unless it is of a system."""
        return self.system.runs if self.system else (self,)


class Gathered(NamedTuple):
    """All runs below some folders; `apart` are shown, but not averaged with the runs of other seeds."""

    runs: list[Run]
    left_out: list[LeftOut]
    apart: Sequence[LeftOut] = ()


def gather(places: Sequence[Path], *, known: Sequence[Run] = ()) -> Gathered:
    """Reads every run in these folders and the folders in them; what cannot be read is named with its reason.

    Args:
        places: folders of runs, or folders of such folders.
        known: runs that were read before; those that have not changed are not read again.
    """
    runs: list[Run] = []
    left_out: list[LeftOut] = []
    for place in places:
        folders = list(run_folders(place))
        if not folders:
            left_out.append(LeftOut(str(place), "no run is in it" if place.is_dir() else "no such folder"))
        for folder in folders:
            if any(folder.resolve() == run.folder.resolve() for run in runs):
                continue
            same = [run for run in known if run.folder == folder and run.finished == _stamp(folder)]
            found = same[0] if same else _read(folder)
            if isinstance(found, Run):
                runs.append(found)
            else:
                left_out.append(found)
    return Gathered(runs, left_out)


def run_folders(place: Path, depth: int = DEPTH) -> Iterator[Path]:
    """The place itself if it is a run, otherwise the runs in its folders, by name."""
    if any((place / mark).exists() for mark in MARKS):
        yield place
    elif depth and place.is_dir():
        for inner in sorted(place.iterdir()):
            if inner.is_dir() and not inner.name.startswith("."):
                yield from run_folders(inner, depth - 1)


def _read(folder: Path) -> Run | LeftOut:
    fault = _unfinished(folder)
    if fault:
        return fault
    try:
        points = read_points(folder / "points.jsonl")
        if not points:
            raise DataError(folder / "points.jsonl", None, "no points", "evaluate again")
        settings = flat_config(folder)
        if not settings:
            raise DataError(folder / "config.yaml", None, "cannot be read", "the settings of the run are expected")
        known = {POOLED, MACRO, *(language.value for language in Language)}
        if strange := {point.language for point in points} - known:
            what = f"languages that are not known here: {', '.join(sorted(strange))}"
            raise DataError(folder / "points.jsonl", None, what, "show it with the version that made it")
        log = folder / "train.jsonl"
        kept = folder / examples.FILE
        return Run(
            folder, _stamp(folder), settings, facts(folder), _environment(folder), points,
            read_queries(folder, points, mixes.shown_mixes(points)),
            read_training(log) if log.exists() else [],
            examples.read_examples(kept) if kept.exists() else None, known_floors(folder),
        )  # fmt: skip
    except DataError as error:
        return LeftOut(str(folder), "; ".join(str(error).replace(f"{folder}/", "").splitlines()))
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        return LeftOut(str(folder), f"damaged, or of another version ({type(error).__name__}: {error})")


def _stamp(folder: Path) -> int:
    """When a run was finished; 0 if it is not."""
    try:
        return (folder / "done.json").stat().st_mtime_ns
    except OSError:
        return 0


def _unfinished(folder: Path) -> LeftOut | None:
    """Why a run has no results, if it has none."""
    if (folder / "failed.json").exists() and not is_locked(folder):
        told = json_object(folder / "failed.json")
        return LeftOut(str(folder), f"it failed: {told.get('error', 'failed.json cannot be read')}")
    if not (folder / "done.json").exists():
        running = is_locked(folder)
        return LeftOut(str(folder), "still running" if running else "broken off: it has no done.json", running)
    if not (folder / "points.jsonl").exists():
        return LeftOut(str(folder), "nothing was evaluated in it (evaluate=false, or a generator's training)")
    return None


def read_queries(folder: Path, points: Sequence[Point], kept: Iterable[tuple[int, float]]) -> pl.DataFrame:
    """The per-query rows of some mixtures of a run.

    Raises:
        DataError: the table cannot be read, is of another version, or is no table of these points.
    """
    import polars as pl

    path = folder / "per_query.parquet"
    measures = list(dict.fromkeys(point.measure for point in points))
    rows = pl.DataFrame(sorted(kept), schema={"xqg_count": pl.Int64, "alpha": pl.Float64}, orient="row")
    with table_faults(path):
        names = pl.read_parquet_schema(path)
        missing = [name for name in (*COLUMNS, *measures) if name not in names]
        if missing:
            raise DataError(path, None, f"has no column {', '.join(missing)}", "evaluate again with this version")
        columns = [name for name in (*COLUMNS, *measures, *PIECES) if name in names]
        table = pl.scan_parquet(path).select(columns).with_columns(pl.col("xqg_count").cast(pl.Int64))
        frame = table.join(rows.lazy(), on=["xqg_count", "alpha"], how="semi").collect()
    check_kinds(path, frame)
    expected = {
        point.language: point.n
        for point in points
        if point.measure == measures[0] and not point.draw and point.language != MACRO
    }
    asked = frame.select("query", "language").unique()
    counted = dict(asked.group_by("language").len().iter_rows())
    whole = frame.select("query", "rate", "draw", "xqg_count", "alpha").unique()
    cells = whole.select("rate", "draw", "xqg_count", "alpha").unique()
    torn = len(whole) != len(frame) or len(frame) != len(asked) * len(cells)
    torn = torn or set(frame["mode"].unique()) != {point.mode for point in points}
    if torn or {**counted, POOLED: len(asked)} != {POOLED: len(asked), **expected}:
        raise DataError(path, None, "has other queries than points.jsonl", "evaluate again; a file was altered")
    return frame


def _environment(folder: Path) -> dict[str, Any]:
    """The environment; of a run that was joined from others, with the command that joins them.

    Raises:
        DataError: it cannot be read.
    """
    found = json_object(folder / "environment.json")
    if not found or not isinstance(found.get("git") or {}, dict):
        path = folder / "environment.json"
        raise DataError(path, None, "cannot be read", "a JSON object is expected; evaluate again")
    joined = json_object(folder / "done.json").get("joined")
    if isinstance(joined, list):
        found["command"] = shlex.join(["typoglot", "join", *map(str, joined), "--out", folder.name])
    return found
