"""QED (Lamm et al. 2021): Natural Questions with the Wikipedia paragraph that answers them, jsonlines.

Format: https://github.com/google-research-datasets/QED (CC BY-SA 3.0)
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from typoglot.errors import DataError
from typoglot.lines import Faults, id_of, pick_languages, read_each, require_folder, text_of
from typoglot.records import Pair, Passage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def read_pairs(folder: Path, languages: Sequence[str] | None) -> list[Pair]:
    """The pairs of every *.jsonlines file; equal paragraphs share one passage id.

    Raises:
        DataError: no file, a malformed line, or a doubled id.
    """
    pick_languages(languages, ["en"], folder)
    files = sorted(require_folder(folder, "qed-*.jsonlines").glob("*.jsonlines"))
    if not files:
        raise DataError(
            folder, None, "no *.jsonlines file", "QED's qed-dev.jsonlines or qed-train.jsonlines is expected"
        )
    homes: dict[str, Passage] = {}
    seen: dict[str, str] = {}
    faults = Faults()
    pairs = [pair for path in files for pair in read_each(path, partial(_pair, path, homes, seen), faults)]
    faults.tell()
    return pairs


def _pair(path: Path, homes: dict[str, Passage], seen: dict[str, str], line: int, row: dict[str, Any]) -> Pair:
    """The pair of a row; `homes` holds the passages by text, `seen` where each id stood."""
    identifier = id_of(row, "example_id", path, line)
    if identifier in seen:
        what = f"example '{identifier}' appears twice (first at {seen[identifier]})"
        raise DataError(path, line, what, "ids must be unique; drop one")
    seen[identifier] = f"{path.name}:{line}"
    text = text_of(row, "paragraph_text", path, line)
    passage = homes.setdefault(text, Passage(identifier, text, text_of(row, "title_text", path, line)))
    return Pair(text_of(row, "question_text", path, line), "en", passage)
