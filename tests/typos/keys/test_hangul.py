"""Korean keys: every syllable there and back, and what a slip on them shows."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.typos.keys.hangul import Hangul, lone_jamo

quick = settings(max_examples=200, deadline=None, database=None)
KOREAN = Hangul()
KEYS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅛㅜㅠㅡㅣ"
SYLLABLES = [chr(point) for point in range(ord("가"), ord("힣") + 1)]
TWO_VOWELS = {"WA": "ㅗㅏ", "WAE": "ㅗㅐ", "OE": "ㅗㅣ", "WEO": "ㅜㅓ", "WE": "ㅜㅔ", "WI": "ㅜㅣ", "YI": "ㅡㅣ"}
words = st.lists(st.sampled_from(SYLLABLES), min_size=1, max_size=5).map("".join)


def name(jamo: str) -> str:
    """Unicode's name of a jamo, without its kind: KIYEOK for the initial, the final and the compatibility letter."""
    return unicodedata.name(jamo).split()[-1]


def keys_by_unicode(syllable: str) -> list[str]:
    """The names of a syllable's keys, from Unicode's decomposition and names (independent of the tables here)."""
    initial, vowel, *final = unicodedata.normalize("NFD", syllable)
    vowels = [name(key) for key in TWO_VOWELS.get(name(vowel), "")] or [name(vowel)]
    return [name(initial), *vowels, *(part for jamo in final for part in name(jamo).split("-"))]


def test_every_syllable_comes_back() -> None:
    assert len(SYLLABLES) == 11172
    assert [KOREAN.text(KOREAN.strokes(syllable) or ()) for syllable in SYLLABLES] == SYLLABLES


def test_the_keys_are_those_of_unicodes_decomposition() -> None:
    assert all([name(key) for key in KOREAN.strokes(s) or ()] == keys_by_unicode(s) for s in SYLLABLES)


def test_there_are_33_keys() -> None:
    assert {key for syllable in SYLLABLES for key in KOREAN.strokes(syllable) or ()} == set(KEYS)
    assert len(KEYS) == 33


@pytest.mark.parametrize(
    ("word", "keys"),
    [("꽤", "ㄲㅗㅐ"), ("값이", "ㄱㅏㅂㅅㅇㅣ"), ("의", "ㅇㅡㅣ"), ("있다", "ㅇㅣㅆㄷㅏ"), ("K팝2", "Kㅍㅏㅂ2")],
)
def test_a_word_is_split_into_its_keys(word: str, keys: str) -> None:
    assert KOREAN.strokes(word) == tuple(keys)


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("ㄱㅏㄱ", "각"),
        ("ㄱㅏㄱㅏ", "가가"),  # the final goes to the vowel behind it
        ("ㄱㅏㄲㅏ", "가까"),
        ("ㄱㅏㅂㅅ", "값"),  # two finals join
        ("ㄱㅏㅂㅅㅣ", "갑시"),  # and part again
        ("ㄱㅏㅂㅅㅅㅣ", "값시"),
        ("ㄱㅏㄱㄱ", "각ㄱ"),  # a key twice is no tense consonant
        ("ㄱㅏㄸ", "가ㄸ"),  # ㄸ ㅃ ㅉ end no syllable
        ("ㄱㅗㅏ", "과"),
        ("ㄱㅗㅏㅏ", "과ㅏ"),
        ("ㄱㅏㅗㅏ", "가ㅘ"),
        ("ㅗㅏㄱ", "ㅘㄱ"),  # without an initial there is no syllable
        ("ㄱㅅㅏ", "ㄱ사"),
        ("ㅋㅋㅋ", "ㅋㅋㅋ"),
        ("ㄱㅏaㄱ", "가aㄱ"),
    ],
)
def test_the_automaton_shows(keys: str, shown: str) -> None:
    assert KOREAN.text(keys) == shown


@pytest.mark.parametrize("word", ["ㅋㅋ", "ㅠㅠ", "ㄱㅅ", "ㄳ", "ㅘ", "ㅋ크", "가ㅏ", "가ㄸ"])
def test_lone_jamo_come_back_where_they_join_nothing(word: str) -> None:
    assert KOREAN.text(KOREAN.strokes(word) or ()) == word


@pytest.mark.parametrize("word", ["가ㄱ", "ㄱㅏ", "ㅗㅏ", "갑ㅅ", ""])
def test_a_word_that_would_read_as_another_has_no_keys(word: str) -> None:
    assert KOREAN.strokes(word) is None


def test_conjoining_jamo_among_the_keys_are_composed() -> None:
    assert KOREAN.text("\u1100\u1161") == "가"


def test_no_keys_show_nothing() -> None:
    assert KOREAN.text(()) is None


def test_lone_jamo_are_counted() -> None:
    assert [lone_jamo(text) for text in ("각", "가ㄱ", "ㅋㅋ 값ㅏ", "ㅘ", "\u3164")] == [0, 1, 3, 1, 0]


@quick
@given(words)
def test_every_word_comes_back(word: str) -> None:
    assert KOREAN.text(KOREAN.strokes(word) or ()) == word


@quick
@given(st.text(st.sampled_from("가각ㄱㅅㄳㅏㅗㅘaㅋ1"), max_size=6))
def test_a_word_comes_back_or_has_no_keys(word: str) -> None:
    keys = KOREAN.strokes(word)

    assert keys is None or KOREAN.text(keys) == word


@quick
@given(words, st.data())
def test_one_wrong_key_shows_hangul_that_the_same_keys_make(word: str, data: st.DataObject) -> None:
    keys = list(KOREAN.strokes(word) or ())
    place = data.draw(st.integers(0, len(keys) - 1))
    keys[place : place + data.draw(st.integers(0, 1))] = data.draw(st.lists(st.sampled_from(KEYS), max_size=2))
    shown = KOREAN.text(keys) or ""

    assert unicodedata.is_normalized("NFC", shown)
    assert all("가" <= char <= "힣" or lone_jamo(char) for char in shown)
    assert KOREAN.strokes(shown) == (tuple(keys) or None)
