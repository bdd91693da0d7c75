from __future__ import annotations

import itertools
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.conftest import ROOT
from typoglot import config

if TYPE_CHECKING:
    from collections.abc import Callable

SWEEPS = sorted((ROOT / "sweeps").glob("*.yaml"))


def test_there_is_a_sweep() -> None:
    assert SWEEPS


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_every_point_composes_and_the_command_above_is_the_same_sweep(path: Path, compose: Callable[..., Any]) -> None:
    question, command, *_ = path.read_text().splitlines()
    sweep = yaml.safe_load(path.read_text())
    axes = {
        name: [str(v) for v in axis.get("values", [axis.get("value")])] for name, axis in sweep["parameters"].items()
    }
    typed = dict(word.split("=", 1) for word in shlex.split(command.removeprefix("# ")) if "=" in word)

    assert question.endswith("?")
    assert {name: ",".join(values) for name, values in axes.items()} == typed
    for point in itertools.product(*([f"{name}={value}" for value in values] for name, values in axes.items())):
        assert config.faults(compose("train", *point)) == []
