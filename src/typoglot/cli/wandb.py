"""The command that makes a W&B report of runs: wandb-report."""

from __future__ import annotations

from pathlib import Path  # typer reads the annotation
from typing import Annotated

import typer

from typoglot import showing
from typoglot.cli.told import told


def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs that W&B has.")],
    title: Annotated[str, typer.Option(help="Of the report.")] = "typoglot",
    project: Annotated[str | None, typer.Option(help="At W&B; None: the one that the runs name.")] = None,
    entity: Annotated[str | None, typer.Option(help="User or team at W&B; None: the key's own.")] = None,
) -> None:
    """Makes a report at W&B: robustness curves, surfaces, tables and settings of these runs (needs a key)."""
    with told():
        showing.report_at_wandb(runs, title=title, project=project, entity=entity)
