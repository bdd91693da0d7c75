"""A benchmark in numbers: queries of each language, passages, judgements, lengths. Knows no vectors and no results."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from typoglot.typos.letters import normal, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typoglot.records import Benchmark, Passage, Query

SAMPLE = 2000  # passages that are measured; counting all words of 21 M would take hours


class Spoken(NamedTuple):
    """The queries of one language; means over them."""

    language: str
    queries: int
    words: float  # that can carry a slip, as the typo engine counts them
    characters: float
    answers: int  # queries with an answer
    judgements: int
    relevant: float  # passages that are relevant to a query


class Description(NamedTuple):
    """What a benchmark holds; means over the first, last and evenly spaced passages, `measured` in all."""

    languages: tuple[Spoken, ...]
    questions: int  # translations counted once
    passages: int
    measured: int
    words: float
    characters: float


def describe(benchmark: Benchmark) -> Description:
    """Counts and means of a benchmark; its corpus has one passage at least."""
    sample = _sample(benchmark.corpus)
    return Description(
        tuple(_spoken(benchmark, language) for language in sorted(benchmark.languages)),
        len({query.parallel_id for query in benchmark.queries}),
        len(benchmark.corpus),
        len(sample),
        fmean(len(words(normal(passage.content), "en")) for passage in sample),
        fmean(len(passage.content) for passage in sample),
    )


def _sample(corpus: Sequence[Passage]) -> list[Passage]:
    step = max(len(corpus) / SAMPLE, 1.0)
    return [corpus[int(number * step)] for number in range(min(len(corpus), SAMPLE))]


def _spoken(benchmark: Benchmark, language: str) -> Spoken:
    own: list[Query] = [query for query in benchmark.queries if query.language == language]
    grades = [list(benchmark.qrels.get(query.id, {}).values()) for query in own]
    return Spoken(
        language,
        len(own),
        fmean(len(words(normal(query.text), language)) for query in own),
        fmean(len(query.text) for query in own),
        sum(1 for query in own if query.answers),
        sum(map(len, grades)),
        fmean(sum(1 for grade in one if grade > 0) for one in grades),
    )
