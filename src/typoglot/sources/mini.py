"""The embedded benchmark `mini`: 120 English passages, each with one question in 12 languages.

Written for typoglot and dedicated to the public domain (CC0). One passage in three is for testing; all 120 are the
corpus.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from typoglot.lines import Unique, pick_languages, read_json_rows, text_of, texts_of
from typoglot.records import Benchmark, Pair, Passage, Query

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = Path(__file__).with_name("mini.jsonl")
LANGUAGES = ("en", "ar", "bn", "de", "es", "fi", "ja", "ko", "ru", "te", "tr", "zh")


class Entry(NamedTuple):
    """One passage with its questions (language → text) and English answers, spans of the passage first."""

    passage: Passage
    questions: dict[str, str]
    answers: tuple[str, ...]
    spans: tuple[str, ...]
    split: str


@cache
def entries() -> tuple[Entry, ...]:
    """All 120, in the order of the file."""
    unique = Unique("passage", FILE)
    found = []
    for line, row in read_json_rows(FILE):
        identifier = text_of(row, "id", FILE, line)
        unique.add(identifier, line)
        passage = Passage(identifier, text_of(row, "text", FILE, line), text_of(row, "title", FILE, line))
        spans = texts_of(row, "answers", FILE, line)
        questions = {language: text_of(row["questions"], language, FILE, line) for language in LANGUAGES}
        found.append(Entry(passage, questions, spans + tuple(row["aliases"]), spans, row["split"]))
    return tuple(found)


def read_benchmark(name: str, languages: Sequence[str] | None) -> Benchmark:
    """The 40 test questions in each language, over all 120 passages."""
    chosen = pick_languages(languages, LANGUAGES, "benchmark mini")
    test = [entry for entry in entries() if entry.split == "test"]
    queries = tuple(
        Query(
            f"{entry.passage.id}_{language}",
            language,
            entry.questions[language],
            entry.passage.id,
            entry.answers,
        )
        for language in chosen
        for entry in test
    )
    corpus = tuple(entry.passage for entry in entries())
    return Benchmark(name, queries, corpus, {query.id: {query.parallel_id: 1} for query in queries})


def read_pairs(languages: Sequence[str] | None) -> list[Pair]:
    """Question and passage of the 80 training passages, in each language."""
    chosen = pick_languages(languages, LANGUAGES, "train mini")
    train = [entry for entry in entries() if entry.split == "train"]
    return [Pair(entry.questions[language], language, entry.passage) for entry in train for language in chosen]
