from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.records import Pair, Passage
from typoglot.sources.qed import read_pairs

if TYPE_CHECKING:
    from pathlib import Path


def row(identifier: object = 1, paragraph: object = "It has rings .", **others: object) -> str:
    texts = {"title_text": "Saturn", "question_text": "what has rings", "paragraph_text": paragraph}
    return json.dumps({"example_id": identifier, **texts, **others}) + "\n"


def write(folder: Path, content: str, name: str = "qed-dev.jsonlines") -> Path:
    (folder / name).write_text(content, encoding="utf-8", newline="")
    return folder


VALID = (row(1) + row(2, "It is red .")).encode()


# What is read


def test_a_question_is_paired_with_its_paragraph(tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path, row()), None)

    assert pairs == [Pair("what has rings", "en", Passage("1", "It has rings .", "Saturn"))]


def test_equal_paragraphs_share_one_passage(tmp_path: Path) -> None:
    first, second = read_pairs(write(tmp_path, row(1) + row(2)), None)

    assert first.passage is second.passage


def test_equal_paragraphs_share_one_passage_across_files(tmp_path: Path) -> None:
    write(tmp_path, row(1), "qed-dev.jsonlines")
    write(tmp_path, row(2), "qed-train.jsonlines")

    assert [pair.passage.id for pair in read_pairs(tmp_path, None)] == ["1", "1"]


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path, row(1, "Of train ."), "qed-train.jsonlines")
    write(tmp_path, row(2, "Of dev ."), "qed-dev.jsonlines")

    assert [pair.passage.text for pair in read_pairs(tmp_path, None)] == ["Of dev .", "Of train ."]


def test_other_files_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "no JSON at all", "README.md")

    assert len(read_pairs(write(tmp_path, row()), None)) == 1


@pytest.mark.parametrize("identifier", [-3290814144789249484, "a1"])
def test_an_id_may_be_a_number_or_a_text(tmp_path: Path, identifier: object) -> None:
    assert read_pairs(write(tmp_path, row(identifier)), None)[0].passage.id == str(identifier)


def test_byte_order_mark_windows_line_ends_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    content = (row(1) + row(2, "It is red .")).replace("\n", "\r\n\r\n")

    assert len(read_pairs(write(tmp_path, "\ufeff" + content), None)) == 2


def test_english_may_be_asked_for(tmp_path: Path) -> None:
    assert len(read_pairs(write(tmp_path, row()), ["en"])) == 1


# What is refused


def test_another_language_than_english_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r": no fi here: choose among en$"):
        read_pairs(write(tmp_path, row()), ["en", "fi"])


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: no such folder: a folder with qed-\*\.jsonlines is expected"):
        read_pairs(tmp_path / "nowhere", None)


def test_a_folder_without_any_such_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=rf"{re.escape(str(tmp_path))}: no \*\.jsonlines file: QED's qed-dev\.jsonlines or"
    ):
        read_pairs(write(tmp_path, row(), "qed-dev.json"), None)


def test_a_doubled_id_is_refused_with_both_places(tmp_path: Path) -> None:
    content = row(1) + row(2) + row(1, "It is red .")

    with pytest.raises(
        DataError, match=r"jsonlines:3: example '1' appears twice \(first at qed-dev.jsonlines:1\): ids must be unique"
    ):
        read_pairs(write(tmp_path, content), None)


def test_a_number_and_the_same_digits_as_text_are_one_id(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"jsonlines:2: example '1' appears twice \(first at qed-dev.jsonlines:1\)"):
        read_pairs(write(tmp_path, row(1) + row("1")), None)


@pytest.mark.parametrize("identifier", [None, ""])
def test_an_empty_id_is_refused(tmp_path: Path, identifier: object) -> None:
    with pytest.raises(DataError, match=r"jsonlines:2: 'example_id' is empty: a text that is not empty is expected"):
        read_pairs(write(tmp_path, row(1) + row(identifier)), None)


@pytest.mark.parametrize("key", ["paragraph_text", "title_text", "question_text"])
@pytest.mark.parametrize(("value", "fault"), [("", "empty"), (None, "empty"), (" ", "' '"), (5, "5"), ([], r"\[\]")])
def test_an_empty_text_is_refused(tmp_path: Path, key: str, value: object, fault: str) -> None:
    content = row(1) + row(2, **{key: value})

    with pytest.raises(DataError, match=rf"jsonlines:2: '{key}' is {fault}: a text that is not empty is expected"):
        read_pairs(write(tmp_path, content), None)


@pytest.mark.parametrize("key", ["example_id", "paragraph_text", "title_text", "question_text"])
def test_a_row_lacks_nothing(tmp_path: Path, key: str) -> None:
    broken = {name: value for name, value in json.loads(row()).items() if name != key}

    with pytest.raises(DataError, match=rf"qed-dev\.jsonlines:1: '{key}' is missing: "):
        read_pairs(write(tmp_path, json.dumps(broken)), None)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "not JSON (Expecting property name enclosed in double quotes): mend or drop the line"),
        ("[1]", "a JSON list: one JSON object a line is expected"),
        ("[" * 100_000, "not readable as JSON"),
    ],
    ids=["cut", "no object", "deep"],
)
def test_a_malformed_line_is_refused_with_its_number(tmp_path: Path, line: str, fault: str) -> None:
    with pytest.raises(DataError, match=re.escape(f"qed-dev.jsonlines:2: {fault}")):
        read_pairs(write(tmp_path, row(1) + line), None)


def test_bytes_that_are_not_utf8_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "qed-dev.jsonlines").write_bytes(b"\n\n" + "für".encode("latin-1"))

    with pytest.raises(DataError, match=r"qed-dev\.jsonlines:3: not UTF-8 \(.+\): save the file as UTF-8"):
        read_pairs(tmp_path, None)


@given(
    start=st.integers(0, len(VALID)),
    length=st.integers(0, len(VALID)),
    filler=st.binary() | st.text('{}[]:,"1\\un ').map(str.encode),
)
@settings(max_examples=100, deadline=None)
def test_damaged_bytes_raise_nothing_but_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int, filler: bytes
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    (folder / "qed-dev.jsonlines").write_bytes(VALID[:start] + filler + VALID[start + length :])

    with suppress(DataError):
        assert all(pair.query and pair.passage.text for pair in read_pairs(folder, None))


# The real file


@pytest.mark.real
def test_the_real_qed_has_1355_pairs_over_1343_paragraphs(real_data: Path) -> None:
    pairs = read_pairs(real_data / "qed", None)

    assert len(pairs) == 1355
    assert len({pair.passage.id for pair in pairs}) == len({pair.passage.text for pair in pairs}) == 1343


@pytest.mark.real
def test_the_first_and_the_last_row_of_the_real_qed_are_known(real_data: Path) -> None:
    pairs = read_pairs(real_data / "qed", None)

    first, last = pairs[0], pairs[-1]
    assert (first.query, first.passage.id) == ("who got the first nobel prize in physics", "-3290814144789249484")
    assert first.passage.content.startswith("List of Nobel laureates in Physics The first Nobel Prize in Physics was")
    assert last.query == "who supported states rights during the civil war"
    assert last.passage.title == "Confederate States of America"


def test_an_id_in_two_files_is_refused_with_both_places(tmp_path: Path) -> None:
    row = '{"example_id": 1, "title_text": "t", "question_text": "q", "paragraph_text": "%s"}\n'
    for name, text in (("a", "A"), ("b", "B")):
        (tmp_path / f"{name}.jsonlines").write_text(row % text)

    with pytest.raises(DataError, match=r"b\.jsonlines:1: example '1' appears twice \(first at a\.jsonlines:1\)"):
        read_pairs(tmp_path, None)
