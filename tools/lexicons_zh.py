"""Makes src/typoglot/typos/lexicons/zh_cn.tsv.gz, zh_tw.tsv.gz and zh_hk.tsv.gz: words, readings as typed, counts.

For maintainers only, since the files are in the repository. In an environment of its own:
    pip install jieba==0.42.1 pypinyin==0.55.0 opencc==1.4.2 ToJyutping==3.2.0 pycantonese==5.0.0
    python tools/lexicons_zh.py [FOLDER]

A multi-character word's count is its frequency. A single character's count is how often it occurs with that reading in
all words, itself included: this weighs its readings against one another, and rare characters that only occur inside
words against common ones. Of a character's readings the two commonest are kept, the second only if words attest it.
Words of five characters and more are left out: shorter ones make them up. Same versions, same zlib: same bytes.
"""

from __future__ import annotations

import gzip
import importlib.resources
import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import jieba
import opencc
import pycantonese
import pypinyin
import ToJyutping
from pypinyin.style import convert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Reader = Callable[[str], tuple[str, ...] | None]
    Row = tuple[str, str, int]  # word, reading, count

FOLDER = Path(__file__).parents[1] / "src/typoglot/typos/lexicons"
LIMIT = 600_000  # bytes of a packed file
LONGEST = 4  # characters of a word
SECOND = 0.01  # share of a character's occurrences that a second reading needs: below it is the reader's noise
HAN = re.compile(r"[〇\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")

JIEBA = "words and counts: dict.txt of jieba 0.42.1, MIT, copyright 2013 Sun Junyi"
PYPINYIN = "readings: pypinyin 0.55.0, MIT, copyright 2016 mozillazg, hotoo"
OPENCC = "traditional forms: OpenCC 1.4.2, Apache-2.0, copyright Carbo Kuo and contributors"
SOURCES = {
    "zh_cn": (JIEBA, PYPINYIN),
    "zh_tw": (JIEBA, OPENCC, PYPINYIN, "Taiwan's own readings: a table in tools/lexicons_zh.py, by hand"),
    "zh_hk": (
        JIEBA,
        OPENCC,
        "Cantonese words and counts: HKCanCor, CC BY 4.0, K. K. Luke and May L. Y. Wong 2015; the word list of"
        " rime-cantonese, CC BY 4.0, CanCLID, counted in the Cantonese side of CTCPC, CC0 1.0; as in pycantonese 5.0.0",
        "readings: ToJyutping 3.2.0, BSD-2-Clause, copyright 2024 CanCLID; data of rime-cantonese, CC BY 4.0, CanCLID;"
        " tones removed",
    ),
}

# pypinyin's first reading of these is not the common one; it would also reach words that its phrase list lacks.
FIRST = {"似": "sì,shì", "佛": "fó,fú", "乾": "gān,qián", "誰": "shéi,shuí"}
# The words 地 and 得 standing alone are particles in jieba's counts, and 长 is "long".
ALONE = {"地": "de", "得": "de", "长": "cháng", "長": "cháng"}
# Interjections that pypinyin writes without a vowel; input methods take these.
TYPED = {"n": "en", "ng": "en", "m": "mu", "hm": "heng", "hng": "heng", "ê": "ei"}
# Readings where the standard of Taiwan (table of 1999) differs from the mainland's (1985): character, mainland, Taiwan.
TAIWAN = """
期 ㄑㄧ ㄑㄧˊ/企 ㄑㄧˇ ㄑㄧˋ/究 ㄐㄧㄡ ㄐㄧㄡˋ/微 ㄨㄟ ㄨㄟˊ/危 ㄨㄟ ㄨㄟˊ/薇 ㄨㄟ ㄨㄟˊ
巍 ㄨㄟ ㄨㄟˊ/擊 ㄐㄧ ㄐㄧˊ/績 ㄐㄧˋ ㄐㄧ/跡 ㄐㄧˋ ㄐㄧ/蹟 ㄐㄧˋ ㄐㄧ/質 ㄓˋ ㄓˊ
識 ㄕˊ ㄕˋ/息 ㄒㄧ ㄒㄧˊ/惜 ㄒㄧ ㄒㄧˊ/昔 ㄒㄧ ㄒㄧˊ/夕 ㄒㄧ ㄒㄧˋ/汐 ㄒㄧ ㄒㄧˋ
突 ㄊㄨ ㄊㄨˊ/叔 ㄕㄨ ㄕㄨˊ/淑 ㄕㄨ ㄕㄨˊ/擁 ㄩㄥ ㄩㄥˇ/括 ㄎㄨㄛˋ ㄍㄨㄚ/髮 ㄈㄚˋ ㄈㄚˇ
攜 ㄒㄧㄝˊ ㄒㄧ/垃 ㄌㄚ ㄌㄜˋ/圾 ㄐㄧ ㄙㄜˋ/蝸 ㄨㄛ ㄍㄨㄚ/框 ㄎㄨㄤˋ ㄎㄨㄤ/檔 ㄉㄤˋ ㄉㄤˇ
儲 ㄔㄨˇ ㄔㄨˊ/穴 ㄒㄩㄝˊ ㄒㄩㄝˋ/帆 ㄈㄢ ㄈㄢˊ/崖 ㄧㄚˊ ㄧㄞˊ/偽 ㄨㄟˇ ㄨㄟˋ/諷 ㄈㄥˇ ㄈㄥˋ
寂 ㄐㄧˋ ㄐㄧˊ/血 ㄒㄩㄝˋ ㄒㄧㄝˇ/暫 ㄗㄢˋ ㄓㄢˋ/拙 ㄓㄨㄛ ㄓㄨㄛˊ/鞠 ㄐㄩ ㄐㄩˊ/菌 ㄐㄩㄣ ㄐㄩㄣˋ
削 ㄒㄧㄠ ㄒㄩㄝˋ/薄 ㄅㄠˊ ㄅㄛˊ/剝 ㄅㄠ ㄅㄛ/跌 ㄉㄧㄝ ㄉㄧㄝˊ/堤 ㄉㄧ ㄊㄧˊ/播 ㄅㄛ ㄅㄛˋ
"""
# OpenCC's Hong Kong forms that are rarer in CTCPC's Cantonese than the forms of Big5.
HONG_KONG = str.maketrans("説羣户衞温脱峯税啓閲麪敍卧悦藴葱嫺", "說群戶衛溫脫峰稅啟閱麵敘臥悅蘊蔥嫻")

Counts = Counter[str]


def main() -> None:
    """Writes the three files and prints their sizes."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    pypinyin.load_single_dict({ord(character): own for character, own in FIRST.items()})
    simplified = jieba_counts()
    big5 = characters("big5", 0xA4, 0xF9)
    made = {
        "zh_cn": rows(simplified, pinyin, characters("gb2312", 0xB0, 0xF7)),
        "zh_tw": rows(taiwan(simplified), Bopomofo(), big5),
        "zh_hk": rows(hong_kong(simplified), jyutping, big5),
    }
    for code, (words, singles) in made.items():
        kept, packed = fit(code, words, singles)
        (folder / f"{code}.tsv.gz").write_bytes(packed)
        sys.stdout.write(f"{code}: {kept} words, {len(singles)} rows of characters, {len(packed)} bytes\n")


# Words and counts


def jieba_counts() -> Counts:
    """The Han words of jieba's dictionary with their counts."""
    counts: Counts = Counter()
    for line in Path(jieba.__file__).with_name("dict.txt").read_text("utf-8").splitlines():
        word, count, _ = line.split(" ")
        if HAN.fullmatch(word) and encodable(word, "gbk") and not misread(word):
            counts[word] += int(count)
    return counts


def misread(word: str) -> bool:
    """Whether the "word" is the first two bytes of a common character in UTF-8, taken for GBK.

    jieba's corpus holds such text: 浜, 涓 and 鍦 have the counts of half the 人, 中 and 在. All of the region is rare.
    """
    first, second, *rest = word.encode("gbk")
    return not rest and 0xE4 <= first <= 0xE9 and 0x80 <= second <= 0xBF


def encodable(word: str, encoding: str) -> bool:
    """Whether the encoding has all characters of the word."""
    try:
        word.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def characters(encoding: str, first: int, last: int) -> list[str]:
    """The Han characters of the encoding's lead bytes first-last."""
    pairs = (bytes([a, b]).decode(encoding, "ignore") for a in range(first, last + 1) for b in range(0x40, 0xFF))
    return [pair for pair in pairs if HAN.fullmatch(pair) and len(pair) == 1]


def converted(counts: Counts, scheme: str, encoding: str) -> Counts:
    """The counts of the words in their traditional forms, without words that the encoding cannot write."""
    convert = opencc.OpenCC(scheme).convert
    made: Counts = Counter()
    for word, count in counts.items():
        made[convert(word)] += count
    return Counter({word: count for word, count in made.items() if encodable(word, encoding)})


def taiwan(simplified: Counts) -> Counts:
    """The words in the forms of Taiwan; those that are as often written in another form stand in both."""
    counts = converted(simplified, "s2twp", "big5")
    return counts | Counter({word.replace("臺", "台").replace("瞭解", "了解"): n for word, n in counts.items()})


def hong_kong(simplified: Counts) -> Counts:
    """Written Chinese and written Cantonese in equal parts, as both are written in Hong Kong."""
    chinese: Counts = Counter()
    for word, count in converted(simplified, "s2hk", "big5hkscs").items():
        chinese[word.translate(HONG_KONG)] += count
    cantonese = cantonese_counts()
    scale = chinese.total() / cantonese.total()
    mixed = {word: round((chinese[word] + cantonese[word] * scale) / 2) for word in chinese | cantonese}
    return Counter({word: count for word, count in mixed.items() if count})


def cantonese_counts() -> Counts:
    """HKCanCor's words, and CTCPC's by longest match with HKCanCor's words and rime-cantonese's list."""
    spoken: Counts = Counter(word.translate(HONG_KONG) for word in pycantonese.hkcancor().words())
    data = importlib.resources.files("pycantonese") / "data"
    listed = json.loads((data / "rime_cantonese/chars_to_jyutping.json").read_text("utf-8"))
    known = {word for word in spoken.keys() | listed.keys() if HAN.fullmatch(word)}
    written: Counts = Counter()
    for sentence in json.loads((data / "ctcpc/sents.json").read_text("utf-8")):
        for piece in HAN.findall(sentence.translate(HONG_KONG)):
            written.update(longest(piece, known))
    counts = spoken + written
    return Counter({w: n for w, n in counts.items() if HAN.fullmatch(w) and encodable(w, "big5hkscs")})


def longest(text: str, known: set[str], most: int = 8) -> Iterator[str]:
    """The text cut from the left into the longest known words; an unknown character is a word."""
    start = 0
    while start < len(text):
        ends = range(min(start + most, len(text)), start + 1, -1)
        end = next((end for end in ends if text[start:end] in known), start + 1)
        yield text[start:end]
        start = end


# Readings


def pinyin(word: str) -> tuple[str, ...] | None:
    """Toneless pinyin, ü as v."""
    toned = [ALONE[word]] if word in ALONE else pypinyin.lazy_pinyin(word, style=pypinyin.Style.TONE)
    plain = [convert(syllable, pypinyin.Style.NORMAL, strict=True) for syllable in toned]
    return whole(word, [TYPED.get(syllable, syllable) for syllable in plain], "[a-z]+")


class Bopomofo:
    """Bopomofo with tone marks, as in Taiwan.

    pypinyin's phrases are simplified, so the word is read in that form; a character whose traditional form cannot be
    read so (发 is 髮 here) gets its own first reading. 一 and 不 keep the dictionary's tone, as input methods want.
    """

    def __init__(self) -> None:
        self.simplified = opencc.OpenCC("tw2s").convert
        fields = (field.split(" ") for line in TAIWAN.split("\n") if line for field in line.split("/"))
        self.taiwan = {(character, mainland): own for character, mainland, own in fields}

    def __call__(self, word: str) -> tuple[str, ...] | None:
        """The word's syllables."""
        plain = self.simplified(word)
        toned = [ALONE[word]] if word in ALONE else pypinyin.lazy_pinyin(plain, style=pypinyin.Style.TONE)
        if not len(toned) == len(plain) == len(word):
            return None
        return whole(word, list(map(self.syllable, word, plain, toned)), "[ㄅ-ㄩ]+[ˊˇˋ˙]?")

    def syllable(self, character: str, plain: str, toned: str) -> str:
        """The character's syllable, given how its simplified form is read here."""
        if character in "一不":
            return "ㄧ" if character == "一" else "ㄅㄨˋ"
        own = pypinyin.pinyin(character, heteronym=True)[0]
        signs: str = convert(
            toned if character == plain or toned in own else own[0], pypinyin.Style.BOPOMOFO, strict=True
        )
        return str(self.taiwan.get((character, signs), signs))


def jyutping(word: str) -> tuple[str, ...] | None:
    """Toneless jyutping."""
    syllables = [syllable or "" for _, syllable in ToJyutping.get_jyutping_list(word)]
    return whole(word, [re.sub("[1-6]$", "", syllable) for syllable in syllables], "[a-z]+")


def whole(word: str, syllables: list[str], pattern: str) -> tuple[str, ...] | None:
    """The syllables if there is one for each character, and each can be typed."""
    fits = len(syllables) == len(word) and all(re.fullmatch(pattern, syllable) for syllable in syllables)
    return tuple(syllables) if fits else None


# Rows


def rows(counts: Counts, read: Reader, common: list[str]) -> tuple[list[Row], list[Row]]:
    """Rows of the words of several characters, commonest first, and of the single characters.

    A word with a syllable that no single character has is left out: it could not be put together.
    """
    words: list[Row] = []
    heard: dict[str, Counts] = defaultdict(Counter)
    for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if syllables := read(word):
            if 1 < len(word) <= LONGEST:
                words.append((word, " ".join(syllables), rounded(count)))
            for character, syllable in zip(word, syllables, strict=True):
                heard[character][syllable] += count
    wanted = sorted({*common, *"".join(word for word, _, _ in words[:100_000])})
    singles = [row for character in wanted for row in single(character, heard[character], read)]
    sounds = {syllable for _, syllable, _ in singles}
    return [row for row in words if sounds.issuperset(row[1].split(" "))], singles


def single(character: str, heard: Counts, read: Reader) -> Iterator[Row]:
    """The character's one or two commonest readings."""
    if not heard and (alone := read(character)):
        heard = Counter({alone[0]: 0})
    ranked = sorted(heard.items(), key=lambda item: (-item[1], item[0]))
    for place, (syllable, count) in enumerate(ranked[:2]):
        if place == 0 or count >= SECOND * heard.total():
            yield character, syllable, rounded(count)


def rounded(count: int) -> int:
    """The count to two digits: the rest is chance, and packs badly."""
    return round(count, 2 - len(str(count)))


def fit(code: str, words: list[Row], singles: list[Row]) -> tuple[int, bytes]:
    """How many words the limit lets in, to the thousand, and the packed file."""
    low, high = 0, 100
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if len(pack(code, words[: middle * 1000], singles)) <= LIMIT else (low, middle)
    return low * 1000, pack(code, words[: low * 1000], singles)


def pack(code: str, words: Iterable[Row], singles: Iterable[Row]) -> bytes:
    """The file's bytes: comments, then rows by falling count, gzipped without a time."""
    ordered = sorted([*words, *singles], key=lambda row: (-row[2], row[0], row[1]))
    comments = [f"# {code}: word, reading, count; made by tools/lexicons_zh.py", *(f"# {s}" for s in SOURCES[code])]
    lines = [*comments, *(f"{word}\t{reading}\t{count}" for word, reading, count in ordered)]
    return gzip.compress("".join(f"{line}\n" for line in lines).encode(), 9, mtime=0)


if __name__ == "__main__":
    main()
