"""Benchmarks that are put together from a file of passages, files of queries and files of judgements.

`read_composed` puts them together; who names the files is a custom benchmark's benchmark.yaml, or the layout in which a
known benchmark is published. docs/custom_benchmark.md has the yaml.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import yaml

from typoglot.errors import DataError
from typoglot.files import atomic_text, make_folder
from typoglot.languages import Language
from typoglot.lines import check_language, pick_languages, read_text, require_folder
from typoglot.records import Benchmark, Qrels, Query, ids_of
from typoglot.sources.judgements import JudgementFormat, Known, read_qrels, write_qrels
from typoglot.sources.passages import PassageFormat, files_of, open_passages
from typoglot.sources.queries import QueryFormat, read_queries

if TYPE_CHECKING:
    from collections.abc import Sequence

CARD = "benchmark.yaml"
Kind = TypeVar("Kind", bound=Enum)


@dataclass(frozen=True, slots=True)
class QueryFile:
    """Queries, and the language of those that do not say theirs."""

    path: Path
    form: QueryFormat
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of a benchmark.

    Attributes:
        passages: a file, or a folder of files.
        form: of the passages; None finds it in their first line.
        queries: a question's translations may be in several files, under its id, if `parallel`.
        judgements: all of one format.
        judged: that format.
        parallel: ids of queries are those of questions, which all languages share.
        card: that names the others, where there is one.
    """

    passages: Path
    form: PassageFormat | None
    queries: Sequence[QueryFile]
    judgements: Sequence[Path]
    judged: JudgementFormat
    parallel: bool = False
    card: Path | None = None

    def opened(self) -> list[Path]:
        """All of them.

        Raises:
            DataError: there are no passages.
        """
        named = [*(file.path for file in self.queries), *self.judgements, *([self.card] if self.card else [])]
        return [*files_of(self.passages), *named]


def read_composed(name: str, parts: Parts, languages: Sequence[str] | None, where: Path) -> Benchmark:
    """The judged queries of the chosen languages over all passages.

    Args:
        name: of the benchmark.
        parts: its files.
        languages: None takes all.
        where: the benchmark's place, for the message.

    Raises:
        DataError: a file is missing or malformed, an id is doubled, a judgement names an unknown id, or a language has
            no judged query.
    """
    queries = _queries(parts)
    corpus = open_passages(parts.passages, parts.form)
    files = " and ".join([_names([file.path for file in parts.queries]), parts.passages.name])
    questions = frozenset(query.parallel_id if parts.parallel else query.id for query in queries)
    qrels = read_qrels(parts.judgements, parts.judged, Known(questions, ids_of(corpus), files))
    grades: Qrels = {query.id: qrels.get(query.parallel_id if parts.parallel else query.id, {}) for query in queries}
    judged = [query for query in queries if any(grades[query.id].values())]
    chosen = set(pick_languages(languages, {query.language for query in judged}, where))
    kept = tuple(query for query in judged if query.language in chosen)
    return Benchmark(name, kept, corpus, {query.id: grades[query.id] for query in kept})


def _queries(parts: Parts) -> list[Query]:
    """The queries of all files; of a parallel benchmark with the language behind their ids.

    Raises:
        DataError: an id is in two files.
    """
    found: list[Query] = []
    homes: dict[str, Path] = {}
    for file in parts.queries:
        for query in read_queries(file.path, file.form, file.language, parallel=parts.parallel):
            own = replace(query, id=f"{query.id}_{query.language}") if parts.parallel else query
            if own.id in homes:
                expected = "ids must be unique; or say `parallel: true`, if one question's translations share its id"
                raise DataError(file.path, None, f"query '{own.id}' is in {homes[own.id].name} too", expected)
            homes[own.id] = file.path
            found.append(own)
    return found


def _names(paths: Sequence[Path]) -> str:
    return f"{paths[0].name}" + (f" (and {len(paths) - 1} more)" if len(paths) > 1 else "")


def write_custom(folder: Path, benchmark: Benchmark) -> int:
    """Writes a benchmark as a custom one, which reads back as it is, and for other systems its topics as a table.

    Returns:
        How many queries hold tabs or line ends, which are single spaces in topics.tsv.

    Raises:
        DataError: an id holds white space, which TREC's columns cannot.
        OutputError: the disk refused the write.
    """
    make_folder(folder)
    write_qrels(folder / "qrels.txt", benchmark.qrels)
    with atomic_text(folder / "corpus.jsonl") as out:
        for passage in benchmark.corpus:
            _write(out, {"_id": passage.id, "title": passage.title, "text": passage.text})
    with atomic_text(folder / "queries.jsonl") as out, atomic_text(folder / "topics.tsv") as topics:
        for query in benchmark.queries:
            row = {"_id": query.id, "text": query.text, "language": query.language, "parallel_id": query.parallel_id}
            _write(out, {**row, **({"answers": query.answers} if query.answers else {})})
            topics.write(f"{query.id}\t{_in_one_line(query.text)}\n")
    with atomic_text(folder / CARD) as out:
        out.write(_WRITTEN)
    return sum(_in_one_line(query.text) != query.text for query in benchmark.queries)


_WRITTEN = """\
passages: {file: corpus.jsonl, format: beir}
queries: {file: queries.jsonl, format: beir}
judgements: {file: qrels.txt, format: trec}
"""


def _write(out: IO[str], row: dict[str, object]) -> None:
    out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _in_one_line(text: str) -> str:
    return re.sub(r"[\t\r\n]+", " ", text)


# What names the files


def custom(folder: Path) -> Parts:
    """The files that a folder's benchmark.yaml names.

    Raises:
        DataError: it is missing or malformed.
    """
    path = require_folder(folder, CARD) / CARD
    card = _Card(path)
    passages = card.mapping(card.top, "passages", {"file", "format"})
    judgements = card.mapping(card.top, "judgements", {"file", "format"})
    rows = card.top.get("queries")
    files = [card.query(row) for row in (rows if isinstance(rows, list) and rows else [rows])]
    parallel = card.top.get("parallel", "false")
    if parallel not in ("true", "false"):
        raise DataError(path, None, "'parallel' is no truth value", "true or false is expected")
    form = PassageFormat if "format" in passages else None
    return Parts(
        card.file(passages),
        card.one_of(PassageFormat, passages) if form else None,
        files,
        [card.file(judgements)],
        card.one_of(JudgementFormat, judgements),
        parallel == "true",
        path,
    )


class _Card:
    """A benchmark.yaml. Read as texts only: to YAML a language `no` would be false, and an id 0123 a number."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            top = yaml.load(read_text(path), yaml.BaseLoader)  # it builds texts, lists and mappings only
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            where = getattr(error, "problem_mark", None)
            what = f"not YAML ({getattr(error, 'problem', None) or type(error).__name__})"
            raise DataError(path, where.line + 1 if where else None, what, "mend the file") from error
        self.top = self._mapping(top, "the file", {"passages", "queries", "judgements", "parallel"})

    def mapping(self, row: dict[str, Any], key: str, keys: set[str]) -> dict[str, Any]:
        """What stands under a key: a mapping with some of these keys."""
        return self._mapping(row.get(key), f"'{key}'", keys)

    def _mapping(self, value: Any, what: str, keys: set[str]) -> dict[str, Any]:
        expected = f"a mapping with the keys {', '.join(sorted(keys))} is expected"
        if not isinstance(value, dict):
            raise DataError(self.path, None, f"{what} is {'missing' if value is None else 'no mapping'}", expected)
        unknown = [str(key)[:60] for key in value if key not in keys]
        if unknown:
            raise DataError(self.path, None, f"{what} has the unknown key '{unknown[0]}'", expected)
        return value

    def text(self, row: dict[str, Any], key: str) -> str:
        """A text that is not empty."""
        value = row.get(key)
        if not isinstance(value, str) or not value or "\0" in value:
            raise DataError(self.path, None, f"'{key}' is missing or no text", "a text that is not empty is expected")
        return value

    def file(self, row: dict[str, Any]) -> Path:
        """A file of the folder: a finished run looks there, and nowhere else, for what has changed."""
        name = self.text(row, "file")
        if Path(name).is_absolute() or ".." in Path(name).parts:
            expected = "a file below the folder is expected; put it, or a link to it, there"
            raise DataError(self.path, None, f"file '{name[:60]}'", expected)
        return self.path.parent / name

    def one_of(self, kinds: type[Kind], row: dict[str, Any]) -> Kind:
        """The format that a row names."""
        name = self.text(row, "format")
        try:
            return kinds(name)
        except ValueError:
            known = ", ".join(kind.value for kind in kinds)
            raise DataError(self.path, None, f"unknown format '{name[:60]}'", f"choose among {known}") from None

    def query(self, row: Any) -> QueryFile:
        """A file of queries."""
        found = self._mapping(row, "'queries'", {"file", "format", "language"})
        language = self.text(found, "language") if "language" in found else None
        if language is not None:
            check_language(language, self.path, None)
        return QueryFile(self.file(found), self.one_of(QueryFormat, found), language)


def beir(folder: Path, split: str) -> Parts:
    """A BEIR folder; its queries are English where they do not say otherwise."""
    queries = QueryFile(folder / "queries.jsonl", QueryFormat.beir, "en")
    passages = folder / "corpus.jsonl"
    return Parts(passages, PassageFormat.beir, [queries], [folder / "qrels" / f"{split}.tsv"], JudgementFormat.beir)


def msmarco(folder: Path, split: str) -> Parts:
    """MS MARCO's passage ranking: collection.tsv, queries.SPLIT.tsv, qrels.SPLIT.tsv (Bajaj et al. 2016)."""
    queries = QueryFile(folder / f"queries.{split}.tsv", QueryFormat.tsv, "en")
    judged = [folder / f"qrels.{split}.tsv"]
    return Parts(folder / "collection.tsv", PassageFormat.msmarco, [queries], judged, JudgementFormat.trec)


def miracl(folder: Path, split: str, language: str) -> Parts:
    """One language of MIRACL: miracl-v1.0-xx and miracl-corpus-v1.0-xx, as its two repositories have them.

    Format: https://huggingface.co/datasets/miracl/miracl, https://huggingface.co/datasets/miracl/miracl-corpus
    """
    own = f"miracl-v1.0-{language}"
    topics = folder / own / "topics" / f"topics.{own}-{split}.tsv"
    judged = [folder / own / "qrels" / f"qrels.{own}-{split}.tsv"]
    passages = folder / f"miracl-corpus-v1.0-{language}"
    return Parts(
        passages, PassageFormat.miracl, [QueryFile(topics, QueryFormat.tsv, language)], judged, JudgementFormat.trec
    )


def mr_tydi(folder: Path, split: str, language: str) -> Parts:
    """One language of Mr. TyDi: mrtydi-v1.1-arabic with collection/, topic.SPLIT.tsv, qrels.SPLIT.txt, as released.

    Format: https://github.com/castorini/mr.tydi
    """
    own = folder / f"mrtydi-v1.1-{Language(language).english_name.lower()}"
    topics = QueryFile(own / f"topic.{split}.tsv", QueryFormat.tsv, language)
    judged = [own / f"qrels.{split}.txt"]
    return Parts(own / "collection", None, [topics], judged, JudgementFormat.trec)
