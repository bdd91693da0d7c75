"""Counts LibreOffice's help and shows three fixed queries a language: what docs/libreoffice_help.md and its test hold.

    python tools/libreoffice_help.py FOLDER

FOLDER is where `typoglot data fetch libreoffice_help` brings the packages. Writes tests/sources/libreoffice_help.json,
and prints the tables of the document.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from typoglot.config import Level, Pages, Setting, Split
from typoglot.files import atomic_text
from typoglot.sources.libreoffice import count, read_benchmark

COUNTS = Path(__file__).parent.parent / "tests" / "sources" / "libreoffice_help.json"
FIXED = (0, 9, -1)  # the first, tenth and last query of a language


def main(folder: Path) -> None:
    """Counts every language of the folder."""
    found = {one.language: {**one._asdict(), "rows": rows(folder, one.language)} for one in count(folder, None)}
    with atomic_text(COUNTS) as out:
        out.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    first = next(iter(found.values()))
    heads = ["language", "entries", *first["asked"], *first["left_out"], "test pages", "pairs"]
    print(table(heads, [figures(one) for one in found.values()]))
    cells = [[language, *(f"{text} (`{name}`)" for name, text in one["rows"])] for language, one in found.items()]
    print(table(["language", "first", "tenth", "last"], [row for row in cells if len(row) > 1]))


def rows(folder: Path, language: str) -> list[list[str]]:
    """The fixed queries' ids and texts; none where the language has no query."""
    choice = {"setting": Setting.cross, "level": Level.page, "split": Split.test, "pages": Pages.split}
    queries = read_benchmark("libreoffice_help", folder, [language], **choice).queries  # type: ignore[arg-type]
    return [[queries[place].id, queries[place].text] for place in FIXED] if queries else []


def figures(one: dict[str, Any]) -> list[str]:
    """A language's row of the table."""
    numbers = [one["entries"], *one["asked"].values(), *one["left_out"].values(), one["pages"], one["pairs"]]
    return [one["language"], *(f"{number:,}" for number in numbers)]


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
