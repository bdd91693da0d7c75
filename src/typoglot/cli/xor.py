"""Commands of XOR-TyDi's retrieval task: xor-score, xor-predictions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from typoglot import xor_score
from typoglot.cli.told import told
from typoglot.errors import ConfigError

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
    run: Annotated[Path, typer.Argument(help="The folder of a run; or a TREC ranking, e.g. RUN/runs/….trec.gz.")],
    gold: Annotated[Path | None, typer.Argument(help=f"{_GOLD} None: the run's.")] = None,
    corpus: Annotated[Path | None, typer.Argument(help="The passages that were ranked. None: the run's.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The prediction file; of a run, the folder for them.")
    ] = None,
    rate: Annotated[list[float] | None, typer.Option("--rate", "-r", help="Of a run: typo rates. None: all.")] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Questions may be missing.")] = False,
) -> None:
    """Writes a ranking, or all those of a run, as prediction files of XOR-TyDi retrieve."""
    with told():
        if run.is_dir():
            files, gold, corpus = xor_score.files_of_run(run, gold, corpus, out, rate or [])
        elif gold and corpus:
            files = {run: out or Path("predictions.json")}
        else:
            raise ConfigError([f"xor-predictions: {run} is no folder of a run; give the questions and passages too."])
        xor_score.write(files, gold, corpus, partial=partial)
