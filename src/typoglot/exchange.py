"""The commands `export` and `score`: a benchmark for any other system, and that system's ranking by our measures.

Knows no models.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rich.table import Table

from typoglot import config, rules
from typoglot.errors import ConfigError, DataError
from typoglot.measures import Measure, intervals, score_run
from typoglot.sources import composed, read_benchmark
from typoglot.sources.judgements import JudgementFormat, format_of, read_qrels
from typoglot.sources.queries import QueryFormat, read_queries
from typoglot.sources.rankings import Ties, read_ranking
from typoglot.terminal import say, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from typoglot.measures.bootstrap import Interval


class Scored(NamedTuple):
    """A measure's mean over all judged queries, with its 95 % interval."""

    measure: str
    queries: int
    interval: Interval


def export(benchmark: config.Benchmark, out: Path) -> None:
    """Writes a benchmark as a folder that other systems read, and benchmark=custom.

    Raises:
        ConfigError: the options do not fit each other.
        DataError: the benchmark cannot be read, or an id of it holds white space.
        OutputError: the folder cannot be written.
    """
    if benchmark.format in config.BY_ANSWERS:
        why = "nobody judged its passages, so there are no judgements to write"
        raise ConfigError(
            [f"--benchmark={benchmark.format.value}: {why}; its questions and passages are files already."]
        )
    if found := rules.benchmark_faults(benchmark):
        raise ConfigError(found)
    read = read_benchmark(benchmark, seed=0)  # no limit: the seed chooses nothing
    changed = composed.write_custom(out, read)
    say(f"{out}: {len(read.corpus):,} passages, {len(read.queries):,} queries in {', '.join(read.languages)}")
    if changed:
        say(f"{changed:,} queries hold tabs or line ends: spaces in topics.tsv, kept in queries.jsonl")


def score(
    run: Path, qrels: Path, measures: Sequence[str], *, form: JudgementFormat | None, ties: Ties, as_json: bool,
    replicates: int, queries: Path | None = None,
) -> None:  # fmt: skip
    """Prints each measure with its interval, and says what the two files do not have in common.

    Args:
        run: the ranking.
        qrels: the judgements.
        measures: such as recall@10.
        form: of the judgements; None finds it in their first line.
        ties: what decides between equal scores.
        as_json: prints one JSON object instead of the table.
        replicates: behind each interval.
        queries: BEIR's jsonl, whose `parallel_id` says which queries are translations of one question: they are drawn
            together. None takes each query for a question of its own.

    Raises:
        ConfigError: a measure is none, or looks for answers.
        DataError: a file is malformed, or nothing can be scored.
    """
    try:
        parsed = [Measure.parse(measure) for measure in dict.fromkeys(measures)]
    except ValueError as error:
        raise ConfigError([f"--measure: {error}"]) from None
    answered = [str(measure) for measure in parsed if measure.by_answers]
    if answered:
        rule = "looks for answers in texts, and here are judgements; write recall, mrr or ndcg with a cutoff"
        raise ConfigError([f"--measure={name}: {rule} (typoglot xor-score reads texts)." for name in answered])
    questions = {one.id: one.parallel_id for one in read_queries(queries, QueryFormat.beir, "en")} if queries else {}
    found = scored(run, qrels, parsed, form=form, ties=ties, replicates=replicates, questions=questions)
    if as_json:
        rows = [{"measure": one.measure, "queries": one.queries, **one.interval._asdict()} for one in found]
        show(json.dumps({"ties": ties.value, "rows": rows}, indent=1))
    else:
        show(score_table(found))


def scored(
    run: Path, qrels: Path, measures: Sequence[Measure], *, form: JudgementFormat | None, ties: Ties, replicates: int,
    questions: Mapping[str, str] | None = None,
) -> list[Scored]:  # fmt: skip
    """The measures over every query with a relevant passage; one that the ranking lacks scores 0.

    `questions` names the question of a query that shares one; the others are each a question of their own.
    """
    rankings = read_ranking(run, ties)
    grades = read_qrels([qrels], form or format_of(qrels))
    judged = {query: own for query, own in grades.items() if any(own.values())}
    if rankings.keys().isdisjoint(judged):
        raise DataError(
            run, None, f"no query of {qrels} with a relevant passage", "give the judgements of this ranking"
        )
    missing = sum(query not in rankings for query in judged)
    if missing:
        say(f"{missing:,} of {len(judged):,} judged queries have no ranking: they score 0 (trec_eval: with -c)")
    for what, number in (
        ("queries have no relevant passage and are left out", len(grades) - len(judged)),
        ("queries of the ranking have no judgement and are left out", len(rankings.keys() - grades.keys())),
    ):
        if number:
            say(f"{number:,} {what}")
    scores = score_run(rankings, judged, measures)
    matrix = np.stack([scores[str(measure)] for measure in measures], axis=1)  # (queries, measures)
    clusters = [(questions or {}).get(query, query) for query in judged]
    means = intervals(matrix, clusters, replicates, "score")
    return [Scored(str(measure), len(judged), mean) for measure, mean in zip(measures, means, strict=True)]


def score_table(rows: Sequence[Scored]) -> Table:
    """A row a measure."""
    table = Table(title="Scores in %, with 95 % intervals", title_justify="left", title_style="bold")
    for heading in ("measure", "n", "value"):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    for row in rows:
        value, low, high = (100 * end for end in row.interval)
        table.add_row(row.measure, f"{row.queries:,}", f"{value:.2f} [{low:.1f}–{high:.1f}]")
    return table
