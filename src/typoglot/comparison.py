"""Runs' per_query.parquet to a comparison: the same queries under each system, and the family of tests over them.

Knows the files that a run leaves; the formulas live in `measures`, the words in `report`.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from typoglot import confounds, results
from typoglot.errors import ConfigError, DataError
from typoglot.measures import (
    MANY,
    Correction,
    adjusted,
    differences,
    interaction,
    intervals,
    losses_over_trainings,
    mean_over_trainings,
    over_trainings,
    robustness,
)  # fmt: skip
from typoglot.report.cautions import floor_of, known_floors, room
from typoglot.report.differences import Compared, Comparison, Curved, Interacted, Told
from typoglot.results import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from typoglot.measures import Difference, Interval


class Wanted(NamedTuple):
    """What is compared: the measure, the rate (None: the highest common one), and how."""

    measure: str = "recall@10"
    rate: float | None = None
    mix: tuple[int, float] | None = None  # count and α of generated queries; None: plain passages
    baseline: str | None = None  # the label of the system that all others are compared with; None: all pairs
    correction: Correction = Correction.holm
    interaction: bool = False
    replicates: int = 10_000  # of every bootstrap and randomisation


class _Asked(NamedTuple):
    """The queries that every system was asked, in one order, and the rates at which all were."""

    benchmark: str
    languages: list[str]  # of each query
    clusters: list[str]  # its parallel_id
    rates: list[float]
    mode: str

    def groups(self) -> Iterator[tuple[str, list[int]]]:
        """Each language with the rows of its queries, then all together if there are several."""
        names = sorted(set(self.languages))
        for name in [*names, *([POOLED] if len(names) > 1 else [])]:
            yield name, [i for i, language in enumerate(self.languages) if language == name or name == POOLED]


def compare(systems: Mapping[str, Sequence[Path]], wanted: Wanted) -> Comparison:
    """Compares systems on the queries that all of them were asked.

    Draws of typos, and seeds of training where a system has several runs, are averaged within each query first. The
    intervals cover the chance of the questions and of their slips; between systems of three or more runs each, that of
    their trainings as well.

    Args:
        systems: by label, the folders of the runs that are one system: alike but for their seed.
        wanted: what is compared, and how.

    Raises:
        ConfigError: the rate, or the generated queries, are in no run, or not in all.
        DataError: a run has no per-query scores, or runs were asked different queries.
    """
    notes: list[str] = []
    read = {folder: _read(folder, wanted, notes) for folders in systems.values() for folder in folders}
    _check_queries(read)
    read = _common(read, notes)
    asked = _asked(next(iter(read.values())))
    rate = _rate(asked, wanted)
    scores = {
        label: np.stack([_scores(read[folder], asked.rates) for folder in folders], axis=1)
        for label, folders in systems.items()
    }
    notes += _several_seeds(systems)
    pairs = _pairs(list(systems), wanted.baseline)
    family = len(pairs) * sum(1 for _ in asked.groups())
    level = 0.05 if wanted.correction is Correction.none else 0.05 / family
    told = Told(wanted.measure, rate, wanted.correction.value, level)
    interacted = []
    if wanted.interaction:
        interacted = _interactions(scores, asked, pairs, wanted, told)
        notes += _warnings(interacted, systems, wanted)
    step = 1.0 if asked.mode == "k_per_query" else 0.1
    return Comparison(
        told, step, _differences(scores, asked, pairs, wanted, told), interacted,
        _robustness(scores, asked, wanted, step), list(dict.fromkeys(notes)),
    )  # fmt: skip


def by_seed(folders: Sequence[Path]) -> list[list[Path]]:
    """The runs in groups that differ in nothing but their seed."""
    return [[folders[i] for i in group] for group in confounds.by_seed([confounds.facts(one) for one in folders])]


_COLUMNS = ("query", "language", "parallel_id", "rate", "draw", "edited", "cer", "benchmark", "profile", "mode")


def _read(folder: Path, wanted: Wanted, notes: list[str]) -> pl.DataFrame:
    """A run's rows under the wanted mixture, with the measure as `score`."""
    frame = results.read_per_query(folder, wanted.measure, (*_COLUMNS, "xqg_count", "alpha"))
    mixes = sorted(set(frame.select("xqg_count", "alpha").unique().iter_rows()))
    count, alpha = wanted.mix or (0, 0.0)
    if wanted.mix and all(not mixed for mixed, _ in mixes):
        notes.append(f"{folder.name} has no generated queries: its plain passages are compared.")
        count = 0
    chosen = frame.filter((pl.col("xqg_count") == count) & ((pl.col("alpha") == alpha) | (count == 0)))
    if chosen.is_empty():
        there = ", ".join(f"{mixed} at {weight:g}" for mixed, weight in mixes)
        asked = f"count {count} at α {alpha:g}" if count else "plain passages"
        raise ConfigError([f"{folder}: has no {asked}; give --count and --alpha among: {there}."])
    conditions = chosen.select("rate", "draw").n_unique()
    once = chosen.select("query", "rate", "draw").n_unique()
    if not chosen.height == once == chosen.select("query").n_unique() * conditions:
        raise DataError(
            folder / "per_query.parquet", None, "a query is missing from a condition, or stands twice", "evaluate again"
        )
    return chosen.select(*_COLUMNS, pl.col(wanted.measure).alias("score"))


def _check_queries(frames: Mapping[Path, pl.DataFrame]) -> None:
    """Refuses runs that were asked different queries, or whose rates count different things."""
    (first, reference), *others = frames.items()
    expected = _queries(reference)
    for folder, frame in others:
        asked = _queries(frame)
        if asked != expected:
            raise DataError(
                folder, None, f"was asked other queries than {first}",
                f"the same ones are needed to compare them query by query; {first.name} alone has "
                f"{_examples(expected - asked)}; {folder.name} alone has {_examples(asked - expected)}",
            )  # fmt: skip
    modes = {folder: _single(frame, "mode") for folder, frame in frames.items()}
    if len(set(modes.values())) > 1:
        told = ", ".join(f"{mode} in {folder.name}" for folder, mode in modes.items())
        raise ConfigError([f"typos.mode: the rates count different things ({told}); compare runs of one mode."])


def _queries(frame: pl.DataFrame) -> set[tuple[str, ...]]:
    return set(frame.select("benchmark", "query", "language", "parallel_id").unique().iter_rows())


def _examples(queries: set[tuple[str, ...]]) -> str:
    shown = ", ".join(f"'{query}' ({benchmark}, {language})" for benchmark, query, language, _ in sorted(queries)[:3])
    return f"{len(queries):,}" + (f" (such as {shown})" if queries else "")


def _single(frame: pl.DataFrame, column: str) -> str:
    return " and ".join(sorted(frame[column].unique()))


def _common(frames: Mapping[Path, pl.DataFrame], notes: list[str]) -> dict[Path, pl.DataFrame]:
    """The rows of the rates and draws that all runs have; says what is left out, and where slips differ."""
    every = [set(frame.select("rate", "draw").unique().iter_rows()) for frame in frames.values()]
    shared = set.intersection(*every)
    if set.union(*every) - shared:
        notes.append("Rates and draws that not every run has are left out.")
    if not shared:
        raise ConfigError(["typos.rates: the runs have no rate in common; evaluate them at the same rates."])
    both = pl.DataFrame(sorted(shared), schema={"rate": pl.Float64, "draw": pl.Int32}, orient="row")
    kept = {folder: frame.join(both, on=["rate", "draw"], how="semi") for folder, frame in frames.items()}
    slips = [frame.select("query", "rate", "draw", "edited", "cer") for frame in kept.values()]
    if pl.concat(slips).n_unique() > len(slips[0]):
        notes.append(
            "The runs misspelt the queries differently (profile, seed or tables): a difference between them is also "
            "one between their slips."
        )
    draws = len({draw for _, draw in shared})
    if draws > 1:
        notes.append(
            f"{draws} draws of the slips, averaged within each query; slips are drawn for each query anew, so "
            "intervals over questions cover them."
        )
    return kept


def _asked(frame: pl.DataFrame) -> _Asked:
    queries = frame.unique("query").sort("query")
    rates = sorted(frame["rate"].unique())
    return _Asked(
        _single(frame, "benchmark"), list(queries["language"]), list(queries["parallel_id"]), rates,
        _single(frame, "mode"),
    )  # fmt: skip


def _scores(frame: pl.DataFrame, rates: Sequence[float]) -> NDArray[np.float64]:
    """(B, K): the mean score of each query, in the order of their ids, at each rate."""
    means = frame.group_by("query", "rate").agg(pl.col("score").mean()).sort("query", "rate")
    return means["score"].to_numpy().reshape(-1, len(rates))


def _rate(asked: _Asked, wanted: Wanted) -> float:
    """The rate that is compared."""
    listed = ", ".join(f"{rate:g}" for rate in asked.rates)
    rate = asked.rates[-1] if wanted.rate is None else wanted.rate
    if rate not in asked.rates:
        raise ConfigError([f"--rate {rate:g}: not every run has it; choose among {listed}."])
    if wanted.interaction and (rate == 0 or asked.rates[0] != 0):
        raise ConfigError([f"--interaction: needs rate 0 and a higher one, the runs have {listed}; evaluate at both."])
    return rate


def _pairs(labels: Sequence[str], baseline: str | None) -> list[tuple[str, str]]:
    """All pairs, or each other system with the baseline, which then comes second."""
    if baseline is None:
        return list(combinations(labels, 2))
    return [(label, baseline) for label in labels if label != baseline]


def _several_seeds(systems: Mapping[str, Sequence[Path]]) -> list[str]:
    """What the intervals of systems with several runs cover, and what they do not."""
    found = []
    for label, folders in systems.items():
        told = f"{label}: {len(folders)} runs of different seeds, averaged within each query. "
        if len(folders) >= MANY:
            found.append(
                f"{told}Beside a system of {MANY} runs or more, intervals, t, its p and the corrected p speak of other "
                "trainings too; p and the numbers of the curves speak of these very runs."
            )
        elif len(folders) > 1:
            found.append(
                f"{told}Intervals and tests speak of these very runs, not of a training that was not done: that takes "
                f"{MANY} runs."
            )
    return found


def _cover_trainings(*scores: NDArray[np.float64]) -> bool:
    """Whether all of some systems (B, S, …) have enough trainings for statements about others."""
    return all(own.shape[1] >= MANY for own in scores)


def _differences(
    scores: Mapping[str, NDArray[np.float64]], asked: _Asked, pairs: Sequence[tuple[str, str]], wanted: Wanted,
    told: Told,
) -> list[Compared]:  # fmt: skip
    """`scores` of each system: (B, S, K) by query, training and rate."""
    column = asked.rates.index(told.rate)
    found = []
    for language, rows in asked.groups():
        clusters, name = [asked.clusters[i] for i in rows], asked.benchmark
        runs = {label: values[rows, :, column] for label, values in scores.items()}
        own = {label: values.mean(axis=1) for label, values in runs.items()}
        matrix = np.stack([own[a] - own[b] for a, b in pairs], axis=1)  # (rows, pairs)
        tested = differences(matrix, clusters, wanted.replicates, name, told.level)
        means = intervals(np.stack(list(own.values()), axis=1), clusters, wanted.replicates, name)
        value = dict(zip(own, means, strict=True))
        for (a, b), one in zip(pairs, tested, strict=True):
            row = Compared(a, b, language, len(rows), len(set(clusters)), value[a], value[b], one, math.nan)
            if _cover_trainings(runs[a], runs[b]):
                row = row._replace(
                    value_a=mean_over_trainings(runs[a], clusters), value_b=mean_over_trainings(runs[b], clusters),
                    difference=over_trainings(one, runs[a], runs[b], clusters, told.level), trainings=True,
                )  # fmt: skip
            found.append(row)
    corrected = adjusted([_claimed(row.difference, row.trainings) for row in found], wanted.correction)
    return [row._replace(p_corrected=p) for row, p in zip(found, corrected, strict=True)]


def _claimed(found: Difference, trainings: bool) -> float:
    """The p that a claim rests on: the randomisation's, or of t where that covers trainings."""
    return found.p_t if trainings and not math.isnan(found.p_t) else found.p


def _interactions(
    scores: Mapping[str, NDArray[np.float64]], asked: _Asked, pairs: Sequence[tuple[str, str]], wanted: Wanted,
    told: Told,
) -> list[Interacted]:  # fmt: skip
    """`scores` of each system: (B, S, K) by query, training and rate."""
    column = asked.rates.index(told.rate)
    found = []
    for language, rows in asked.groups():
        clusters, name = [asked.clusters[i] for i in rows], asked.benchmark
        for a, b in pairs:
            runs = [scores[label][rows][..., [0, column]] for label in (a, b)]  # (rows, S, 2) each
            both = np.stack([own.mean(axis=1) for own in runs], axis=2)  # (rows, 2, 2)
            one = interaction(both[:, 0], both[:, 1], clusters, wanted.replicates, name, told.level)
            trainings = _cover_trainings(*runs)
            if trainings:
                one = losses_over_trainings(one, runs[0], runs[1], clusters, told.level)
            found.append(Interacted(a, b, language, one, math.nan, trainings))
    corrected = adjusted([_claimed(row.interaction.absolute, row.trainings) for row in found], wanted.correction)
    return [row._replace(p_corrected=p) for row, p in zip(found, corrected, strict=True)]


def _robustness(scores: Mapping[str, NDArray[np.float64]], asked: _Asked, wanted: Wanted, step: float) -> list[Curved]:
    """The numbers of each curve; none where the rates do not start at clean queries."""
    if len(asked.rates) < 2 or asked.rates[0] != 0:
        return []
    return [
        Curved(label, language, robustness(
            values[rows].mean(axis=1), asked.rates, [asked.clusters[i] for i in rows], wanted.replicates,
            asked.benchmark, step,
        ))
        for label, values in scores.items()
        for language, rows in asked.groups()
    ]  # fmt: skip


def _warnings(rows: Sequence[Interacted], systems: Mapping[str, Sequence[Path]], wanted: Wanted) -> list[str]:
    """Floors, ceilings, scales that disagree, and what else sets the systems apart."""
    found = []
    seen = {label: _passages(folders[0]) for label, folders in systems.items()}
    for label, passages in seen.items():
        floor = floor_of(known_floors(systems[label][0]), wanted.measure, passages)
        if math.isnan(floor):
            lacks = "floor.json (typoglot join writes none)" if passages else "rankings in runs/"
            found.append(f"{label}: no {lacks}, so the score of a random order (its floor) is unknown.")
        found += room(label, _clean_of(label, rows), floor)
    for row in rows:
        if row.interaction.scales_disagree:
            found.append(f"Scale: {row.a} and {row.b} ({row.language}): points and shares of the clean score disagree.")
    for a, b in dict.fromkeys((row.a, row.b) for row in rows):
        apart = confounds.confounds(systems[a][0], systems[b][0])
        if len(systems[a]) > 1 or len(systems[b]) > 1:
            apart.pop("seed", None)  # a system's runs have several
        listed = "; ".join(f"{key}: {left or '–'} / {right or '–'}" for key, (left, right) in apart.items())
        if apart:
            found.append(
                f"Confounds: {a} / {b} differ in {listed}. What is found is owed to all of these together, and "
                "to what their networks learnt before."
            )
    return found


def _clean_of(label: str, rows: Sequence[Interacted]) -> dict[str, Interval]:
    """The clean score of a system by language."""
    sides = [(row.a, row.language, row.interaction.clean_a) for row in rows]
    sides += [(row.b, row.language, row.interaction.clean_b) for row in rows]
    return {language: clean for own, language, clean in sides if own == label}


def _passages(folder: Path) -> int:
    """How many different passages the clean rankings name: at least so many are in the corpus; 0 without rankings."""
    files = sorted((folder / "runs").glob("*-draw0.trec.gz")) if (folder / "runs").is_dir() else []
    return len(results.passage_codes(files[0])) if files else 0
