"""Reports a run to W&B, TensorBoard, MLflow or a table.

The run's own folder is the record: a tracker that fails costs a message.
"""

from __future__ import annotations

import contextlib
import importlib.util
from typing import TYPE_CHECKING, Any, Protocol

from typoglot.config import Tracker as TrackerSettings
from typoglot.config import TrackerKind, WandbMode
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from typoglot.results import Point


class Tracker(Protocol):
    """What a run tells the outside."""

    def training(self, step: int, values: Mapping[str, float]) -> None:
        """Values of an optimizer step."""
        ...

    def trained(self, model: Path) -> None:
        """The folder of the trained model."""
        ...

    def evaluated(self, folder: Path, points: Sequence[Point]) -> None:
        """All points of the run, and its folder with everything behind them."""
        ...

    def finish(self, *, failed: bool) -> None:
        """Ends the run."""
        ...


class Silent:
    """Tells nothing."""

    def training(self, step: int, values: Mapping[str, float]) -> None:
        """Does nothing."""

    def trained(self, model: Path) -> None:
        """Does nothing."""

    def evaluated(self, folder: Path, points: Sequence[Point]) -> None:
        """Does nothing."""

    def finish(self, *, failed: bool) -> None:
        """Does nothing."""


class Forgiving:
    """Passes everything on, and once that fails, only says so: a result never depends on a tracker."""

    def __init__(self, name: str, inner: Tracker) -> None:
        self._name, self._inner = name, inner

    def training(self, step: int, values: Mapping[str, float]) -> None:
        """Passes on."""
        self._try(lambda: self._inner.training(step, values))

    def trained(self, model: Path) -> None:
        """Passes on."""
        self._try(lambda: self._inner.trained(model))

    def evaluated(self, folder: Path, points: Sequence[Point]) -> None:
        """Passes on."""
        self._try(lambda: self._inner.evaluated(folder, points))

    def finish(self, *, failed: bool) -> None:
        """Passes on."""
        self._try(lambda: self._inner.finish(failed=failed))

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:
            say(f"{self._name} failed ({_reason(error)}); the run goes on and its folder has everything.")
            broken, self._inner = self._inner, Silent()
            with contextlib.suppress(Exception):
                broken.finish(failed=True)


class Several:
    """Passes everything on to each of several trackers."""

    def __init__(self, trackers: Sequence[Tracker]) -> None:
        self._trackers = trackers

    def training(self, step: int, values: Mapping[str, float]) -> None:
        """Passes on."""
        for tracker in self._trackers:
            tracker.training(step, values)

    def trained(self, model: Path) -> None:
        """Passes on."""
        for tracker in self._trackers:
            tracker.trained(model)

    def evaluated(self, folder: Path, points: Sequence[Point]) -> None:
        """Passes on."""
        for tracker in self._trackers:
            tracker.evaluated(folder, points)

    def finish(self, *, failed: bool) -> None:
        """Passes on."""
        for tracker in self._trackers:
            tracker.finish(failed=failed)


NAMES = {
    TrackerKind.wandb: "W&B",
    TrackerKind.tensorboard: "TensorBoard",
    TrackerKind.csv: "The table of curves",
    TrackerKind.mlflow: "MLflow",
}

# What each needs beyond typoglot's own dependencies; the extra of pyproject.toml has its name.
_NEEDS = {TrackerKind.tensorboard: ["tensorboard"], TrackerKind.mlflow: ["mlflow", "sqlalchemy", "alembic"]}


def tracker_faults(settings: TrackerSettings) -> list[str]:
    """The trackers that are asked for and not installed."""
    return [
        f'tracker={kind.value}: {", ".join(missing)} is not installed; pip install "typoglot[{kind.value}]".'
        for kind in _kinds(settings)
        if (missing := [name for name in _NEEDS.get(kind, []) if importlib.util.find_spec(name) is None])
    ]


def open_tracker(settings: TrackerSettings, name: str, folder: Path, configuration: Mapping[str, Any]) -> Tracker:
    """The trackers that the settings name; one that cannot start is replaced by silence, with a message.

    Args:
        settings: which, and how they name the run.
        name: of the run, where the settings give none.
        folder: of the run.
        configuration: of the run, as `config.as_plain` gives it.
    """
    return Several([_open(kind, settings, settings.name or name, folder, configuration) for kind in _kinds(settings)])


def _kinds(settings: TrackerSettings) -> list[TrackerKind]:
    return [kind for kind in (settings.kind, *settings.also) if kind is not TrackerKind.none]


def _open(
    kind: TrackerKind, settings: TrackerSettings, name: str, folder: Path, configuration: Mapping[str, Any]
) -> Tracker:
    try:
        return Forgiving(NAMES[kind], _begin(kind, settings, name, folder, configuration))
    except Exception as error:
        say(f"{NAMES[kind]} could not start ({_reason(error)}); the run goes on without it.")
        return Silent()


def _begin(
    kind: TrackerKind, settings: TrackerSettings, name: str, folder: Path, configuration: Mapping[str, Any]
) -> Tracker:
    if kind is TrackerKind.wandb:
        return _begin_wandb(settings, name, folder, configuration)
    from typoglot.tracking import scalars

    sinks: dict[TrackerKind, type[scalars.Sink]] = {
        TrackerKind.tensorboard: scalars.TensorBoard,
        TrackerKind.csv: scalars.Csv,
        TrackerKind.mlflow: scalars.Mlflow,
    }
    return scalars.Scalars(sinks[kind](settings, name, folder, configuration))


def _begin_wandb(settings: TrackerSettings, name: str, folder: Path, configuration: Mapping[str, Any]) -> Tracker:
    """A W&B run; where the server does not answer, or not to this key, an offline one."""
    from typoglot.tracking.wandb import Wandb, wandb_mode

    mode = wandb_mode(settings.mode)
    try:
        return Wandb(settings, name, folder, configuration, mode)
    except Exception as error:
        if mode != "online":
            raise
        say(f"W&B could not be reached ({_reason(error)}); the run is kept offline.")
        return Wandb(settings, name, folder, configuration, WandbMode.offline.value)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
