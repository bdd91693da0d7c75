"""The committed keyboard layouts: well-formed, what people type on, and as tools/layouts.py would make them now."""

from __future__ import annotations

import ctypes
import json
import runpy
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDER = ROOT / "src" / "typoglot" / "typos" / "languages"
CODES = sorted(path.stem for path in FOLDER.glob("*.json"))


def layout(code: str) -> dict[str, object]:
    return json.loads((FOLDER / f"{code}.json").read_text("utf-8"))["layout"]


def rows(code: str) -> list[list[list[str]]]:
    return layout(code)["rows"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tools" / "layouts.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def lacking() -> str | None:
    """Why the layouts cannot be compiled here as they were, or None."""
    try:
        ctypes.CDLL("libxkbcommon.so.0")
        query = ["dpkg-query", "--show", "--showformat=${Version}", "xkb-data"]
        installed = subprocess.run(query, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "needs Debian's packages libxkbcommon0 and xkb-data"
    same = f"xkb-data {installed}," in str(layout("en")["source"])
    return None if same else f"the layouts come from another version than xkb-data {installed}"


compiles = pytest.mark.skipif(bool(lacking()), reason=lacking() or "")


@pytest.mark.parametrize("code", CODES)
def test_a_layout_has_the_keys_of_an_iso_board(code: str) -> None:
    assert list(layout(code)) == ["provenance", "name", "source", "licence", "rows"]
    assert [len(row) for row in rows(code)] == [13, 12, 12, 11]
    assert all(len(key) <= 4 and key[-1:] != [""] for row in rows(code) for key in row)


@pytest.mark.parametrize("code", CODES)
def test_keys_type_normal_text(code: str) -> None:
    for text in (text for row in rows(code) for key in row for text in key):
        assert len(text) <= 2
        assert unicodedata.is_normalized("NFC", text)
        assert not any(unicodedata.category(character) in {"Cc", "Cn", "Co", "Cs"} for character in text)
        assert "ARABIC LIGATURE" not in "".join(unicodedata.name(character) for character in text)


@pytest.mark.parametrize(
    ("code", "letters"),
    [
        ("ar", "شسيبلاتنمك"), ("bn", "োে্িুপরকত"), ("da", "asdfghjklæø"), ("de", "asdfghjklöä"), ("el", "ασδφγηξκλ"),
        ("es", "asdfghjklñ"), ("fi", "asdfghjklöä"), ("fr", "qsdfghjklmù"), ("he", "שדגכעיחלךף"), ("hi", "ोे्िुपरकतचट"),
        ("hu", "asdfghjkléáű"), ("it", "asdfghjklòàù"), ("km", "ាសដថងហ្កលើ់"), ("ko", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ"),
        ("nl", "asdfghjkl"), ("no", "asdfghjkløæ"), ("pl", "asdfghjkl"), ("pt", "asdfghjklç"), ("ro", "asdfghjkl"),
        ("ru", "фывапролджэ"), ("sv", "asdfghjklöä"), ("te", "ోే్ిుపరకతచట"), ("th", "ฟหกดเ้่าสวง"), ("tr", "asdfghjklşi"),
        ("zh_tw", "ㄇㄋㄎㄑㄕㄘㄨㄜㄠㄤ"),
    ],
)  # fmt: skip
def test_the_home_row_is_the_known_one(code: str, letters: str) -> None:
    assert "".join(key[0] for key in rows(code)[2]).startswith(letters)


@pytest.mark.parametrize(
    ("code", "row", "column", "levels"),
    [
        ("de", 1, 5, ["z", "Z"]),
        ("de", 0, 11, ["ß", "?"]),
        ("ro", 2, 1, ["s", "S", "ș", "Ș"]),  # a comma below, not a cedilla
        ("ro", 1, 4, ["t", "T", "ț", "Ț"]),
        ("pl", 2, 8, ["l", "L", "ł", "Ł"]),
        ("fr", 1, 10, ["\u0302", "\u0308"]),
        ("el", 2, 9, ["\u0301", "\u0308"]),
        ("tr", 1, 7, ["ı", "I"]),
        ("ar", 3, 5, ["لا", "لآ"]),
        ("km", 3, 8, ["ុំ", "ុះ"]),
        ("bn", 3, 10, ["য\u09bc", "য"]),
        ("ko", 1, 4, ["ㅅ", "ㅆ"]),
        ("zh_tw", 0, 3, ["ˇ"]),
    ],
)
def test_a_key_types_what_is_printed_on_it(code: str, row: int, column: int, levels: list[str]) -> None:
    assert rows(code)[row][column][: len(levels)] == levels


@compiles
@pytest.mark.parametrize(
    ("symbol", "text"),
    [
        (0x61, "a"),
        (0xFE51, "\u0301"),  # dead_acute
        (0xFE8C, ""),  # dead_greek: no mark
        (0xFF1B, ""),  # Escape
        (0xFFFFFF, ""),  # VoidSymbol
        (0x100E000, ""),  # private use
        (0x100FEFB, "لا"),  # a ligature
        (0x10017FE, "ោះ"),  # a stand-in
        (0x10009DF, "য\u09bc"),  # an NFC exclusion
    ],
)
def test_a_key_symbol_becomes_plain_text(symbol: int, text: str) -> None:
    assert runpy.run_path(str(ROOT / "tools" / "layouts.py"))["text_of"](symbol) == text


@compiles
def test_the_layouts_are_those_that_the_tool_makes() -> None:
    done = run("--check")

    assert done.returncode == 0, done.stderr


@compiles
def test_the_tool_names_the_layout_that_differs_and_mends_it_alone(tmp_path: Path) -> None:
    assert run("--folder", tmp_path).returncode == 0
    whole = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    (tmp_path / "th.json").write_bytes(whole["th.json"].replace('"ก"'.encode(), '"ข"'.encode()))

    checked, mended = run("--folder", tmp_path, "--check"), run("--folder", tmp_path)
    assert (checked.returncode, checked.stderr.count(" th ")) == (1, 1)
    assert mended.stdout == "written: th\n"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == whole


@compiles
def test_the_tool_keeps_the_other_tables(tmp_path: Path) -> None:
    (tmp_path / "sv.json").write_text('{"alphabet": "abc", "language": "sv", "mine": [1]}', "utf-8")
    run("--folder", tmp_path)

    table = json.loads((tmp_path / "sv.json").read_text("utf-8"))
    assert list(table) == ["language", "alphabet", "layout", "mine"]
    assert (table["alphabet"], table["mine"]) == ("abc", [1])
    assert sorted(path.stem for path in tmp_path.iterdir()) == CODES
