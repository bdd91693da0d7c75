"""Compiles the keyboard layout of every language and writes it into src/typoglot/typos/languages/<code>.json.

Run by hand when a layout is to change, from an environment where typoglot is installed; needs Debian's packages
xkb-data and libxkbcommon0.

    python tools/layouts.py            # writes what differs, keeps every other table of the files
    python tools/layouts.py --check    # writes nothing; exit 1 and the names of the languages that differ
"""

from __future__ import annotations

import argparse
import ctypes
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from typoglot.typos.tablefile import read_table, write_table

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = Path(__file__).resolve().parent.parent / "src" / "typoglot" / "typos" / "languages"
LICENCE = (
    "permissive notices in MIT/X11 and HPND style, by several holders (xkeyboard-config); "
    "see the copyright file of Debian's package xkb-data"
)

# Where a language has several, the layout that its country's computers come with. Japanese, Vietnamese and Chinese
# type Latin letters (romaji, Telex, pinyin, jyutping) that an input method turns into theirs.
LAYOUTS = {
    "ar": "ara", "bn": "in(ben)", "da": "dk", "de": "de", "el": "gr", "en": "us", "es": "es", "fi": "fi", "fr": "fr",
    "he": "il", "hi": "in", "hu": "hu", "it": "it", "ja": "us", "km": "kh", "ms": "us", "nl": "us(intl)", "no": "no",
    "pl": "pl", "pt": "br", "ro": "ro", "ru": "ru", "sv": "se", "te": "in(tel)", "th": "th", "tr": "tr", "vi": "us",
    "zh_cn": "us", "zh_hk": "us",
}  # fmt: skip


class Hand(NamedTuple):
    """A layout that xkb-data has not, since an input method holds it: plain and shifted letters, row by row."""

    name: str
    source: str
    plain: tuple[str, str, str, str]  # a space: nothing on that key
    shift: tuple[str, str, str, str]


HAND = {
    "ko": Hand(
        "2-beolsik",
        "the Korean standard KS X 5002, written down by the authors; punctuation as on a US board",
        ("`1234567890-=", "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ[]", "ㅁㄴㅇㄹㅎㅗㅓㅏㅣ;'\\", " ㅋㅌㅊㅍㅠㅜㅡ,./"),
        ("~!@#$%^&*()_+", "ㅃㅉㄸㄲㅆ   ㅒㅖ{}", '         :"|', "        <>?"),
    ),
    "zh_tw": Hand(
        "Dachen",
        "the standard bopomofo layout of Taiwan, written down by the authors; the first tone has no key but the space "
        "bar; punctuation as on a US board",
        ("`ㄅㄉˇˋㄓˊ˙ㄚㄞㄢㄦ=", "ㄆㄊㄍㄐㄔㄗㄧㄛㄟㄣ[]", "ㄇㄋㄎㄑㄕㄘㄨㄜㄠㄤ'\\", " ㄈㄌㄏㄒㄖㄙㄩㄝㄡㄥ"),
        ("~           +", "          {}", '          "|', "           "),
    ),
}

# XKB's names of the keys, row by row: of a 105-key ISO board, what types a character, less the space bar.
KEYS = (
    ("TLDE", *(f"AE{n:02}" for n in range(1, 13))),
    tuple(f"AD{n:02}" for n in range(1, 13)),
    (*(f"AC{n:02}" for n in range(1, 12)), "BKSL"),
    ("LSGT", *(f"AB{n:02}" for n in range(1, 11))),
)

# The mark that each dead key of X11 stands for; the others (dead_greek, dead_currency, dead_stroke, …) stand for none.
DEAD = {
    "grave": "\u0300", "acute": "\u0301", "circumflex": "\u0302", "tilde": "\u0303", "macron": "\u0304",
    "breve": "\u0306", "abovedot": "\u0307", "diaeresis": "\u0308", "hook": "\u0309", "abovering": "\u030a",
    "doubleacute": "\u030b", "caron": "\u030c", "aboveverticalline": "\u030d", "doublegrave": "\u030f",
    "invertedbreve": "\u0311", "abovecomma": "\u0313", "abovereversedcomma": "\u0314", "horn": "\u031b",
    "belowdot": "\u0323", "belowdiaeresis": "\u0324", "belowring": "\u0325", "belowcomma": "\u0326",
    "cedilla": "\u0327", "ogonek": "\u0328", "belowverticalline": "\u0329", "belowcircumflex": "\u032d",
    "belowbreve": "\u032e", "belowtilde": "\u0330", "belowmacron": "\u0331", "lowline": "\u0332",
    "longsolidusoverlay": "\u0338", "iota": "\u0345", "voiced_sound": "\u3099", "semivoiced_sound": "\u309a",
}  # fmt: skip

# A key symbol is one code point, so keys of two letters send a stand-in, which X11's Compose table spells out: for
# Khmer code points that Unicode has left free, for Arabic the presentation forms, which NFKC spells out too.
STAND_INS = {
    "\u17fb": "ុះ", "\u17fc": "ុំ", "\u17fd": "េះ", "\u17fe": "ោះ", "\u17ff": "ាំ",
    **{chr(form): unicodedata.normalize("NFKC", chr(form)) for form in range(0xFEF5, 0xFEFD)},
}  # fmt: skip


class Names(ctypes.Structure):
    """What libxkbcommon compiles a keymap from (struct xkb_rule_names)."""

    _fields_ = tuple((field, ctypes.c_char_p) for field in ("rules", "model", "layout", "variant", "options"))


@cache
def library() -> ctypes.CDLL:
    """libxkbcommon, with the types of the calls that are made here.

    Raises:
        OSError: it is not installed.
    """
    xkb = ctypes.CDLL("libxkbcommon.so.0")
    pointer, number, text = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_char_p
    signatures = {
        "context_new": (pointer, [ctypes.c_int]),
        "keymap_new_from_names": (pointer, [pointer, ctypes.POINTER(Names), ctypes.c_int]),
        "keymap_key_by_name": (number, [pointer, text]),
        "keymap_mod_get_index": (number, [pointer, text]),
        "state_new": (pointer, [pointer]),
        "state_update_mask": (ctypes.c_int, [pointer, *[number] * 6]),
        "state_key_get_level": (number, [pointer, number, number]),
        "state_key_get_syms": (ctypes.c_int, [pointer, number, ctypes.POINTER(ctypes.POINTER(number))]),
        "keysym_to_utf8": (ctypes.c_int, [number, text, ctypes.c_size_t]),
        "keysym_get_name": (ctypes.c_int, [number, text, ctypes.c_size_t]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(xkb, f"xkb_{name}")
        function.restype, function.argtypes = result, arguments
    return xkb


@cache
def compiled(name: str) -> list[list[list[str]]]:
    """The rows of a layout such as `us` or `in(ben)`: keys of up to four levels.

    Raises:
        LookupError: xkb-data has no such layout.
    """
    xkb = library()
    layout, _, variant = name.rstrip(")").partition("(")
    names = Names(b"evdev", b"pc105", layout.encode(), variant.encode(), b"")
    # Contexts and keymaps are not freed: the process ends within a second.
    keymap = xkb.xkb_keymap_new_from_names(xkb.xkb_context_new(0), ctypes.byref(names), 0)
    if not keymap:
        raise LookupError(f"layout '{name}': libxkbcommon cannot compile it; see the layouts of xkb-data.")
    shift, level3 = (1 << xkb.xkb_keymap_mod_get_index(keymap, modifier) for modifier in (b"Shift", b"Mod5"))
    states = [xkb.xkb_state_new(keymap) for _ in range(4)]
    for state, modifiers in zip(states, (0, shift, level3, shift | level3), strict=True):
        xkb.xkb_state_update_mask(state, modifiers, 0, 0, 0, 0, 0)
    codes = [[xkb.xkb_keymap_key_by_name(keymap, key.encode()) for key in row] for row in KEYS]
    return [[levels(states, code) for code in row] for row in codes]


def levels(states: list[int], code: int) -> list[str]:
    """What a key types plain, with shift, with AltGr and with both; nothing where a modifier makes no difference."""
    seen: set[int] = set()
    texts = []
    for state in states:
        level = library().xkb_state_key_get_level(state, code, 0)
        texts.append("" if level in seen else "".join(map(text_of, symbols(state, code))))
        seen.add(level)
    return trimmed(texts)


def trimmed(texts: list[str]) -> list[str]:
    """The texts without the empty ones at the end."""
    while texts and not texts[-1]:
        texts = texts[:-1]
    return texts


def symbols(state: int, code: int) -> list[int]:
    """The key symbols that the key sends in this state."""
    found = ctypes.POINTER(ctypes.c_uint32)()
    count = library().xkb_state_key_get_syms(state, code, ctypes.byref(found))
    return [found[i] for i in range(count)]


def text_of(symbol: int) -> str:
    """The NFC text of a key symbol: the mark of a dead key; nothing for a control or private character."""
    buffer = ctypes.create_string_buffer(64)
    library().xkb_keysym_get_name(symbol, buffer, 64)
    name = buffer.value.decode()
    if name.startswith("dead_"):
        return DEAD.get(name.removeprefix("dead_"), "")
    text = buffer.value.decode() if library().xkb_keysym_to_utf8(symbol, buffer, 64) > 0 else ""
    text = STAND_INS.get(text, text)
    hidden = any(unicodedata.category(character) in {"Cc", "Co", "Cn"} for character in text)
    return "" if hidden else unicodedata.normalize("NFC", text)


def written(hand: Hand) -> list[list[list[str]]]:
    """The rows of a layout made by hand."""
    return [
        [trimmed([letter.strip(), shifted.strip()]) for letter, shifted in zip(plain, shift, strict=True)]
        for plain, shift in zip(hand.plain, hand.shift, strict=True)
    ]


@cache
def version() -> str:
    """The version of Debian's xkb-data that is installed.

    Raises:
        OSError: this is no Debian.
        subprocess.CalledProcessError: the package is not installed.
    """
    command = ["dpkg-query", "--show", "--showformat=${Version}", "xkb-data"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def layout(code: str) -> dict[str, object]:
    """The language's layout table."""
    if code in HAND:
        hand = HAND[code]
        return {
            "provenance": "hand",
            "name": hand.name,
            "source": hand.source,
            "licence": "a public standard: facts",
            "rows": written(hand),
        }
    return {
        "provenance": "generated",
        "name": LAYOUTS[code],
        "source": f"Debian xkb-data {version()}, compiled with libxkbcommon",
        "licence": LICENCE,
        "rows": compiled(LAYOUTS[code]),
    }


def differing(folder: Path) -> list[str]:
    """The languages whose file is missing or holds another layout than would be made now."""
    codes = sorted([*LAYOUTS, *HAND])
    paths = {code: folder / f"{code}.json" for code in codes}
    return [code for code, path in paths.items() if not path.exists() or read_table(path).get("layout") != layout(code)]


def write(folder: Path, codes: Iterable[str]) -> None:
    """Puts the layouts into the languages' files. Each is read right before it is written, to lose no other table."""
    for code in codes:
        path, made = folder / f"{code}.json", layout(code)
        table = read_table(path) if path.exists() else {"language": code}
        write_table(path, {**table, "layout": made})


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a layout differs")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="the folder of the language files")
    arguments = parser.parse_args()
    codes = differing(arguments.folder)
    if not arguments.check:
        write(arguments.folder, codes)
        sys.stdout.write(f"written: {', '.join(codes) or 'none, all are as they would be made'}\n")
    elif codes:
        sys.exit(f"The layouts of {', '.join(codes)} differ from those made now; run tools/layouts.py to renew them.")


if __name__ == "__main__":
    main()
