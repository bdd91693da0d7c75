"""XOR-TyDi's retrieval task (Asai et al. 2021): its benchmark, and the prediction file of its script.

Questions are jsonl {"id", "lang", "question", "answers"}; predictions one JSON list of {"id", "lang", "ctxs"}, the
texts best first. Texts and answers are kept as they are, white space included: the measure compares letters.
Format: https://github.com/AkariAsai/XORQA
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from typoglot.errors import DataError
from typoglot.files import atomic_text
from typoglot.lines import Unique, check_language, each_item, id_of, pick_languages, read_each, text_of
from typoglot.records import Benchmark, Prediction, Query
from typoglot.sources.evidence import PASSAGES, Evidence, find_file
from typoglot.sources.passages import open_passages
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from typoglot.records import Passage, Run


QUESTIONS = ("xor_dev_retrieve_eng_span*.jsonl",)
"""How the file of questions is called in the benchmark's folder: the dev set, whose answers are public."""


def read_benchmark(name: str, questions: Path, passages: Path, languages: Sequence[str] | None) -> Benchmark:
    """The questions that have an answer other than yes and no, over all passages; says how many have none.

    A passage is encoded with its title, and answers are looked for in its text alone, as xQG's authors do.

    Args:
        name: of the benchmark.
        questions: the file, or the folder that it is in.
        passages: the file or files, or the folder that the file is in.
        languages: of questions; None takes all.

    Raises:
        DataError: a file is missing or malformed, or has no such language.
    """
    path = find_file(questions, QUESTIONS, "benchmark.questions")
    gold = read_gold(path)
    asked = [replace(query, answers=query.spans) for query in gold if query.spans]
    say(f"{name}: {len(asked):,} of {len(gold):,} questions have an answer other than yes and no; only they count")
    chosen = set(pick_languages(languages, {query.language for query in asked}, path))
    corpus = open_passages(find_file(passages, PASSAGES, "benchmark.passages"))
    queries = tuple(query for query in asked if query.language in chosen)
    return Benchmark(name, queries, corpus, {}, Evidence(corpus), macro=True)


def read_gold(path: Path) -> tuple[Query, ...]:
    """The questions, in the order of the file; the train file's language " ar" is "ar".

    Raises:
        DataError: a line is malformed, an id is doubled, a language is unknown, or an answer is empty (it would be
            found in any text).
    """
    queries = tuple(read_each(path, partial(_question, path, Unique("question", path))))
    if not queries:
        raise DataError(path, None, "no question", "one JSON object a line, with id, lang, question and answers")
    return queries


def _question(path: Path, unique: Unique, line: int, row: dict[str, Any]) -> Query:
    identifier = id_of(row, "id", path, line)
    unique.add(identifier, line)
    answers = _texts(row, "answers", path, line)
    if not all(answer.strip() for answer in answers):
        raise DataError(path, line, f"'answers' is {list(answers)!r}", "answers that are not empty are expected")
    return Query(identifier, _language(row, path, line), text_of(row, "question", path, line), identifier, answers)


def read_predictions(path: Path, gold: Sequence[Query], *, partial: bool = False) -> tuple[Prediction, ...]:
    """The predictions for the questions of gold, in the order of the file.

    Args:
        path: the file.
        gold: the questions.
        partial: questions of gold may be missing.

    Raises:
        DataError: an item is malformed, an id is doubled or none of gold's, a language is not that of the question; or,
            unless partial, a question that has an answer other than yes and no has no prediction.
    """
    known = {query.id: query for query in gold}
    unique = Unique("prediction for question", path)
    predictions = tuple(each_item(path, lambda place, row: _prediction(path, known, unique, place, row)))
    counted = [query.id for query in gold if query.spans]
    missing = [identifier for identifier in counted if identifier not in unique.seen]
    if missing and not partial:
        what = f"no prediction for {len(missing):,} of {len(counted):,} questions that count (first: '{missing[0]}')"
        raise DataError(path, None, what, "predict the rest, or allow a partial file (--partial)")
    return predictions


def _prediction(path: Path, known: Mapping[str, Query], unique: Unique, place: str, row: dict[str, Any]) -> Prediction:
    identifier = id_of(row, "id", path, place)
    unique.add(identifier, place)
    if identifier not in known:
        what = f"question '{identifier}' is none of the {len(known):,} with answers"
        raise DataError(path, place, what, "give the answers of these very questions, or drop the prediction")
    language = _language(row, path, place)
    if language != known[identifier].language:
        what = f"question '{identifier}' is in '{language}', where the answers say '{known[identifier].language}'"
        raise DataError(path, place, what, "the two files must name one language")
    return Prediction(identifier, _texts(row, "ctxs", path, place))


def write_predictions(path: Path, run: Run, gold: Iterable[Query], passages: Mapping[str, Passage]) -> None:
    """Writes rankings as a prediction file: the passages' texts, without titles, as xQG's predictions have them.

    Args:
        path: the file; it appears only when it is whole.
        run: rankings of passages by question.
        gold: the questions.
        passages: by id.

    Raises:
        KeyError: the run names a question or a passage that is not there.
        OutputError: the disk refused the write.
    """
    languages = {query.id: query.language for query in gold}
    with atomic_text(path) as out:
        for number, (identifier, hits) in enumerate(run.items()):
            texts = [passages[hit.passage_id].text for hit in hits]
            item = {"id": identifier, "lang": languages[identifier], "ctxs": texts}
            out.write((",\n" if number else "[") + json.dumps(item, ensure_ascii=False))
        out.write("]\n" if run else "[]\n")


def _language(row: Mapping[str, Any], path: Path, place: int | str) -> str:
    value = row.get("lang")
    code = value.strip() if isinstance(value, str) else value
    check_language(code, path, place)
    return str(code)


def _texts(row: Mapping[str, Any], key: str, path: Path, place: int | str) -> tuple[str, ...]:
    """The row's list of texts as they are."""
    values = row.get(key)
    if not isinstance(values, list):
        shown = "missing" if key not in row else f"{values!r}"[:60]
        raise DataError(path, place, f"'{key}' is {shown}", "a list of texts is expected")
    wrong = next((number for number, value in enumerate(values, 1) if not isinstance(value, str)), None)
    if wrong is not None:
        what = f"text {wrong} of '{key}' is a JSON {type(values[wrong - 1]).__name__}"
        raise DataError(path, place, what, "a list of texts is expected")
    return tuple(values)
