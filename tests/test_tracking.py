from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from typoglot import pipeline, tracking
from typoglot.config import Tracker, TrackerKind, WandbMode
from typoglot.results import Point

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent


def records(folder: Path) -> list[Any]:
    """The protobuf records of the one offline run below the folder (LevelDB's log framing, 32 KiB blocks)."""
    from wandb.proto.wandb_internal_pb2 import Record

    (path,) = folder.glob("wandb/offline-run-*/*.wandb")
    data, position, parts, found = path.read_bytes(), 7, b"", []
    while position + 7 <= len(data):
        left = 32768 - position % 32768
        if left < 7:
            position += left
            continue
        length, kind = int.from_bytes(data[position + 4 : position + 6], "little"), data[position + 6]
        parts += data[position + 7 : position + 7 + length]
        position += 7 + length
        if kind in (1, 4):
            record = Record()
            record.ParseFromString(parts)
            found.append(record)
            parts = b""
    return found


def history(folder: Path) -> list[dict[str, Any]]:
    rows = [record.history.item for record in records(folder) if record.HasField("history")]
    return [{(item.key or "/".join(item.nested_key)): json.loads(item.value_json) for item in row} for row in rows]


def exit_codes(folder: Path) -> list[int]:
    """The run's exit code; W&B's own process writes it a moment after the run is finished."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if found := [record.exit.exit_code for record in records(folder) if record.HasField("exit")]:
            return found
        time.sleep(0.1)
    return []


@pytest.fixture
def tracked(train_settings: Callable[..., Any]) -> Path:
    settings = train_settings("tracker=wandb", "tracker.tags=[test]", "trainer.max_steps=3")
    pipeline.run(settings)
    return pipeline.folder_of(settings)


def test_wandb_has_training_curve_robustness_curve_table_and_configuration(tracked: Path) -> None:
    rows = history(tracked)

    assert [row["step"] for row in rows if "train/loss" in row] == [1, 2, 3]
    assert [row["typo_rate"] for row in rows if "curve/all/recall@1" in row] == [0.0, 0.5]
    assert len([row for row in rows if "dev/mrr@10" in row]) == 1
    assert len([row for row in rows if "points" in row or "points/_type" in row]) == 1
    config = {
        item.key: json.loads(item.value_json)
        for r in records(tracked)
        if r.HasField("run")
        for item in r.run.config.update
    }
    assert config["backbone"]["label"] == "tiny"
    assert config["typos"]["rates"] == [0.0, 0.5]


def test_a_run_that_ends_well_is_finished_as_such(tracked: Path) -> None:
    assert exit_codes(tracked) == [0]


def test_the_values_at_wandb_are_the_points(tracked: Path) -> None:
    from typoglot.results import read_points

    points = {
        (point.rate, point.measure): point.value
        for point in read_points(tracked / "points.jsonl")
        if point.language == "all"
    }
    for row in history(tracked):
        for name, value in row.items():
            if name.startswith("curve/all/"):
                assert points[row["typo_rate"], name.removeprefix("curve/all/")] == pytest.approx(value)


def test_a_run_that_fails_is_finished_as_failed(
    train_settings: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "_evaluate", lambda *_: (_ for _ in ()).throw(OSError("broken")))
    settings = train_settings("tracker=wandb", "trainer.max_steps=2")
    with pytest.raises(OSError, match="broken"):
        pipeline.run(settings)

    assert exit_codes(pipeline.folder_of(settings)) == [1]


def test_three_runs_in_one_process_are_three_wandb_runs(evaluate_settings: Callable[..., Any]) -> None:
    ids = set()
    for seed in (1, 2, 3):
        settings = evaluate_settings("tracker=wandb", f"seed={seed}", "typos.rates=[0]", "benchmark.languages=[en]")
        pipeline.run(settings)
        ids |= {r.run.run_id for r in records(pipeline.folder_of(settings)) if r.HasField("run")}

    assert len(ids) == 3


@pytest.mark.slow
def test_a_run_ended_by_sigterm_keeps_what_wandb_was_told(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from typoglot.tracking import open_tracker;"
        "from typoglot.config import Tracker, TrackerKind;"
        "t = open_tracker(Tracker(TrackerKind.wandb), 'x', Path(sys.argv[1]), {});"
        "[t.training(i, {'loss': 1.0}) for i in range(20)]; print('ready', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, env={**os.environ})
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    assert process.returncode == 143
    assert len(history(tmp_path)) == 20


def test_a_tracker_that_cannot_start_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "Wandb", lambda *_: (_ for _ in ()).throw(OSError("no space")))

    assert isinstance(tracking.open_tracker(Tracker(TrackerKind.wandb), "x", tmp_path, {}), tracking.Silent)


def test_a_tracker_that_fails_later_costs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(tracking.Silent):
        def training(self, step: int, values: Any) -> None:
            raise ConnectionError("gone")

    tracker = tracking.Forgiving(Broken())
    tracker.training(1, {})
    tracker.training(2, {})
    tracker.finish(failed=False)

    assert capsys.readouterr().err.count("The tracker failed (ConnectionError: gone)") == 1


def test_a_mixture_has_curves_of_its_own() -> None:
    plain = Point(
        "mini", "mbert", "untrained", "all", "human", 0.1, 0, 0, 0.0, 1, "recall@1", 0.4, 0.3, 0.5, 40, 0.1, 0.0, None,
        0.5, 1.0, 1.0,
    )  # fmt: skip
    points = [plain, replace(plain, draw=1, value=0.6), replace(plain, xqg_count=5, alpha=0.01, value=0.7)]

    assert tracking.curve_rows(points) == {0.1: {"curve/all/recall@1": 0.5, "curve/all/recall@1/n5-alpha0.01": 0.7}}


def test_the_mode_is_offline_where_there_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    import wandb

    monkeypatch.delenv("WANDB_MODE", raising=False)
    for key, mode in ((False, "offline"), (True, "online")):
        monkeypatch.setattr(wandb, "login", lambda key=key, **_: key)
        assert tracking.wandb_mode(WandbMode.auto) == mode
    assert tracking.wandb_mode(WandbMode.online) == "online"
