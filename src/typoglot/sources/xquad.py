"""XQuAD (Artetxe et al. 2020): SQuAD-format JSON, one file a language, the same questions in each.

A question in any language is to find its English paragraph. Format: https://github.com/google-deepmind/xquad
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.errors import DataError
from typoglot.lines import (
    Faults,
    Unique,
    check_language,
    parse_json,
    pick_languages,
    read_text,
    require_folder,
    text_of,
)
from typoglot.records import Benchmark, Passage, Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class _Question(NamedTuple):
    id: str
    text: str
    answers: tuple[str, ...]
    paragraph: str
    title: str
    place: str


def read_benchmark(name: str, folder: Path, languages: Sequence[str] | None) -> Benchmark:
    """The questions of the chosen languages over the English paragraphs.

    Raises:
        DataError: a file is missing or malformed, or a question has no English twin.
    """
    require_folder(folder, "xquad.xx.json")
    files = _files(folder)
    for language, path in files.items():
        check_language(language, path, None)
    pick_languages(["en"], files, folder)
    chosen = pick_languages(languages, files, folder)
    corpus, home, answers = _english(files["en"])
    queries = []
    faults = Faults()
    for language in chosen:
        for question in _questions(files[language]):
            if question.id in home:
                identifier = f"{question.id}_{language}"
                queries.append(Query(identifier, language, question.text, question.id, answers[question.id]))
            else:
                what = f"question '{question.id}' is not in xquad.en.json"
                expected = "the English file names the paragraph to find; use files of one release"
                faults.add(DataError(files[language], question.place, what, expected))
    faults.tell()
    return Benchmark(name, tuple(queries), corpus, {query.id: {home[query.parallel_id]: 1} for query in queries})


def opened(folder: Path, languages: Sequence[str] | None) -> list[Path]:
    """The files that `read_benchmark` opens: of these languages (None: all) and English."""
    return [path for language, path in _files(folder).items() if languages is None or language in ("en", *languages)]


def _files(folder: Path) -> dict[str, Path]:
    """The folder's files by language."""
    return {found[1]: path for path in folder.iterdir() if (found := re.fullmatch(r"xquad\.(\w+)\.json", path.name))}


def _english(path: Path) -> tuple[tuple[Passage, ...], dict[str, str], dict[str, tuple[str, ...]]]:
    """The paragraphs (equal texts are one), and each question's paragraph id and answers."""
    corpus: dict[str, Passage] = {}
    home, answers = {}, {}
    for question in _questions(path):
        # XQuAD's own paragraphs have no ids; one text that stands twice is one passage, found by either question.
        passage = corpus.setdefault(
            question.paragraph, Passage(f"p{len(corpus):04d}", question.paragraph, question.title)
        )
        home[question.id] = passage.id
        answers[question.id] = question.answers
    return tuple(corpus.values()), home, answers


def _questions(path: Path) -> Iterator[_Question]:
    """The questions of a file.

    Raises:
        DataError: the file or a question is malformed; the first faults are told, the others counted.
    """
    unique = Unique("question", path)
    faults = Faults()
    try:
        for title, context, place, row in _rows(path):
            try:
                identifier = text_of(row, "id", path, place)
                unique.add(identifier, place)
                found = (text_of(row, "question", path, place), _answers(row, path, place))
            except DataError as error:
                faults.add(error)
            else:
                yield _Question(identifier, *found, context, title, place)
    except DataError as error:  # what lies around the questions is malformed here
        faults.add(error)
    faults.tell()


def _rows(path: Path) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Each question's title, paragraph, place and object."""
    for article, (title, paragraphs) in enumerate(_articles(path)):
        for number, paragraph in enumerate(paragraphs):
            where = f"data[{article}].paragraphs[{number}]"
            context = text_of(paragraph, "context", path, where)
            for index, row in enumerate(_list(paragraph, "qas", path, where)):
                yield title, context, f"{where}.qas[{index}]", row


def _articles(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    document = parse_json(read_text(path), path)
    if not isinstance(document, dict):
        raise DataError(path, None, f"a JSON {type(document).__name__}", "an object with 'data' is expected")
    for number, article in enumerate(_list(document, "data", path, "top")):
        title = article.get("title")
        yield (
            title.replace("_", " ") if isinstance(title, str) else "",
            _list(article, "paragraphs", path, f"data[{number}]"),
        )


def _answers(row: dict[str, Any], path: Path, place: str) -> tuple[str, ...]:
    return tuple(text_of(answer, "text", path, place) for answer in _list(row, "answers", path, place))


def _list(row: dict[str, Any], key: str, path: Path, place: str) -> list[dict[str, Any]]:
    value = row.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
        raise DataError(
            path,
            place,
            f"'{key}' is missing or empty",
            f"a list of at least one object under '{key}' is expected",
        )
    return value
