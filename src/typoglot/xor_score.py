"""The commands for XOR-TyDi's retrieval task: prediction files written and scored. Knows no models and no vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.table import Table

from typoglot.errors import DataError
from typoglot.files import make_folder
from typoglot.measures import Mode, intervals, macro_interval, recall_in_tokens
from typoglot.measures.word_tokens import PINNED
from typoglot.results import MACRO, condition_of, file_stem, flat_config, read_points
from typoglot.sources import xor_tydi
from typoglot.sources.evidence import PASSAGES, find_file
from typoglot.sources.passages import open_passages
from typoglot.sources.rankings import Ties, read_ranking
from typoglot.terminal import progress, say, show

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from typoglot.measures import AnswerRecall
    from typoglot.measures.bootstrap import Interval
    from typoglot.records import Passage, Prediction, Run


class Row(NamedTuple):
    """One figure: a language's recall, or the mean of all languages', with the questions behind it."""

    mode: str
    measure: str
    language: str
    questions: int
    interval: Interval


def score(predictions: Path, gold: Path, *, partial: bool, as_json: bool, replicates: int) -> None:
    """Prints R@2kt and R@5kt by language with their 95 % intervals, in both modes where they differ.

    Args:
        predictions: the prediction file.
        gold: the questions with their answers.
        partial: questions may have no prediction.
        as_json: prints one JSON object with both modes instead of the table.
        replicates: behind each interval.

    Raises:
        DataError: a file is malformed, the two do not fit each other, or nothing can be scored.
        ConfigError: the tokenizer's packages are missing.
    """
    queries = xor_tydi.read_gold(gold)
    found = xor_tydi.read_predictions(predictions, queries, partial=partial)
    asked = {query.id for query in queries if query.spans}
    if asked.isdisjoint(prediction.query_id for prediction in found):
        raise DataError(predictions, None, "no question to score", "answers other than yes and no are expected")
    recalls = recall_in_tokens(_counted(found), queries)
    say(f"{len(asked):,} of {len(queries):,} questions have an answer other than yes and no; only they are scored")
    for recall in recalls:
        if recall.mode is Mode.official and recall.short:
            few = f"{recall.short:,} misses had fewer than {recall.limit:,} tokens"
            say(f"{recall.name}: {few}; predict more texts a question")
    rows = [row for recall in recalls for row in rows_of(recall, replicates)]
    if as_json:
        show(json.dumps({"tokens": PINNED, "rows": [_plain(row) for row in rows]}, indent=1))
    else:
        show(score_table(rows))


def write(files: Mapping[Path, Path], gold: Path, corpus: Path, *, partial: bool) -> None:
    """Writes TREC rankings as prediction files.

    Args:
        files: by the ranking's file, the prediction file to write.
        gold: the questions with their answers.
        corpus: the passages that were ranked.
        partial: questions may be missing: the official script leaves them out in silence.

    Raises:
        DataError: a file is malformed, or a ranking names a question or passage that is not there; or, unless partial,
            a question that counts is not ranked.
        OutputError: a file cannot be written.
    """
    queries = xor_tydi.read_gold(gold)
    known, counted = {query.id for query in queries}, [query.id for query in queries if query.spans]
    rankings = {path: read_ranking(path, Ties.rank) for path in files}
    ranked = {hit.passage_id for run in rankings.values() for hits in run.values() for hit in hits}
    there = open_passages(corpus)
    passages = {name: there[place] for place, name in enumerate(there.ids) if name in ranked}
    for path, run in rankings.items():
        _check_ids(path, run, known, passages)
        missing = [identifier for identifier in counted if identifier not in run]
        if missing and not partial:
            what = f"no ranking for {len(missing):,} of {len(counted):,} questions that count (first: '{missing[0]}')"
            raise DataError(path, None, what, "rank the rest, or allow a partial file (--partial)")
    for path, out in files.items():
        make_folder(out.parent)
        xor_tydi.write_predictions(out, rankings[path], queries, passages)
        say(f"{out}: {len(rankings[path]):,} of {len(queries):,} questions")


def files_of_run(
    run: Path, gold: Path | None, corpus: Path | None, out: Path | None, rates: Sequence[float]
) -> tuple[dict[Path, Path], Path, Path]:
    """What `write` needs to write the rankings of a run: the files, the questions and the passages.

    Args:
        run: the folder of a run with benchmark=xor_tydi.
        gold: the questions; None takes the run's own.
        corpus: the passages; None takes the run's own.
        out: the folder to write to; None takes the run's predictions/.
        rates: typo rates that are wanted; none means all.

    Raises:
        DataError: the run is of another benchmark, or has no rankings that are wanted.
    """
    made = flat_config(run)
    if made.get("benchmark.format") != "xor_tydi" and not (gold and corpus):
        what = f"a run of benchmark={made.get('benchmark.label')}"
        raise DataError(run, None, what, "a run with benchmark=xor_tydi, or the questions and passages, are expected")
    place = [Path(str(made.get(f"benchmark.{key}") or made.get("benchmark.path"))).expanduser()
             for key in ("questions", "passages")]  # fmt: skip
    stems = {file_stem(condition_of(point)): point.rate for point in read_points(run / "points.jsonl")}
    files = {run / "runs" / f"{stem}.trec.gz": stem for stem, rate in stems.items() if not rates or rate in rates}
    files = {path: stem for path, stem in files.items() if path.exists()}
    if not files:
        there = ", ".join(f"{rate:g}" for rate in sorted(set(stems.values())))
        raise DataError(run, None, "no rankings of these typo rates", f"choose among {there}")
    folder = out or run / "predictions"
    return (
        {path: folder / f"{stem}.json" for path, stem in files.items()},
        gold or find_file(place[0], xor_tydi.QUESTIONS, "the argument GOLD"),
        corpus or find_file(place[1], PASSAGES, "the argument CORPUS"),
    )


def rows_of(recall: AnswerRecall, replicates: int) -> list[Row]:
    """A recall's languages, then their mean, each with its interval; the same questions are drawn in both modes."""
    groups = recall.by_language
    rows = []
    for language, hits in groups.items():
        own = [str(number) for number in range(len(hits))]
        (interval,) = intervals(hits[:, None], own, replicates, f"xor_tydi|{language}")
        rows.append(Row(recall.mode.value, recall.name, language, len(hits), interval))
    mean = macro_interval(groups, replicates, "xor_tydi")
    return [*rows, Row(recall.mode.value, recall.name, MACRO, len(recall.scored), mean)]


def score_table(rows: Sequence[Row]) -> Table:
    """A row a language, a column a measure; the strict columns only where they tell something else."""
    by_mode = {mode: {(row.measure, row.language): row for row in rows if row.mode == mode.value} for mode in Mode}
    plain = [[row._replace(mode="") for row in cells.values()] for cells in by_mode.values()]
    differ = plain[0] != plain[1]
    languages = sorted({row.language for row in rows} - {MACRO})
    measures = list(dict.fromkeys(row.measure for row in rows))
    table = Table(title="Recall of answers in %, with 95 % intervals", title_justify="left", title_style="bold")
    table.add_column("language")
    columns = []
    for mode in Mode if differ else [Mode.official]:
        suffix = f", {mode.value}" if differ else ""
        for heading, name in [("n", measures[0]), *((name, name) for name in measures)]:
            table.add_column(heading + suffix, justify="right")
            columns.append((by_mode[mode], heading, name))
    for language in [*languages, MACRO]:
        texts = [_cell(cells.get((name, language)), heading) for cells, heading, name in columns]
        table.add_row(language, *texts, style="bold" if language == MACRO else "")
    table.caption = None if differ else "Official and strict agree."
    return table


def _cell(row: Row | None, heading: str) -> str:
    if row is None:
        return "–"
    return f"{row.questions:,}" if heading == "n" else _percent(row.interval)


def _percent(interval: Interval) -> str:
    value, low, high = (100 * end for end in interval)
    return f"{value:.2f} [{low:.1f}–{high:.1f}]"


def _plain(row: Row) -> dict[str, str | int | float]:
    """A row as JSON has it; the value and its interval from 0 to 1."""
    value, low, high = row.interval
    return {
        "mode": row.mode,
        "measure": row.measure,
        "language": row.language,
        "questions": row.questions,
        "value": value,
        "low": low,
        "high": high,
    }


def _counted(predictions: Sequence[Prediction]) -> Iterator[Prediction]:
    with progress("Looking for answers", len(predictions), "questions") as count:
        for prediction in predictions:
            yield prediction
            count(1)


def _check_ids(path: Path, run: Run, questions: set[str], passages: dict[str, Passage]) -> None:
    for query, hits in run.items():
        if query not in questions:
            raise DataError(path, None, f"unknown question '{query}'", "rank for the questions of this very file")
        unknown = next((hit.passage_id for hit in hits if hit.passage_id not in passages), None)
        if unknown is not None:
            raise DataError(path, None, f"unknown passage '{unknown}'", "give the corpus that was ranked")
