"""One run at Weights & Biases: curves, surface, tables, artifacts. Knows W&B; what is drawn is `series`' to say.

An offline run lies in the run's own folder and names nothing outside it, so the folder can be carried to where the
network is. What W&B writes of an online run lies in the cache: it holds absolute paths.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typoglot.config import WandbMode
from typoglot.files import cache_dir, make_folder
from typoglot.privacy import public
from typoglot.terminal import say
from typoglot.tracking.series import Table, curve_rows, language_table, lines, sample_table, surface_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

    from typoglot.config import Tracker as TrackerSettings
    from typoglot.results import Point

AXES = {"train/*": "step", "dev/*": "step", "curve/*": "typo_rate", "surface/*": "alpha"}
"""What each family of values is drawn over."""


class Wandb:
    """One W&B run. Made by `open_tracker`.

    SIGTERM (a cluster's time limit, `timeout`, CI) would lose an offline run whole: it is finished first.
    """

    def __init__(
        self, settings: TrackerSettings, name: str, folder: Path, configuration: Mapping[str, Any], mode: Any
    ) -> None:
        wandb = _library()
        self._wandb, self._settings, self._folder = wandb, settings, folder.resolve()
        self.run = wandb.init(
            project=settings.project,
            group=settings.group,
            tags=public(settings.tags),
            name=name,
            job_type=settings.job_type or ("train" if "train" in configuration else "evaluate"),
            notes=public(settings.notes),
            dir=folder if mode == "offline" else _online_folder(),
            config=dict(configuration),
            mode=mode,
            reinit="create_new",
            settings=wandb.Settings(
                silent=True, console="off", init_timeout=settings.start_timeout,
                finish_timeout=settings.finish_timeout, finish_timeout_raises=True,
                # Nothing of the machine or its user: no command line, packages, commit, host, metrics of hardware.
                x_disable_meta=True, x_disable_machine_info=True, x_disable_stats=True, x_save_requirements=False,
                disable_git=True, disable_code=True, host="-",
            ),
        )  # fmt: skip
        if self.run.offline:
            _remove_logs(folder / "wandb")
        for axis in dict.fromkeys(AXES.values()):
            self.run.define_metric(axis)
        for family, axis in AXES.items():
            self.run.define_metric(family, step_metric=axis)
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

    def trained(self, model: Path) -> None:
        """Logs the model as an artifact, if that was asked for."""
        if self._settings.log_model:
            self._log_artifact("model", model)

    def evaluated(self, folder: Path, points: Sequence[Point]) -> None:
        """Logs each rate and each α as one row (mean over draws), then charts, tables and the scores of all queries."""
        curves = curve_rows(points)
        for rate, row in curves.items():
            self.run.log({"typo_rate": rate, **row})
        for alpha, row in surface_rows(points).items():
            self.run.log({"alpha": alpha, **row})
        for name, charted in lines(points).items():
            self._log_chart(name, charted)
        columns = list(points[0].__dataclass_fields__)
        self._log_table("points", Table(columns, [[getattr(point, name) for name in columns] for point in points]))
        self._log_table("languages", language_table(points))
        if self._settings.samples:
            self._log_table("misspelt", sample_table(folder, points, self._settings.samples))
        self._log_artifact("per_query", folder / "per_query.parquet")
        for name, value in next(iter(curves.values())).items():
            self.run.summary[name] = value

    def finish(self, *, failed: bool) -> None:
        """Ends the run, says where it is, and gives SIGTERM back."""
        try:
            self.run.finish(exit_code=int(failed))
            say(f"W&B: {self._upload()}" if self.run.offline else f"W&B: {self.run.url}")
        except TimeoutError:
            say(f"W&B: not all was uploaded in {self._settings.finish_timeout:g} s; later: {self._upload()}")
        finally:
            _on_sigterm(self._previous)

    def _upload(self) -> str:
        """The command that brings this run to W&B."""
        place = Path(self.run.settings.sync_dir).resolve()
        if not self.run.offline:
            return f"wandb sync {shlex.quote(str(place))}"
        # The artifacts of an offline run are named from the run's folder on.
        return f"cd {shlex.quote(str(self._folder))} && wandb sync {place.relative_to(self._folder)}"

    def _log_table(self, key: str, table: Table) -> None:
        made = self._wandb.Table(columns=table.columns, data=table.rows)
        self._bind(made, key)
        self.run.log({key: made})

    def _log_chart(self, key: str, charted: Mapping[str, Sequence[tuple[float, float]]]) -> None:
        """A plot of several lines that stands in the workspace without set-up."""
        kind, _, measure = key.partition("/")
        chart = self._wandb.plot.line_series(
            xs=[[x for x, _ in line] for line in charted.values()],
            ys=[[y for _, y in line] for line in charted.values()],
            keys=list(charted),
            title=f"{measure} over {'typo rate' if kind == 'robustness' else 'α'}",
            xname="typo_rate" if kind == "robustness" else "alpha",
        )
        self._bind(chart.table, f"{key}_table")
        self.run.log({key: chart})

    def _bind(self, table: Any, key: str) -> None:
        """Makes the table a file of the run alone; as an artifact W&B would copy it to the home and note the path."""
        table.bind_to_run(self.run, key, self.run.step)

    def _log_artifact(self, kind: str, source: Path) -> None:
        """Logs a file or a folder of the run's folder where it lies, without a copy."""
        artifact = self._wandb.Artifact(_artifact_name(f"{kind}-{self._folder.name}"), kind)
        if source.is_dir():
            artifact.add_dir(str(source), policy="immutable")
        else:
            artifact.add_file(str(source), policy="immutable")
        if self.run.offline:
            for entry in artifact.manifest.entries.values():
                entry.local_path = str(Path(entry.local_path).resolve().relative_to(self._folder))
        self.run.log_artifact(artifact)

    def _terminated(self, number: int, frame: FrameType | None) -> None:
        self.run.finish(exit_code=128 + number)
        raise SystemExit(128 + number)


def wandb_mode(mode: WandbMode) -> Any:
    """Online where W&B has a key (WANDB_API_KEY, or `wandb login`), offline elsewhere; as asked, if asked."""
    if mode is not WandbMode.auto:
        return mode.value
    asked = os.environ.get("WANDB_MODE")
    if asked:
        return asked
    return "online" if has_key() else "offline"


def has_key() -> bool:
    """Whether W&B has a key on this machine; the server is not asked whether it is right."""
    wandb = _library()
    try:
        return bool(wandb.login(prompt=False, verify=False))
    except wandb.errors.AuthenticationError as error:
        say(f"W&B has a key that cannot be one ({error}).")
        return False


def _library() -> Any:
    """W&B's library: quiet, and without reports to its maker, whose tracebacks name paths."""
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    import wandb

    wandb.setup(wandb.Settings(silent=True))
    return wandb


def _online_folder() -> Path:
    return make_folder(Path(os.environ.get("WANDB_DIR") or cache_dir() / "wandb"))


def _artifact_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:128]


def _remove_logs(folder: Path) -> None:
    """W&B's own logs and the links beside them hold paths of the home; they are written on, and lost, unseen."""
    for logs in folder.glob("*/logs"):
        shutil.rmtree(logs, ignore_errors=True)
    for link in folder.iterdir():
        if link.is_symlink():
            link.unlink()


def _on_sigterm(handler: Any) -> None:
    try:
        signal.signal(signal.SIGTERM, handler if handler is not None else signal.SIG_DFL)
    except ValueError:
        say("Not in the main thread: a SIGTERM would lose the offline W&B run; the run's folder keeps everything.")
