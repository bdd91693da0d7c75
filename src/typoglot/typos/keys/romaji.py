"""Kana words to romaji keys and back, as an input method turns keys into kana. Knows kana; knows nothing of kanji.

Kana have several spellings (し is si, shi or ci). `text` takes them all, since a slip may lead from one to another.
`strokes` takes that of the fewest keys, and Hepburn's among equals: si, ti, tu, but fu, ji, ja, sha, cha. That is our
judgement, for no counts were found: people mix the two systems freely, and many say that they save the key.

Lower case stands for hiragana and capitals for katakana, so that a word comes back in its own script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What the vowels a i u e o write behind each consonant; "." where that spelling is not ours to type.
_TYPED = """
- あ い う え お
k か き く け こ
s さ し す せ そ
t た ち つ て と
n な に ぬ ね の
f ふぁ ふぃ ふ ふぇ ふぉ
h は ひ . へ ほ
m ま み む め も
y や . ゆ いぇ よ
r ら り る れ ろ
w わ うぃ . うぇ を
g が ぎ ぐ げ ご
j じゃ じ じゅ じぇ じょ
z ざ . ず ぜ ぞ
d だ ぢ づ で ど
b ば び ぶ べ ぼ
p ぱ ぴ ぷ ぺ ぽ
v ゔぁ ゔぃ ゔ ゔぇ ゔぉ
x ぁ ぃ ぅ ぇ ぉ
ky きゃ きぃ きゅ きぇ きょ
gy ぎゃ ぎぃ ぎゅ ぎぇ ぎょ
ny にゃ にぃ にゅ にぇ にょ
hy ひゃ ひぃ ひゅ ひぇ ひょ
by びゃ びぃ びゅ びぇ びょ
py ぴゃ ぴぃ ぴゅ ぴぇ ぴょ
my みゃ みぃ みゅ みぇ みょ
ry りゃ りぃ りゅ りぇ りょ
dy ぢゃ ぢぃ ぢゅ ぢぇ ぢょ
fy ふゃ . ふゅ . ふょ
vy ゔゃ . ゔゅ . ゔょ
sh しゃ . しゅ しぇ しょ
ch ちゃ . ちゅ ちぇ ちょ
th てゃ てぃ てゅ てぇ てょ
dh でゃ でぃ でゅ でぇ でょ
ts つぁ つぃ . つぇ つぉ
wh うぁ . . . うぉ
kw くぁ くぃ くぅ くぇ くぉ
gw ぐぁ ぐぃ ぐぅ ぐぇ ぐぉ
sw すぁ すぃ すぅ すぇ すぉ
tw とぁ とぃ とぅ とぇ とぉ
dw どぁ どぃ どぅ どぇ どぉ
wy . ゐ . ゑ .
xy ゃ . ゅ . ょ
xw ゎ . . . .
xt . . っ . .
xk ゕ . . ゖ .
"""
_UNDERSTOOD = """
y . い . . .
h . . ふ . .
w . . う . .
z . じ . . .
c か し く せ こ
q くぁ くぃ く くぇ くぉ
l ぁ ぃ ぅ ぇ ぉ
ly ゃ ぃ ゅ ぇ ょ
lw ゎ . . . .
lt . . っ . .
lk ゕ . . ゖ .
lts . . っ . .
xy . ぃ . ぇ .
xts . . っ . .
sh . し . . .
ch . ち . . .
ts . . つ . .
wh . うぃ う うぇ .
hw ふぁ ふぃ . ふぇ ふぉ
fy . ふぃ . ふぇ .
vy . ゔぃ . ゔぇ .
sy しゃ しぃ しゅ しぇ しょ
ty ちゃ ちぃ ちゅ ちぇ ちょ
cy ちゃ ちぃ ちゅ ちぇ ちょ
zy じゃ じぃ じゅ じぇ じょ
jy じゃ じぃ じゅ じぇ じょ
"""
_LONGEST = 4  # keys of a spelling: xtsu
_VOWELS = frozenset("aiueo")
_TAKES_N = _VOWELS | {"y", "n"}  # behind a single n these make no ん
_DOUBLED = frozenset("bcdfghjklmpqrstvwxyz")  # typed twice they write a っ first
_SHIFT = ord("ア") - ord("あ")
_HIRAGANA = [chr(point) for point in range(ord("ぁ"), ord("ゖ") + 1)]
_TO_KATAKANA = {ord(kana): chr(ord(kana) + _SHIFT) for kana in _HIRAGANA}
_TO_HIRAGANA = {ord(shifted): chr(kana) for kana, shifted in _TO_KATAKANA.items()}


def hiragana(text: str) -> str:
    """The text with its katakana as hiragana; what hiragana have no letter for stays (ー, ヷ).

    >>> hiragana("消しゴム"), hiragana("コーヒー")
    ('消しごむ', 'こーひー')
    """
    return text.translate(_TO_HIRAGANA)


def katakana(text: str) -> str:
    """The text with its hiragana as katakana."""
    return text.translate(_TO_KATAKANA)


class Romaji:
    """Types kana as most Japanese do, by Latin letters.

    ん is nn before a vowel, y, n and at the end of a word, else n. っ doubles the consonant behind it, and is xtu where
    there is none. Other small kana are typed with x where they stand alone. Half-width katakana, iteration marks
    (ゝ) and old letters without keys (ヷ) cannot be typed.

    Usage:
        romaji = Romaji()
        romaji.strokes("さっき")  # ('s', 'a', 'k', 'k', 'i')
        romaji.text("sakki")  # 'さっき'
    """

    def __init__(self) -> None:
        typed, understood = dict(_spellings(_TYPED)), dict(_spellings(_UNDERSTOOD))
        self._kana = {**typed, **understood, "nn": "ん", "n'": "ん", "xn": "ん", "-": "ー"}
        self._keys = {kana: keys for keys, kana in typed.items()} | {"ー": "-"}
        self._keys |= {katakana(kana): keys.upper() for kana, keys in self._keys.items() if kana != "ー"}

    def strokes(self, word: str) -> tuple[str, ...] | None:
        """The keys of a word of kana; None if it holds anything else."""
        keys = ""
        end = len(word)
        while end:  # from behind, for ん and っ are typed by what follows them
            size = 2 if word[max(end - 2, 0) : end] in self._keys and end > 1 else 1
            kana = word[end - size : end]
            found = _before(kana, keys[:1].lower()) or self._keys.get(kana)
            if found is None:
                return None
            keys = found + keys
            end -= size
        return tuple(keys)

    def text(self, strokes: Sequence[str]) -> str | None:
        """The kana that the keys write; None where keys are left over, as in `kst`.

        An n at the end counts as ん, since an input method takes it so when the word is finished.
        """
        typed = "".join(strokes)
        low = typed.lower()
        found = []
        start = 0
        while start < len(low):
            kana, size = self._first(low[start : start + _LONGEST])
            if not size:
                return None
            found.append(katakana(kana) if typed[start].isupper() else kana)
            start += size
        return "".join(found)

    def _first(self, keys: str) -> tuple[str, int]:
        """The kana that the keys begin with, and how many of them write it; none where they write nothing."""
        for size in range(len(keys), 0, -1):
            kana = self._kana.get(keys[:size])
            if kana:
                return kana, size
        if keys[0] == "n" and keys[1:2] not in _TAKES_N:
            return "ん", 1
        if keys[0] in _DOUBLED and (keys[1:2] == keys[0] or keys.startswith("tch")):
            return "っ", 1
        return "", 0


def _spellings(rows: str) -> Iterator[tuple[str, str]]:
    """Each spelling in the rows and its kana."""
    for consonant, *kana in map(str.split, rows.strip().splitlines()):
        onset = "" if consonant == "-" else consonant
        yield from ((onset + vowel, one) for vowel, one in zip("aiueo", kana, strict=True) if one != ".")


def _before(kana: str, following: str) -> str | None:
    """The keys of ん and っ before the next key, or "" at the end of the word; None for other kana."""
    if kana in "んン":
        keys = "nn" if not following or following in _TAKES_N else "n"
    elif kana in "っッ" and following in _DOUBLED:
        keys = following
    else:
        return None
    return keys.upper() if kana in "ンッ" else keys
