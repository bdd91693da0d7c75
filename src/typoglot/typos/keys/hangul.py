"""Korean words to the keys of the two-set keyboard (2-beolsik) and back. Knows jamo; knows nothing of words.

A stroke is a compatibility jamo, as printed on the key. Tense consonants are one stroke (shift), compound vowels and
finals are two: 꽤 is ㄲ ㅗ ㅐ, 값 is ㄱ ㅏ ㅂ ㅅ. Anything else in a word is a stroke of its own.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# In the order in which Unicode counts the syllables: each vowel and final with the keys that make it.
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = (
    "ㅏ", "ㅐ", "ㅑ", "ㅒ", "ㅓ", "ㅔ", "ㅕ", "ㅖ", "ㅗ", "ㅗㅏ", "ㅗㅐ", "ㅗㅣ", "ㅛ",
    "ㅜ", "ㅜㅓ", "ㅜㅔ", "ㅜㅣ", "ㅠ", "ㅡ", "ㅡㅣ", "ㅣ",
)  # fmt: skip
_FINALS = (
    "", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ",
    "ㄹㅍ", "ㄹㅎ", "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
)  # fmt: skip
_FIRST = ord("가")
_LONE = re.compile("[\u3131-\u3163\u3165-\u318e]")  # the compatibility jamo but the filler


class Hangul:
    """Types Korean on the two-set keyboard.

    Lone vowels join (ㅗㅏ is ㅘ), lone consonants do not (ㄱㅅ is not ㄳ; on this input methods differ).

    >>> Hangul().strokes("값이")
    ('ㄱ', 'ㅏ', 'ㅂ', 'ㅅ', 'ㅇ', 'ㅣ')
    >>> Hangul().text("ㄱㅏㅂㅅㅣ")
    '갑시'
    """

    def __init__(self) -> None:
        self._keys, self._blocks, self._pattern = _keys(), _blocks(), _pattern()

    def strokes(self, word: str) -> tuple[str, ...] | None:
        """The keys of an NFC word; None if they read as another word (가ㄱ would be 각)."""
        keys = word.translate(self._keys)
        # Syllables always come back, as each begins with a consonant; a lone jamo can join what is beside it.
        return tuple(keys) if keys and (not _LONE.search(word) or self.text(keys) == word) else None

    def text(self, strokes: Sequence[str]) -> str | None:
        """What stands on the screen after any keys, lone jamo among it; None if nothing does."""
        shown = self._pattern.sub(lambda block: self._blocks[block[0]], "".join(strokes))
        return unicodedata.normalize("NFC", shown) or None


def lone_jamo(text: str) -> int:
    """How many jamo of the text stand outside a syllable.

    >>> lone_jamo("ㅋㅋ 각ㅏ")
    3
    """
    return len(_LONE.findall(text))


@cache
def _blocks() -> dict[str, str]:
    """What keys that join are shown as: every syllable, and the lone compound vowels."""
    keys = ("".join(parts) for parts in product(_INITIALS, _VOWELS, _FINALS))
    syllables = {block: chr(_FIRST + i) for i, block in enumerate(keys)}
    return syllables | {vowel: chr(ord("ㅏ") + i) for i, vowel in enumerate(_VOWELS)}


@cache
def _keys() -> dict[int, str]:
    return {ord(shown): keys for keys, shown in _blocks().items()}


@cache
def _pattern() -> re.Pattern[str]:
    """Finds what joins. A final is the longest that no vowel follows: the vowel would take its last consonant."""
    (vowels, vowel), (finals, final) = _pairs_and_singles(_VOWELS), _pairs_and_singles(_FINALS[1:])
    return re.compile(f"[{_INITIALS}](?:{vowels}|{vowel})(?:(?:{finals}|{final})(?!{vowel}))?|{vowels}")


def _pairs_and_singles(units: Sequence[str]) -> tuple[str, str]:
    """A pattern of the units of two keys, and one of those of one key."""
    seconds = {unit[0]: "".join(pair[1] for pair in units if pair[0] == unit[0] and pair[1:]) for unit in units}
    pairs = "|".join(f"{first}[{second}]" for first, second in seconds.items() if second)
    return pairs, f"[{''.join(unit for unit in units if len(unit) == 1)}]"
