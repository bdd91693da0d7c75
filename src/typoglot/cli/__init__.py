"""The commands. Each module has some of one kind; here they get their names."""

from __future__ import annotations

import typer

from typoglot.cli import data, queries, rankings, reproduce, runs, shelves, sweep, wandb, xor
from typoglot.cli.jobs import run, start
from typoglot.cli.multirun import SweepCallback, jobs_of
from typoglot.cli.settings import settings_of
from typoglot.cli.told import exit_code, message

__all__ = ["SweepCallback", "app", "exit_code", "jobs_of", "message", "run", "settings_of", "start"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Misspelt queries and dense retrievers.",
)
app.command()(runs.report)
app.command()(runs.compare)
app.command()(runs.fragmentation)
app.command()(runs.join)
app.command()(queries.perturb)
app.command("fit-typos")(queries.fit_typos)
app.command()(queries.generate)
app.command()(rankings.export)
app.command()(rankings.score)
app.command("xor-score")(xor.score)
app.command("xor-predictions")(xor.predictions)
app.command()(reproduce.reproduce)
app.command("wandb-report")(wandb.report)
app.command("mkqa-score")(runs.mkqa_score)
app.add_typer(shelves.store, name="store")
app.add_typer(data.data, name="data")
app.add_typer(sweep.sweep, name="sweep")
