from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from typoglot.errors import DataError
from typoglot.records import Passage
from typoglot.sources.generated import read_generated, write_generated

ROWS = [
    {"docid": "p1", "title": "", "text": "one", "generated_queries": {"ar": ["a", "b"], "ko": ["c", "d"]}},
    {"docid": "p2", "title": "", "text": "two", "generated_queries": {"ar": ["e", "f"], "ko": ["g", "h"]}},
]
PLAIN = [
    {"docid": "p1", "language": "ar", "query": "a"},
    {"docid": "p2", "language": "ar", "query": "e"},
    {"docid": "p1", "language": "ar", "query": "b"},
]


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


def record(**changes: Any) -> dict[str, Any]:
    return {**ROWS[0], **changes}


def test_records_are_read_in_their_order(tmp_path: Path) -> None:
    found = read_generated(write(tmp_path / "g.jsonl", *ROWS), ["p2", "p1"], None, 2)

    assert found == {"p1": {"ar": ("a", "b"), "ko": ("c", "d")}, "p2": {"ar": ("e", "f"), "ko": ("g", "h")}}
    assert list(found) == ["p1", "p2"]


def test_plain_lines_are_gathered_by_passage_and_language(tmp_path: Path) -> None:
    found = read_generated(write(tmp_path / "g.jsonl", *PLAIN), ["p1", "p2"], ["ar"], 1)

    assert found == {"p1": {"ar": ("a",)}, "p2": {"ar": ("e",)}}


def test_only_the_wanted_languages_and_the_first_queries_are_kept(tmp_path: Path) -> None:
    assert read_generated(write(tmp_path / "g.jsonl", *ROWS), ["p1", "p2"], ["ko"], 1) == {
        "p1": {"ko": ("c",)}, "p2": {"ko": ("g",)},
    }  # fmt: skip


def test_a_space_before_a_language_is_no_part_of_it(tmp_path: Path) -> None:
    row = record(generated_queries={" ar": ["a"]})

    assert read_generated(write(tmp_path / "g.jsonl", row), ["p1"], ["ar"], 1) == {"p1": {"ar": ("a",)}}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    queries = {"ar": ("ما هذا؟", "أين؟"), "ko": ("무엇?", "어디?")}
    write_generated(tmp_path / "g.jsonl.gz", [(Passage("p1", "text", "title"), queries)])
    (row,) = gzip.decompress((tmp_path / "g.jsonl.gz").read_bytes()).decode().splitlines()

    assert read_generated(tmp_path / "g.jsonl.gz", ["p1"], None, 2) == {"p1": queries}
    assert list(json.loads(row)) == ["docid", "title", "text", "generated_queries"]


def test_the_files_of_a_folder_are_read_by_name_and_unfinished_or_hidden_ones_are_not(tmp_path: Path) -> None:
    write(tmp_path / "2.jsonl", ROWS[1])
    write(tmp_path / "1.jsonl", ROWS[0])
    write(tmp_path / ".3.jsonl.77.tmp", "{")
    write(tmp_path / "._1.jsonl", "{")
    (tmp_path / "settings.json").write_text("{}")

    assert list(read_generated(tmp_path, ["p1", "p2"], None, 2)) == ["p1", "p2"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["{"], r"g\.jsonl:1: not JSON"),
        ([ROWS[0], "[]"], r"g\.jsonl:2: a JSON list"),
        ([ROWS[0], ROWS[0]], r"g\.jsonl:2: passage 'p1' appears twice \(first at g\.jsonl:1\)"),
        ([ROWS[0], record(docid="p9")], r"g\.jsonl:2: passage 'p9' is not in the corpus"),
        ([record(docid=None)], r"g\.jsonl:1: 'docid' is empty"),
        ([record(generated_queries={"xx": ["a"]})], r"g\.jsonl:1: unknown language 'xx'"),
        ([record(generated_queries=[])], r"g\.jsonl:1: 'generated_queries' is \[\]"),
        ([record(generated_queries={"ar": "a"})], r"g\.jsonl:1: the queries in 'ar' are 'a'"),
        ([record(generated_queries={"ar": [3]})], r"g\.jsonl:1: 'query' is 3"),
        ([ROWS[1], record(generated_queries={"ar": ["a", "b"], "ko": ["", "c"]})], r"g\.jsonl:2: .*'p1' has 1 in 'ko'"),
        ([ROWS[0], record(docid="p2", generated_queries={"ko": ["a", "b"]})], r"g\.jsonl:2: passage 'p2' has 0 in 'ar"),
        (ROWS[:1], r"g\.jsonl: no queries for 1 of 2 passages \(first: 'p2'\)"),
        ([], r"g\.jsonl: no queries for 2 of 2 passages"),
        ([PLAIN[0], ROWS[1]], r"g\.jsonl:2: unknown language None"),
        ([ROWS[0], PLAIN[1]], r"g\.jsonl:2: 'generated_queries' is None"),
        ([PLAIN[0] | {"query": " "}], r"g\.jsonl:1: 'query' is '"),
    ],
)
def test_a_fault_is_told_with_its_line(rows: list[Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=told):
        read_generated(write(tmp_path / "g.jsonl", *rows), ["p1", "p2"], None, 2)


def test_a_passage_in_two_files_of_a_folder_is_told_with_both_places(tmp_path: Path) -> None:
    write(tmp_path / "1.jsonl", ROWS[0])
    write(tmp_path / "2.jsonl", ROWS[1], ROWS[0])

    with pytest.raises(DataError, match=r"2\.jsonl:2: passage 'p1' appears twice \(first at 1\.jsonl:1\)"):
        read_generated(tmp_path, ["p1", "p2"], None, 2)


def test_a_language_that_is_nowhere_is_told_even_when_lenient(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no te here: choose among ar, ko"):
        read_generated(write(tmp_path / "g.jsonl", *ROWS), ["p1", "p2"], ["te"], 2, lenient=True)


def test_a_folder_without_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no \.jsonl or \.jsonl\.gz"):
        read_generated(tmp_path, ["p1"], None, 1)


def test_lenient_counts_what_is_missing_and_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "g.jsonl", ROWS[0], record(docid="p2", generated_queries={"ar": ["e"]}), record(docid="p9"))
    found = read_generated(path, ["p1", "p2", "p3"], None, 2, lenient=True)

    assert found == {"p1": {"ar": ("a", "b"), "ko": ("c", "d")}, "p2": {"ar": ("e",)}}
    assert (
        "1 of 3 passages have no queries, 1 have fewer than 2 in a language; 1 lines are of passages that the corpus"
    ) in capsys.readouterr().err


def test_lenient_says_nothing_where_nothing_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read_generated(write(tmp_path / "g.jsonl", *ROWS), ["p1", "p2"], None, 2, lenient=True)

    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("rows", [["{"], [ROWS[0], ROWS[0]], [record(generated_queries={"xx": ["a"]})]])
def test_lenient_forgives_no_broken_line(rows: list[Any], tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"g\.jsonl:"):
        read_generated(write(tmp_path / "g.jsonl", *rows), ["p1", "p2"], None, 2, lenient=True)
