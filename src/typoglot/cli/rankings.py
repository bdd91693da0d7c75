"""Commands for the rankings of other systems: export, score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from typoglot import exchange
from typoglot.cli.told import told
from typoglot.config import Benchmark, BenchmarkFormat
from typoglot.errors import ConfigError
from typoglot.languages import Language
from typoglot.sources.judgements import JudgementFormat
from typoglot.sources.rankings import Ties


def export(
    out: Annotated[Path, typer.Argument(help="Folder to write.")],
    benchmark: Annotated[BenchmarkFormat, typer.Option(help="Which.")] = BenchmarkFormat.mini,
    path: Annotated[Path | None, typer.Option(help="Where it is on disk.")] = None,
    name: Annotated[str | None, typer.Option(help="Of a data set: ir_datasets, hf.")] = None,
    split: Annotated[str | None, typer.Option(help="As the release calls it; None: the usual one.")] = None,
    languages: Annotated[str | None, typer.Option("--languages", "-l", help="E.g. fi,ko; None: all.")] = None,
) -> None:
    """Writes a benchmark for other systems: passages and queries as jsonl, topics as a table, judgements as TREC's."""
    with told():
        place = str(path) if path else None
        codes = [_language(code) for code in languages.split(",")] if languages else None
        exchange.export(Benchmark(benchmark.value, benchmark, place, codes, name=name, split=split), out)


def score(
    run: Annotated[Path, typer.Argument(help="A TREC ranking, of any system; perhaps .gz.")],
    qrels: Annotated[Path, typer.Argument(help="Judgements, as TREC or BEIR write them.")],
    measure: Annotated[list[str], typer.Option("--measure", "-m", help="Such as ndcg@10; may be repeated.")] = [  # noqa: B006  # typer reads it
        "recall@10",
        "mrr@10",
        "ndcg@10",
    ],
    form: Annotated[
        JudgementFormat | None, typer.Option("--format", help="Of the judgements; None: their first line tells it.")
    ] = None,
    ties: Annotated[Ties, typer.Option(help="Equal scores: as trec_eval orders them, or by rank.")] = Ties.trec_eval,
    as_json: Annotated[bool, typer.Option("--json", help="Every figure as JSON.")] = False,
    replicates: Annotated[int, typer.Option(min=1, help="Behind each interval.")] = 2000,
    queries: Annotated[
        Path | None, typer.Option(help="The queries.jsonl of `export`: translations are then drawn as one question.")
    ] = None,
) -> None:
    """Scores a ranking, with intervals: every judged query counts, and one without a ranking scores 0."""
    with told():
        exchange.score(
            run, qrels, measure, form=form, ties=ties, as_json=as_json, replicates=replicates, queries=queries
        )


def _language(code: str) -> Language:
    try:
        return Language(code)
    except ValueError:
        known = ",".join(language.value for language in Language)
        raise ConfigError([f"--languages={code}: unknown; write some of {known}."]) from None
