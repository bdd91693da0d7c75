"""Kana to romaji keys and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.typos.keys.romaji import Romaji, hiragana, katakana

quick = settings(max_examples=300, deadline=None, database=None)
romaji = Romaji()

SINGLE = [chr(point) for point in range(ord("ぁ"), ord("ゖ") + 1)] + ["ー"]
SMALL = "ぁぃぅぇぉゃゅょゎ"
PAIRS = [first + small for first in SINGLE for small in SMALL]
KANA = [*SINGLE, *PAIRS]
# Words as they are taught to be typed, and as their Latin keys; the second spelling only where we do not type it.
WORDS = {
    "とうきょう": "toukyou", "しつち": "situti", "ふじ": "fuji", "じゃあ": "jaa", "しゃちょう": "shachou",
    "きって": "kitte", "まっちゃ": "maccha", "ざっし": "zassi", "あっ": "axtu", "っ": "xtu", "っな": "xtuna",
    "ほん": "honn", "ほんや": "honnya", "こんな": "konnna", "きんえん": "kinnenn", "さんぽ": "sanpo", "ん": "nn",
    "んー": "n-", "を": "wo", "づつ": "dutu", "はなぢ": "hanadi", "ぁ": "xa", "ゔ": "vu",
    "コーヒー": "KO-HI-", "パーティー": "PA-THI-", "ファン": "FANN", "ヴェネツィア": "VENETSIA", "ウィーン": "WI-NN",
    "チェス": "CHESU", "デュオ": "DHUO", "トゥール": "TWU-RU", "サボる": "SABOru", "ドキッと": "DOKITto", "ヶ": "XKE",
}  # fmt: skip


def keys(word: str) -> str | None:
    """The keys of a word in one text."""
    strokes = romaji.strokes(word)
    return None if strokes is None else "".join(strokes)


@pytest.mark.parametrize(("word", "typed"), WORDS.items())
def test_a_word_is_typed_as_most_would_type_it(word: str, typed: str) -> None:
    assert keys(word) == typed


def test_every_syllable_comes_back_in_both_scripts() -> None:
    syllables = [*KANA, *map(katakana, KANA)]

    assert [kana for kana in syllables if romaji.text(keys(kana) or "") != kana] == []


@quick
@given(st.lists(st.sampled_from(KANA) | st.sampled_from(KANA).map(katakana), max_size=8).map("".join))
def test_whatever_is_written_in_kana_comes_back(word: str) -> None:
    assert romaji.text(keys(word) or "") == word


@quick
@given(st.text(st.sampled_from("aiueonkstyhgzxw-" + "NATXY"), max_size=10))
def test_what_the_keys_write_can_be_typed_again(typed: str) -> None:
    kana = romaji.text(typed)

    assert kana is None or romaji.text(keys(kana) or "") == kana


def test_a_stroke_is_one_key() -> None:
    assert romaji.strokes("きょう") == ("k", "y", "o", "u")
    assert romaji.strokes("") == ()


@pytest.mark.parametrize("word", ["ﾃﾚﾋﾞ", "東京", "食べ", "ヷ", "いすゞ", "か\u3099", "abc", "か1", "・", " "])
def test_what_is_not_kana_with_keys_is_left_alone(word: str) -> None:
    assert romaji.strokes(word) is None


@pytest.mark.parametrize(
    ("typed", "kana"),
    [
        ("si shi ci", "し"), ("ti chi", "ち"), ("tu tsu", "つ"), ("hu fu", "ふ"), ("ji zi", "じ"), ("ku cu qu", "く"),
        ("sha sya", "しゃ"), ("cha tya cya", "ちゃ"), ("ja zya jya", "じゃ"), ("thi texi", "てぃ"), ("i yi", "い"),
        ("fa hwa huxa", "ふぁ"), ("xtu ltu xtsu ltsu", "っ"), ("xa la", "ぁ"), ("nn n n' xn", "ん"), ("kwa qa", "くぁ"),
        ("kitte kixtute", "きって"), ("matcha maccha mattya", "まっちゃ"),
    ],
)  # fmt: skip
def test_all_spellings_of_a_kana_are_understood(typed: str, kana: str) -> None:
    assert {romaji.text(one) for one in typed.split()} == {kana}


@pytest.mark.parametrize(
    ("typed", "kana"),
    [("konna", "こんあ"), ("honya", "ほにゃ"), ("kinenn", "きねん"), ("kon", "こん"), ("kkk", None), ("nnn", "んん")],
)
def test_an_n_too_few_reads_as_it_does_on_a_computer(typed: str, kana: str | None) -> None:
    assert romaji.text(typed) == kana


@pytest.mark.parametrize(
    "typed", ["k", "ky", "kst", "toukyouk", "nyk", "nyya", "fgo", "hn", "k-", "'", "か", "a ", "a1", "İa"]
)
def test_keys_that_are_left_over_write_nothing(typed: str) -> None:
    assert romaji.text(typed) is None


def test_capitals_write_katakana() -> None:
    assert romaji.text("TEREBI") == "テレビ"
    assert romaji.text("TEREbi") == "テレび"
    assert romaji.text("SATto") == "サッと"


def test_a_kana_whose_keys_mix_cases_follows_the_first() -> None:
    assert romaji.text("Kato") == "カと"
    assert romaji.text("kYo") == "きょ"


def test_long_marks_belong_to_both_scripts() -> None:
    assert hiragana("ラーメン") == "らーめん"
    assert katakana("らーめん") == "ラーメン"
    assert hiragana("消しゴム") == "消しごむ"
