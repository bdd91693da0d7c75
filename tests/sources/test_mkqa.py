"""MKQA's files: what is read, and what is refused with its line."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from typoglot.errors import DataError
from typoglot.records import Passage, Query
from typoglot.sources.mkqa import read_parallel

if TYPE_CHECKING:
    from pathlib import Path


def row(number: int, language: str, text: str) -> dict[str, Any]:
    return {"id": f"{number}_{language}", "lang": language, "question": text, "answers": []}


def folder(path: Path, **files: list[dict[str, Any]]) -> Path:
    for language, rows in files.items():
        lines = "".join(json.dumps(one) + "\n" for one in rows)
        (path / f"mkqa-{language}.jsonl").write_text(lines, encoding="utf-8")
    return path


def release(path: Path, *rows: dict[str, Any]) -> Path:
    with gzip.open(path / "mkqa.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(one) + "\n" for one in rows)
    return path / "mkqa.jsonl.gz"


EN = [row(-7, "en", "who is ann"), row(8, "en", "where is bonn")]


def test_a_question_looks_for_its_english_original(tmp_path: Path) -> None:
    found = read_parallel("m", folder(tmp_path, en=EN, fi=[row(8, "fi", "missä on bonn")]), ["fi"])

    assert found.queries == (Query("8_fi", "fi", "missä on bonn", "8"),)
    assert found.corpus == (Passage("-7", "who is ann"), Passage("8", "where is bonn"))
    assert found.qrels == {"8_fi": {"8": 1}}


def test_an_english_question_looks_for_itself(tmp_path: Path) -> None:
    assert read_parallel("m", folder(tmp_path, en=EN), None).qrels == {"-7_en": {"-7": 1}, "8_en": {"8": 1}}


def test_english_questions_that_are_alike_are_one_passage(tmp_path: Path) -> None:
    found = read_parallel("m", folder(tmp_path, en=[*EN, row(9, "en", "who is ann")]), None)

    assert [passage.id for passage in found.corpus] == ["-7", "8"]
    assert found.qrels["9_en"] == {"-7": 1}


def test_the_release_has_all_languages_in_one_file(tmp_path: Path) -> None:
    path = release(
        tmp_path,
        {
            "example_id": -7,
            "query": "who is ann",
            "queries": {"en": "who is ann?", "no": "hvem er ann", "zh_cn": "安是谁"},
        },
        {"example_id": 8, "query": "where is bonn", "queries": {"no": "hvor er bonn"}},
    )
    found = read_parallel("m", path, ["no", "zh_cn"])

    assert [(query.id, query.text, query.parallel_id) for query in found.queries] == [
        ("-7_no", "hvem er ann", "-7"), ("-7_zh_cn", "安是谁", "-7"), ("8_no", "hvor er bonn", "8"),
    ]  # fmt: skip
    assert [passage.text for passage in found.corpus] == ["who is ann", "where is bonn"]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"fi": [row(8, "fi", "x")]}, "no mkqa-en.jsonl"),
        ({"en": EN, "fi": [row(9, "fi", "x")]}, r"mkqa-fi\.jsonl:1: question '9' has no English"),
        ({"en": [*EN, row(8, "en", "x")]}, r"mkqa-en\.jsonl:3: question '8_en' appears twice"),
        ({"en": EN, "fi": [row(8, "sv", "x")]}, r"mkqa-fi\.jsonl:1: question '8_sv' in 'sv': ids that end in _fi"),
        ({"en": EN, "fi": [{**row(8, "fi", "x"), "question": " "}]}, r"mkqa-fi\.jsonl:1: "),
        ({"en": EN, "xx": [row(8, "xx", "x")]}, "unknown language 'xx'"),
    ],
)
def test_a_malformed_folder_is_refused(tmp_path: Path, files: dict[str, list[dict[str, Any]]], told: str) -> None:
    with pytest.raises(DataError, match=told):
        read_parallel("m", folder(tmp_path, **files), None)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"example_id": 1, "query": "a", "queries": []}], r":1: 'queries' is \[\]"),
        ([{"example_id": 1, "query": "a", "queries": {"xx": "b"}}], ":1: unknown language 'xx'"),
        ([{"example_id": 1, "query": "a", "queries": {"fi": 3}}], ":1: "),
        ([{"query": "a", "queries": {}}], ":1: "),
        ([{"example_id": 1, "query": "a", "queries": {}}] * 2, ":2: question '1' appears twice"),
    ],
)
def test_a_malformed_release_is_refused(tmp_path: Path, rows: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(DataError, match=told):
        read_parallel("m", release(tmp_path, *rows), None)


@pytest.mark.real
def test_the_copy_of_mia_2022_is_whole(real_data: Path) -> None:
    found = read_parallel("m", real_data / "mkqa" / "mkqa_dev", None)

    assert (len(found.queries), len({query.parallel_id for query in found.queries})) == (12 * 1758, 1758)
    assert len(found.corpus) == len({passage.text for passage in found.corpus})
    assert {tuple(grades.values()) for grades in found.qrels.values()} == {(1,)}
