"""What of the catalogue is kept on this machine: fetched, proved, recorded and found again.

Each entry has a folder of its name. Beside them lies LOCK: the size and sha256 of every file that a fetch left. Where
the catalogue has no pin, what the lock says is the pin: the first fetch decides, and later ones are held to it.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from typoglot.datasets.archives import unpack
from typoglot.datasets.catalogue import CATALOGUE, Pin
from typoglot.datasets.download import checksum, download, mismatch
from typoglot.errors import ConfigError, DataError, OutputError
from typoglot.files import atomic_text, cache_dir, make_folder
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from typoglot.datasets.catalogue import Entry, File
    from typoglot.datasets.download import Patience

LOCK = "typoglot-data.lock.json"

_Lock = dict[str, dict[str, dict[str, Any]]]  # entry → file below its folder → {"size", "sha256", "pinned", "of"?}


@dataclass(frozen=True)
class Holding:
    """How far an entry is on this machine."""

    entry: Entry
    place: Path  # what a command line names
    have: int  # files of the entry that a fetch has left
    of: int  # files that it has; 0 where a function of its own fetches


def usual_root() -> Path:
    """Where data are kept if no folder is named: `$TYPOGLOT_CACHE/data`, or `~/.cache/typoglot/data`."""
    return cache_dir() / "data"


def entry_of(name: str) -> Entry:
    """The entry of that name.

    Raises:
        ConfigError: there is none.
    """
    if name not in CATALOGUE:
        raise ConfigError([f"data {name}: is not in the catalogue; choose among {', '.join(CATALOGUE)}."])
    return CATALOGUE[name]


def place_of(entry: Entry, root: Path) -> Path:
    """What a command line names: the entry's folder, or a file or folder in it."""
    return root / entry.name / entry.path


def default_path(format_name: str, root: Path | None = None) -> Path | None:
    """The data that this format reads where no path is given, if they were fetched; else None."""
    root = root or usual_root()
    for entry in CATALOGUE.values():
        if format_name in entry.default:
            return place_of(entry, root) if _read_lock(root).get(entry.name) else None
    return None


def kept(name: str, root: Path) -> Path:
    """Where the entry, or the entry that the format of this name reads, was fetched to.

    Raises:
        ConfigError: it was not.
    """
    if name in CATALOGUE and _read_lock(root).get(name):
        return place_of(CATALOGUE[name], root)
    path = None if name in CATALOGUE else default_path(name, root)
    if path is None:
        brings = [entry.name for entry in CATALOGUE.values() if name == entry.name or name in entry.default]
        way = f"`typoglot data fetch {brings[0]}` brings it, or give --path" if brings else "give --path"
        raise ConfigError([f"data {name}: is not in {root}; {way}."])
    return path


def holdings(root: Path) -> list[Holding]:
    """Every entry, and how far it is in this folder."""
    lock = _read_lock(root)
    found = []
    for entry in CATALOGUE.values():
        recorded = lock.get(entry.name, {})
        have = [name for name in recorded if (root / entry.name / name).exists()]
        whole = have if entry.fetch else [file.name for file in entry.files if file.name in have]
        found.append(Holding(entry, place_of(entry, root), len(whole), len(entry.files)))
    return found


def fetch(
    entry: Entry, root: Path, languages: Sequence[str] | None, *, trust: bool = False, patience: Patience | None = None
) -> Path:
    """Brings the entry's data into their folder below root; what is there and right stays.

    Args:
        entry: what is fetched.
        root: the folder of all data.
        languages: the ones that are wanted; None: all.
        trust: whether a file that nobody has pinned is pinned by what comes first.
        patience: how long a server is waited for; None: the usual.

    Returns:
        What a command line names.

    Raises:
        ConfigError: there is no such language, or a file is pinned nowhere and is not to be trusted.
        DataError: a file cannot be had, or has other bytes than are pinned.
        OutputError: the disk refused the write; what has come stays.
    """
    unknown = [language for language in languages or () if language not in entry.languages]
    if unknown:
        choice = f"choose among {', '.join(entry.languages)}"
        raise ConfigError([f"data fetch {entry.name}: has no {', '.join(unknown)}; {choice}."])
    folder = _folder(root / entry.name)
    with _alone(root, entry.name):
        if entry.fetch:
            _drop_damaged(entry, root)
            entry.fetch(languages, folder)
            read = entry.opened or (lambda below: [path for path in below.rglob("*") if path.is_file()])
            inside = sorted(read(folder))  # a note or an older package beside them is nobody's
            _record(root, entry, {path: {"pinned": "what was fetched"} for path in inside}, whole=True)
        else:
            files = _wanted(entry, languages)
            pins = _pins(entry, files, root, trust=trust)
            for file in files:
                _bring(entry, file, root, pins[file.name], patience)
    return place_of(entry, root)


def verify(entry: Entry, root: Path) -> tuple[int, list[str]]:
    """Reads what is kept of the entry again.

    Returns:
        How many files are kept, and what is wrong with which of them.

    Raises:
        DataError: nothing is kept.
    """
    folder, recorded = root / entry.name, _read_lock(root).get(entry.name, {})
    pins = {file.name: file.pin for file in entry.files if file.pin and (folder / file.name).exists()}
    kept = sorted({*recorded, *pins})
    if not kept:
        raise DataError(folder, None, "nothing of it is kept here", f"typoglot data fetch {entry.name} brings it")
    wrong = []
    for name in kept:
        known = [pin for pin in (pins.get(name), _recorded_pin(recorded.get(name))) if pin]
        faults = [fault for pin in known if (fault := mismatch(folder / name, pin))]
        wrong += [f"{folder / name}: {fault}" for fault in faults[:1]]
    return len(kept), wrong


def strangers(entry: Entry, root: Path) -> list[Path]:
    """Files in the entry's folder that are read although no fetch has recorded them, such as a newer package.

    Only where the files are not read by the names that they were fetched under.
    """
    if not entry.opened:
        return []
    folder, recorded = root / entry.name, _read_lock(root).get(entry.name, {})
    return [path for path in sorted(entry.opened(folder)) if str(path.relative_to(folder)) not in recorded]


def languages_of(entry: Entry, root: Path) -> list[str]:
    """The languages of which a fetch has brought files, whatever became of them; none where files have no language."""
    recorded = _read_lock(root).get(entry.name, {})
    if entry.languages_of:
        return entry.languages_of(recorded)
    return list(dict.fromkeys(file.language for file in entry.files if file.language and file.name in recorded))


def _wanted(entry: Entry, languages: Sequence[str] | None) -> list[File]:
    return [file for file in entry.files if languages is None or file.language is None or file.language in languages]


def _pins(entry: Entry, files: Iterable[File], root: Path, *, trust: bool) -> dict[str, Pin | None]:
    """What each file must be: by the catalogue, else by the lock.

    Raises:
        ConfigError: by neither, and nothing is to be trusted.
    """
    recorded = _read_lock(root).get(entry.name, {})
    pins = {file.name: file.pin or _recorded_pin(recorded.get(file.name)) for file in files}
    without = [name for name, pin in pins.items() if pin is None]
    if without and not trust:
        many = f"{without[0]} and {len(without) - 1} more" if len(without) > 1 else without[0]
        rule = f"--pin takes what comes first, and holds every later fetch to its size and sha256 ({root / LOCK})"
        raise ConfigError([f"data fetch {entry.name}: no checksum of {many} is published; {rule}."])
    return pins


def _drop_damaged(entry: Entry, root: Path) -> None:
    """Deletes what is not as it was fetched: a function of its own takes what is there for right."""
    for name, record in _read_lock(root).get(entry.name, {}).items():
        path, pin = root / entry.name / name, _recorded_pin(record)
        if pin and path.exists() and (fault := mismatch(path, pin)):
            say(f"{path}: {fault}; fetching it again")
            path.unlink()


def _recorded_pin(record: dict[str, Any] | None) -> Pin | None:
    return Pin(record["pinned"], record["size"], record["sha256"]) if record else None


def _bring(entry: Entry, file: File, root: Path, pin: Pin | None, patience: Patience | None) -> None:
    """The file, and what is in it, unless both are there and right."""
    target = root / entry.name / file.name
    _folder(target.parent)
    by = pin.source if pin else f"what came first, {date.today().isoformat()}"
    fault = (mismatch(target, pin) if pin else "") if target.exists() else "is not here"
    if fault:
        if target.exists():
            say(f"{target}: {fault}; fetching it again")
        download(file.url, target, pin, patience=patience)
    else:
        say(f"{target}: is here already")
    if fault or file.name not in _read_lock(root).get(entry.name, {}):
        _record(root, entry, {target: {"pinned": by, "url": file.url}})
    if file.unpack and (fault or not _unpacked(entry, file, root)):
        inside = root / entry.name / file.unpack
        say(f"Unpacking {target}")
        for left in inside.parent.glob(f".{inside.name}.*.tmp*"):
            shutil.rmtree(left, ignore_errors=True)  # of one that was killed: nobody else is here
        unpack(target, inside)
        members = sorted(path for path in inside.rglob("*") if path.is_file())
        _record(root, entry, {path: {"pinned": f"as {file.name} has it", "of": file.name} for path in members})


def _unpacked(entry: Entry, file: File, root: Path) -> bool:
    """Whether everything that was unpacked of the file is there and right."""
    recorded = _read_lock(root).get(entry.name, {})
    members = {name: record for name, record in recorded.items() if record.get("of") == file.name}
    return bool(members) and not any(
        mismatch(root / entry.name / name, pin) for name, record in members.items() if (pin := _recorded_pin(record))
    )


def _folder(path: Path) -> Path:
    try:
        return make_folder(path)
    except OutputError as error:
        why = getattr(error.__cause__, "strerror", error)
        raise OutputError(f"Cannot write to folder '{path}' ({why}): give another with --folder DIR.") from error


@contextmanager
def _alone(root: Path, name: str) -> Iterator[None]:
    """Waits until no other process has this; it is free again when this one ends, however it ends."""
    with (root / f".{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another process is at {root / name}: waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _record(root: Path, entry: Entry, files: dict[Path, dict[str, str]], *, whole: bool = False) -> None:
    """Notes the size and sha256 of files; what was unpacked before from the same archive is forgotten."""
    with _alone(root, "lock"):
        lock = _read_lock(root)
        own = lock.setdefault(entry.name, {})
        if whole:  # these are all that there is: a package that a newer one has replaced is forgotten
            own.clear()
        archives = {note["of"] for note in files.values() if "of" in note}
        for name in [name for name, record in own.items() if record.get("of") in archives]:
            del own[name]
        for path, note in files.items():
            found = {"size": path.stat().st_size, "sha256": checksum(path, "sha256")}
            own[str(path.relative_to(root / entry.name))] = found | note
        with atomic_text(root / LOCK) as out:
            out.write(json.dumps(lock, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def _read_lock(root: Path) -> _Lock:
    """The lock; empty where there is none.

    Raises:
        DataError: it is damaged.
    """
    path = root / LOCK
    try:
        lock = json.loads(path.read_text("utf-8"))
        for files in lock.values():
            for name, record in files.items():
                if not (isinstance(record["size"], int) and len(record["sha256"]) == 64 and record["pinned"]):
                    raise ValueError("a record is not whole")
                if name.startswith("/") or ".." in name.split("/"):
                    raise ValueError("a name leads out of its folder")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        rule = "it holds what unpinned files must be; restore it, or delete it and fetch again with --pin"
        raise DataError(path, None, f"is damaged ({error})", rule) from error
    return lock  # type: ignore[no-any-return]
