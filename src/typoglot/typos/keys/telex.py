"""Vietnamese words to Telex keys and back: what UniKey shows, with its spelling check and free marking on.

Learnt by typing into the engine of Debian's ibus-unikey 0.7.0 (Simple Telex); none of its code is here:
- A mark key (a e o w d) or tone key (s f r x j; z for none) acts anywhere behind its letter, if what comes of it is the
  beginning of a Vietnamese syllable. Otherwise the key types itself, and so do all after it, except that behind a đ
  each new syllable has its chance.
- The same key once more takes the mark or tone away and types itself: `ass` is as, `aaa` aa, `ddd` dd.
- `uow` is ươ, but behind th it is uơ until a further letter makes it ươ: thuở, thương.

Two things are ours. Any vowel may stand behind k (Kông, Bắc Kạn). And UniKey sets the tone of an open oa, oe, uy by
an option, hòa or hoà; here the order of the keys says it, so that both spellings come back: `hoaf` is hoà, `hofa` hòa.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import product, zip_longest
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_VOWELS = "aăâeêioôơuưy"
_MARKS = {"ă": "aw", "â": "aa", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw", "đ": "dd"}
_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_TONE_KEYS = frozenset("sfrxjz")
_ROOFS = {"a": ("aăâ", "â"), "e": ("eê", "ê"), "o": ("oôơ", "ô")}  # what a key finds, and what it makes of it
_HOOKS = {"a": "ă", "â": "ă", "o": "ơ", "ô": "ơ", "u": "ư"}
_UNHOOK = str.maketrans("ăơư", "aou")
_UO = re.compile("[uư][oôơ]")

_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q qu r s t th tr v x z"
# The vowel groups UniKey knows, unfinished ones (ie, uo, ưo) among them, by the endings that they can have.
_RIMES = {
    "": "ai ao au ay âu ây eo eu êu ia iu oi ôi ơi ui uu ưa ưi ưu uơ ưo "
    "ieu iêu oai oay oeo uay uây uoi uou uôi uơi uơu uya uyu ưoi ưou ươi ươu yeu yêu",
    "c ch m n ng nh p t": "a e oa",
    "c ch m n nh p t": "ê i",
    "c m n ng p t": "ă â o ô u ie iê uo ươ",
    "c m n ng t": "ư oă uô",
    "c ch n nh p t": "uy",
    "c ch n nh": "ue uê",
    "m n p t": "ơ",
    "m n ng p t": "ye",
    "m n ng t": "yê",
    "n ng t": "ua uâ",
    "n t": "oe uye uyê",
    "n nh t": "y",
}
_FREE = frozenset({"oa", "oe", "uy"})  # with nothing behind them they have two places for the tone

LONGEST = 40  # letters: no word is longer, and the time that spelling takes grows with the square


class _Shape(NamedTuple):
    """Where the vowels of a syllable's beginning lie, and which letter carries its tone."""

    start: int
    end: int
    tone: int  # -1: it has no vowel yet
    free: bool  # the tone may stand at `start` too
    stop: bool  # ends in c, ch, p, t, which go with no tone but s and j


class _Letter(NamedTuple):
    """A letter as it is typed."""

    base: str
    mark: str  # the key behind it, or ""
    tone: str  # the key of its tone, or ""
    vowel: bool


class Telex:
    """Types Vietnamese with Telex on a US keyboard.

    Of the ways to type a word this one is taken: a mark key right behind its letter, the tone key behind the vowels
    (behind its own vowel in hòa), `uow` for ươ, and the keys of a wholly upper-case word in upper case (Đất is D d, ĐẤT
    is D D). A key that would wrongly act is struck twice.

    >>> Telex().strokes("Tiếng"), Telex().strokes("Google")
    (('T', 'i', 'e', 'e', 's', 'n', 'g'), ('G', 'o', 'o', 'o', 'g', 'l', 'e'))
    >>> Telex().text("duowcj")
    'dược'
    """

    def strokes(self, word: str) -> tuple[str, ...] | None:
        """The keys of an NFC word; None if they cannot show it (tòan, crôm, Zürich)."""
        letters = [_letter(c) for c in word]
        typed = [letter for letter in letters if letter is not None]
        if not word or len(typed) < len(letters) or len(word) > LONGEST:
            return None
        plain = _plain(typed)
        keys = plain if self.text(plain) == word else self._spelt(word, typed)
        return tuple(key.upper() for key in keys) if keys and len(word) > 1 and word.isupper() else keys

    def text(self, strokes: Sequence[str]) -> str | None:
        """What stands on the screen after any keys, in NFC; None if nothing does."""
        screen = _Screen()
        for stroke in strokes:
            screen.press(stroke)
        return unicodedata.normalize("NFC", screen.text()) or None

    def _spelt(self, word: str, letters: list[_Letter]) -> tuple[str, ...] | None:
        """Keys that show the word letter by letter: each with mark and tone right behind it or, failing that, twice."""
        keys: tuple[str, ...] = ()
        for i, letter in enumerate(letters, 1):
            once = (*keys, *filter(None, letter[:3]))
            twice = (*keys, letter.base, letter.base)
            if self.text(once) == word[:i]:
                keys = once
            elif self.text(twice) == word[:i]:
                keys = twice
            else:
                return None
        return keys


class _Screen:
    """What the keys have written: the syllable at the cursor, and the text before it."""

    __slots__ = ("done", "early", "lenient", "low", "shape", "tone", "upper")

    def __init__(self) -> None:
        self.done = ""
        self.lenient = False  # đ was typed: the keys go on acting behind what is no Vietnamese
        self._begin()

    def _begin(self) -> None:
        self.low = ""  # the syllable in lower case and without its tone
        self.upper: list[bool] = []
        self.tone = ""  # its key
        self.early = False  # it was struck behind a single vowel
        self.shape = _shapes()[""]  # of the syllable, or of what was Vietnamese of it

    def press(self, stroke: str) -> None:
        """Takes a key in. One that is no letter or digit ends the syllable."""
        if not stroke.isalnum():
            self.done = self.text() + stroke
            self.lenient = False
            self._begin()
            return
        key, upper = _CASES.get(stroke, (stroke, False))
        if key not in _TONE_KEYS or not self._toned(key):
            self._type(key, upper=upper)

    def text(self) -> str:
        """All that is shown."""
        letters = list(self.low)
        if self.tone:
            at = self.shape.start if self.early and self.shape.free else self.shape.tone
            letters[at] = _TONED[letters[at], self.tone]
        if True in self.upper:
            letters = [c.upper() if upper else c for c, upper in zip(letters, self.upper, strict=True)]
        return self.done + "".join(letters)

    def _toned(self, key: str) -> bool:
        """Whether the key changes the tone. Struck twice it takes the tone away, but it then types itself too."""
        shape = self.shape
        if self.low not in _shapes() or shape.tone < 0 or (shape.stop and key in "frx"):
            return False
        changes = self.tone != key if key != "z" else bool(self.tone)
        self.tone = key if changes and key != "z" else ""
        self.early = shape.end - shape.start == 1
        self.lenient = self.lenient and changes
        return changes

    def _type(self, key: str, *, upper: bool) -> None:
        """Shows a key that changes no tone: a mark, or itself."""
        before, self.low = self.low, _after(self.low, key)
        self.upper += [upper] * (len(self.low) - len(before))
        if self.low in _shapes():
            self.shape = _shapes()[self.low]
            self.lenient = self.lenient or self.low[0] == "đ"
        elif len(self.low) == len(before):  # đ in what is no Vietnamese
            self.lenient = True
            self._begin_with_last()
        elif self.low != before + key:  # a mark was taken away
            self.lenient = False
            self.shape = _shapes()[self.low[:-1]]
        elif self.lenient:
            self._begin_with_last()

    def _begin_with_last(self) -> None:
        low, upper = self.low[-1], self.upper.pop()
        self.low = self.low[:-1]
        self.done = self.text()
        self._begin()
        self.low, self.upper, self.shape = low, [upper], _shapes().get(low, self.shape)


def _plain(letters: list[_Letter]) -> tuple[str, ...]:
    """The usual keys of the letters: the tone behind the vowels that it is one of, and ươ by one w."""
    keys: list[str] = []
    tone = ""
    for letter, behind in zip_longest(letters, letters[1:], fillvalue=_END):
        if not letter.vowel:
            keys.append(tone)
            tone = ""
        hooked = letter.mark == "w" and letter.base in "uU" and behind.mark == "w" and behind.base in "oO"
        keys += [letter.base, "" if hooked else letter.mark]
        tone += letter.tone
    return tuple(filter(None, [*keys, tone]))


@lru_cache(maxsize=2**12)
def _letter(char: str) -> _Letter | None:
    """How a character is typed; None for a letter that the keyboard has not."""
    found = _TYPED.get(char)
    if found is None and (char.isascii() or not char.isalpha()):
        return _Letter(char, "", "", vowel=False)
    return found


@lru_cache(maxsize=2**16)
def _after(low: str, key: str) -> str:
    """The letters shown once a key, no tone, is struck. They are longer if the key has typed itself."""
    shape = _shapes().get(low)
    if shape is None:
        # Even in what is no Vietnamese dd is đ, unless a vowel is before it: VNĐ is typed VNDD.
        return low[:-1] + "đ" if key == "d" and re.search(f"(^|[^{_VOWELS}])d$", low) else low + key
    marked = None
    if key == "d":
        marked = _stroked(low)
    elif key == "w":
        marked = _hooked(low, shape)
    elif key in _ROOFS:
        marked = _roofed(low, shape, key)
    return _joined(low + key, shape) if marked is None else marked


def _joined(low: str, shape: _Shape) -> str:
    """The letters with a new one at their end, which makes uơ and ưo ươ where Vietnamese asks for it."""
    group = low[shape.start : shape.end]
    if low not in _shapes() and group in ("uơ", "ưo"):
        mended = low[: shape.start] + "ươ" + low[shape.end :]
        return mended if mended in _shapes() else low
    return low


def _stroked(low: str) -> str | None:
    """The letters with đ for their first d, or with that d and one more for a đ; None for any others."""
    if low[:1] == "đ":
        return "d" + low[1:] + "d"
    return "đ" + low[1:] if low[:1] == "d" else None


def _roofed(low: str, shape: _Shape, key: str) -> str | None:
    """The letters with the key's roof, or without it and the key itself; None if it has no place."""
    finds, roof = _ROOFS[key]
    for i in range(shape.start, shape.end):
        if low[i] == roof:
            return low[:i] + key + low[i + 1 :] + key
        if low[i] in finds:
            before = re.sub("ư$", "u", low[:i]) if key == "o" else low[:i]  # ươ and o are uô
            roofed = before + roof + low[i + 1 :]
            return roofed if roofed in _shapes() else None
    return None


def _hooked(low: str, shape: _Shape) -> str | None:
    """The letters with hooks (and breves), or without them and the key itself; None if there is no place for one."""
    group, rest = low[shape.start : shape.end], low[shape.end :]
    if _UO.match(group) and group[:2] != "ươ":
        open_th = low[: shape.start] == "th" and group in ("uo", "uô") and not rest
        candidates = [("uơ" if open_th else "ươ") + group[2:]]
    else:
        candidates = [group[:i] + _HOOKS[c] + group[i + 1 :] for i, c in enumerate(group) if c in _HOOKS]
    for hooked in candidates:
        if low[: shape.start] + hooked + rest in _shapes():
            return low[: shape.start] + hooked + rest
    plain = group.translate(_UNHOOK)
    return None if plain == group else low[: shape.start] + plain + rest + "w"


@cache
def _shapes() -> dict[str, _Shape]:
    """Every beginning of a Vietnamese syllable, in lower case and without its tone."""
    onsets = ["", *_ONSETS.split()]
    shapes = {onset: _Shape(len(onset), len(onset), -1, free=False, stop=False) for onset in onsets}
    for onset, (endings, groups) in product(onsets, _RIMES.items()):  # gi behind g: gia is gi-a, not g-ia
        for group, ending in product(groups.split(), ("", *endings.split())):
            if _fit(onset, group, ending):
                start, end = len(onset), len(onset) + len(group)
                free = group in _FREE and not ending
                stop = ending in ("c", "ch", "p", "t")
                shapes[onset + group + ending] = _Shape(start, end, start + _tone(group, ending), free, stop)
    return shapes


def _fit(onset: str, group: str, ending: str) -> bool:
    """Whether UniKey lets the parts stand together."""
    if group == "y" and ending in ("n", "nh"):
        return onset == "qu"
    return not ((onset == "gi" and group[0] == "i") or (onset in ("q", "qu") and group[0] in "uư"))


def _tone(group: str, ending: str) -> int:
    """Which vowel of the group has the tone, by the modern rule: the last with a mark, or else by their number."""
    marked = [i for i, c in enumerate(group) if c in _MARKS]
    if marked or len(group) != 2:
        return marked[-1] if marked else len(group) // 2
    return 1 if ending or group in _FREE else 0


def _typed() -> dict[str, _Letter]:
    """How each vowel and đ is typed, in either case and with any tone."""
    typed = {}
    for c in _VOWELS + "đ":
        base, mark = (*_MARKS.get(c, c), "")[:2]
        for key, shown in [("", c), *((key, _TONED[c, key]) for key in _TONES if c != "đ")]:
            typed[shown] = _Letter(base, mark, key, vowel=c != "đ")
            typed[shown.upper()] = _Letter(base.upper(), mark, key, vowel=c != "đ")
    return typed


_END = _Letter("", "", "", vowel=False)
_TONED = {(c, key): unicodedata.normalize("NFC", c + mark) for c, (key, mark) in product(_VOWELS, _TONES.items())}
_TYPED = _typed()
_CASES = {c.upper(): (c, True) for c in "abcdefghijklmnopqrstuvwxyz" + "".join(_MARKS)}
