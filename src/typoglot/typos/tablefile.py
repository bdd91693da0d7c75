"""A language's typo table as a file: JSON in one canonical form, so that a change of data is all that a diff shows.

Knows the order of the tables and how they are laid out on lines; knows nothing of what they mean.
"""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

from typoglot.errors import DataError
from typoglot.files import atomic_text
from typoglot.lines import parse_json, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

# The order of the tables in a file; what is not named here follows in the order given.
ORDER = (
    "language", "alphabet", "vowels", "keys", "layout",
    "classes", "ops", "positions", "letters", "confusions", "spacing", "cluster",
)  # fmt: skip
_WIDTH = 120
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp", "Zs"})
_WHOLE = 3  # from this depth on a value stays on its line: a row of keys, a pair of confusions


def read_table(path: Path) -> dict[str, Any]:
    """The tables of a language file.

    Raises:
        DataError: the file is missing, no UTF-8, or not one JSON object.
    """
    table = parse_json(read_text(path), path)
    if not isinstance(table, dict):
        raise DataError(path, None, f"a JSON {type(table).__name__}", "one JSON object is expected")
    return table


def write_table(path: Path, table: Mapping[str, object]) -> None:
    """Writes the tables in canonical form: equal tables give equal bytes, and `read_table` gives them back.

    Raises:
        OutputError: the disk refused the write.
        ValueError: a number is not finite, which JSON cannot say.
    """
    plain = json.loads(json.dumps(table, allow_nan=False))  # tuples become lists, all keys texts
    known = [key for key in ORDER if key in plain]
    others = [key for key in plain if key not in ORDER]
    text = _laid_out({key: plain[key] for key in [*known, *others]})
    with atomic_text(path) as file:
        file.write(text + "\n")


def _laid_out(value: object, depth: int = 0) -> str:
    """One line, or one item a line: a file and its tables always so, what they hold where it is long or is pairs."""
    line = _escaped(json.dumps(value, ensure_ascii=False))
    if not value or not isinstance(value, dict | list) or depth >= _WHOLE:
        return line
    pairs = isinstance(value, list) and isinstance(value[0], list)
    if depth == _WHOLE - 1 and not pairs and len(line) <= _WIDTH:
        return line
    if isinstance(value, list):
        return _bracketed("[]", (_laid_out(item, depth + 1) for item in value), depth)
    items = (f"{_escaped(json.dumps(key, ensure_ascii=False))}: {_laid_out(value[key], depth + 1)}" for key in value)
    return _bracketed("{}", items, depth)


def _bracketed(brackets: str, items: Iterable[str], depth: int) -> str:
    indent = "\n" + "  " * (depth + 1)
    return f"{brackets[0]}{indent}{f',{indent}'.join(items)}\n{'  ' * depth}{brackets[1]}"


def _escaped(text: str) -> str:
    """Writes by its number what cannot be seen, or would sit on the quotation mark before it."""
    return "".join(f"\\u{ord(c):04x}" if _is_hidden(c) else c for c in text)


def _is_hidden(character: str) -> bool:
    if "\u0300" <= character <= "\u036f" or character in "\u3099\u309a":  # accents and kana marks, as dead keys give
        return True
    # Astral characters stay as they are: they would need two escapes.
    return character != " " and character < "\U00010000" and unicodedata.category(character) in _UNSEEN
