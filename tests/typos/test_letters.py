"""Words and letters: which words may carry a slip, and which pieces of them may move."""

from __future__ import annotations

import unicodedata

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.languages import Language
from typoglot.sources import mini
from typoglot.typos.letters import alphabet, letters, native, normal, words

quick = settings(max_examples=100, deadline=None, database=None)
codes = st.sampled_from([language.value for language in Language])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(normal)
INVISIBLE = ["\u00ad", "\u200e", "\u200f", "\u2060", "\ufeff"]
# A word of each script, and the script.
SCRIPTS = [
    ("Zürich", "Latin"), ("Луна", "Cyrillic"), ("λόγος", "Greek"), ("القمر", "Arabic"), ("שלום", "Hebrew"),
    ("क्षमा", "Devanagari"), ("ক্ষমা", "Bengali"), ("నక్షత్రం", "Telugu"), ("ไทย", "Thai"), ("ខ្មែរ", "Khmer"),
    ("서울", "Hangul"), ("いくつ", "Hiragana"), ("テレビ", "Katakana"), ("ﾃﾚﾋﾞ", "Katakana"), ("東京", "Han"),
]  # fmt: skip


def found(text: str, language: str = "en") -> list[str]:
    """The words themselves."""
    return [word.text for word in words(text, language)]


# Which words count


@pytest.mark.parametrize("text", ["", " ", "\t\n", "?!…", "، ؟", "--", "§ 5 %"])
def test_a_text_without_letters_has_no_words(text: str) -> None:
    assert found(text) == []


def test_a_word_of_one_letter_is_one_keystroke_and_does_not_count() -> None:
    assert found("Was I a fool, e o x?") == ["Was", "fool"]


@pytest.mark.parametrize("text", ["42", "1755", "3.14", "1,000", "٣٤", "４２", "Ⅳ", "x2", "3rd", "MP3", "²x"])
def test_a_word_with_a_digit_does_not_count(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/path?q=word",
        "http://example.org",
        "ftp://files.example.org",
        "www.example.com",
        "ann.lee@example.org",
        "mailto:ann.lee@example.org",
        "<ann@example.org>",
        "“https://example.com”",
        "(https://example.com/a)",
        "[www.example.com],",
        "(ann@example.org).",
        "WWW.Example.COM",
        "Www.example.com/Path",
        "HTTPS://EXAMPLE.COM",
        "example.com/path/page.html",
        "en.example.org/wiki/Owl?x=y#z",
        "zürich.example.ch/pfad",
    ],
)
def test_an_address_is_never_touched(address: str) -> None:
    assert found(address) == []
    assert found(f"see {address} now") == ["see", "now"]
    assert found(f"see\t{address}\nnow") == ["see", "now"]


@pytest.mark.parametrize(
    "address", ["www.example.com", "https://example.com/a", "(http://example.org)", "ann@example.org"]
)
def test_chinese_words_around_an_address_count(address: str) -> None:
    assert found(f"请看{address}谢谢", "zh") == ["请看", "谢谢"]


@pytest.mark.parametrize("text", ["and/or", "he/she", "owls @ night", "owls/ bats", "and\\or"])
def test_a_slash_or_an_at_sign_alone_is_no_address(text: str) -> None:
    assert "".join(found(text)) == regex.sub(r"\W", "", text)


def test_a_hyphen_parts_words_and_an_apostrophe_does_not() -> None:
    assert found("O'Neill didn't co-operate") == ["O'Neill", "didn't", "co", "operate"]


def test_an_emoji_is_no_word() -> None:
    assert found("owls ❤ bats ☎") == ["owls", "bats"]
    assert found("🦉") == found("👨\u200d👩\u200d👧") == []


def test_words_behind_an_emoji_are_where_they_are() -> None:
    text = "😀🦉 owls 🦇bats"

    assert [(word.start, word.end) for word in words(text, "en")] == [(3, 7), (9, 13)]
    assert found(text) == ["owls", "bats"]


def test_letters_beyond_the_first_65536_characters_make_words() -> None:
    assert found("𐌰𐌽𐌰 ana") == ["𐌰𐌽𐌰", "ana"]
    assert found("𠮷 野", "ja") == ["𠮷", "野"]


@pytest.mark.parametrize("mark", [*INVISIBLE, "\u200b", "\u202b", "\u2067", "\u2069"])
def test_an_invisible_mark_around_a_word_is_not_of_it(mark: str) -> None:
    assert found(f"{mark}owls{mark} {mark}bats") == ["owls", "bats"]
    assert [word.start for word in words(f"{mark}owls{mark}", "en")] == [1]


@pytest.mark.parametrize("mark", INVISIBLE)
def test_an_invisible_mark_makes_no_word_of_one_letter(mark: str) -> None:
    assert found(f"{mark}a{mark}") == []


def test_a_decomposed_accent_does_not_part_a_word() -> None:
    assert found(normal("cafe\u0301 na\u0308he")) == ["café", "nähe"]


def test_a_single_han_character_or_hangul_syllable_is_a_word() -> None:
    assert found("山", "zh") == found("山", "ja") == ["山"]
    assert found("달", "ko") == ["달"]


def test_a_single_kana_is_no_word() -> None:
    assert found("の", "ja") == []


def test_thai_has_words_without_spaces() -> None:
    assert found("เมืองหลวงของไทย", "th") == ["เมือง", "หลวง", "ของ", "ไทย"]


def test_khmer_has_words_without_spaces() -> None:
    assert found("ប្រទេសកម្ពុជា", "km") == ["ប្រទេស", "កម្ពុជា"]


def test_chinese_has_words_without_spaces() -> None:
    assert found("月球有多远？", "zh") == ["月球", "有", "多", "远"]


def test_japanese_has_words_without_spaces() -> None:
    assert found("東京の人口", "ja") == ["東京", "人口"]


def test_korean_words_stand_between_spaces() -> None:
    assert found("달은 얼마나 멀리 있나요?", "ko") == ["달은", "얼마나", "멀리", "있나요"]


def test_words_of_scripts_from_right_to_left_come_in_reading_order() -> None:
    assert found("كم يبعد القمر؟", "ar") == ["كم", "يبعد", "القمر"]
    assert found("שלום עולם", "he") == ["שלום", "עולם"]


def test_words_of_two_scripts_in_one_text_both_count() -> None:
    assert found("iPhone은 누가", "ko")[-1] == "누가"
    assert found("Who was 孔子?", "en") == ["Who", "was", "孔子"]


def test_the_turkish_dotted_and_dotless_i_stay_in_their_words() -> None:
    assert found("İstanbul ısı IŞIK", "tr") == ["İstanbul", "ısı", "IŞIK"]


def test_a_sharp_s_is_one_letter() -> None:
    assert letters("Straße") == ("S", "t", "r", "a", "ß", "e")
    assert found("Straße ß", "de") == ["Straße"]


@quick
@given(texts, codes)
def test_words_quote_the_text_in_order_and_do_not_overlap(text: str, language: str) -> None:
    end = 0
    for word in words(text, language):
        assert end <= word.start < word.end
        assert word.text == text[word.start : word.end] == "".join(word.letters)
        end = word.end


@pytest.mark.parametrize("language", mini.LANGUAGES)
def test_every_question_of_mini_has_two_words_or_more(language: str) -> None:
    assert all(len(words(normal(entry.questions[language]), language)) >= 2 for entry in mini.entries())


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="xx"):
        words("some words", "xx")


# What stands behind a word


def joining(text: str, language: str = "en") -> list[str]:
    """The words that might be written together with the next."""
    return [word.text for word in words(text, language) if word.joins]


def test_a_word_joins_the_one_behind_a_single_space() -> None:
    assert joining("red owls fly") == ["red", "owls"]
    assert joining("plan a trip") == ["plan"]
    assert joining("달은 멀리", "ko") == ["달은"]


@pytest.mark.parametrize(
    "between", ["  ", "\n", "\t", "\u00a0", "-", ", ", " (", " '", " 3 ", "\u200f ", " \u200f", ""]
)
def test_a_word_joins_over_nothing_but_one_space(between: str) -> None:
    assert joining(f"owls{between}") == []
    assert joining(f"owls{between}Über") == []


@pytest.mark.parametrize("address", ["www.example.com", "ann@example.org", "example.com/path"])
def test_a_word_does_not_join_an_address(address: str) -> None:
    assert joining(f"see {address} now") == []


def test_a_word_joins_behind_an_emoji_too() -> None:
    assert joining("🦉 owls fly") == ["owls"]


def test_words_of_scripts_without_spaces_do_not_join() -> None:
    assert joining("เมืองหลวงของไทย", "th") == []
    assert joining("月球有多远？", "zh") == []


# Letters


def test_no_text_has_no_letters() -> None:
    assert letters("") == ()


def test_an_accent_stays_on_its_letter() -> None:
    assert letters("x\u0302y") == ("x\u0302", "y")


def test_a_devanagari_conjunct_is_one_letter() -> None:
    assert letters("क्षमा") == ("क्ष", "मा")


def test_a_bengali_conjunct_is_one_letter() -> None:
    assert letters("ক্ষমা") == ("ক্ষ", "মা")


def test_a_telugu_conjunct_is_one_letter() -> None:
    assert letters("నక్షత్రం") == ("న", "క్ష", "త్రం")


def test_a_khmer_consonant_below_stays_with_the_one_above() -> None:
    assert letters("ខ្មែរ") == ("ខ្មែ", "រ")


def test_a_thai_vowel_before_its_consonant_stays_with_it() -> None:
    assert letters("ไทย") == ("ไท", "ย")


def test_a_thai_vowel_behind_its_consonant_stays_with_it() -> None:
    assert letters("มากๆ") == ("มา", "กๆ")


def test_a_hangul_syllable_is_one_letter() -> None:
    assert letters("한국") == ("한", "국")


def test_a_zero_width_joiner_stays_between_its_letters() -> None:
    assert letters("می\u200cخو") == ("م", "ی\u200cخ", "و")
    assert letters("क्\u200dष") == ("क्\u200dष",)


@pytest.mark.parametrize("mark", INVISIBLE)
def test_an_invisible_mark_stays_behind_its_letter(mark: str) -> None:
    assert letters(f"so{mark}ft") == ("s", f"o{mark}", "f", "t")


def test_a_family_of_joined_emoji_is_one_letter() -> None:
    assert letters("👨\u200d👩\u200d👧a") == ("👨\u200d👩\u200d👧", "a")


@quick
@given(st.text(max_size=20))
def test_letters_joined_are_the_word(word: str) -> None:
    assert "".join(letters(word)) == word


@quick
@given(st.text(max_size=20))
def test_a_letter_is_made_of_whole_clusters(word: str) -> None:
    clusters = regex.findall(r"\X", word)

    for letter in letters(word):
        while letter:
            assert letter.startswith(clusters[0])
            letter = letter.removeprefix(clusters.pop(0))


# Alphabets


@pytest.mark.parametrize(("word", "script"), SCRIPTS)
def test_an_alphabet_is_made_of_letters_that_stand_alone(word: str, script: str) -> None:
    own = alphabet(word, "en")

    assert len(set(own)) == len(own) >= 20
    assert all(unicodedata.category(letter) in ("Lo", "Ll") and normal(letter) == letter for letter in own)
    assert letters(own) == tuple(own)


@pytest.mark.parametrize("language", ["en", "ko", "ja", "ar", "zh"])
@pytest.mark.parametrize(("word", "script"), SCRIPTS)
def test_an_alphabet_is_of_the_word_s_script_whatever_the_language(word: str, script: str, language: str) -> None:
    assert regex.fullmatch(rf"\p{{{script}}}+", alphabet(word, language))


@pytest.mark.parametrize("language", [language.value for language in Language])
@pytest.mark.parametrize("word", ["", "--"])
def test_a_text_without_letters_gets_the_language_s_own_letters(word: str, language: str) -> None:
    scripts = "".join(rf"\p{{{script}}}" for script in Language(language).scripts)

    assert regex.fullmatch(f"[{scripts}]+", alphabet(word, language))


@pytest.mark.parametrize("language", ["en", "th", "zh"])
def test_a_word_of_a_script_that_no_alphabet_knows_gets_its_own_letters(language: str) -> None:
    assert alphabet("தமிழ்", language) == "தமழ"
    assert alphabet("ქართული", language) == "ქართული"


def test_the_first_letter_of_a_word_tells_its_script() -> None:
    assert alphabet("'iPhone은", "ko") == alphabet("owl", "ko")
    assert alphabet("은iPhone", "ko") == alphabet("서울", "ko")


def test_final_forms_are_not_drawn() -> None:
    assert not set("ךםןףץ") & set(alphabet("שלום", "he"))
    assert "ς" not in alphabet("λόγος", "el")


# Whose word it is


@pytest.mark.parametrize("language", [language.value for language in Language if language is not Language.dz])
def test_a_word_in_a_script_of_the_language_is_its_own(language: str) -> None:
    assert native(alphabet("", language)[0], language) == language


def test_a_word_in_another_script_is_taken_for_the_language_that_writes_it_most() -> None:
    first = {word[0]: native(word[0], "ro" if script != "Latin" else "ru") for word, script in SCRIPTS}

    assert first == {"Z": "en", "Л": "ru", "λ": "el", "ا": "ar", "ש": "he", "क": "hi", "ক": "bn", "న": "te", "ไ": "th",
                     "ខ": "km", "서": "ko", "い": "ja", "テ": "ja", "ﾃ": "ja", "東": "zh_cn"}  # fmt: skip


@pytest.mark.parametrize("language", ["ja", "zh", "zh_tw", "zh_hk"])
def test_han_is_the_language_s_own_where_it_is_written_so(language: str) -> None:
    assert native("東", language) == language


@pytest.mark.parametrize("letter", ["ი", "த", "𐌰"])
def test_a_script_that_no_table_knows_is_nobody_s(letter: str) -> None:
    assert native(letter, "en") is None


# Normal form


def test_the_normal_form_is_composed() -> None:
    assert normal("cafe\u0301") == "café"
    assert normal("\u1112\u1161\u11ab") == "한"


@quick
@given(st.text(max_size=20))
def test_a_normal_text_is_its_own_normal_form(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("https://ru.wikipedia.org/wiki/Луна и ночь", "ru", ["ночь"]),
        ("请看https://example.com在哪里", "zh", ["请看", "在", "哪里"]),
        ("go example.com/path now", "en", ["go", "now"]),
        ("U.S.A/Canada", "en", ["U.S.A", "Canada"]),
    ],
)
def test_an_address_ends_where_the_text_goes_on(text: str, language: str, expected: list[str]) -> None:
    assert [word.text for word in words(text, language)] == expected
