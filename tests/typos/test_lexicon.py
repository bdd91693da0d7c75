"""Lexicons: what a file holds, what is put together from it, and what is refused."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.typos.lexicon import FOLDER, Lexicon, lexicon

quick = settings(max_examples=60, deadline=None, database=None)
CHINESE = ("zh_cn", "zh_tw", "zh_hk")
SHIPPED = tuple(sorted(path.name.removesuffix(".tsv.gz") for path in FOLDER.glob("*.tsv.gz")))
ROWS = (
    "# a comment\n是\tshi\t9\n月\tyue\t8\n时\tshi\t7\n月球\tyue qiu\t5\n"
    "求\tqiu\t3\n长\tchang\t2\n长\tzhang\t1\n球\tqiu\t0\n"
)
Make = Callable[..., Lexicon]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A lexicon of the given rows."""

    def made(text: str = ROWS, separator: str = " ") -> Lexicon:
        path = tmp_path / "small.tsv.gz"
        path.write_bytes(gzip.compress(text.encode()))
        return Lexicon(path, separator)

    return made


# Readings


def test_a_listed_word_is_read_as_listed(make: Make) -> None:
    assert make().readings("月球") == ("yue", "qiu")


def test_the_commonest_reading_counts(make: Make) -> None:
    assert make().readings("长") == ("chang",)


def test_a_word_that_is_not_listed_is_read_by_its_longest_words(make: Make) -> None:
    small = make("行\txing\t9\n银行\tyin hang\t5\n中\tzhong\t4\n")

    assert small.readings("中银行行") == ("zhong", "yin", "hang", "xing")


@pytest.mark.parametrize("word", ["", "月x", "x", "鱻月"])
def test_a_word_with_an_unknown_character_has_no_reading(make: Make, word: str) -> None:
    assert make().readings(word) is None


def test_without_a_separator_each_sign_is_a_syllable(make: Make) -> None:
    small = make("月\tつき\t5\n", separator="")

    assert small.readings("月") == ("つ", "き")
    assert small.words_of("つき") == small.words_of(("つ", "き")) == (("月",), (6,))


# Words


def test_words_of_a_reading_come_by_falling_count_with_running_sums(make: Make) -> None:
    assert make().words_of(("shi",)) == (("是", "时"), (10, 18))


def test_a_word_never_counted_can_still_be_drawn(make: Make) -> None:
    assert make().words_of("qiu") == (("求", "球"), (4, 5))


def test_an_unknown_reading_has_no_words(make: Make) -> None:
    assert make().words_of(("yue", "yue")) == ((), ())
    assert make().counted(("yue", "yue")) == []


def test_a_reading_may_be_given_as_the_file_writes_it(make: Make) -> None:
    assert make().counted("yue qiu") == make().counted(("yue", "qiu")) == [("月球", 5)]


def test_the_highest_count_is_that_of_the_commonest_word(make: Make) -> None:
    assert make().highest(("shi",)) == 9
    assert make().highest(("yue", "yue")) is None


def test_the_best_word_is_the_commonest(make: Make) -> None:
    assert make().best(("shi",)) == "是"
    assert make().best(("yue", "qiu")) == "月球"


def test_a_reading_without_a_word_is_put_together_from_the_left(make: Make) -> None:
    assert make().best(("shi", "yue", "qiu", "qiu")) == "是月球求"


@pytest.mark.parametrize("reading", [(), ("x",), ("yue", "x"), ""])
def test_a_syllable_without_a_word_has_no_best(make: Make, reading: tuple[str, ...] | str) -> None:
    assert make().best(reading) is None


def test_all_syllables_are_known(make: Make) -> None:
    assert make().syllables == {"shi", "yue", "qiu", "chang", "zhang"}


# Malformed files


@pytest.mark.parametrize(
    ("text", "place", "fault"),
    [
        ("", 1, "word, reading and a whole count"),
        ("月\tyue\n", 1, "word, reading and a whole count"),
        ("# c\n月\tyue\t5\t6\n", 2, "word, reading and a whole count"),
        ("月\tyue\t5\n\n", 2, "word, reading and a whole count"),
        ("月\tyue\tmany\n", 1, "word, reading and a whole count"),
        ("月\tyue\t-1\n", 1, "word, reading and a whole count"),
        ("\tyue\t1\n", 1, "word, reading and a whole count"),
        ("月\t\t1\n", 1, "word, reading and a whole count"),
        ("月球\tyue  qiu\t1\n", 1, "parted by one space"),
        ("月\tyue\t5\n月球\tyue\t4\n", 2, "each character has one syllable"),
        ("月\tyue\t5\n球\tqiu\t6\n", 2, "falling count"),
        ("月\tyue\t5\n球\tqiu\t5\n月\tyue\t5\n", 3, "twice"),
    ],
)
def test_a_malformed_row_is_named_with_its_rule(make: Make, text: str, place: int, fault: str) -> None:
    with pytest.raises(DataError, match=rf"small\.tsv\.gz:{place}: .*{fault}"):
        make(text).readings("月")


@pytest.mark.parametrize("text", ["# nothing\n", "月\tyue\t5"])
def test_a_file_without_words_or_cut_short_is_refused(make: Make, text: str) -> None:
    with pytest.raises(DataError, match="no words, or no line end"):
        make(text).readings("月")


def test_what_is_no_gzip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.tsv.gz"
    path.write_text("月\tyue\t5\n", "utf-8")

    with pytest.raises(DataError, match="broken gzip"):
        Lexicon(path).readings("月")


def test_what_is_no_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.tsv.gz"
    path.write_bytes(gzip.compress(b"\xff\tyue\t5\n"))

    with pytest.raises(DataError, match=":1: not UTF-8"):
        Lexicon(path).readings("月")


def test_a_missing_file_is_refused_when_asked_not_before(tmp_path: Path) -> None:
    absent = Lexicon(tmp_path / "absent.tsv.gz")

    with pytest.raises(DataError, match="cannot be read"):
        absent.best("yue")


# The files that are shipped


def test_an_unknown_code_is_refused_with_the_choice() -> None:
    with pytest.raises(DataError, match=r"no lexicon 'xx': choose among .*zh_cn"):
        lexicon("xx")


def test_a_lexicon_is_loaded_once() -> None:
    assert lexicon("zh_cn") is lexicon("zh_cn")


@pytest.mark.parametrize("code", SHIPPED)
def test_a_shipped_file_is_small_and_names_its_licences(code: str) -> None:
    packed = (FOLDER / f"{code}.tsv.gz").read_bytes()
    head = gzip.decompress(packed).decode().split("\n")[:8]

    assert len(packed) <= 600_000
    assert packed[4:8] == bytes(4), "a time in the file: equal data would not give equal bytes"
    assert any("BSD" in line or "MIT" in line for line in head if line.startswith("#"))


@pytest.mark.parametrize(
    ("code", "word", "reading"),
    [
        ("zh_cn", "月球", "yue qiu"), ("zh_cn", "银行", "yin hang"), ("zh_cn", "音乐", "yin yue"),
        ("zh_cn", "女", "nv"), ("zh_cn", "略", "lve"), ("zh_cn", "的", "de"), ("zh_cn", "嗯", "en"),
        ("zh_tw", "月球", "ㄩㄝˋ ㄑㄧㄡˊ"), ("zh_tw", "頭髮", "ㄊㄡˊ ㄈㄚˇ"), ("zh_tw", "乾淨", "ㄍㄢ ㄐㄧㄥˋ"),
        ("zh_tw", "星期", "ㄒㄧㄥ ㄑㄧˊ"), ("zh_tw", "軟體", "ㄖㄨㄢˇ ㄊㄧˇ"), ("zh_tw", "一個", "ㄧ ㄍㄜˋ"),
        ("zh_tw", "台灣", "ㄊㄞˊ ㄨㄢ"), ("zh_tw", "隻", "ㄓ"), ("zh_tw", "的", "ㄉㄜ˙"),
        ("zh_hk", "月球", "jyut kau"), ("zh_hk", "邊個", "bin go"), ("zh_hk", "唔該", "m goi"),
        ("zh_hk", "銀行", "ngan hong"), ("zh_hk", "嘅", "ge"), ("zh_hk", "說", "syut"),
    ],
)  # fmt: skip
def test_words_are_read_as_speakers_type_them(code: str, word: str, reading: str) -> None:
    assert lexicon(code).readings(word) == tuple(reading.split())


@pytest.mark.parametrize(
    ("code", "encoding", "first", "last"), [("zh_cn", "gb2312", 0xB0, 0xF7), ("zh_tw", "big5", 0xA4, 0xC6)]
)
def test_every_common_character_is_known(code: str, encoding: str, first: int, last: int) -> None:
    pairs = (bytes([a, b]).decode(encoding, "ignore") for a in range(first, last + 1) for b in range(0x40, 0xFF))
    common = [pair for pair in pairs if len(pair) == 1 and "\u4e00" <= pair <= "\u9fff"]

    assert len(common) > 5000
    assert [character for character in common if lexicon(code).readings(character) is None] == []


@pytest.mark.parametrize("code", CHINESE)
def test_a_word_is_among_the_words_of_its_reading(code: str) -> None:
    for word in ("月", "人", "大", "水", "火山"):
        reading = lexicon(code).readings(word)
        assert reading is not None
        assert word in lexicon(code).words_of(reading)[0]


@quick
@given(st.sampled_from(CHINESE), st.data())
def test_running_sums_rise_and_counts_fall(code: str, data: st.DataObject) -> None:
    syllable = data.draw(st.sampled_from(sorted(lexicon(code).syllables)))
    words, sums = lexicon(code).words_of((syllable,))
    steps = [b - a for a, b in pairwise((0, *sums))]

    assert len(words) == len(set(words)) == len(sums) > 0
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] > 0


@quick
@given(st.sampled_from(CHINESE), st.data())
def test_the_best_of_any_syllables_has_a_character_for_each(code: str, data: st.DataObject) -> None:
    syllables = data.draw(st.lists(st.sampled_from(sorted(lexicon(code).syllables)), min_size=1, max_size=5))

    assert len(lexicon(code).best(tuple(syllables)) or "") == len(syllables)
