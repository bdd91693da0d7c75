"""Chinese keys: what a word is typed with, what an input method makes of keys, and which words it confuses."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.typos.keys import Converter
from typoglot.typos.keys.hanzi import CUTS, MOST, SAME, SCALE, TONES, WORD, Hanzi
from typoglot.typos.lexicon import Lexicon, lexicon

quick = settings(max_examples=60, deadline=None, database=None)
CN, TW, HK = (
    Hanzi(lexicon(code), scheme) for code, scheme in (("zh_cn", "pinyin"), ("zh_tw", "bopomofo"), ("zh_hk", "jyutping"))
)
ALL = {"pinyin": CN, "bopomofo": TW, "jyutping": HK}
SIMPLE = "月球火山地震水星河流城市电影上海人类小说时间年中国学大"
TRADITIONAL = "月球火山地震水星河流城市電影上海人類小說時間年中國學大"
LISTS = ("homophones", "fuzzy", "character_homophones", "character_fuzzy")
words = st.sampled_from([CN, TW, HK]).flatmap(
    lambda hanzi: st.tuples(st.just(hanzi), st.text(SIMPLE if hanzi is CN else TRADITIONAL, min_size=1, max_size=4))
)


def weights(listed: tuple[tuple[str, ...], tuple[int, ...]]) -> dict[str, int]:
    """Each word's own weight."""
    return {word: b - a for word, (a, b) in zip(listed[0], pairwise((0, *listed[1])), strict=True)}


def small(tmp_path: Path, *rows: str, scheme: str = "pinyin") -> Hanzi:
    """A method with these words only."""
    path = tmp_path / "small.tsv.gz"
    path.write_bytes(gzip.compress("".join(f"{row}\n" for row in rows).encode()))
    return Hanzi(Lexicon(path), scheme)


# Words to keys


@pytest.mark.parametrize(
    ("hanzi", "word", "keys"),
    [
        (CN, "月球", "yueqiu"), (CN, "女儿", "nver"), (CN, "策略", "celve"), (CN, "西安", "xian"),
        (TW, "月球", "ㄩㄝˋㄑㄧㄡˊ"), (TW, "中國", "ㄓㄨㄥㄍㄨㄛˊ"), (TW, "我的", "ㄨㄛˇㄉㄜ˙"),
        (HK, "月球", "jyutkau"), (HK, "唔係", "mhai"),
    ],
)  # fmt: skip
def test_a_word_is_typed_by_its_sounds_one_key_at_a_time(hanzi: Hanzi, word: str, keys: str) -> None:
    assert hanzi.strokes(word) == tuple(keys)


@pytest.mark.parametrize("word", ["", "NASA", "月x", "あ", "7"])
def test_what_is_not_in_the_lexicon_cannot_be_typed(word: str) -> None:
    assert CN.strokes(word) is None
    assert CN.offers(word) == ()


# Keys to words


@pytest.mark.parametrize(
    ("hanzi", "keys", "word"),
    [
        (CN, "yueqiu", "月球"), (CN, "zhongguo", "中国"), (CN, "zonguo", None), (CN, "zongguo", "总国"),
        (CN, "shangia", None), (CN, "shanghai", "上海"), (CN, "v", None), (CN, "", None),
        (TW, "ㄩㄝˋㄑㄧㄡˊ", "月球"), (TW, "ㄩㄝˋˋ", None), (TW, "ˋ", None), (TW, "ㄓㄨㄥㄍㄨㄛˊ", "中國"),
        (HK, "jyutkau", "月球"), (HK, "hoenggong", "香港"), (HK, "hoenggonq", None),
    ],
)  # fmt: skip
def test_keys_give_the_commonest_word_if_they_are_syllables(hanzi: Hanzi, keys: str, word: str | None) -> None:
    assert hanzi.text(tuple(keys)) == word


def test_keys_go_into_the_fewest_syllables() -> None:
    assert CN.text("xian") == CN.lexicon.best(("xian",))


def test_of_equally_many_syllables_the_commonest_word_wins(tmp_path: Path) -> None:
    rows = ["方\tfang\t9", "反\tfan\t8", "敢\tgan\t7", "暗\tan\t6"]

    assert small(tmp_path, *rows, "方案\tfang an\t5", "反感\tfan gan\t4").text("fangan") == "方案"
    assert small(tmp_path, *rows, "反感\tfan gan\t5", "方案\tfang an\t4").text("fangan") == "反感"


def test_without_a_word_the_way_with_the_least_rare_syllables_wins(tmp_path: Path) -> None:
    country = ["生\tsaang\t9", "國\tgwok\t8", "山\tsaan\t7", "獲\twok\t6"]
    harvest = ["生\tsaang\t9", "獲\twok\t8", "山\tsaan\t7", "國\tgwok\t6"]

    assert small(tmp_path, *country, scheme="jyutping").text("saangwok") == "山國"
    assert small(tmp_path, *harvest, scheme="jyutping").text("saangwok") == "生獲"


def test_a_syllable_without_a_consonant_needs_a_word(tmp_path: Path) -> None:
    rows = ["大\tda\t9", "西\txi\t8", "爱\tai\t7"]

    assert small(tmp_path, *rows).text("daai") is None
    assert small(tmp_path, *rows, "大爱\tda ai\t1").text("daai") == "大爱"
    assert small(tmp_path, *rows).text("ai") == "爱"


def test_a_tone_mark_ends_a_syllable(tmp_path: Path) -> None:
    rows = ["西\tㄒㄧ\t9", "安\tㄢ\t8", "喜\tㄒㄧˇ\t7"]

    assert small(tmp_path, *rows, scheme="bopomofo").text("ㄒㄧㄢ") is None
    assert small(tmp_path, *rows, scheme="bopomofo").text("ㄒㄧˇㄢ") == "喜安"


def test_long_keys_with_many_ways_to_part_are_read_in_time(tmp_path: Path) -> None:
    rows = ["阿\taa\t9", "啊\ta\t8", "呵\taaa\t7"]

    assert len(small(tmp_path, *rows)._parted("a" * 200)) <= CUTS


# Words that are confused


def test_homophones_sound_the_same_and_are_ranked_by_count() -> None:
    found = weights(CN.homophones("事实"))

    assert {"实施", "适时", "史诗"} <= found.keys()
    assert all(CN.strokes(word) == CN.strokes("事实") for word in found)
    assert found["实施"] == dict(CN.lexicon.counted(("shi", "shi")))["实施"] + 1


def test_bopomofo_homophones_share_the_tones() -> None:
    assert "事實" not in TW.homophones("史實")[0]
    assert "事實" in TW.fuzzy("史實")[0]


@pytest.mark.parametrize(
    ("hanzi", "syllable", "near"),
    [
        (CN, "shan", {"san", "shang"}), (CN, "zi", {"zhi"}), (CN, "nin", {"lin", "ning"}), (CN, "hen", {"fen", "heng"}),
        (CN, "xian", {"xiang"}), (CN, "guang", {"guan"}), (CN, "wo", set()), (CN, "chuan", {"cuan", "chuang"}),
        (TW, "ㄕㄢ", {"ㄙㄢ", "ㄕㄤ", "ㄕㄢˇ", "ㄕㄢˋ"}), (TW, "ㄓㄨㄣ", {"ㄗㄨㄣ", "ㄓㄨㄣˇ", "ㄓㄨㄣˋ"}),
        (HK, "nei", {"lei"}), (HK, "ngo", {"o"}), (HK, "oi", {"ngoi"}), (HK, "gwok", {"gok"}),
        (HK, "kong", {"kwong"}), (HK, "m", {"ng"}), (HK, "ng", {"m"}), (HK, "gwaa", set()),
        (HK, "bak", {"bat"}), (HK, "jing", set()), (HK, "saang", {"saan"}),
    ],
)  # fmt: skip
def test_near_syllables_differ_by_one_pair(hanzi: Hanzi, syllable: str, near: set[str]) -> None:
    assert set(hanzi.near(syllable)) == near


@pytest.mark.parametrize("scheme", ALL)
def test_nearness_goes_both_ways(scheme: str) -> None:
    hanzi = ALL[scheme]
    for syllable in hanzi.lexicon.syllables:
        assert all(syllable in hanzi.near(other) for other in hanzi.near(syllable)), syllable


def test_fuzzy_words_differ_in_one_syllable() -> None:
    reading = CN.lexicon.readings("城市")
    assert reading is not None

    assert CN.fuzzy("城市")[0]
    for word in CN.fuzzy("城市")[0]:
        other = CN.lexicon.readings(word)
        assert other is not None
        assert sum(a != b for a, b in zip(reading, other, strict=True)) == 1


def test_one_character_is_replaced_by_one_that_sounds_the_same() -> None:
    for word in CN.character_homophones("月球")[0]:
        [(character, sound)] = [(a, s) for a, b, s in zip(word, "月球", ("yue", "qiu"), strict=True) if a != b]
        assert character in CN.lexicon.words_of((sound,))[0]


def test_each_place_is_equally_likely(tmp_path: Path) -> None:
    hanzi = small(tmp_path, "是\tshi\t99", "时\tshi\t59", "十\tshi\t19", "月\tyue\t9", "约\tyue\t1")

    assert weights(hanzi.character_homophones("是月")) == {"是约": SCALE, "时月": SCALE * 3 // 4, "十月": SCALE // 4}


def test_another_form_of_the_same_word_is_no_mistake() -> None:
    assert "臺灣" not in TW.homophones("台灣")[0]
    assert "臺灣" not in TW.character_homophones("台灣")[0]


def test_offers_have_the_shares_of_cscd_ns() -> None:
    shares = {offer.op: offer.share for offer in CN.offers("城市")}

    assert shares.keys() == {"homophone", "character", "fuzzy", "fuzzy_character"}
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["homophone"] + shares["fuzzy"] == pytest.approx(WORD)
    assert shares["homophone"] + shares["character"] == pytest.approx(SAME)


def test_a_means_without_words_is_not_offered() -> None:
    assert CN.homophones("月球") == ((), ())
    assert "homophone" not in {offer.op for offer in CN.offers("月球")}


def test_chinese_is_a_converter() -> None:
    assert isinstance(CN, Converter)


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="scheme 'wubi': choose among pinyin, bopomofo, jyutping"):
        Hanzi(lexicon("zh_cn"), "wubi")


# Whatever the word


@quick
@given(words)
def test_the_keys_of_a_word_never_give_more_characters_than_it_has(case: tuple[Hanzi, str]) -> None:
    hanzi, word = case
    strokes = hanzi.strokes(word)
    assert strokes is not None
    written = hanzi.text(strokes)

    assert written is None or 0 < len(written) <= len(word)


@quick
@given(words)
def test_lists_are_short_and_never_hold_the_word(case: tuple[Hanzi, str]) -> None:
    hanzi, word = case
    for name in LISTS:
        found, sums = getattr(hanzi, name)(word)
        assert word not in found
        assert len(found) == len(sums) == len(set(found)) <= MOST
        assert all(a < b for a, b in pairwise((0, *sums)))
        assert all(len(other) == len(word) for other in found)


@quick
@given(words)
def test_a_fresh_method_says_the_same(case: tuple[Hanzi, str]) -> None:
    hanzi, word = case
    fresh = Hanzi(hanzi.lexicon, hanzi.scheme)

    assert fresh.offers(word) == hanzi.offers(word)
    assert fresh.strokes(word) == hanzi.strokes(word)


@quick
@given(st.text("ㄅㄆㄇㄓㄕㄧㄨㄩㄚㄜㄢㄥˊˇˋ˙aeiounghszcv'x月 ", max_size=12))
def test_any_keys_give_a_word_or_nothing(keys: str) -> None:
    for hanzi in (CN, TW, HK):
        written = hanzi.text(keys)
        assert written is None or (written and hanzi.lexicon.readings(written) is not None)


def test_the_tones_are_all_of_bopomofo() -> None:
    signs = {syllable[-1] for syllable in TW.lexicon.syllables} - set("ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙ")

    assert {sign for sign in signs if sign in "ˊˇˋ˙"} == set(TONES) - {""}
