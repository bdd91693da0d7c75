"""How a sweep ends: one table and one page of what is done, and an exit code that says whether all is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from benchmarks.made_runs import Made, make_run
from omegaconf import OmegaConf

from typoglot import cli, pipeline
from typoglot.cli import multirun
from typoglot.config import OnFailure
from typoglot.errors import BusyError, ConfigError, DataError
from typoglot.results import DONE

SMALL = Made(questions=4, languages=("en", "ar"), rates=(0.0, 0.3), measures=("recall@1",), steps=0)

Sweep = Callable[..., list[Any]]


def made(folder: Path, number: int) -> Path:
    """The run of a backbone of its own."""
    return make_run(folder, 1, replace(SMALL, settings={"backbone": {"label": f"backbone{number}"}}))


@pytest.fixture
def sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sweep:
    """A sweep of three jobs that is about to end, whose jobs of these numbers are done; `left`: to another process."""

    def begun(*done: int, left: tuple[int, ...] = ()) -> list[Any]:
        jobs = [_job(tmp_path / f"run{number}", number) for number in (1, 2, 3)]
        for number in done:
            made(jobs[number - 1].folder, number)
        config = OmegaConf.create({"output": str(tmp_path)})
        running = multirun.Sweep(config, frozenset(), jobs, [jobs[number - 1] for number in left])
        monkeypatch.setenv("HYDRA_FULL_ERROR", "1")  # `start` sets it
        monkeypatch.setattr(multirun, "_running", [running])
        monkeypatch.setattr(pipeline, "finished", lambda settings: 0.5 if (settings.folder / DONE).exists() else None)
        return jobs

    return begun


def _job(folder: Path, number: int) -> Any:
    benchmark = SimpleNamespace(measures=["recall@1"])
    sweep = SimpleNamespace(on_failure=OnFailure["continue"])
    settings = SimpleNamespace(folder=folder, output=str(folder.parent), benchmark=benchmark, sweep=sweep)
    return SimpleNamespace(number=number - 1, folder=folder, settings=settings, overrides=())


def code_of(main: Callable[[], object]) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.start(main)
    return int(str(ended.value.code))


def fails(error: BaseException) -> Callable[[], object]:
    def main() -> object:
        raise error

    return main


def rows(shown: str) -> list[str]:
    """The runs in the table."""
    return re.findall(r"^│ (backbone\d)", shown, re.MULTILINE)


def test_a_sweep_whose_jobs_are_all_done_ends_with_0_one_table_and_one_page(
    sweep: Sweep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep(1, 2, 3)
    (tmp_path / "multirun.yaml").touch()
    code, told = code_of(lambda: None), capsys.readouterr()

    assert code == 0
    assert rows(told.out) == ["backbone1", "backbone2", "backbone3"]
    assert "not done" not in told.err
    assert (tmp_path / "report.html").exists()
    assert not (tmp_path / "multirun.yaml").exists()  # Hydra's, with this machine's paths


@pytest.mark.parametrize(("error", "code"), [(DataError("a", 1, "b", "c"), 1), (ConfigError(["a: b."]), 2)])
def test_where_one_failed_the_others_are_shown_and_the_code_is_its_error_s(
    error: Exception, code: int, sweep: Sweep, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, failed, _ = sweep(1, 3)
    (made(failed.folder, 2) / DONE).unlink()
    found, told = code_of(fails(error)), capsys.readouterr()

    assert found == code
    assert rows(told.out) == ["backbone1", "backbone3"]
    assert told.err == f"{error}\n1 of 3 jobs are not done; why: typoglot sweep status {tmp_path}\n"
    assert "backbone2" not in (tmp_path / "report.html").read_text()


def test_an_interrupted_sweep_ends_with_130_and_how_to_go_on(sweep: Sweep, capsys: pytest.CaptureFixture[str]) -> None:
    sweep(1, 3)
    code, told = code_of(fails(KeyboardInterrupt())), capsys.readouterr()

    assert code == 130
    assert rows(told.out) == []
    assert told.err == "Interrupted; the same command goes on from the last resume point.\n"


def test_a_job_alone_makes_no_table(sweep: Sweep, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep(2)
    code_of(lambda: None)

    assert rows(capsys.readouterr().out) == []
    assert not (tmp_path / "report.html").exists()


def test_what_another_process_did_not_finish_is_done_at_the_end(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep(1, 2, left=(2, 3))
    monkeypatch.setattr(multirun, "do", lambda job: made(job.folder, job.number + 1))
    code, told = code_of(lambda: None), capsys.readouterr()

    assert code == 0
    assert "Job 3: the other process did not finish it" in told.err
    assert "Job 2: the other" not in told.err
    assert rows(told.out) == ["backbone1", "backbone2", "backbone3"]


def test_what_fails_at_the_end_costs_the_exit_code(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep(1, 2, left=(3,))
    monkeypatch.setattr(multirun, "do", lambda _: fails(DataError("a", 1, "b", "c"))())
    code, told = code_of(lambda: None), capsys.readouterr()

    assert code == 1
    assert "a:1: b: c" in told.err
    assert rows(told.out) == ["backbone1", "backbone2"]


@pytest.mark.parametrize(("word", "begun"), [("continue", [1, 2]), ("stop", [1])])
def test_a_failure_among_what_was_left_stops_the_rest_if_told_so(
    word: str, begun: list[int], sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def do(job: Any) -> None:
        tried.append(job.number + 1)
        raise DataError("a", 1, "b", "c")

    for job in sweep(3, left=(1, 2)):
        job.settings.sweep.on_failure = OnFailure[word]
    monkeypatch.setattr(multirun, "do", do)

    assert code_of(lambda: None) == 1
    assert tried == begun


@pytest.mark.parametrize(("others", "code"), [((), 75), ((DataError("a", 1, "b", "c"),), 1)])
def test_what_a_third_process_is_at_is_no_failure_and_says_less_than_one(
    others: tuple[Exception, ...], code: int, sweep: Sweep, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = iter((*others, BusyError("busy")))
    for job in sweep(left=(1, 2)[-1 - len(others) :]):
        job.settings.sweep.on_failure = OnFailure["continue"]
    monkeypatch.setattr(multirun, "do", lambda _: fails(next(errors))())

    assert code_of(lambda: None) == code


def test_a_job_knows_what_an_older_attempt_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / DONE).touch()
    monkeypatch.setattr(multirun, "command_of", lambda *_: ())
    monkeypatch.setattr(pipeline, "folder_of", lambda _: tmp_path)
    config: Any = OmegaConf.create({"hydra": {"runtime": {"cwd": ""}}})

    assert multirun._job(config, (), None, 0).child.before == (tmp_path / DONE).stat().st_mtime_ns  # type: ignore[arg-type]


def test_a_sweep_that_was_stopped_does_not_begin_what_was_left(
    sweep: Sweep, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep(1, 2, left=(3,))
    monkeypatch.setattr(multirun, "do", lambda _: fails(AssertionError("begun"))())
    code, told = code_of(fails(multirun.Stopped(1))), capsys.readouterr()

    assert code == 1
    assert "begun" not in told.err
    assert rows(told.out) == ["backbone1", "backbone2"]
