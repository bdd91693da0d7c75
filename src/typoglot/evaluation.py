"""One encoder on one benchmark at every typo rate and draw: misspelt queries, rankings, scores, and the two tables.

Takes finished objects. A ranking is on disk before it is scored.
"""

from __future__ import annotations

import resource
import time
from typing import TYPE_CHECKING

import polars as pl

from typoglot import results
from typoglot.files import make_folder
from typoglot.measures import Measure, interval, score_run
from typoglot.records import Condition
from typoglot.results import POOLED, Point, Realised
from typoglot.terminal import progress
from typoglot.typos import TypoEngine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from typoglot import config
    from typoglot.ranker import Ranker
    from typoglot.records import Benchmark, Perturbed, Run


def evaluate(
    benchmark: Benchmark, ranker: Ranker, typos: config.Typos, *, backbone: str, method: str, measures: Sequence[str], seed: int, bootstrap: int, folder: Path
) -> list[Point]:
    """Writes runs/, queries/, per_query.parquet and points.jsonl into the folder, in this order; returns the points.

    Args:
        benchmark: queries, corpus, judgements.
        ranker: the encoder and how deep it ranks.
        typos: profile, rates, draws, seed.
        backbone: named in every point.
        method: likewise.
        measures: such as recall@10.
        seed: of the training; named in every point.
        bootstrap: replicates behind each interval.
        folder: of the run.
    """
    start = time.perf_counter()
    index = ranker.index(benchmark)
    base = Condition(benchmark.name, backbone, method, typos.profile.value, 0.0, 0, xqg_count=0, alpha=0.0, seed=seed)
    misspelt = misspell(benchmark, typos, base)
    texts = list(dict.fromkeys(one.text for noisy in misspelt.values() for one in noisy))
    vectors = dict(zip(texts, ranker.vectors(texts), strict=True))
    for name in ("runs", "queries"):
        make_folder(folder / name)
    points: list[Point] = []
    frames: list[pl.DataFrame] = []
    with progress("Searching", len(misspelt), "conditions") as advance:
        for condition, noisy in misspelt.items():
            run = index.search(_stack(vectors, noisy), [query.id for query in benchmark.queries], ranker.depth)
            results.write_queries(folder / "queries" / f"{results.file_stem(condition)}.jsonl.gz", benchmark.queries, noisy)
            results.write_run(folder / "runs" / f"{results.file_stem(condition)}.trec.gz", run, f"{backbone}-{method}")
            scores = _scores(run, benchmark, measures)
            points += points_of(condition, benchmark, noisy, scores, bootstrap, time.perf_counter() - start)
            frames.append(_per_query(condition, benchmark, noisy, scores))
            advance(1)
    results.write_per_query(folder / "per_query.parquet", pl.concat(frames))
    results.write_points(folder / "points.jsonl", points)
    return points


def misspell(benchmark: Benchmark, typos: config.Typos, base: Condition) -> dict[Condition, list[Perturbed]]:
    """Every query at every rate and draw; rate 0 is the same in every draw, so it stands once."""
    found: dict[Condition, list[Perturbed]] = {}
    with progress("Misspelling queries", len(benchmark.queries) * typos.draws, "plans") as advance:
        for draw in range(typos.draws):
            engine = TypoEngine(typos.profile.value, typos.seed, draw)
            plans = []
            for query in benchmark.queries:
                plans.append(engine.plan(query.id, query.language, query.text))
                advance(1)
            for rate in sorted(typos.rates):
                if rate > 0 or draw == 0:
                    found[base._replace(rate=rate, draw=draw)] = [plan.at(rate) for plan in plans]
    return found


def points_of(
    condition: Condition, benchmark: Benchmark, noisy: Sequence[Perturbed], scores: Mapping[str, NDArray[np.float64]], bootstrap: int, seconds: float
) -> list[Point]:
    """A point for each language and measure, and for all languages together (mean over queries, resampled by question)."""
    found = []
    for language in [*benchmark.languages, POOLED]:
        rows = [i for i, query in enumerate(benchmark.queries) if language in (query.language, POOLED)]
        clusters = [benchmark.queries[i].parallel_id for i in rows]
        realised = Realised([noisy[i] for i in rows])
        for measure, values in scores.items():
            # Named by what is resampled, not by the condition: every point of a curve then draws the same questions.
            mean = interval(values[rows], clusters, bootstrap, f"{condition.benchmark}|{language}")
            found.append(
                Point(
                    **condition._asdict(), language=language, measure=measure, value=mean.value, low=mean.low, high=mean.high, n=len(rows),
                    word_rate=realised.word_rate, cer=realised.cer, ker=realised.ker, changed=realised.changed,
                    seconds=seconds, peak_memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                )
            )  # fmt: skip
    return found


def _scores(run: Run, benchmark: Benchmark, measures: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Scores in the order of the benchmark's queries."""
    qrels = {query.id: benchmark.qrels[query.id] for query in benchmark.queries}
    return score_run(run, qrels, [Measure.parse(measure) for measure in measures])


def _stack(vectors: Mapping[str, NDArray[np.float32]], noisy: Sequence[Perturbed]) -> NDArray[np.float32]:
    import numpy as np

    return np.stack([vectors[one.text] for one in noisy])


def _per_query(
    condition: Condition, benchmark: Benchmark, noisy: Sequence[Perturbed], scores: Mapping[str, NDArray[np.float64]]
) -> pl.DataFrame:
    columns = {
        "query": [query.id for query in benchmark.queries],
        "language": [query.language for query in benchmark.queries],
        "parallel_id": [query.parallel_id for query in benchmark.queries],
        "words": [one.words for one in noisy],
        "edited": [one.edited for one in noisy],
        "cer": [one.cer for one in noisy],
    }
    frame = pl.DataFrame({**columns, **scores})
    return frame.with_columns(**{name: pl.lit(value) for name, value in condition._asdict().items()})
