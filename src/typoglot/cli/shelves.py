"""Commands of the store: ls, verify, prune."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from typoglot.cli.told import told
from typoglot.errors import ConfigError
from typoglot.report import stored
from typoglot.store import Store
from typoglot.terminal import say, show

store = typer.Typer(help="The vectors that are kept.", no_args_is_help=True)
_Root = Annotated[Path | None, typer.Option("--path", help="Another store than the usual one.")]


@store.command("ls")
def store_ls(path: _Root = None) -> None:
    """Shows what is kept: of which model, how many vectors, how far, and when last used."""
    with told():
        show(stored(Store(path).ls()))


@store.command("verify")
def store_verify(path: _Root = None) -> None:
    """Reads every block and names the damaged ones, which are made again when they are next needed; exit code 1."""
    with told():
        damaged = Store(path).verify()
        for file in damaged:
            say(f"Damaged: {file}")
        if damaged:
            raise typer.Exit(1)
        say("Every block is as it was written")


@store.command("prune")
def store_prune(
    path: _Root = None,
    days: Annotated[float | None, typer.Option(min=0, help="What was last used longer ago.")] = None,
    incomplete: Annotated[bool, typer.Option("--incomplete", help="What is not finished.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Everything.")] = False,
    under: Annotated[
        float | None, typer.Option(min=0, help="Then what was used longest ago, down to so many GB.")
    ] = None,
) -> None:
    """Deletes vectors; what a job is using stays."""
    with told():
        if days is None and under is None and not (incomplete or everything):
            raise ConfigError(["prune: nothing is chosen; give --days, --incomplete, --under or --all."])
        most = None if under is None else int(under * 1e9)
        gone = Store(path).prune(days=days, incomplete=incomplete, everything=everything, under=most)
        show(stored(gone))
        say(f"Deleted {len(gone):,} layers, {sum(one.bytes for one in gone) / 1e9:.2f} GB")
