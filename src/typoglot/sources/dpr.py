"""DPR's training file (Karpukhin et al. 2020): one JSON list of questions with passages, of any size.

Item: {"question": text, "positive_ctxs": [{"title", "text", "passage_id"}], "hard_negative_ctxs": [...],
"negative_ctxs": [...]}, perhaps with "language" (or "lang", as XOR-TyDi has it). Passages without an id are known by
their text. Format: https://github.com/facebookresearch/DPR
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from typoglot.errors import DataError
from typoglot.lines import check_language, each_item, id_of, pick_languages, text_of
from typoglot.records import Pair, Passage
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def read_pairs(path: Path, languages: Sequence[str] | None) -> list[Pair]:
    """One pair a question, with the first of its positive passages, as DPR trains.

    Its negatives are the hard ones; where it has none, the others. Questions without a positive passage are left out,
    as DPR leaves them, and counted.

    Raises:
        DataError: the file cannot be read or an item is malformed; the first such items are told, the others counted.
    """
    known: dict[str, Passage] = {}
    found = list(each_item(path, lambda place, row: _pair(row, known, path, place)))
    pairs = [pair for pair in found if pair is not None]
    if len(pairs) < len(found):
        without = len(found) - len(pairs)
        say(f"{path}: {without:,} of {len(found):,} questions have no positive passage and are left out")
    chosen = set(pick_languages(languages, {pair.language for pair in pairs}, path))
    return [pair for pair in pairs if pair.language in chosen]


def _pair(row: dict[str, Any], known: dict[str, Passage], path: Path, place: str) -> Pair | None:
    language = row.get("language", row.get("lang", "en"))
    code = language.strip() if isinstance(language, str) else language  # XOR-TyDi writes Arabic as " ar"
    check_language(code, path, place)
    question = text_of(row, "question", path, place)
    positives = list(_passages(row, "positive_ctxs", known, path, place))
    hard = list(_passages(row, "hard_negative_ctxs", known, path, place))
    negatives = hard or list(_passages(row, "negative_ctxs", known, path, place))
    if not positives:
        return None
    # Mined negatives may hold another positive passage, which a training must not push away.
    wrong = tuple(dict.fromkeys(passage for passage in negatives if passage not in positives))
    return Pair(question, code, positives[0], wrong)


def _passages(row: dict[str, Any], key: str, known: dict[str, Passage], path: Path, place: str) -> Iterator[Passage]:
    """The passages under a key, which may be missing; one passage is one object however often it appears."""
    rows = row.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(item, dict) for item in rows):
        raise DataError(path, place, f"'{key}' is no list of objects", "objects with title and text are expected")
    for item in rows:
        text = text_of(item, "text", path, place)
        title = "" if item.get("title") in (None, "") else text_of(item, "title", path, place)
        name = next((name for name in ("passage_id", "psg_id") if item.get(name) not in (None, "")), None)
        digest = hashlib.blake2b(f"{title}\0{text}".encode(), digest_size=12).hexdigest()
        identifier = id_of(item, name, path, place) if name else digest
        passage = known.setdefault(identifier, Passage(identifier, text, title))
        if (passage.text, passage.title) != (text, title):
            raise DataError(path, place, f"passage '{identifier}' has two texts", "an id names one passage")
        yield passage
