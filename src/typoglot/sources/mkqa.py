"""MKQA (Longpre, Lu and Daiber 2021): its questions; and without Wikipedia, each is to find its English original.

Reads the original release, one jsonl(.gz): {"example_id", "query", "queries": {language: text}, "answers"}; or the copy
of MIA-2022, a folder of mkqa-xx.jsonl: {"id": "<example_id>_xx", "lang", "question", "answers"}.
Formats: https://github.com/apple/ml-mkqa, https://github.com/mia-workshop/MIA-Shared-Task-2022
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.errors import DataError
from typoglot.lines import Faults, Unique, check_language, id_of, pick_languages, read_each, text_of
from typoglot.records import Benchmark, Passage, Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Question(NamedTuple):
    """A question, and the row of the file that it stands in."""

    example: str
    language: str
    text: str
    row: dict[str, Any]
    path: Path
    line: int


def read_parallel(name: str, path: Path, languages: Sequence[str] | None) -> Benchmark:
    """The questions of the chosen languages, each to find its English original among all of them.

    English questions that are alike are one passage. An English query is its own original: clean it is found by itself.

    Raises:
        DataError: a file is missing or malformed, an id stands twice, or a question has no English original.
    """
    questions = list(read_questions(path))
    chosen = pick_languages(languages, {question.language for question in questions}, path)
    corpus: dict[str, Passage] = {}
    home: dict[str, str] = {}
    for question in questions:
        if question.language == "en":
            passage = corpus.setdefault(question.text, Passage(question.example, question.text))
            home[question.example] = passage.id
    queries, qrels = [], {}
    for question in questions:
        if question.example not in home:
            expected = "each question's English original is what it is to find; use files of one release"
            raise DataError(question.path, question.line, f"question '{question.example}' has no English", expected)
        if question.language in chosen:
            identifier = f"{question.example}_{question.language}"
            queries.append(Query(identifier, question.language, question.text, question.example))
            qrels[identifier] = {home[question.example]: 1}
    return Benchmark(name, tuple(queries), tuple(corpus.values()), qrels)


def read_questions(path: Path) -> Iterator[Question]:
    """The questions of a release, or of a folder of MIA-2022's files, in all their languages.

    Raises:
        DataError: a file is missing or malformed, or an id stands twice.
    """
    return _folder(path) if path.is_dir() else _release(path)


def _folder(folder: Path) -> Iterator[Question]:
    """MIA-2022's files, one a language."""
    found = {match[1]: path for path in folder.iterdir() if (match := re.fullmatch(r"mkqa-(\w+)\.jsonl", path.name))}
    if "en" not in found:
        raise DataError(
            folder, None, "no mkqa-en.jsonl", "a folder with mkqa-xx.jsonl, or MKQA's own file, is expected"
        )
    faults = Faults()
    for language, path in sorted(found.items()):
        check_language(language, path, None)
        yield from read_each(path, partial(_of_copy, path, language, Unique("question", path)), faults)
    faults.tell()


def _of_copy(path: Path, language: str, unique: Unique, line: int, row: dict[str, Any]) -> Question:
    identifier = id_of(row, "id", path, line)
    unique.add(identifier, line)
    if row.get("lang") != language or not identifier.endswith(f"_{language}"):
        what = f"question '{identifier}' in '{row.get('lang')}'"
        raise DataError(path, line, what, f"ids that end in _{language}, and lang '{language}', are expected")
    example, text = identifier.removesuffix(f"_{language}"), text_of(row, "question", path, line)
    return Question(example, language, text, row, path, line)


def _release(path: Path) -> Iterator[Question]:
    """MKQA's own file."""
    unique = Unique("question", path)
    for questions in read_each(path, partial(_of_release, path, unique)):
        yield from questions


def _of_release(path: Path, unique: Unique, line: int, row: dict[str, Any]) -> list[Question]:
    """A row's questions; English is `query`, as Natural Questions has it."""
    example = id_of(row, "example_id", path, line)
    unique.add(example, line)
    queries = row.get("queries")
    if not isinstance(queries, dict):
        raise DataError(path, line, f"'queries' is {queries!r}", "an object language → question is expected")
    found = [Question(example, "en", text_of(row, "query", path, line), row, path, line)]
    for language in queries:
        check_language(language, path, line)
        if language != "en":
            found.append(Question(example, language, text_of(queries, language, path, line), row, path, line))
    return found
