from __future__ import annotations

import contextlib
import io
import lzma
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.datasets import debian
from typoglot.datasets.debian import files_in
from typoglot.errors import DataError

FILES = {"./usr/a.txt": b"A", "./usr/deep/b.txt": b"BB"}


def tar(files: dict[str, bytes], *others: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for member in others:
            archive.addfile(member)
    return out.getvalue()


def ar(**members: bytes) -> bytes:
    found = b"!<arch>\n"
    for name, content in members.items():
        header = f"{name.replace('_', '.'):<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n"
        found += header.encode() + content + b"\n" * (len(content) % 2)
    return found


def deb(path: Path, packed: bytes) -> Path:
    path.write_bytes(ar(debian=b"2.0\n", control_tar_xz=b"odd", data_tar_xz=packed))
    return path


def package(tmp_path: Path, files: dict[str, bytes], *others: tarfile.TarInfo) -> Path:
    return deb(tmp_path / "p.deb", lzma.compress(tar(files, *others)))


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def test_only_wanted_files_are_read(tmp_path: Path) -> None:
    assert files_in(package(tmp_path, FILES), {"usr/deep/b.txt": "b"}.get) == {"b": b"BB"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_passed_over(tmp_path: Path, kind: bytes) -> None:
    found = files_in(package(tmp_path, FILES, link("./usr/l", "/etc/passwd", kind)), str)

    assert sorted(found) == ["usr/a.txt", "usr/deep/b.txt"]


def refused(path: Path, told: str) -> None:
    with pytest.raises(DataError, match=told):
        files_in(path, str)


@pytest.mark.parametrize(
    ("limit", "told"),
    [("MOST_BYTES", "unpacks to more than 10 bytes"), ("MOST_FILE", "11 bytes, more than 10"),
     ("MOST_MEMBERS", "more than 10 entries")],
)  # fmt: skip
def test_what_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, told: str
) -> None:
    monkeypatch.setattr(debian, limit, 10)

    refused(package(tmp_path, {"a": b"." * 11, **{str(n): b"" for n in range(10)}}), told)


def test_an_xz_that_asks_for_much_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "_MEMORY", 2**20)

    refused(package(tmp_path, FILES), "Memory usage limit")


def test_a_file_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = package(tmp_path, FILES, tarfile.TarInfo("./usr/a.txt"))

    refused(path, r"usr/a\.txt: stands twice")


def test_a_package_without_anything_wanted_is_refused(tmp_path: Path) -> None:
    refused(package(tmp_path, {}, link("./usr/sk", "cs")), "holds nothing that is wanted here")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no `ar` archive"),
        (b"PK\x03\x04" * 30, "no `ar` archive"),
        (ar(debian=b"2.0\n"), "no data.tar in it"),
        (ar(debian=b"2.0\n") + b"x" * 60, "a broken header"),
        (ar(data_tar_xz=b"no xz"), "broken archive"),
        (ar(data_tar_xz=lzma.compress(tar(FILES))[:-40]), "broken archive"),
        (ar(data_tar_xz=lzma.compress(b"no tar" * 1000)), "broken archive"),
        (ar(data_tar_xz=lzma.compress(tar({"a": b"." * 5000})[:3000])), "broken archive"),
    ],
)
def test_a_broken_package_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "p.deb"
    path.write_bytes(content)

    refused(path, told)


def test_a_missing_package_is_told(tmp_path: Path) -> None:
    refused(tmp_path / "none.deb", "cannot be read")


def test_without_dpkg_another_compression_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "p.deb"
    path.write_bytes(ar(data_tar_zst=b"x"))

    refused(path, r"data\.tar\.zst: is not packed with xz")


@settings(max_examples=150, deadline=None, database=None)
@given(st.lists(st.tuples(st.integers(0, 1600), st.integers(0, 255)), max_size=5), st.booleans())
def test_no_damage_breaks_the_reader(changes: list[tuple[int, int]], inside: bool) -> None:
    """Of the tar in the package, or of the package."""
    content = bytearray(tar(FILES) if inside else ar(data_tar_xz=lzma.compress(tar(FILES))))
    for place, value in changes:
        content[place % len(content)] = value
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(DataError):
        path = Path(folder) / "p.deb"
        path.write_bytes(ar(data_tar_xz=lzma.compress(bytes(content), preset=0)) if inside else content)
        assert len(files_in(path, str)) <= len(FILES)


needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")


def built(tmp_path: Path, *options: Any) -> Path:
    """A package that Debian's own tool makes."""
    for name, content in {
        **FILES,
        "DEBIAN/control": b"Package: p\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n",
    }.items():
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "tree" / name).write_bytes(content)
    subprocess.run(
        ["dpkg-deb", *options, "--root-owner-group", "-b", tmp_path / "tree", tmp_path / "p.deb"],
        check=True,
        capture_output=True,
    )
    return tmp_path / "p.deb"


@needs_dpkg
@pytest.mark.parametrize("compression", ["xz", "gzip", "zstd", "none"])
def test_what_dpkg_deb_builds_is_read(tmp_path: Path, compression: str) -> None:
    found = files_in(built(tmp_path, f"-Z{compression}"), str)

    assert found == {name.removeprefix("./"): content for name, content in FILES.items()}


@needs_dpkg
def test_what_dpkg_deb_cannot_unpack_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.deb"
    path.write_bytes(ar(data_tar_zst=b"no zstd"))

    refused(path, r"dpkg-deb cannot unpack data\.tar\.zst")
