from __future__ import annotations

import itertools
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode

from tests.conftest import ROOT
from typoglot import cli, config, rules
from typoglot.datasets.defaults import with_way_out

if TYPE_CHECKING:
    from collections.abc import Iterator

SWEEPS = sorted((ROOT / "sweeps").glob("*.yaml"))
EXPERIMENTS = sorted((ROOT / "conf" / "experiment").glob("*.yaml"))
GIVEN = re.compile(r"(.+)=\$\{envvar:[A-Z]+\}")


@pytest.fixture
def _conf() -> Iterator[None]:
    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        yield


def command_of(experiment: Path) -> list[str]:
    """The words of the command that the file gives, behind `python`; the last ones name what a user has to give."""
    found = re.search(r"^#   python (.+)$", experiment.read_text(), re.MULTILINE)
    return shlex.split(found[1]) if found else ["train.py"]


def program_of(experiment: Path) -> str:
    return command_of(experiment)[0].removesuffix(".py")


def points_of_experiment(name: str, program: str, given: list[str]) -> list[Any]:
    """What `python PROGRAM experiment=NAME` would run."""
    words = [f"experiment={name}", *given]
    loader = GlobalHydra.instance().config_loader()
    whole = loader.load_configuration(program, words, run_mode=RunMode.MULTIRUN)
    return [cli.settings_of(cfg) for cfg in cli.jobs_of(whole)]


def faults(points: list[Any]) -> list[str]:
    """What is wrong with them, but for data that a command brings."""
    found = [with_way_out(fault, point) for point in points for fault in rules.faults(point)]
    return [fault for fault in found if "typoglot data fetch" not in fault]


def test_there_is_a_sweep() -> None:
    assert len(SWEEPS) > 5


@pytest.mark.usefixtures("_conf")
@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_a_sweep_and_its_twin_are_the_same_points(path: Path) -> None:
    sweep = yaml.safe_load(path.read_text())
    program = sweep["program"].removesuffix(".py")
    told = [word for word in sweep["command"] if "=" in word]
    given = [f"{found[1]}=x" for word in told if (found := GIVEN.fullmatch(word))]
    fixed = [word for word in told if not GIVEN.fullmatch(word)] + given
    axes = ([f"{name}={value}" for value in axis["values"]] for name, axis in sweep["parameters"].items())
    points = [cli.settings_of(hydra_compose(program, [*fixed, *point])) for point in itertools.product(*axes)]

    twins = points_of_experiment(path.stem, program, given)
    assert faults(points) == []
    assert sorted(map(config.identity, points)) == sorted(map(config.identity, twins))
    assert len(set(map(config.identity, points))) == len(points)


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_a_sweep_begins_with_its_question_and_its_command(path: Path) -> None:
    question, command, *_ = path.read_text().splitlines()
    sweep = yaml.safe_load(path.read_text())
    words = shlex.split(command.removeprefix("# "))
    given = [found[1] for word in sweep["command"] if (found := GIVEN.fullmatch(word))]

    assert question.startswith("# ")
    assert question.endswith("?")
    assert words[:3] == ["python", sweep["program"], f"experiment={path.stem}"]
    assert [word.split("=")[0] for word in words[3:]] == given
    assert {f"experiment={path.stem}", "hydra.mode=RUN", "${args_no_hyphens}"} <= set(sweep["command"])


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_every_sweep_has_a_demo(path: Path) -> None:
    assert (ROOT / "conf" / "experiment" / f"{path.stem}_demo.yaml").exists()


@pytest.mark.usefixtures("_conf")
@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: path.stem)
def test_every_point_of_an_experiment_composes_without_a_fault(path: Path) -> None:
    given = [re.sub("=[A-Z]+$", "=x", word) for word in command_of(path)[1:] if not word.startswith("experiment=")]
    points = points_of_experiment(path.stem, program_of(path), given)

    assert faults(points) == []
    assert len({config.identity(point) for point in points}) == len(points)


@pytest.mark.usefixtures("_conf")
@pytest.mark.parametrize("path", [one for one in EXPERIMENTS if one.stem.endswith("_demo")], ids=lambda path: path.stem)
def test_a_demo_needs_no_hub_and_no_data(path: Path) -> None:
    from typoglot.backbones.availability import SHIPPED

    for point in points_of_experiment(path.stem, program_of(path), []):
        assert point.backbone.label in SHIPPED
        assert point.benchmark.path is None
        assert point.output == f"outputs/{path.stem}"


@pytest.mark.usefixtures("_conf")
def test_of_a_search_the_corners_are_checked() -> None:
    low, high = points_of_experiment("search", "train", [])

    assert (low.optimizer.learning_rate, low.xqg.alphas) == (1e-6, [0.0])
    assert (high.optimizer.learning_rate, high.xqg.alphas) == (1e-3, [0.5])
    (wrong, _) = points_of_experiment("search", "train", ["xqg.alphas.0=interval(-1,0.5)"])
    assert any(fault.startswith("xqg.alphas=[-1.0]") for fault in rules.faults(wrong))
