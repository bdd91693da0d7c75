"""BEIR folders (Thakur et al. 2021), the format for your own benchmark: corpus.jsonl, queries.jsonl, qrels/test.tsv.

A query may say its "language" (default en), its "parallel_id" (shared by translations) and its "answers".
Format: https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from typoglot.errors import DataError
from typoglot.lines import (
    Unique,
    check_language,
    id_of,
    pick_languages,
    read_json_rows,
    read_lines,
    require_folder,
    text_of,
    texts_of,
    title_of,
)
from typoglot.records import Benchmark, Passage, Qrels, Query

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
    qrels = _qrels(folder / "qrels" / "test.tsv", {query.id for query in queries}, {passage.id for passage in corpus})
    judged = [query for query in queries if any(qrels.get(query.id, {}).values())]
    chosen = set(pick_languages(languages, {query.language for query in judged}, folder))
    kept = tuple(query for query in judged if query.language in chosen)
    return Benchmark(name, kept, corpus, {query.id: qrels[query.id] for query in kept})


def read_corpus(path: Path) -> tuple[Passage, ...]:
    """The passages of a corpus.jsonl.

    Raises:
        DataError: a line is malformed, or an id is doubled.
    """
    unique = Unique("passage", path)
    passages = []
    for line, row in read_json_rows(path):
        identifier = text_of(row, "_id", path, line)
        unique.add(identifier, line)
        passages.append(Passage(identifier, text_of(row, "text", path, line), title_of(row, path, line)))
    return tuple(passages)


def _queries(path: Path) -> list[Query]:
    unique = Unique("query", path)
    queries = []
    for line, row in read_json_rows(path):
        identifier = text_of(row, "_id", path, line)
        unique.add(identifier, line)
        language = row.get("language", "en")
        check_language(language, path, line)
        answers = texts_of(row, "answers", path, line) if "answers" in row else ()
        parallel = id_of(row, "parallel_id", path, line) if "parallel_id" in row else identifier
        queries.append(
            Query(
                identifier,
                language,
                text_of(row, "text", path, line),
                parallel,
                answers,
            )
        )
    return queries


def _qrels(path: Path, queries: set[str], passages: set[str]) -> Qrels:
    qrels: Qrels = {}
    for line, text in read_lines(path):
        cells = text.split("\t")
        if (line == 1 and cells[-1] == "score") or not text.strip():
            continue
        if len(cells) != 3 or not re.fullmatch(r"\s*-?[0-9]{1,9}\s*", cells[2]):
            raise DataError(
                path,
                line,
                f"'{text[:60]}'",
                "query id, passage id and a whole grade, parted by tabs, are expected",
            )
        query, passage, grade = cells
        if query not in queries or passage not in passages:
            unknown = f"query '{query}'" if query not in queries else f"passage '{passage}'"
            raise DataError(
                path, line, f"unknown {unknown}", "judgements must name ids of queries.jsonl and corpus.jsonl"
            )
        if passage in qrels.setdefault(query, {}):
            raise DataError(path, line, f"'{query}' and '{passage}' are judged twice", "keep one judgement of a pair")
        qrels[query][passage] = max(int(grade), 0)
    return qrels
