"""Your own training pairs, as Tevatron writes them: jsonl with a query, positive passages and negative passages.

Row: {"query": text, "positive_passages": [{"docid", "title", "text"}], "negative_passages": [...], "language": "en"}.
Format: https://github.com/texttron/tevatron
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from typoglot.errors import DataError
from typoglot.lines import check_language, pick_languages, read_each, text_of, title_of
from typoglot.records import Pair, Passage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def read_pairs(path: Path, languages: Sequence[str] | None) -> list[Pair]:
    """One pair for each positive passage; every pair carries the row's negatives.

    Raises:
        DataError: the file is missing, a row is malformed, or one docid has two texts.
    """
    known: dict[str, Passage] = {}
    pairs = [pair for own in read_each(path, partial(_pairs, path, known)) for pair in own]
    chosen = set(pick_languages(languages, {pair.language for pair in pairs}, path))
    return [pair for pair in pairs if pair.language in chosen]


def _pairs(path: Path, known: dict[str, Passage], line: int, row: dict[str, Any]) -> list[Pair]:
    language = row.get("language", "en")
    check_language(language, path, line)
    query = text_of(row, "query", path, line)
    positives = _passages(row, "positive_passages", known, path, line)
    negatives = _passages(row, "negative_passages", known, path, line)
    if not positives:
        expected = "at least one passage that answers the query is expected"
        raise DataError(path, line, "'positive_passages' is empty", expected)
    both = {passage.id for passage in positives} & {passage.id for passage in negatives}
    if both:
        what = f"docid '{min(both)}' is a positive and a negative passage"
        raise DataError(path, line, what, "a passage that answers the query is no negative of it")
    return [Pair(query, language, positive, negatives) for positive in positives]


def _passages(row: dict[str, Any], key: str, known: dict[str, Passage], path: Path, line: int) -> tuple[Passage, ...]:
    rows = row.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(item, dict) for item in rows):
        raise DataError(path, line, f"'{key}' is no list of objects", "objects with docid, title and text are expected")
    found = []
    for item in rows:
        passage = Passage(
            text_of(item, "docid", path, line),
            text_of(item, "text", path, line),
            title_of(item, path, line),
        )
        if known.setdefault(passage.id, passage) != passage:
            raise DataError(path, line, f"docid '{passage.id}' has two texts", "a docid names one passage")
        found.append(passage)
    return tuple(found)
