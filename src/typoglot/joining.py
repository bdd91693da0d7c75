"""Runs that differ in their languages alone to one run's folder: what was evaluated a language at a time, as a whole.

So runs of a setting in which each language has its own passages can be compared and reported together. Reads and
writes files of runs; ranks nothing.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from omegaconf import OmegaConf

from typoglot import results
from typoglot.confounds import confounds
from typoglot.errors import ConfigError, DataError
from typoglot.files import atomic, make_folder
from typoglot.lines import wrong_field
from typoglot.measures import intervals, macro_intervals
from typoglot.results import MACRO, POOLED, Point
from typoglot.typos import TypoEngine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_CONDITION = ("rate", "draw", "xqg_count", "alpha")


def join(folders: Sequence[Path], out: Path) -> None:
    """Writes a folder that reads like one run of all the languages.

    Scores and rankings are those of the runs. The points of all languages together are made of them as an evaluation
    makes them: the mean over all queries, with whole questions resampled.

    Raises:
        ConfigError: there are not two runs, they differ in more than their languages, or have a query twice; or the
            folder is there already.
        DataError: a run is not finished, or its files are damaged.
        OutputError: the disk refused the write.
    """
    settings = {folder: results.flat_config(folder) for folder in folders}
    _check(folders, settings, out)
    frames = [results.read_per_query(folder) for folder in folders]
    frame = pl.concat([own.select(frames[0].columns) for own in frames])
    _check_queries(frame)
    found = [point for folder in folders for point in results.read_points(folder / "points.jsonl")]
    points = [point for point in found if point.language not in (POOLED, MACRO)]
    make_folder(out.parent)
    with atomic(out) as temporary:
        temporary.mkdir()
        _write_settings(folders, sorted({point.language for point in points}), temporary)
        for name in ("runs", "queries"):
            _append(folders, name, temporary)
        results.write_per_query(temporary / "per_query.parquet", frame)
        pooled = _pooled(points, frame, settings[folders[0]])
        if any(point.language == MACRO for point in found):
            pooled += _macro(pooled, frame, settings[folders[0]])
        results.write_points(temporary / "points.jsonl", [*points, *pooled])
        (temporary / "done.json").write_text(json.dumps({"joined": [folder.name for folder in folders]}) + "\n")


def _check(folders: Sequence[Path], settings: Mapping[Path, Mapping[str, Any]], out: Path) -> None:
    if len(folders) < 2:
        raise ConfigError([f"join: {len(folders)} run given; two at least are needed."])
    if out.exists():
        raise ConfigError([f"--out {out}: is there already; give another folder."])
    for folder in folders:
        if not (folder / "done.json").exists() or not settings[folder]:
            raise DataError(folder, None, "is no finished run", "give folders of runs that have ended")
        wrong = wrong_field(settings[folder], {"benchmark.measures": list, "bootstrap": int})
        if wrong:
            expected = "the settings of a run are expected; evaluate again"
            raise DataError(folder / "config.yaml", None, f"is damaged ({wrong})", expected)
    first, *others = folders
    apart = {folder: sorted(confounds(first, folder).keys() - {"benchmark.languages"}) for folder in others}
    faults = [
        f"join: {first} and {folder} differ in {', '.join(keys)}; only benchmark.languages may differ."
        for folder, keys in apart.items()
        if keys
    ]
    measures = {folder: sorted(own.get("benchmark.measures") or ()) for folder, own in settings.items()}
    faults += [
        f"join: {first} has {', '.join(measures[first])}, and {folder} {', '.join(measures[folder])}; "
        "evaluate both by the same measures."
        for folder in others
        if measures[folder] != measures[first]
    ]
    if faults:
        raise ConfigError(faults)


def _check_queries(frame: pl.DataFrame) -> None:
    """Refuses a query that stands twice in one condition."""
    if not frame.select("query", *_CONDITION).is_duplicated().any():
        return
    if frame.select("query", "language", *_CONDITION).is_duplicated().any():
        raise ConfigError(["join: a query is in several of the runs; give each language once."])
    rule = "in one run they could not be told apart; report and compare them a language at a time"
    raise ConfigError([f"join: queries of different languages have the same ids: {rule}."])


def _pooled(points: Sequence[Point], frame: pl.DataFrame, settings: Mapping[str, Any]) -> list[Point]:
    """A point of all languages for each condition and measure that every language has."""
    languages = sorted({point.language for point in points})
    groups: dict[tuple[Any, ...], list[Point]] = {}
    for point in points:
        groups.setdefault((*(getattr(point, key) for key in _CONDITION), point.measure), []).append(point)
    whole = {key: own for key, own in groups.items() if len(own) == len(languages)}
    ordered = frame.sort("query")
    rows = {key[:-1]: ordered.filter(*(pl.col(c) == v for c, v in zip(_CONDITION, key, strict=False))) for key in whole}
    clusters = next(iter(rows.values()))["parallel_id"].to_list()
    matrix = np.stack([rows[key[:-1]][key[-1]].to_numpy() for key in whole], axis=1)  # (queries, points)
    name = f"{points[0].benchmark}|{POOLED}"
    means = intervals(matrix, clusters, int(settings["bootstrap"]), name)
    engine = TypoEngine(points[0].profile, models=settings.get("typos.models"))
    made = []
    for (key, own), mean in zip(whole.items(), means, strict=True):
        words, edited = (int(rows[key[:-1]][column].sum()) for column in ("words", "edited"))
        made.append(
            replace(
                own[0], language=POOLED, **mean._asdict(), n=len(clusters), tables=engine.tables(languages),
                word_rate=edited / words if words else 0.0, cer=_mean(own, "cer") or 0.0, ker=_mean(own, "ker"),
                changed=_mean(own, "changed") or 0.0, seconds=sum(point.seconds for point in own),
                peak_memory_mb=max(point.peak_memory_mb for point in own),
            )
        )  # fmt: skip
    return made


def _macro(pooled: Sequence[Point], frame: pl.DataFrame, settings: Mapping[str, Any]) -> list[Point]:
    """Of each pooled point, the unweighted mean of its languages."""
    made = []
    for point in pooled:
        own = frame.filter(*(pl.col(name) == getattr(point, name) for name in _CONDITION))
        parts = {str(key[0]): part for key, part in own.sort("query").group_by("language", maintain_order=True)}
        scores = {language: part[point.measure].to_numpy()[:, None] for language, part in parts.items()}
        clusters = {language: part["parallel_id"].to_list() for language, part in parts.items()}
        (mean,) = macro_intervals(scores, clusters, int(settings["bootstrap"]), point.benchmark)
        made.append(replace(point, language=MACRO, **mean._asdict()))
    return made


def _mean(points: Sequence[Point], key: str) -> float | None:
    """The mean over the queries of several points; None where there is no such number."""
    known = [(getattr(point, key), point.n) for point in points if getattr(point, key) is not None]
    return sum(value * n for value, n in known) / sum(n for _, n in known) if known else None


def _write_settings(folders: Sequence[Path], languages: Sequence[str], out: Path) -> None:
    """The settings of the first run with the languages of all, and where it ran."""
    made: Any = OmegaConf.load(folders[0] / "config.yaml")
    made.benchmark.languages = list(languages)
    (out / "config.yaml").write_text(OmegaConf.to_yaml(made), "utf-8")
    if (folders[0] / "environment.json").exists():
        shutil.copyfile(folders[0] / "environment.json", out / "environment.json")


def _append(folders: Sequence[Path], name: str, out: Path) -> None:
    """Files of one name, one behind the other: gzip files in a row are a gzip file."""
    for folder in folders:
        for path in sorted((folder / name).glob("*.gz")):
            (out / name).mkdir(exist_ok=True)
            with path.open("rb") as source, (out / name / path.name).open("ab") as target:
                shutil.copyfileobj(source, target)
