"""The command that runs published results again: reproduce."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from typoglot import pipeline, reproduction, results
from typoglot.cli.settings import settings_of
from typoglot.cli.told import message, told
from typoglot.errors import ConfigError, TypoglotError
from typoglot.files import atomic_text
from typoglot.report import Found, reproduced
from typoglot.reproduction import Row, cannot, judged
from typoglot.terminal import say, show


def reproduce(
    names: Annotated[list[str] | None, typer.Argument(help="Of rows; None: all.")] = None,
    data: Annotated[list[str] | None, typer.Option("--data", "-d", help="Where a data set lies: NAME=PATH.")] = None,
    conf: Annotated[Path, typer.Option(help="The folder conf/ of the checkout.")] = Path("conf"),
    rows: Annotated[Path | None, typer.Option(help="Rows of your own; None: conf/published.yaml.")] = None,
    slow: Annotated[bool, typer.Option("--slow", help="Also what takes days without a GPU.")] = False,
    output: Annotated[Path, typer.Option(help="Where the runs go; finished ones are not run again.")] = Path("outputs"),
    out: Annotated[Path | None, typer.Option("--json", help="File to write all values to.")] = None,
) -> None:
    """Runs published results again where data and weights are here: OK, off by how much, or why it cannot run.

    Exit code 1 if a value is off.
    """
    with told():
        places = dict(_place(text) for text in data or [])
        found = [
            one
            for row in _chosen(rows or conf / "published.yaml", names)
            for one in _run(row, places, conf, output, slow=slow)
        ]
        show(reproduced(found))
        if out:
            with atomic_text(out) as file:
                file.write(json.dumps([{**one._asdict(), "verdict": one.verdict} for one in found], indent=1) + "\n")
        if any(one.verdict.startswith("off") for one in found):
            raise typer.Exit(1)


def _place(text: str) -> tuple[str, str]:
    name, is_pair, path = text.partition("=")
    if not is_pair or not name or not path:
        raise ConfigError([f"--data {text}: write NAME=PATH, as in xor_tydi=data/xor_tydi."])
    return name, path


def _chosen(path: Path, names: list[str] | None) -> list[Row]:
    rows = {row.name: row for row in reproduction.read_rows(path)}
    unknown = [name for name in names or [] if name not in rows]
    if unknown:
        raise ConfigError([f"reproduce {name}: no such row; choose among {', '.join(rows)}." for name in unknown])
    return [rows[name] for name in names or rows]


def _run(row: Row, places: dict[str, str], conf: Path, output: Path, *, slow: bool) -> list[Found]:
    """The values of a row, or why it cannot be run."""
    missing = [name for name in row.needs if name not in places]
    if missing:
        return cannot(row, f"no data: give --data {' --data '.join(f'{name}=PATH' for name in missing)}")
    if row.gpu and not slow and not _gpu():
        return cannot(row, "takes days without a GPU: --slow runs it all the same")
    say(f"{row.name}: {row.command}")
    try:
        settings = settings_of(_composed(conf, row.program.value, [*row.filled(places), f"output={output}"]))
        pipeline.run(settings)
        return judged(row, results.read_points(pipeline.folder_of(settings) / "points.jsonl"))
    except (TypoglotError, HydraException, OmegaConfBaseException) as error:
        return cannot(row, message(error).strip().replace("\n", " "))


def _composed(conf: Path, name: str, overrides: list[str]) -> Any:
    from hydra import compose, initialize_config_dir

    with initialize_config_dir(str(conf.resolve()), version_base="1.3"):
        return compose(name, overrides)


def _gpu() -> bool:
    import torch

    return torch.cuda.is_available()
