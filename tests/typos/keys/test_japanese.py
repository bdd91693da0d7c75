"""Japanese words by reading: typed, slipped, converted."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.typos.keys import Converter
from typoglot.typos.keys.japanese import Japanese
from typoglot.typos.keys.romaji import Romaji
from typoglot.typos.lexicon import FOLDER, Lexicon, lexicon

quick = settings(max_examples=200, deadline=None, database=None)
KANA = [chr(point) for point in range(ord("ぁ"), ord("ゖ") + 1)]
ROWS = """\
これ	これ	900
公開	こうかい	70
会	かい	50
書	か(く)	40
買	か(う)	30
後悔	こうかい	20
描	か(く)	10
航海	こうかい	5
此れ	これ	4
可	か	3
消しゴム	けしごむ	2
会	あ(う)	1
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Japanese:
    path: Path = tmp_path_factory.mktemp("lexicon") / "ja.tsv.gz"
    path.write_bytes(gzip.compress(ROWS.encode()))
    return Japanese(Lexicon(path, separator=""), Romaji())


@pytest.fixture(scope="module")
def shipped() -> Japanese:
    return Japanese(lexicon("ja"))


def typed(japanese: Japanese, word: str) -> str | None:
    """The keys of a word in one text."""
    strokes = japanese.strokes(word)
    return None if strokes is None else "".join(strokes)


# Typing


def test_a_word_with_kanji_is_typed_by_its_reading_and_the_space_bar(small: Japanese) -> None:
    assert small.strokes("書") == ("k", "a", " ")
    assert typed(small, "公開") == "koukai "
    assert typed(small, "消しゴム") == "kesigomu "


def test_a_word_of_kana_is_typed_as_it_is(small: Japanese) -> None:
    assert typed(small, "これ") == "kore"
    assert typed(small, "テレビ") == "TEREBI"


def test_a_word_that_is_not_listed_is_read_in_pieces(small: Japanese) -> None:
    assert small.reading("公開会") == "こうかいかい"
    assert small.reading("書かれる") == "かかれる"
    assert small.reading("ゴム会") == "ごむかい"
    assert typed(small, "書ける") == "kakeru "


@pytest.mark.parametrize("word", ["狸", "公開狸", "狸の会", "Tシャツ", "会A", "ﾃﾚﾋﾞ", "ヷ会", "会・会", "NHK", "서울"])
def test_a_word_with_an_unknown_sign_cannot_be_typed(small: Japanese, word: str) -> None:
    assert small.strokes(word) is None


# What keys write


def test_the_space_bar_gives_the_commonest_word_and_pressed_again_the_next(small: Japanese) -> None:
    assert small.text("koukai ") == "公開"
    assert small.text("koukai  ") == "後悔"
    assert small.text("koukai   ") == "航海"
    assert small.text("koukai    ") == "こうかい"


def test_without_the_space_bar_kana_stay(small: Japanese) -> None:
    assert small.text("koukai") == "こうかい"
    assert small.text("KOUKAI") == "コウカイ"


def test_a_reading_without_a_word_stays_hiragana(small: Japanese) -> None:
    assert small.text("kouai ") == "こうあい"


def test_a_word_mostly_written_in_kana_stays_kana(small: Japanese) -> None:
    assert small.text("kore ") == "これ"


def test_the_space_bar_converts_what_was_typed_so_far(small: Japanese) -> None:
    assert small.text("kouka i") == "こうかい"
    assert small.text("ka i") == "可い"


def test_a_stem_alone_is_no_word_to_convert_to(small: Japanese) -> None:
    assert small.text("ka ") == "可"


@pytest.mark.parametrize("keys", ["kouka ik", "k oukai", "koukaik ", " ", " koukai", "k", "kst "])
def test_keys_that_write_no_kana_write_nothing(small: Japanese, keys: str) -> None:
    assert small.text(keys) is None


@quick
@given(st.lists(st.sampled_from(KANA), min_size=1, max_size=8).map("".join))
def test_hiragana_come_back_whatever_words_sound_like_them(small: Japanese, word: str) -> None:
    assert small.text(small.strokes(word) or ()) == word


# What an input method offers


def test_conversions_are_the_other_words_that_sound_alike(small: Japanese) -> None:
    assert small.conversions("公開") == (("後悔", "航海"), (21, 27))
    assert small.conversions("航海") == (("公開", "後悔"), (71, 92))


def test_a_stem_converts_to_stems_of_its_own_endings(small: Japanese) -> None:
    assert small.conversions("書") == (("描",), (11,))
    assert small.conversions("可") == ((), ())


@pytest.mark.parametrize("word", ["これ", "コレ", "消しゴム", "公開会", "狸", "NHK", ""])
def test_words_in_kana_and_words_without_a_like_have_no_conversion(small: Japanese, word: str) -> None:
    assert small.conversions(word) == ((), ())


def test_kana_are_no_conversion_of_a_word(small: Japanese) -> None:
    assert small.conversions("此れ") == ((), ())


def test_unconverted_is_the_reading_of_a_word_with_kanji(small: Japanese) -> None:
    assert small.unconverted("公開") == "こうかい"
    assert small.unconverted("書") == "か"
    assert small.unconverted("これ") is None
    assert small.unconverted("狸") is None


def test_offers_are_the_conversions_and_the_kana(small: Japanese) -> None:
    offers = {offer.op: offer.words for offer in small.offers("公開")}

    assert isinstance(small, Converter)
    assert offers == {"homophone": ("後悔", "航海"), "unconverted": ("こうかい",)}
    assert [offer.op for offer in small.offers("消しゴム")] == ["unconverted"]
    assert small.offers("これ") == ()


# The lexicon of the package


def test_every_word_of_the_lexicon_can_be_typed(shipped: Japanese) -> None:
    with gzip.open(FOLDER / "ja.tsv.gz", "rt", encoding="utf-8") as file:
        words = [line.split("\t")[0] for line in file if not line.startswith("#")]

    assert len(words) > 60_000
    assert [word for word in words if shipped.strokes(word) is None] == []


def test_the_lexicon_names_its_source_and_licence_and_is_small() -> None:
    packed = (FOLDER / "ja.tsv.gz").read_bytes()
    head = gzip.decompress(packed)[:1000].decode("utf-8", "ignore")

    assert "Mozc" in head
    assert "BSD-3-Clause" in head
    assert "## ja.tsv.gz" in (FOLDER / "LICENCES.md").read_text(encoding="utf-8")
    assert packed[4:8] == bytes(4)  # no time, so that the same data are the same bytes
    assert len(packed) <= 600_000


@pytest.mark.parametrize(
    ("word", "reading"),
    [
        ("東京", "とうきょう"), ("日本", "にほん"), ("大統領", "だいとうりょう"), ("誰", "だれ"), ("何", "なに"),
        ("最初", "さいしょ"), ("行", "い"), ("書", "か"), ("描", "か"), ("演", "えん"), ("食べる", "たべる"),
        ("取り上げ", "とりあげ"), ("人々", "ひとびと"), ("に関する", "にかんする"), ("血液型", "けつえきがた"),
        ("ヶ月", "かげつ"), ("消しゴム", "けしごむ"), ("娼", "しょう"),
    ],
)  # fmt: skip
def test_common_words_are_read_right(shipped: Japanese, word: str, reading: str) -> None:
    assert shipped.reading(word) == reading


@pytest.mark.parametrize("word", ["公開", "進化", "記者", "橋", "発見", "東京", "小説", "感じ", "変える"])
def test_a_common_word_comes_back(shipped: Japanese, word: str) -> None:
    assert shipped.text(shipped.strokes(word) or ()) == word


def test_rarer_words_become_their_commoner_likes(shipped: Japanese) -> None:
    assert shipped.text(shipped.strokes("後悔") or ()) == "公開"
    assert shipped.conversions("公開")[0][:2] == ("後悔", "航海")
    assert shipped.conversions("聞")[0][:2] == ("聴", "効")
