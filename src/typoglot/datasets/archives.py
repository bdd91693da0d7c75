"""Unpacks tar and zip archives that nobody vouches for: whole into a folder, or not at all.

Only files and folders, only below the folder, each once, and no more of them than an archive of its size can honestly
hold. Owners, rights and times are not taken over.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import shutil
import stat
import tarfile
import zipfile
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, NamedTuple, cast

from typoglot.errors import DataError, OutputError, TypoglotError
from typoglot.files import atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 1 << 20  # bytes
_MEMORY = 8 << 20  # bytes that one header of a tar may make us hold; honest ones are some KB
_DIRECTORY = 512  # bytes of a zip's list for each member that may be there; honest ones are 50-300
_SMALL = 10 << 20  # bytes: what an archive may hold whatever its own size


class Limits(NamedTuple):
    """What an archive may hold. Text packs to a tenth, seldom to a fiftieth; gzip can promise a thousandfold."""

    members: int = 20_000
    size: int = 100_000_000_000  # bytes of all files together
    ratio: int = 200  # those bytes to the archive's own


class _Member(NamedTuple):
    name: str
    size: int
    folder: bool
    wrong: str  # what it is, if it is neither file nor folder

    @property
    def shown(self) -> str:
        """The name for a message: what it holds does nothing to a terminal."""
        return self.name[:80].encode("unicode_escape").decode()


def unpack(archive: Path, folder: Path, *, limits: Limits | None = None) -> None:
    """Unpacks a tar (plain, gz, bz2, xz) or zip into the folder, which appears when it is whole.

    A folder that is there already is replaced. A single folder at the top of the archive is left out: what is in it
    comes first. macOS's own notes (__MACOSX) are passed over.

    Args:
        archive: the file; its first bytes say which kind it is.
        folder: becomes what the archive holds.
        limits: what it may hold; None: the usual.

    Raises:
        DataError: the archive is broken, or holds what could do harm; nothing is written then.
        OutputError: the disk refused the write.
    """
    try:
        with atomic(folder) as temporary:
            raw = temporary.with_name(f"{temporary.name}.raw")
            try:
                raw.mkdir()
                with _faults(archive):
                    _write(archive, raw, limits or Limits())
                _inner(raw).rename(temporary)
            finally:
                shutil.rmtree(raw, ignore_errors=True)
    except OutputError as error:
        why = getattr(error.__cause__, "strerror", None) or error
        raise OutputError(
            f"Cannot unpack '{archive}' into '{folder}' ({why}): make room there, or give --folder DIR."
        ) from error


def _inner(folder: Path) -> Path:
    """The folder's only content, where that is a folder; else itself."""
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


@contextmanager
def _faults(archive: Path) -> Iterator[None]:
    """Whatever tarfile, zipfile and the decompressors raise over a broken archive, as our error."""
    try:
        yield
    except TypoglotError:
        raise
    except Exception as error:
        # The decompressors' own OSErrors have no number; EINVAL is a place that an archive names and no file has.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise DataError(archive, None, f"is a broken archive ({error})", "fetch it again") from error


def _write(archive: Path, folder: Path, limits: Limits) -> None:
    with archive.open("rb") as handle:
        start = handle.read(8)
    most = min(limits.size, max(_SMALL, limits.ratio * archive.stat().st_size))
    members = _zip(archive, limits) if start.startswith((b"PK\x03\x04", b"PK\x05\x06")) else _tar(archive, start, most)
    seen: dict[PurePosixPath, bool] = {}
    total = 0
    for number, (member, content) in enumerate(members, 1):
        if number > limits.members:
            raise DataError(archive, member.shown, f"is member {number:,}", f"at most {limits.members:,} are unpacked")
        path = _place(archive, member, seen)
        total += member.size
        if total > most:
            what = f"makes {total:,} bytes of {archive.stat().st_size:,}"
            raise DataError(archive, member.shown, what, f"at most {most:,} are unpacked of an archive of this size")
        target = folder / path
        (target if member.folder else target.parent).mkdir(parents=True, exist_ok=True)
        if content is not None:
            with target.open("xb") as out:
                shutil.copyfileobj(content, out, _CHUNK)  # tarfile and zipfile stop at the size that was announced
    shutil.rmtree(folder / "__MACOSX", ignore_errors=True)


def _place(archive: Path, member: _Member, seen: dict[PurePosixPath, bool]) -> PurePosixPath:
    """Where the member belongs below the folder.

    Raises:
        DataError: nowhere: it is a link or device, its name leads elsewhere, or the place is taken.
    """
    if member.wrong:
        raise DataError(archive, member.shown, f"is {member.wrong}", "files and folders alone are unpacked")
    if member.name.startswith("/") or ".." in member.name.split("/") or "\\" in member.name:
        raise DataError(archive, member.shown, "leads out of the folder", "names below the folder alone are unpacked")
    path = PurePosixPath(member.name)
    long = len(member.name.encode("utf-8", "surrogateescape")) > 1000
    if long or any(len(part.encode("utf-8", "surrogateescape")) > 250 for part in path.parts):
        raise DataError(
            archive, member.shown, "is too long a name", "at most 250 bytes a part and 1,000 in all are unpacked"
        )
    if not member.name.isprintable():
        raise DataError(
            archive, member.shown, "has signs in its name that cannot be shown", "plain names alone are unpacked"
        )
    if not path.parts and not member.folder:
        raise DataError(archive, member.shown, "has no name", "a file's name is expected")
    taken = path in seen and not (member.folder and seen[path])
    if taken or any(not seen.get(parent, True) for parent in path.parents):
        raise DataError(archive, member.shown, "stands where another member stands", "each name is unpacked once")
    seen[path] = member.folder
    for parent in path.parents:
        seen.setdefault(parent, True)
    return path


def _zip(archive: Path, limits: Limits) -> Iterator[tuple[_Member, IO[bytes] | None]]:
    listed = _directory_size(archive)
    if listed > limits.members * _DIRECTORY:
        what = f"lists its members in {listed:,} bytes"
        raise DataError(archive, None, what, f"at most {limits.members:,} members are unpacked")
    with zipfile.ZipFile(archive) as packed:
        for info in packed.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)
            wrong = "" if kind in (0, stat.S_IFREG, stat.S_IFDIR) else "a link or device"
            size = 0 if info.is_dir() else info.file_size
            member = _Member(info.filename, size, info.is_dir(), "encrypted" if info.flag_bits & 1 else wrong)
            if member.folder or member.wrong:
                yield member, None
                continue
            with packed.open(info) as content:
                yield member, content


def _directory_size(archive: Path) -> int:
    """The bytes of a zip's list of members, by its last record; zipfile reads that list whole, before it can be asked.

    Layout: APPNOTE.TXT §4.3.16 (the record ends the file, but for a comment) and §4.3.14 (zip64).
    """
    with archive.open("rb") as handle:
        size = handle.seek(0, 2)
        handle.seek(max(0, size - 22 - 65_535 - 76))
        tail = handle.read()
    at, wide = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    if at < 0 or at + 22 > len(tail):
        raise DataError(archive, None, "is a broken archive (a zip without its list)", "fetch it again")
    short = int.from_bytes(tail[at + 12 : at + 16], "little")
    return max(
        short if short < 0xFFFFFFFF else 0, int.from_bytes(tail[wide + 40 : wide + 48], "little") if wide >= 0 else 0
    )


def _tar(archive: Path, start: bytes, most: int) -> Iterator[tuple[_Member, IO[bytes] | None]]:
    openers: dict[bytes, Callable[[Path], IO[bytes] | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]] = {
        b"\x1f\x8b": gzip.GzipFile,
        b"BZh": bz2.BZ2File,
        b"\xfd7zXZ\x00": lzma.LZMAFile,
        b"": lambda path: path.open("rb"),
    }
    opener = next(opener for magic, opener in openers.items() if start.startswith(magic))
    # Headers and padding are a part of what is unpacked: a tar of empty files is 512 bytes or more a member.
    with opener(archive) as raw:
        stream = _Bounded(archive, raw, 2 * most)
        with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:") as packed:
            while (info := packed.next()) is not None:
                plain = info.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not info.issparse()
                wrong = "" if plain or info.isdir() else "a link, a device or full of holes"
                member = _Member(info.name, info.size if plain else 0, info.isdir(), wrong)
                yield member, packed.extractfile(info) if plain else None
        if any(stream.last):  # tarfile takes a header that it cannot read for the end
            raise DataError(archive, None, "is a broken archive (it ends before its end)", "fetch it again")
        while stream.read(_CHUNK):
            pass  # the checksum of what was packed comes last


class _Bounded:
    """A stream that refuses to be read too far, or too much at once: what the headers of a tar claim is not trusted."""

    def __init__(self, archive: Path, raw: object, most: int) -> None:
        self.archive, self.raw, self.most = archive, cast("IO[bytes]", raw), most
        self.last = b""  # what was read last

    def read(self, size: int) -> bytes:
        if size > _MEMORY:
            raise DataError(self.archive, None, f"holds a header of {size:,} bytes", f"at most {_MEMORY:,} are read")
        self._check(self.raw.tell() + size)
        self.last = self.raw.read(size)
        return self.last

    def seek(self, position: int) -> int:
        self._check(position)
        return self.raw.seek(position)

    def tell(self) -> int:
        return self.raw.tell()

    def _check(self, position: int) -> None:
        if position > self.most:
            what = f"unpacks to more than {self.most:,} bytes"
            raise DataError(self.archive, None, what, "no honest archive of this size holds so much")
