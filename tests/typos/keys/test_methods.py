"""Which method of typing a table asks for, and which strokes a slip may bring in."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest

from typoglot.typos.keys import Converter
from typoglot.typos.keys.direct import Direct
from typoglot.typos.keys.hangul import Hangul
from typoglot.typos.keys.hanzi import Hanzi
from typoglot.typos.keys.japanese import Japanese
from typoglot.typos.keys.methods import make_keys, typed
from typoglot.typos.keys.telex import Telex
from typoglot.typos.tables import METHODS, Table

MakeTable = Callable[..., Table]
MADE = {
    "direct": ("en", Direct), "hangul": ("ko", Hangul), "telex": ("vi", Telex), "pinyin": ("zh_cn", Hanzi),
    "bopomofo": ("zh_tw", Hanzi), "jyutping": ("zh_hk", Hanzi), "romaji": ("ja", Japanese),
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_each_method_has_its_keys(language_table: MakeTable, method: str) -> None:
    language, kind = MADE[method]
    keys = make_keys(language_table(language, keys=method))

    assert type(keys) is kind
    assert isinstance(keys, Converter) == (kind in (Hanzi, Japanese))


@pytest.mark.parametrize(
    ("method", "word", "strokes"),
    [
        ("direct", "owl", "owl"), ("hangul", "값", "ㄱㅏㅂㅅ"), ("telex", "tiếng", "tieesng"),
        ("pinyin", "月球", "yueqiu"), ("bopomofo", "月球", "ㄩㄝˋㄑㄧㄡˊ"), ("jyutping", "月球", "jyutkau"),
        ("romaji", "つき", "tuki"),
    ],
)  # fmt: skip
def test_a_word_is_typed_by_its_method(language_table: MakeTable, method: str, word: str, strokes: str) -> None:
    assert "".join(make_keys(language_table(MADE[method][0], keys=method)).strokes(word) or ()) == strokes


def test_direct_keys_know_the_dead_keys_of_the_layout(language_table: MakeTable) -> None:
    rows = [[], [["a", "A"], ["e", "E"], ["\u0301", "\u0308"]], [], []]
    keys = make_keys(language_table("es", alphabet="aeá", rows=rows))

    assert keys.strokes("áé") == ("\u0301", "a", "é")
    assert keys.text(["\u0301", "A"]) == "Á"


def test_a_slip_brings_in_letters_of_the_language_and_dead_keys_alone(language_table: MakeTable) -> None:
    rows = [
        [["1", "!"]],
        [["q", "Q", "@"], ["e", "E", "€"], ["þ"]],
        [["a", "A", "æ"], ["\u0301"]],
        [["\u200c"], [",", "<"]],
    ]
    table = language_table(alphabet="aeqz", rows=rows)

    assert typed(table) == set("aAeEqQ\u0301")  # no z, which has no key


def test_a_capital_of_two_letters_is_no_stroke(language_table: MakeTable) -> None:
    assert typed(language_table("de", alphabet="ß", rows=[[], [["ß", "SS", "ẞ"]], [], []])) == {"ß"}


def test_a_key_of_several_code_points_is_a_stroke_only_as_a_letter(language_table: MakeTable) -> None:
    assert typed(language_table("ar", alphabet="لا", rows=[[], [["لا"], ["ل"], ["ا"]], [], []])) == set("لا")


def test_the_capital_of_a_turkish_i_has_its_dot(language_table: MakeTable) -> None:
    table = language_table("tr", alphabet="ıi", rows=[[], [["ı", "I"], ["i", "İ"]], [], []])

    assert typed(table) == set("ıIiİ")


def test_korean_slips_bring_in_jamo(language_table: MakeTable) -> None:
    assert typed(
        language_table("ko", keys="hangul", alphabet="ㅂㅃㅏ", rows=[[], [["ㅂ", "ㅃ"], ["ㅁ"]], [], []])
    ) == set("ㅂㅃ")


@pytest.mark.parametrize(
    ("method", "strokes"), [("telex", string.ascii_letters), ("romaji", string.ascii_letters + "-")]
)
def test_typing_in_latin_letters_brings_in_latin_letters(language_table: MakeTable, method: str, strokes: str) -> None:
    assert typed(language_table(MADE[method][0], keys=method, alphabet="あ")) == set(strokes)
