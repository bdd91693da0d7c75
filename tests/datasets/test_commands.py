from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from tests.datasets.conftest import Shelf
from typer.testing import CliRunner

from typoglot.cli import app
from typoglot.datasets.catalogue import CATALOGUE, Entry, File, Pin


def data(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["data", *arguments])
    return done.exit_code, " ".join(done.output.split())


@pytest.fixture
def thing(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """An entry of the catalogue whose only file the server has."""
    pin = Pin("a test", len(shelf.content), hashlib.sha256(shelf.content).hexdigest())
    files = (File("a", shelf.url, pin),)
    monkeypatch.setitem(CATALOGUE, "thing", Entry("thing", "A thing", "CC0", ("en",), "x.path={path}", files))
    return shelf


def test_what_is_fetched_is_listed_verified_and_named_for_a_command_line(thing: Shelf, tmp_path: Path) -> None:
    folder = ("--folder", str(tmp_path))
    assert data("list", *folder)[1].endswith(f"thing A thing 0.3 CC0 en yes – What is here lies in {tmp_path}/NAME")
    code, told = data("fetch", "thing", *folder)

    assert code == 0
    assert "A thing; licence: CC0" in told
    assert f"x.path={tmp_path / 'thing'}" in told
    assert "thing A thing 0.3 CC0 en yes yes" in data("list", *folder)[1]
    assert data("verify", "thing", *folder) == (0, "All 1 files are as they should be")
    (tmp_path / "thing" / "a").write_bytes(b"?")
    code, told = data("verify", "thing", *folder)
    assert code == 1
    assert f"Damaged: {tmp_path / 'thing' / 'a'}: has 1 bytes, not 256,000 (a test)" in told


@pytest.mark.parametrize("command", ["fetch", "verify"])
def test_a_name_that_is_not_in_the_catalogue_is_refused(command: str, tmp_path: Path) -> None:
    code, told = data(command, "foo", "--folder", str(tmp_path))

    assert (code, told[:58]) == (2, "data foo: is not in the catalogue; choose among xquad, mkq")


def test_an_unpinned_entry_asks_for_trust(tmp_path: Path) -> None:
    code, told = data("fetch", "mkqa_mia2022", "--folder", str(tmp_path))

    assert code == 2
    assert "no checksum of mkqa_dev.zip is published; --pin takes what comes first" in told


def test_mini_is_counted_with_nothing_fetched() -> None:
    code, told = data("stats", "mini", "-l", "en,ko")

    assert code == 0
    assert "mini: 80 queries, 40 questions; 120 passages," in told


def test_a_benchmark_that_lies_elsewhere_is_counted(tmp_path: Path) -> None:
    (tmp_path / "mkqa-en.jsonl").write_text('{"id": "1_en", "lang": "en", "question": "how far is the moon"}\n')

    for name in ("mkqa_parallel", "mkqa"):
        code, told = data("stats", name, "--path", str(tmp_path))
        assert code == 0
        assert told.endswith(f"{name}: 1 queries, 1 questions; 1 passages, 5.0 words and 19.0 characters each")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["qed"], "data stats qed: is no benchmark; choose among mini, xquad"),
        (["xquad"], "`typoglot data fetch xquad` brings it, or give --path."),
        (["beir"], "give --path."),
        (["mini", "-l", "xx"], "--languages xx: write codes such as en,de."),
    ],
)
def test_what_cannot_be_counted_is_told(arguments: list[str], told: str, tmp_path: Path) -> None:
    code, said = data("stats", *arguments, "--folder", str(tmp_path))

    assert code == 2
    assert told in said
