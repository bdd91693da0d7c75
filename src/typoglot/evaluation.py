"""One encoder on one benchmark at every typo rate, draw, count of generated queries and α: rankings and the two tables.

Takes finished objects. A ranking that is kept is on disk before it is scored.
"""

from __future__ import annotations

import json
import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from typoglot import results
from typoglot.errors import ConfigError
from typoglot.files import atomic_text, make_folder
from typoglot.measures import (
    AnswerJudgements,
    Judgements,
    Measure,
    answer_floors,
    has_answer,
    intervals,
    macro_intervals,
)
from typoglot.pieces import Fragmenter
from typoglot.report.examples import FILE as EXAMPLES
from typoglot.report.examples import write_examples
from typoglot.results import MACRO, POOLED, Point, Realised
from typoglot.search import as_run
from typoglot.terminal import progress, say
from typoglot.typos import TypoEngine
from typoglot.typos.letters import normal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from typoglot import config
    from typoglot.measures import Interval
    from typoglot.ranker import SurfaceRanker
    from typoglot.records import Benchmark, Condition, Perturbed, Query
    from typoglot.xqg.augmentation import AugmentedCorpus


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one condition came to: scores (B,) by measure, in the order of the queries, and what it cost so far."""

    noisy: Sequence[Perturbed]
    scores: Mapping[str, NDArray[np.float64]]
    seconds: float
    peak_memory_mb: float


def evaluate(
    benchmark: Benchmark,
    ranker: SurfaceRanker,
    typos: config.Typos,
    base: Condition,
    *,
    measures: Sequence[str],
    bootstrap: int,
    folder: Path,
    keep_runs: bool = True,
    breakpoints: Sequence[str] = (),
) -> list[Point]:
    """Writes queries/, runs/, per_query.parquet, points.jsonl and examples.jsonl into the folder; returns the points.

    Where answers are looked for, floor.json tells what random orders of the passages score.

    Args:
        benchmark: queries, corpus, judgements.
        ranker: the encoder, the generated queries, and how deep it ranks.
        typos: profile, rates, draws, seed.
        base: names the points; its rate, draw, xqg_count and alpha are replaced.
        measures: such as recall@10.
        bootstrap: replicates behind each interval.
        folder: of the run.
        keep_runs: whether rankings with generated queries are written too.
        breakpoints: ids of queries whose changes of ranking along α are written to breakpoints.jsonl.

    Raises:
        ConfigError: the benchmark has no such query.
    """
    start = time.perf_counter()
    texts = _texts_of(breakpoints, benchmark)
    misspelt = misspell(benchmark, typos, base)
    for condition, noisy in misspelt.items():
        results.write_queries(_file(folder, "queries", condition, "jsonl"), benchmark.queries, noisy)
    corpus = ranker.corpus(benchmark.corpus)
    outcomes = _rank(benchmark, ranker, corpus, misspelt, measures, folder, start, keep_runs=keep_runs)
    if texts:
        _write_breakpoints(folder / "breakpoints.jsonl", ranker, corpus, texts)
    _write_per_query(folder / "per_query.parquet", benchmark, outcomes, ranker)
    if benchmark.evidence is not None:
        floors = floors_of(benchmark, benchmark.evidence, [Measure.parse(name) for name in measures], ranker.depth)
        results.write_floors(folder / "floor.json", floors)
    points = points_of(benchmark, outcomes, bootstrap, _tables(typos, benchmark.languages))
    results.write_points(folder / "points.jsonl", points)
    _write_examples(folder, benchmark, corpus.ids, outcomes, measures[0])
    return points


def _tables(typos: config.Typos, languages: Sequence[str]) -> dict[str, str]:
    """Digests of the files that the slips of each language, and of all together, are made by."""
    engine = TypoEngine(typos.profile.value, typos.seed, models=typos.models)
    return {language: engine.tables([language]) for language in languages} | {POOLED: engine.tables(languages)}


def _write_per_query(
    path: Path, benchmark: Benchmark, outcomes: Mapping[Condition, Outcome], ranker: SurfaceRanker
) -> None:
    encoder = ranker.shelving.encoder
    fragmenter = Fragmenter(encoder.tokenizer, encoder.recipe.query_prefix, encoder.recipe.query_max_length)
    rows = (_per_query(condition, benchmark, found, fragmenter) for condition, found in outcomes.items())
    results.write_per_query(path, pl.concat(rows))


def _write_examples(
    folder: Path, benchmark: Benchmark, ids: Sequence[str], outcomes: Mapping[Condition, Outcome], measure: str
) -> None:
    """Some misspelt queries of the highest rate with what was found before and after, under plain passages."""
    plain = [condition for condition in outcomes if not condition.xqg_count and not condition.draw]
    if len(plain) < 2 or plain[0].rate > 0:
        return
    clean, worst = plain[0], plain[-1]
    runs = (_file(folder, "runs", clean, "trec"), _file(folder, "runs", worst, "trec"))
    ranked = {results.decode_id(code) for run in runs for code in results.passage_codes(run)}
    positions = {name: position for position, name in enumerate(ids) if name in ranked}  # not of millions of others
    write_examples(
        folder / EXAMPLES, benchmark, _right(benchmark, positions), positions, outcomes[worst].noisy,
        (outcomes[clean].scores[measure], outcomes[worst].scores[measure]),
        runs, measure=measure, rate=worst.rate, draw=worst.draw,
    )  # fmt: skip


def _right(benchmark: Benchmark, positions: Mapping[str, int]) -> Callable[[Query, str], bool]:
    """Whether a passage answers a query: it is judged so, or holds an answer."""
    evidence = benchmark.evidence
    if evidence is None:
        return lambda query, passage: benchmark.qrels.get(query.id, {}).get(passage, 0) > 0
    return lambda query, passage: has_answer(query.answers, evidence[positions[passage]])


def _rank(
    benchmark: Benchmark, ranker: SurfaceRanker, corpus: AugmentedCorpus,
    misspelt: Mapping[Condition, Sequence[Perturbed]], measures: Sequence[str], folder: Path, start: float, *,
    keep_runs: bool,
) -> dict[Condition, Outcome]:  # fmt: skip
    """Ranks every condition at every count and α, and scores each ranking.

    `start` is when the evaluation began, by time.perf_counter.
    """
    vectors = _Vectors(ranker, misspelt)
    judgements = _judgements(benchmark, corpus.ids)
    parsed = [Measure.parse(measure) for measure in measures]
    outcomes: dict[Condition, Outcome] = {}
    with progress("Searching", len(misspelt) * len(ranker.mixes), "conditions") as advance:
        for together in _together(misspelt):
            rows, of = vectors.of(misspelt[condition] for condition in together)
            surface = ranker.surface(corpus, rows)
            for count, alpha in ranker.mixes:
                ranking = surface.at(count, alpha)
                for condition, own in zip(together, of, strict=True):
                    mixed = condition._replace(xqg_count=count, alpha=alpha)
                    positions = ranking.positions[own]
                    if keep_runs or not count:
                        _keep(folder, mixed, benchmark, corpus.ids, positions, ranking.scores[own])
                    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB
                    scores = judgements.score(positions, parsed)
                    outcomes[mixed] = Outcome(misspelt[condition], scores, time.perf_counter() - start, memory)
                    advance(1)
    if isinstance(judgements, AnswerJudgements):
        _tell_short(judgements, len(outcomes) * len(benchmark.queries), ranker.depth, len(corpus.ids))
    return outcomes


def _judgements(benchmark: Benchmark, ids: Sequence[str]) -> Judgements | AnswerJudgements:
    if benchmark.evidence is None:
        return Judgements(benchmark.qrels, [query.id for query in benchmark.queries], ids)
    return AnswerJudgements([query.answers for query in benchmark.queries], benchmark.evidence)


def _tell_short(judgements: AnswerJudgements, rankings: int, depth: int, passages: int) -> None:
    """Says where more passages might have made hits of misses."""
    cure = (
        "give a larger index.depth" if depth < passages else "there are no more: whatever the order, they score alike"
    )
    for name, number in judgements.short.items():
        if number:
            limit = Measure.parse(name).cutoff
            say(
                f"{name}: {number:,} of {rankings:,} rankings missed with fewer than {limit:,} tokens, "
                f"in {min(depth, passages):,} passages; {cure}"
            )


def floors_of(
    benchmark: Benchmark, evidence: Sequence[str], measures: Sequence[Measure], depth: int
) -> list[dict[str, Any]]:
    """What random orders score under each measure: by language, over all, and over all by type of answer."""
    queries = benchmark.queries
    found = answer_floors([query.answers for query in queries], evidence, measures, depth, benchmark.name)
    by_language = {
        name: [i for i, query in enumerate(queries) if query.language == name] for name in benchmark.languages
    }
    groups = {(name, ""): [rows] for name, rows in by_language.items()}
    groups[POOLED, ""] = [list(range(len(queries)))]
    if benchmark.macro:
        groups[MACRO, ""] = list(by_language.values())
    for kind in sorted({query.answer_type for query in queries} - {""}):
        groups[POOLED, kind] = [[i for i, query in enumerate(queries) if query.answer_type == kind]]
    return [
        {
            "measure": name, "language": language, "answer_type": kind, **floors.of(*rows)._asdict(),
            "n": sum(map(len, rows)), "passages": len(evidence),
        }
        for name, floors in found.items()
        for (language, kind), rows in groups.items()
    ]  # fmt: skip


class _Vectors:
    """The vectors of misspelt queries; a text that stands in several conditions has one."""

    def __init__(self, ranker: SurfaceRanker, misspelt: Mapping[Condition, Sequence[Perturbed]]) -> None:
        texts = list(dict.fromkeys(one.text for noisy in misspelt.values() for one in noisy))
        self._vectors = ranker.vectors(texts)
        self._row = {text: position for position, text in enumerate(texts)}

    def of(self, several: Iterable[Sequence[Perturbed]]) -> tuple[NDArray[np.float32], list[NDArray[np.int64]]]:
        """The distinct vectors (B, D) of some conditions, and for each condition the rows of its queries."""
        rows = [np.array([self._row[one.text] for one in noisy]) for noisy in several]
        distinct, places = np.unique(np.concatenate(rows), return_inverse=True)
        ends = np.cumsum([len(own) for own in rows])[:-1]
        return self._vectors[distinct], np.split(places, ends)


def _together(misspelt: Mapping[Condition, Sequence[Perturbed]]) -> list[list[Condition]]:
    """The conditions in groups that are searched in one pass over the passages; more queries would fill the memory."""
    groups: list[list[Condition]] = [[]]
    queries = 0
    for condition, noisy in misspelt.items():
        if groups[-1] and queries + len(noisy) > _AT_ONCE:
            groups.append([])
            queries = 0
        groups[-1].append(condition)
        queries += len(noisy)
    return groups


_AT_ONCE = 16384  # queries; ours: a pass keeps some hundred candidates of each in memory


def _texts_of(ids: Sequence[str], benchmark: Benchmark) -> dict[str, str]:
    """The clean texts of queries, by id."""
    known = {query.id: query.text for query in benchmark.queries}
    unknown = [f"xqg.breakpoints={name}: {benchmark.name} has no such query." for name in ids if name not in known]
    if unknown:
        raise ConfigError(unknown)
    return {name: normal(known[name]) for name in ids}


def _write_breakpoints(path: Path, ranker: SurfaceRanker, corpus: AugmentedCorpus, texts: Mapping[str, str]) -> None:
    """Writes, for each clean query and count, the stretches of α in which its ranking stays the same."""
    surface = ranker.surface(corpus, ranker.vectors(list(texts.values())))
    with atomic_text(path) as out:
        for row, name in enumerate(texts):
            for count in filter(None, sorted(ranker.counts)):
                for stretch in surface.breakpoints(count, row):
                    passages = [corpus.ids[position] for position in stretch.positions]
                    line = {"query": name, "count": count, "from": stretch.start, "to": stretch.end}
                    out.write(json.dumps({**line, "passages": passages}, ensure_ascii=False) + "\n")


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

    The latter is the mean over all queries, resampled by question; where the benchmark's score is the mean over its
    languages, that is a point too, each language resampled for itself. All points of a language share their draws.
    """
    found: dict[tuple[Condition, str], list[Point]] = {}
    columns = [(condition, measure) for condition, outcome in outcomes.items() for measure in outcome.scores]
    for language in _counted(_told(benchmark)):
        rows = [i for i, query in enumerate(benchmark.queries) if language in (query.language, POOLED, MACRO)]
        matrix = np.stack(
            [outcomes[condition].scores[measure][rows] for condition, measure in columns], axis=1
        )  # (rows, columns)
        means = _means(matrix, [benchmark.queries[i] for i in rows], language, bootstrap, benchmark.name)
        figures: dict[tuple[float, int], dict[str, Any]] = {}
        for (condition, measure), mean in zip(columns, means, strict=True):
            outcome = outcomes[condition]
            typed = (condition.rate, condition.draw)
            if typed not in figures:
                figures[typed] = Realised([outcome.noisy[i] for i in rows]).figures()
            point = Point(
                **condition._asdict(), language=language, measure=measure, **mean._asdict(), n=len(rows),
                **figures[typed], tables=tables.get(language, tables[POOLED]),
                seconds=outcome.seconds, peak_memory_mb=outcome.peak_memory_mb,
            )  # fmt: skip
            found.setdefault((condition, language), []).append(point)
    return [point for condition in outcomes for language in _told(benchmark) for point in found[condition, language]]


def _told(benchmark: Benchmark) -> list[str]:
    """The languages of the points: each of the queries', all of them, and their mean where it is asked for."""
    return [*benchmark.languages, POOLED, *([MACRO] if benchmark.macro else [])]


def _means(
    matrix: NDArray[np.float64], queries: Sequence[Query], language: str, bootstrap: int, name: str
) -> list[Interval]:
    """The mean of each column of (B, M) scores with its interval; of MACRO the mean of the languages' means."""
    if language != MACRO:
        return intervals(matrix, [query.parallel_id for query in queries], bootstrap, f"{name}|{language}")
    rows: dict[str, list[int]] = {}
    for i, query in enumerate(queries):
        rows.setdefault(query.language, []).append(i)
    groups = {own: matrix[places] for own, places in rows.items()}
    clusters = {own: [queries[i].parallel_id for i in places] for own, places in rows.items()}
    return macro_intervals(groups, clusters, bootstrap, name)


def _counted(languages: Sequence[str]) -> Iterator[str]:
    """The languages under a bar: each has its intervals resampled, which takes its time where queries are many."""
    with progress("Resampling", len(languages), "sets of queries") as advance:
        for language in languages:
            yield language
            advance(1)


def _keep(
    folder: Path, condition: Condition, benchmark: Benchmark, ids: Sequence[str], positions: NDArray[np.int64],
    scores: NDArray[np.float32],
) -> None:  # fmt: skip
    """Writes the rankings of a condition."""
    run = as_run(ids, [query.id for query in benchmark.queries], positions, scores)
    results.write_run(_file(folder, "runs", condition, "trec"), run, f"{condition.backbone}-{condition.method}")


def _file(folder: Path, kind: str, condition: Condition, ending: str) -> Path:
    return make_folder(folder / kind) / f"{results.file_stem(condition)}.{ending}.gz"


def _per_query(condition: Condition, benchmark: Benchmark, outcome: Outcome, fragmenter: Fragmenter) -> pl.DataFrame:
    columns = {
        "query": [query.id for query in benchmark.queries],
        "language": [query.language for query in benchmark.queries],
        "parallel_id": [query.parallel_id for query in benchmark.queries],
        "words": [one.words for one in outcome.noisy],
        "edited": [one.edited for one in outcome.noisy],
        "cer": [one.cer for one in outcome.noisy],
    }
    if any(query.answer_type for query in benchmark.queries):
        columns["answer_type"] = [query.answer_type for query in benchmark.queries]
    fragmented = fragmenter.columns(benchmark.queries, [one.text for one in outcome.noisy])
    frame = pl.DataFrame({**columns, **fragmented, **outcome.scores})
    return frame.with_columns(**{name: pl.lit(value) for name, value in condition._asdict().items()})
