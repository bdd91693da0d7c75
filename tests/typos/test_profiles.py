"""The profiles: what one slip of one word looks like, and that nothing outside the stream decides it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import regex
import typo
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.languages import Language
from typoglot.typos import TypoEngine, profile_fault
from typoglot.typos.letters import Word, alphabet, letters
from typoglot.typos.profiles import TypoPackage, Uniform, make_profile
from typoglot.typos.stream import Stream
from typoglot.typos.tables import load
from typoglot.typos.writers import Writer

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


# human and keyboard


MARKED = {
    "alphabet": "abcdeéghiklmnoprstu",
    "classes": {"mechanical": 0.3, "orthographic": 0.3, "diacritic": 0.3, "spacing": 0.1},
    "orthographic": [["o", "a", 20]],
    "diacritic": [["é", "e", 20]],
    "positions": {"all": {"first": 0, "second": 1, "early": 1, "middle": 1, "late": 1, "last": 0}},
    "letters": {"delete": {"l": 0}, "insert": {"u": 5}},
}


@pytest.fixture(scope="session")
def folder(language_folder: Callable[..., Path]) -> Path:
    """Language files of which the English one slips in every way."""
    return language_folder("en", **MARKED)


def drawn(profile: SlipProfile, text: str, language: str, count: int, *, joins: bool = False) -> list[Slip]:
    """The first slip of as many streams of a word that another one follows, or none."""
    given_word = word(text)._replace(joins=joins)
    return [next(profile.slips(given_word, language, Stream(text, number))) for number in range(count)]


def test_human_slips_are_those_of_the_language_s_writer(folder: Path) -> None:
    profile, writer = make_profile("human", folder), Writer(load("en", folder))

    for number in range(50):
        made = list(profile.slips(word("polémic"), "en", Stream(number)))
        assert made == list(writer.slips(word("polémic"), Stream(number)))


def test_human_slips_are_of_every_class(folder: Path) -> None:
    kinds = Counter(slip.kind for slip in drawn(make_profile("human", folder), "polémic", "en", 500, joins=True))

    assert set(kinds) == {"mechanical", "orthographic", "diacritic", "spacing"}


def test_keyboard_slips_are_of_the_fingers_alone(folder: Path) -> None:
    found = drawn(make_profile("keyboard", folder), "polémic", "en", 500, joins=True)

    assert {slip.kind for slip in found} == {"mechanical"}
    assert not any(slip.swallowed or " " in slip.text for slip in found)


def test_the_four_operations_of_keyboard_are_equally_likely(folder: Path, chance: Callable[..., float]) -> None:
    ops = Counter(slip.op for slip in drawn(make_profile("keyboard", folder), "polemic", "en", 10_000))

    assert chance(ops, dict.fromkeys(["substitute", "delete", "insert", "transpose"], 1)) > 0.001


def test_keyboard_hits_every_place_and_letter_alike(folder: Path, chance: Callable[..., float]) -> None:
    found = drawn(make_profile("keyboard", folder), "polemic", "en", 10_000)
    deleted = Counter(slip.text for slip in found if slip.op == "delete")

    assert chance(deleted, {"polemic"[:i] + "polemic"[i + 1 :]: 1 for i in range(7)}) > 0.001


@pytest.mark.parametrize("op", ["substitute", "insert"])
def test_keyboard_hits_neighbouring_keys_alone(folder: Path, op: str) -> None:
    near = {"g": set("thb"), "p": set("ol"), "t": set("rg")}  # of the alphabet; y, f and v are not
    for letter, keys in near.items():
        made = drawn(make_profile("keyboard", folder), letter * 3, "en", 400)

        assert {c for slip in made if slip.op == op for c in slip.text} == {letter, *keys}


def test_the_tables_of_a_folder_are_used(folder: Path, language_folder: Callable[..., Path]) -> None:
    other = language_folder("en", classes={"orthographic": 1}, orthographic=[["ole", "ale", 1]])

    assert {slip.text for slip in drawn(make_profile("human", other), "polemic", "en", 20)} == {"palemic"}
    assert len({slip.text for slip in drawn(make_profile("human", folder), "polemic", "en", 20)}) > 5


@pytest.mark.parametrize("name", ["human", "keyboard"])
def test_a_word_in_another_script_is_typed_by_those_who_write_it(folder: Path, name: str) -> None:
    profile = make_profile(name, folder)

    found = {tuple(profile.slips(word("polemic"), language, Stream(1))) for language in ("th", "ko", "en", "ru")}
    assert len(found) == 1
    assert profile.writer("polemic", "th") is profile.writer("polemic", "en")


def test_a_word_is_typed_by_the_script_of_its_first_letter(folder: Path) -> None:
    profile = make_profile("human", folder)

    assert profile.writer("'polemic", "th") is profile.writer("polemic", "en")
    assert profile.writer("''", "en") is None


@pytest.mark.parametrize("name", ["human", "keyboard"])
def test_a_word_in_a_script_without_a_table_has_no_slips(folder: Path, name: str) -> None:
    profile = make_profile(name, folder)

    assert list(profile.slips(word("தமிழ்"), "en", Stream(1))) == []
    assert profile.writer("தமிழ்", "en") is None


@pytest.mark.parametrize("name", ["human", "keyboard"])
def test_keyboard_and_human_count_presses(folder: Path, name: str) -> None:
    writer = make_profile(name, folder).writer("Polemic", "en")

    assert writer is not None
    assert writer.presses("Polemic") == 7


@pytest.mark.parametrize("name", ["uniform", "typo", "textattack"])
def test_other_profiles_know_no_keys(name: str) -> None:
    assert make_profile(name).writer("polemic", "en") is None


@pytest.mark.parametrize("name", ["human", "keyboard", "textattack"])
def test_the_stream_alone_decides(folder: Path, name: str) -> None:
    one, other = make_profile(name, folder), make_profile(name, folder)
    drawn(other, "another", "en", 5)

    random.seed(1)
    before = drawn(one, "Polemic", "en", 50)
    random.seed(2)
    assert drawn(other, "Polemic", "en", 50) == before


# names


@pytest.mark.parametrize("name", ["human", "keyboard", "uniform", "textattack", "typo"])
def test_a_profile_is_made_by_its_name(name: str, folder: Path) -> None:
    assert make_profile(name, folder).name == name


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(KeyError, match="humane"):
        make_profile("humane")


def test_uniform_knows_every_language() -> None:
    assert make_profile("uniform").languages is None
    assert profile_fault("uniform", [language.value for language in Language]) is None


@pytest.mark.parametrize("name", ["human", "keyboard"])
def test_these_profiles_know_the_languages_that_have_a_table(name: str, tmp_path: Path) -> None:
    assert profile_fault(name, ["de", "zh", "en_gb", "pt_br"]) is None
    assert profile_fault(name, ["cs", "de", "fi", "sl"]) == (
        f"typos.profile={name}: has no table of cs, sl; give typos=uniform (any language), "
        "or benchmark.languages=[de,fi]."
    )
    (tmp_path / "cs.json").touch()
    assert profile_fault(name, ["cs", "de"], tmp_path) is None


def test_without_a_table_the_engine_says_so() -> None:
    with pytest.raises(DataError, match=r"cs\.json: no table of 'cs': misspell it by the profile uniform"):
        TypoEngine("human").plan("q", "cs", "výpočty")


def test_variants_of_a_language_share_its_table() -> None:
    assert TypoEngine("human").tables(["pt_br"]) == TypoEngine("human").tables(["pt"])
    assert TypoEngine("human").tables(["en_gb"]) == TypoEngine("human").tables(["en"])


@pytest.mark.parametrize("name", ["textattack", "typo"])
def test_these_profiles_know_english_only(name: str) -> None:
    assert make_profile(name).languages == frozenset({"en"})
    assert profile_fault(name, ["en"]) is None
    assert profile_fault(name, []) is None


@pytest.mark.parametrize("name", ["textattack", "typo"])
def test_the_fault_names_the_languages_and_the_way_out(name: str) -> None:
    assert profile_fault(name, ["en", "de", "ko"]) == (
        f"typos.profile={name}: knows en only, not de, ko; give benchmark.languages=[en], or typos=human."
    )
