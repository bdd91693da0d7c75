from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from typoglot import tracking
from typoglot.checks import check
from typoglot.config import Tracker, TrackerKind
from typoglot.errors import ConfigError
from typoglot.tracking import wandb

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_tracker_that_cannot_start_costs_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wandb, "Wandb", lambda *_: (_ for _ in ()).throw(OSError("no space")))
    tracker = tracking.open_tracker(Tracker(TrackerKind.wandb), "x", tmp_path, {})
    tracker.training(1, {"loss": 1.0})
    tracker.finish(failed=False)

    assert capsys.readouterr().err == "W&B could not start (OSError: no space); the run goes on without it.\n"


def test_a_tracker_that_fails_later_costs_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(tracking.Silent):
        def training(self, step: int, values: Any) -> None:
            raise ConnectionError("gone")

    tracker = tracking.Forgiving("W&B", Broken())
    tracker.training(1, {})
    tracker.training(2, {})
    tracker.finish(failed=False)

    assert capsys.readouterr().err.count("W&B failed (ConnectionError: gone)") == 1


def test_one_broken_tracker_leaves_the_others_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wandb, "Wandb", lambda *_: (_ for _ in ()).throw(OSError("no space")))
    tracker = tracking.open_tracker(Tracker(TrackerKind.wandb, also=[TrackerKind.csv]), "x", tmp_path, {})
    tracker.training(1, {"loss": 1.0})
    tracker.finish(failed=False)

    assert (tmp_path / "tracked.csv").read_text().splitlines()[1:] == ["step,1,train/loss,1.0"]


@pytest.mark.parametrize("kind", ["tensorboard", "mlflow"])
def test_a_missing_extra_is_told_before_anything_is_loaded(
    kind: str, evaluate_settings: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(ConfigError, match=rf'^tracker={kind}: {kind}.* pip install "typoglot\[{kind}\]"\.$'):
        check([evaluate_settings("tracker=csv", f"tracker.also=[{kind}]")])
