"""BEIR folders (Thakur et al. 2021), the format for your own benchmark: corpus.jsonl, queries.jsonl, qrels/test.tsv.

A query may say its "language" (default en), its "parallel_id" (shared by translations) and its "answers".
Format: https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.errors import DataError
from typoglot.lines import (
    Faults,
    Unique,
    check_language,
    each_line,
    id_of,
    pick_languages,
    read_each,
    require_folder,
    text_of,
    texts_of,
)
from typoglot.records import Benchmark, Passages, Qrels, Query, ids_of
from typoglot.sources.passages import PassageFormat, open_passages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def read_benchmark(name: str, folder: Path, languages: Sequence[str] | None) -> Benchmark:
    """The judged queries of the chosen languages over the whole corpus.

    Raises:
        DataError: a file is missing or malformed, an id is doubled, or a judgement names an unknown id.
    """
    require_folder(folder, "corpus.jsonl, queries.jsonl and qrels/test.tsv")
    corpus = read_corpus(folder / "corpus.jsonl")
    queries = _queries(folder / "queries.jsonl")
    qrels = _qrels(folder / "qrels" / "test.tsv", {query.id for query in queries}, ids_of(corpus))
    judged = [query for query in queries if any(qrels.get(query.id, {}).values())]
    chosen = set(pick_languages(languages, {query.language for query in judged}, folder))
    kept = tuple(query for query in judged if query.language in chosen)
    return Benchmark(name, kept, corpus, {query.id: qrels[query.id] for query in kept})


def read_corpus(path: Path) -> Passages:
    """The passages of a corpus.jsonl, read when they are asked for.

    Raises:
        DataError: a line is malformed, or an id is doubled.
    """
    return open_passages(path, PassageFormat.beir)


def _queries(path: Path) -> list[Query]:
    unique = Unique("query", path)

    def query(line: int, row: dict[str, Any]) -> Query:
        identifier = text_of(row, "_id", path, line)
        unique.add(identifier, line)
        language = row.get("language", "en")
        check_language(language, path, line)
        answers = texts_of(row, "answers", path, line) if "answers" in row else ()
        parallel = id_of(row, "parallel_id", path, line) if "parallel_id" in row else identifier
        return Query(identifier, language, text_of(row, "text", path, line), parallel, answers)

    return list(read_each(path, query))


def _qrels(path: Path, queries: set[str], ids: Sequence[str]) -> Qrels:
    faults = Faults()
    rows = [row for row in each_line(path, partial(_judgement, path), faults) if row is not None]
    judged = {row.passage for row in rows}
    passages = {identifier for identifier in ids if identifier in judged}  # a corpus has more than is judged
    qrels: Qrels = {}
    for line, query, passage, grade in rows:
        own = qrels.setdefault(query, {})
        if query not in queries or passage not in passages:
            unknown = f"query '{query}'" if query not in queries else f"passage '{passage}'"
            expected = "judgements must name ids of queries.jsonl and corpus.jsonl"
            faults.add(DataError(path, line, f"unknown {unknown}", expected))
        elif passage in own:
            what = f"'{query}' and '{passage}' are judged twice"
            faults.add(DataError(path, line, what, "keep one judgement of a pair"))
        own[passage] = grade
    faults.tell()
    return qrels


class _Row(NamedTuple):
    line: int
    query: str
    passage: str
    grade: int


def _judgement(path: Path, line: int, text: str) -> _Row | None:
    cells = text.split("\t")
    if line == 1 and cells[-1] == "score":
        return None
    if len(cells) != 3 or not re.fullmatch(r"\s*-?[0-9]{1,9}\s*", cells[2]):
        expected = "query id, passage id and a whole grade, parted by tabs, are expected"
        raise DataError(path, line, f"'{text[:60]}'", expected)
    return _Row(line, cells[0], cells[1], max(int(cells[2]), 0))
