"""Commands of XOR-TyDi's retrieval task: xor-score, xor-predictions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from typoglot import xor_score
from typoglot.cli.told import told

_GOLD = "XOR-TyDi's questions and answers, jsonl."


def score(
    predictions: Annotated[Path, typer.Argument(help="A prediction file: JSON list of id, lang, ctxs.")],
    gold: Annotated[Path, typer.Argument(help=_GOLD)],
    partial: Annotated[bool, typer.Option("--partial", help="Questions may be missing: misses, in strict.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Every figure as JSON, in both modes.")] = False,
    replicates: Annotated[int, typer.Option(min=1, help="Behind each interval.")] = 2000,
) -> None:
    """XOR-TyDi retrieve: R@2kt and R@5kt as the official script has them, and strictly where that differs."""
    with told():
        xor_score.score(predictions, gold, partial=partial, as_json=as_json, replicates=replicates)


def predictions(
    run: Annotated[Path, typer.Argument(help="A TREC ranking, e.g. outputs/RUN/runs/….trec.gz.")],
    gold: Annotated[Path, typer.Argument(help=_GOLD)],
    corpus: Annotated[Path, typer.Argument(help="The passages that were ranked, a BEIR corpus.jsonl.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The prediction file.")] = Path("predictions.json"),
) -> None:
    """Writes a ranking as a prediction file of XOR-TyDi retrieve."""
    with told():
        xor_score.write(run, gold, corpus, out)
