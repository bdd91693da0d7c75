"""Runs' per_query.parquet to how their tokenizers break up queries, and how that goes with what the queries lose.

Knows the files that a run leaves; the pieces were counted when it was evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from typoglot import results
from typoglot.errors import ConfigError
from typoglot.measures import Interval, resampled_sums, spearman, spread
from typoglot.report.fragmentation import Broken, Fragmentation, Related
from typoglot.results import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_COUNTS = ("pieces", "continued", "unknown", "typed_words", "word_pieces", "split_words", "token_edits", "truncated")
_RATIOS = {  # of sums over queries: what, divided by what
    "fertility": ("word_pieces", "typed_words"), "continued": ("split_words", "typed_words"),
    "unknown": ("unknown", "pieces"), "token_edits": ("token_edits", "queries"), "truncated": ("cut", "queries"),
}  # fmt: skip


class Wanted(NamedTuple):
    """What is told: the loss of which measure, at which rate (None: the highest that all runs have)."""

    measure: str = "recall@10"
    rate: float | None = None
    replicates: int = 2_000


def fragmentation(runs: Mapping[str, Path], wanted: Wanted) -> Fragmentation:
    """Pooled figures for each run, language and rate, and the correlations with the loss at one rate.

    Draws of typos are averaged within each query. Rankings with generated queries are left out: they have the same
    queries.

    Args:
        runs: by label, their folders.
        wanted: what is told.

    Raises:
        ConfigError: the rate is not in every run.
        DataError: a run has no per-query scores, or was evaluated by a version that counted no pieces.
    """
    frames = {label: _read(folder, wanted.measure) for label, folder in runs.items()}
    rates = sorted(set.intersection(*(set(frame["rate"].unique()) for frame in frames.values())))
    rate = (rates[-1] if rates else 0.0) if wanted.rate is None else wanted.rate
    if rate not in rates:
        listed = ", ".join(f"{one:g}" for one in rates) or "none in common"
        raise ConfigError([f"--rate {rate:g}: not every run has it; choose among {listed}."])
    notes = []
    if not rate or rates[0]:
        notes.append("No loss is told: it needs rate 0 and a higher one.")
    broken, related = [], []
    for label, frame in frames.items():
        for language, own in _languages(frame):
            broken += [_broken(label, language, own, one, wanted) for one in sorted(own["rate"].unique())]
            related += [] if notes else [_related(label, language, own, rate, wanted)]
    return Fragmentation(wanted.measure, rate, broken, related, notes)


def _read(folder: Path, measure: str) -> pl.DataFrame:
    """A row for each query and rate: its counts and `score`, means over draws."""
    frame = results.read_per_query(folder, measure, _COUNTS)
    plain = frame.filter(pl.col("xqg_count") == pl.col("xqg_count").min())
    plain = plain.filter(pl.col("alpha") == pl.col("alpha").min())
    plain = plain.with_columns(cut=(pl.col("truncated") > 0).cast(pl.Float64), queries=pl.lit(1.0))
    numbers = [pl.col(name).cast(pl.Float64).mean() for name in (*_COUNTS, "edited", "cut", "queries")]
    keys = ("query", "language", "parallel_id", "rate")
    return plain.group_by(keys).agg(*numbers, score=pl.col(measure).mean()).sort("query", "rate")


def _languages(frame: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """Each language's rows, then all if there are several."""
    names = sorted(frame["language"].unique())
    for name in names:
        yield name, frame.filter(pl.col("language") == name)
    if len(names) > 1:
        yield POOLED, frame


def _broken(label: str, language: str, frame: pl.DataFrame, rate: float, wanted: Wanted) -> Broken:
    own = frame.filter(pl.col("rate") == rate)
    columns = sorted({name for pair in _RATIOS.values() for name in pair})
    counts = own.select(columns).to_numpy().astype(np.float64)
    sums = np.concatenate([
        counts.sum(axis=0)[None],
        *resampled_sums(counts, list(own["parallel_id"]), wanted.replicates, "fragmentation"),
    ])  # fmt: skip
    of = {name: sums[:, i] for i, name in enumerate(columns)}
    questions = own["parallel_id"].n_unique()
    return Broken(label, language, rate, len(own), *(_ratio(of[a], of[b], questions) for a, b in _RATIOS.values()))


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64], questions: int) -> Interval:
    """The first ratio with the spread of the others; nan where there is nothing to divide by."""
    ratios = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return spread(float(ratios[0]), ratios[1:], questions)


def _related(label: str, language: str, frame: pl.DataFrame, rate: float, wanted: Wanted) -> Related:
    clean, typed = (frame.filter(pl.col("rate") == one).sort("query") for one in (0.0, rate))
    loss, rise = ((clean[name] - typed[name]).to_numpy() for name in ("score", "pieces"))
    edits, slips, clusters = typed["token_edits"].to_numpy(), typed["edited"].to_numpy(), list(typed["parallel_id"])
    found = [
        spearman(x, loss, clusters, wanted.replicates, "fragmentation", given)
        for x in (edits, -rise)
        for given in (None, slips)
    ]
    return Related(label, language, len(typed), len(set(clusters)), *found)
