"""Files of queries to records: tab-separated, jsonl as BEIR has it, or TREC's topics. Knows no passages.

A language is a column of the file, or that of all its queries.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any

from typoglot.errors import DataError
from typoglot.lines import Faults, Unique, check_language, each_line, id_of, read_each, read_lines, text_of, texts_of
from typoglot.records import Query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class QueryFormat(Enum):
    """How a file of queries is written; docs/custom_benchmark.md has an example of each."""

    tsv = "tsv"  # id, text; or any columns of id, text, language, parallel_id under a head that names them
    beir = "beir"  # jsonl _id, text, and perhaps language, parallel_id, answers
    trec = "trec"  # <top> <num> <title> </top>, the classic topics


_COLUMNS = ("id", "text", "language", "parallel_id")


def read_queries(path: Path, form: QueryFormat, language: str | None, *, parallel: bool = False) -> list[Query]:
    """The queries of a file, in its order.

    Args:
        path: the file, perhaps .gz.
        form: its format.
        language: of queries that do not say theirs.
        parallel: translations of a question share its id, so an id may stand once in each language.

    Raises:
        DataError: the file cannot be read, a query is malformed or has no language, or an id stands twice; the first
            such lines are told, the others counted.
    """
    if form is QueryFormat.trec:
        return _topics(path, language)
    unique = _Ids("query", path, parallel=parallel)
    if form is QueryFormat.tsv:
        return _table(path, language, unique)
    return list(read_each(path, lambda line, row: _query(row, "_id", path, line, language, unique)))


class _Ids:
    """Refuses the second query of an id; with `parallel`, of an id and a language."""

    def __init__(self, what: str, path: Path, *, parallel: bool = False) -> None:
        self._unique, self._parallel = Unique(what, path), parallel

    def add(self, identifier: str, language: object, line: int) -> None:
        self._unique.add(f"{identifier}' in '{language}" if self._parallel else identifier, line)


def _query(row: dict[str, Any], key: str, path: Path, line: int, language: str | None, unique: _Ids) -> Query:
    """The query of an object with the keys of BEIR, its id under `key`."""
    identifier = text_of(row, key, path, line)
    code = row.get("language", language)
    unique.add(identifier, code, line)
    if code is None and "language" not in row:
        raise DataError(path, line, f"query '{identifier}' has no language", "name it in the file, or for the file")
    check_language(code, path, line)
    answers = texts_of(row, "answers", path, line) if "answers" in row else ()
    parallel = id_of(row, "parallel_id", path, line) if "parallel_id" in row else identifier
    return Query(identifier, str(code), text_of(row, "text", path, line), parallel, answers)


def _table(path: Path, language: str | None, unique: _Ids) -> list[Query]:
    columns: list[str] = []

    def made(line: int, text: str) -> Query | None:
        cells = text.split("\t")
        if not columns:
            columns.extend(cells if cells[0] == "id" else ("id", "text"))
            if not {"id", "text"} <= set(columns) <= set(_COLUMNS) or len(set(columns)) < len(columns):
                expected = f"the columns id and text, and perhaps {' and '.join(_COLUMNS[2:])}, are expected"
                raise DataError(path, line, f"columns {', '.join(columns)}", expected)
            if cells[0] == "id":
                return None
        if len(cells) != len(columns):
            what = f"{len(cells)} column{'s' * (len(cells) != 1)}"
            raise DataError(path, line, what, f"{', '.join(columns)}, parted by tabs, are expected")
        return _query(dict(zip(columns, cells, strict=True)), "id", path, line, language, unique)

    return [query for query in each_line(path, made) if query is not None]


def _topics(path: Path, language: str | None) -> list[Query]:
    faults = Faults()
    unique = _Ids("topic", path)
    queries = []
    for line, topic in _parts(path, faults):
        row = {
            "id": re.sub(r"^Number:", "", topic.get("num", "")),
            "text": re.sub(r"^Topic:", "", topic.get("title", "")),
        }
        try:
            queries.append(_query(row, "id", path, line, language, unique))
        except DataError as error:
            faults.add(error)
    faults.tell()
    return queries


_TAGS = "top|head|num|dom|title|desc|smry|narr|con|fac|def|nat|time|query"
"""Of TREC's topics over the years; another, such as <b>, is part of a text."""


def _parts(path: Path, faults: Faults) -> Iterator[tuple[int, dict[str, str]]]:
    """Each topic's line, and its texts by tag; an end tag is allowed, and not needed."""
    topic: dict[str, str] | None = None
    begun, tag = 0, ""
    for number, line in read_lines(path, faults):
        found = re.match(rf"\s*<(/?)({_TAGS})>", line, re.IGNORECASE)
        name = found[2].lower() if found else ""
        if found and name == "top" and not found[1]:
            if topic is not None:
                faults.add(DataError(path, begun, "the topic has no end", "</top> is expected before the next <top>"))
            topic, begun, tag = {}, number, ""
        elif found and name == "top" and topic is not None:
            yield begun, topic
            topic = None
        elif topic is None:
            if line.strip() and not re.fullmatch(r"\s*<[^<>]*>\s*", line):  # <topics>, <?xml …?>
                faults.add(DataError(path, number, f"'{line.strip()[:60]}' outside of a topic", "<top> is expected"))
        else:
            text = line[found.end() :] if found else line
            if found:
                tag = "" if found[1] else name
            if tag:
                text = re.sub(r"</\w+>\s*$", "", text).strip()
                if re.search(r"</?(?:num|title|desc|narr)>", text):
                    faults.add(DataError(path, number, f"'{text[:60]}'", "one tag a line is expected"))
                topic[tag] = f"{topic[tag]} {text}".strip() if tag in topic else text
    if topic is not None:
        faults.add(DataError(path, begun, "the topic has no end", "</top> is expected"))
