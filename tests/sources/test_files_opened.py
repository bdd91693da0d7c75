"""What a source says that it opens, beside what it opens: a file that is not named could change unseen."""

from __future__ import annotations

import lzma
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.datasets.test_debian import ar, tar
from tests.sources.test_libreoffice import INDEX, PAGES, written
from tests.sources.test_sources import FILES

from typoglot.config import Benchmark, BenchmarkFormat, Level, Pages, Setting, Source, TrainFormat
from typoglot.languages import Language
from typoglot.sources import benchmark_files, pair_files, read_benchmark, read_pairs

_watched: list[set[str]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watched and event == "open" and isinstance(arguments[0], str | os.PathLike):
        _watched[-1].add(os.path.realpath(arguments[0]))


@pytest.fixture(scope="module", autouse=True)
def _listening() -> None:
    """Python calls the hook at every opening of a file, however it is opened; a hook cannot be taken back."""
    sys.addaudithook(_hook)


@contextmanager
def opened(below: Path) -> Iterator[set[str]]:
    """The files below a folder that are opened meanwhile, without the links that led to them."""
    _watched.append(set())
    found: set[str] = set()
    try:
        yield found
    finally:
        root = f"{os.path.realpath(below)}{os.sep}"
        found |= {name for name in _watched.pop() if name.startswith(root)}


def said(files: list[Path] | None) -> set[str]:
    assert files is not None
    return {os.path.realpath(file) for file in files}


def settings(kind: str, folder: Path, *languages: str, **changes: Any) -> Benchmark:
    wanted = [Language(language) for language in languages] or None
    return Benchmark("x", BenchmarkFormat(kind), str(folder), wanted, **changes)


def check(folder: Path, asked: Benchmark, *, exactly: bool = True) -> set[str]:
    """Reads a benchmark with all its passages; returns the names of the files that it said it would open."""
    named = said(benchmark_files(asked))
    with opened(folder.parent) as found:
        list(read_benchmark(asked, 0).corpus)
    assert found, "nothing was opened: the proof is none"
    assert found == named if exactly else found <= named
    return {Path(name).name for name in named}


# Files that are put together


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One row of every format, and the same of Swahili beside Finnish."""
    for name, content in FILES.items():
        for own in {name, name.replace("-fi", "-sw").replace("finnish", "swahili")}:
            (tmp_path / "data" / own).parent.mkdir(exist_ok=True, parents=True)
            (tmp_path / "data" / own).write_text(content)
    for language in ("de", "fi"):
        shutil.copy(tmp_path / "data" / "xquad.en.json", tmp_path / "data" / f"xquad.{language}.json")
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("kind", "languages", "files"),
    [
        ("xquad", ["de"], {"xquad.de.json", "xquad.en.json"}),
        ("xquad", ["en"], {"xquad.en.json"}),
        ("xquad", [], {"xquad.de.json", "xquad.en.json", "xquad.fi.json"}),
        ("beir", [], {"corpus.jsonl", "queries.jsonl", "test.tsv"}),
        ("custom", [], {"benchmark.yaml", "corpus.jsonl", "q.tsv", "j.txt"}),
        ("msmarco", [], {"collection.tsv", "queries.dev.small.tsv", "qrels.dev.small.tsv"}),
        ("miracl", ["fi"], {"topics.miracl-v1.0-fi-dev.tsv", "qrels.miracl-v1.0-fi-dev.tsv", "docs-0.jsonl"}),
        ("mr_tydi", ["fi"], {"topic.test.tsv", "qrels.test.txt", "docs.jsonl"}),
    ],
)
def test_a_benchmark_opens_the_files_that_it_says_and_no_others(
    folder: Path, kind: str, languages: list[str], files: set[str]
) -> None:
    assert check(folder, settings(kind, folder, *languages)) == files


@pytest.mark.parametrize("kind", ["mini", "mkqa_parallel", "mkqa", "xor_tydi", "ir_datasets", "hf"])
def test_of_other_benchmarks_any_file_may_be_opened(folder: Path, kind: str) -> None:
    assert benchmark_files(settings(kind, folder)) is None


@pytest.mark.parametrize("kind", [kind for kind in BenchmarkFormat if kind.value != "mini"])
@pytest.mark.parametrize("place", ["empty", "nowhere", "file/", "file", "nul\0"])
def test_where_the_data_are_not_as_they_must_be_any_file_may_be_opened(
    tmp_path: Path, kind: BenchmarkFormat, place: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    found = benchmark_files(settings(kind.value, tmp_path / place))

    assert not [file for file in found or () if file.exists()]


def test_without_a_place_the_working_folder_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)

    assert benchmark_files(Benchmark("x", BenchmarkFormat.xquad)) is None
    assert pair_files(Source(TrainFormat.libreoffice_help)) is None


def test_a_card_that_is_broken_lets_any_file_be_opened(folder: Path) -> None:
    (folder / "benchmark.yaml").write_text("passages: [")

    assert benchmark_files(settings("custom", folder)) is None


def test_a_split_is_opened_and_the_others_are_not(folder: Path) -> None:
    shutil.copy(folder / "qrels" / "test.tsv", folder / "qrels" / "dev.tsv")

    assert check(folder, settings("beir", folder, split="dev")) == {"corpus.jsonl", "queries.jsonl", "dev.tsv"}


def test_passages_behind_a_link_to_a_folder_are_named(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "one.jsonl").write_text('{"_id": "d1", "text": "p"}\n')
    (elsewhere / "two.jsonl").write_text('{"_id": "d2", "text": "p"}\n')
    (folder / "parts").symlink_to(elsewhere)
    card = (folder / "benchmark.yaml").read_text().replace("corpus.jsonl", "parts")
    (folder / "benchmark.yaml").write_text(card)

    assert {"one.jsonl", "two.jsonl"} <= check(folder, settings("custom", folder))


# LibreOffice's help


def packed(folder: Path, name: str, version: str = "1", more: dict[str, str] | None = None) -> Path:
    """Makes a package of a language's folder, which is deleted."""
    own = {path.relative_to(folder): path.read_bytes() for path in (folder / name).rglob("*") if path.is_file()}
    files = {f"./usr/share/libreoffice/help/{path}": content for path, content in own.items()}
    path = folder / f"libreoffice-help-{name.lower()}_{version}_all.deb"
    path.write_bytes(ar(data_tar_xz=lzma.compress(tar(files))))
    shutil.rmtree(folder / name)
    return path


@pytest.fixture
def help_folder(tmp_path: Path) -> Path:
    """English, German, and French and two kinds of Portuguese, which are German."""
    names = ("fr", "pt", "pt-BR")
    pages = PAGES | dict.fromkeys(names, PAGES["de"])
    return written(tmp_path / "help", INDEX | dict.fromkeys(names, INDEX["de"]), pages)


EVERYTHING = ("en-US", "de", "fr", "pt", "pt-BR")


@pytest.mark.parametrize("changes", [{}, {"setting": Setting.mono}, {"level": Level.anchor}, {"pages": Pages.split}])
@pytest.mark.parametrize("split", ["train", "test"])
def test_of_packages_those_of_the_languages_and_of_english_are_opened(
    help_folder: Path, changes: dict[str, Any], split: str
) -> None:
    if split == "train":
        written(help_folder, {"en-US": [("scalc/00", "a", "cells")], "de": [("scalc/00", "a", "Zellen")]}, PAGES)
    for name in EVERYTHING:
        packed(help_folder, name)

    assert check(help_folder, settings("libreoffice_help", help_folder, "de", split=split, **changes)) == {
        "libreoffice-help-de_1_all.deb", "libreoffice-help-en-us_1_all.deb",
    }  # fmt: skip


def test_without_languages_every_package_is_opened(help_folder: Path) -> None:
    packages = {packed(help_folder, name).name for name in EVERYTHING}

    assert check(help_folder, settings("libreoffice_help", help_folder)) == packages


def test_a_language_is_not_taken_for_another_that_begins_alike(help_folder: Path) -> None:
    for name in EVERYTHING:
        packed(help_folder, name)

    assert check(help_folder, settings("libreoffice_help", help_folder, "pt")) == {
        "libreoffice-help-en-us_1_all.deb", "libreoffice-help-pt_1_all.deb",
    }  # fmt: skip


def test_of_two_packages_of_a_language_the_one_that_is_opened_is_named(help_folder: Path) -> None:
    packed(help_folder, "en-US")
    newer = packed(help_folder, "de", "2")
    shutil.copy(newer, help_folder / "libreoffice-help-de_1_all.deb")

    assert "libreoffice-help-de_2_all.deb" in check(help_folder, settings("libreoffice_help", help_folder, "de"))


def test_an_installed_help_opens_its_index_and_its_pages(help_folder: Path) -> None:
    (help_folder / "de" / "contents.js").write_text("not read")
    (help_folder / "de" / "text" / "styles.css").write_text("not read")
    asked = settings("libreoffice_help", help_folder, "de", setting=Setting.mono)  # of cross, not each German page

    assert check(help_folder, asked) == {"bookmarks.js", "00.html", "01.html", "05.html", "12.html"}
    assert {file.relative_to(help_folder).parts[0] for file in benchmark_files(asked) or ()} == {"de", "en-US"}


def test_the_folder_is_opened_where_a_package_lies_beside_it(help_folder: Path) -> None:
    shutil.copytree(help_folder / "de", help_folder / "kept")
    packed(help_folder, "de")
    (help_folder / "kept").rename(help_folder / "de")

    asked = settings("libreoffice_help", help_folder, "de", setting=Setting.mono)
    assert "libreoffice-help-de_1_all.deb" not in check(help_folder, asked)


def linked_language(folder: Path) -> None:
    (folder / "de").rename(folder.parent / "installed")
    (folder / "de").symlink_to(folder.parent / "installed")


def linked_text(folder: Path) -> None:
    (folder / "de" / "text").rename(folder.parent / "text")
    (folder / "de" / "text").symlink_to("../../text")


def linked_pages(folder: Path) -> None:
    (folder / "de" / "text" / "scalc").rename(folder.parent / "scalc")
    (folder / "de" / "text" / "scalc").symlink_to(folder.parent / "scalc")


def linked_page(folder: Path) -> None:
    (folder / "de" / "text" / "scalc" / "01.html").rename(folder.parent / "one")
    (folder / "de" / "text" / "scalc" / "01.html").symlink_to(folder.parent / "one")


def linked_round(folder: Path) -> None:
    (folder / "de" / "text" / "again").symlink_to(folder / "de")


def hidden_page(folder: Path) -> None:
    for name in ("en-US", "de"):
        (folder / name / "text" / ".more").mkdir()
        shutil.copy(folder / name / "text" / "scalc" / "01.html", folder / name / "text" / ".more" / "01.html")


def packed_english(folder: Path) -> None:
    packed(folder, "en-US")
    linked_pages(folder)


def linked_package(folder: Path) -> None:
    packed(folder, "de").rename(folder.parent / "package")
    (folder / "libreoffice-help-de_1_all.deb").symlink_to(folder.parent / "package")


@pytest.mark.parametrize(
    "change",
    [
        linked_language,
        linked_text,
        linked_pages,
        linked_page,
        linked_round,
        hidden_page,
        packed_english,
        linked_package,
    ],
)
def test_however_a_help_lies_no_file_of_it_is_missed(help_folder: Path, change: Callable[[Path], None]) -> None:
    change(help_folder)

    check(help_folder, settings("libreoffice_help", help_folder, "de"), exactly=False)
    check(help_folder, settings("libreoffice_help", help_folder), exactly=False)


# Pairs


@pytest.mark.parametrize("languages", [["de"], ["en"], []])
@pytest.mark.parametrize("as_packages", [True, False])
def test_pairs_open_the_files_that_they_say(help_folder: Path, languages: list[str], as_packages: bool) -> None:
    for name in EVERYTHING if as_packages else ():
        packed(help_folder, name)
    wanted = [Language(language) for language in languages] or None
    asked = Source(TrainFormat.libreoffice_help, str(help_folder), wanted)
    with opened(help_folder) as found:
        read_pairs(asked, 0)

    # Of an index no pair is made.
    assert found == {name for name in said(pair_files(asked)) if not name.endswith("bookmarks.js")} != set()


@pytest.mark.parametrize("kind", [kind for kind in TrainFormat if kind is not TrainFormat.libreoffice_help])
def test_of_other_pairs_any_file_may_be_opened(folder: Path, kind: TrainFormat) -> None:
    assert pair_files(Source(kind, str(folder))) is None
