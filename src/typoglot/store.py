"""Vectors on disk, named by what they were made from: what was computed is never computed again.

A maker function comes in, memory-mapped vectors go out, block by block. Knows no texts and no networks. A job may be
killed at any moment, and several may work on one store; docs/formats.md describes the files.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from typoglot.config import Dtype
from typoglot.errors import OutputError
from typoglot.files import cache_dir, flush, sha256
from typoglot.terminal import progress, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Ingredients = Mapping[str, object]
    Maker = Callable[[range], Iterable[NDArray[np.float32]]]

FORMAT = 1
BLOCK_ROWS = 8192  # what a killed job can lose: minutes of encoding on a CPU
_TYPES: dict[Dtype, np.dtype[Any]] = {Dtype.fp16: np.dtype("<f2"), Dtype.fp32: np.dtype("<f4")}
_STORE, _LAYER, _LOCK = "store.json", "layer.json", "lock"
_PAUSE = 0.05  # seconds between two looks at what another job has locked


def digest(texts: Iterable[str | None]) -> str:
    """The SHA-256 of texts in their order; None, where there is no text, differs from the empty one.

    >>> digest(["ab", "c"]) == digest(["a", "bc"]), digest(["", "a"]) == digest([None, "a"])
    (False, False)
    """
    found = hashlib.sha256()
    for text in texts:
        data = b"" if text is None else text.encode("utf-8", "surrogatepass")
        found.update(b"-" if text is None else b"%d:" % len(data))
        found.update(data)
    return found.hexdigest()


class Store:
    """A folder of layers. A layer is (rows, width) vectors in blocks of rows; its name hashes all that decides them.

    Args:
        root: the folder; None takes `cache_dir()/store`.

    Raises:
        OutputError: a newer typoglot wrote it.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or cache_dir() / "store"
        index = self.root / _STORE
        found = _read_document(index)
        if found is not None and found["format"] > FORMAT:
            raise OutputError(
                f"The store '{self.root}' is of format {found['format']}, this typoglot writes format {FORMAT}: "
                "update typoglot, or take another folder with TYPOGLOT_CACHE=DIR."
            )
        if found is None and index.exists():
            say(f"'{index}' is damaged: writing it again.")
            with _disk(self.root):
                _write_index(index, {"format": FORMAT})

    def shelf(
        self, layers: Sequence[Ingredients], *, rows: int, width: int, make: Maker,
        dtype: Dtype = Dtype.fp16, block_rows: int = BLOCK_ROWS,
    ) -> Shelf:  # fmt: skip
        """The shelf of these layers, as far as it is there; nothing is made yet.

        Args:
            layers: for each, what decides its numbers, as JSON-able values.
            rows: of each layer.
            width: of each row.
            make: takes a range of rows and yields for each layer in turn its (n, width) fp32 vectors.
            dtype: of the numbers on disk.
            block_rows: rows of a block; the last may be shorter.

        Raises:
            ValueError: two layers have the same ingredients.
        """
        shape = {"rows": rows, "width": width, "dtype": dtype.value, "block_rows": block_rows}
        found = [_Layer(self.root, {"format": FORMAT, **shape, "ingredients": dict(layer)}) for layer in layers]
        if len({layer.folder for layer in found}) < len(found):
            raise ValueError("Two layers of a shelf have the same ingredients: name what sets them apart.")
        return Shelf(self.root, found, make)

    def ls(self) -> list[Entry]:
        """What is in the store, by key."""
        entries = []
        for folder in self._folders():
            with contextlib.suppress(FileNotFoundError):  # pruned at this moment
                entries.append(_entry(folder))
        return entries

    def verify(self) -> list[Path]:
        """Reads everything and returns the damaged files. A damaged block is made again when it is next read."""
        damaged = []
        folders = self._folders()
        with progress("Verifying the store", len(folders), "layers") as advance:
            for folder in folders:
                damaged += [] if _read_document(folder / _LAYER) else [folder / _LAYER]
                damaged += [path for path in folder.glob("*.npy") if not _is_sound(path) and path.exists()]
                advance(1)
        return damaged

    def prune(
        self, *, days: float | None = None, incomplete: bool = False, everything: bool = False,
        under: int | None = None,
    ) -> list[Entry]:  # fmt: skip
        """Removes layers and returns what they were; a layer that a job is reading or filling stays.

        Args:
            days: removes what was last used longer ago.
            incomplete: removes what is not finished.
            everything: removes all.
            under: removes, after the others, what was used longest ago, until the rest has at most so many bytes.
        """
        for leftover in self.root.glob(".*.gone"):  # of a prune that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        before = time.time() - 86400 * days if days is not None else 0.0
        entries = sorted(self.ls(), key=lambda entry: entry.last_used)
        chosen = [e for e in entries if everything or (incomplete and not e.complete) or e.last_used < before]
        gone = [entry for entry in chosen if self._remove(entry)]
        size = sum(entry.bytes for entry in entries if entry not in gone)
        for entry in entries:
            if under is not None and size > under and entry not in gone and self._remove(entry):
                gone.append(entry)
                size -= entry.bytes
        return gone

    def _folders(self) -> list[Path]:
        # Anything else below the root is not ours: it is neither listed nor removed.
        return sorted(path for path in self.root.glob("*") if re.fullmatch(r"[0-9a-f]{64}", path.name))

    def _remove(self, entry: Entry) -> bool:
        """Whether the layer could be removed: not while a job holds its lock."""
        folder = self.root / entry.key
        with _disk(self.root), contextlib.suppress(FileNotFoundError):  # another prune was faster
            handle = _hold(folder / _LOCK, fcntl.LOCK_EX)
            if handle is None:
                return False
            with handle:
                gone = folder.rename(folder.with_name(f".{entry.key}.{os.getpid()}.gone"))
                shutil.rmtree(gone, ignore_errors=True)
            return True
        return False


class Shelf:
    """Layers of one shape that are filled and read together.

    A layer may stand on many shelves: one that was filled for five counts of generated queries serves three as well.
    """

    def __init__(self, root: Path, layers: Sequence[_Layer], make: Maker) -> None:
        self._root = root
        self._layers = layers
        self._make = make

    def fill(self) -> int:
        """Makes the blocks that are missing and returns how many this job made.

        A block that another job is making is passed over and looked at again; the lock of a killed job is free.

        Raises:
            OutputError: the disk is full or cannot be written, or a vector does not fit; what was finished is kept.
        """
        made = 0
        with self._in_use():
            left = self._missing()
            while left:
                outcomes = [self._make_block(rows) for rows in left]
                made += sum(outcome is True for outcome in outcomes)
                busy = [rows for rows, outcome in zip(left, outcomes, strict=True) if outcome is None]
                if busy == left:
                    time.sleep(_PAUSE)
                left = busy
        return made

    def blocks(self) -> Iterator[tuple[range, list[NDArray[Any]]]]:
        """Yields each block's rows and, for each layer, its vectors: (n, width), memory-mapped, read-only.

        Checksums are verified at the first reading. What is missing or damaged is made, and damage is told.

        Raises:
            OutputError: as `fill` does.
        """
        with self._in_use():
            for rows in self._layers[0].ranges():
                yield rows, self._ready(rows)

    def block(self, rows: range) -> list[NDArray[Any]]:
        """One block, as `blocks` yields it."""
        with self._in_use():
            return self._ready(rows)

    def _ready(self, rows: range) -> list[NDArray[Any]]:
        while not all(layer.has(rows) for layer in self._layers):
            if self._make_block(rows) is None:
                time.sleep(_PAUSE)
        return [layer.read(rows) for layer in self._layers]

    def _missing(self) -> list[range]:
        there = [layer.blocks() for layer in self._layers]
        return [rows for rows in self._layers[0].ranges() if not all(_name(rows) in blocks for blocks in there)]

    def _make_block(self, rows: range) -> bool | None:
        """Whether the block had to be made; None where another job is making it."""
        lacking = sorted((layer for layer in self._layers if not layer.has(rows)), key=lambda layer: layer.folder)
        with contextlib.ExitStack() as held:
            claims = {layer: held.enter_context(layer.claim(rows)) for layer in lacking}
            if None in claims.values():
                return None
            if all(layer.has(rows) for layer in lacking):  # finished by another job just now
                return False
            for layer in lacking:
                layer.drop(rows)
            for layer, vectors in zip(self._layers, self._make(rows), strict=True):
                if (claim := claims.get(layer)) is not None:
                    layer.put(rows, vectors, claim)
        return True

    @contextlib.contextmanager
    def _in_use(self) -> Iterator[None]:
        with contextlib.ExitStack() as held:
            with _disk(self._root):
                self._root.mkdir(parents=True, exist_ok=True)
                _write_index(self._root / _STORE, {"format": FORMAT})
                for layer in self._layers:
                    held.enter_context(layer.opened())
            yield


class _Layer:
    """One folder: its index, its lock, and its blocks, each named by its rows and its checksum."""

    def __init__(self, root: Path, index: Mapping[str, Any]) -> None:
        self.index = index
        self.folder = root / hashlib.sha256(_canonical(index)).hexdigest()
        self._root = root
        self._width: int = index["width"]
        self._dtype: np.dtype[Any] = _TYPES[Dtype(index["dtype"])]
        self._verified: set[Path] = set()

    def ranges(self) -> list[range]:
        """The rows of each block."""
        return _ranges(self.index)

    def blocks(self) -> dict[str, Path]:
        """The blocks' files by `_name`, sound or not."""
        return {path.name.partition(".")[0]: path for path in self.folder.glob("*.npy")}

    def opened(self) -> IO[bytes]:
        """The open lock file, held against pruning until it is closed. Makes the folder and mends its index."""
        handle = None
        while handle is None:
            self.folder.mkdir(exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                handle = _hold(self.folder / _LOCK, fcntl.LOCK_SH)
            if handle is None:  # it is being pruned
                time.sleep(_PAUSE)
        os.utime(handle.fileno())
        index = self.folder / _LAYER
        if index.exists() and _read_document(index) is None:
            say(f"'{index}' is damaged: writing it again.")
        _write_index(index, self.index)
        return handle

    def has(self, rows: range) -> bool:
        """Whether the block is there and sound."""
        path = self.blocks().get(_name(rows))
        if path is None:
            return False
        if path not in self._verified and not (_is_sound(path) and self._fits(path, rows)):
            return False
        self._verified.add(path)
        return True

    def _fits(self, path: Path, rows: range) -> bool:
        vectors: NDArray[Any] = np.load(path, mmap_mode="r")
        return vectors.shape == (len(rows), self._width) and vectors.dtype == self._dtype

    def read(self, rows: range) -> NDArray[Any]:
        """(n, width) vectors, memory-mapped."""
        found: NDArray[Any] = np.load(self.blocks()[_name(rows)], mmap_mode="r")
        return found

    @contextlib.contextmanager
    def claim(self, rows: range) -> Iterator[IO[bytes] | None]:
        """Holds the block's unfinished file; None where another job, alive, holds it."""
        with contextlib.ExitStack() as held:
            with _disk(self._root):
                claim = held.enter_context(_claimed(self._part(rows)))
            yield claim

    def _part(self, rows: range) -> Path:
        return self.folder / f".{_name(rows)}.part"

    def drop(self, rows: range) -> None:
        """Removes a damaged block, and says so."""
        for path in self.folder.glob(f"{_name(rows)}.*.npy"):
            say(f"'{path}' is damaged: making it again.")
            path.unlink()

    def put(self, rows: range, vectors: NDArray[np.float32], claim: IO[bytes]) -> None:
        """Writes the block into the claimed file and gives it its name.

        Raises:
            OutputError: the disk refused it, or a number is not finite in this type.
            ValueError: the vectors have another shape.
        """
        if vectors.shape != (len(rows), self._width):
            raise ValueError(f"Rows {_name(rows)} came as {vectors.shape}, not {(len(rows), self._width)}.")
        with np.errstate(over="ignore"):
            kept = vectors.astype(self._dtype)
        if not np.isfinite(kept).all():
            raise OutputError(
                f"Rows {_name(rows)} hold a number that {self.index['dtype']} cannot: "
                "where training has diverged lower optimizer.learning_rate, else keep vectors as fp32."
            )
        packed = io.BytesIO()
        np.save(packed, kept, allow_pickle=False)
        data = packed.getbuffer()
        with _disk(self._root):
            name = f"{_name(rows)}.{hashlib.sha256(data).hexdigest()}.npy"
            _finish(claim, data, self._part(rows), self.folder / name)


@dataclass(frozen=True, slots=True)
class Entry:
    """A layer as `ls` shows it; without ingredients where its index is damaged."""

    key: str
    ingredients: Mapping[str, Any]
    rows: int
    done: int  # rows that are there
    bytes: int  # of its blocks
    last_used: float  # seconds since 1970

    @property
    def complete(self) -> bool:
        """Whether every row is there."""
        return bool(self.ingredients) and self.done == self.rows


def _entry(folder: Path) -> Entry:
    index = _read_document(folder / _LAYER) or {"rows": 0, "block_rows": 1, "ingredients": {}}
    found = {path.name.partition(".")[0] for path in folder.glob("*.npy")}
    done = sum(len(rows) for rows in _ranges(index) if _name(rows) in found)
    size = sum(path.stat().st_size for path in folder.glob("*.npy"))
    lock = folder / _LOCK
    used = (lock if lock.exists() else folder).stat().st_mtime
    return Entry(folder.name, index["ingredients"], index["rows"], done, size, used)


def _ranges(index: Mapping[str, Any]) -> list[range]:
    rows, step = index["rows"], index["block_rows"]
    return [range(start, min(start + step, rows)) for start in range(0, rows, step)]


def _name(rows: range) -> str:
    return f"{rows.start:09d}-{rows.stop:09d}"


def _is_sound(path: Path) -> bool:
    """Whether the file's bytes have the checksum that its name ends in."""
    try:
        return sha256(path) == path.name.split(".")[1]
    except FileNotFoundError:
        return False


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _document(fields: Mapping[str, Any]) -> bytes:
    """A JSON file that carries its own checksum: the SHA-256 of its other fields in canonical form."""
    whole = {**fields, "sha256": hashlib.sha256(_canonical(fields)).hexdigest()}
    return (json.dumps(whole, indent=2, sort_keys=True) + "\n").encode()


def _read_document(path: Path) -> dict[str, Any] | None:
    """The fields of such a file; None where it is missing or a byte of it is wrong."""
    try:
        data = path.read_bytes()
        fields: dict[str, Any] = json.loads(data)
        del fields["sha256"]
        return fields if _document(fields) == data else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _write_index(path: Path, fields: Mapping[str, Any]) -> None:
    """Writes the file where it is missing or another, unless a job beside this one just does."""
    data, part = _document(fields), path.with_name(f".{path.name}.part")
    while not path.exists() or path.read_bytes() != data:
        with _claimed(part) as claim:
            if claim is None:
                time.sleep(_PAUSE)
            else:
                _finish(claim, data, part, path)


@contextlib.contextmanager
def _claimed(part: Path) -> Iterator[IO[bytes] | None]:
    """Holds an unfinished file; None where another process holds it.

    The file is its own lock: it becomes the finished one, and leaves nothing behind.
    """
    handle = _hold(part, fcntl.LOCK_EX)
    try:
        yield handle
    finally:
        if handle is not None:
            if _is_file_of(part, handle):  # not finished; otherwise the name may be another process's by now
                part.unlink()
            handle.close()


def _finish(claim: IO[bytes], data: bytes | memoryview, part: Path, path: Path) -> None:
    """Fills the claimed file and gives it its name once the data are on the disk."""
    claim.truncate(0)  # a killed process may have begun it
    claim.write(data)
    claim.flush()
    os.fsync(claim.fileno())
    part.rename(path)
    flush(path.parent)


def _hold(path: Path, how: int) -> IO[bytes] | None:
    """The file, open and locked; None where another process holds it, or has just renamed or removed it.

    Such locks end with their process, however it ends.
    """
    handle = path.open("ab")
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    if _is_file_of(path, handle):
        return handle
    handle.close()
    return None


def _is_file_of(path: Path, handle: IO[bytes]) -> bool:
    """Whether the path still leads to the open file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle.fileno()))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _disk(root: Path) -> Iterator[None]:
    """Tells what the disk refuses in the store's words."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "There is no room left" if full else f"Cannot write ({error.strerror})"
        raise OutputError(
            f"{what} in the store '{root}': finished blocks are kept and the same command goes on from there; "
            "make room, prune the store, or move it with TYPOGLOT_CACHE=DIR."
        ) from error
