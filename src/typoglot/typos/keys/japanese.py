"""Japanese words to keys and back by way of their reading: romaji, and the space bar that converts kana to kanji.

Knows a lexicon's readings and counts; which kanji a sentence calls for it does not know.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

import regex

from typoglot.typos.keys import Offer
from typoglot.typos.keys.romaji import Romaji, hiragana

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typoglot.typos.lexicon import Lexicon

CONVERT = " "  # the key: pressed once it takes the first word that the lexicon has for the kana, twice the second
# How a writer's wrong choices share out: our judgement, no counts found. Kana left as they are catch the eye at once.
WRONG_WORD, UNCONVERTED = 0.8, 0.2

_KANJI = regex.compile(r"\p{Han}")
_RUNS = regex.compile(r"\p{Han}+|\P{Han}+")
_ENDING = re.compile(r"\([^)]*\)")
_KEYS = re.compile(f"([^{CONVERT}]+)({CONVERT}*)")


class Japanese:
    """Types words in kana, in kanji and in both, as ICU cuts them.

    A word of kana is typed as `Romaji` types it, and comes back. A word with kanji is typed by its commonest reading
    and the space bar. It comes back if it is the commonest word of that reading: so 公開 does, but 航海 comes back as
    公開. What slipped keys read as is converted if the lexicon has it, else it stays hiragana; without the space, too.

    ICU cuts stems from their endings (書|かれ), which an input method converts together. So no keys give a stem back:
    書 is typed `ka `, and that stays か. Only `conversions` knows what 書かれ may be taken for.

    >>> from typoglot.typos.lexicon import lexicon
    >>> japanese = Japanese(lexicon("ja"))
    >>> "".join(japanese.strokes("公開") or ()), japanese.text("koukai "), japanese.text("koukai  ")
    ('koukai ', '公開', '後悔')
    >>> japanese.text("kouai "), japanese.text("koukai")
    ('こうあい', 'こうかい')
    """

    def __init__(self, lexicon: Lexicon, romaji: Romaji | None = None) -> None:
        self.lexicon, self.romaji = lexicon, romaji or Romaji()

    def strokes(self, word: str) -> tuple[str, ...] | None:
        """The keys of the word; None where a kanji is unknown or something else than kana and kanji is in it."""
        if not _KANJI.search(word):
            return self.romaji.strokes(word)
        reading = self.reading(word)
        keys = None if reading is None else self.romaji.strokes(reading)
        return None if keys is None else (*keys, CONVERT)

    def text(self, strokes: Sequence[str]) -> str | None:
        """What the keys write; None where keys write no kana, or the space bar finds nothing to convert."""
        typed = "".join(strokes)
        if typed.startswith(CONVERT):
            return None
        written = ""
        for keys, presses in _KEYS.findall(typed):
            kana = self.romaji.text(keys)
            if kana is None:
                return None
            written += self._converted(kana, len(presses))
        return written

    def reading(self, word: str) -> str | None:
        """The word's commonest reading in hiragana; None where a kanji is unknown.

        That of a word which the lexicon does not list is put together from the left, of the longest words listed.
        """
        listed = self._listed(word)
        return None if listed is None else _ENDING.sub("", listed)

    def conversions(self, word: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """The other words with kanji that share the reading of a word with kanji, and cumulative weights.

        Those of a stem take the same endings: 書, か(く), may become 描, but not 買.
        """
        listed = self._listed(word) if _KANJI.search(word) else None
        words, upto = self.lexicon.words_of(listed or "")
        weights = zip(words, upto, (0, *upto), strict=False)
        found = [(other, end - start) for other, end, start in weights if other != word and _KANJI.search(other)]
        return tuple(other for other, _ in found), tuple(accumulate(weight for _, weight in found))

    def unconverted(self, word: str) -> str | None:
        """A word with kanji as it looks before conversion, in hiragana; None for other words."""
        return self.reading(word) if _KANJI.search(word) else None

    def offers(self, word: str) -> tuple[Offer, ...]:
        """The wrong words that an input method gives for the right keys: another conversion, or none."""
        words, cumulative = self.conversions(word)
        kana = self.unconverted(word)
        found = [Offer(WRONG_WORD, "homophone", words, cumulative)] if words else []
        if kana:
            found.append(Offer(UNCONVERTED, "unconverted", (kana,), (1,)))
        return tuple(found)

    def _listed(self, word: str) -> str | None:
        """The word's reading as the lexicon has it: behind a stem's, in brackets, the ending of its dictionary form."""
        if not _KANJI.search(word):
            return hiragana(word)
        parts = self.lexicon.readings(word)
        if parts is not None:
            return "".join(parts)
        runs = _RUNS.findall(word)  # the lexicon does not list all kana
        found = [self._listed(run) for run in runs] if len(runs) > 1 else [None]
        return None if None in found else "".join(map(str, found))

    def _converted(self, kana: str, presses: int) -> str:
        """The word that so many presses of the space bar lead to; the kana for none, and behind the last word."""
        words = self.lexicon.words_of(kana)[0]
        return words[presses - 1] if 0 < presses <= len(words) else kana
