from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.languages import Language
from typoglot.lines import check_language
from typoglot.records import Passage, Query
from typoglot.sources.beir import read_benchmark

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = '{"_id": "d1", "title": "Saturn", "text": "It has rings."}\n{"_id": "d2", "text": "It is red."}\n'
QUERIES = '{"_id": "q1", "text": "What has rings?"}\n{"_id": "q2", "text": "What is red?"}\n'
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\n"
FILES = {"corpus.jsonl": CORPUS, "queries.jsonl": QUERIES, "qrels/test.tsv": QRELS}


def write(folder: Path, corpus: str = CORPUS, queries: str = QUERIES, qrels: str = QRELS) -> Path:
    (folder / "qrels").mkdir()
    for name, content in zip(FILES, (corpus, queries, qrels), strict=True):
        (folder / name).write_text(content, encoding="utf-8", newline="")
    return folder


def line(**fields: Any) -> str:
    return json.dumps(fields) + "\n"


# What is read


def test_a_folder_is_read_as_queries_passages_and_judgements(tmp_path: Path) -> None:
    benchmark = read_benchmark("mine", write(tmp_path), None)

    assert benchmark.name == "mine"
    assert benchmark.corpus == (Passage("d1", "It has rings.", "Saturn"), Passage("d2", "It is red."))
    assert benchmark.queries == (Query("q1", "en", "What has rings?", "q1"), Query("q2", "en", "What is red?", "q2"))
    assert benchmark.qrels == {"q1": {"d1": 1}, "q2": {"d2": 2}}


def test_a_query_may_say_its_language_its_translations_and_its_answers(tmp_path: Path) -> None:
    queries = line(_id="q1", text="Mikä?", language="fi", parallel_id="7", answers=["Saturnus"])

    benchmark = read_benchmark("mine", write(tmp_path, queries=queries, qrels="q1\td1\t1\n"), None)

    assert benchmark.queries == (Query("q1", "fi", "Mikä?", "7", ("Saturnus",)),)


def test_a_parallel_id_may_be_a_number(tmp_path: Path) -> None:
    queries = line(_id="q1", text="What?", parallel_id=7)

    benchmark = read_benchmark("mine", write(tmp_path, queries=queries, qrels="q1\td1\t1\n"), None)

    assert benchmark.queries[0].parallel_id == "7"


@pytest.mark.parametrize("title", ["", None])
def test_an_empty_title_is_none(tmp_path: Path, title: str | None) -> None:
    corpus = line(_id="d1", title=title, text="It has rings.") + line(_id="d2", text="It is red.")

    assert read_benchmark("mine", write(tmp_path, corpus=corpus), None).corpus[0].content == "It has rings."


def test_the_head_of_the_judgements_may_be_missing(tmp_path: Path) -> None:
    assert read_benchmark("mine", write(tmp_path, qrels="q1\td1\t1\n"), None).qrels == {"q1": {"d1": 1}}


def test_a_query_without_judgement_is_not_asked(tmp_path: Path) -> None:
    benchmark = read_benchmark("mine", write(tmp_path, qrels="q2\td2\t1\n"), None)

    assert [query.id for query in benchmark.queries] == ["q2"]
    assert len(benchmark.corpus) == 2


@pytest.mark.parametrize("grade", ["0", "-1", "-2"])
def test_a_query_without_relevant_passage_is_not_asked(tmp_path: Path, grade: str) -> None:
    benchmark = read_benchmark("mine", write(tmp_path, qrels=f"q1\td1\t{grade}\nq2\td2\t1\n"), None)

    assert benchmark.qrels == {"q2": {"d2": 1}}


def test_a_grade_below_zero_counts_as_zero(tmp_path: Path) -> None:
    benchmark = read_benchmark("mine", write(tmp_path, qrels="q1\td1\t3\nq1\td2\t-1\n"), None)

    assert benchmark.qrels == {"q1": {"d1": 3, "d2": 0}}


def test_only_the_wanted_languages_are_read(tmp_path: Path) -> None:
    queries = line(_id="q1", text="What?") + line(_id="q2", text="Mikä?", language="fi")

    benchmark = read_benchmark("mine", write(tmp_path, queries=queries), ["fi"])

    assert benchmark.languages == ["fi"]
    assert benchmark.qrels == {"q2": {"d2": 2}}


def test_queries_keep_the_order_of_their_file_whatever_is_wanted_first(tmp_path: Path) -> None:
    queries = line(_id="q1", text="What?") + line(_id="q2", text="Mikä?", language="fi")

    benchmark = read_benchmark("mine", write(tmp_path, queries=queries), ["fi", "en"])

    assert [query.id for query in benchmark.queries] == ["q1", "q2"]


def test_byte_order_marks_windows_line_ends_and_blank_lines_do_no_harm(tmp_path: Path) -> None:
    plain, dressed = tmp_path / "plain", tmp_path / "dressed"
    plain.mkdir()
    dressed.mkdir()
    contents = ["\ufeff" + content.replace("\n", "\r\n\r\n") for content in FILES.values()]

    assert read_benchmark("mine", write(dressed, *contents), None) == read_benchmark("mine", write(plain), None)


def test_a_folder_without_any_query_is_an_empty_benchmark(tmp_path: Path) -> None:
    assert read_benchmark("mine", write(tmp_path, queries="", qrels=""), None).queries == ()


# What is refused


def test_a_missing_folder_is_refused_with_what_it_should_hold(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: no such folder: a folder with corpus\.jsonl, queries\.jsonl and"):
        read_benchmark("mine", tmp_path / "nowhere", None)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    (write(tmp_path) / name).unlink()

    with pytest.raises(DataError, match=rf"{re.escape(name)}: cannot be read \(No such file or directory\)"):
        read_benchmark("mine", tmp_path, None)


@pytest.mark.parametrize("name", FILES)
def test_bytes_that_are_not_utf8_are_refused_with_their_line(tmp_path: Path, name: str) -> None:
    (write(tmp_path) / name).write_bytes(b"\n" + "für".encode("latin-1"))

    with pytest.raises(DataError, match=rf"{re.escape(name)}:2: not UTF-8 \(.+\): save the file as UTF-8"):
        read_benchmark("mine", tmp_path, None)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl"])
@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("{", "not JSON (Expecting property name enclosed in double quotes): mend or drop the line"),
        ("[]", "a JSON list: one JSON object a line is expected"),
        ('{"a": ' + "[" * 100_000, "not readable as JSON"),
        ('{"text": "It has rings."}', "'_id' is missing: a text that is not empty is expected"),
        ('{"_id": "", "text": "It has rings."}', "'_id' is empty: a text that is not empty is expected"),
        ('{"_id": 3, "text": "It has rings."}', "'_id' is 3: a text that is not empty is expected"),
        ('{"_id": "x"}', "'text' is missing: a text that is not empty is expected"),
        ('{"_id": "x", "text": ""}', "'text' is empty: a text that is not empty is expected"),
        ('{"_id": "x", "text": " "}', "'text' is ' ': a text that is not empty is expected"),
    ],
    ids=["cut", "no object", "deep", "no id", "empty id", "number as id", "no text", "empty text", "blank text"],
)
def test_a_malformed_row_is_refused_with_its_line(tmp_path: Path, name: str, row: str, fault: str) -> None:
    with (write(tmp_path) / name).open("a") as file:
        file.write(row)

    with pytest.raises(DataError, match=re.escape(f"{name}:3: {fault}")):
        read_benchmark("mine", tmp_path, None)


def test_a_doubled_passage_id_is_refused_with_both_places(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"corpus\.jsonl:3: passage 'd1' appears twice \(first at 1\): ids must be unique"
    ):
        read_benchmark("mine", write(tmp_path, corpus=CORPUS + CORPUS), None)


def test_a_doubled_query_id_is_refused_with_both_places(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"queries\.jsonl:4: query 'q2' appears twice \(first at 2\): ids must be unique"
    ):
        read_benchmark("mine", write(tmp_path, queries=QUERIES + "\n" + line(_id="q2", text="What?")), None)


@pytest.mark.parametrize("language", ["xx", "EN", "english", "", " en", None, False, 5, ["en"], {"en": 1}])
def test_an_unknown_language_is_refused_with_the_known_ones(tmp_path: Path, language: object) -> None:
    queries = QUERIES + line(_id="q3", text="What?", language=language)

    expected = re.escape(f"queries.jsonl:3: unknown language {language!r}: write one of ar, bn, ")
    with pytest.raises(DataError, match=expected):
        read_benchmark("mine", write(tmp_path, queries=queries), None)


@pytest.mark.parametrize("language", list(Language))
def test_every_language_of_the_harness_is_known(tmp_path: Path, language: Language) -> None:
    check_language(language.value, tmp_path, 1)


@pytest.mark.parametrize("answers", [None, [], "Saturn", [""], [5]])
def test_answers_that_are_no_texts_are_refused(tmp_path: Path, answers: object) -> None:
    queries = QUERIES + line(_id="q3", text="What?", answers=answers)

    with pytest.raises(DataError, match=r"queries\.jsonl:3: 'answers' is .+ is expected"):
        read_benchmark("mine", write(tmp_path, queries=queries), None)


def test_a_language_without_judged_query_is_refused_with_those_that_have_one(tmp_path: Path) -> None:
    queries = QUERIES + line(_id="q3", text="Mikä?", language="fi")

    with pytest.raises(DataError, match=r": no fi here: choose among en$"):
        read_benchmark("mine", write(tmp_path, queries=queries), ["fi"])


@pytest.mark.parametrize(
    ("row", "unknown"),
    [
        ("q9\td1\t1", "query 'q9'"),
        ("q1\td9\t1", "passage 'd9'"),
        ("q1 \td1\t1", "query 'q1 '"),
        ("\td1\t1", "query ''"),
    ],
)
def test_a_judgement_of_an_unknown_id_is_refused(tmp_path: Path, row: str, unknown: str) -> None:
    with pytest.raises(DataError, match=rf"test\.tsv:4: unknown {unknown}: judgements must name ids of queries\.jsonl"):
        read_benchmark("mine", write(tmp_path, qrels=f"{QRELS}{row}\n"), None)


@pytest.mark.parametrize(
    "row", ["q1", "q1\td1", "q1\td1\t", "q1\td1\t1\t", "q1\td1\t1.5", "q1\td1\tyes", "q1 d1 1", "q1\t0\td1\t1", "\t\t."]
)
def test_a_judgement_of_another_shape_is_refused_as_it_stands(tmp_path: Path, row: str) -> None:
    expected = f"test.tsv:4: '{row}': query id, passage id and a whole grade, parted by tabs, are expected"

    with pytest.raises(DataError, match=re.escape(expected)):
        read_benchmark("mine", write(tmp_path, qrels=f"{QRELS}{row}\n"), None)


def test_a_head_in_the_midst_of_the_judgements_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"test\.tsv:4: 'query-id\tcorpus-id\tscore': query id, passage id"):
        read_benchmark("mine", write(tmp_path, qrels=QRELS + QRELS), None)


def test_a_long_malformed_judgement_is_shown_in_part(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"test\.tsv:1: 'x{60}': query id"):
        read_benchmark("mine", write(tmp_path, qrels="x" * 1_000), None)


@pytest.mark.parametrize("grade", ["1", "0"])
def test_a_pair_that_is_judged_twice_is_refused(tmp_path: Path, grade: str) -> None:
    with pytest.raises(DataError, match=r"test\.tsv:4: 'q1' and 'd1' are judged twice: keep one judgement of a pair"):
        read_benchmark("mine", write(tmp_path, qrels=f"{QRELS}q1\td1\t{grade}\n"), None)


@given(
    name=st.sampled_from(list(FILES)),
    start=st.integers(0, 120),
    length=st.integers(0, 120),
    filler=st.binary() | st.text('{}[]:,"1\\un \td').map(str.encode),
)
@settings(max_examples=150, deadline=None)
def test_damaged_bytes_raise_nothing_but_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, name: str, start: int, length: int, filler: bytes
) -> None:
    folder = write(tmp_path_factory.mktemp("damaged"))
    content = FILES[name].encode()
    (folder / name).write_bytes(content[:start] + filler + content[start + length :])

    with suppress(DataError):
        benchmark = read_benchmark("mine", folder, None)
        assert {query.id for query in benchmark.queries} == set(benchmark.qrels)


@pytest.mark.parametrize("grade", ["--1", "9" * 5000, "1.5", "", "one"])
def test_a_grade_that_is_no_whole_number_is_refused(grade: str, tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1", "text": "a"}')
    (tmp_path / "queries.jsonl").write_text('{"_id": "q1", "text": "b"}')
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text(f"q1\td1\t{grade}\n")

    with pytest.raises(DataError, match=r"test\.tsv:1: .*a whole grade"):
        read_benchmark("x", tmp_path, None)


@pytest.mark.parametrize("row", ['"parallel_id": null', '"text": "x\\ud800"', '"title": ["a"]', '"language": "xx"'])
def test_what_is_no_text_is_refused_not_turned_into_one(row: str, tmp_path: Path) -> None:
    (tmp_path / "corpus.jsonl").write_text(f'{{"_id": "d1", "text": "a", {row}}}')
    (tmp_path / "queries.jsonl").write_text(f'{{"_id": "q1", "text": "b", {row}}}')
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("q1\td1\t1\n")

    with pytest.raises(DataError, match=r"\.jsonl:1: "):
        read_benchmark("x", tmp_path, None)
