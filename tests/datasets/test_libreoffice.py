from __future__ import annotations

import io
import lzma
import os
import stat
import tarfile
from pathlib import Path

import pytest
from tests.datasets.test_commands import data
from tests.datasets.test_debian import ar

from typoglot.datasets.libreoffice import FOLDERS, Files, fetch, present
from typoglot.errors import ConfigError, DataError
from typoglot.languages import Language

VERSION = "4%3a7.4.7_all.deb"


def tree(name: str) -> dict[str, bytes]:
    root = f"./usr/share/libreoffice/help/{name}"
    return {
        f"{root}/bookmarks.js": b"index",
        f"{root}/text/swriter/a.html": b"page",
        f"{root}/contents.js": b"not wanted",
        f"{root}-valencia/bookmarks.js": b"of another language",
        "./usr/share/doc/copyright": b"not wanted",
    }


def package(folder: Path, name: str, version: str = VERSION) -> Path:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, content in tree(name).items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    path = folder / f"libreoffice-help-{name.lower()}_{version}"
    path.write_bytes(ar(data_tar_xz=lzma.compress(out.getvalue())))
    return path


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get that brings what lies in a folder, and notes what it was asked for."""
    (tmp_path / "bin").mkdir()
    (mirror := tmp_path / "mirror").mkdir()
    script = tmp_path / "bin" / "apt-get"
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {mirror}/asked\nshift 3\nfor name; do\n'
        f'cp {mirror}/${{name}}_* . || {{ echo "E: Unable to locate package $name" >&2; exit 100; }}\ndone\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return mirror


def test_the_packages_of_the_wanted_languages_and_of_english_are_downloaded(apt: Path, tmp_path: Path) -> None:
    brought = {package(apt, name).name for name in ("de", "en-US", "pt-BR")}
    fetch(["de", "pt_br"], tmp_path / "help")

    assert {path.name for path in (tmp_path / "help").iterdir()} == brought
    asked = "download libreoffice-help-en-us libreoffice-help-de libreoffice-help-pt-br\n"
    assert (apt / "asked").read_text().endswith(asked)
    assert present(tmp_path / "help") == ["de", "en", "pt_br"]


def test_a_package_gives_the_index_and_the_pages_of_its_language(tmp_path: Path) -> None:
    package(tmp_path, "ca")
    found = Files(tmp_path, "ca")

    assert found.names() == ["bookmarks.js", "text/swriter/a.html"]
    assert list(found.lines("text/swriter/a.html")) == [(1, "page")]


def test_an_installed_help_is_read_as_it_lies(tmp_path: Path) -> None:
    for name, content in {"bookmarks.js": "i", "text/swriter/a.html": "p\nq", "noscript.html": "n"}.items():
        (tmp_path / "zh-CN" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "zh-CN" / name).write_text(content)
    found = Files(tmp_path, "zh_cn")

    assert present(tmp_path) == ["zh_cn"]
    assert found.names() == ["bookmarks.js", "text/swriter/a.html"]
    assert list(found.lines("text/swriter/a.html")) == [(1, "p"), (2, "q")]


def test_of_two_packages_of_a_language_the_last_is_read(tmp_path: Path) -> None:
    package(tmp_path, "de").rename(tmp_path / "libreoffice-help-de_1.deb")
    package(tmp_path, "de")

    assert Files(tmp_path, "de").place("x").parent.name == f"libreoffice-help-de_{VERSION}"


def test_a_file_that_the_package_lacks_is_named(tmp_path: Path) -> None:
    path = package(tmp_path, "de")
    with pytest.raises(DataError, match=rf"{path.name}/text/b\.html: is not in the package"):
        Files(tmp_path, "de").lines("text/b.html")


def test_a_language_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no help in 'en_gb': en-GB/bookmarks\.js or libreoffice-help-en-gb_\*\.deb"):
        Files(tmp_path, "en_gb")


def test_what_is_there_is_not_fetched_again(apt: Path, tmp_path: Path) -> None:
    package(apt, "en-US")
    fetch(["en"], tmp_path / "help")
    (apt / "asked").unlink()
    fetch(["en"], tmp_path / "help")

    assert not (apt / "asked").exists()


def test_a_package_that_lies_in_the_folder_is_not_downloaded(apt: Path, tmp_path: Path) -> None:
    (tmp_path / "help").mkdir()
    package(tmp_path / "help", "en-US")
    fetch(["en"], tmp_path / "help")

    assert not (apt / "asked").exists()


@pytest.mark.parametrize("beside", [True, False], ids=["beside the old one", "in its place"])
def test_a_package_that_nobody_fetched_is_named_until_a_fetch_takes_it(beside: bool, apt: Path, tmp_path: Path) -> None:
    old, _ = (package(apt, name) for name in ("de", "en-US"))
    help_, folder = tmp_path / "libreoffice_help", ("--folder", str(tmp_path))
    data("fetch", "libreoffice_help", "-l", "de", *folder)
    assert data("verify", "libreoffice_help", *folder) == (0, "All 2 files are as they should be")
    newer = package(help_, "de", VERSION.replace("4.7", "5.0"))
    if not beside:
        (help_ / old.name).unlink()
    code, told = data("verify", "libreoffice_help", *folder)

    assert Files(help_, "de").place("x").parent == newer  # it is what a benchmark reads
    assert code == 1
    assert f"Not fetched: {newer}: is read all the same; delete it, or fetch its language" in told
    assert (f"Damaged: {help_ / old.name}: cannot be read (No such file" in told) == (not beside)

    data("fetch", "libreoffice_help", "-l", "de", *folder)
    assert data("verify", "libreoffice_help", *folder) == (0, "All 2 files are as they should be")


def test_what_no_reader_opens_is_neither_strange_nor_held_to_what_it_was(apt: Path, tmp_path: Path) -> None:
    help_, folder = tmp_path / "libreoffice_help", ("--folder", str(tmp_path))
    for name in ("de", "en-US"):
        package(apt, name)
    help_.mkdir()
    (help_ / "notes.txt").write_text("mine")
    data("fetch", "libreoffice_help", "-l", "de", *folder)
    (help_ / "notes.txt").write_text("mine, and longer")
    package(help_, "de", "1_all.deb")

    assert data("verify", "libreoffice_help", *folder) == (0, "All 2 files are as they should be")


def test_what_is_damaged_is_brought_again_without_the_other_languages(apt: Path, tmp_path: Path) -> None:
    folder = ("--folder", str(tmp_path))
    for name in ("de", "en-US", "fr"):
        package(apt, name)
    data("fetch", "libreoffice_help", "-l", "de", *folder)
    next((tmp_path / "libreoffice_help").glob("*-de_*")).unlink()
    code, told = data("verify", "libreoffice_help", *folder)

    assert code == 1
    assert f"typoglot data fetch libreoffice_help --languages de,en --folder {tmp_path} brings what is damaged" in told


def test_what_is_hidden_beside_the_packages_is_nobodys(apt: Path, tmp_path: Path) -> None:
    package(apt, "en-US")
    data("fetch", "libreoffice_help", "-l", "en", "--folder", str(tmp_path))
    (tmp_path / "libreoffice_help" / ".apt.x").mkdir()
    (tmp_path / "libreoffice_help" / ".apt.x" / "half.deb").touch()

    assert data("verify", "libreoffice_help", "--folder", str(tmp_path))[0] == 0


def test_a_fetch_clears_what_a_killed_one_left_and_no_other_hidden_folder(apt: Path, tmp_path: Path) -> None:
    package(apt, "en-US")
    for name in (".apt.x", ".git"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "half.deb").touch()
    fetch(["en"], tmp_path)

    assert sorted(path.name for path in tmp_path.glob(".*")) == [".git"]


def test_a_package_that_apt_does_not_know_is_told_and_nothing_is_left(apt: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"apt-get download: E: Unable to locate package libreoffice-help-en-us: run"):
        fetch(["en"], tmp_path / "help")
    assert list((tmp_path / "help").iterdir()) == []


def test_where_there_is_no_apt_the_other_ways_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match=r"no apt-get on this machine; put packages libreoffice-help-\*\.deb"):
        fetch(["de"], tmp_path / "help")


def test_a_language_without_help_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="libreoffice_help: has no sk, bn; choose among ca, cs, da"):
        fetch(["de", "sk", "bn"], tmp_path / "help")


def test_every_language_of_the_help_is_one_of_ours() -> None:
    assert set(FOLDERS) <= {language.value for language in Language}
    assert len(FOLDERS) == 33
