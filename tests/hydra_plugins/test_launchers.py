"""What launchers do after a job that failed, by `sweep.on_failure`: on jobs that are a line of shell."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from omegaconf import OmegaConf
from tests.test_multirun import fake_slurm

from hydra_plugins.typoglot_sweeps.launchers import JoblibLauncher, ProcessLauncher, RayLauncher, SubmititLauncher
from typoglot.cli import multirun
from typoglot.cli.children import Child
from typoglot.config import OnFailure
from typoglot.files import locked, make_folder
from typoglot.results import DONE, FAILED

GOOD, BAD = "true", "exit 3"
SLOW = "sleep 0.3"
WAITS = "while [ ! -e ../run1/begun ]; do sleep 0.02; done"  # for the second job

Launch = Callable[..., list[str]]


class Lost(ProcessLauncher):
    """One after the other; the first is lost, as with its node: its child says nothing."""

    def ended(self, children: Sequence[Child]) -> Iterator[tuple[int, int]]:
        yield 0, 1
        yield from ((place, child()) for place, child in enumerate(children[1:], 1))


class Taken(ProcessLauncher):
    """One after the other; the first ends since another process has just begun it, and ends it a little later."""

    def ended(self, children: Sequence[Child]) -> Iterator[tuple[int, int]]:
        first, *others = children
        with held(Path(first.folder), 0.2):
            yield 0, 1
        first()
        yield from ((place, child()) for place, child in enumerate(others, 1))


@pytest.fixture
def launch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launch:
    """Gives lines of shell to a launcher; returns what became of each."""

    def launched(launcher: ProcessLauncher, *lines: str, on_failure: str = "stop") -> list[str]:
        launcher.config = OmegaConf.create({"output": str(tmp_path)})
        if on_failure == "stop":
            make_folder(tmp_path / "sweeps")
        jobs = [_job(tmp_path / f"run{i}", line, i, on_failure) for i, line in enumerate(lines)]
        monkeypatch.setattr(multirun, "jobs_for", lambda *_: jobs)
        monkeypatch.setattr(multirun.pipeline, "folder_of", lambda settings: settings.folder)
        monkeypatch.setattr(multirun.pipeline, "finished", _finished)
        monkeypatch.setattr(multirun, "ready", lambda job: _finished(job.settings))
        told = [str(one._return_value) for one in launcher.launch([[]] * len(lines), 0)]
        assert not list((tmp_path / "sweeps").glob("*.stop"))
        return [next(word for word in ("0.5", "exit code", "Not begun") if word in one) for one in told]

    return launched


def _job(folder: Path, line: str, number: int, on_failure: str) -> multirun.Job:
    make_folder(folder)
    done = f"touch {folder}/begun; {line} && echo '{{\"value\": 0.5}}' > {folder / DONE}"
    settings: Any = SimpleNamespace(folder=folder, sweep=SimpleNamespace(on_failure=OnFailure[on_failure]))
    return multirun.Job(number, (), settings, Child(("sh", "-c", done), str(folder), str(folder)))


def _finished(settings: Any) -> float | None:
    return 0.5 if (settings.folder / DONE).exists() else None


@contextmanager
def held(folder: Path, seconds: float) -> Iterator[None]:
    """As long as a process that works in the folder holds it."""
    with ExitStack() as process:
        process.enter_context(locked(folder))
        timer = threading.Timer(seconds, process.close)
        timer.start()
        yield
        timer.join()


def begun(tmp_path: Path) -> list[str]:
    return sorted(path.parent.name for path in tmp_path.glob("run*/begun"))


def test_joblib_begins_no_job_after_a_failure_and_lets_those_end_that_are_begun(launch: Launch, tmp_path: Path) -> None:
    pytest.importorskip("joblib")

    assert launch(JoblibLauncher(2), f"{WAITS}; {BAD}", SLOW, GOOD, GOOD) == [
        "exit code",
        "0.5",
        "Not begun",
        "Not begun",
    ]
    assert begun(tmp_path) == ["run0", "run1"]
    assert [path.parent.name for path in tmp_path.glob(f"*/{FAILED}")] == ["run0"]


def test_a_job_that_another_process_took_is_no_failure(launch: Launch) -> None:
    assert launch(Taken(), GOOD, GOOD, GOOD) == ["0.5", "0.5", "0.5"]


def test_after_a_failure_joblib_goes_on_if_told_so(launch: Launch) -> None:
    pytest.importorskip("joblib")

    assert launch(JoblibLauncher(1), BAD, GOOD, GOOD, on_failure="continue") == ["exit code", "0.5", "0.5"]


@pytest.mark.slow
def test_ray_begins_no_job_after_a_failure(launch: Launch, tmp_path: Path) -> None:
    pytest.importorskip("ray")

    assert launch(RayLauncher({"num_cpus": 1}, {"num_cpus": 1}), GOOD, BAD, GOOD) == ["0.5", "exit code", "Not begun"]
    assert begun(tmp_path) == ["run0", "run1"]


@pytest.mark.slow
def test_slurm_begins_no_job_after_a_failure(launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("submitit")
    fake_slurm(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    assert launch(SubmititLauncher("slurm", {"slurm_array_parallelism": 1}), BAD, GOOD) == ["exit code", "Not begun"]
    assert begun(tmp_path) == ["run0"]


@pytest.mark.slow
def test_submitit_on_this_machine_begins_all_at_once_so_all_end(launch: Launch, tmp_path: Path) -> None:
    pytest.importorskip("submitit")

    assert launch(SubmititLauncher("local", {}), f"{WAITS}; {BAD}", SLOW) == ["exit code", "0.5"]
    assert len(begun(tmp_path)) == 2


def test_what_another_process_leaves_unfinished_is_not_begun_after_a_failure_either(
    launch: Launch, tmp_path: Path
) -> None:
    pytest.importorskip("joblib")
    with held(make_folder(tmp_path / "run1"), 0.5):
        assert launch(JoblibLauncher(1), BAD, GOOD) == ["exit code", "Not begun"]

    assert begun(tmp_path) == ["run0"]


def test_what_another_process_leaves_unfinished_is_done_where_nothing_failed(launch: Launch, tmp_path: Path) -> None:
    pytest.importorskip("joblib")
    with held(make_folder(tmp_path / "run1"), 0.5):
        assert launch(JoblibLauncher(1), GOOD, GOOD) == ["0.5", "0.5"]


def test_no_job_begins_after_one_whose_node_was_lost(launch: Launch, tmp_path: Path) -> None:
    assert launch(Lost(), GOOD, GOOD) == ["exit code", "Not begun"]
    assert begun(tmp_path) == []
