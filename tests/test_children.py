from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from typoglot.cli.children import Child, outcome
from typoglot.errors import BusyError, TypoglotError
from typoglot.files import locked
from typoglot.results import DONE, FAILED, LOG


def child(folder: Path, stop: Path | None = None, code: int = 1) -> Child:
    command = (sys.executable, "-c", f"import sys; sys.stderr.write('no room'); sys.exit({code})")
    return Child(folder=str(folder), command=command, cwd=str(folder.parent), stop=str(stop) if stop else None)


def test_a_job_that_another_process_is_at_is_no_failure_and_stops_nothing(tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    (tmp_path / "run").mkdir()
    with locked(tmp_path / "run"):
        code = child(tmp_path / "run", stop)()

        with pytest.raises(BusyError):
            outcome(child(tmp_path / "run"), code)

    assert not stop.exists()
    assert not (tmp_path / "run" / FAILED).exists()


def test_a_job_that_fails_leaves_its_reason_and_stops_the_others(tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    code = child(tmp_path / "run", stop)()

    with pytest.raises(TypoglotError):
        outcome(child(tmp_path / "run"), code)

    assert stop.exists()
    assert json.loads((tmp_path / "run" / FAILED).read_text())["error"] == "exit code 1: no room"


def test_a_home_in_the_log_of_a_job_whose_watcher_died_is_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "ann")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / LOG).write_text(f"cannot read {tmp_path / 'ann'}/data\n")

    with pytest.raises(TypoglotError):
        outcome(child(tmp_path / "run"), 1)

    assert "/ann" not in (tmp_path / "run" / LOG).read_text() + (tmp_path / "run" / FAILED).read_text()
    assert not (tmp_path / "run" / DONE).exists()
