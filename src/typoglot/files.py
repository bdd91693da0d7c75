"""Writes files so that a reader finds either the whole file or none. Knows nothing of what is in them."""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import io
import json
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from typoglot.errors import BusyError, OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def cache_dir() -> Path:
    """Where converted backbones and the store are kept: `$TYPOGLOT_CACHE`, or `~/.cache/typoglot`."""
    return Path(os.environ.get("TYPOGLOT_CACHE") or Path.home() / ".cache" / "typoglot")


def make_folder(path: Path) -> Path:
    """Makes the folder and its parents, and proves that a file can be written there.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise OutputError(
            f"Cannot write to folder '{path}' ({error.strerror}): results need a writable folder; "
            "give another with output=DIR."
        ) from error
    return path


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """Yields a temporary name beside `path` (a file or a folder); renames it to `path` if all went well.

    The data are flushed to disk before the rename, and a failure leaves nothing behind.

    Raises:
        OutputError: the disk refused the write.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        for file in [temporary, *temporary.rglob("*")] if temporary.is_dir() else [temporary]:
            flush(file)
        if path.is_dir() and not temporary.is_dir():
            raise OutputError(f"Cannot write '{path}': a folder has that name; give the file another.")
        if path.is_dir():
            shutil.rmtree(path)
        temporary.replace(path)
        flush(path.parent)
    except OSError as error:
        raise OutputError(f"Cannot write '{path}' ({error.strerror}): make room there or give output=DIR.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.unlink(missing_ok=True)


def is_hidden(file: Path) -> bool:
    """Whether its name begins with a dot, as names of what other programs keep do; no reader takes such a file."""
    return file.name.startswith(".")


def files_below(folder: Path) -> Iterator[Path]:
    """Every file in a folder and its folders, behind links to folders too; each folder once, however many links."""
    seen = {os.path.realpath(folder)}
    for place, folders, names in os.walk(folder, followlinks=True):
        own = sorted((Path(place, name) for name in folders), key=lambda inner: (inner.is_symlink(), inner))
        folders.clear()
        for inner in own:
            real = os.path.realpath(inner)
            if real not in seen:
                seen.add(real)
                folders.append(inner.name)
        yield from (Path(place, name) for name in names)


def flush(path: Path) -> None:
    """Waits until the file, or the folder's list of names, is on the disk itself."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def atomic_text(path: Path) -> Iterator[IO[str]]:
    """Opens `path` for writing UTF-8 text, gzipped if it ends in .gz; it appears only when it is whole.

    Gzip files carry no time stamp, so equal content gives equal bytes.
    """
    with atomic(path) as temporary:
        if path.suffix == ".gz":
            with (
                temporary.open("wb") as raw,
                gzip.GzipFile(filename="", mode="wb", compresslevel=4, fileobj=raw, mtime=0) as packed,
                io.TextIOWrapper(packed, encoding="utf-8") as text,
            ):
                yield text
        else:
            with temporary.open("w", encoding="utf-8") as text:
                yield text


def write_json(path: Path, value: object) -> None:
    """Writes a value as JSON that a person can read too: indented, every script as it is; whole or not at all."""
    with atomic_text(path) as out:
        out.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder for this process; the lock ends with the process, however it ends.

    Raises:
        BusyError: another process holds it.
    """
    with (folder / LOCK).open("w") as handle:
        for left in reversed(range(LOCK_TRIES)):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if not left:
                    raise BusyError(
                        f"Another process is working in '{folder}': two runs cannot share a folder; "
                        "wait for it, or give output=DIR."
                    ) from error
                time.sleep(0.05)  # it may only have been asked whether it is locked
        yield


LOCK = ".lock"
LOCK_TRIES = 5


def is_locked(folder: Path, *, wait: bool = False) -> bool:
    """Whether a process is working in the folder now; `wait` stays until none is."""
    try:
        with (folder / LOCK).open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return True
    except OSError:  # no such folder, or no lock in it
        return False
    return False


def sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
