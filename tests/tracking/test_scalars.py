from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from typoglot.config import Tracker, TrackerKind
from typoglot.results import Point
from typoglot.tracking import open_tracker

POINT = Point(
    "mini", "mbert", "untrained", "all", "human", 0.05, 0, 0, 0.0, 1, "recall@1", 0.5, 0.3, 0.6, 40, 0.1, 0.0, None,
    0.5, 1.0, 1.0,
)  # fmt: skip
POINTS = [POINT, *(replace(POINT, xqg_count=2, alpha=alpha, value=0.75) for alpha in (0.01, 0.1))]


def tell(kind: TrackerKind, folder: Path, *, failed: bool = False) -> None:
    """A run of one step and three points."""
    folder.mkdir(exist_ok=True)
    settings = Tracker(kind, project="p", group="g", tags=["t"], notes="why")
    tracker = open_tracker(settings, "named", folder, {"backbone": {"label": "tiny"}, "seed": 42})
    tracker.training(7, {"loss": 0.25, "dev/mrr@10": 0.5})
    tracker.evaluated(folder, POINTS)
    tracker.finish(failed=failed)


def test_the_csv_file_has_each_value_at_its_place(tmp_path: Path) -> None:
    tell(TrackerKind.csv, tmp_path)
    with (tmp_path / "tracked.csv").open() as handle:
        rows = {(row["axis"], row["at"], row["name"]): float(row["value"]) for row in csv.DictReader(handle)}

    assert rows["step", "7", "train/loss"] == 0.25
    assert rows["typo_rate", "0.05", "curve/all/recall@1"] == 0.5
    assert rows["alpha", "0.01", "surface/all/recall@1/rate0.05/n2"] == 0.75


def test_tensorboard_has_steps_rates_and_alphas_in_thousandths(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    tell(TrackerKind.tensorboard, tmp_path)
    read = EventAccumulator(str(tmp_path / "tensorboard"))
    read.Reload()

    assert [(one.step, one.value) for one in read.Scalars("train/loss")] == [(7, 0.25)]
    assert [(one.step, one.value) for one in read.Scalars("curve/all/recall@1")] == [(50, 0.5)]
    assert [one.step for one in read.Scalars("surface/all/recall@1/rate0.05/n2")] == [10, 100]
    assert "configuration/text_summary" in read.Tags()["tensors"]


@pytest.mark.slow
@pytest.mark.parametrize("failed", [False, True])
def test_mlflow_has_parameters_tags_values_and_how_it_ended(
    failed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    tell(TrackerKind.mlflow, tmp_path / "run", failed=failed)
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}")
    (run,) = client.search_runs([client.get_experiment_by_name("p").experiment_id])

    assert run.info.status == ("FAILED" if failed else "FINISHED")
    assert run.data.params == {"backbone.label": "tiny", "seed": "42"}
    assert run.data.tags == {"mlflow.runName": "named", "mlflow.note.content": "why", "group": "g", "t": "true"}
    assert [(m.step, m.value) for m in client.get_metric_history(run.info.run_id, "curve/all/recall at 1")] == [
        (50, 0.5)
    ]
    assert [m.value for m in client.get_metric_history(run.info.run_id, "train/loss")] == [0.25]
