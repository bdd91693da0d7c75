"""Chinese words to the keys of their sounds and back, and the words that sound alike. Knows no key's place.

Pinyin and jyutping are typed without tones, bopomofo with them; the space of the first tone is not counted as a stroke.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import accumulate, islice
from typing import TYPE_CHECKING

from typoglot.typos.keys import Offer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from typoglot.typos.lexicon import Lexicon

    Rows = list[tuple[str, int]]  # words and weights
    Weighted = tuple[tuple[str, ...], tuple[int, ...]]  # words, and the running sums of their weights

MOST = 30  # words of a list: beyond, nobody looks
LONGEST = 6  # strokes of a syllable: zhuang, gwaang
CUTS = 16  # ways to part the keys into syllables that are weighed against one another
SCALE = 1_000_000  # weight of all characters that may take one place
CACHED = 2048  # words whose lists are kept: some 10 kB each
# Settings of CSCD-NS's generator: 55 % of the errors are words and 45 % characters; 85 % sound the same.
WORD, SAME = 0.55, 0.85

# Sounds that are taken for one another, both ways, and what stands before and behind them.
# pinyin: the pairs of CSCD-NS's generator; an-ang stands for ian-iang and uan-uang, too. bopomofo: the same, in signs.
# jyutping: the "lazy sounds" that Zee (1999) and To, McLeod and Cheung (2015) describe: n-l, ng- dropped, gw-g and kw-k
# before o, -ng as -n and -k as -t behind a and o, syllabic ng as m.
_VOWEL, _END = "(?=[aeiouv])", "(?=[ˊˇˋ˙]?$)"
_PAIRS = {
    "pinyin": (("s-sh/c-ch/z-zh/n-l/h-f", "^", _VOWEL), ("en-eng/an-ang/in-ing", "", _END)),
    "bopomofo": (
        ("ㄙ-ㄕ/ㄘ-ㄔ/ㄗ-ㄓ/ㄋ-ㄌ/ㄏ-ㄈ", "^", ""),
        ("ㄢ-ㄤ", "", _END),
        ("ㄣ-ㄥ", "(?<![ㄨㄩ])", _END),  # ㄨㄣ and ㄨㄥ are un and ong
    ),
    "jyutping": (
        ("n-l/-ng", "^", _VOWEL),
        ("go-gwo/ko-kwo", "^", ""),
        ("an-ang/on-ong/at-ak/ot-ok", "", "$"),
        ("m-ng", "^", "$"),
    ),
}
# A syllable without a consonant behind another; in bopomofo a tone mark would end that one.
_OPEN = {"pinyin": " [aeo]", "bopomofo": "[ㄅ-ㄩ] [ㄚ-ㄩ]", "jyutping": " [aeo]"}
TONES = ("", "ˊ", "ˇ", "ˋ", "˙")
# Other forms of the same character, typed and read alike: to choose one is a matter of style, not a mistake.
_FORM = dict(
    zip(
        "臺裏着羣峯啓牀麪爲綫衆汙祕佔蹟迹烟恒净説户衞温脱税閲敍卧悦藴葱嫺鈎鋭兑僞喫妳週瞭僱災痴凶唯麽",
        "台裡著群峰啟床麵為線眾污秘占跡跡煙恆淨說戶衛溫脫稅閱敘臥悅蘊蔥嫻鉤銳兌偽吃你周了雇灾癡兇惟麼",
        strict=True,
    )
)
_FORMS = str.maketrans(_FORM)


class Hanzi:
    """Types words by their commonest reading, and takes the first word that the input method shows.

    `text(strokes(word))` need not be the word: 适时 is typed as 事实 is, and only the commoner comes back. The engine
    therefore asks `text` for changed keys only.

    >>> from typoglot.typos.lexicon import lexicon
    >>> hanzi = Hanzi(lexicon("zh_cn"), "pinyin")
    >>> "".join(hanzi.strokes("月球") or ()), hanzi.text("yueqiu"), hanzi.text("yueqi"), hanzi.text("yueqiv")
    ('yueqiu', '月球', '乐器', None)
    """

    def __init__(self, lexicon: Lexicon, scheme: str) -> None:
        if scheme not in _PAIRS:
            raise ValueError(f"scheme '{scheme}': choose among {', '.join(_PAIRS)}.")
        self.lexicon, self.scheme = lexicon, scheme
        self._rules = tuple(_rules(scheme))
        self._open = re.compile(_OPEN[scheme])
        self._typed = lru_cache(maxsize=8 * CACHED)(self._make_typed)
        self._list = lru_cache(maxsize=4 * CACHED)(self._make_list)
        self._offered = lru_cache(maxsize=CACHED)(self._make_offers)
        self._pool = lru_cache(maxsize=CACHED)(self._make_pool)
        self._near = cache(self._make_near)

    def strokes(self, word: str) -> tuple[str, ...] | None:
        """The letters or signs of the word's reading; None where a character is unknown."""
        return self._typed(word)

    def text(self, strokes: Sequence[str]) -> str | None:
        """The word that the input method shows first; None where the keys are no row of syllables.

        Keys that can be parted in several ways go into the fewest syllables (`xian` is 现, not 西安). Among such ways
        the one with the commonest word wins (`fangan` is 方案, not 反感), else the one without rare syllables. A
        syllable that begins without a consonant hangs on to the one before: unless a word is read so, the keys are
        none that a writer would let stand (`laiai`).
        """
        ways = self._parted("".join(strokes))
        able = [way for way in ways if self.lexicon.highest(way) is not None or not self._open.search(" ".join(way))]
        return self.lexicon.best(max(able, key=self._rank)) if able else None

    def homophones(self, word: str) -> Weighted:
        """Other words that sound the same, likeliest first, and the running sums of their weights."""
        return self._list("homophones", word)

    def fuzzy(self, word: str) -> Weighted:
        """Words that sound alike but for one syllable, which differs by one pair of sounds, or by the tone."""
        return self._list("fuzzy", word)

    def character_homophones(self, word: str) -> Weighted:
        """The word with one character replaced by another that sounds the same.

        Each place is equally likely; the characters at it are weighted by their counts.
        """
        return self._list("character_homophones", word)

    def character_fuzzy(self, word: str) -> Weighted:
        """The word with one character replaced by another that sounds alike, as in `fuzzy`."""
        return self._list("character_fuzzy", word)

    def offers(self, word: str) -> tuple[Offer, ...]:
        """The wrong words that are chosen for the word, in the shares of CSCD-NS."""
        return self._offered(word)

    def near(self, syllable: str) -> tuple[str, ...]:
        """The syllables that are easily taken for this one."""
        return self._near(syllable)

    def _make_typed(self, word: str) -> tuple[str, ...] | None:
        reading = self.lexicon.readings(word)
        return None if reading is None else tuple("".join(reading))

    def _make_list(self, means: str, word: str) -> Weighted:
        reading = self.lexicon.readings(word)
        if reading is None:
            return (), ()
        if means == "homophones":
            return _likeliest(word, self._rows(reading))
        if means == "fuzzy":
            return _likeliest(word, self._nearly(reading))
        return _likeliest(word, self._replaced(word, reading, "near" if means == "character_fuzzy" else "same"))

    def _make_offers(self, word: str) -> tuple[Offer, ...]:
        lists = (
            (WORD * SAME, "homophone", self.homophones),
            ((1 - WORD) * SAME, "character", self.character_homophones),
            (WORD * (1 - SAME), "fuzzy", self.fuzzy),
            ((1 - WORD) * (1 - SAME), "fuzzy_character", self.character_fuzzy),
        )
        found = (Offer(share, op, *words(word)) for share, op, words in lists)
        return tuple(offer for offer in found if offer.words)

    def _make_near(self, syllable: str) -> tuple[str, ...]:
        found = [pattern.sub(other, syllable) for pattern, other in self._rules]
        if self.scheme == "bopomofo":
            found += [syllable.rstrip("".join(TONES)) + tone for tone in TONES]
        legal = self.lexicon.syllables
        return tuple(other for other in dict.fromkeys(found) if other != syllable and other in legal)

    def _make_pool(self, means: str, syllable: str) -> Rows:
        """The commonest characters that sound the same as or nearly as the syllable."""
        sounds = (syllable,) if means == "same" else self.near(syllable)
        found = [row for sound in sounds for row in self._rows((sound,))]
        return sorted(found, key=lambda row: -row[1])[: MOST + 3]  # 3: the character itself, and its other forms

    def _rows(self, reading: tuple[str, ...]) -> Rows:
        return [(word, count + 1) for word, count in self.lexicon.counted(reading)]

    def _nearly(self, reading: tuple[str, ...]) -> Iterator[tuple[str, int]]:
        for place, syllable in enumerate(reading):
            for other in self.near(syllable):
                yield from self._rows((*reading[:place], other, *reading[place + 1 :]))

    def _replaced(self, word: str, reading: tuple[str, ...], means: str) -> Iterator[tuple[str, int]]:
        for place, syllable in enumerate(reading):
            found = [row for row in self._pool(means, syllable) if row[0] != word[place]]
            total = sum(weight for _, weight in found)
            for character, weight in found:
                yield word[:place] + character + word[place + 1 :], max(weight * SCALE // total, 1)

    def _rank(self, reading: tuple[str, ...]) -> tuple[int, int]:
        """The count of the commonest word read so, less than any if there is none; that of the rarest syllable."""
        whole, *parts = (self.lexicon.highest(sounds) for sounds in (reading, *((syllable,) for syllable in reading)))
        return -1 if whole is None else whole, min(part or 0 for part in parts)

    def _parted(self, typed: str) -> list[tuple[str, ...]]:
        """The ways to part the keys into the fewest legal syllables, long beginnings first."""
        legal, end = self.lexicon.syllables, len(typed)
        ways: dict[int, list[tuple[str, ...]]] = {end: [()]}
        for start in range(end - 1, -1, -1):
            stops = (stop for stop in range(min(start + LONGEST, end), start, -1) if typed[start:stop] in legal)
            found = [(typed[start:stop], *rest) for stop in stops for rest in ways[stop]]
            fewest = min(map(len, found), default=0)
            ways[start] = [way for way in found if len(way) == fewest][:CUTS]
        return ways[0] if typed else []


def _rules(scheme: str) -> Iterator[tuple[re.Pattern[str], str]]:
    """Patterns, and what their matches are taken for: each pair both ways."""
    for pairs, before, after in _PAIRS[scheme]:
        for pair in pairs.split("/"):
            one, other = pair.split("-")
            yield re.compile(before + one + after), other
            yield re.compile(before + other + after), one


def _likeliest(word: str, rows: Iterable[tuple[str, int]]) -> Weighted:
    """The likeliest of the words that are not the word itself in another form, each once."""
    meant = _form(word)
    weights: dict[str, int] = {}
    for other, weight in rows:
        weights[other] = max(weight, weights.get(other, 0))
    ranked = sorted(weights.items(), key=lambda row: (-row[1], row[0]))
    chosen = list(islice(((other, weight) for other, weight in ranked if _form(other) != meant), MOST))
    return tuple(other for other, _ in chosen), tuple(accumulate(weight for _, weight in chosen))


def _form(word: str) -> str:
    """The word in the one form that stands for all."""
    return word.translate(_FORMS) if len(word) > 1 else _FORM.get(word, word)
