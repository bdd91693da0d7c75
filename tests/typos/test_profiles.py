"""The profiles: what one slip of one word looks like, and that nothing outside the stream decides it."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import regex
import typo
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.languages import Language
from typoglot.typos import profile_fault
from typoglot.typos.letters import Word, alphabet, letters
from typoglot.typos.profiles import TypoPackage, Uniform, make_profile
from typoglot.typos.stream import Stream

if TYPE_CHECKING:
    from typoglot.typos.profiles import SlipProfile
    from typoglot.typos.slips import Slip

quick = settings(max_examples=100, deadline=None, database=None)
some_words = st.sampled_from(["saw", "owls", "Straße", "क्षमा", "เมือง", "ខ្មែរ", "달은", "东京", "ısı"])


def word(text: str) -> Word:
    """A text that is one word."""
    return Word(0, len(text), text, letters(text))


def slips(profile: SlipProfile, text: str, language: str, count: int) -> list[Slip]:
    """The first slip of as many streams."""
    return [next(profile.slips(word(text), language, Stream(text, number))) for number in range(count)]


# uniform


def test_the_four_operations_are_equally_likely() -> None:
    ops = Counter(slip.op for slip in slips(Uniform(), "keyboard", "en", 4000))

    assert set(ops) == {"delete", "insert", "substitute", "transpose"}
    assert all(900 < count < 1100 for count in ops.values())


@quick
@given(some_words, st.integers())
def test_a_slip_moves_whole_letters_only(text: str, number: int) -> None:
    before, slip = letters(text), next(Uniform().slips(word(text), "en", Stream(number)))
    after = letters(slip.text)

    gone, new = Counter(before) - Counter(after), Counter(after) - Counter(before)
    expected = {"delete": (1, 0), "insert": (0, 1), "substitute": (1, 1), "transpose": (0, 0)}[slip.op]
    assert (gone.total(), new.total()) in (expected, (0, 0))  # a letter may be replaced by itself


def test_every_place_of_a_word_is_deleted_equally_often() -> None:
    deleted = Counter(slip.text for slip in slips(Uniform(), "abcd", "en", 8000) if slip.op == "delete")

    assert set(deleted) == {"bcd", "acd", "abd", "abc"}
    assert all(420 < count < 580 for count in deleted.values())


def test_a_letter_is_inserted_before_between_and_behind() -> None:
    inserted = [slip.text for slip in slips(Uniform(), "山川", "en", 400) if slip.op == "insert"]

    assert {(text.index("山"), text.index("川")) for text in inserted} == {(1, 2), (0, 2), (0, 1)}


def test_neighbours_are_transposed() -> None:
    swapped = {slip.text for slip in slips(Uniform(), "abcd", "en", 400) if slip.op == "transpose"}

    assert swapped == {"bacd", "acbd", "abdc"}


def test_a_single_syllable_is_not_deleted_away() -> None:
    ops = {slip.op for slip in slips(Uniform(), "달", "ko", 400)}

    assert ops == {"insert", "substitute"}


@pytest.mark.parametrize("language", [language.value for language in Language])
def test_new_letters_are_the_language_s_own(language: str) -> None:
    text = alphabet("", language)[-3:]
    drawn = {letter for slip in slips(Uniform(), text, language, 500) for letter in slip.text}

    assert drawn <= set(alphabet("", language))
    assert len(drawn) > 15


def test_an_english_word_in_a_korean_question_gets_latin_letters() -> None:
    assert all(slip.text.isascii() for slip in slips(Uniform(), "iPhone", "ko", 200))


def test_a_german_word_in_a_korean_question_gets_latin_letters_too() -> None:
    drawn = {letter for slip in slips(Uniform(), "Zürich", "ko", 400) for letter in slip.text}

    assert drawn == set("abcdefghijklmnopqrstuvwxyzZü")


@pytest.mark.parametrize(
    ("text", "script"), [("いくつ", "Hiragana"), ("テレビ", "Katakana"), ("ﾃﾚﾋﾞ", "Katakana"), ("東京", "Han")]
)
def test_each_script_of_japanese_gets_its_own_letters(text: str, script: str) -> None:
    drawn = {letter for slip in slips(Uniform(), text, "ja", 400) for letter in slip.text} - set(text)

    assert len(drawn) > 15
    assert all(regex.fullmatch(rf"\p{{{script}}}", letter) for letter in drawn)


@quick
@given(some_words, st.integers())
def test_the_stream_alone_decides_a_uniform_slip(text: str, number: int) -> None:
    random.seed(number)
    first = next(Uniform().slips(word(text), "en", Stream(number)))
    random.seed(number + 1)

    assert next(Uniform().slips(word(text), "en", Stream(number))) == first


# typo


@quick
@given(st.sampled_from(["saw", "owls", "Voltaire", "don't", "café"]), st.integers())
def test_a_slip_of_profile_typo_is_the_package_s_own(text: str, number: int) -> None:
    slip = next(TypoPackage().slips(word(text), "en", Stream(number)))

    draws = Stream(number)
    op = draws.choose(TypoPackage.OPS)
    assert slip.op == op
    assert slip.text == getattr(typo.StrErrer(text, seed=draws.below(2**31)), op)().result


def test_profile_typo_uses_each_operation_equally_often() -> None:
    ops = Counter(slip.op for slip in slips(TypoPackage(), "keyboard", "en", 3000))

    assert set(ops) == set(TypoPackage.OPS)
    assert all(430 < count < 570 for count in ops.values())


def test_profile_typo_adds_no_spaces_and_joins_no_words() -> None:
    assert not any(" " in slip.text for slip in slips(TypoPackage(), "keyboard", "en", 500))


def test_profile_typo_leaves_the_state_of_random_as_it_was() -> None:
    random.seed(5)
    expected = random.random()

    random.seed(5)
    slips(TypoPackage(), "keyboard", "en", 20)
    assert random.random() == expected


def test_profile_typo_does_not_depend_on_the_seed_of_random() -> None:
    random.seed(1)
    first = slips(TypoPackage(), "keyboard", "en", 50)
    random.seed(2)

    assert slips(TypoPackage(), "keyboard", "en", 50) == first


def test_profile_typo_puts_the_state_back_when_the_package_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    for op in TypoPackage.OPS:
        monkeypatch.setattr(typo.StrErrer, op, lambda self: 1 / 0)
    before = random.getstate()

    with pytest.raises(ZeroDivisionError):
        slips(TypoPackage(), "keyboard", "en", 1)
    assert random.getstate() == before


# names


def test_a_profile_is_made_by_its_name() -> None:
    assert make_profile("uniform").name == "uniform"
    assert make_profile("typo").name == "typo"


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(KeyError, match="human"):
        make_profile("human")


def test_uniform_knows_every_language() -> None:
    assert make_profile("uniform").languages is None
    assert profile_fault("uniform", [language.value for language in Language]) is None


def test_profile_typo_knows_english_only() -> None:
    assert make_profile("typo").languages == frozenset({"en"})
    assert profile_fault("typo", ["en"]) is None


def test_the_fault_names_the_languages_and_the_way_out() -> None:
    fault = profile_fault("typo", ["en", "de", "ko"])

    assert fault is not None
    assert "not de, ko" in fault
    assert "benchmark.languages=[en]" in fault
    assert "typos=uniform" in fault
