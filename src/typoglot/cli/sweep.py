"""Commands on sweeps: status."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from typoglot.cli.told import told
from typoglot.terminal import show

sweep = typer.Typer(no_args_is_help=True, help="Sweeps that were begun (-m).")


@sweep.command("status")
def show_status(
    output: Annotated[Path, typer.Argument(help="The sweep's output folder.")] = Path("outputs"),
) -> None:
    """Shows which jobs are done, running, failed (why, and where the log is) and still to do."""
    from typoglot.sweeps import read_manifests, status

    with told():
        for manifest in read_manifests(output):
            for part in status(manifest):
                show(part)
