from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.records import Pair, Passage
from typoglot.sources.parallel import read_parallel, read_squad_nqg

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Reader = Callable[[Path, list[str] | None], list[Pair]]

# Each format's reader with a pair of its files: the side that is looked for, and the questions.
READERS = [
    pytest.param(read_parallel, "fi-en/en.txt", "fi-en/fi.txt", id="parallel"),
    pytest.param(read_squad_nqg, "src-test.txt", "tgt-test.txt", id="squad_nqg"),
]
each_reader = pytest.mark.parametrize(("reader", "left", "right"), READERS)


def write(folder: Path, **contents: str) -> Path:
    """Writes `fi_en__fi="..."` to fi-en/fi.txt and `src_test="..."` to src-test.txt."""
    for name, content in contents.items():
        file = folder / f"{name.replace('__', '/').replace('_', '-')}.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8", newline="")
    return folder


def write_pair(folder: Path, left: str, right: str, contents: tuple[str | bytes, str | bytes]) -> Path:
    for name, content in zip((left, right), contents, strict=True):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


# Questions and their English translations


def test_a_question_is_paired_with_its_translation(tmp_path: Path) -> None:
    write(tmp_path, fi_en__fi="Kuka?\nMitä?\n", fi_en__en="Who?\nWhat?\n")

    assert read_parallel(tmp_path, None) == [
        Pair("Kuka?", "fi", Passage("fi-en:1", "Who?")),
        Pair("Mitä?", "fi", Passage("fi-en:2", "What?")),
    ]


def test_languages_are_read_in_the_order_of_the_alphabet(tmp_path: Path) -> None:
    write(tmp_path, te_en__te="a", te_en__en="A", ar_en__ar="b", ar_en__en="B")

    assert [pair.language for pair in read_parallel(tmp_path, None)] == ["ar", "te"]


def test_only_the_wanted_languages_are_opened(tmp_path: Path) -> None:
    write(tmp_path, te_en__te="a", te_en__en="A", ar_en__ar="broken\n")

    assert [pair.language for pair in read_parallel(tmp_path, ["te"])] == ["te"]


def test_equal_translations_share_one_passage_across_languages(tmp_path: Path) -> None:
    write(tmp_path, ar_en__ar="a", ar_en__en="Who?", fi_en__fi="b\nc", fi_en__en="What?\nWho?")

    assert [pair.passage.id for pair in read_parallel(tmp_path, None)] == ["ar-en:1", "fi-en:1", "ar-en:1"]


def test_a_language_without_a_folder_is_refused(tmp_path: Path) -> None:
    write(tmp_path, fi_en__fi="a", fi_en__en="A")

    with pytest.raises(DataError, match=r": no ko here: choose among fi$"):
        read_parallel(tmp_path, ["fi", "ko"])


def test_a_folder_without_any_language_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fi-en").touch()

    with pytest.raises(
        DataError, match=f"{re.escape(str(tmp_path))}: no folder xx-en: folders such as fi-en with fi.txt and en.txt"
    ):
        read_parallel(tmp_path, None)


# Questions and the sentences they were asked of


def test_a_question_is_paired_with_its_sentence(tmp_path: Path) -> None:
    write(tmp_path, src_test="ann sings .\n", tgt_test="who sings ?\n")

    assert read_squad_nqg(tmp_path, None) == [Pair("who sings ?", "en", Passage("src-test:1", "ann sings ."))]


def test_questions_of_one_sentence_share_its_passage(tmp_path: Path) -> None:
    write(tmp_path, src_test="ann sings .\nann sings .\n", tgt_test="who sings ?\nwhat does ann do ?\n")

    assert [pair.passage.id for pair in read_squad_nqg(tmp_path, ["en"])] == ["src-test:1", "src-test:1"]


def test_every_split_of_the_folder_is_read(tmp_path: Path) -> None:
    write(tmp_path, src_train="a", tgt_train="b", src_dev="c", tgt_dev="d")

    assert [pair.passage.id for pair in read_squad_nqg(tmp_path, None)] == ["src-dev:1", "src-train:1"]


def test_another_language_than_english_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r": no fi here: choose among en$"):
        read_squad_nqg(write(tmp_path, src_test="a", tgt_test="b"), ["fi"])


def test_a_folder_without_sentences_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=rf"{re.escape(str(tmp_path))}: no src-\*\.txt: src-test\.txt beside tgt-test\.txt"
    ):
        read_squad_nqg(write(tmp_path, tgt_test="b"), None)


# What both share


@each_reader
def test_byte_order_marks_windows_line_ends_and_spaces_are_cut_off(
    tmp_path: Path, reader: Reader, left: str, right: str
) -> None:
    write_pair(tmp_path, left, right, ("\ufeffone \r\ntwo\r\n", "\ufeff eins\r\nzwei"))

    assert [(pair.query, pair.passage.text) for pair in reader(tmp_path, None)] == [("eins", "one"), ("zwei", "two")]


@each_reader
def test_a_missing_folder_is_refused(tmp_path: Path, reader: Reader, left: str, right: str) -> None:
    with pytest.raises(DataError, match=r"nowhere: no such folder: a folder with .+ is expected; correct the path"):
        reader(tmp_path / "nowhere", None)


@each_reader
def test_a_missing_side_is_refused(tmp_path: Path, reader: Reader, left: str, right: str) -> None:
    write_pair(tmp_path, left, right, ("one\n", "eins\n"))
    (tmp_path / right).unlink()

    with pytest.raises(DataError, match=rf"{right}: cannot be read \(No such file or directory\): correct the path"):
        reader(tmp_path, None)


@each_reader
@pytest.mark.parametrize("shorter_is_left", [True, False])
def test_files_of_unequal_length_are_refused(
    tmp_path: Path, reader: Reader, left: str, right: str, shorter_is_left: bool
) -> None:
    write_pair(tmp_path, left, right, ("one\n", "eins\nzwei\n") if shorter_is_left else ("one\ntwo\n", "eins\n"))
    shorter, longer = (tmp_path / name for name in ((left, right) if shorter_is_left else (right, left)))

    rule = f"the file ends before this line: as many lines as in {longer} are expected"
    with pytest.raises(DataError, match=re.escape(f"{shorter}:2: {rule}")):
        reader(tmp_path, None)


@each_reader
@pytest.mark.parametrize("blank", ["", " ", "\t", "\u3000", "\r"])
@pytest.mark.parametrize("side", [0, 1])
def test_an_empty_line_is_refused_on_either_side(
    tmp_path: Path, reader: Reader, left: str, right: str, side: int, blank: str
) -> None:
    contents = ("one\ntwo\nthree\n", f"eins\n{blank}\ndrei\n")
    write_pair(tmp_path, left, right, contents if side else contents[::-1])

    with pytest.raises(DataError, match=rf"{(left, right)[side]}:2: the line is empty: each line needs its text"):
        reader(tmp_path, None)


@each_reader
def test_bytes_that_are_not_utf8_are_refused_with_their_line(
    tmp_path: Path, reader: Reader, left: str, right: str
) -> None:
    write_pair(tmp_path, left, right, ("one\ntwo\n", "eins\nfünf\n".encode("latin-1")))

    with pytest.raises(DataError, match=rf"{right}:2: not UTF-8 \(.+\): save the file as UTF-8"):
        reader(tmp_path, None)


@each_reader
@given(contents=st.tuples(st.binary(), st.binary()) | st.tuples(st.text("ab \r\n"), st.text("ab \r\n")))
@settings(max_examples=100, deadline=None)
def test_random_bytes_raise_nothing_but_a_data_error(
    tmp_path_factory: pytest.TempPathFactory,
    reader: Reader,
    left: str,
    right: str,
    contents: tuple[str | bytes, str | bytes],
) -> None:
    folder = write_pair(tmp_path_factory.mktemp("random"), left, right, contents)

    with suppress(DataError):
        assert all(pair.query and pair.passage.text for pair in reader(folder, None))


# The real files


@pytest.mark.real
def test_the_real_translations_have_their_counts(real_data: Path) -> None:
    pairs = read_parallel(real_data / "xor-parallel", None)

    counts = {"ar": 4648, "bn": 4661, "fi": 4638, "ja": 4700, "ko": 4675, "ru": 4745, "te": 4761}
    assert Counter(pair.language for pair in pairs) == counts


@pytest.mark.real
def test_the_first_and_the_last_of_the_real_translations_are_known(real_data: Path) -> None:
    pairs = read_parallel(real_data / "xor-parallel", None)

    english = "When was the law of gender identity adopted in State of Arizona?"
    assert pairs[0].query == "متى تم إعتماد قانون حرية الهوية الجندرية في ولاية أريزونا ؟"
    assert pairs[0].passage == Passage("ar-en:1", english)
    english = "What is the distance between Chuttukota village and Vijayawada?"
    assert pairs[-1].query == "చుత్తుకోట గ్రామం నుండి విజయవాడకు దూరం ఎంత?"
    assert pairs[-1].passage == Passage("te-en:4761", english)


@pytest.mark.real
def test_the_real_squad_nqg_has_11877_questions_over_6652_sentences(real_data: Path) -> None:
    pairs = read_squad_nqg(real_data / "squad-nqg", None)

    assert len(pairs) == 11877
    assert len({pair.passage.id for pair in pairs}) == len({pair.passage.text for pair in pairs}) == 6652


@pytest.mark.real
def test_the_first_and_the_last_of_the_real_squad_nqg_are_known(real_data: Path) -> None:
    pairs = read_squad_nqg(real_data / "squad-nqg", None)

    assert pairs[0].query == "to whom did the virgin mary allegedly appear in 1858 in lourdes france ?"
    assert pairs[0].passage.text.startswith("it is a replica of the grotto at lourdes , france where")
    assert pairs[-1].query == "what is dawn french 's job ?"
    assert pairs[-1].passage.id == "src-test:11877"
