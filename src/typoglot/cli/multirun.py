"""A sweep: checked whole before its first job, written down, gone through, shown in one table.

A point that is finished is not run again, and one that another process is computing is left to it.
"""

from __future__ import annotations

import importlib.util
import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from hydra.core.hydra_config import HydraConfig
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import read_write

from typoglot import pipeline, showing, sweeps
from typoglot.checks import check
from typoglot.cli.children import Child, command_of, hide_home, outcome, stamp_of
from typoglot.cli.searches import corners
from typoglot.cli.settings import settings_of
from typoglot.cli.told import exit_code, message, worst
from typoglot.config import OnFailure, Settings, TrainSettings
from typoglot.errors import BusyError, ConfigError, TypoglotError
from typoglot.files import is_locked, make_folder
from typoglot.results import DONE, LOG
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from omegaconf import DictConfig


class Job(NamedTuple):
    """One job: its number from 0, what makes it, and the process that would do it alone."""

    number: int
    overrides: tuple[str, ...]
    settings: Settings
    child: Child

    @property
    def folder(self) -> Path:
        """Of its run."""
        return pipeline.folder_of(self.settings)


class Stopped(BaseException):
    """A job failed and sweep.on_failure=stop. Hydra would go on after an Exception."""

    def __init__(self, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(exit_code)


class SweepCallback(Callback):
    """Checks every job of a sweep before the first begins, and writes down what is to be done."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Ends the process with exit code 2 if any job is wrong."""
        try:
            _begin(config)
        except Exception as error:
            # Hydra turns an exception of a callback into a warning and goes on; it lets SystemExit pass.
            say(message(error))
            raise SystemExit(exit_code(error)) from None


@dataclass
class Sweep:
    """A sweep that runs: its configuration, its jobs as far as they are known, and those left to another process."""

    config: Any
    axes: frozenset[str]  # the keys in which its jobs differ
    jobs: list[Job] = field(default_factory=list)
    left: list[Job] = field(default_factory=list)

    @property
    def searches(self) -> bool:
        """Whether the sweeper finds its points as it goes on, by the values of earlier ones."""
        return _searches(self.config)

    def told(self, job: Job) -> str:
        """What tells a job from the others."""
        return " ".join(word for word in job.overrides if word.split("=")[0] in self.axes)


_running: list[Sweep] = []
"""The sweep that runs, if one does. Hydra tells its callbacks nothing of a sweep's end if a job failed."""

_EXTRAS = {"JoblibLauncher": "joblib", "SubmititLauncher": "submitit", "RayLauncher": "ray", "OptunaSweeper": "optuna"}


def _begin(config: DictConfig) -> None:
    parts = {"hydra/launcher": config.hydra.launcher, "hydra/sweeper": config.hydra.sweeper}
    for key, part in parts.items():
        extra = _EXTRAS.get(str(part._target_).rpartition(".")[2])
        if extra and importlib.util.find_spec(extra) is None:
            raise ConfigError([f'{key}={extra}: is not installed; run: pip install "typoglot[{extra}]".'])
    with read_write(config):
        config.output = str(Path(config.output).expanduser())  # as its jobs do; Hydra takes ~ for a name
    composed = enumerate(jobs_of(config))
    found = [_job(config, cfg.hydra.overrides.task, settings_of(cfg), number) for number, cfg in composed]
    if not found:
        raise ConfigError(["0 jobs: an axis of the sweep has no value; end a range beyond its start."])
    check([job.settings for job in found if pipeline.finished(job.settings) is None])
    make_folder(Path(config.output))
    axes = frozenset(word.split("=")[0] for words in sweeps.varying(found) for word in words.split())
    _running[:] = [Sweep(config, axes, [] if _searches(config) else found)]
    name = _write_down(_running[0])
    many = "A search" if _searches(config) else f"{len(found)} jobs"
    say(f"{many}; how far it is: typoglot sweep status {config.output} ({name})")


def _write_down(sweep: Sweep) -> str:
    hydra = sweep.config.hydra
    name = str(hydra.runtime.choices.get("experiment") or hydra.job.config_name)
    command = shlex.join(["python", *sys.argv])
    jobs = [sweeps.Job(job.folder, job.overrides) for job in sweep.jobs]
    return sweeps.write_manifest(Path(sweep.config.output), name, command, jobs, search=sweep.searches).name


def _searches(config: DictConfig) -> bool:
    return not str(config.hydra.sweeper._target_).endswith(".BasicSweeper")


def _job(config: DictConfig, overrides: Sequence[str], settings: Settings, number: int) -> Job:
    """A job of the sweep that `config` is."""
    folder = pipeline.folder_of(settings).resolve()
    child = Child(command_of(config, overrides), config.hydra.runtime.cwd, str(folder), before=stamp_of(folder))
    return Job(number, tuple(overrides), settings, child)


def run_here(cfg: DictConfig) -> float:
    """A job of Hydra's basic launcher: in this process, or, where it trains on several devices, in one of its own.

    Returns:
        Its value; NaN where another process is computing it, which `end` waits for.

    Raises:
        TypoglotError: it failed.
    """
    hydra = HydraConfig.get()
    (sweep,) = _running
    job = _job(sweep.config, hydra.overrides.task, settings_of(cfg), hydra.job.num)
    value = ready(job)
    try:
        return do(job) if value is None else value
    except BusyError:
        sweep.left.append(job)
        say(f"Another process is working in '{job.folder}': it is left to it")
        return float("nan")


def ready(job: Job) -> float | None:
    """Says which job begins; its value if it is finished. A search waits for what another process computes."""
    (sweep,) = _running
    say(f"Job {job.number + 1}: {sweep.told(job)}")
    if sweep.searches:
        sweep.jobs.append(job)
        _write_down(sweep)
        is_locked(job.folder, wait=True)
    value = pipeline.finished(job.settings)
    if value is not None:
        hide_home(job.folder / LOG)  # of a job that outlived its launcher
        say(f"Finished already: {job.folder}")
    return value


def do(job: Job) -> float:
    """Does a job here and now.

    Raises:
        BusyError: another process is at it.
        TypoglotError: it failed.
    """
    if isinstance(job.settings, TrainSettings) and job.settings.trainer.devices > 1:
        if is_locked(job.folder):
            raise BusyError(f"Another process is working in '{job.folder}'.")
        say(f"In a process of its own; log: {job.folder / LOG}")
        return outcome(job.child, job.child())
    return pipeline.run(job.settings)


def jobs_for(config: DictConfig, overrides: Sequence[Sequence[str]], first: int) -> list[Job]:
    """The jobs that a launcher is given, `first` being the number of the first one."""
    from hydra.core.global_hydra import GlobalHydra

    loader = GlobalHydra.instance().config_loader()
    return [
        _job(config, own, settings_of(loader.load_sweep_config(config, list(own))), number)
        for number, own in enumerate(overrides, first)
    ]


def end(*, stopped: bool = False) -> int:
    """Finishes what had been left to other processes, and shows one table and one page for all jobs that have points.

    Returns:
        The exit code: of the worst that became of a job that had been left.
    """
    if not _running:
        return 0
    (sweep,) = _running
    code = 0 if stopped else _finish(sweep.left)
    # Hydra's own note of the sweep, which has this machine's paths; sweeps/NAME.json says the same and more.
    (Path(sweep.config.output) / "multirun.yaml").unlink(missing_ok=True)
    every = dict.fromkeys(job.folder for job in sweep.jobs)
    missing = sum(not (folder / DONE).exists() for folder in every)
    if missing:
        say(f"{missing} of {len(every)} jobs are not done; why: typoglot sweep status {sweep.config.output}")
    folders = [folder for folder in every if (folder / DONE).exists() and (folder / "points.jsonl").exists()]
    if len(folders) > 1:
        first = next(job.settings for job in sweep.jobs if job.folder == folders[0])
        page = Path(first.output) / showing.PAGE
        showing.show_runs(folders, first.benchmark.measures[0], page, languages=False, seeds=True)
    return code


def _finish(left: Sequence[Job]) -> int:
    """Waits for the other processes of these jobs and does what they did not finish; returns the worst exit code."""
    code = 0
    for job in left:
        say(f"Waiting for the other process in {job.folder}")
        is_locked(job.folder, wait=True)
        try:
            if pipeline.finished(job.settings) is None:
                say(f"Job {job.number + 1}: the other process did not finish it")
                do(job)
        except TypoglotError as error:
            say(message(error))
            code = worst(code, error.exit_code)
            if stops(job) and not isinstance(error, BusyError):
                break
    return code


def stops(job: Job) -> bool:
    """Whether no other job begins once one has failed."""
    return job.settings.sweep.on_failure is OnFailure["stop"]


def jobs_of(config: DictConfig) -> list[DictConfig]:
    """Every job of a sweep, composed as Hydra's basic sweeper composes it; of a search, the corners of its space."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.override_parser.overrides_parser import OverridesParser

    loader = GlobalHydra.instance().config_loader()
    axes = [f"{key}={value}" for key, value in (config.hydra.sweeper.get("params") or {}).items()]
    overrides = OverridesParser.create(config_loader=loader).parse_overrides([*axes, *config.hydra.overrides.task])
    if _searches(config):
        batches: Iterable[Sequence[Sequence[str]]] = [corners(config.hydra.sweeper, overrides)]
    else:
        batches = BasicSweeper.split_arguments(overrides, max_batch_size=None)
    name = config.hydra.job.config_name
    return [loader.load_configuration(name, list(job), run_mode=RunMode.RUN) for batch in batches for job in batch]


def turns(jobs: Sequence[Job], found: dict[int, float | BaseException]) -> Iterator[list[Job]]:
    """What a launcher has to do: first what nobody is doing, then what others have left unfinished.

    Args:
        jobs: of the launcher.
        found: is given the value of each job that is finished already.
    """
    first, busy = [], []
    for job in jobs:
        value = ready(job)
        if value is not None:
            found[job.number] = value
        elif is_locked(job.folder):
            say(f"Another process is working in '{job.folder}': it is left to it")
            busy.append(job)
        else:
            first.append(job)
    yield first
    # Another process may have begun a point in the moment before the launcher's did.
    busy += [job for job in first if isinstance(found.get(job.number), BusyError)]
    for job in busy:
        is_locked(job.folder, wait=True)
        found.pop(job.number, None)
        value = pipeline.finished(job.settings)
        if value is not None:
            found[job.number] = value
    yield [job for job in busy if job.number not in found]


def ended(job: Job, code: int) -> float | TypoglotError:
    """Says what became of a job that had a process of its own: its value, or its error."""
    try:
        value = outcome(job.child, code)
    except TypoglotError as error:
        say(f"Job {job.number + 1}: {error}")
        error.told = True  # type: ignore[attr-defined]
        return error
    say(f"Job {job.number + 1}: done, {value:.4f}")
    return value
