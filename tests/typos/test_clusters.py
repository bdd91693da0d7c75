"""Cluster patterns: what they take for one written syllable, what they refuse, and how much of real text they cover."""

from __future__ import annotations

import itertools
import json
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

import pytest
import regex

from typoglot.sources import mini
from typoglot.typos.tablefile import read_table
from typoglot.typos.tables import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = {"th": "Thai", "km": "Khmer", "bn": "Bengali", "te": "Telugu", "hi": "Devanagari"}
ZWNJ, ZWJ = "\u200c", "\u200d"
each_language = pytest.mark.parametrize("language", SCRIPTS)

# One cluster each.
ACCEPTED = {
    "th": "ก กา กิ ก็ กี่ ที่ น้ำ ไม้ ใก เก้า เกาะ เพราะ แกะ โต๊ะ เป็ เม เลื ธิ์ ธุ์ ย์ ฤ ฤๅ ๆ ๓ เเก นํ้า",
    "km": "ក កា ខ្មែ ស្ត្រី ស៊ី ម៉្យា ស្ប៉ា បាំ ខ្ញុំ នេះ កោះ ក់ ម៌ ក៏ ស័ ថៈ ទ្ធិ៍ ឱ្យ ឥ ឬ ៣ " + f"ម{ZWNJ}៉ែ",
    "bn": "ক কি ক্ষ স্ত্র র্ম ন্দ্রী ড় ঢ় য়ে চাঁ কো দুঃ ক্ অ আঁ অ্যা ৎ ৩ " + f"র{ZWJ}্যা ক্{ZWNJ}",
    "te": "క కి క్ష స్త్రీ ర్మ కం కై కొ దుః క్ అ ఇం ౩ " + f"ఫ్{ZWNJ} క్{ZWNJ}ష",
    "hi": "क कि क्ष स्त्री र्म ड़ ढ़ा ज़्या माँ कॉ में अः ऑ क् ॐ ३ " + f"क्{ZWJ} क्{ZWNJ}ष",
}

# What no one can read; the reason is the key.
REFUSED = {
    "th": {
        "two vowels above": ["ทีี", "กัี", "กืิ", "ก็ี"],
        "a vowel above and one below": ["กิุ", "กูี"],
        "two tones": ["ก่้", "กี่่", "ม้้า"],
        "a tone behind thanthakhat, or before it": ["ก์่", "ก่์"],
        "two signs of silence": ["ย์์"],
        "a tone on the short vowel sign": ["ก็่"],
        "a mark without a consonant": ["ิ", "่", "าก", "ะ", "ำ", "ๅ", "์ก", " ี"],
        "sara am behind a vowel": ["ทิำ", "ทูำ", "ทาำ", "เทำ"],
        "a vowel behind sara am": ["ทำา", "นำ้"],
        "a vowel behind a vowel above": ["กีา", "กืะ", "กัา"],
        "two vowels behind": ["กาา", "กะะ", "กาะ"],
        "a leading vowel without a consonant": ["เ", "กแ", "ไใก", "เแก", "โ้ก", "เเเก"],
        "a leading vowel that goes with no such vowel": ["ไกา", "ใกิ", "แกี", "โกุ", "เกู", "แกา"],
    },
    "km": {
        "a coeng without a consonant": ["ក្", "្ក", "ក្ា", "ក្្ក", "ក្ ក"],
        "three subscripts": ["ក្ក្ក្ក"],
        "two vowels": ["កាា", "កេា", "កីុ", "កុិ"],
        "two register shifters": ["ប៉៉", "ប្យ៉៉", "ប៉៊", "ប៉្យ៉", "ស៊ី៊"],
        "a register shifter behind the vowel": ["បា៉"],
        "a mark without a base": ["ា", "់", "ំ", "៉", "ះក"],
        "a sign twice": ["កំំ", "នេះះ", "ក់់", "ម៌៌"],
        "a sign that the vowel does not take": ["កីំ", "កូះ", "កា់"],
        "a vowel on an independent vowel": ["ឥា", "ឬិ", "ឧុ"],
    },
    "bn": {
        "two hasants": ["ক্্", "ক্্ষ"],
        "a vowel sign behind a vowel sign": ["কিা", "কাি", "কেি", "কোা"],
        "a vowel sign behind a hasant": ["ক্া", "ক্ি"],
        "a hasant behind a vowel sign": ["কা্", "কি্ষ"],
        "two nuktas": ["ড়়"],
        "a nukta where no letter has one": ["ক়", "ম়", "আ়"],
        "a vowel sign on an independent vowel": ["আা", "ইি", "অে", "আ্যা"],
        "a vowel sign on khanda ta": ["ৎা", "ৎ্ক"],
        "a mark without a base": ["া", "্ক", "ঁ", "়"],
        "a mark twice": ["কঁঁ", "কংং", "কংঃ"],
        "a vowel sign behind a mark": ["কংা", "কঁি"],
    },
    "te": {
        "two viramas": ["క్్", "క్్ష"],
        "a vowel sign behind a vowel sign": ["కాి", "కిా", "కోా"],
        "a vowel sign behind a virama": ["క్ా", f"క్{ZWNJ}ి"],
        "a virama behind a vowel sign": ["కా్", "కి్ష"],
        "a vowel sign on an independent vowel": ["అా", "ఇి"],
        "a mark without a base": ["ా", "్క", "ం"],
        "a mark twice": ["కంం", "కంః"],
        "a vowel sign behind a mark": ["కంా"],
    },
    "hi": {
        "two viramas": ["क््", "क््ष"],
        "a vowel sign behind a vowel sign": ["काि", "किा", "केै"],
        "a vowel sign behind a virama": ["क्ा", f"क्{ZWJ}ि"],
        "a virama behind a vowel sign": ["का्", "कि्ष"],
        "two nuktas": ["ड़़"],
        "a nukta where Hindi has none": ["म़", "त़", "अ़"],
        "a nukta behind a vowel sign": ["डा़"],
        "a vowel sign on an independent vowel": ["अा", "इि", "एै"],
        "a mark without a base": ["ा", "्क", "ं", "़"],
        "a mark twice": ["कंं", "कँं"],
        "a vowel sign behind a mark": ["कंा", "कँी"],
    },
}  # fmt: skip


@cache
def pattern(language: str) -> regex.Pattern[str]:
    return regex.compile(read_table(FOLDER / f"{language}.json")["cluster"]["pattern"])


def clusters(language: str) -> list[str]:
    return unicodedata.normalize("NFC", ACCEPTED[language]).split()


def outside(language: str, text: str) -> list[str]:
    """Where the script's characters lie outside every cluster: each with its surroundings."""
    text = unicodedata.normalize("NFC", text)
    inside = {i for match in pattern(language).finditer(text) for i in range(*match.span())}
    own = regex.finditer(rf"\p{{{SCRIPTS[language]}}}", text)
    return [text[max(at - 5, 0) : at + 3] for at in map(regex.Match.start, own) if at not in inside]


# Strings


@each_language
def test_a_written_syllable_is_one_cluster(language: str) -> None:
    assert [one for one in clusters(language) if not pattern(language).fullmatch(one)] == []


@each_language
def test_clusters_side_by_side_leave_nothing_outside(language: str) -> None:
    pairs = itertools.product(clusters(language), repeat=2)

    assert [one + other for one, other in pairs if outside(language, one + other)] == []


@each_language
def test_no_cluster_takes_its_last_mark_twice(language: str) -> None:
    marked = [one for one in clusters(language) if unicodedata.category(one[-1]).startswith("M")]

    assert len(marked) > 5
    assert [one for one in marked if not outside(language, one + one[-1])] == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        pytest.param(code, text, id=f"{code}: {reason}: {text}")
        for code, reasons in REFUSED.items()
        for reason, texts in reasons.items()
        for text in texts
    ],
)
def test_what_no_one_writes_does_not_fit(language: str, text: str) -> None:
    assert outside(language, text)


@each_language
def test_a_mark_alone_does_not_fit(language: str) -> None:
    marks = [c for c in read_table(FOLDER / f"{language}.json")["alphabet"] if unicodedata.category(c).startswith("M")]

    assert marks
    assert [mark for mark in marks if not outside(language, mark)] == []


@each_language
def test_every_letter_of_the_alphabet_but_a_leading_vowel_fits_alone(language: str) -> None:
    alphabet = read_table(FOLDER / f"{language}.json")["alphabet"]
    letters = [c for c in alphabet if not unicodedata.category(c).startswith("M") and c not in "เแโใไะาำๅ"]

    assert [letter for letter in letters if outside(language, letter)] == []


# Texts


@pytest.mark.parametrize("language", sorted(SCRIPTS.keys() & set(mini.LANGUAGES)))
def test_nothing_in_mini_lies_outside(language: str) -> None:
    assert [entry.passage.id for entry in mini.entries() if outside(language, entry.questions[language])] == []


def real_text(folder: Path, language: str) -> str:
    if language in ("th", "hi"):
        return json.dumps(json.loads((folder / f"xquad/xquad.{language}.json").read_text()), ensure_ascii=False)
    if language == "km":
        rows = (folder / "mkqa/mkqa_dev/mkqa-km.jsonl").read_text().splitlines()
        return "\n".join(json.loads(row)["question"] for row in rows)
    return (folder / f"xor-parallel/{language}-en/{language}.txt").read_text()


@pytest.mark.real
@each_language
def test_of_real_text_less_than_one_character_in_a_thousand_lies_outside(language: str, real_data: Path) -> None:
    text = real_text(real_data, language)
    size = len(regex.findall(rf"\p{{{SCRIPTS[language]}}}", text))

    assert size > 50_000
    assert len(outside(language, text)) < size / 1000
