from __future__ import annotations

import gzip
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.records import Pair, Passage
from typoglot.sources.dpr import read_pairs

if TYPE_CHECKING:
    from pathlib import Path


def context(name: str, **fields: Any) -> dict[str, Any]:
    return {"title": name.upper(), "text": f"text of {name}", "score": 1.5, "passage_id": name, **fields}


def item(question: str = "who?", **fields: Any) -> dict[str, Any]:
    empty = {"answers": [], "positive_ctxs": [], "negative_ctxs": [], "hard_negative_ctxs": []}
    return {"dataset": "nq", "question": question, **empty, **fields}


def passage(name: str) -> Passage:
    return Passage(name, f"text of {name}", name.upper())


def pairs(folder: Path, *items: Any, languages: list[str] | None = None) -> list[Pair]:
    (folder / "train.json").write_text(json.dumps(list(items), indent=1))
    return read_pairs(folder / "train.json", languages)


def test_a_question_trains_with_its_first_positive_and_its_hard_negatives(tmp_path: Path) -> None:
    row = item(
        positive_ctxs=[context("a"), context("b")],
        hard_negative_ctxs=[context("c"), context("d"), context("c")],
        negative_ctxs=[context("e")],
    )

    assert pairs(tmp_path, row) == [Pair("who?", "en", passage("a"), (passage("c"), passage("d")))]


def test_other_negatives_take_the_place_of_missing_hard_ones(tmp_path: Path) -> None:
    row = item(positive_ctxs=[context("a")], negative_ctxs=[context("e")])

    assert pairs(tmp_path, row)[0].negatives == (passage("e"),)


def test_a_positive_passage_is_no_negative(tmp_path: Path) -> None:
    row = item(positive_ctxs=[context("a"), context("b")], hard_negative_ctxs=[context("b"), context("c")])

    assert pairs(tmp_path, row)[0].negatives == (passage("c"),)


def test_one_passage_is_one_object(tmp_path: Path) -> None:
    first, second = pairs(
        tmp_path, item(positive_ctxs=[context("a")]), item("when?", positive_ctxs=[context("a", score=9)])
    )

    assert first.passage is second.passage


def test_passages_without_an_id_are_known_by_their_text(tmp_path: Path) -> None:
    bare = {"title": "A", "text": "x"}
    one, two, three = pairs(tmp_path, *(item(positive_ctxs=[own]) for own in (bare, bare, {"title": "", "text": "x"})))

    assert one.passage is two.passage
    assert three.passage.id != one.passage.id


def test_questions_without_a_positive_passage_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(pairs(tmp_path, item(), item(positive_ctxs=[context("a")]), item())) == 1
    assert "2 of 3 questions have no positive passage" in capsys.readouterr().err


def test_languages_are_read_and_chosen(tmp_path: Path) -> None:
    rows = [item(positive_ctxs=[context("a")], lang=" ar"), item(positive_ctxs=[context("a")], language="fi")]

    assert [pair.language for pair in pairs(tmp_path, *rows)] == ["ar", "fi"]
    assert [pair.language for pair in pairs(tmp_path, *rows, languages=["fi"])] == ["fi"]


def test_a_packed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "train.json.gz"
    path.write_bytes(gzip.compress(json.dumps([item(positive_ctxs=[context("a")])]).encode()))

    assert read_pairs(path, None)[0].passage == passage("a")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (5, "a JSON int"),
        (item(""), "'question' is empty"),
        (item(positive_ctxs={}), "'positive_ctxs' is no list of objects"),
        (item(positive_ctxs=[context("a"), context("b", text="")]), "'text' is empty"),
        (item(positive_ctxs=[context("a"), context("a", text="other")]), "passage 'a' has two texts"),
        (item(lang="xx"), "unknown language 'xx'"),
    ],
)
def test_malformed_items_are_told_with_their_place_and_counted(tmp_path: Path, row: Any, fault: str) -> None:
    with pytest.raises(DataError) as told:
        pairs(tmp_path, item(positive_ctxs=[context("z")]), *[row] * 7)

    assert "(item 2): " in str(told.value)
    assert fault in str(told.value)
    assert str(told.value).endswith("… and 2 more")


@given(st.binary() | st.text('[]{},:"questionpositive_ctxs\\ ').map(str.encode))
@settings(max_examples=120, deadline=None)
def test_any_bytes_are_pairs_or_a_data_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "train.json"
    path.write_bytes(content)

    with suppress(DataError):
        read_pairs(path, None)
