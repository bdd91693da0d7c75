"""A file of passages, or a folder of them, to a sequence that reads each when it is asked for. Knows no queries.

Every line is checked once, when the file is opened. Kept are where each line begins, its id and the id's hash: some 32
bytes a passage. A .gz is unpacked into the cache, since a packed file cannot be entered in its middle.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import gzip
import hashlib
import os
import re
import weakref
from array import array
from collections.abc import Sequence
from enum import Enum
from functools import partial
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol, overload

import numpy as np

from typoglot.errors import DataError
from typoglot.files import atomic, cache_dir, is_hidden, make_folder
from typoglot.lines import Faults, decode, file_faults, id_of, parse_object, text_of, title_of
from typoglot.records import Passage, Passages
from typoglot.terminal import progress, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

_CHUNK = 4096  # passages read at a time, and ids that are Python's own at a time


class PassageFormat(Enum):
    """How a file of passages is written; docs/formats.md has an example of each."""

    dpr = "dpr"  # tsv id, text, title, perhaps under a head that says so; cells may be quoted as csv does
    msmarco = "msmarco"  # tsv id, text: no head, and quotes are text
    beir = "beir"  # jsonl _id, text, title
    miracl = "miracl"  # jsonl docid, text, title
    anserini = "anserini"  # jsonl id, contents: the title, an empty line, the text


class _Reader(Protocol):
    """A line to its passage; path and line number are for the message."""

    def __call__(self, text: str, path: Path, line: int) -> Passage: ...


class _How(NamedTuple):
    read: _Reader
    head: bool  # the first line is no passage


def open_passages(path: Path, format: PassageFormat | None = None) -> Passages:  # noqa: A002  # the file's word
    """The passages of a file, or of all files of a folder, in their order.

    Args:
        path: .tsv or .jsonl, perhaps .gz; or a folder of such files, which are taken in the order of their names and
            numbers.
        format: of the lines; None finds it in the first one.

    Raises:
        DataError: a file is missing or unreadable, there is no passage, a line is malformed, or an id stands twice; the
            first such lines are told, and the others counted.
    """
    found, faults = _Ids(), Faults()
    parts = [_scan(file, format, found, faults) for file in files_of(path)]
    ids = found.all()
    _doubles(parts, ids, found.doubled(ids), faults)
    faults.tell()
    if not len(ids):
        raise DataError(path, None, "no passage", "one passage a line is expected")
    return PassageFiles(parts, ids)


class PassageFiles(Passages):
    """Passages of checked files. Made by `open_passages`."""

    def __init__(self, parts: Sequence[_Part], ids: Sequence[str]) -> None:
        self._parts = parts
        self._ids = ids

    @property
    def ids(self) -> Sequence[str]:
        """In the order of the passages."""
        return self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Passage]:
        return self._read(0, len(self))

    @overload
    def __getitem__(self, index: int) -> Passage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, index: int | slice) -> Passage | tuple[Passage, ...]:
        rows = range(len(self))[index]
        if isinstance(rows, int):
            return next(self._read(rows, rows + 1))
        if rows.step == 1:
            return tuple(self._read(rows.start, rows.stop))
        return tuple(self[row] for row in rows)

    def _read(self, start: int, stop: int) -> Iterator[Passage]:
        for part in self._parts:
            own = range(max(start, part.first), min(stop, part.first + part.rows))
            for low in range(own.start, own.stop, _CHUNK):
                yield from part.read(low - part.first, min(low + _CHUNK, own.stop) - part.first)


class _Part:
    """One file: its passages are the corpus' from `first` on, and begin at the `starts`; the last is the file's end."""

    def __init__(self, path: Path, plain: Path, how: _How | None, first: int, starts: NDArray[np.int64]) -> None:
        self.path, self.first, self.rows = path, first, len(starts) - 1
        self._plain, self._how, self._starts = plain, how, starts
        self._file = os.open(plain, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)
        self._stamp = self._stamped()

    def read(self, low: int, high: int) -> Iterator[Passage]:
        """The passages of some rows, in one reading of the disk.

        Raises:
            DataError: the file is no longer the one that was checked.
        """
        starts = self._starts[low : high + 1].tolist()
        data = os.pread(self._file, starts[-1] - starts[0], starts[0])
        if self._stamped() != self._stamp or len(data) < starts[-1] - starts[0]:
            raise DataError(self.path, None, "the file has changed while it was used", "leave it alone, and run again")
        if self._how is not None:  # else no line of the file is a passage
            for line in self._lines(data, starts):
                yield self._how.read(line.rstrip("\r"), self.path, 0)

    def _lines(self, data: bytes, starts: list[int]) -> list[str]:
        """The lines that begin at the starts; between them may be blank ones."""
        lines = data.decode().split("\n")
        if len(lines) - (not lines[-1]) == len(starts) - 1:
            return lines[: len(starts) - 1]
        return [
            data[begin - starts[0] : end - starts[0]].partition(b"\n")[0].decode() for begin, end in pairwise(starts)
        ]

    def line(self, row: int) -> int:
        """The line number of the passage at `row` of the corpus, found by counting."""
        with self._plain.open("rb") as handle:
            lines, at, until = 1, 0, int(self._starts[row - self.first])
            while at < until:
                data = handle.read(min(1 << 20, until - at))
                lines, at = lines + data.count(b"\n"), at + len(data)
        return lines

    def _stamped(self) -> tuple[int, int]:
        stat = os.fstat(self._file)
        return stat.st_size, stat.st_mtime_ns


class CompactIds(Sequence[str]):
    """Texts in an array of variable width, 16 bytes each where they are short."""

    def __init__(self, texts: NDArray[Any]) -> None:
        self._texts = texts

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _CHUNK):
            yield from self._texts[start : start + _CHUNK].tolist()

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        found = self._texts[index]
        return found.tolist() if isinstance(index, slice) else str(found)


class _Ids:
    """The ids of passages as they are read, and which of them were there before.

    Hashes of 64 bits are sorted instead of ids remembered; what they suspect is compared.
    """

    def __init__(self) -> None:
        self._hashes = array("q")
        self._kept: list[NDArray[Any]] = []

    def __len__(self) -> int:
        return len(self._hashes)

    def extend(self, identifiers: list[str]) -> None:
        self._hashes.extend(map(hash, identifiers))
        self._kept.append(np.array(identifiers, np.dtypes.StringDType()))

    def all(self) -> CompactIds:
        self._kept = [np.concatenate([*self._kept, np.empty(0, np.dtypes.StringDType())])]
        return CompactIds(self._kept[0])

    def doubled(self, ids: CompactIds) -> Iterator[tuple[int, int]]:
        """The row at which an id stood first, and each at which it stands again, in the order of the latter."""
        hashes = np.array(self._hashes, np.int64)
        ordered = np.sort(hashes)
        if (ordered[1:] != ordered[:-1]).all():
            return
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        again = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
        for place in again[np.argsort(order[again])].tolist():
            row = int(order[place])
            alike = order[np.searchsorted(ordered, ordered[place]) : place]
            first = next((int(other) for other in alike if ids[int(other)] == ids[row]), None)
            if first is not None:
                yield first, row


def _scan(path: Path, form: PassageFormat | None, ids: _Ids, faults: Faults) -> _Part:
    """Checks every line of a file; what it finds goes to ids and faults.

    Raises:
        DataError: the file cannot be read.
    """
    plain, first, starts, at = _unpacked(path), len(ids), array("q"), 0
    found: list[str] = []
    how: _How | None = None
    with file_faults(path), plain.open("rb") as handle, _checking(path, handle) as advance:
        for number, line in enumerate(handle, 1):
            begin, at = at, at + len(line)
            try:
                text = decode(line, path, number)
                if not text or (text[0] == " " and not text.strip(" ")):
                    continue
                if how is None:
                    how = _how(form or _guess(text, path, number), text, path, number)
                    if how.head:
                        continue
                found.append(how.read(text, path, number).id)
                starts.append(begin + len(codecs.BOM_UTF8) * (number == 1 and line.startswith(codecs.BOM_UTF8)))
            except DataError as error:
                faults.add(error)
            if len(found) == _CHUNK:
                ids.extend(found)
                found = []
                advance(at)
    ids.extend(found)
    starts.append(at)
    return _Part(path, plain, how, first, np.array(starts, np.int64))


@contextlib.contextmanager
def _checking(path: Path, handle: IO[bytes]) -> Iterator[Callable[[int], None]]:
    """A bar that is told how many bytes are read, and counts MiB; none for what takes no time."""
    size = os.fstat(handle.fileno()).st_size
    if size < 1 << 26:
        yield lambda _: None
        return
    with progress(f"Checking {path.name}", size >> 20, "MiB") as advance:
        done = 0

        def reach(at: int) -> None:
            nonlocal done
            advance((at >> 20) - done)
            done = at >> 20

        yield reach


def _doubles(parts: Sequence[_Part], ids: CompactIds, pairs: Iterable[tuple[int, int]], faults: Faults) -> None:
    for first, second in pairs:
        if faults.full:
            faults.number += 1
            continue
        before, here = (next(part for part in reversed(parts) if part.first <= row) for row in (first, second))
        where = f"{before.line(first)}" if before is here else f"{before.path.name}:{before.line(first)}"
        what = f"passage '{ids[second]}' appears twice (first at {where})"
        faults.add(DataError(here.path, here.line(second), what, "ids must be unique; drop or rename one"))


def files_of(path: Path) -> list[Path]:
    """The file, or the folder's files by name, 2 before 10.

    Raises:
        DataError: the folder has none.
    """
    with file_faults(path):
        if not path.is_dir():
            return [path]
        named = [file for file in path.iterdir() if file.name.removesuffix(".gz").endswith((".jsonl", ".tsv"))]
    found = [file for file in named if not is_hidden(file)]
    if not found:
        raise DataError(
            path, None, "no .jsonl or .tsv, packed or not", "a folder with the files of a corpus is expected"
        )
    return sorted(
        found,
        key=lambda file: [(len(part), part) if part.isdigit() else (0, part) for part in re.split(r"(\d+)", file.name)],
    )


def _unpacked(path: Path) -> Path:
    """The file itself; of a .gz its content, unpacked into the cache at the first time.

    Raises:
        DataError: it is missing or broken.
        OutputError: the cache has no room.
    """
    if path.suffix != ".gz":
        return path
    with file_faults(path):
        stat = path.stat()
    own = make_folder(cache_dir() / "unpacked" / hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16])
    plain = own / f"{stat.st_size}-{stat.st_mtime_ns}"
    if not plain.exists():
        say(f"Unpacking {path}")
        with atomic(plain) as temporary, temporary.open("wb") as out:
            out.writelines(_pieces(path))
        for other in own.glob("[0-9]*"):  # of an older state of the file
            if other != plain:
                other.unlink(missing_ok=True)
    return plain


def _pieces(path: Path) -> Iterator[bytes]:
    with file_faults(path), gzip.open(path) as packed:
        while piece := packed.read(1 << 20):
            yield piece


def _guess(first: str, path: Path, line: int) -> PassageFormat:
    """The format of a file whose first line this is.

    Raises:
        DataError: it fits none.
    """
    if first.lstrip().startswith("{"):
        row = parse_object(first, path, line)
        found = next((form for form, (key, *_) in _KEYS.items() if key in row), None)
        if found is None:
            raise DataError(path, line, f"keys {', '.join(row)}", "_id, docid or id is expected; or name the format")
        return found
    cells = first.split("\t")
    if cells[0] == "id" or len(cells) == 3:
        return PassageFormat.dpr
    return PassageFormat.msmarco


def _how(form: PassageFormat, first: str, path: Path, line: int) -> _How:
    """How lines are read, now that the first is known.

    Raises:
        DataError: it is a head with other columns.
    """
    cells = [cell.strip().lower() for cell in first.split("\t")]
    if form not in _KEYS and cells[0] != "id" and {"text", "title"} & set(cells[1:]):
        raise DataError(
            path, line, f"columns {', '.join(cells)[:60]}", "a head is expected to begin with id; rename it"
        )
    if form in _KEYS:
        return _How(partial(_from_json, keys=_KEYS[form]), head=False)
    if form is PassageFormat.msmarco:
        return _How(_FromCells(("id", "text"), quoted=False), head=False)
    head = tuple(first.split("\t"))
    if head[0] != "id":
        columns = ("id", "text", "title")[: max(2, len(_unquoted(first, 3)))]
        return _How(_FromCells(columns, quoted=True), head=False)
    if set(head) not in ({"id", "text"}, {"id", "text", "title"}) or len(set(head)) < len(head):
        raise DataError(path, line, f"columns {', '.join(head)}", "the columns id, text and perhaps title are expected")
    return _How(_FromCells(head, quoted=True), head=True)


class _FromCells:
    """Reads lines of these columns, in this order; `quoted`, as csv would write them. Most of the work is done here."""

    def __init__(self, columns: tuple[str, ...], *, quoted: bool) -> None:
        self._columns, self._width, self._quoted = columns, len(columns), quoted
        self._id, self._text = columns.index("id"), columns.index("text")
        self._title = columns.index("title") if "title" in columns else None

    def __call__(self, text: str, path: Path, line: int) -> Passage:
        cells = _unquoted(text, self._width) if self._quoted and '"' in text else text.split("\t")
        if len(cells) != self._width:
            what = f"{len(cells)} column{'s' * (len(cells) != 1)}"
            raise DataError(path, line, what, f"{', '.join(self._columns)}, parted by tabs, are expected")
        identifier, content = cells[self._id].strip(), cells[self._text].strip()
        title = "" if self._title is None else cells[self._title].strip()
        if not identifier or not (content or title):
            what = f"'{'text' if identifier else 'id'}' is empty"
            raise DataError(path, line, what, "a text that is not empty is expected")
        return Passage(identifier, content, title)


def _unquoted(text: str, width: int) -> list[str]:
    """The cells of a line in which those that csv would quote are quoted; others keep their quotes."""
    cells = text.split("\t")
    if len(cells) > width:  # a quoted cell may hold tabs
        with contextlib.suppress(csv.Error):
            return next(csv.reader([text], delimiter="\t", strict=True), cells)
    return [_plain(cell) if cell.startswith('"') else cell for cell in cells]


def _plain(cell: str) -> str:
    """What csv has put into quotes; the cell itself where that was not csv."""
    inner = cell[1:-1]
    quoted = len(cell) > 1 and cell.endswith('"') and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if quoted else cell


def _from_json(text: str, path: Path, line: int, *, keys: tuple[str, str]) -> Passage:
    row = parse_object(text, path, line)
    name, content = keys
    identifier = id_of(row, name, path, line) if name != "_id" else text_of(row, name, path, line)
    if content == "contents":
        title, gap, rest = text_of(row, content, path, line).partition("\n\n")
        return Passage(identifier, rest.strip(), title.strip()) if gap else Passage(identifier, title)
    title = title_of(row, path, line)
    return Passage(identifier, "" if title and row.get(content) == "" else text_of(row, content, path, line), title)


_KEYS = {
    PassageFormat.beir: ("_id", "text"),
    PassageFormat.miracl: ("docid", "text"),
    PassageFormat.anserini: ("id", "contents"),
}
