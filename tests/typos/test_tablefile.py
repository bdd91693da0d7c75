"""Language files: read back as written, in one form only."""

from __future__ import annotations

import json
import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError, OutputError
from typoglot.typos.tablefile import ORDER, read_table, write_table

quick = settings(max_examples=30, deadline=None, database=None)
scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=8) | st.sampled_from(
    ["\u0301", "\ud800", "\u200c", "\u2028", "ẽ", "\u00a0", '"', "\\u0301", "😀"]
)
values = st.recursive(
    scalars | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
tables = st.dictionaries(st.sampled_from(ORDER) | texts, values, max_size=6)


def written(path: Path, table: dict[str, object]) -> str:
    write_table(path, table)
    return path.read_text("utf-8")


@quick
@given(tables)
def test_a_table_comes_back_as_it_was(table: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_table(Path(folder) / "xx.json", table)

        assert read_table(Path(folder) / "xx.json") == table


@quick
@given(tables)
def test_what_was_read_is_written_with_the_same_bytes(table: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "xx.json"
        first = written(path, table)

        assert written(path, read_table(path)) == first
        assert json.loads(first) == table


def test_the_known_tables_come_first_and_in_their_order(tmp_path: Path) -> None:
    write_table(tmp_path / "xx.json", {"zebra": 1, "cluster": None, "ape": 2, "alphabet": "ab", "language": "xx"})

    assert list(read_table(tmp_path / "xx.json")) == ["language", "alphabet", "cluster", "zebra", "ape"]


def test_rows_of_keys_and_pairs_have_a_line_each(tmp_path: Path) -> None:
    long = [["a" * 50, "b" * 50, "c" * 50]]
    text = written(
        tmp_path / "xx.json",
        {
            "language": "xx",
            "layout": {"provenance": "hand", "rows": [[["q", "Q"], []], long, [], []]},
            "confusions": {"source": "ours", "orthographic": [["ie", "ei", 2], ["^k", "", 0.5]], "bare": 1},
        },
    )

    assert text == (
        '{\n  "language": "xx",\n  "layout": {\n    "provenance": "hand",\n    "rows": [\n'
        f'      [["q", "Q"], []],\n      {json.dumps(long)},\n      [],\n      []\n    ]\n  }},\n'
        '  "confusions": {\n    "source": "ours",\n    "orthographic": [\n'
        '      ["ie", "ei", 2],\n      ["^k", "", 0.5]\n    ],\n    "bare": 1\n  }\n}\n'
    )


def test_weights_share_a_line_as_long_as_they_fit(tmp_path: Path) -> None:
    short = {"delete": 0.25, "insert": 0.75}
    text = written(
        tmp_path / "xx.json",
        {"ops": {"weights": short}, "letters": {"weights": {"delete": dict.fromkeys(map(str, range(40)), 1)}}},
    )

    assert '\n    "weights": {"delete": 0.25, "insert": 0.75}\n' in text
    assert '\n    "weights": {\n      "delete": {"0": 1, ' in text


def test_letters_are_written_as_they_are(tmp_path: Path) -> None:
    assert '"कि ßก็ 字"' in written(tmp_path / "xx.json", {"alphabet": "कि ßก็ 字"})


@pytest.mark.parametrize("hidden", ["\u0301", "\u3099", "\u200c", "\u200f", "\u00a0", "\u2028", "\ue000", "\ufeff"])
def test_what_cannot_be_seen_is_written_by_its_number(tmp_path: Path, hidden: str) -> None:
    assert f'"a\\u{ord(hidden):04x}"' in written(tmp_path / "xx.json", {"alphabet": f"a{hidden}"})


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_json_cannot_say_is_refused_and_the_file_kept(tmp_path: Path, number: float) -> None:
    before = written(tmp_path / "xx.json", {"language": "xx"})

    with pytest.raises(ValueError, match="not JSON compliant"):
        write_table(tmp_path / "xx.json", {"language": "xx", "ops": {"delete": number}})
    assert (tmp_path / "xx.json").read_text("utf-8") == before


def test_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    write_table(tmp_path / "xx.json", {"language": "xx"})

    assert [path.name for path in tmp_path.iterdir()] == ["xx.json"]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        write_table(tmp_path / "nowhere" / "xx.json", {"language": "xx"})


@pytest.mark.parametrize("text", ["[1]", '"a"', "{", '{"language": 1,}', ""])
def test_a_file_that_is_no_object_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "xx.json").write_text(text, "utf-8")

    with pytest.raises(DataError, match=r"xx\.json"):
        read_table(tmp_path / "xx.json")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"xx\.json"):
        read_table(tmp_path / "xx.json")
