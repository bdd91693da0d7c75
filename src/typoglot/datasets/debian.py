"""A Debian package to the files in it that are wanted. Runs nothing of the package, and trusts nothing that it says.

A .deb is an `ar` archive whose member data.tar.* is the tree. Regular files are read and nothing is written, so that
no link, device or path of an archive matters; sizes and numbers are bounded. Format: deb(5).
"""

from __future__ import annotations

import lzma
import subprocess
import tarfile
from contextlib import closing
from typing import IO, TYPE_CHECKING, cast

from typoglot.errors import DataError, TypoglotError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

MOST_BYTES = 512 * 2**20  # of all that a package unpacks to; ours: the largest of LibreOffice's helps has 65 MB
MOST_FILE = 16 * 2**20  # bytes of one file; ours
MOST_MEMBERS = 100_000  # files, folders and links of a package; ours
_MEMORY = 256 * 2**20  # bytes that xz may ask for: its highest level needs 65 MiB
_CHUNK = 2**18  # bytes
_SOUND = "a Debian package as `apt-get download` brings it is expected; fetch it again"


def files_in(package: Path, wanted: Callable[[str], str | None]) -> dict[str, bytes]:
    """The wanted files of a package, in memory.

    Args:
        package: a .deb file.
        wanted: from a file's name in the package (without ./) to the name that it is to have here, or None.

    Returns:
        Their contents, by their names here; at least one.

    Raises:
        DataError: the package is broken, larger than any honest one, holds nothing wanted, or has a name twice.
    """
    found: dict[str, bytes] = {}
    with closing(_unpacked(package)) as chunks:
        try:
            with tarfile.open(fileobj=cast("IO[bytes]", _Stream(package, chunks)), mode="r|") as archive:
                for seen, member in enumerate(archive, 1):
                    if seen > MOST_MEMBERS:
                        raise DataError(package, member.name, f"more than {MOST_MEMBERS:,} entries", _SOUND)
                    name = wanted(member.name.removeprefix("./")) if member.isreg() else None
                    if name is not None:
                        if name in found:
                            raise DataError(package, member.name, "stands twice in the package", _SOUND)
                        found[name] = _content(package, archive, member)
        except TypoglotError:
            raise
        except Exception as error:  # tarfile passes on a ValueError over a broken pax header
            raise DataError(package, None, f"broken archive ({error})", _SOUND) from error
    if not found:
        raise DataError(package, None, "holds nothing that is wanted here", "give another package")
    return found


def _content(package: Path, archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.size > MOST_FILE:
        raise DataError(package, member.name, f"{member.size:,} bytes, more than {MOST_FILE:,}", _SOUND)
    content = archive.extractfile(member)
    return content.read() if content is not None else b""  # None is for members that are no files


class _Stream:
    """Chunks of bytes as a file that can be read once; beyond MOST_BYTES it is an error."""

    def __init__(self, package: Path, chunks: Iterator[bytes]) -> None:
        self._package, self._chunks = package, chunks
        self._rest, self._total = b"", 0

    def read(self, size: int) -> bytes:
        """The next bytes: so many, or all that are left."""
        parts = [self._rest]
        have = len(self._rest)
        while have < size and (chunk := next(self._chunks, b"")):
            parts.append(chunk)
            have += len(chunk)
            self._total += len(chunk)
            if self._total > MOST_BYTES:
                raise DataError(self._package, None, f"unpacks to more than {MOST_BYTES:,} bytes", _SOUND)
        data = b"".join(parts)
        self._rest = data[size:]
        return data[:size]


def _unpacked(package: Path) -> Generator[bytes, None, None]:
    """The tar in the package. Debian packs with xz; what else there is (Ubuntu's zstd), dpkg-deb unpacks."""
    try:
        with package.open("rb") as file:
            name, size = _data_member(package, file)
            yield from _from_xz(file, size) if name == "data.tar.xz" else _from_dpkg(package, name)
    except OSError as error:
        raise DataError(
            package, None, f"cannot be read ({error.strerror})", "correct the path or its rights"
        ) from error


def _data_member(package: Path, file: IO[bytes]) -> tuple[str, int]:
    """The name and size of the archive's data.tar.*, at whose first byte the file then stands.

    A member's header has 60 bytes: its name in the first 16, its size in decimal digits at 48; members begin at even
    places.
    """
    if file.read(8) != b"!<arch>\n":
        raise DataError(package, None, "no `ar` archive", _SOUND)
    while len(header := file.read(60)) == 60:
        name, size = header[:16].rstrip(b" /").decode("ascii", "replace"), header[48:58].strip()
        if header[58:] != b"`\n" or not size.isdigit():
            raise DataError(package, file.tell() - 60, "a broken header", _SOUND)
        if name.startswith("data.tar"):
            return name, int(size)
        file.seek(int(size) + int(size) % 2, 1)
    raise DataError(package, None, "no data.tar in it", _SOUND)


def _from_xz(file: IO[bytes], size: int) -> Iterator[bytes]:
    unpacks = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)
    while not unpacks.eof:
        packed = file.read(min(_CHUNK, size)) if unpacks.needs_input else b""
        if unpacks.needs_input and not packed:
            raise EOFError("it ends too early")
        size -= len(packed)
        if data := unpacks.decompress(packed, _CHUNK):
            yield data


def _from_dpkg(package: Path, name: str) -> Iterator[bytes]:
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        expected = "xz is unpacked here, anything else by dpkg-deb, which this machine lacks"
        raise DataError(package, name, "is not packed with xz", expected) from None
    with process:
        try:
            while process.stdout and (data := process.stdout.read(_CHUNK)):
                yield data
            if process.wait():
                raise EOFError(f"dpkg-deb cannot unpack {name}")
        finally:
            process.kill()
