"""A job of a sweep as a process of its own: one command line that does this job alone.

Lightning starts the other processes of a training by the command line of the first: in a sweep that would be the
sweep's.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.errors import BusyError, OutputError, TypoglotError
from typoglot.files import atomic_text, is_locked, make_folder, write_json
from typoglot.lines import json_object
from typoglot.privacy import public
from typoglot.results import DONE, FAILED, LOG, is_done, read_done
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from omegaconf import DictConfig

NOT_BEGUN = -1000
"""Stands for the exit code of a job that was not begun, since another one had failed (sweep.on_failure=stop)."""

BROKEN_OFF = (130, 143, -signal.SIGINT, -signal.SIGTERM)


class Child(NamedTuple):
    """A job's command and the folder of its run. Calling it does the job, in whatever process that is."""

    command: tuple[str, ...]
    cwd: str
    folder: str
    threads: int | None = None  # of the CPU, where the configuration leaves them open
    stop: str | None = None  # a file that is there once a job has failed: no other job is begun then
    before: int | None = None  # the stamp of done.json when the job was given out: an older attempt's

    def __call__(self) -> int:
        """Waits for the job; returns its exit code. What it says goes to its run's log."""
        if self.stop and Path(self.stop).exists():
            return NOT_BEGUN
        log = make_folder(Path(self.folder)) / LOG
        with log.open("a", encoding="utf-8") as out:
            done = subprocess.run(
                self.command, cwd=self.cwd, env=_environment(self.threads), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=out, check=False,
            )  # fmt: skip
        if not is_locked(Path(self.folder)):  # else the log is being written to by another process
            hide_home(log)
        if self.stop and not self.is_done(done.returncode) and not self.is_elsewhere(done.returncode):
            Path(self.stop).touch()
        return done.returncode

    def is_done(self, code: int) -> bool:
        """Whether the run is finished, by whomever, although the job's process may have ended with another code than 0.

        It came too late and another process has finished since, or the run was finished and only its page failed.
        """
        folder = Path(self.folder)
        return (folder / DONE).exists() if not code else is_done(folder) and stamp_of(folder) != self.before

    def is_elsewhere(self, code: int) -> bool:
        """Whether the run is another process's: the job came too late, or was lost and its folder is in use."""
        return code == BusyError.exit_code or is_locked(Path(self.folder))

    def checkpoint(self, *_: Any) -> Any:
        """What submitit asks when a cluster takes the node back: the same job again, from its last resume point."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


def stamp_of(folder: Path) -> int | None:
    """When the run in the folder was finished; None if it is not."""
    try:
        return (folder / DONE).stat().st_mtime_ns
    except OSError:
        return None


def _environment(threads: int | None) -> dict[str, str]:
    # Lightning takes SLURM_NTASKS for "srun has started all my processes": here it starts them itself.
    found = {key: value for key, value in os.environ.items() if key != "SLURM_NTASKS"}
    return found if threads is None else {"OMP_NUM_THREADS": str(threads)} | found


def hide_home(log: Path) -> None:
    """Libraries warn with whole paths; a run's folder names nobody."""
    if not log.exists():
        return
    text = log.read_text(encoding="utf-8", errors="replace")
    if public(text) != text:
        with contextlib.suppress(OutputError), atomic_text(log) as out:
            out.write(public(text))


def command_of(config: DictConfig, overrides: Sequence[str]) -> tuple[str, ...]:
    """The command line that does this job of a sweep alone."""
    sources = {source.provider: source.path for source in config.hydra.runtime.config_sources}
    more = ("--config-dir", sources["command-line"]) if "command-line" in sources else ()
    name = ("--config-path", sources["main"], "--config-name", config.hydra.job.config_name)
    script = str(Path(sys.argv[0]).resolve())
    return (sys.executable, script, *name, *more, *overrides, "hydra.mode=RUN")


def outcome(child: Child, code: int) -> float:
    """The value of a job that has ended; a failure that left no reason gets one in the run's folder.

    Raises:
        BusyError: another process is at it, or was when the job began.
        DataError: what it left is damaged.
        TypoglotError: it failed, or was not begun.
    """
    folder = Path(child.folder)
    if child.is_done(code):
        if code not in (0, BusyError.exit_code, NOT_BEGUN):
            say(f"The run is finished, though the job's process ended with exit code {code}; log: {folder / LOG}")
        return read_done(folder)
    if code == NOT_BEGUN:
        raise TypoglotError("Not begun, since another job failed (sweep.on_failure=stop).")
    if code in BROKEN_OFF:
        raise TypoglotError(f"Broken off; the same command goes on. Log: {folder / LOG}")
    if child.is_elsewhere(code):
        raise BusyError(f"Another process is working in '{folder}', or was when the job began.")
    hide_home(folder / LOG)  # who should have done it may have been killed with the job
    if not (make_folder(folder) / FAILED).exists():
        now = datetime.now(UTC).isoformat(timespec="seconds")
        told = {"error": _reason(folder / LOG, code), "kind": "ExitCode", "log": LOG, "when": now}
        write_json(folder / FAILED, told)
    error = json_object(folder / FAILED).get("error", f"exit code {code} ({FAILED} cannot be read)")
    raise TypoglotError(f"{error}\n  Log: {folder / LOG}")


def _reason(log: Path, code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name
        return f"killed by {name}" + (" (out of memory?)" if -code == signal.SIGKILL else "")
    text = log.read_text(errors="replace") if log.exists() else ""
    lines = [line for line in text.splitlines() if line.strip()]
    return f"exit code {code}: {lines[-1].strip() if lines else 'nothing was said'}"
