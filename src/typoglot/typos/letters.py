"""Text to words, and words to the letters that a slip may move: pieces that can be parted without breaking a cluster.

Words are ICU's (so Thai, Khmer, Chinese and Japanese have words too). A letter is a Unicode grapheme cluster, joined
with its neighbour where Unicode's clusters still fall apart in the middle of a written syllable.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import regex
from icu4py.breakers import WordBreaker
from icu4py.locale import Locale

from typoglot.languages import Language

# Signs that bind the consonant after them: viramas, the Khmer coeng, joiners. \X parts the cluster behind them.
_BINDS_NEXT = frozenset("\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u17d2\u200d\u200c")
_THAI_LEADING = frozenset("เแโใไ")  # vowels written before the consonant that they follow
_THAI_TRAILING = frozenset("ะาำๅๆฯ")  # vowels and marks that cannot begin a syllable
_COENG = "\u17d2"
_CLINGS_NEXT = _BINDS_NEXT | _THAI_LEADING
_CLINGS = _THAI_TRAILING | frozenset("\u00ad\u200b\u200e\u200f\u2060\ufeff")  # what must not be moved alone
# Text of which each code point is a letter for sure, and which need not be searched for clusters.
_SIMPLE = regex.compile(
    r"[ -~\xa0-\u024f\u0386-\u0482\u048a-\u052f\u05d0-\u05ea\u0620-\u064a"
    r"\u3001-\u3029\u3041-\u3096\u30a1-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff01-\uff1f--\xa9\xad\xae\u200d]*+",
    regex.V1,
).fullmatch
_LETTER = regex.compile(r"\p{L}")
_DIGIT = regex.compile(r"\p{N}")
_ADDRESS = regex.compile(  # of web and mail; \p{Latin} and its kin, since a Chinese text goes on right behind it
    r"(?i)(?:(?<![a-z])[a-z]{2,6}://|(?<![a-z])www\.)[!-~\p{Latin}\p{Cyrillic}\p{Greek}\p{Arabic}\p{Hebrew}]*+"
    r"|(?<![!-~])[!-?A-~]++@[!-~]++|(?<![a-z0-9.-])(?:[a-z0-9-]+\.)+[a-z]{2,}/[!-~]*+"
)
INVISIBLE = (
    "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad"
)
_SINGLE = regex.compile(r"[\p{Han}\p{Hangul}]")


class Word(NamedTuple):
    """A word of the text that may carry a slip: `text[start:end]`, and its letters.

    `joins` says whether one space parts it from a following word, as which it might be written together.
    """

    start: int
    end: int
    text: str
    letters: tuple[str, ...]
    joins: bool = False


def words(text: str, language: str) -> list[Word]:
    """The words of an NFC text that can carry a slip: with a letter, without digits, and more than one keystroke long.

    A single Han character or Hangul syllable is several keystrokes; a single letter of another script is one.

    >>> [word.text for word in words("I saw 3 owls.", "en")]
    ['saw', 'owls']
    """
    found = []
    taken = [match.span() for match in _ADDRESS.finditer(text)] if _may_hold_address(text) else []
    has_coeng = _COENG in text
    end = 0
    for piece in WordBreaker(text, _locale(language)):  # its segments() count UTF-16 units, its pieces do not
        start, end = end, end + len(piece)
        if piece == " ":
            continue
        word, lead, parts = _word(piece)
        if not parts or (taken and _overlap(taken, start, end)):
            continue
        start += lead
        stop = start + len(word)
        if has_coeng and _COENG in text[max(start - 1, 0) : start] + text[stop - 1 : stop]:
            continue  # ICU's dictionary cut a Khmer syllable in two: neither half can slip without the other
        joins = text[stop : stop + 1] == " " and text[stop + 1 : stop + 2].isalpha()
        found.append(Word(start, stop, word, parts, joins and not _overlap(taken, stop + 1, stop + 2)))
    return found


def _overlap(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    return any(a < end and start < b for a, b in spans)


def _may_hold_address(text: str) -> bool:
    return "." in text or "@" in text or "://" in text


@lru_cache(maxsize=2**16)
def _word(piece: str) -> tuple[str, int, tuple[str, ...]]:
    """The word in ICU's piece, where it begins there, and its letters; no letters where it cannot carry a slip."""
    word = piece.strip(INVISIBLE)  # marks of direction stay where they are
    lead = len(piece) - len(piece.lstrip(INVISIBLE))
    parts = letters(word) if _LETTER.search(word) and not _DIGIT.search(word) else ()
    return word, lead, parts if len(parts) > 1 or _SINGLE.match(word) else ()


def letters(word: str) -> tuple[str, ...]:
    """The word's letters in order; joined they are the word.

    >>> letters("क्षमा"), letters("เมือง")
    (('क्ष', 'मा'), ('เมื', 'อ', 'ง'))
    """
    if _SIMPLE(word):
        return tuple(word)
    parts: list[str] = []
    for cluster in regex.findall(r"\X", word):
        if parts and (parts[-1][-1] in _CLINGS_NEXT or cluster[0] in _CLINGS):
            parts[-1] += cluster
        else:
            parts.append(cluster)
    return tuple(parts)


@lru_cache(maxsize=2**14)
def alphabet(word: str, language: str) -> str:
    """The letters to draw from for a word: those of its script, whatever the language of the text.

    They are one code point each. Latin languages share a-z.

    >>> alphabet("Zürich", "ko")[:3], alphabet("서울", "ko")[:3]
    ('abc', '가나다')
    """
    first = _LETTER.search(word)
    found = [letters for script, letters in _ALPHABETS.items() if first and regex.match(rf"\p{{{script}}}", first[0])]
    # Of another script: the letters that the word itself has.
    return found[0] if found else "".join(_LETTER.findall(word)) or _ALPHABETS[Language(language).scripts[0]]


def normal(text: str) -> str:
    """The text in Unicode normal form C."""
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    return Locale(Language(language).locale)


def _range(first: str, last: str, keep: str = r"\p{Lo}|\p{Ll}") -> str:
    points = (chr(point) for point in range(ord(first), ord(last) + 1))
    # A composition exclusion (Bengali ড়) falls apart under NFC: it is two code points, so it is not drawn here.
    return "".join(c for c in points if regex.fullmatch(keep, c) and normal(c) == c)


_ALPHABETS = {
    "Latin": _range("a", "z"),
    "Cyrillic": _range("а", "я"),
    "Greek": _range("α", "ω").replace("ς", ""),
    "Arabic": _range("ا", "غ") + _range("ف", "ي"),
    "Hebrew": "".join(c for c in _range("א", "ת") if c not in "ךםןףץ"),
    "Devanagari": _range("क", "ह"),
    "Bengali": _range("ক", "হ"),
    "Telugu": _range("క", "హ"),
    "Thai": "".join(c for c in _range("ก", "ฮ") if c not in "ฃฅฤฦ"),
    "Tibetan": _range("ཀ", "ཧ"),
    "Khmer": _range("ក", "អ").replace("ឝ", "").replace("ឞ", ""),
    "Hangul": "가나다라마바사아자차카타파하고노도로모보소오조초코토포호기니디리미비시이지치키티피히",
    "Hiragana": "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん",
    "Katakana": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
    "Han": "的一是不了人在有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里"
    "后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从"
    "动两长",
}  # fmt: skip


@lru_cache(maxsize=2**14)
def native(first: str, language: str) -> str | None:
    """The language as whose word a word is misspelt, by its first letter's script; None where no table knows it.

    A Latin word in a Thai query is typed on Latin keys.

    >>> native("b", "th"), native("ö", "de"), native("ი", "en")
    ('en', 'de', None)
    """
    script = next((script for script in _WRITERS if regex.match(rf"\p{{{script}}}", first)), None)
    return language if script in Language(language).scripts else _WRITERS.get(script or "")


_WRITERS = {  # script: the language that it is taken for within another
    "Latin": "en", "Cyrillic": "ru", "Greek": "el", "Arabic": "ar", "Hebrew": "he", "Devanagari": "hi",
    "Bengali": "bn", "Telugu": "te", "Thai": "th", "Khmer": "km", "Hangul": "ko", "Hiragana": "ja",
    "Katakana": "ja", "Han": "zh_cn",
}  # fmt: skip
