"""Keys with a letter each, and dead keys: there, back, and what a dead key does not go with."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.typos.keys import Converter
from typoglot.typos.keys.direct import Direct, is_dead

quick = settings(max_examples=300, deadline=None, database=None)
ACUTE, TILDE, DOTS, CIRCUMFLEX = "\u0301", "\u0303", "\u0308", "\u0302"
SPANISH = Direct("aeiounñAEIOUNÑ" + ACUTE + DOTS, "aeiouáéíóúünñ")
FRENCH = Direct("aeiouéèçà" + CIRCUMFLEX + DOTS, "aeiouâêîôûëïüéèçà")
INDIC = Direct("কখগািীো্", "কখগািীো্")
letters = "aeiounñáéíóúüAÉÑÚ'-çжß漢"


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


@quick
@given(st.text(letters, max_size=10))
def test_a_word_comes_back_from_its_keys(word: str) -> None:
    strokes = SPANISH.strokes(word)

    assert strokes is not None
    assert SPANISH.text(strokes) == word


@quick
@given(st.text(st.characters(exclude_categories=["Cs", "Mn"]), max_size=8).map(nfc))
def test_any_word_without_lone_marks_comes_back(word: str) -> None:
    strokes = FRENCH.strokes(word)

    assert strokes is not None
    assert FRENCH.text(strokes) == word


@pytest.mark.parametrize("word", ["m\u0302a", "x\u0302", "\u0308e"])
def test_a_word_with_a_lone_mark_comes_back_or_cannot_be_typed(word: str) -> None:
    strokes = FRENCH.strokes(word)

    assert strokes is None or FRENCH.text(strokes) == word


@quick
@given(st.lists(st.sampled_from("aeioun" + "ñ" + ACUTE + DOTS), max_size=8))
def test_what_keys_write_is_typed_by_these_keys(strokes: list[str]) -> None:
    text = SPANISH.text(strokes)

    assert text is None or SPANISH.strokes(text) == tuple(strokes)


@quick
@given(st.lists(st.sampled_from("কখগািীো্" + "\u09c7\u09be"), max_size=8))
def test_what_keys_write_is_in_normal_form(strokes: list[str]) -> None:
    assert INDIC.text(strokes) == nfc("".join(strokes))


@pytest.mark.parametrize(
    ("word", "strokes"),
    [
        ("niño", ["n", "i", "ñ", "o"]),  # a key of its own
        ("ñé", ["ñ", ACUTE, "e"]),
        ("Ú", [ACUTE, "U"]),
        ("ü", [DOTS, "u"]),
        ("õ", ["õ"]),  # no key for its tilde
        ("ö", ["ö"]),  # dots, but no letter of the alphabet
        ("", []),
    ],
)
def test_a_letter_is_its_key_or_a_dead_key_and_its_base(word: str, strokes: list[str]) -> None:
    assert SPANISH.strokes(word) == tuple(strokes)


@pytest.mark.parametrize(
    "strokes", [[ACUTE], ["a", ACUTE], [ACUTE, "n"], [ACUTE, ACUTE, "a"], [ACUTE, DOTS, "u"], [DOTS, "o"], [ACUTE, "ñ"]]
)
def test_a_dead_key_that_meets_no_letter_of_its_own_writes_nothing(strokes: list[str]) -> None:
    assert SPANISH.text(strokes) is None


def test_a_dead_key_left_out_leaves_the_bare_letter() -> None:
    strokes = SPANISH.strokes("así") or ()

    assert SPANISH.text([stroke for stroke in strokes if stroke != ACUTE]) == "asi"


def test_another_dead_key_makes_another_letter() -> None:
    assert FRENCH.text([DOTS, "e"]) == "ë"
    assert FRENCH.text([CIRCUMFLEX, "e"]) == "ê"


def test_a_letter_with_a_key_needs_no_dead_key() -> None:
    keys = Direct("aeé" + ACUTE, "aeéá")

    assert keys.strokes("éá") == ("é", ACUTE, "a")
    assert keys.text([ACUTE, "e"]) is None


def test_a_letter_of_two_marks_has_no_keys() -> None:
    assert Direct("a" + CIRCUMFLEX + ACUTE, "aấ").strokes("ấ") == ("ấ",)


def test_a_capital_whose_lower_case_has_a_dead_key_has_one_too() -> None:
    assert Direct("uU" + DOTS, "uü").strokes("Ü") == (DOTS, "U")
    assert Direct("u" + DOTS, "uü").strokes("Ü") == ("Ü",)  # there is no U to go with it


def test_a_sharp_s_has_no_capital_of_two_letters() -> None:
    assert Direct("sß" + DOTS, "sß").strokes("SSß") == ("S", "S", "ß")


def test_indic_letters_and_signs_are_keys() -> None:
    assert INDIC.strokes("কো") == ("ক", "ো")
    assert INDIC.text(["ক", "\u09c7", "\u09be"]) == "কো"


@pytest.mark.parametrize(
    ("stroke", "dead"), [(ACUTE, True), (DOTS, True), ("e", False), ("é", False), ("", False), ("\u09be", False),
                         ("\u0651", False), ("\u05b0", False), (ACUTE * 2, False)]
)  # fmt: skip
def test_a_dead_key_is_a_mark_of_the_latin_and_greek_kind(stroke: str, dead: bool) -> None:
    assert is_dead(stroke) is dead


def test_these_keys_offer_no_other_words() -> None:
    assert not isinstance(SPANISH, Converter)
