"""Generated queries: what was written for each passage, in each language. Knows no generator and no vectors.

Either the record of xQG, one passage a line: {"docid", "title", "text", "generated_queries": {"ar": [text, …]}}; or
plain, one query a line: {"docid", "language", "query"}. A path is a jsonl(.gz) file, or a folder of such files.
Format: https://github.com/ielab/xQG4xDR (data set ielab/xor-tydi-xqg-augmented)
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.errors import DataError
from typoglot.files import atomic_text, is_hidden
from typoglot.lines import Faults, check_language, id_of, pick_languages, read_each, text_of
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from typoglot.records import Generated, Passage


class _Row(NamedTuple):
    docid: str
    file: Path
    line: int
    queries: dict[str, list[str]]


def read_generated(
    path: Path, corpus: Collection[str], languages: Sequence[str] | None, count: int, *, lenient: bool = False
) -> Generated:
    """The first `count` queries of each passage in each language; an empty query is none.

    Args:
        path: the file, or a folder with its parts.
        corpus: the ids of the passages.
        languages: the ones to keep; None takes all that are there.
        count: queries that each passage should have in each language.
        lenient: what a passage lacks, and passages that the corpus has not, are counted and said instead of refused.

    Raises:
        DataError: a line is broken, a record's passage appears twice, or a language is unknown or nowhere; unless
            lenient, also a passage without queries, with too few of them, or that the corpus has not.
    """
    found, strangers = _collect(path, frozenset(corpus), lenient=lenient)
    chosen = pick_languages(languages, {language for own in found.values() for language in own.queries}, path)
    without = [identifier for identifier in corpus if identifier not in found]
    few = [own for own in found.values() if _short(own, chosen, count)]
    if few and not lenient:
        first = few[0]
        expected = f"{count} queries in each language are expected; generate more, ask for fewer, or be lenient"
        raise DataError(first.file, first.line, f"passage '{first.docid}' has {_short(first, chosen, count)}", expected)
    if without and not lenient:
        what = f"no queries for {len(without):,} of {len(corpus):,} passages (first: '{without[0]}')"
        raise DataError(path, None, what, "generate the rest, or be lenient")
    if without or few or strangers:
        say(
            f"{path}: {len(without):,} of {len(corpus):,} passages have no queries, {len(few):,} have fewer than "
            f"{count} in a language; {strangers:,} lines are of passages that the corpus has not"
        )
    kept = set(chosen)
    return {
        own.docid: {name: tuple(queries[:count]) for name, queries in own.queries.items() if name in kept}
        for own in found.values()
    }


def write_generated(path: Path, rows: Iterable[tuple[Passage, Mapping[str, Sequence[str]]]]) -> None:
    """Writes passages with their queries by language as records of xQG; the file appears only when it is whole.

    Raises:
        OutputError: the disk refused the write.
    """
    with atomic_text(path) as out:
        for passage, queries in rows:
            record = {"docid": passage.id, "title": passage.title, "text": passage.text, "generated_queries": queries}
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


def files_of(path: Path) -> list[Path]:
    """The file itself, or the folder's .jsonl and .jsonl.gz files by name; those being written have other names."""
    if not path.is_dir():
        return [path]
    named = (file for file in path.iterdir() if file.name.endswith((".jsonl", ".jsonl.gz")))
    return sorted(file for file in named if not is_hidden(file))


def _collect(path: Path, corpus: frozenset[str], *, lenient: bool) -> tuple[dict[str, _Row], int]:
    """Each passage's rows as one (its place is the first's), and the number of rows of other passages.

    Raises:
        DataError: rows are malformed, or of a passage that the corpus has not, unless lenient.
    """
    found: dict[str, _Row] = {}
    strangers = 0
    faults = Faults()
    for row in _rows(path, faults):
        if row.docid in corpus:
            own = found.setdefault(row.docid, row._replace(queries={}))
            for language, queries in row.queries.items():
                own.queries.setdefault(language, []).extend(queries)
        elif lenient:
            strangers += 1
        else:
            what = f"passage '{row.docid}' is not in the corpus"
            expected = "give the queries of this very corpus, or be lenient"
            faults.add(DataError(row.file, row.line, what, expected))
    faults.tell()
    return found, strangers


def _rows(path: Path, faults: Faults) -> Iterator[_Row]:
    """The sound rows of all files. The first row tells the form of all.

    Raises:
        DataError: there is no file.
    """
    files = files_of(path)
    if not files:
        raise DataError(path, None, "no .jsonl or .jsonl.gz", "a folder with the parts of one generation is expected")
    seen: dict[str, str] = {}
    form: list[bool] = []  # whether rows are records, once it is known
    for file in files:
        yield from read_each(file, partial(_row, file, form, seen), faults)


def _row(file: Path, form: list[bool], seen: dict[str, str], line: int, row: dict[str, Any]) -> _Row:
    if not form:
        form.append("generated_queries" in row)
    docid = id_of(row, "docid", file, line)
    if form[0]:
        if docid in seen:
            what = f"passage '{docid}' appears twice (first at {seen[docid]})"
            raise DataError(file, line, what, "ids must be unique; drop or rename one")
        seen[docid] = f"{file.name}:{line}"
    return _Row(docid, file, line, _record(row, file, line) if form[0] else _plain(row, file, line))


def _record(row: dict[str, Any], file: Path, line: int) -> dict[str, list[str]]:
    queries = row.get("generated_queries")
    if not isinstance(queries, dict):
        raise DataError(file, line, f"'generated_queries' is {queries!r}", "an object language → queries is expected")
    return {_language(name, file, line): _texts(name, texts, file, line) for name, texts in queries.items()}


def _plain(row: dict[str, Any], file: Path, line: int) -> dict[str, list[str]]:
    return {_language(row.get("language"), file, line): [text_of(row, "query", file, line)]}


def _language(value: object, file: Path, line: int) -> str:
    """The language's code; XOR-TyDi's own files write Arabic as " ar"."""
    code = value.strip() if isinstance(value, str) else value
    check_language(code, file, line)
    return str(code)


def _texts(language: str, texts: object, file: Path, line: int) -> list[str]:
    if not isinstance(texts, list):
        raise DataError(file, line, f"the queries in '{language}' are {texts!r}", "a list of texts is expected")
    return [text_of({"query": text}, "query", file, line) for text in texts if text != ""]


def _short(row: _Row, languages: Sequence[str], count: int) -> str:
    """The first language in which a passage has too few queries, with their number; "" where it has enough."""
    numbers = ((name, len(row.queries.get(name, ()))) for name in languages)
    return next((f"{number} in '{name}'" for name, number in numbers if number < count), "")
