from __future__ import annotations

import errno
import gzip
import io
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from typoglot.datasets.archives import Limits, unpack
from typoglot.errors import DataError, OutputError


def a_tar(path: Path, *members: tarfile.TarInfo | tuple[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as packed:  # type: ignore[call-overload]
        for member in members:
            info = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member[0])
            content = b"" if isinstance(member, tarfile.TarInfo) else member[1]
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    return path


def a_zip(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members:
            packed.writestr(name, content)
    return path


def special(name: str, kind: bytes, target: str = "/etc/passwd") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def held(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(archive: Path, match: str, limits: Limits | None = None) -> None:
    """The archive is refused, and nothing of it, nor beside it, is left."""
    folder = archive.parent / "out"
    before = sorted(archive.parent.iterdir())
    with pytest.raises(DataError, match=match):
        unpack(archive, folder, limits=limits)
    assert sorted(archive.parent.iterdir()) == before


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_of_every_packing_gives_its_files(tmp_path: Path, mode: str) -> None:
    unpack(a_tar(tmp_path / "a", ("x.txt", b"one"), ("d/y.txt", b""), mode=mode), tmp_path / "out")

    assert held(tmp_path / "out") == {"x.txt": b"one", "d/y.txt": b""}


def test_a_zip_gives_its_files_and_macos_notes_are_passed_over(tmp_path: Path) -> None:
    unpack(a_zip(tmp_path / "a", ("x.txt", b"one"), ("d/y.txt", b"two"), ("__MACOSX/._x.txt", b"?")), tmp_path / "out")

    assert held(tmp_path / "out") == {"x.txt": b"one", "d/y.txt": b"two"}


def test_a_single_folder_at_the_top_is_left_out(tmp_path: Path) -> None:
    unpack(a_tar(tmp_path / "a", ("./nq/corpus.jsonl", b"one"), ("./nq/qrels/test.tsv", b"two")), tmp_path / "out")

    assert held(tmp_path / "out") == {"corpus.jsonl": b"one", "qrels/test.tsv": b"two"}


def test_what_was_there_is_replaced_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "old").touch()
    unpack(a_zip(tmp_path / "a", ("x.txt", b"one")), tmp_path / "out")

    assert held(tmp_path / "out") == {"x.txt": b"one"}


def test_rights_and_owners_are_not_taken_over(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.mode, info.uid = 0o4777, 0
    unpack(a_tar(tmp_path / "a", info, ("y", b"")), tmp_path / "out")

    assert (tmp_path / "out" / "x").stat().st_mode & 0o7111 == 0


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/tmp/x", "..\\x", ".."])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    refused(a_tar(tmp_path / "a", ("fine", b"1"), (name, b"2")), "leads out of the folder")
    if "\\" not in name:
        refused(a_zip(tmp_path / "b", ("fine", b"1"), (name, b"2")), "leads out of the folder")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_a_link_or_device_in_a_tar_is_refused(tmp_path: Path, kind: bytes) -> None:
    refused(a_tar(tmp_path / "a", ("fine", b"1"), special("x", kind)), "a:x: is a link")


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("x")
    info.external_attr = 0o120777 << 16

    refused(a_zip(tmp_path / "a", (info, b"/etc/passwd")), "a:x: is a link or device")


def test_a_file_with_holes_is_refused(tmp_path: Path) -> None:
    holes = tarfile.TarInfo("x")
    holes.pax_headers = {"GNU.sparse.map": "0,1", "GNU.sparse.size": "999999999999", "GNU.sparse.numblocks": "1"}
    with tarfile.open(tmp_path / "a", "w:gz", format=tarfile.PAX_FORMAT) as packed:
        packed.addfile(holes)

    refused(tmp_path / "a", "full of holes")


@pytest.mark.parametrize("again", [("x", b"2"), ("./x", b"2"), ("x/y", b"2")])
def test_a_name_that_is_taken_is_refused(tmp_path: Path, again: tuple[str, bytes]) -> None:
    refused(a_tar(tmp_path / "a", ("x", b"1"), again), "stands where another member stands")


def test_a_zip_with_a_name_twice_is_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive = a_zip(tmp_path / "a", ("x", b"1"), ("x", b"2"))

    refused(archive, "stands where another member stands")


def test_a_file_where_a_folder_stands_is_refused(tmp_path: Path) -> None:
    refused(a_tar(tmp_path / "a", ("x/y", b"1"), ("x", b"2")), "stands where another member stands")


@pytest.mark.parametrize("name", ["n" * 251, "/".join(["n" * 200] * 6), "é" * 126])
def test_a_name_that_is_too_long_is_refused(tmp_path: Path, name: str) -> None:
    refused(a_tar(tmp_path / "a", (name, b"1")), "is too long a name")


def test_a_name_with_control_signs_is_refused_and_not_shown_raw(tmp_path: Path) -> None:
    refused(a_tar(tmp_path / "a", ("x\x1b[2J\ny", b"1")), r"a:x\\x1b\[2J\\ny: has signs")


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "a", ("x", bytes(20 << 20)))

    assert archive.stat().st_size < 30_000
    refused(archive, "makes 20,971,520 bytes of")


def test_many_members_that_share_their_bytes_are_refused_as_a_bomb(tmp_path: Path) -> None:
    refused(a_zip(tmp_path / "a", *((f"x{n}", bytes(1 << 20)) for n in range(12))), "makes 11,534,336 bytes of")


def test_a_tar_bomb_is_refused(tmp_path: Path) -> None:
    refused(a_tar(tmp_path / "a", ("x", bytes(20 << 20))), "makes 20,971,520 bytes of")


def test_a_size_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.size = 1 << 50
    (tmp_path / "a").write_bytes(gzip.compress(info.tobuf() + bytes(1024)))

    refused(tmp_path / "a", "makes 1,125,899,906,842,624 bytes")


def test_a_header_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 1 << 30
    (tmp_path / "a").write_bytes(gzip.compress(info.tobuf() + bytes(1 << 20)))

    refused(tmp_path / "a", "holds a header of 1,073,741,824 bytes")


def test_more_members_than_allowed_are_refused(tmp_path: Path) -> None:
    members = [(f"x{number}", b"") for number in range(11)]

    refused(a_tar(tmp_path / "a", *members), "is member 11", Limits(members=10))
    refused(a_zip(tmp_path / "b", *members), "is member 11", Limits(members=10))


def test_a_zip_that_lists_a_million_members_is_not_even_listed(tmp_path: Path) -> None:
    a_zip(tmp_path / "a", ("x", b"1"))
    data = bytearray((tmp_path / "a").read_bytes())
    at = data.rfind(b"PK\x05\x06")
    data[at + 8 : at + 16] = struct.pack("<HHI", 0xFFFF, 0xFFFF, 1_000_000 * 50)
    (tmp_path / "a").write_bytes(data)

    refused(tmp_path / "a", "lists its members in 50,000,000 bytes")


def test_a_zip64_that_lists_a_million_members_is_not_even_listed(tmp_path: Path) -> None:
    a_zip(tmp_path / "a", ("x", b"1"))
    data = (tmp_path / "a").read_bytes()
    at = data.rfind(b"PK\x05\x06")
    wide = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 10**6, 10**6, 50 * 10**6, 0)
    (tmp_path / "a").write_bytes(data[:at] + wide + data[at:])

    refused(tmp_path / "a", "lists its members in 50,000,000 bytes")


@pytest.mark.parametrize("keep", [5, 40, 600, -20, -1])
@pytest.mark.parametrize("kind", ["tar", "zip", "w:xz", "w:bz2", "w"])
def test_an_archive_that_is_cut_off_is_refused(tmp_path: Path, keep: int, kind: str) -> None:
    noise = bytes((i * i * 7 + i // 5) % 251 for i in range(5000))
    members = [("x", noise), ("y", noise[::-1]), ("z", noise[7:])]
    whole = (
        a_zip(tmp_path / "w", *members)
        if kind == "zip"
        else a_tar(tmp_path / "w", *members, mode="w:gz" if kind == "tar" else kind)
    )
    if kind == "w" and keep < 0:
        keep = 512 + 5120 + 100  # its end is padding
    (tmp_path / "a").write_bytes(whole.read_bytes()[:keep])
    whole.unlink()

    refused(tmp_path / "a", "is a broken archive")


@pytest.mark.parametrize("kind", ["w:gz", "w", "zip"])
@pytest.mark.parametrize("offset", range(20, 700, 68))
def test_a_damaged_archive_is_an_error_of_ours_or_harmless(tmp_path: Path, offset: int, kind: str) -> None:
    members = [("x", b"1" * 300), ("y", b"2" * 300)]
    path = a_zip(tmp_path / "a", *members) if kind == "zip" else a_tar(tmp_path / "a", *members, mode=kind)
    data = bytearray(path.read_bytes())
    data[offset % len(data)] ^= 0x55
    path.write_bytes(data)

    try:
        unpack(path, tmp_path / "out")
    except DataError:
        assert list(tmp_path.iterdir()) == [path]


def test_a_zip_whose_list_lies_before_the_file_is_broken_not_a_full_disk(tmp_path: Path) -> None:
    data = bytearray(a_zip(tmp_path / "a", ("x", b"1")).read_bytes())
    at = data.rfind(b"PK\x05\x06")
    data[at + 16 : at + 20] = struct.pack("<I", len(data))
    (tmp_path / "a").write_bytes(data)

    refused(tmp_path / "a", "is a broken archive")


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("<html>404</html>" * 100)

    refused(tmp_path / "a", "is a broken archive")


def test_a_folder_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"Cannot unpack .* give --folder DIR"):
        unpack(a_zip(tmp_path / "a", ("x", b"1")), tmp_path / "none" / "out")


def test_a_full_disk_is_an_output_error_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    archive = a_zip(tmp_path / "a", ("x", b"1"))

    with pytest.raises(OutputError, match=r"Cannot unpack .* \(No space left on device\): make room there"):
        unpack(archive, tmp_path / "out")
    assert list(tmp_path.iterdir()) == [archive]
