from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.records import Passage, Query
from typoglot.sources.xquad import read_benchmark

if TYPE_CHECKING:
    from pathlib import Path


def question(identifier: str = "q1", text: str = "Who?", *answers: str) -> dict[str, Any]:
    found = [{"text": answer, "answer_start": 0} for answer in answers or ("Ann",)]
    return {"id": identifier, "question": text, "answers": found}


def paragraph(context: str = "Ann sings.", *questions: dict[str, Any]) -> dict[str, Any]:
    return {"context": context, "qas": list(questions or [question()])}


def document(*paragraphs: dict[str, Any], title: object = "Ann_of_Bonn") -> dict[str, Any]:
    return {"version": "1.1", "data": [{"title": title, "paragraphs": list(paragraphs or [paragraph()])}]}


def write(folder: Path, **documents: object) -> Path:
    for language, content in documents.items():
        (folder / f"xquad.{language}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


VALID = json.dumps(document(), indent=0).encode()


# What is read


def test_questions_in_any_language_look_for_the_english_paragraph(tmp_path: Path) -> None:
    write(tmp_path, en=document(), fi=document(paragraph("Ann laulaa.", question("q1", "Kuka?", "Annikki"))))

    benchmark = read_benchmark("xquad", tmp_path, ["fi"])

    assert benchmark.queries == (Query("q1_fi", "fi", "Kuka?", "q1", ("Ann",)),)
    assert benchmark.corpus == (Passage("p0000", "Ann sings.", "Ann of Bonn"),)
    assert benchmark.qrels == {"q1_fi": {"p0000": 1}}


def test_translations_share_one_parallel_id(tmp_path: Path) -> None:
    queries = read_benchmark("xquad", write(tmp_path, en=document(), fi=document()), None).queries

    assert [(query.id, query.parallel_id) for query in queries] == [("q1_en", "q1"), ("q1_fi", "q1")]


def test_all_languages_are_read_in_the_order_of_the_alphabet(tmp_path: Path) -> None:
    write(tmp_path, ru=document(), en=document(), ar=document())

    assert read_benchmark("xquad", tmp_path, None).languages == ["ar", "en", "ru"]


def test_wanted_languages_keep_their_order(tmp_path: Path) -> None:
    write(tmp_path, ru=document(), en=document(), ar=document())

    assert read_benchmark("xquad", tmp_path, ["ru", "ar"]).languages == ["ru", "ar"]


def test_a_file_that_is_not_wanted_is_not_opened(tmp_path: Path) -> None:
    write(tmp_path, en=document(), fi="broken")

    assert read_benchmark("xquad", tmp_path, ["en"]).languages == ["en"]


def test_a_paragraph_that_stands_twice_is_one_passage_for_both_questions(tmp_path: Path) -> None:
    twice = document(paragraph("Ann sings.", question("q1")), paragraph("Ann sings.", question("q2")))

    benchmark = read_benchmark("xquad", write(tmp_path, en=twice), None)

    assert len(benchmark.corpus) == 1
    assert benchmark.qrels == {"q1_en": {"p0000": 1}, "q2_en": {"p0000": 1}}


def test_each_paragraph_has_an_id_of_its_own(tmp_path: Path) -> None:
    three = document(*(paragraph(f"Text {n}.", question(f"q{n}a"), question(f"q{n}b")) for n in range(3)))

    benchmark = read_benchmark("xquad", write(tmp_path, en=three), None)

    assert [passage.id for passage in benchmark.corpus] == ["p0000", "p0001", "p0002"]
    assert benchmark.qrels["q2b_en"] == {"p0002": 1}


@pytest.mark.parametrize("title", [None, 5, "", ["a"]])
def test_an_article_may_lack_a_title(tmp_path: Path, title: object) -> None:
    write(tmp_path, en=document(title=title))

    assert read_benchmark("xquad", tmp_path, None).corpus[0].content == "Ann sings."


def test_texts_are_stripped(tmp_path: Path) -> None:
    write(tmp_path, en=document(paragraph(" Ann sings.\n", question(" q1 ", " Who? ", " Ann "))))

    benchmark = read_benchmark("xquad", tmp_path, None)

    assert benchmark.queries == (Query("q1_en", "en", "Who?", "q1", ("Ann",)),)
    assert benchmark.corpus[0].text == "Ann sings."


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "xquad.en.json").write_bytes(b"\xef\xbb\xbf" + VALID.replace(b"\n", b"\r\n"))

    assert len(read_benchmark("xquad", tmp_path, None).queries) == 1


# What is refused


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: no such folder: a folder with xquad\.xx\.json is expected"):
        read_benchmark("xquad", tmp_path / "nowhere", None)


def test_a_folder_without_the_english_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r": no en here: choose among ar, fi$"):
        read_benchmark("xquad", write(tmp_path, fi=document(), ar=document()), ["fi"])


def test_a_language_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r": no te here: choose among en, fi$"):
        read_benchmark("xquad", write(tmp_path, en=document(), fi=document()), ["fi", "te"])


def test_a_question_without_an_english_twin_is_refused(tmp_path: Path) -> None:
    write(tmp_path, en=document(), fi=document(paragraph("Ann laulaa.", question("q1"), question("q9"))))

    place = r"xquad\.fi\.json:data\[0\]\.paragraphs\[0\]\.qas\[1\]"
    with pytest.raises(DataError, match=f"{place}: question 'q9' is not in xquad.en.json: .+ files of one release"):
        read_benchmark("xquad", tmp_path, None)


def test_a_doubled_id_is_refused_with_both_places(tmp_path: Path) -> None:
    write(tmp_path, en=document(paragraph("Ann sings."), paragraph("Bob sings.")))

    first, second = (rf"data\[0\]\.paragraphs\[{number}\]\.qas\[0\]" for number in (0, 1))
    with pytest.raises(DataError, match=rf"{second}: question 'q1' appears twice \(first at {first}\): ids must be"):
        read_benchmark("xquad", tmp_path, None)


@pytest.mark.parametrize(
    ("keys", "value", "fault"),
    [
        ("", [], ": a JSON list: an object with 'data' is expected"),
        ("data", None, ":top: 'data' is missing or empty: a list of at least one object under 'data' is expected"),
        ("data", [], ":top: 'data' is missing or empty"),
        ("data 0", "article", ":top: 'data' is missing or empty"),
        ("data 0 paragraphs", [], ":data[0]: 'paragraphs' is missing or empty"),
        ("data 0 paragraphs 0", "text", ":data[0]: 'paragraphs' is missing or empty"),
        ("data 0 paragraphs 0 context", " ", ":data[0].paragraphs[0]: 'context' is ' ': a text that is not empty"),
        ("data 0 paragraphs 0 qas", {}, ":data[0].paragraphs[0]: 'qas' is missing or empty"),
        ("data 0 paragraphs 0 qas 0 id", "", ":data[0].paragraphs[0].qas[0]: 'id' is empty: a text that is not"),
        ("data 0 paragraphs 0 qas 0 id", 5, ":data[0].paragraphs[0].qas[0]: 'id' is 5: a text that is not empty"),
        ("data 0 paragraphs 0 qas 0 question", "", ":data[0].paragraphs[0].qas[0]: 'question' is empty"),
        ("data 0 paragraphs 0 qas 0 answers", [], ":data[0].paragraphs[0].qas[0]: 'answers' is missing or empty"),
        ("data 0 paragraphs 0 qas 0 answers 0", "Ann", ":data[0].paragraphs[0].qas[0]: 'answers' is missing or"),
        ("data 0 paragraphs 0 qas 0 answers 0 text", None, ":data[0].paragraphs[0].qas[0]: 'text' is empty"),
    ],
)
def test_a_malformed_document_is_refused_with_its_place(tmp_path: Path, keys: str, value: object, fault: str) -> None:
    part: Any = {"root": document()}
    whole, *way = part, "root", *(int(key) if key.isdecimal() else key for key in keys.split())
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = value

    with pytest.raises(DataError, match=re.escape(f"xquad.en.json{fault}")):
        read_benchmark("xquad", write(tmp_path, en=whole["root"]), None)


@pytest.mark.parametrize("key", ["context", "qas"])
def test_a_paragraph_lacks_nothing(tmp_path: Path, key: str) -> None:
    broken = paragraph()
    del broken[key]

    with pytest.raises(DataError, match=rf"xquad\.en\.json:data\[0\]\.paragraphs\[1\]: '{key}' is missing"):
        read_benchmark("xquad", write(tmp_path, en=document(paragraph(), broken)), None)


@pytest.mark.parametrize("key", ["id", "question", "answers"])
def test_a_question_lacks_nothing(tmp_path: Path, key: str) -> None:
    broken = question("q2")
    del broken[key]

    place = r"xquad\.en\.json:data\[0\]\.paragraphs\[0\]\.qas\[1\]"
    with pytest.raises(DataError, match=f"{place}: '{key}' is missing"):
        read_benchmark("xquad", write(tmp_path, en=document(paragraph("Ann sings.", question(), broken))), None)


def test_a_cut_file_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "xquad.en.json").write_bytes(b'{\n"data": [\n{\n')

    with pytest.raises(DataError, match=r"xquad\.en\.json:\d: not JSON \(.+\): mend or drop the line"):
        read_benchmark("xquad", tmp_path, None)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "xquad.en.json").touch()

    with pytest.raises(DataError, match=r"xquad\.en\.json:1: not JSON"):
        read_benchmark("xquad", tmp_path, None)


def test_bytes_that_are_not_utf8_are_refused_with_their_line(tmp_path: Path) -> None:
    write(tmp_path, en=document())
    (tmp_path / "xquad.de.json").write_bytes(b'{"data":\n"' + "für".encode("latin-1") + b'"}')

    with pytest.raises(DataError, match=r"xquad\.de\.json:2: not UTF-8 \(.+\): save the file as UTF-8"):
        read_benchmark("xquad", tmp_path, None)


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    (tmp_path / "xquad.en.json").write_text('{"data": ' + "[" * 100_000)

    with pytest.raises(DataError, match=r"xquad\.en\.json:1: not readable as JSON"):
        read_benchmark("xquad", tmp_path, None)


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
    (folder / "xquad.en.json").write_bytes(VALID[:start] + filler + VALID[start + length :])

    with suppress(DataError):
        assert read_benchmark("xquad", folder, None).queries


# The real files


@pytest.mark.real
def test_the_real_xquad_has_632_questions_in_each_of_12_languages(real_data: Path) -> None:
    benchmark = read_benchmark("xquad", real_data / "xquad", None)

    languages = ["ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh"]
    assert Counter(query.language for query in benchmark.queries) == dict.fromkeys(languages, 632)
    assert len({query.parallel_id for query in benchmark.queries}) == 632


@pytest.mark.real
def test_the_real_xquad_has_120_distinct_paragraphs_each_asked_for(real_data: Path) -> None:
    benchmark = read_benchmark("xquad", real_data / "xquad", ["en"])

    assert len(benchmark.corpus) == len({passage.text for passage in benchmark.corpus}) == 120
    assert {found for judged in benchmark.qrels.values() for found in judged} == {p.id for p in benchmark.corpus}


@pytest.mark.real
def test_the_first_and_the_last_row_of_the_real_xquad_are_known(real_data: Path) -> None:
    benchmark = read_benchmark("xquad", real_data / "xquad", None)

    first, last = benchmark.queries[0], benchmark.queries[-1]
    assert (first.id, first.answers) == ("56beb4343aeaaa14008c925b_ar", ("308",))
    assert first.text == "كم نقطة تخلى عنها دفاع البانثرز؟"
    assert (last.id, last.answers) == ("5726f4a0708984140094d6ed_zh", ("British",))
    assert (benchmark.qrels[first.id], benchmark.qrels[last.id]) == ({"p0000": 1}, {"p0119": 1})
    assert last.text == "约翰·希普尚克斯捐赠的画作是由哪个国籍的艺术家创作的？"


@pytest.mark.real
def test_the_first_and_the_last_paragraph_of_the_real_xquad_are_known(real_data: Path) -> None:
    benchmark = read_benchmark("xquad", real_data / "xquad", None)

    first, last = benchmark.corpus[0], benchmark.corpus[-1]
    assert first.content.startswith("Super Bowl 50 The Panthers defense gave up just 308 points")
    assert last.content.startswith("Victoria and Albert Museum In 1857 John Sheepshanks donated 233 paintings")


def test_a_copy_under_another_name_is_not_read(tmp_path: Path) -> None:
    document = {
        "data": [
            {
                "title": "t",
                "paragraphs": [{"context": "c", "qas": [{"id": "1", "question": "q", "answers": [{"text": "a"}]}]}],
            }
        ]
    }
    (tmp_path / "xquad.en.json").write_text(json.dumps(document))
    (tmp_path / "xquad.en.old.json").write_text("spoilt")

    assert len(read_benchmark("x", tmp_path, None).queries) == 1


def test_a_file_of_an_unknown_language_is_named(tmp_path: Path) -> None:
    (tmp_path / "xquad.qq.json").write_text("{}")

    with pytest.raises(DataError, match=r"xquad\.qq\.json: unknown language 'qq'"):
        read_benchmark("x", tmp_path, None)
