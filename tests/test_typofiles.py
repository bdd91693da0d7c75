"""Files of queries and of misspellings: what is read, what is refused with its line, and what is written whole."""

from __future__ import annotations

import gzip
import io
import itertools
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from typoglot import typofiles
from typoglot.config import Profile, TypoMode, Typos
from typoglot.errors import ConfigError, DataError, OutputError
from typoglot.records import Edit, Perturbed
from typoglot.typofiles import (
    Format,
    Misspelt,
    Row,
    fit_file,
    format_of,
    read_rows,
    read_texts,
    side_by_side,
    write_rows,
)
from typoglot.typos import TypoEngine
from typoglot.typos.fitting import Fitted

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERIES = "q1\tWie weit ist der Mond entfernt?\nq2\tWer malte die berühmte Sternennacht?\n"
FIRST = unicodedata.normalize("NFC", "Wie weit ist der Mond entfernt?")
PROFILES = ("uniform", "human", "keyboard")
COMMAND = [sys.executable, "-c", "from typoglot.cli import app; app()"]

quick = settings(max_examples=50, deadline=None, database=None)
# What a line of a tsv file can hold.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\r\n\ufeff")).map(str.strip).filter(bool)
words = st.sampled_from(
    [
        "owl",
        "Straße",
        "cafe\u0301",
        "القمر",
        "ক্ষমা",
        "నక్షత్రం",
        "เมืองหลวง",
        "달은",
        "月球",
        "東京の",
        "ﾃﾚﾋﾞ",
        "卡拉OK",
        "naïve",
        "42",
        "a@b.c",
    ]
)
values = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.integers(), max_size=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples of a property."""
    return tmp_path_factory.mktemp("typofiles")


def perturb(
    path: Path | None, out: Path, language: str | None = "de", rate: float = 0.5, profile: str = "uniform",
    mode: str = "word_rate", *, draw: int = 0, seed: int = 13, limit: int | None = None, models: Path | None = None,
) -> str:  # fmt: skip
    """What the command writes."""
    typos = Typos(Profile(profile), TypoMode(mode), [rate], seed=seed, models=str(models) if models else None)
    typofiles.perturb(path, language, typos, draw, out, limit=limit, show=False)
    return (gzip.decompress(out.read_bytes()) if out.suffix == ".gz" else out.read_bytes()).decode()


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.split("\n")[:-1]]


def cells(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.removesuffix("\n").split("\n")]


def laid(clean: str, edits: list[dict[str, Any]]) -> str:
    """The clean text with its edits."""
    for edit in reversed(edits):
        assert clean[edit["start"] : edit["end"]] == edit["before"]
        clean = clean[: edit["start"]] + edit["after"] + clean[edit["end"] :]
    return clean


def given_file(folder: Path, content: str, name: str = "queries.tsv") -> Path:
    (folder / name).write_text(content, encoding="utf-8")
    return folder / name


def rows(folder: Path, content: str, name: str = "queries.tsv", language: str | None = "de") -> list[Row]:
    return list(read_rows(given_file(folder, content, name), language))


# Reading queries


def test_a_line_of_two_columns_is_id_and_text(tmp_path: Path) -> None:
    assert rows(tmp_path, QUERIES)[0][:3] == ("q1", "de", "Wie weit ist der Mond entfernt?")


def test_a_line_of_one_column_is_called_by_its_number(tmp_path: Path) -> None:
    assert [row[:3] for row in rows(tmp_path, "an owl\n\na moon\n")] == [("1", "de", "an owl"), ("3", "de", "a moon")]


def test_a_byte_order_mark_is_no_part_of_the_first_id(tmp_path: Path) -> None:
    assert rows(tmp_path, "\ufeffq1\tan owl\r\n")[0][:3] == ("q1", "de", "an owl")


@pytest.mark.parametrize("name", ["id", "_id"])
@pytest.mark.parametrize("text", ["text", "query"])
def test_an_object_may_name_id_and_text_either_way(tmp_path: Path, name: str, text: str) -> None:
    found = rows(tmp_path, json.dumps({name: "q1", text: "an owl"}), "queries.jsonl")

    assert found == [Row("q1", "de", "an owl", {name: "q1", text: "an owl"}, text)]


def test_an_object_without_id_is_called_by_its_line(tmp_path: Path) -> None:
    assert rows(tmp_path, '{"text": "an owl"}\n{"id": 7, "text": "a moon"}', "q.jsonl")[0].id == "1"
    assert rows(tmp_path, '{"text": "an owl"}\n{"id": 7, "text": "a moon"}', "q.jsonl")[1].id == "7"


def test_an_object_s_own_language_comes_before_the_one_for_all(tmp_path: Path) -> None:
    content = '{"text": "달은", "language": "ko"}\n{"text": "Mond"}\n'

    assert [row.language for row in rows(tmp_path, content, "q.jsonl")] == ["ko", "de"]
    assert rows(tmp_path, content.splitlines()[0], "q.jsonl", None)[0].language == "ko"


@pytest.mark.parametrize("name", ["queries.tsv.gz", "queries.jsonl.gz"])
def test_a_file_may_be_gzipped(tmp_path: Path, name: str) -> None:
    line = "q1\tan owl\n" if "tsv" in name else '{"id": "q1", "text": "an owl"}\n'
    (tmp_path / name).write_bytes(gzip.compress(line.encode()))

    assert [row[:3] for row in read_rows(tmp_path / name, "en")] == [("q1", "en", "an owl")]


def test_a_query_is_read_before_the_line_behind_it(tmp_path: Path) -> None:
    found = read_rows(given_file(tmp_path, "q1\tan owl\nq2\tone\ttoo many\n"), "en")

    assert next(found).id == "q1"
    with pytest.raises(DataError, match=r":2: 3 columns"):
        next(found)


@quick
@given(st.lists(texts, min_size=1, max_size=5))
def test_texts_are_read_as_they_were_written(folder: Path, found: list[str]) -> None:
    content = "".join(f"q{number}\t{text}\n" for number, text in enumerate(found))

    assert [row.text for row in rows(folder, content)] == found


# Refusals: each with its place, and nothing is left behind


@pytest.mark.parametrize(
    ("name", "content", "language", "told"),
    [
        ("q.tsv", "q1\towl\nq1\tmoon\n", "en", r"q\.tsv:2: query 'q1' appears twice \(first at 1\): .*drop or rename"),
        ("q.tsv", "q1\towl\nq2\ta\tb\n", "en", r"q\.tsv:2: 3 columns: id<TAB>text, or the text alone, is expected"),
        ("q.tsv", "q1\towl\nq2\tmoon\n", None, r"q\.tsv:1: no language: give --language"),
        ("q.jsonl", '{"id": 1, "text": "a"}\n{"id": "1", "text": "b"}', "en", r"q\.jsonl:2: query '1' appears twice"),
        ("q.jsonl", '{"text": "owl"}\n{"id": "x"}', "en", r"q\.jsonl:2: 'text' is missing: a text that is not empty"),
        ("q.jsonl", '{"text": ""}', "en", r"q\.jsonl:1: 'text' is empty"),
        ("q.jsonl", '{"text": 7}', "en", r"q\.jsonl:1: 'text' is 7"),
        ("q.jsonl", '{"query": " "}', "en", r"q\.jsonl:1: 'query' is"),
        ("q.jsonl", '{"id": true, "text": "owl"}', "en", r"q\.jsonl:1: 'id' is True"),
        ("q.jsonl", '{"text": "owl", "language": "xx"}', "en", r"q\.jsonl:1: unknown language 'xx': write one of ar, "),
        ("q.jsonl", '{"text": "owl", "language": null}', "en", r"q\.jsonl:1: 'language' is empty"),
        ("q.jsonl", '{"text": "owl"}', None, r"q\.jsonl:1: no language: .* a 'language' in each JSON object"),
        ("q.jsonl", '{"text": "owl"}\n["owl"]', "en", r"q\.jsonl:2: a JSON list: one JSON object a line is expected"),
        ("q.jsonl", '{"text": "owl"}\n{', "en", r"q\.jsonl:2: not JSON .*mend or drop the line"),
        ("q.jsonl", '{"text": "\\ud800"}', "en", r"q\.jsonl:1: 'text' holds half a character"),
    ],
)  # fmt: skip
def test_a_malformed_file_is_refused_and_leaves_the_old_output(
    tmp_path: Path, name: str, content: str, language: str | None, told: str
) -> None:
    path, out = given_file(tmp_path, content, name), given_file(tmp_path, "good\n", "out.tsv")

    with pytest.raises(DataError, match=told):
        perturb(path, out, language)
    assert out.read_text() == "good\n"
    assert {one.name for one in tmp_path.iterdir()} == {name, "out.tsv"}


@pytest.mark.parametrize(
    ("content", "told"), [("q1\t\n", r"q\.tsv:1: .*empty"), ("q1\t \n", r"q\.tsv:1: "), ("\towl\n", r"q\.tsv:1: .*id")]
)
def test_an_empty_id_or_text_is_refused_with_its_line(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(DataError, match=told):
        rows(tmp_path, content, "q.tsv")


def test_a_malformed_file_makes_no_output(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        perturb(given_file(tmp_path, "q1\towl\n" * 2), tmp_path / "out.tsv")

    assert [path.name for path in tmp_path.iterdir()] == ["queries.tsv"]


@pytest.mark.parametrize("content", [b"q1\towl\nq2\tf\xfcr\n", b"\xff\xfeo\x00"])
def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "q.tsv").write_bytes(content)

    with pytest.raises(DataError, match=rf"q\.tsv:{1 + content.count(b'owl')}: not UTF-8 .*save the file as UTF-8"):
        perturb(tmp_path / "q.tsv", tmp_path / "out.tsv")


def test_a_broken_gzip_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "q.tsv.gz").write_bytes(gzip.compress(QUERIES.encode())[:-9])

    with pytest.raises(DataError, match=r"q\.tsv\.gz: broken gzip file"):
        perturb(tmp_path / "q.tsv.gz", tmp_path / "out.tsv")
    assert not (tmp_path / "out.tsv").exists()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.tsv: cannot be read .*correct the path"):
        perturb(tmp_path / "nowhere.tsv", tmp_path / "out.tsv")


@pytest.mark.parametrize("name", ["q.csv", "q", "q.gz", "q.json", "q.tsv.zip"])
def test_a_name_that_tells_no_format_is_refused_before_anything_is_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=rf"{name}: a name that ends in .*\.tsv or \.jsonl"):
        perturb(tmp_path / name, tmp_path / "out.tsv")
    with pytest.raises(DataError, match=rf"{name}: a name that ends in"):
        perturb(given_file(tmp_path, QUERIES), tmp_path / name)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.tsv", "tsv"),
        ("a.txt", "tsv"),
        ("a.b.tsv.gz", "tsv"),
        ("a.jsonl", "jsonl"),
        ("a.jsonl.gz", "jsonl"),
        ("-", "tsv"),
    ],
)
def test_a_name_tells_the_format(name: str, form: str) -> None:
    assert format_of(Path(name)) is Format(form)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"nowhere/out\.tsv"):
        perturb(given_file(tmp_path, QUERIES), tmp_path / "nowhere" / "out.tsv")


def test_a_folder_is_not_overwritten_by_a_file(tmp_path: Path) -> None:
    given_file(tmp_path, "mine", "note.txt")
    (tmp_path / "out.tsv").mkdir()
    given_file(tmp_path / "out.tsv", "mine", "note.txt")

    with pytest.raises(OutputError, match=r"out\.tsv"):
        perturb(given_file(tmp_path, QUERIES), tmp_path / "out.tsv")
    assert (tmp_path / "out.tsv" / "note.txt").read_text() == "mine"


def test_without_file_and_language_there_is_nothing_to_misspell(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--language: is missing; without a FILE, mini's questions are misspelt"):
        perturb(None, tmp_path / "out.tsv", None)


def test_a_language_without_questions_in_mini_needs_a_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="mini: no questions in 'vi': give a FILE of queries in it"):
        perturb(None, tmp_path / "out.tsv", "vi")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("rate", "mode", "told"),
    [
        (1.5, "word_rate", "share of words and must lie in 0-1"),
        (-0.1, "word_rate", "share of words"),
        (float("nan"), "word_rate", "share of words"),
        (2, "one_per_query", "share of queries and must lie in 0-1"),
        (0.5, "k_per_query", "must be a whole number, 0 or more"),
        (-1, "k_per_query", "must be a whole number, 0 or more"),
    ],
)
def test_a_rate_that_its_mode_cannot_count_is_refused(tmp_path: Path, rate: float, mode: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        perturb(given_file(tmp_path, QUERIES), tmp_path / "out.tsv", rate=rate, mode=mode)
    assert not (tmp_path / "out.tsv").exists()


@pytest.mark.parametrize("rate", [float("nan"), float("inf")])
def test_a_number_of_slips_that_is_none_is_refused(tmp_path: Path, rate: float) -> None:
    with pytest.raises(ConfigError, match="must be a whole number"):
        perturb(given_file(tmp_path, QUERIES), tmp_path / "out.tsv", rate=rate, mode="k_per_query")


@pytest.mark.parametrize("profile", ["textattack", "typo"])
def test_an_english_profile_refuses_another_language(tmp_path: Path, profile: str) -> None:
    with pytest.raises(ConfigError, match=f"--profile {profile}: knows en only, not ko"):
        perturb(None, tmp_path / "out.tsv", "ko", profile=profile)


def test_an_english_profile_refuses_a_query_of_another_language(tmp_path: Path) -> None:
    content = '{"text": "an owl", "language": "en"}\n{"id": "q2", "text": "달은", "language": "ko"}\n'
    path, out = given_file(tmp_path, content, "q.jsonl"), given_file(tmp_path, "good", "out.jsonl")

    with pytest.raises(DataError, match=r"query 'q2': .*'textattack' knows \['en'\], not 'ko'.*--profile human"):
        perturb(path, out, None, profile="textattack")
    assert out.read_text() == "good"


@pytest.mark.parametrize("profile", ["human", "keyboard"])
def test_a_folder_of_models_that_is_not_there_is_refused(tmp_path: Path, profile: str) -> None:
    with pytest.raises((ConfigError, DataError), match="nowhere"):
        perturb(given_file(tmp_path, QUERIES), tmp_path / "out.tsv", profile=profile, models=tmp_path / "nowhere")


# Writing


@pytest.mark.parametrize("profile", PROFILES)
def test_a_line_has_id_misspelt_text_and_slips(tmp_path: Path, profile: str) -> None:
    found = cells(perturb(given_file(tmp_path, QUERIES), tmp_path / "out.tsv", profile=profile))

    assert [row[0] for row in found] == ["q1", "q2"]
    for (_, misspelt, edits), (_, clean) in zip(found, cells(QUERIES), strict=True):
        assert misspelt == laid(clean, json.loads(edits)) != clean


@pytest.mark.parametrize("profile", PROFILES)
def test_an_object_has_the_slips_and_how_large_they_are(tmp_path: Path, profile: str) -> None:
    text = "Wer malte die beru\u0308hmte Sternennacht?"
    path = given_file(tmp_path, json.dumps({"id": "q", "text": text}), "q.jsonl")

    (row,) = objects(perturb(path, tmp_path / "out.jsonl", rate=1, profile=profile))
    assert row["clean"] == unicodedata.normalize("NFC", text)
    assert row["text"] == laid(row["clean"], row["edits"])
    assert len(row["edits"]) == row["words"] == 5
    assert row["cer"] > 0
    assert (row["ker"] is None) == (profile == "uniform")


@pytest.mark.parametrize("profile", PROFILES)
@quick
@given(
    st.lists(words, min_size=1, max_size=6).map(" ".join),
    st.sampled_from(["de", "ko", "th", "ja", "ar"]),
    st.floats(0, 1),
)
def test_the_slips_laid_on_the_clean_text_give_the_misspelt_one(
    folder: Path, profile: str, text: str, language: str, rate: float
) -> None:
    path = given_file(folder, json.dumps({"query": text, "language": language}), "q.jsonl")

    (row,) = objects(perturb(path, folder / "out.jsonl", None, rate, profile))
    assert row["query"] == laid(unicodedata.normalize("NFC", text), row["edits"])


@pytest.mark.parametrize("profile", ["human", "keyboard"])
@pytest.mark.parametrize(("language", "text"), [("de", "東京の"), ("en", "ﾃﾚﾋﾞ"), ("ja", "卡拉OK"), ("vi", "naïve")])
def test_a_word_that_no_key_can_type_breaks_nothing(tmp_path: Path, profile: str, language: str, text: str) -> None:
    path = given_file(tmp_path, f"q1\t{text}\n")

    assert cells(perturb(path, tmp_path / "out.tsv", language, 1, profile))[0][0] == "q1"


@quick
@given(st.lists(texts, min_size=1, max_size=5), st.sampled_from(["tsv", "jsonl", "jsonl.gz"]))
def test_rate_0_gives_the_normal_form_of_every_text(folder: Path, found: list[str], form: str) -> None:
    path = given_file(folder, "".join(f"q{i}\t{text}\n" for i, text in enumerate(found)))
    written = perturb(path, folder / f"out.{form}", rate=0)

    kept = [row[1] for row in cells(written)] if form == "tsv" else [row["text"] for row in objects(written)]
    assert kept == [unicodedata.normalize("NFC", text) for text in found]


@quick
@given(
    st.dictionaries(
        st.text(max_size=4).filter(lambda key: key not in {"id", "_id", "query", "text"}), values, max_size=4
    )
)
def test_a_row_keeps_its_other_fields(folder: Path, others: dict[str, Any]) -> None:
    given_row = {"id": "q1", "text": "Wie weit ist der Mond?", **others}
    path = given_file(folder, json.dumps(given_row), "q.jsonl")

    (row,) = objects(perturb(path, folder / "out.jsonl"))
    assert {**row, "text": given_row["text"]}.items() >= given_row.items()


def test_a_row_keeps_the_type_of_its_id_and_the_name_of_its_text(tmp_path: Path) -> None:
    path = given_file(tmp_path, '{"_id": 7, "query": "달은 얼마나", "language": "ko", "answers": ["x"]}', "q.jsonl")

    (row,) = objects(perturb(path, tmp_path / "out.jsonl", rate=1))
    assert (row["_id"], row["language"], row["answers"]) == (7, "ko", ["x"])
    assert row["query"] == laid("달은 얼마나", row["edits"]) != row["clean"] == "달은 얼마나"
    assert "text" not in row


def test_a_row_with_text_and_query_has_the_one_misspelt_that_is_read(tmp_path: Path) -> None:
    path = given_file(tmp_path, json.dumps({"text": "Wie weit ist der Mond?", "query": "unread"}), "q.jsonl")

    (row,) = objects(perturb(path, tmp_path / "out.jsonl", rate=1))
    assert row["text"] == laid(row["clean"], row["edits"]) != "Wie weit ist der Mond?"
    assert row["query"] == "unread"


@pytest.mark.parametrize("text", ["Wie weit\nist der Mond?", "Wie weit\tist der Mond?", "Wie weit\rist der Mond?"])
def test_a_text_that_no_tsv_line_can_hold_breaks_no_line(tmp_path: Path, text: str) -> None:
    path = given_file(tmp_path, json.dumps({"id": "q1", "text": text}), "q.jsonl")

    try:
        written = perturb(path, tmp_path / "out.tsv")
    except DataError as error:
        assert "q1" in str(error)  # noqa: PT017
    else:
        assert [len(line.split("\t")) for line in written.splitlines()] == [3]


@pytest.mark.parametrize("name", ["out.tsv", "out.jsonl", "out.tsv.gz", "out.jsonl.gz"])
def test_a_second_run_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    path = given_file(tmp_path, QUERIES)
    perturb(path, tmp_path / name)
    first = (tmp_path / name).read_bytes()
    perturb(path, tmp_path / name)

    assert (tmp_path / name).read_bytes() == first


@pytest.mark.parametrize("other", [{"seed": 14}, {"draw": 1}])
def test_another_seed_or_draw_gives_other_slips(tmp_path: Path, other: dict[str, int]) -> None:
    path = given_file(tmp_path, QUERIES)

    assert perturb(path, tmp_path / "a.tsv", rate=1) != perturb(path, tmp_path / "b.tsv", rate=1, **other)


def test_a_query_slips_alike_whatever_file_it_stands_in(tmp_path: Path) -> None:
    one = perturb(given_file(tmp_path, QUERIES), tmp_path / "out.tsv", rate=1)
    turned = "".join(reversed(QUERIES.splitlines(keepends=True)))
    other = perturb(given_file(tmp_path, turned), tmp_path / "out.tsv", rate=1)

    assert sorted(one.splitlines()) == sorted(other.splitlines())


def test_an_empty_file_gives_an_empty_file(tmp_path: Path) -> None:
    assert perturb(given_file(tmp_path, ""), tmp_path / "out.tsv") == ""


def test_an_output_may_take_the_place_of_its_input(tmp_path: Path) -> None:
    path = given_file(tmp_path, '{"id": "q1", "text": "Wie weit ist der Mond?"}', "q.jsonl")

    assert objects(perturb(path, path, rate=1))[0]["clean"] == "Wie weit ist der Mond?"


def test_a_limit_takes_the_first_and_reads_no_further(tmp_path: Path) -> None:
    path = given_file(tmp_path, QUERIES + "a\tb\tc\n")

    assert [row[0] for row in cells(perturb(path, tmp_path / "out.tsv", limit=2))] == ["q1", "q2"]


@pytest.mark.parametrize(("content", "told"), [(QUERIES, "2 queries in"), (None, "120 queries in")])
def test_the_number_of_queries_is_told(
    tmp_path: Path, content: str | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    perturb(given_file(tmp_path, content) if content else None, tmp_path / "out.tsv")

    assert f"Misspelling: {told}" in capsys.readouterr().err


def test_the_number_told_is_that_of_the_file_even_below_the_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    perturb(given_file(tmp_path, QUERIES), tmp_path / "out.tsv", limit=100)

    assert "Misspelling: 2 queries in" in capsys.readouterr().err


def test_without_a_file_mini_s_questions_are_misspelt(tmp_path: Path) -> None:
    found = objects(perturb(None, tmp_path / "out.jsonl", "te", rate=1))

    assert len(found) == 120
    assert {row["language"] for row in found} == {"te"}


# One after the other, and whole or not at all


def misspelt(count: int, watched: Any = None) -> Iterator[Misspelt]:
    """Queries that slip; what is watched is called before each."""
    for number in range(count):
        if watched:
            watched(number)
        edit = Edit(0, 3, "delete", "mechanical", "owl", "ow")
        yield Misspelt(Row(f"q{number}", "en", "owl", {}), Perturbed("ow", (edit,), 1, 1, changed=True, cer=1 / 3))


def test_a_row_is_written_before_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    out, seen = io.StringIO(), []
    monkeypatch.setattr(sys, "stdout", out)
    write_rows(misspelt(3, lambda _: seen.append(out.getvalue().count("\n"))), Path("-"), Format.tsv, None)

    assert seen == [0, 1, 2]


def test_what_was_realised_is_returned(tmp_path: Path) -> None:
    realised = write_rows(misspelt(4), tmp_path / "out.tsv", Format.tsv, None)

    assert (realised.queries, realised.words, realised.edited, dict(realised.kinds)) == (4, 4, 4, {"mechanical": 4})


@pytest.mark.parametrize("name", ["out.tsv", "out.jsonl.gz"])
def test_an_output_broken_off_leaves_the_old_one_as_it_was(tmp_path: Path, name: str) -> None:
    def broken(number: int) -> None:
        if number == 5000:
            raise KeyboardInterrupt

    (tmp_path / name).write_bytes(b"good")
    with pytest.raises(KeyboardInterrupt):
        write_rows(misspelt(10_000, broken), tmp_path / name, Format.tsv, None)

    assert (tmp_path / name).read_bytes() == b"good"
    assert len(list(tmp_path.iterdir())) == 1


def started(*arguments: str) -> subprocess.Popen[bytes]:
    """The command in a process of its own."""
    pipe = subprocess.PIPE
    # A shell that runs this in the background has SIGINT ignored, and children inherit that.
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    command = [*COMMAND, "perturb", *arguments]
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, preexec_fn=listen)


def test_the_first_row_is_there_while_the_last_is_not_yet_given() -> None:
    with started("-", "--language", "de", "--profile", "uniform") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"".join(b"q%d\tWie weit ist der Mond?\n" % number for number in range(2000)))
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], 60)
        process.stdin.close()

        assert ready
        assert process.stdout.read().count(b"\n") == 2000


@pytest.mark.parametrize("count", [3, 5000])
def test_a_reader_that_has_seen_enough_ends_the_command_quietly(tmp_path: Path, count: int) -> None:
    path = given_file(tmp_path, "".join(f"q{number}\tWie weit ist der Mond?\n" for number in range(count)))
    with started(str(path), "--language", "de", "--profile", "uniform") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read().decode()

    assert process.returncode == 0, told
    assert "Traceback" not in told
    assert "Exception" not in told


def test_no_bar_moves_over_rows_on_the_terminal(tmp_path: Path) -> None:
    path = given_file(tmp_path, QUERIES)
    screen, terminal = pty.openpty()
    command = [*COMMAND, "perturb", str(path), "--language", "de", "--profile", "uniform"]
    with subprocess.Popen(command, stdout=terminal, stderr=terminal, env={**os.environ, "TERM": "xterm"}) as process:
        process.wait(60)
    told = os.read(screen, 2**16).decode()
    os.close(screen)
    os.close(terminal)

    assert "q1\t" in told
    assert "\x1b[2K" not in told


def test_an_interrupted_command_leaves_nothing_behind(tmp_path: Path) -> None:
    with started("-", "--language", "de", "--profile", "uniform", "--out", str(tmp_path / "out.tsv")) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(QUERIES.encode())
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        process.wait(60)
        told = process.stderr.read().decode()

    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert list(tmp_path.iterdir()) == []


def test_the_command_imports_no_torch(tmp_path: Path) -> None:
    heavy = "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'faiss', 'wandb', 'polars')))"
    arguments = ["perturb", "--language", "ko", "--profile", "uniform", "--out", str(tmp_path / "out.tsv")]
    code = f"import sys; from typoglot.cli import app; app({arguments}, standalone_mode=False); {heavy}"

    assert subprocess.run([sys.executable, "-c", code], check=False, capture_output=True).returncode == 0
    assert (tmp_path / "out.tsv").exists()


# Modes


def laid_in(
    folder: Path, mode: str, rate: float, profile: str = "uniform", language: str = "ko"
) -> list[dict[str, Any]]:
    """Mini's questions."""
    return objects(perturb(None, folder / "out.jsonl", language, rate, profile, mode))


@pytest.mark.parametrize("profile", PROFILES)
def test_one_per_query_at_rate_1_gives_every_query_one_slip(tmp_path: Path, profile: str) -> None:
    assert {len(row["edits"]) for row in laid_in(tmp_path, "one_per_query", 1, profile)} == {1}


@pytest.mark.parametrize("profile", PROFILES)
def test_one_per_query_at_a_half_gives_about_half_of_them_one(tmp_path: Path, profile: str) -> None:
    counts = [len(row["edits"]) for row in laid_in(tmp_path, "one_per_query", 0.5, profile)]

    assert set(counts) == {0, 1}
    assert 0.36 < sum(counts) / len(counts) < 0.64  # three standard errors


@pytest.mark.parametrize("slips", [0, 1, 2, 5, 1000])
def test_k_per_query_gives_as_many_slips_or_as_many_as_there_are_words(tmp_path: Path, slips: int) -> None:
    for row in laid_in(tmp_path, "k_per_query", slips):
        assert len(row["edits"]) == min(slips, row["words"])


@pytest.mark.parametrize(("mode", "rates"), [("one_per_query", [0.2, 0.6, 1]), ("k_per_query", [1, 2, 7])])
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_wrong_at_a_rate_is_wrong_at_every_higher_one(
    tmp_path: Path, mode: str, rates: list[float], profile: str
) -> None:
    curve = [laid_in(tmp_path, mode, rate, profile) for rate in rates]

    for lower, higher in itertools.pairwise(curve):
        assert all(one in high["edits"] for low, high in zip(lower, higher, strict=True) for one in low["edits"])
        assert lower != higher


@pytest.mark.parametrize(("mode", "rate"), [("word_rate", 1), ("one_per_query", 1), ("k_per_query", 3)])
def test_a_query_without_words_stays_in_every_mode(tmp_path: Path, mode: str, rate: float) -> None:
    path = given_file(tmp_path, "q1\t42 www.x.org ?\n")

    assert cells(perturb(path, tmp_path / "out.tsv", rate=rate, mode=mode)) == [["q1", "42 www.x.org ?", "[]"]]


# Side by side


def shown(found: list[Misspelt], **console: Any) -> str:
    screen = Console(width=100, record=True, file=io.StringIO(), **console)
    screen.print(side_by_side(found))
    return screen.export_text(styles=bool(console))


def planned(text: str, language: str, rate: float, profile: str) -> Misspelt:
    return Misspelt(Row("q", language, text, {}), TypoEngine(profile).plan("q", language, text).at(rate))


@pytest.mark.parametrize("profile", PROFILES)
def test_both_texts_stand_side_by_side_with_the_figures(profile: str) -> None:
    one = planned(FIRST, "de", 0.5, profile)
    marked = [edit._replace(after=edit.after.replace(" ", "␣"))._asdict() for edit in one.noisy.edits]
    text = shown([one])

    assert f"  {laid(FIRST, marked)}" in text
    assert "3 of 6 words misspelt (50.0 %), character error rate" in text
    assert ("keystroke error rate" in text) == (profile != "uniform")


def test_a_class_has_its_colour_in_the_texts_and_in_the_legend() -> None:
    edits = (Edit(0, 3, "delete", "mechanical", "owl", "ow"), Edit(4, 7, "bare", "diacritic", "été", "ete"))
    one = Misspelt(Row("q", "en", "owl été", {}), Perturbed("ow ete", edits, 2, 2, changed=True, cer=0.3))
    text = shown([one], force_terminal=True, color_system="standard")

    assert all(f"\x1b[1;31m{changed}\x1b[0m" in text for changed in ("owl", "ow"))
    assert all(f"\x1b[1;35m{changed}\x1b[0m" in text for changed in ("été", "ete"))
    assert "\x1b[1;31mmechanical 1" in text
    assert "\x1b[1;35mdiacritic 1" in text


def test_a_space_that_was_lost_or_won_is_to_be_seen() -> None:
    edit = Edit(0, 5, "join", "spacing", "a lot", "alot")
    text = shown([Misspelt(Row("q", "en", "a lot", {}), Perturbed("alot", (edit,), 1, 1, changed=True, cer=0.2))])

    assert "a␣lot" in text
    assert "alot" in text


@pytest.mark.parametrize(
    "text",
    ["月球围绕地球运行一周需要多长时间以及为什么" * 4, "아콩카과산 정상에 최초로 오른 사람은 누구인가요?", "x" * 99],
)
@pytest.mark.parametrize("width", [25, 40])
def test_a_text_that_cannot_be_broken_at_spaces_is_shown_whole(text: str, width: int) -> None:
    screen = Console(width=width, record=True, file=io.StringIO())
    screen.print(side_by_side([planned(text, "zh", 0, "uniform")]))

    assert "…" not in screen.export_text()


def test_brackets_in_a_query_are_no_markup() -> None:
    assert "[red]owl[/red] :moon:" in shown([planned("[red]owl[/red] :moon:", "en", 0, "uniform")])


def test_the_clean_text_is_shown_in_the_form_that_the_slips_count() -> None:
    text = "cafe\u0301 cafe\u0301 wo"

    assert "café café wo" in shown([planned(text, "de", 1, "uniform")]).splitlines()[1]


def test_nothing_to_show_is_no_fault() -> None:
    assert "0 of 0 words misspelt (0.0 %)" in " ".join(shown([]).split())


def test_the_figures_of_short_queries_stand_on_one_line() -> None:
    assert "1 of 1 words misspelt (100.0 %), character error rate" in shown([planned("owl", "en", 1, "uniform")])


# Misspellings to a table


SYLLABLES = ("bra plo ste gri", "ndu mpo lki rta skeb", "men tor lig dus fan", "t sh")


def invented(count: int) -> list[tuple[str, str]]:
    """Made-up (misspelt, right) words: the third and fourth letter swapped."""
    made = ["".join(parts) for parts in itertools.product(*map(str.split, SYLLABLES))][:count]
    return [(f"{word[:2]}{word[3]}{word[2]}{word[4:]}", word) for word in made]


def pairs_file(folder: Path, pairs: list[tuple[str, str]], name: str = "pairs.tsv") -> Path:
    return given_file(folder, "".join(f"{wrong}\t{right}\n" for wrong, right in pairs), name)


def fit(folder: Path, pairs: list[tuple[str, str]], models: Path | None = None, language: str = "en") -> Any:
    """Fits to folder/models."""
    return fit_file(pairs_file(folder, pairs), language, folder / "models", models=models, real_words=None)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an English table that knows little but letters swapped early in a word."""
    folder = tmp_path_factory.mktemp("fit")
    fit(folder, invented(150))
    return folder / "models"


def slips(models: Path | None) -> list[Edit]:
    engine = TypoEngine("human", models=models)
    plans = [engine.plan(f"q{number}", "en", "grand winter mountain sunlight") for number in range(60)]
    return [slip.edit for plan in plans for slip in plan.slips]


def test_the_columns_are_misspelt_and_right(tmp_path: Path) -> None:
    path = given_file(tmp_path, "teh\tthe\n\n  recieve it \t receive it\n", "pairs.tsv")

    assert read_texts(path) == [("the", "teh"), ("receive it", "recieve it")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("teh", r"pairs\.tsv:2: 1 columns: misspelt<TAB>right is expected"),
        ("teh\tthe\tnote", r"pairs\.tsv:2: 3 columns: misspelt<TAB>right is expected"),
        ("teh\t", r"pairs\.tsv:2: .*neither empty"),
        ("\tthe", r"pairs\.tsv:2: .*neither empty"),
    ],
)
def test_a_malformed_pair_is_refused_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    path = given_file(tmp_path, f"teh\tthe\n{line}\n", "pairs.tsv")

    with pytest.raises(DataError, match=told):
        fit_file(path, "en", tmp_path / "models", models=None, real_words=None)
    assert not (tmp_path / "models").exists()


def test_too_few_pairs_are_refused_and_leave_no_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"90 of 90 pairs are one slip: at least 100 are needed"):
        fit(tmp_path, invented(90))
    assert not (tmp_path / "models").exists()


def test_the_engine_slips_by_the_fitted_table(models: Path) -> None:
    before, after = (Counter(edit.kind for edit in slips(folder)) for folder in (None, models))

    assert before["mechanical"] < 0.7 * before.total()
    assert after["mechanical"] > 0.85 * after.total()


def test_the_engine_slips_where_the_pairs_slipped(models: Path) -> None:
    swaps = [edit for edit in slips(models) if edit.op == "transpose"]

    assert len(swaps) > 10
    assert sum(edit.before[:2] == edit.after[:2] for edit in swaps) > 0.8 * len(swaps)


def test_perturb_takes_the_fitted_table(tmp_path: Path, models: Path) -> None:
    path = given_file(tmp_path, "q1\tgrand winter mountain sunlight\nq2\tquick brown animals jumping\n")
    own = perturb(path, tmp_path / "a.tsv", "en", 1, "human")

    assert perturb(path, tmp_path / "b.tsv", "en", 1, "human", models=models) != own
    assert perturb(path, tmp_path / "a.tsv", "en", 1, "human") == own


def test_a_fitted_file_says_that_it_is_fitted_and_to_what(models: Path) -> None:
    table = json.loads((models / "en.json").read_text())

    assert table["ops"]["provenance"] == "fitted"
    assert "150 misspellings of pairs.tsv" in table["ops"]["source"]
    assert table["layout"]["provenance"] == "generated"
    assert str(models.parent) not in json.dumps(table)


def test_a_fitted_file_names_the_source_that_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(typofiles, "fit_table", lambda _, __, source: told.append(source) or Fitted({}, {}))
    fit_file(pairs_file(tmp_path, invented(3)), "en", tmp_path / "models", source="a diary")

    assert told == ["3 misspellings of a diary; what they say little of stays near the prior."]


def test_a_second_fit_gives_the_same_bytes(tmp_path: Path, models: Path) -> None:
    fit(tmp_path, invented(150))

    assert (tmp_path / "models" / "en.json").read_bytes() == (models / "en.json").read_bytes()


def test_a_fit_tells_what_the_pairs_were_and_goes_on_from_a_fitted_table(tmp_path: Path, models: Path) -> None:
    found = fit(tmp_path, [*invented(150), ("wordless", "unrelated"), ("same", "same")], models)
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(found)
    text = console.export_text()

    assert "152 texts, 150 misspellings" in text
    assert {"mechanical transpose 150", "left out: wording 1", "left out: same 1"} <= {
        " ".join(line.split()) for line in text.splitlines()
    }
    assert (tmp_path / "models" / "en.json").read_bytes() != (models / "en.json").read_bytes()


def test_a_fit_may_begin_from_a_folder_that_has_other_languages(tmp_path: Path) -> None:
    (tmp_path / "others").mkdir()
    fit(tmp_path, invented(150), tmp_path / "others")

    assert (tmp_path / "models" / "en.json").exists()


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="xx"):
        fit(tmp_path, invented(150), language="xx")
    assert not (tmp_path / "models").exists()


def test_chinese_is_fitted_as_simplified_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typofiles, "fit_table", lambda table, pairs, source: Fitted({}, {}))
    fit(tmp_path, [("东 京", "东京")], language="zh")

    assert [path.name for path in (tmp_path / "models").iterdir()] == ["zh_cn.json"]
