"""The engine at the edges of text: nothing to misspell, mixed scripts, unseen marks, odd letters, long texts."""

from __future__ import annotations

import random
import unicodedata
from functools import cache

import pytest
import regex

from typoglot.records import Perturbed
from typoglot.typos import TypoEngine
from typoglot.typos.casing import lower, upper
from typoglot.typos.keys.telex import Telex
from typoglot.typos.letters import INVISIBLE

WRITTEN = ("human", "keyboard")
PROFILES = (*WRITTEN, "uniform")
MARKS = ("\u00ad", "\u200e", "\u200f", "\u2060", "\ufeff")

every = pytest.mark.parametrize("profile", PROFILES)
written = pytest.mark.parametrize("profile", WRITTEN)


@cache
def engine(profile: str) -> TypoEngine:
    """One engine for all tests: its tables take a while to load."""
    return TypoEngine(profile)


def draws(profile: str, language: str, text: str, count: int = 60) -> list[Perturbed]:
    """The text with every slip, under as many names."""
    return [engine(profile).plan(f"q{number}", language, text).at(1) for number in range(count)]


def texts(profile: str, language: str, text: str, count: int = 60) -> list[str]:
    return [misspelt.text for misspelt in draws(profile, language, text, count)]


def starts_with_mark(text: str) -> bool:
    """Whether a cluster of the text has no base."""
    return any(unicodedata.category(cluster[0]).startswith("M") for cluster in regex.findall(r"\X", text))


@pytest.mark.parametrize("profile", [*PROFILES, "textattack", "typo"])
@pytest.mark.parametrize(
    "text",
    ["", " ", "\t\n\u00a0", "?", "…!?«»", "42", "１９９０", "١٩٩٠", "१९९०", "3.14 + 2/7", "a", "I", "https://example.com/a",
     "ann@example.org", "❤", "👨‍👩‍👧‍👦🏳️‍🌈👩🏽‍🚀", "\u200d", "\u200b\ufeff", "\u0301"],
)  # fmt: skip
def test_a_text_without_eligible_words_stays_at_every_rate(profile: str, text: str) -> None:
    misspelt = engine(profile).plan("q", "en", text).at(1)

    assert (misspelt.text, misspelt.edits, misspelt.words, misspelt.cer) == (text, (), 0, 0)
    assert not misspelt.changed
    assert not misspelt.ker


@every
def test_addresses_and_numbers_stay_while_their_neighbours_slip(profile: str) -> None:
    for misspelt in draws(profile, "en", "See https://example.com/moon or ann.lee@example.org: 1969 landings?", 20):
        assert regex.search(r"https://example\.com/moon .* ?ann\.lee@example\.org: 1969 ", misspelt.text)
        assert [edit.before.rstrip() for edit in misspelt.edits] == ["See", "or", "landings"]


@every
def test_an_address_between_chinese_words_stays_while_they_slip(profile: str) -> None:
    for misspelt in draws(profile, "zh", "请看www.example.com谢谢", 20):
        assert "www.example.com" in misspelt.text
        assert {edit.before for edit in misspelt.edits} <= {"请看", "谢谢"}


@every
def test_an_emoji_stays_before_and_behind_the_words_that_slip(profile: str) -> None:
    for misspelt in draws(profile, "en", "🦉👩🏽‍🚀 owls! 👨‍👩‍👧‍👦bats🏳️‍🌈"):
        assert regex.fullmatch("🦉👩🏽‍🚀 [a-z' ]+! 👨‍👩‍👧‍👦[a-z' ]+🏳️‍🌈", misspelt.text)
        assert [edit.before for edit in misspelt.edits] == ["owls", "bats"]


@every
@pytest.mark.parametrize(
    ("language", "text"),
    [("ar", "كان عام ١٩٩٠ جميلا"), ("ja", "東京の２０２１年とパリの42日"), ("hi", "सन् १९४७ में भारत"),
     ("th", "ประเทศไทย ๒๕๖๗ เมืองหลวง"), ("en", "Apollo11 flew in 1969 and B2B sales rose")],
)  # fmt: skip
def test_digits_of_every_script_stay(profile: str, language: str, text: str) -> None:
    digits = regex.findall(r"\p{N}", text)

    for misspelt in draws(profile, language, text):
        assert regex.findall(r"\p{N}", misspelt.text) == digits
        assert misspelt.changed
        assert not any(regex.search(r"\p{N}", edit.before) for edit in misspelt.edits)


@every
@pytest.mark.parametrize(
    ("language", "text"),
    [("th", "ผู้ก่อตั้ง Facebook คือใคร"), ("ja", "Facebookの創業者は誰ですか"), ("ar", "من أسس Facebook في أمريكا"),
     ("ko", "Facebook는 누가 만들었나요"), ("zh_tw", "誰創立了Facebook公司"), ("km", "តើ Facebook ជាអ្វី"),
     ("ru", "Кто создал Facebook"), ("el", "Ποιος ίδρυσε το Facebook")],
)  # fmt: skip
def test_a_latin_word_slips_in_latin_letters_in_any_text(profile: str, language: str, text: str) -> None:
    latin = [edit.after for one in draws(profile, language, text) for edit in one.edits if edit.before[0] == "F"]

    assert len(set(latin)) > 15
    assert all(regex.fullmatch(r"[A-Za-z ]+", after) for after in latin)


@written
@pytest.mark.parametrize("word", ["საქართველო", "Հայաստան", "𐌰𐌽𐌰𐍃", "தமிழ்", "ᐃᓄᒃᑎᑐᑦ"])
def test_a_word_in_a_script_without_a_table_stays_while_its_neighbours_slip(profile: str, word: str) -> None:
    for misspelt in draws(profile, "en", f"Was {word} large?", 20):
        assert [edit.before for edit in misspelt.edits if edit.op != "join"] in (["Was", "large"], ["large"])
        assert word in misspelt.text


@pytest.mark.parametrize("word", ["საქართველო", "Հայաստան", "𐌰𐌽𐌰𐍃"])
def test_uniform_brings_no_foreign_letter_into_a_script_that_it_does_not_know(word: str) -> None:
    assert not any(regex.search("[a-z]", text) for text in texts("uniform", "en", word))


@every
def test_marks_of_direction_stay_around_the_word_that_slips(profile: str) -> None:
    for misspelt in draws(profile, "he", "\u200fשלום\u200f \u2067עולם\u2069"):
        assert regex.fullmatch("\u200f[א-ת ]+\u200f \u2067[א-ת ]+\u2069", misspelt.text)


@pytest.mark.parametrize("mark", MARKS)
def test_an_invisible_mark_inside_a_word_goes_with_its_letter(mark: str) -> None:
    misspelt = texts("uniform", "en", f"café{mark}s")

    assert any(text.endswith(f"é{mark}") for text in misspelt)
    assert all((f"é{mark}" in text) == ("é" in text) == (mark in text) for text in misspelt)


@pytest.mark.parametrize("mark", MARKS)
def test_profile_typo_neither_moves_nor_deletes_an_invisible_mark_alone(mark: str) -> None:
    misspelt = texts("typo", "en", f"café{mark}s")

    assert all(text.count(mark) == 1 and text.replace(mark, "") != "cafés" for text in misspelt)


@pytest.mark.parametrize("profile", [*PROFILES, "textattack", "typo"])
def test_a_slip_never_parts_the_first_letter_from_its_accent(profile: str) -> None:
    misspelt = texts(profile, "en", "x\u0302yzab", 200)

    assert len(set(misspelt)) > 10
    assert not any(starts_with_mark(text) for text in misspelt)


@every
def test_a_text_from_right_to_left_keeps_its_punctuation_at_the_end(profile: str) -> None:
    for misspelt in draws(profile, "ar", "كم يبعد القمر؟"):
        assert misspelt.text.endswith("؟")
        assert regex.fullmatch(r"[\p{Arabic}؟ ]+", misspelt.text)


@every
def test_a_sharp_s_becomes_two_letters_only_as_writers_have_it(profile: str) -> None:
    misspelt = [slipped for text in ("groß", "aßB", "GROß", "Straße") for slipped in texts(profile, "de", text)]

    assert any("ß" in text for text in misspelt)
    if profile == "keyboard":  # who has no ß writes ss, and chance puts an s beside another
        assert not any("ss" in text.lower() for text in misspelt)


@every
def test_a_turkish_i_keeps_its_dot_or_its_lack_of_one_in_either_case(profile: str) -> None:
    misspelt = texts(profile, "tr", "İzmir. ışık. DİYARBAKIR", 200)

    assert not any("\u0307" in text for text in misspelt)
    if profile != "uniform":  # which puts small letters anywhere
        for title, small, capital in (text.split(". ") for text in misspelt):
            assert (title[0], small, capital) == (upper(title[0], "tr"), lower(small, "tr"), upper(capital, "tr"))


@written
def test_a_hebrew_final_stays_final_where_the_letter_before_it_goes(profile: str) -> None:
    found = set(texts(profile, "he", "שלומכם", 300))

    assert {"שלומם", "שלומכ"} & found
    assert all(regex.fullmatch("[א-ת ]+", text) for text in found)


def test_uniform_brings_in_no_hebrew_final() -> None:
    assert not set("ךןףץ") & set("".join(texts("uniform", "he", "שלום", 200)))


@every
def test_a_bengali_dot_stays_with_a_letter_that_takes_it(profile: str) -> None:
    misspelt = texts(profile, "bn", "হয় পাহাড় দৃঢ়", 200)

    assert any("\u09bc" in text for text in misspelt)
    assert not any(regex.search("(?<![ডঢয])\u09bc", text) for text in misspelt)


@written
def test_a_dot_below_makes_no_letter_of_another_language(profile: str) -> None:
    assert not set("\u0929\u0931\u0934") & set("".join(texts(profile, "hi", "दिन सड़क सीज़न कितना सरकार", 300)))


@written
def test_a_word_of_two_scripts_keeps_the_clusters_of_the_text_s_language(profile: str) -> None:
    for misspelt in texts(profile, "th", "Churchแล้ว", 300):
        assert regex.search("(?<![ก-ฮ][ัิ-ู]?)[่-์]|[เแโใไ](?![ก-ฮ])", misspelt) is None, misspelt


@written
def test_a_cluster_that_lies_across_two_words_is_not_broken(profile: str) -> None:
    for misspelt in texts(profile, "km", "សរីរាង្គ អូស្ទីន រេហ្គោន", 200):  # ICU cuts them behind the sign that subscribes
        # A sign that shifts the register may stand between a consonant and its subscript (Unicode, chapter 16.4).
        assert regex.search("(?<![ក-ឳ\u17c9\u17ca\u17cc])\u17d2|\u17d2(?![ក-ឳ])", misspelt) is None


@every
def test_half_width_kana_stay_half_width(profile: str) -> None:
    assert engine(profile).plan("q", "ja", "ﾃﾚﾋﾞを見た").at(0).text == "ﾃﾚﾋﾞを見た"
    for misspelt in draws(profile, "ja", "ﾃﾚﾋﾞを見た"):
        assert profile == "uniform" or misspelt.text.startswith("ﾃﾚﾋﾞ")


@every
@pytest.mark.parametrize(
    ("language", "text", "cut"),
    [("en", "A well-known dog's bone", ["well", "known", "dog's", "bone"]),
     ("fr", "Qu’est-ce que l'été?", ["Qu’est", "ce", "que", "l'été"]), ("tr", "Ankara'nın", ["Ankara'nın"])],
)  # fmt: skip
def test_a_hyphen_parts_words_and_an_apostrophe_does_not(
    profile: str, language: str, text: str, cut: list[str]
) -> None:
    for misspelt in draws(profile, language, text):
        assert [edit.before.rstrip() for edit in misspelt.edits] == cut
        assert text.count("-") <= misspelt.text.count("-")


@every
def test_a_zero_width_non_joiner_stays_between_letters(profile: str) -> None:
    misspelt = texts(profile, "ar", "می\u200cخواهم", 150)

    assert all(text.count("\u200c") == 1 for text in misspelt)
    assert not any(text.startswith("\u200c") for text in misspelt)


@written
def test_a_stress_mark_makes_no_letter_of_another_language(profile: str) -> None:
    assert not set("ѓќ") & set("".join(texts(profile, "ru", "Уко\u0301к Серге\u0301я", 200)))


@every
@pytest.mark.parametrize(
    ("language", "text"),
    [("vi", "Zürich"), ("vi", "tòan"), ("ja", "ヷヸ"), ("ja", "々々"), ("zh_cn", "龘𠀀𠀁"), ("zh_hk", "㐀㐁"),
     ("ko", "가ㄱ"), ("de", "ﬁnden")],
)  # fmt: skip
def test_a_word_that_no_key_types_breaks_nothing(profile: str, language: str, text: str) -> None:
    for misspelt in draws(profile, language, f"{text} {text}", 20):
        assert misspelt.edited == misspelt.words <= 6


@pytest.mark.parametrize(
    ("language", "piece"),
    [("en", "the owl flies over the moon ")]
    + [pytest.param(*row, marks=pytest.mark.slow) for row in [
        ("te", "నక్షత్రం"), ("en", "owl"), ("ja", "テレビ"),
        ("ko", "달은"), ("th", "เมืองหลวงของประเทศไทย"), ("vi", "đường sắt đầu tiên "),
        ("zh_cn", "月球离地球有多远"), ("en", "see ann@example.org ")]],
)  # fmt: skip
def test_a_hundred_kilobytes_are_one_text_like_others(language: str, piece: str) -> None:
    misspelt = engine("human").plan("q", language, piece * (100_000 // len(piece.encode()))).at(1)

    assert misspelt.edited == misspelt.words > 0


def test_four_thousand_letters_without_a_space_are_no_vietnamese_word() -> None:
    word = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=4000))

    assert Telex().strokes(word) is None  # the time that spelling takes grows with the square
    assert engine("keyboard").plan("q", "vi", word).at(1).words <= 1


@every
@pytest.mark.parametrize("text", ["so\u00adft", "ow\u202al\u202cs", "كم\u061cيبعد", "\u200fשלום\u200f", "ক্\u200cষমা"])
def test_invisible_marks_stay_and_a_slip_is_seen(profile: str, text: str) -> None:
    for misspelt in draws(profile, "en", text, 150):
        assert [c for c in misspelt.text if c in INVISIBLE] == [c for c in text if c in INVISIBLE]
        assert (regex.sub(r"\p{Cf}", "", misspelt.text) != regex.sub(r"\p{Cf}", "", text)) == misspelt.changed
