"""Reports a run to Weights & Biases. The run's own folder is the record; a tracker that fails costs a message."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import defaultdict
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from typoglot.config import Tracker as TrackerSettings
from typoglot.config import TrackerKind, WandbMode
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

    from typoglot.results import Point


class Tracker(Protocol):
    """What a run tells the outside."""

    def training(self, step: int, values: Mapping[str, float]) -> None:
        """Values of an optimizer step."""
        ...

    def points(self, points: Sequence[Point]) -> None:
        """All points of the run."""
        ...

    def finish(self, *, failed: bool) -> None:
        """Ends the run."""
        ...


class Silent:
    """Tells nothing."""

    def training(self, step: int, values: Mapping[str, float]) -> None:
        """Does nothing."""

    def points(self, points: Sequence[Point]) -> None:
        """Does nothing."""

    def finish(self, *, failed: bool) -> None:
        """Does nothing."""


class Wandb:
    """One W&B run: training curves over `step`, robustness curves over `typo_rate`, the points as a table.

    Made by `open_tracker`. SIGTERM (a cluster's time limit, `timeout`, CI) would lose an offline run whole: it is
    finished first.
    """

    def __init__(self, settings: TrackerSettings, name: str, folder: Path, configuration: Mapping[str, Any]) -> None:
        import wandb

        self._wandb = wandb
        self.run = wandb.init(
            project=settings.project,
            group=settings.group,
            tags=settings.tags,
            name=name,
            dir=folder,
            config=dict(configuration),
            mode=wandb_mode(settings.mode),
            reinit="create_new",
            settings=wandb.Settings(
                silent=True, console="off", x_disable_stats=True, disable_git=True, disable_code=True
            ),
        )
        self.run.define_metric("step")
        self.run.define_metric("train/*", step_metric="step")
        self.run.define_metric("dev/*", step_metric="step")
        self.run.define_metric("typo_rate")
        self.run.define_metric("curve/*", step_metric="typo_rate")
        self._previous: Any = signal.getsignal(signal.SIGTERM)
        _on_sigterm(self._terminated)

    def training(self, step: int, values: Mapping[str, float]) -> None:
        """Logs the values of an optimizer step; a name without a slash is a training value."""
        self.run.log(
            {
                "step": step,
                **{name if "/" in name else f"train/{name}": value for name, value in values.items()},
            }
        )

    def points(self, points: Sequence[Point]) -> None:
        """Logs each rate as one row of the curves (mean over draws), and all points as a table."""
        for rate, row in curve_rows(points).items():
            self.run.log({"typo_rate": rate, **row})
        rows = [asdict(point) for point in points]
        columns = list(rows[0])
        self.run.log(
            {"points": self._wandb.Table(columns=columns, data=[[row[column] for column in columns] for row in rows])}
        )
        for name, value in next(iter(curve_rows(points).values())).items():
            self.run.summary[name] = value

    def finish(self, *, failed: bool) -> None:
        """Ends the run and gives SIGTERM back."""
        try:
            self.run.finish(exit_code=int(failed))
        finally:
            _on_sigterm(self._previous)

    def _terminated(self, number: int, frame: FrameType | None) -> None:
        self.run.finish(exit_code=128 + number)
        raise SystemExit(128 + number)


class Forgiving:
    """Passes everything on, and once that fails, only says so: a result never depends on a tracker."""

    def __init__(self, inner: Tracker) -> None:
        self._inner: Tracker = inner

    def training(self, step: int, values: Mapping[str, float]) -> None:
        """Passes on."""
        self._try(lambda: self._inner.training(step, values))

    def points(self, points: Sequence[Point]) -> None:
        """Passes on."""
        self._try(lambda: self._inner.points(points))

    def finish(self, *, failed: bool) -> None:
        """Passes on."""
        self._try(lambda: self._inner.finish(failed=failed))

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:
            say(f"The tracker failed ({type(error).__name__}: {error}); the run goes on and its folder has everything.")
            broken, self._inner = self._inner, Silent()
            with contextlib.suppress(Exception):
                broken.finish(failed=True)


def open_tracker(settings: TrackerSettings, name: str, folder: Path, configuration: Mapping[str, Any]) -> Tracker:
    """The tracker that the settings name; a tracker that cannot start is replaced by silence, with a message."""
    if settings.kind is TrackerKind.none:
        return Silent()
    try:
        return Forgiving(Wandb(settings, name, folder, configuration))
    except Exception as error:
        say(f"W&B could not start ({type(error).__name__}: {error}); the run goes on without it.")
        return Silent()


def wandb_mode(mode: WandbMode) -> Any:
    """Online where W&B has a key (WANDB_API_KEY, or `wandb login`), offline elsewhere; as asked, if asked."""
    if mode is not WandbMode.auto:
        return mode.value
    asked = os.environ.get("WANDB_MODE")
    if asked:
        return asked
    import wandb

    return "online" if wandb.login(prompt=False) else "offline"


def curve_rows(points: Sequence[Point]) -> dict[float, dict[str, float]]:
    """By rate: each `curve/language/measure`, averaged over draws. Rate 0, where it was measured, comes first.

    With n generated queries and weight α the name ends in `/n5-alpha0.01`.
    """
    values: dict[float, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for point in points:
        mixed = f"/n{point.xqg_count}-alpha{point.alpha:g}" if point.xqg_count else ""
        values[point.rate][f"curve/{point.language}/{point.measure}{mixed}"].append(point.value)
    return {rate: {name: sum(found) / len(found) for name, found in values[rate].items()} for rate in sorted(values)}


def _on_sigterm(handler: Any) -> None:
    try:
        signal.signal(signal.SIGTERM, handler if handler is not None else signal.SIG_DFL)
    except ValueError:
        say("Not in the main thread: a SIGTERM would lose the offline W&B run; the run's folder keeps everything.")
