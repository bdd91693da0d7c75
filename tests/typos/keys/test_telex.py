"""Telex keys: Vietnamese there and back, and what a slip on them shows.

What the screen shows (SHOWN, and after one slip) was seen in the engine of Debian's ibus-unikey 0.7.0.
"""

from __future__ import annotations

import json
import unicodedata
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.typos.keys.telex import Telex

if TYPE_CHECKING:
    from pathlib import Path

quick = settings(max_examples=300, deadline=None, database=None)
VIETNAMESE = Telex()
ONSETS = "b c ch d đ gh h k kh l m n ng ngh nh p ph r s t th tr v x"
# Vietnamese rimes with their acute accent where the modern rule puts it.
RIMES = (
    "á ác ách ái ám án áng ánh áo áp át áu áy ắc ắm ắn ắng ắp ắt ấc ấm ấn ấng ấp ất ấu ấy é éc ém én éng éo ép ét "
    "ế ếch ếm ến ếnh ếp ết ếu í ía ích iếc iếm iến iếng iếp iết iếu ím ín ính íp ít íu ó oá oác oách oái oám oán "
    "oáng oánh oáp oát oáy oắc oắm oắn oắng oắt óc oé oén oeo oét ói óm ón óng óp ót ố ốc ối ốm ốn ống ốp ốt ớ ới ớm "
    "ớn ớp ớt ú úa uấn uấng uất uấy úc uế uếch uếnh úi úm ún úng uốc uối uốm uốn uống uốt úp út uý uých uyến uyết uýnh "
    "uýt ứ ứa ức ứi ứng ước ưới ướm ướn ướng ướp ướt ướu ứt ứu ý"
)
TONES = "\u0301\u0300\u0309\u0303\u0323"
LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạốồổỗộ"
SAMPLES = "tiếng Việt người được nghiêng quỳnh khuya hoà hòa thủy ĐẤT Hoàng thuở gì giữa Google quốc xoong"


def retoned(rime: str, tone: str) -> str:
    """The rime with that combining mark in place of its acute, or with none."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", rime).replace("\u0301", tone))


def typed(word: str) -> str | None:
    """The keys as a string."""
    keys = VIETNAMESE.strokes(word)
    return None if keys is None else "".join(keys)


@pytest.mark.parametrize("onset", ["", *ONSETS.split(), "g", "gi", "qu"])
def test_every_syllable_comes_back_with_every_tone(onset: str) -> None:
    taken = {"g": "i", "gi": "i", "qu": "u"}.get(onset, "")  # gia is gi-a
    behind = [rime for rime in RIMES.split() if unicodedata.normalize("NFD", rime)[0] not in taken]
    words = [onset + retoned(rime, tone) for rime, tone in product(behind, ("", *TONES))]
    lost = [word for word in words if VIETNAMESE.text(VIETNAMESE.strokes(word) or ()) != word]

    assert lost == []


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        ("tiếng", "tieesng"),
        ("được", "dduowjc"),
        ("người", "nguowif"),
        ("trường", "truowfng"),
        ("quốc", "quoosc"),
        ("đã", "ddax"),
        ("giữa", "giuwax"),
        ("khuya", "khuya"),
        ("thuở", "thuowr"),
        ("thưở", "thuwowr"),  # uow behind th is uơ
        ("hoà", "hoaf"),
        ("hòa", "hofa"),
        ("thuỷ", "thuyr"),
        ("thủy", "thury"),
        ("Đất", "Ddaast"),
        ("ĐẤT", "DDAAST"),
        ("HÀ", "HAF"),
        ("Đ", "Dd"),
        ("Đắk", "Ddawsk"),
        ("đô-la", "ddoo-la"),
    ],
)
def test_a_word_is_typed_with(word: str, keys: str) -> None:
    assert typed(word) == keys
    assert VIETNAMESE.text(keys) == word


@pytest.mark.parametrize(
    ("word", "keys"),
    [("Google", "Gooogle"), ("xoong", "xooong"), ("Texas", "Texxas"), ("boss", "bosss"), ("Tòa-Texas", "Tofa-Texxas")],
)
def test_a_key_that_would_act_is_struck_twice_for_itself(word: str, keys: str) -> None:
    assert typed(word) == keys
    assert VIETNAMESE.text(keys) == word


@pytest.mark.parametrize("word", ["window", "www", "pizza", "kg", "NFL", "add", "COVID-19", "don't", "4G"])
def test_what_is_no_vietnamese_is_typed_as_it_is(word: str) -> None:
    assert typed(word) == word


@pytest.mark.parametrize("word", ["tòan", "crôm", "phuơng", "Zürich", "Москва", "ㅋ", ""])
def test_what_the_keys_cannot_show_has_none(word: str) -> None:
    assert typed(word) is None


SHOWN = {
    "a mark or tone key acts behind any later letter": "tiengse tiếng hoawcj hoặc hoafn hoàn khuyru khuỷu toawns toắn "
    "nguoiwf người daod đao vietej việt",
    "the modern rule places the tone": "muaf mùa giaf già ginf gìn quyr quỷ quynhf quỳnh quas quá "
    "ngoafi ngoài cuoosi cuối hoaf hoà",
    "a new tone takes the old one's place": "nafs ná nafsf nà baspj bạp nafz na nafsz na",
    "a new mark takes the old one's place": "aaw ă awa â oow ơ owo ô uowo uô uoiwo uôi uoow ươ",
    "the same key again undoes": "ass as afff aff aaa aa eee ee ooo oo aww aw uww uw uoww uow ddd dd duoww duow "
    "tieengss tiêngs tieengse tiénge thuaafa thùaa nafzz naz",
    "after it all is literal": "asss ass dasssa dassa aaas aas messs mess ddassas đasas ddaaasas đaasas",
    "a key with no place types itself": "az az was was www www ew ew auw auw uwaa ưaa aia aia bacf bacf bacsf bácf "
    "giis giis quus quus qus qus",
    "what is no Vietnamese is literal": "vitej vitej tenis tenis facebook facebook windows windows a1s a1s mynf mynf",
    "uow makes both vowels": "uow ươ huow hươ duowcj dược ruouwj rượu quow quơ thuow thuơ thuowng thương thuoww thươ "
    "thuongw thương",
    "uo and ưo become ươ before an ending": "nguwon ngươn nguwoif ngừoi thuowr thuở thuownr thưởn nguwob ngưob",
    "dd is đ in abbreviations": "vndd vnđ kdd kđ add add dod đo dand đan dodd dod",
    "behind đ the keys go on acting": "ddocij đocị vndda vnđa ddoab đoab vnddbas vnđbá",
    "a sign ends the syllable": "nha-naf nha-nà a'as a'á toosb.as tốb.á dda-vitej đa-vitej",
    "the case is that of the letter": "DDAATS ĐẤT DdAats ĐẤt dDaats đất HAf HÀ NGUOIwf NGƯỜI DDD DD ASS AS",
}


@pytest.mark.parametrize("rule", SHOWN)
def test_the_screen_shows(rule: str) -> None:
    pairs = SHOWN[rule].split()

    assert [VIETNAMESE.text(keys) for keys in pairs[::2]] == pairs[1::2]


@pytest.mark.parametrize(
    ("keys", "shown"),
    [("hofa", "hòa"), ("hofan", "hoàn"), ("khore", "khỏe"), ("thury", "thủy"), ("thuyr", "thuỷ"), ("ngofai", "ngoài")],
)
def test_an_open_oa_oe_uy_keeps_the_tone_where_it_was_struck(keys: str, shown: str) -> None:
    assert VIETNAMESE.text(keys) == shown


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("tieeng", "tiêng"),  # tone key missing
        ("tieessng", "tiêsng"),  # doubled
        ("tieenfg", "tiềng"),  # another, elsewhere
        ("tiesng", "tiéng"),  # mark key missing
        ("tieeesng", "tieesng"),  # doubled
        ("tieesgn", "tiếgn"),  # two keys swapped
        ("tiewsng", "tiewsng"),  # a wrong key
    ],
)
def test_one_slip_shows(keys: str, shown: str) -> None:
    assert VIETNAMESE.text(keys) == shown


def test_a_combining_mark_among_the_keys_is_composed() -> None:
    assert VIETNAMESE.text("a\u0323s") == "ạs"


def test_no_keys_show_nothing() -> None:
    assert VIETNAMESE.text(()) is None


@quick
@given(st.text(st.sampled_from(LETTERS + "wzjfDĐẤƠ'-1"), max_size=8))
def test_a_word_comes_back_or_has_no_keys(word: str) -> None:
    keys = VIETNAMESE.strokes(word)

    assert keys is None or VIETNAMESE.text(keys) == word


@quick
@given(st.text(st.sampled_from("aeiouydwsfrxjzbcghkmnpqtvAODSW-1"), max_size=12))
def test_any_keys_show_text(keys: str) -> None:
    shown = VIETNAMESE.text(keys) or ""

    assert unicodedata.is_normalized("NFC", shown)
    assert len(shown) <= len(keys)
    assert regex.fullmatch(r"[\p{Latin}'1-]*", shown)


@quick
@given(st.sampled_from(SAMPLES.split()), st.data())
def test_one_wrong_key_shows_letters_only(word: str, data: st.DataObject) -> None:
    keys = list(VIETNAMESE.strokes(word) or ())
    place = data.draw(st.integers(0, len(keys) - 1))
    typed = data.draw(
        st.text(st.characters(categories=["L"]), max_size=2).filter(partial(unicodedata.is_normalized, "NFC"))
    )
    keys[place : place + data.draw(st.integers(0, 1))] = typed
    shown = VIETNAMESE.text(keys) or ""

    assert unicodedata.is_normalized("NFC", shown)
    assert shown == "" or shown.isalpha()


@pytest.mark.real
def test_995_of_1000_words_of_the_vietnamese_wikipedia_come_back(real_data: Path) -> None:
    lines = (real_data / "misspellings" / "viwiki.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [unicodedata.normalize("NFC", json.loads(line)["text"]) for line in lines]
    words = [word for text in texts for word in regex.findall(rf"(?i)(?<!\p{{L}})[a-z{LETTERS}\u1ea0-\u1ef9]+", text)]
    kept = {word: VIETNAMESE.text(VIETNAMESE.strokes(word) or ()) == word for word in set(words)}

    assert sum(kept[word] for word in words) > 0.995 * len(words)
