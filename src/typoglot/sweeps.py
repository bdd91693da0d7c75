"""What a sweep was to do, and how far it is: a manifest written before its first job, and what its jobs' folders show.

Knows files only. A job that is not done is done by the same command again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from rich.table import Table

from typoglot.errors import DataError
from typoglot.files import is_locked, make_folder, write_json
from typoglot.privacy import public
from typoglot.results import DONE, FAILED, INPUTS, LOG, is_done

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FOLDER = "sweeps"
"""Of the manifests, in the output folder."""

STATES = ("done", "running", "failed", "to do")


class Job(NamedTuple):
    """One job of a sweep: the folder of its run, and the overrides that make it."""

    folder: Path
    overrides: tuple[str, ...]


class Overridden(Protocol):
    """What has overrides."""

    @property
    def overrides(self) -> tuple[str, ...]:
        """Hydra's, in their order."""
        ...


class Manifest(NamedTuple):
    """A sweep as it was begun."""

    name: str
    command: str
    begun: str
    jobs: tuple[Job, ...]


class State(NamedTuple):
    """How far a job is: one of STATES, its value or the reason, and its log, if there is one."""

    name: str
    told: str
    log: Path | None


def write_manifest(output: Path, name: str, command: str, jobs: Iterable[Job], *, search: bool = False) -> Path:
    """Writes OUTPUT/sweeps/NAME-HASH.json; the same sweep has the same name.

    Args:
        output: the sweep's output folder.
        name: a word for it.
        command: that does it.
        jobs: that are known; folders outside of `output` are kept as they are.
        search: it finds its jobs as it goes on, so that its command names it.
    """
    jobs = list(jobs)
    named = command if search else sorted(str(job.folder) for job in jobs)
    digest = hashlib.sha256(json.dumps(named).encode()).hexdigest()[:8]
    rows = [
        {"folder": _relative(job.folder, output), "overrides": [public(word) for word in job.overrides]} for job in jobs
    ]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    path = make_folder(output / FOLDER) / f"{name}-{digest}.json"
    write_json(path, {"format": 1, "command": public(command), "begun": now, "jobs": rows})
    return path


def _relative(folder: Path, output: Path) -> str:
    try:
        return str(folder.relative_to(output))
    except ValueError:
        return public(str(folder.resolve()))


def read_manifests(output: Path) -> list[Manifest]:
    """The sweeps that were begun with this output folder, the last first.

    Raises:
        DataError: there is none, or one is damaged.
    """
    paths = list((output / FOLDER).glob("*.json"))
    if not paths:
        raise DataError(output, None, "no sweep was begun here", "the output folder of a sweep (-m) is expected")
    return sorted((_read(path, output) for path in paths), key=lambda one: one.begun, reverse=True)


def _read(path: Path, output: Path) -> Manifest:
    try:
        made: dict[str, Any] = json.loads(path.read_text())
        jobs = [
            Job(output / Path(row["folder"]).expanduser(), tuple(map(str, row["overrides"]))) for row in made["jobs"]
        ]
        return Manifest(path.stem, str(made["command"]), str(made["begun"]), tuple(jobs))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(
            path, None, f"a damaged manifest ({error})", "begin the sweep again, which writes it"
        ) from error


def state_of(folder: Path) -> State:
    """How far the run in this folder is."""
    log = folder / LOG if (folder / LOG).exists() else None
    if is_done(folder):
        return State("done", f"{_field(folder / DONE, 'value')}", log)
    if is_locked(folder):
        return State("running", "", log)
    if (folder / FAILED).exists():
        return State("failed", f"{_field(folder / FAILED, 'error')}", log)
    if (folder / DONE).exists():
        return State("to do", f"{DONE} is damaged", log)
    if (folder / INPUTS).exists():
        return State("to do", "was broken off", log)
    return State("to do", "", log)


def _field(path: Path, key: str) -> object:
    try:
        found = json.loads(path.read_text())[key]
        return f"{found:.4f}" if isinstance(found, float) else found
    except (OSError, ValueError, TypeError, KeyError):
        return f"{path.name} is damaged"


def status(manifest: Manifest) -> Iterator[str | Table]:
    """What to show of a sweep: the counts, a row for each job (its value, or why, and its log), and how to go on."""
    states = [state_of(job.folder) for job in manifest.jobs]
    counts = Counter(state.name for state in states)
    yield " · ".join([f"{manifest.name}: {len(states)} jobs", *(f"{counts[one]} {one}" for one in STATES)])
    table = Table()
    table.add_column("job", justify="right")
    for column in ("state", "overrides", "value, or why", "log"):
        table.add_column(column, overflow="fold")
    for number, (words, state) in enumerate(zip(varying(manifest.jobs), states, strict=True), 1):
        log = str(state.log) if state.log and state.name != "done" else ""
        table.add_row(f"{number}", state.name, words, state.told, log, style=_STYLES.get(state.name, ""))
    yield table
    if counts["done"] < len(states):
        yield f"The same command does what is left: {manifest.command}"


_STYLES = {"failed": "red", "running": "bold", "to do": "dim"}


def varying(jobs: Sequence[Overridden]) -> list[str]:
    """Of each job, the overrides in which it differs from another; of a lonely job, all."""
    same = set.intersection(*(set(job.overrides) for job in jobs)) if len(jobs) > 1 else set()
    return [" ".join(word for word in job.overrides if word not in same) for job in jobs]
