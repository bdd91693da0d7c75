from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from typoglot.errors import DataError
from typoglot.records import Hit, Passage, Prediction, Query
from typoglot.sources.xor_tydi import read_gold, read_predictions, write_predictions

GOLD = [
    {"id": "q1", "lang": " ar", "question": "ما هذا؟", "answers": ["1809\u00a0", "yes"], "split": "train"},
    {"id": "q2", "lang": "ko", "question": "무엇?", "answers": ["no"]},
]
FOUND: list[dict[str, Any]] = [
    {"id": "q2", "lang": "ko", "ctxs": [" one\n", ""]},
    {"id": "q1", "lang": " ar", "ctxs": []},
]


def gold_file(folder: Path, *rows: Any) -> Path:
    path = folder / "gold.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def predictions_file(folder: Path, content: Any) -> Path:
    path = folder / "predictions.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def gold(folder: Path) -> tuple[Query, ...]:
    return read_gold(gold_file(folder, *GOLD))


def test_questions_are_read_with_their_answers_as_they_are_and_their_language_stripped(tmp_path: Path) -> None:
    assert gold(tmp_path) == (
        Query("q1", "ar", "ما هذا؟", "q1", ("1809\u00a0", "yes")), Query("q2", "ko", "무엇?", "q2", ("no",)),
    )  # fmt: skip


def test_texts_are_read_as_they_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = read_predictions(predictions_file(tmp_path, FOUND), gold(tmp_path))

    assert found == (Prediction("q2", (" one\n", "")), Prediction("q1", ()))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": "q1"}, "question 'q1' appears twice (first at 1)"),
        ({"id": None}, "'id' is empty"),
        ({"lang": "xx"}, "unknown language 'xx'"),
        ({"lang": 3}, "unknown language 3"),
        ({"question": " "}, "'question' is ' '"),
        ({"answers": None}, "'answers' is None"),
        ({"answers": ["Rome", ""]}, "'answers' is ['Rome', '']"),
        ({"answers": ["Rome", " "]}, "'answers' is ['Rome', ' ']"),
        ({"answers": ["Rome", 4]}, "text 2 of 'answers' is a JSON int"),
    ],
)
def test_a_faulty_question_is_refused_with_its_line(change: dict[str, Any], told: str, tmp_path: Path) -> None:
    path = gold_file(tmp_path, GOLD[0], {**GOLD[1], **change})

    with pytest.raises(DataError, match=f"^{re.escape(f'{path}:2: {told}')}"):
        read_gold(path)


def test_a_question_without_an_answer_is_no_fault(tmp_path: Path) -> None:
    (query,) = read_gold(gold_file(tmp_path, {**GOLD[0], "answers": []}))

    assert query.answers == ()


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no question"):
        read_gold(gold_file(tmp_path))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": "q2"}, "prediction for question 'q2' appears twice (first at 1 (item 1))"),
        ({"id": "q9"}, "question 'q9' is none of the 2 with answers"),
        ({"lang": "ko"}, "question 'q1' is in 'ko', where the answers say 'ar'"),
        ({"lang": None}, "unknown language None"),
        ({"ctxs": "one"}, "'ctxs' is 'one'"),
        ({"ctxs": ["one", {"text": "two"}]}, "text 2 of 'ctxs' is a JSON dict"),
    ],
)
def test_a_faulty_prediction_is_refused_with_its_line_and_item(
    change: dict[str, Any], told: str, tmp_path: Path
) -> None:
    path = predictions_file(tmp_path, [FOUND[0], {**FOUND[1], **change}])

    with pytest.raises(DataError, match=f"^{re.escape(f'{path}:1 (item 2): {told}')}"):
        read_predictions(path, gold(tmp_path))


def test_questions_without_prediction_are_refused_unless_that_is_said(tmp_path: Path) -> None:
    path = predictions_file(tmp_path, FOUND[:1])

    assert read_predictions(path, gold(tmp_path), partial=True) == (Prediction("q2", (" one\n", "")),)
    with pytest.raises(DataError, match=re.escape("no prediction for 1 of 1 questions that count (first: 'q1')")):
        read_predictions(path, gold(tmp_path))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_what_is_written_is_read_again(count: int, tmp_path: Path) -> None:
    passages = {"p1": Passage("p1", "one", "Title"), "p2": Passage("p2", 'the "second" – line\n')}
    run = {"q2": [Hit("p2", 2.0), Hit("p1", 1.0)], "q1": [Hit("p1", 3.0)]}
    kept = {name: run[name] for name in list(run)[:count]}
    write_predictions(tmp_path / "out.json", kept, gold(tmp_path), passages)

    expected = [Prediction("q2", ('the "second" – line\n', "one")), Prediction("q1", ("one",))]
    assert read_predictions(tmp_path / "out.json", gold(tmp_path), partial=True) == tuple(expected[:count])
    raw = json.loads((tmp_path / "out.json").read_text())
    assert [(item["id"], item["lang"]) for item in raw] == [("q2", "ko"), ("q1", "ar")][:count]


@pytest.mark.real
def test_the_train_file_is_read_whole(real_data: Path) -> None:
    queries = read_gold(real_data / "xor-tydi" / "xor_train_retrieve_eng_span.jsonl")

    assert len(queries) == 15_250
    assert {query.language for query in queries} == {"ar", "bn", "fi", "ja", "ko", "ru", "te"}
    assert sum(query.language == "ar" for query in queries) == 2574
    assert sum(set(query.answers) <= {"yes", "no"} for query in queries) == 1214
    assert sum(answer != answer.strip() for query in queries for answer in query.answers) == 11
