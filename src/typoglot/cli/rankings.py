"""Commands that read rankings of any system: score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from typoglot import run_score
from typoglot.cli.told import told
from typoglot.sources.judgements import JudgementFormat
from typoglot.sources.rankings import Ties


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
) -> None:
    """Scores a ranking, with intervals: every judged query counts, and one without a ranking scores 0."""
    with told():
        run_score.score(run, qrels, measure, form=form, ties=ties, as_json=as_json, replicates=replicates)
