"""MKQA's two conventions on files of a few lines; which questions are asked, what is read, where answers are sought."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from typoglot.config import Convention
from typoglot.errors import DataError
from typoglot.records import Benchmark, Passage
from typoglot.sources.mkqa_answers import read_benchmark

Answers = list[dict[str, Any]]


def answer(kind: str, text: str | None = None, *aliases: str) -> dict[str, Any]:
    return {"type": kind, "text": text, "entity": "Q1", "aliases": list(aliases)}


def release(folder: Path, *answers: Answers) -> Path:
    """MKQA's own file, a question for each list of answers, numbered from 0; and two passages."""
    rows = [
        {
            "example_id": number,
            "query": f"WHO is the “{number}”",
            "queries": {"en": "never read", "fi": f"Kuka on {number}", "zh_cn": f"谁 {number}"},
            "answers": {"en": own, "fi": [answer("entity", "Suomi")]},
        }
        for number, own in enumerate(answers)
    ]
    with gzip.open(folder / "mkqa.jsonl.gz", "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    (folder / "psgs_w100.tsv").write_text("id\ttext\ttitle\np1\tThe Moon’s “far”.\tMOON\np2\tIt is old.\tRome\n")
    return folder


def mia(folder: Path, **answers: list[str]) -> Path:
    """MIA-2022's files in English and Finnish, an answer list for each question."""
    for language in ("en", "fi"):
        rows = [
            {
                "id": f"{name}_{language}",
                "lang": language,
                "question": f"Q {name}",
                "answers": own if language == "en" else [],
            }
            for name, own in answers.items()
        ]
        (folder / f"mkqa-{language}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "corpus.jsonl").write_text('{"_id": "p1", "title": "T", "text": "x"}\n')
    return folder


def read(
    folder: Path, convention: Convention = Convention.contriever, languages: list[str] | None = None,
    types: list[str] | None = None,
) -> Benchmark:  # fmt: skip
    return read_benchmark("mkqa", folder, folder, languages, convention, types)


def asked(benchmark: Benchmark) -> dict[str, tuple[str, ...]]:
    return {query.parallel_id: query.answers for query in benchmark.queries}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([answer("entity", "Rome", "Roma", "Rome")], ("Rome", "Roma")),
        ([answer("unanswerable")], None),
        ([answer("long_answer")], None),
        ([answer("binary", "yes")], None),
        ([answer("entity", "Rome"), answer("long_answer")], None),
        ([answer("long_answer"), answer("entity", "Rome")], ("Rome",)),
        ([answer("binary", "yes"), answer("date", "2017-05-18", "18 May 2017")], ("2017-05-18", "18 May 2017")),
        ([answer("number", "12"), answer("number", "13", "", " ")], ("12", "13")),
    ],
)
def test_the_last_english_answer_decides_whether_a_question_is_asked(
    answers: Answers, expected: tuple[str, ...] | None, tmp_path: Path
) -> None:
    found = asked(read(release(tmp_path, answers, [answer("entity", "x")])))

    assert found == ({"0": expected} if expected else {}) | {"1": ("x",)}


def test_what_is_left_out_is_told_by_type(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(release(tmp_path, [answer("binary", "no")], [answer("date", "x")], [answer("binary", "no")]))

    assert "MKQA: 1 of 3 questions are asked; left out: 2 binary" in capsys.readouterr().err


def test_contriever_lowers_queries_and_passages_and_looks_in_the_text_as_it_is(tmp_path: Path) -> None:
    found = read(release(tmp_path, [answer("entity", "Rome")]))

    assert [(query.language, query.text) for query in found.queries] == [
        ("en", 'who is the "0"'), ("fi", "kuka on 0"), ("zh_cn", "谁 0"),
    ]  # fmt: skip
    assert found.corpus[0] == Passage("p1", 'the moon\'s "far".', "moon")
    assert list(found.evidence or ()) == ["The Moon’s “far”.", "It is old."]


def test_bge_m3_has_no_english_leaves_queries_and_looks_in_the_lowered_title_and_text(tmp_path: Path) -> None:
    found = read(release(tmp_path, [answer("entity", "Rome")]), Convention.bge_m3)

    assert [(query.language, query.text) for query in found.queries] == [("fi", "Kuka on 0"), ("zh_cn", "谁 0")]
    assert found.corpus[0] == Passage("p1", 'the moon\'s "far".', "moon")
    assert list(found.evidence or ()) == ['moon\nthe moon\'s "far".', "rome\nit is old."]
    assert read(tmp_path, Convention.bge_m3, ["en"]).languages == ["en"]


def test_types_choose_questions_and_are_kept(tmp_path: Path) -> None:
    folder = release(tmp_path, [answer("entity", "a")], [answer("date", "b")], [answer("number", "c")])

    found = read(folder, languages=["fi"], types=["entity", "number"])
    assert [(query.id, query.answer_type) for query in found.queries] == [("0_fi", "entity"), ("2_fi", "number")]


def test_mia_s_questions_look_for_their_english_answers_without_yes_and_no(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = read(mia(tmp_path, a=["Rome", "Roma"], b=["yes"], c=["Yes", "Oslo"]), languages=["fi"])

    assert [(query.id, query.answers, query.answer_type) for query in found.queries] == [
        ("a_fi", ("Rome", "Roma"), ""), ("c_fi", ("Oslo",), ""),
    ]  # fmt: skip
    told = capsys.readouterr().err
    assert "lacks most aliases and all types of answers: do not compare" in told
    assert "2 of 3 questions are asked; left out: 1 yes or no" in told


def test_a_question_without_english_answers_is_refused_with_its_line(tmp_path: Path) -> None:
    path = mia(tmp_path, a=["Rome"], b=["Oslo"]) / "mkqa-en.jsonl"
    path.write_text(path.read_text().splitlines()[0] + "\n")

    with pytest.raises(
        DataError, match=rf"{re.escape(str(tmp_path))}/mkqa-fi.jsonl:2: question 'b' has no English answers"
    ):
        read(tmp_path)


def test_mia_s_copy_cannot_choose_types(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"does not tell the types of answers: give MKQA's own mkqa\.jsonl"):
        read(mia(tmp_path, a=["Rome"]), types=["entity"])


def test_mia_s_test_questions_are_refused_for_they_have_no_answers(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no question has an English answer: MIA-2022's test questions have none"):
        read(mia(tmp_path, a=[]))


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([], "'answers' is"),
        ([{"type": "essay"}], "an English answer of type 'essay'"),
        (["Rome"], "an English answer of type None"),
        ([{"type": "date", "text": 3}], "an answer of [3]"),
        ([{"type": "date", "text": "x", "aliases": [None]}], "an answer of ['x', None]"),
        ([{"type": "date", "text": "x", "aliases": "abc"}], "an answer of ['x', None]"),
    ],
)
def test_a_faulty_answer_is_refused_with_its_line(answers: Any, told: str, tmp_path: Path) -> None:
    path = release(tmp_path, [answer("date", "x")], answers) / "mkqa.jsonl.gz"

    with pytest.raises(DataError, match=f"^{re.escape(f'{path}:2: {told}')}"):
        read(tmp_path)


@pytest.mark.real
def test_mia_s_copy_has_1716_questions_with_an_english_span(real_data: Path, tmp_path: Path) -> None:
    mia(tmp_path)
    found = read_benchmark(
        "m", real_data / "mkqa" / "mkqa_dev", tmp_path / "corpus.jsonl", None, Convention.contriever, None
    )

    assert len({query.parallel_id for query in found.queries}) == 1716
    assert len(found.queries) == 1716 * 12
    assert sum(len(query.answers) for query in found.queries if query.language == "ja") / 1716 == pytest.approx(
        1.5, abs=0.02
    )


def test_several_faulty_answers_are_told_together(tmp_path: Path) -> None:
    path = release(tmp_path, [answer("date", "x")], [], [answer("essay")]) / "mkqa.jsonl.gz"

    with pytest.raises(DataError) as told:
        read(tmp_path)
    assert [line.split(": ")[0] for line in str(told.value).splitlines()] == [f"{path}:2", f"{path}:3"]
