from __future__ import annotations

import gzip
import json
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.lines import (
    Faults,
    Unique,
    _JsonText,
    each_line,
    parse_json,
    pick_languages,
    read_each,
    read_json_items,
    read_json_rows,
    read_lines,
    read_text,
    require_folder,
    text_of,
    texts_of,
)

if TYPE_CHECKING:
    from pathlib import Path

ROWS = b'{"a": 1}\n{"b": [2]}\n'
PACKED = gzip.compress(b"one\ntwo\n" * 20, mtime=0)


# Lines


def test_lines_are_numbered_from_one(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"one\n\nthree\n")

    assert list(read_lines(file)) == [(1, "one"), (2, ""), (3, "three")]


def test_the_line_ends_of_windows_are_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"one\r\ntwo\r\n")

    assert list(read_lines(file)) == [(1, "one"), (2, "two")]


def test_spaces_at_the_ends_of_a_line_stay(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b" one \t\n")

    assert list(read_lines(file)) == [(1, " one \t")]


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"\xef\xbb\xbfone\ntwo")

    assert list(read_lines(file)) == [(1, "one"), (2, "two")]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_only_a_line_feed_ends_a_line(tmp_path: Path, character: str) -> None:
    file = tmp_path / "a.txt"
    file.write_text(f"one{character}still one\ntwo\n", encoding="utf-8", newline="")

    assert list(read_lines(file)) == [(1, f"one{character}still one"), (2, "two")]


def test_the_last_line_needs_no_line_end(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"one\ntwo")

    assert list(read_lines(file)) == [(1, "one"), (2, "two")]


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.touch()

    assert list(read_lines(file)) == []


def test_a_gz_file_is_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "a.txt.gz"
    file.write_bytes(gzip.compress("один\r\nдва\n".encode()))

    assert list(read_lines(file)) == [(1, "один"), (2, "два")]


def test_a_whole_text_keeps_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"\xef\xbb\xbf{\r\n}\r\n")

    assert read_text(file) == "{\n}"


@given(text=st.text().filter(lambda text: "\r" not in text and not text.startswith("\ufeff")))
@settings(max_examples=50, deadline=None)
def test_any_text_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.mktemp("any") / "a.txt"
    file.write_bytes(text.encode())

    assert read_text(file) == text.removesuffix("\n")


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_a_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=rf"{name}: cannot be read \(No such file or directory\): correct the path"):
        list(read_lines(tmp_path / name))


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_a_folder_is_refused_where_a_file_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()

    with pytest.raises(DataError, match=rf"{name}: cannot be read \(Is a directory\): correct the path"):
        list(read_lines(tmp_path / name))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("déjà vu".encode("latin-1"), id="latin-1"),
        pytest.param("déjà vu".encode("utf-16"), id="utf-16"),
        pytest.param("déjà".encode()[:-1], id="cut within a letter"),
        pytest.param(b"\xed\xa0\x80", id="half of a surrogate pair"),
        pytest.param(b"\xc0\x80", id="longer than need be"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz"])
def test_bytes_that_are_not_utf8_are_refused_with_their_line(tmp_path: Path, name: str, line: bytes) -> None:
    content = b"good\n" + line + b"\ngood\n"
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)

    with pytest.raises(DataError, match=rf"{name}:2: not UTF-8 \(.+\): save the file as UTF-8"):
        list(read_lines(tmp_path / name))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"plain text\n", id="plain text"),
        pytest.param(PACKED[:5], id="cut within its head"),
        pytest.param(PACKED[:-10], id="cut within its body"),
        pytest.param(PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], id="wrong checksum"),
        pytest.param(PACKED[:-4] + b"\0\0\0\0", id="wrong length"),
        pytest.param(PACKED[:10] + b"\xff" * 8 + PACKED[18:], id="damaged body"),
        pytest.param(PACKED + b"more", id="something after its end"),
    ],
)
def test_a_broken_gzip_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.txt.gz"
    file.write_bytes(content)

    with pytest.raises(DataError, match=r"a\.txt\.gz: broken gzip file \(.+\): fetch the file again"):
        list(read_lines(file))


@given(start=st.integers(0, len(PACKED)), length=st.integers(0, len(PACKED)), filler=st.binary(max_size=30))
@settings(max_examples=100, deadline=None)
def test_a_damaged_gzip_file_raises_nothing_but_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int, filler: bytes
) -> None:
    file = tmp_path_factory.mktemp("damaged") / "a.gz"
    file.write_bytes(PACKED[:start] + filler + PACKED[start + length :])

    with suppress(DataError):
        list(read_lines(file))


# Folders


def test_a_folder_that_is_there_is_given_back(tmp_path: Path) -> None:
    assert require_folder(tmp_path, "anything") == tmp_path


def test_a_missing_folder_is_refused_with_what_it_should_hold(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: no such folder: a folder with names is expected; correct the path"):
        require_folder(tmp_path / "nowhere", "names")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.touch()

    with pytest.raises(DataError, match=r"a\.txt: no such folder"):
        require_folder(file, "b.txt")


# JSON


def test_rows_keep_the_numbers_of_their_lines_past_blank_ones(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"n": 1}\r\n\r\n \t\r\n{"n": 2}\r\n')

    assert list(read_json_rows(file)) == [(1, {"n": 1}), (4, {"n": 2})]


@pytest.mark.parametrize("line", ["{", "{}{}", "{'a': 1}", '{"a": 1,}', '{"a"}', "text", '{"a": "\t"}', "\ufeff{}"])
def test_a_line_that_is_not_json_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(f"{{}}\n{line}\n", encoding="utf-8")

    with pytest.raises(DataError, match=r"a\.jsonl:2: not JSON \(.+\): mend or drop the line"):
        list(read_json_rows(file))


@pytest.mark.parametrize(
    ("line", "kind"),
    [("[]", "list"), ('"text"', "str"), ("1", "int"), ("1.5", "float"), ("true", "bool"), ("null", "NoneType")],
)
def test_json_that_is_no_object_is_refused(tmp_path: Path, line: str, kind: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(f"{{}}\n{line}\n", encoding="utf-8")

    with pytest.raises(DataError, match=rf"a\.jsonl:2: a JSON {kind}: one JSON object a line is expected"):
        list(read_json_rows(file))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("[" * 100_000 + "]" * 100_000, id="lists in lists"),
        pytest.param('{"a":' * 100_000 + "1" + "}" * 100_000, id="objects in objects"),
        pytest.param("9" * 5_000, id="a number of 5000 digits"),
    ],
)
def test_json_beyond_measure_is_refused(tmp_path: Path, value: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(f'{{}}\n{{"a": {value}}}\n', encoding="utf-8")

    with pytest.raises(DataError, match=r"a\.jsonl:2: not readable as JSON \(.+\): mend or drop the line"):
        list(read_json_rows(file))


def test_a_fault_in_a_long_json_text_is_placed_on_its_own_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.json:12: not JSON"):
        parse_json('{\n"a": 1,\n}', tmp_path / "a.json", line=10)


@given(
    start=st.integers(0, len(ROWS)),
    length=st.integers(0, len(ROWS)),
    filler=st.binary() | st.text('{}[]:,"1\\un ').map(str.encode),
)
@settings(max_examples=100, deadline=None)
def test_damaged_rows_raise_nothing_but_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int, filler: bytes
) -> None:
    file = tmp_path_factory.mktemp("damaged") / "a.jsonl"
    file.write_bytes(ROWS[:start] + filler + ROWS[start + length :])

    with suppress(DataError):
        assert all(isinstance(row, dict) for _, row in read_json_rows(file))


# Fields


def test_a_text_is_stripped(tmp_path: Path) -> None:
    assert text_of({"text": "  two words\n"}, "text", tmp_path, 1) == "two words"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({}, "missing"),
        ({"text": ""}, "empty"),
        ({"text": None}, "empty"),
        ({"text": " \t"}, r"' \\t'"),
        ({"text": 0}, "0"),
        ({"text": False}, "False"),
        ({"text": ["a"]}, r"\['a'\]"),
    ],
)
def test_a_text_that_is_none_is_refused(tmp_path: Path, row: dict[str, Any], fault: str) -> None:
    with pytest.raises(DataError, match=rf"a\.jsonl:7: 'text' is {fault}: a text that is not empty is expected"):
        text_of(row, "text", tmp_path / "a.jsonl", 7)


def test_each_text_of_a_list_is_stripped(tmp_path: Path) -> None:
    assert texts_of({"answers": ["one ", " two"]}, "answers", tmp_path, 1) == ("one", "two")


@pytest.mark.parametrize("row", [{}, {"answers": None}, {"answers": []}, {"answers": "one"}, {"answers": {"a": 1}}])
def test_texts_that_are_no_filled_list_are_refused(tmp_path: Path, row: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl:7: 'answers' is .+: a list of at least one text is expected"):
        texts_of(row, "answers", tmp_path / "a.jsonl", 7)


@pytest.mark.parametrize("text", ["", " ", None, 1, ["one"]])
def test_one_bad_text_spoils_the_list(tmp_path: Path, text: object) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl:7: 'answers' is .+: a text that is not empty is expected"):
        texts_of({"answers": ["one", text]}, "answers", tmp_path / "a.jsonl", 7)


# Ids


def test_a_doubled_id_is_refused_with_both_places(tmp_path: Path) -> None:
    unique = Unique("passage", tmp_path / "a.jsonl")
    unique.add("p1", 1)
    unique.add("p2", 2)

    with pytest.raises(DataError, match=r"a\.jsonl:3: passage 'p1' appears twice \(first at 1\): ids must be unique"):
        unique.add("p1", 3)


def test_ids_that_differ_in_case_are_two(tmp_path: Path) -> None:
    unique = Unique("passage", tmp_path)
    unique.add("p", 1)
    unique.add("P", 2)

    assert unique.seen == {"p": 1, "P": 2}


# Languages


def test_all_languages_are_taken_in_the_order_of_the_alphabet() -> None:
    assert pick_languages(None, ["fi", "ar", "en"], "here") == ["ar", "en", "fi"]


def test_wanted_languages_keep_their_order_and_count_once() -> None:
    assert pick_languages(["fi", "ar", "fi"], ["ar", "en", "fi"], "here") == ["fi", "ar"]


def test_every_language_that_is_not_there_is_named_with_the_choice() -> None:
    with pytest.raises(DataError, match="here: no te, ko here: choose among ar, fi"):
        pick_languages(["te", "ar", "ko"], ["fi", "ar"], "here")


@pytest.mark.parametrize("text", ["[]", " [ ]\n", '[{"a": 1}]', '\n[\n{"a": 1},\n{"b": "],["}\n]\n'])
def test_a_json_list_is_read_item_by_item(text: str, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(text)

    assert [item for _, item in read_json_items(tmp_path / "list.json")] == json.loads(text)


def test_an_item_s_place_is_its_line_and_number(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text('\n[{"a":\n 1}, {},\n\n{}\n]')

    assert [place for place, _ in read_json_items(tmp_path / "list.json")] == ["2 (item 1)", "3 (item 2)", "5 (item 3)"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "list.json:1: begins with ''"),
        ('{"a": 1}', "list.json:1: begins with '{\"a\": 1}'"),
        ("[{},\n1]", "list.json:2 (item 2): a JSON int"),
        ("[{}\n{}]", "list.json:2: '{}]' after item 1"),
        ("[{}\n", "list.json:2: '' after item 1"),
        ("[{},\n\n ", "list.json:3: not JSON"),
        ("[{},\n]", "list.json:2: not JSON"),
        ("[", "list.json:1: not JSON"),
        ('[{"a": }]', "list.json:1: not JSON"),
        ("[{}]\n {}", "list.json:2: '{}' after the list"),
        ('[{"a": ' + "[" * 100_000, "list.json:1: not readable as JSON"),
    ],
)
def test_what_is_no_json_list_is_refused_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(text)

    with pytest.raises(DataError, match=re.escape(told)):
        list(read_json_items(tmp_path / "list.json"))


@given(
    items=st.lists(st.dictionaries(st.text(), st.text() | st.floats(allow_nan=False) | st.lists(st.integers()))),
    piece=st.integers(1, 9),
    indent=st.sampled_from([None, 1]),
    plain=st.booleans(),
)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # set each time
def test_a_list_is_the_same_wherever_its_pieces_end(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    items: list[dict[str, Any]],
    piece: int,
    indent: int | None,
    plain: bool,
) -> None:
    monkeypatch.setattr("typoglot.lines._JsonText.PIECE", piece)
    (tmp_path / "list.json").write_text(json.dumps(items, indent=indent, ensure_ascii=plain))

    assert [item for _, item in read_json_items(tmp_path / "list.json")] == items


@given(st.binary() | st.text('[]{},:"\\ue1 \n').map(str.encode), st.integers(1, 9))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])  # set each time
def test_any_bytes_are_a_list_of_objects_or_a_data_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, piece: int
) -> None:
    monkeypatch.setattr("typoglot.lines._JsonText.PIECE", piece)
    (tmp_path / "list.json").write_bytes(content)

    with suppress(DataError):
        assert [item for _, item in read_json_items(tmp_path / "list.json")] == json.loads(content)


def test_a_broken_list_is_not_read_whole_in_search_of_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typoglot.lines._JsonText.LONGEST", 1 << 21)
    path = tmp_path / "list.json"
    path.write_text('[{"a": "' + "x" * (1 << 24))
    read: list[int] = []
    opened = path.open("rb")

    class Watched:
        def read(self, size: int) -> bytes:
            read.append(size)
            return opened.read(size)

    text = _JsonText(path, Watched())  # type: ignore[arg-type]
    assert text.begins("[")
    text.step()
    with opened, pytest.raises(DataError, match="Unterminated string"):
        text.value()

    assert sum(read) < 1 << 23


# Faults together


def test_one_fault_is_told_as_it_is_and_many_are_counted(tmp_path: Path) -> None:
    def number(line: int, text: str) -> int:
        if not text.isdigit():
            raise DataError("f", line, f"'{text}'", "a number is expected")
        return int(text)

    path = tmp_path / "f"
    for lines, told in [
        ("1\nx\n3\n", "f:2: 'x': a number is expected"),
        ("x\ny\n", "f:1: 'x': a number is expected\nf:2: 'y': a number is expected"),
        ("x\n" * 7, "\n".join(f"f:{n}: 'x': a number is expected" for n in range(1, 6)) + "\n… and 2 more"),
    ]:
        path.write_text(lines)
        with pytest.raises(DataError) as error:
            list(each_line(path, number))
        assert str(error.value) == told


def test_sound_lines_are_yielded_before_the_faults_are_told(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b'{"a": 1}\n[]\n\xff\n{"a": 2}\n')
    faults = Faults()

    assert list(read_each(tmp_path / "f", lambda line, row: (line, row["a"]), faults)) == [(1, 1), (4, 2)]
    assert faults.number == 2


def test_what_was_met_before_a_file_breaks_off_is_told_with_it(tmp_path: Path) -> None:
    (tmp_path / "f.gz").write_bytes(gzip.compress(b"[]\n" + os.urandom(1 << 16).hex().encode())[:-9])

    with pytest.raises(DataError) as error:
        list(read_each(tmp_path / "f.gz", lambda line, row: row))

    assert ":1: a JSON list" in str(error.value)
    assert "broken gzip" in str(error.value)
