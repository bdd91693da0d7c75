from __future__ import annotations

import gzip
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from typoglot import pipeline, tracking
from typoglot.config import Tracker, TrackerKind, WandbMode
from typoglot.results import read_points
from typoglot.tracking.wandb import wandb_mode

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent.parent
SURFACE = ("xqg=held_out_questions", "xqg.counts=[0,1,2]", "xqg.alphas=[0,0.1,0.5]")
KEY = "0123456789abcdef0123456789abcdef01234567"


def records(folder: Path) -> list[Any]:
    """All records of the one finished offline run below the folder.

    W&B's own process writes the last of them a moment after the run is finished.
    """
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = written(folder)
        if any(record.HasField("exit") for record in found):
            return found
        time.sleep(0.1)
    return written(folder)


def written(folder: Path) -> list[Any]:
    """The protobuf records so far (LevelDB's log framing, 32 KiB blocks)."""
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


def begun(folder: Path) -> Any:
    """The record that names the run."""
    return next(record.run for record in records(folder) if record.HasField("run"))


def history(folder: Path) -> list[dict[str, Any]]:
    rows = [record.history.item for record in records(folder) if record.HasField("history")]
    return [{(item.key or "/".join(item.nested_key)): json.loads(item.value_json) for item in row} for row in rows]


def table(folder: Path, key: str) -> list[dict[str, Any]]:
    """The rows of a table that was logged."""
    (place,) = {row[f"{key}/path"] for row in history(folder) if f"{key}/path" in row}
    (path,) = folder.glob(f"wandb/offline-run-*/files/{place}")
    made = json.loads(path.read_text())
    return [dict(zip(made["columns"], row, strict=True)) for row in made["data"]]


def artifacts(folder: Path) -> dict[str, Any]:
    """The artifacts by kind."""
    return {record.artifact.type: record.artifact for record in records(folder) if record.HasField("artifact")}


def exit_codes(folder: Path) -> list[int]:
    return [record.exit.exit_code for record in records(folder) if record.HasField("exit")]


@pytest.fixture
def tracked(train_settings: Callable[..., Any]) -> Path:
    named = ("tracker.group=g", "tracker.name=n", "tracker.job_type=j", "tracker.notes=why", "tracker.project=p")
    settings = train_settings("tracker=wandb", "tracker.tags=[test]", "trainer.max_steps=3", *named, *SURFACE)
    pipeline.run(settings)
    return pipeline.folder_of(settings)


def test_wandb_has_training_curve_robustness_curve_and_configuration(tracked: Path) -> None:
    rows = history(tracked)

    assert [row["step"] for row in rows if "train/loss" in row] == [1, 2, 3]
    assert [row["typo_rate"] for row in rows if "curve/all/recall@1" in row] == [0.0, 0.5]
    assert len([row for row in rows if "dev/mrr@10" in row]) == 1
    config = {item.key: json.loads(item.value_json) for item in begun(tracked).config.update}
    assert config["backbone"]["label"] == "tiny"
    assert config["typos"]["rates"] == [0.0, 0.5]


def test_project_group_tags_name_job_type_and_notes_are_the_configured_ones(tracked: Path) -> None:
    run = begun(tracked)

    assert (run.project, run.run_group, list(run.tags), run.display_name, run.job_type, run.notes) == (
        "p", "g", ["test"], "n", "j", "why",
    )  # fmt: skip


def test_each_family_of_values_has_its_axis(tracked: Path) -> None:
    metrics = [record.metric for record in records(tracked) if record.HasField("metric")]

    assert {one.glob_name: one.step_metric for one in metrics if one.glob_name} == {
        "train/*": "step", "dev/*": "step", "curve/*": "typo_rate", "surface/*": "alpha",
    }  # fmt: skip


def test_the_surface_has_one_series_for_each_count_over_alpha(tracked: Path) -> None:
    rows = [row for row in history(tracked) if "surface/all/recall@1/rate0.5/n2" in row]
    points = {(p.alpha, p.xqg_count): p.value for p in read_points(tracked / "points.jsonl") if
              (p.language, p.measure, p.rate) == ("de", "recall@1", 0.5)}  # fmt: skip

    assert [row["alpha"] for row in rows] == [0.0, 0.1, 0.5]
    for row in rows:
        for count in (1, 2):
            assert row[f"surface/de/recall@1/rate0.5/n{count}"] == pytest.approx(points[row["alpha"], count])


def test_the_values_at_wandb_are_the_points(tracked: Path) -> None:
    points = {
        (point.rate, point.language, point.measure): point.value
        for point in read_points(tracked / "points.jsonl")
        if not point.xqg_count
    }
    told = {
        (row["typo_rate"], *name.split("/")[1:]): value
        for row in history(tracked)
        for name, value in row.items()
        if name.startswith("curve/") and "/n" not in name.removeprefix("curve/").replace("/ndcg", "")
    }

    assert told == {key: pytest.approx(value) for key, value in points.items()}


def test_the_summary_has_the_clean_values(tracked: Path) -> None:
    last: dict[str, Any] = {}
    for record in records(tracked):
        if record.HasField("summary"):
            last |= {item.key: json.loads(item.value_json) for item in record.summary.update}
    (clean,) = [row for row in history(tracked) if row.get("typo_rate") == 0.0]

    assert last["curve/all/recall@1"] == clean["curve/all/recall@1"]


def test_points_and_languages_are_tables(tracked: Path) -> None:
    points = list(read_points(tracked / "points.jsonl"))
    languages = table(tracked, "languages")

    assert [row["value"] for row in table(tracked, "points")] == [point.value for point in points]
    german = next(
        row for row in languages if (row["language"], row["measure"], row["xqg_count"]) == ("de", "mrr@10", 0)
    )
    assert german["lost"] == pytest.approx(german["rate 0"] - german["rate 0.5"])


def test_misspelt_queries_are_a_table_with_their_scores(tracked: Path) -> None:
    rows = table(tracked, "misspelt")

    assert {row["language"] for row in rows[:2]} == {"en", "de"}
    assert all(row["clean"] != row["misspelt"] for row in rows)
    assert all({row["recall@1 clean"], row["recall@1 at rate 0.5"]} <= {0, 1} for row in rows)


def test_a_chart_of_the_curves_stands_without_set_up(tracked: Path) -> None:
    updates = [item for record in records(tracked) if record.HasField("config") for item in record.config.update]
    shown = [item for item in updates if list(item.nested_key[:2]) == ["_wandb", "visualize"]]
    charts = {item.nested_key[2]: json.loads(item.value_json) for item in shown}
    rows = table(tracked, "robustness/recall@1_table")

    assert charts["robustness/recall@1"]["panel_config"]["panelDefId"] == "wandb/lineseries/v0"
    assert charts["count_x_alpha/recall@1"]["panel_config"]["stringSettings"]["xname"] == "alpha"
    assert {(row["step"], row["lineKey"]) for row in rows} == {
        (rate, language) for rate in (0, 0.5) for language in ("en", "de", "all")
    }


def test_the_scores_of_all_queries_are_an_artifact_where_they_lie(tracked: Path) -> None:
    found = artifacts(tracked)

    assert set(found) == {"per_query"}
    (entry,) = found["per_query"].manifest.contents
    assert entry.local_path == "per_query.parquet"
    assert entry.size == (tracked / "per_query.parquet").stat().st_size


def test_the_model_is_an_artifact_when_asked(train_settings: Callable[..., Any]) -> None:
    settings = train_settings("tracker=wandb", "trainer.max_steps=2", "tracker.log_model=true", "evaluate=false")
    pipeline.run(settings)
    folder = pipeline.folder_of(settings)

    model = artifacts(folder)["model"]
    assert all((folder / entry.local_path).stat().st_size == entry.size for entry in model.manifest.contents)
    assert "model/model.safetensors" in {entry.local_path for entry in model.manifest.contents}


def test_a_run_that_ends_well_is_finished_as_such(tracked: Path) -> None:
    assert exit_codes(tracked) == [0]


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
        ids.add(begun(pipeline.folder_of(settings)).run_id)

    assert len(ids) == 3


@pytest.mark.slow
def test_three_jobs_of_a_sweep_make_three_wandb_runs(tiny_bert: Path, tmp_path: Path) -> None:
    command = [
        sys.executable, str(ROOT / "evaluate.py"), "-m", "seed=1,2,3", "backbone=hf", f"backbone.name={tiny_bert}",
        "backbone.label=tiny", "backbone.pooling=mean", "backbone.normalise=true", "backbone.temperature=0.05",
        "backbone.query_max_length=24", "backbone.passage_max_length=48",
        "benchmark.languages=[en]", "typos.rates=[0]", "bootstrap=10", f"output={tmp_path / 'out'}",
    ]  # fmt: skip
    environment = {**os.environ, "WANDB_MODE": "offline"}
    made = subprocess.run(command, capture_output=True, text=True, timeout=200, env=environment)
    runs = [begun(folder) for folder in (tmp_path / "out").glob("tiny-*")]

    assert made.returncode == 0, made.stderr
    assert (len(runs), len({run.run_id for run in runs})) == (3, 3)
    assert made.stderr.count("&& wandb sync wandb/offline-run-") == 3


def test_the_line_that_brings_an_offline_run_to_wandb_is_told(
    evaluate_settings: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = evaluate_settings("tracker=wandb", "typos.rates=[0]", "benchmark.languages=[en]")
    pipeline.run(settings)
    folder = pipeline.folder_of(settings).resolve()
    (run,) = folder.glob("wandb/offline-run-*")

    assert f"W&B: cd {folder} && wandb sync wandb/{run.name}\n" in capsys.readouterr().err


@pytest.mark.slow
def test_a_run_ended_by_sigterm_keeps_what_wandb_was_told(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STEPS + "print('ready', flush=True); time.sleep(60)", str(tmp_path)],
        stdout=subprocess.PIPE, env={**os.environ},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    assert process.returncode == 143
    assert len(history(tmp_path)) == 20


STEPS = (
    "import os, signal, sys, time; from pathlib import Path; from typoglot.tracking import open_tracker;"
    "from typoglot.config import Tracker, TrackerKind, WandbMode;"
    "t = open_tracker(Tracker(TrackerKind.wandb, mode=WandbMode.offline), 'x', Path(sys.argv[1]), {});"
    "[t.training(i, {'loss': 1.0}) for i in range(20)];"
)


@pytest.mark.slow
def test_a_killed_service_of_wandb_costs_a_message(tmp_path: Path) -> None:
    code = STEPS + (
        "children = Path(f'/proc/self/task/{os.getpid()}/children').read_text().split();"
        "core = [int(c) for c in children if b'wandb' in Path(f'/proc/{c}/cmdline').read_bytes()];"
        "[os.kill(c, signal.SIGKILL) for c in core]; time.sleep(0.5);"
        "[t.training(i, {'loss': 1.0}) for i in range(20, 40)]; t.finish(failed=False); print(len(core), 'done')"
    )
    # With the variable it would find, and share, the service of this very process.
    environment = {name: value for name, value in os.environ.items() if name != "WANDB_SERVICE"}
    made = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60, env=environment
    )

    assert (made.returncode, made.stdout) == (0, "1 done\n")
    assert made.stderr.count("W&B failed") == 1


class Refusing(http.server.BaseHTTPRequestHandler):
    """Answers as W&B does to a key it does not know."""

    def do_POST(self) -> None:
        told = json.dumps({"errors": [{"message": "user is not logged in"}]}).encode()
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(401)
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def refusing() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _closed_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["wrong key", "no answer", "no key at all"])
def test_without_a_server_the_run_is_kept_offline_and_soon(fault: str, tmp_path: Path, refusing: str) -> None:
    url = refusing if fault == "wrong key" else _closed_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")} | {
        "WANDB_BASE_URL": url, "WANDB_API_KEY": "short" if fault == "no key at all" else KEY,
        "TYPOGLOT_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path),
    }  # fmt: skip
    code = STEPS.replace("mode=WandbMode.offline", "start_timeout=3") + "t.finish(failed=False)"
    made = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60, env=environment
    )

    assert made.returncode == 0, made.stderr
    assert "kept offline" in made.stderr or "a key that cannot be one" in made.stderr
    assert len(history(tmp_path)) == 20


def test_the_mode_is_offline_where_there_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    import wandb

    monkeypatch.delenv("WANDB_MODE", raising=False)
    for key, mode in ((False, "offline"), (True, "online")):
        monkeypatch.setattr(wandb, "login", lambda key=key, **_: key)
        assert wandb_mode(WandbMode.auto) == mode
    assert wandb_mode(WandbMode.online) == "online"


def test_a_run_that_is_not_taken_is_begun_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import wandb

    init = wandb.init
    monkeypatch.setattr(wandb, "init", lambda **how: _unreachable() if how["mode"] == "online" else init(**how))
    tracking.open_tracker(Tracker(TrackerKind.wandb, mode=WandbMode.online), "x", tmp_path, {}).finish(failed=False)

    assert "W&B could not be reached (OSError: no route); the run is kept offline." in capsys.readouterr().err
    assert begun(tmp_path).display_name == "x"


def _unreachable() -> None:
    raise OSError("no route")


def test_no_home_key_user_or_host_is_in_a_run(
    train_settings: Callable[..., Any], tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("WANDB_API_KEY", "HF_TOKEN"):
        monkeypatch.setenv(name, KEY + name)
    monkeypatch.setenv("USER", "ann-of-the-test")
    monkeypatch.setattr(socket, "gethostname", lambda: "host-of-the-test")
    (tmp_path / "bert").symlink_to(tiny_bert)
    settings = train_settings("tracker=wandb", "trainer.max_steps=2", "tracker.log_model=true", *SURFACE)
    settings.backbone.name, settings.tracker.notes = str(tmp_path / "bert"), f"by {KEY}HF_TOKEN"
    settings.store.path = str(tmp_path / "store")
    pipeline.run(settings)
    assert exit_codes(pipeline.folder_of(settings)) == [0]
    files = [path for path in pipeline.folder_of(settings).rglob("*") if path.is_file()]
    links = [path for path in pipeline.folder_of(settings).rglob("*") if path.is_symlink()]

    for path in files:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for secret in (str(tmp_path), KEY, "ann-of-the-test", "host-of-the-test"):
            assert secret.encode() not in content, f"{secret} in {path}"
    assert len(files) > 15
    assert links == []
