from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from typoglot.cli.children import Child, outcome, stamp_of
from typoglot.errors import BusyError, DataError, TypoglotError
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


def test_a_job_that_came_too_late_waits_for_its_turn_however_soon_the_other_process_is_gone(tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    code = child(tmp_path / "run", stop, BusyError.exit_code)()

    with pytest.raises(BusyError):
        outcome(child(tmp_path / "run"), code)

    assert not stop.exists()
    assert not (tmp_path / "run" / FAILED).exists()


@pytest.mark.parametrize("code", [1, BusyError.exit_code])
def test_a_run_that_is_finished_is_done_however_its_job_ended(
    code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / DONE).write_text('{"value": 0.5}')
    late = child(tmp_path / "run", tmp_path / "stop", code)

    assert outcome(late, late()) == 0.5
    assert not (tmp_path / "stop").exists()
    assert not (tmp_path / "run" / FAILED).exists()
    told = capsys.readouterr().err
    assert ("The run is finished, though the job's process ended with exit code 1; log: " in told) == (code == 1)


def test_a_job_that_fails_before_it_clears_an_older_attempt_has_failed(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / DONE).write_text('{"value": 0.5}')
    again = child(tmp_path / "run", tmp_path / "stop")._replace(before=stamp_of(tmp_path / "run"))

    with pytest.raises(TypoglotError, match="no room"):
        outcome(again, again())
    assert (tmp_path / "stop").exists()


def test_a_damaged_mark_of_a_job_that_ended_well_is_told(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / DONE).touch()

    with pytest.raises(DataError, match=r"done\.json: is damaged"):
        outcome(child(tmp_path / "run"), 0)


def test_a_reason_that_cannot_be_read_hides_no_failure(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / FAILED).touch()

    with pytest.raises(TypoglotError, match=r"exit code 1 \(failed\.json cannot be read\)"):
        outcome(child(tmp_path / "run"), 1)


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
