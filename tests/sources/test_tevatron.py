from __future__ import annotations

import gzip
import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.records import Pair, Passage
from typoglot.sources.tevatron import read_pairs

if TYPE_CHECKING:
    from pathlib import Path

SATURN = {"docid": "d1", "title": "Saturn", "text": "It has rings."}
MARS = {"docid": "d2", "title": "Mars", "text": "It is red."}
VENUS = {"docid": "d3", "title": "", "text": "It is hot."}


def row(positives: Any = (SATURN,), negatives: Any = (), query: object = "What has rings?", **others: object) -> str:
    passages = {"positive_passages": positives, "negative_passages": negatives}
    return json.dumps({"query_id": "q1", "query": query, **passages, **others}) + "\n"


def write(folder: Path, content: str) -> Path:
    file = folder / "train.jsonl"
    file.write_text(content, encoding="utf-8", newline="")
    return file


VALID = (row([SATURN], [MARS]) + row([MARS], language="fi")).encode()


# What is read


def test_a_query_is_paired_with_its_passage(tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path, row()), None)

    assert pairs == [Pair("What has rings?", "en", Passage("d1", "It has rings.", "Saturn"))]


def test_each_positive_passage_makes_a_pair_that_carries_the_negatives(tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path, row([SATURN, MARS], [VENUS])), None)

    assert [pair.passage.id for pair in pairs] == ["d1", "d2"]
    assert [pair.negatives for pair in pairs] == [(Passage("d3", "It is hot."),)] * 2


@pytest.mark.parametrize("key", ["negative_passages", "language", "query_id"])
def test_a_row_may_lack_what_has_a_default(tmp_path: Path, key: str) -> None:
    fields = {name: value for name, value in json.loads(row(language="en")).items() if name != key}

    assert read_pairs(write(tmp_path, json.dumps(fields)), None) == read_pairs(write(tmp_path, row()), None)


@pytest.mark.parametrize("title", ["", None])
def test_an_empty_title_is_none(tmp_path: Path, title: str | None) -> None:
    (pair,) = read_pairs(write(tmp_path, row([SATURN | {"title": title}])), None)

    assert pair.passage.content == "It has rings."


def test_a_passage_may_stand_in_many_rows(tmp_path: Path) -> None:
    pairs = read_pairs(write(tmp_path, row([SATURN], [MARS]) + row([MARS], [SATURN])), None)

    assert (pairs[0].passage,) == pairs[1].negatives


def test_only_the_wanted_languages_are_read(tmp_path: Path) -> None:
    file = write(tmp_path, row(language="en") + row(language="fi") + row(language="no"))

    assert [pair.language for pair in read_pairs(file, ["no", "en"])] == ["en", "no"]


def test_all_languages_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, row(language="te") + row(language="ar"))

    assert [pair.language for pair in read_pairs(file, None)] == ["te", "ar"]


def test_a_gz_file_is_unpacked(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl.gz"
    file.write_bytes(gzip.compress(row().encode()))

    assert len(read_pairs(file, None)) == 1


def test_byte_order_mark_windows_line_ends_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    assert len(read_pairs(write(tmp_path, "\ufeff" + (row() * 2).replace("\n", "\r\n\r\n")), None)) == 2


# What is refused


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.jsonl: cannot be read \(No such file or directory\): correct the"):
        read_pairs(tmp_path / "nowhere.jsonl", None)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=rf"{re.escape(str(tmp_path))}: cannot be read \(Is a directory\)"):
        read_pairs(tmp_path, None)


def test_a_broken_gzip_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl.gz"
    file.write_bytes(gzip.compress(row().encode())[:-9])

    with pytest.raises(DataError, match=r"train\.jsonl\.gz: broken gzip file \(.+\): fetch the file again"):
        read_pairs(file, None)


def test_a_language_that_no_row_has_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"train\.jsonl: no ko here: choose among en, fi$"):
        read_pairs(write(tmp_path, row(language="fi") + row()), ["ko"])


@pytest.mark.parametrize("language", ["xx", "", None, False, 5, ["en"], {"en": 1}])
def test_an_unknown_language_is_refused_with_the_known_ones(tmp_path: Path, language: object) -> None:
    expected = re.escape(f"train.jsonl:2: unknown language {language!r}: write one of ar, bn,")

    with pytest.raises(DataError, match=expected):
        read_pairs(write(tmp_path, row() + row(language=language)), ["en"])


@pytest.mark.parametrize(("query", "fault"), [("", "empty"), (None, "empty"), (" ", "' '"), (5, "5")])
def test_an_empty_query_is_refused(tmp_path: Path, query: object, fault: str) -> None:
    with pytest.raises(DataError, match=rf"train\.jsonl:2: 'query' is {fault}: a text that is not empty is expected"):
        read_pairs(write(tmp_path, row() + row(query=query)), None)


def test_a_row_without_positive_passage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"train\.jsonl:2: 'positive_passages' is empty: at least one passage"):
        read_pairs(write(tmp_path, row() + row([], [MARS])), None)


@pytest.mark.parametrize("key", ["positive_passages", "negative_passages"])
@pytest.mark.parametrize("value", [None, "d1", 5, SATURN, ["d1"], [SATURN, None], [[SATURN]]])
def test_passages_that_are_no_objects_are_refused(tmp_path: Path, key: str, value: object) -> None:
    fields = json.loads(row()) | {key: value}

    with pytest.raises(DataError, match=rf"jsonl:2: '{key}' is no list of objects: objects with docid, title and text"):
        read_pairs(write(tmp_path, row() + json.dumps(fields)), None)


@pytest.mark.parametrize("key", ["docid", "text"])
@pytest.mark.parametrize(("value", "fault"), [("", "empty"), (None, "empty"), (" ", "' '"), (5, "5")])
def test_a_passage_without_id_or_text_is_refused(tmp_path: Path, key: str, value: object, fault: str) -> None:
    content = row() + row(negatives=[MARS | {key: value}])

    with pytest.raises(DataError, match=rf"train\.jsonl:2: '{key}' is {fault}: a text that is not empty is expected"):
        read_pairs(write(tmp_path, content), None)


@pytest.mark.parametrize("change", [{"text": "It has moons."}, {"title": "Uranus"}])
def test_a_docid_with_two_texts_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    content = row([SATURN]) + row([MARS], [SATURN | change])

    with pytest.raises(DataError, match=r"train\.jsonl:2: docid 'd1' has two texts: a docid names one passage"):
        read_pairs(write(tmp_path, content), None)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "not JSON (Expecting property name enclosed in double quotes): mend or drop the line"),
        ('"text"', "a JSON str: one JSON object a line is expected"),
        ('{"query": ' + "[" * 100_000, "not readable as JSON"),
    ],
    ids=["cut", "no object", "deep"],
)
def test_a_malformed_line_is_refused_with_its_number(tmp_path: Path, line: str, fault: str) -> None:
    with pytest.raises(DataError, match=re.escape(f"train.jsonl:3: {fault}")):
        read_pairs(write(tmp_path, row() + "\n" + line), None)


def test_bytes_that_are_not_utf8_are_refused_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_bytes(row().encode() + "für".encode("latin-1"))

    with pytest.raises(DataError, match=r"train\.jsonl:2: not UTF-8 \(.+\): save the file as UTF-8"):
        read_pairs(file, None)


@given(
    start=st.integers(0, len(VALID)),
    length=st.integers(0, len(VALID)),
    filler=st.binary() | st.text('{}[]:,"1\\un ').map(str.encode),
)
@settings(max_examples=100, deadline=None)
def test_damaged_bytes_raise_nothing_but_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, start: int, length: int, filler: bytes
) -> None:
    file = tmp_path_factory.mktemp("damaged") / "train.jsonl"
    file.write_bytes(VALID[:start] + filler + VALID[start + length :])

    with suppress(DataError):
        assert all(pair.query and pair.passage.text for pair in read_pairs(file, None))


def test_a_passage_is_not_its_own_negative(tmp_path: Path) -> None:
    passage = {"docid": "d", "text": "t"}
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps({"query": "q", "positive_passages": [passage], "negative_passages": [passage]}))

    with pytest.raises(DataError, match=r"pairs\.jsonl:1: docid 'd' is a positive and a negative passage"):
        read_pairs(path, None)
