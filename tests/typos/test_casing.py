"""Upper and lower case: one letter for one letter, and back to the word that it was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.typos.casing import Casing, casing, lower, recase, upper

quick = settings(max_examples=200, deadline=None, database=None)
codes = st.sampled_from(["en", "tr", "de", "el"])
# Letters whose other case is longer, is shared with another letter, or is a title case of its own, among plain ones.
texts = st.text(st.sampled_from("abIiıİßẞſµςσΣǅǆŉΐﬁéÉжЖא字") | st.characters(exclude_categories=["Cs"]), max_size=8)


@quick
@given(texts, codes)
def test_a_case_is_as_long_as_the_text(text: str, language: str) -> None:
    assert len(lower(text, language)) == len(upper(text, language)) == len(text)


@quick
@given(texts, codes)
def test_a_word_comes_back_from_its_lower_case(text: str, language: str) -> None:
    how = casing(text, language)

    assert how is Casing.mixed or recase(lower(text, language), how, language) == text


@quick
@given(texts, codes)
def test_lower_case_of_lower_case_is_itself(text: str, language: str) -> None:
    assert lower(lower(text, language), language) == lower(text, language)


@pytest.mark.parametrize(
    ("text", "language", "how"),
    [
        ("owl", "en", Casing.lower), ("Owl", "en", Casing.title), ("OWL", "en", Casing.upper),
        ("iPhone", "en", Casing.mixed), ("McDonald", "en", Casing.mixed), ("oWL", "en", Casing.mixed),
        ("I", "en", Casing.title), ("don't", "en", Casing.lower), ("DON'T", "en", Casing.upper),
        ("", "en", Casing.lower), ("القمر", "ar", Casing.lower), ("東京", "ja", Casing.lower),
        ("Iğdır", "tr", Casing.title), ("İZMİR", "tr", Casing.upper), ("ISI", "tr", Casing.upper),
        ("İzmir", "en", Casing.lower),  # its İ has no lower case of one letter
        ("Straße", "de", Casing.title), ("STRAßE", "de", Casing.upper), ("STRAẞE", "de", Casing.mixed),
        ("ΛΟΓΟΣ", "el", Casing.upper), ("Λόγος", "el", Casing.title), ("ǅ", "en", Casing.mixed),
    ],
)  # fmt: skip
def test_how_a_word_is_written(text: str, language: str, how: Casing) -> None:
    assert casing(text, language) is how


def test_turkish_keeps_the_dot_of_its_i() -> None:
    assert (lower("Iİ", "tr"), upper("ıi", "tr")) == ("ıi", "Iİ")
    assert (lower("I", "en"), upper("i", "en")) == ("i", "I")


def test_a_letter_whose_other_case_is_longer_stays() -> None:
    assert upper("ß", "de") == "ß"
    assert lower("İ", "en") == "İ"


def test_a_changed_word_is_put_into_the_case_of_the_right_one() -> None:
    assert recase("wol", Casing.title, "en") == "Wol"
    assert recase("izmır", Casing.title, "tr") == "İzmır"
    assert recase("strasse", Casing.upper, "de") == "STRASSE"


def test_lower_and_mixed_words_and_nothing_stay_as_they_are() -> None:
    assert recase("Phone", Casing.mixed, "en") == "Phone"
    assert recase("owl", Casing.lower, "en") == "owl"
    assert [recase("", how, "en") for how in Casing] == [""] * 4
