"""Trackers of named numbers alone: TensorBoard, MLflow and a CSV file. Each is a few calls of its own library.

Their axes are whole numbers: a typo rate or an α stands there in thousandths. The CSV file has it as it is.
"""

from __future__ import annotations

import csv
import json
import logging
import os
import time
from typing import TYPE_CHECKING, Any, Protocol

from typoglot.privacy import public
from typoglot.tracking.series import curve_rows, surface_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from typoglot.config import Tracker as TrackerSettings
    from typoglot.results import Point


class Sink(Protocol):
    """Takes named numbers."""

    def __init__(
        self, settings: TrackerSettings, name: str, folder: Path, configuration: Mapping[str, Any]
    ) -> None: ...

    def log(self, axis: str, at: float, values: Mapping[str, float]) -> None:
        """Values at one place of an axis: `step`, `typo_rate` or `alpha`."""
        ...

    def close(self, *, failed: bool) -> None:
        """Ends the run."""
        ...


class Scalars:
    """Tells a sink the training values and every curve and surface."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def training(self, step: int, values: Mapping[str, float]) -> None:
        """A name without a slash is a training value."""
        named = {name if "/" in name else f"train/{name}": value for name, value in values.items()}
        self._sink.log("step", step, named)

    def trained(self, model: Path) -> None:
        """Numbers alone are told."""

    def evaluated(self, folder: Path, points: Sequence[Point]) -> None:
        """Means over draws."""
        for rate, row in curve_rows(points).items():
            self._sink.log("typo_rate", rate, row)
        for alpha, row in surface_rows(points).items():
            self._sink.log("alpha", alpha, row)

    def finish(self, *, failed: bool) -> None:
        """Ends the run."""
        self._sink.close(failed=failed)


class TensorBoard:
    """RUN/tensorboard, with the configuration as text."""

    def __init__(self, settings: TrackerSettings, name: str, folder: Path, configuration: Mapping[str, Any]) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder / "tensorboard"))
        shown = json.dumps(configuration, indent=2, ensure_ascii=False)
        self._writer.add_text("configuration", "\n".join(f"    {line}" for line in shown.splitlines()))

    def log(self, axis: str, at: float, values: Mapping[str, float]) -> None:
        """Adds each value."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, whole(axis, at))

    def close(self, *, failed: bool) -> None:
        """Writes what is left."""
        self._writer.close()


class Csv:
    """RUN/tracked.csv: one row for each value, with axis, place and name; at once, so that a killed run has them."""

    def __init__(self, settings: TrackerSettings, name: str, folder: Path, configuration: Mapping[str, Any]) -> None:
        self._out = (folder / "tracked.csv").open("w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._out)
        self._rows.writerow(["axis", "at", "name", "value"])

    def log(self, axis: str, at: float, values: Mapping[str, float]) -> None:
        """Writes each value."""
        self._rows.writerows([axis, at, name, value] for name, value in values.items())
        self._out.flush()

    def close(self, *, failed: bool) -> None:
        """Closes the file."""
        self._out.close()


class Mlflow:
    """A run in OUTPUT/mlflow.db, or where $MLFLOW_TRACKING_URI says; the settings are its parameters.

    The client is used, not MLflow's `start_run`: that would note the user's name and the script's path.
    """

    def __init__(self, settings: TrackerSettings, name: str, folder: Path, configuration: Mapping[str, Any]) -> None:
        os.environ.setdefault(
            "MLFLOW_DISABLE_TELEMETRY", "true"
        )  # a tracker that reports to its maker is not asked for
        import mlflow

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        place = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{folder.parent.resolve() / 'mlflow.db'}"
        self._client = mlflow.MlflowClient(tracking_uri=place)
        found = self._client.get_experiment_by_name(settings.project)
        experiment = found.experiment_id if found else self._client.create_experiment(settings.project)
        told = {"mlflow.runName": name, "mlflow.note.content": settings.notes, "group": settings.group}
        tags = {key: public(value) for key, value in told.items() if value} | dict.fromkeys(settings.tags, "true")
        self._run = self._client.create_run(experiment, tags=tags).info.run_id
        parameters = [mlflow.entities.Param(key, str(value)[:_LONGEST]) for key, value in _flat(configuration).items()]
        for start in range(0, len(parameters), _AT_ONCE):
            self._client.log_batch(self._run, params=parameters[start : start + _AT_ONCE])
        self._metric = mlflow.entities.Metric
        self._waiting: list[Any] = []

    def log(self, axis: str, at: float, values: Mapping[str, float]) -> None:
        """Keeps the values until there are enough for one transaction."""
        now = int(time.time() * 1000)
        # MLflow allows no @ in a name.
        self._waiting += [
            self._metric(name.replace("@", " at "), value, now, whole(axis, at)) for name, value in values.items()
        ]
        if len(self._waiting) >= _METRICS_AT_ONCE:
            self._flush()

    def close(self, *, failed: bool) -> None:
        """Writes what is left, and how the run ended."""
        self._flush()
        self._client.set_terminated(self._run, "FAILED" if failed else "FINISHED")

    def _flush(self) -> None:
        for start in range(0, len(self._waiting), _METRICS_AT_ONCE):
            self._client.log_batch(self._run, metrics=self._waiting[start : start + _METRICS_AT_ONCE])
        self._waiting = []


# MLflow's limits of one call of log_batch, and of a parameter's length.
_AT_ONCE, _METRICS_AT_ONCE, _LONGEST = 100, 1000, 6000


def whole(axis: str, at: float) -> int:
    """The place as a whole number: steps as they are, typo rates and α in thousandths.

    >>> whole("step", 7), whole("typo_rate", 0.05)
    (7, 50)
    """
    return int(at) if axis == "step" else round(1000 * at)


def _flat(configuration: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in configuration.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found
