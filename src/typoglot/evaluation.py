"""One encoder on one benchmark at every typo rate and draw: misspelt queries, rankings, scores, and the two tables.

Takes finished objects. A ranking is on disk before it is scored.
"""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from typoglot import results
from typoglot.files import make_folder
from typoglot.measures import Measure, intervals, score_run
from typoglot.results import POOLED, Point, Realised
from typoglot.terminal import progress
from typoglot.typos import TypoEngine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from typoglot import config
    from typoglot.ranker import Ranker
    from typoglot.records import Benchmark, Condition, Perturbed, Run


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one condition came to: scores (B,) by measure, in the order of the queries, and what it cost so far."""

    noisy: Sequence[Perturbed]
    scores: Mapping[str, NDArray[np.float64]]
    seconds: float
    peak_memory_mb: float


def evaluate(
    benchmark: Benchmark,
    ranker: Ranker,
    typos: config.Typos,
    base: Condition,
    *,
    measures: Sequence[str],
    bootstrap: int,
    folder: Path,
) -> list[Point]:
    """Writes runs/, queries/, per_query.parquet and points.jsonl into the folder, in this order; returns the points.

    Args:
        benchmark: queries, corpus, judgements.
        ranker: the encoder and how deep it ranks.
        typos: profile, rates, draws, seed.
        base: names the points; its rate and draw are replaced.
        measures: such as recall@10.
        bootstrap: replicates behind each interval.
        folder: of the run.
    """
    start = time.perf_counter()
    index = ranker.index(benchmark)
    misspelt = misspell(benchmark, typos, base)
    texts = list(dict.fromkeys(one.text for noisy in misspelt.values() for one in noisy))
    vectors = ranker.vectors(texts)
    row = {text: position for position, text in enumerate(texts)}
    outcomes = {}
    with progress("Searching", len(misspelt), "conditions") as advance:
        for condition, noisy in misspelt.items():
            run = index.search(
                vectors[[row[one.text] for one in noisy]],
                [query.id for query in benchmark.queries],
                ranker.depth,
            )
            _keep(folder, condition, benchmark, noisy, run)
            scores = score_run(run, benchmark.qrels, [Measure.parse(measure) for measure in measures])
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB
            outcomes[condition] = Outcome(noisy, scores, time.perf_counter() - start, memory)
            advance(1)
    results.write_per_query(
        folder / "per_query.parquet",
        pl.concat(_per_query(condition, benchmark, found) for condition, found in outcomes.items()),
    )
    engine = TypoEngine(typos.profile.value, typos.seed, models=typos.models)
    tables = {language: engine.tables([language]) for language in benchmark.languages}
    tables[POOLED] = engine.tables(benchmark.languages)
    points = points_of(benchmark, outcomes, bootstrap, tables)
    results.write_points(folder / "points.jsonl", points)
    return points


def misspell(benchmark: Benchmark, typos: config.Typos, base: Condition) -> dict[Condition, list[Perturbed]]:
    """Every query at every rate and draw; rate 0 is the same in every draw, so it stands once."""
    found: dict[Condition, list[Perturbed]] = {}
    with progress("Misspelling queries", len(benchmark.queries) * typos.draws, "plans") as advance:
        for draw in range(typos.draws):
            engine = TypoEngine(typos.profile.value, typos.seed, draw, typos.models)
            plans = []
            for query in benchmark.queries:
                plans.append(engine.plan(query.id, query.language, query.text))
                advance(1)
            curves = [plan.curve(typos.rates, typos.mode.value) for plan in plans]
            for rate in sorted(typos.rates):
                if rate > 0 or draw == 0:
                    found[base._replace(rate=rate, draw=draw)] = [curve[rate] for curve in curves]
    return found


def points_of(
    benchmark: Benchmark, outcomes: Mapping[Condition, Outcome], bootstrap: int, tables: Mapping[str, str]
) -> list[Point]:
    """A point for each condition, language and measure, and for all languages together.

    The latter is the mean over all queries, resampled by question. All points of a language share their draws.
    """
    found: dict[tuple[Condition, str], list[Point]] = {}
    for language in [*benchmark.languages, POOLED]:
        rows = [i for i, query in enumerate(benchmark.queries) if language in (query.language, POOLED)]
        columns = [(condition, measure) for condition, outcome in outcomes.items() for measure in outcome.scores]
        matrix = np.stack(
            [outcomes[condition].scores[measure][rows] for condition, measure in columns], axis=1
        )  # (rows, columns)
        clusters = [benchmark.queries[i].parallel_id for i in rows]
        means = intervals(matrix, clusters, bootstrap, f"{benchmark.name}|{language}")
        for (condition, measure), mean in zip(columns, means, strict=True):
            outcome = outcomes[condition]
            realised = Realised([outcome.noisy[i] for i in rows])
            point = Point(
                **condition._asdict(), language=language, measure=measure, **mean._asdict(), n=len(rows),
                **realised.figures(), tables=tables[language],
                seconds=outcome.seconds, peak_memory_mb=outcome.peak_memory_mb,
            )  # fmt: skip
            found.setdefault((condition, language), []).append(point)
    return [
        point
        for condition in outcomes
        for language in [*benchmark.languages, POOLED]
        for point in found[condition, language]
    ]


def _keep(folder: Path, condition: Condition, benchmark: Benchmark, noisy: Sequence[Perturbed], run: Run) -> None:
    """Writes the misspelt queries and their rankings."""
    stem = results.file_stem(condition)
    results.write_queries(make_folder(folder / "queries") / f"{stem}.jsonl.gz", benchmark.queries, noisy)
    results.write_run(make_folder(folder / "runs") / f"{stem}.trec.gz", run, f"{condition.backbone}-{condition.method}")


def _per_query(condition: Condition, benchmark: Benchmark, outcome: Outcome) -> pl.DataFrame:
    columns = {
        "query": [query.id for query in benchmark.queries],
        "language": [query.language for query in benchmark.queries],
        "parallel_id": [query.parallel_id for query in benchmark.queries],
        "words": [one.words for one in outcome.noisy],
        "edited": [one.edited for one in outcome.noisy],
        "cer": [one.cer for one in outcome.noisy],
    }
    frame = pl.DataFrame({**columns, **outcome.scores})
    return frame.with_columns(**{name: pl.lit(value) for name, value in condition._asdict().items()})
