"""A benchmark's own questions in the place of generated ones: what generated queries could give at best.

Half of each passage's questions serve as its "generated" queries, the other half are asked. Knows no vectors.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from typoglot.lines import pick_languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from typoglot.records import Benchmark, Generated, Query


def held_out_questions(benchmark: Benchmark, languages: Sequence[str], seed: int) -> tuple[Benchmark, Generated]:
    """The benchmark with only the questions that are asked, and the others as queries of their passages.

    Of a passage's n questions, ⌊n/2⌋ serve as generated queries in the given languages, and the others are asked, in
    all languages of the benchmark. A question with all its translations is on one side, so no translation of an asked
    question is mixed in: an upper bound of what a generator can give. A question that several passages answer is
    counted with the first of them by id, and serves all of them.

    A passage's only question cannot be parted that way (each of `mini` is one). Its languages are parted instead: half
    of the given ones (⌊n/2⌋, at least one) serve as generated queries, and the question is asked in all the others.
    **Then an asked query is a translation of one that is mixed in: an upper bound of the upper bound.** A question
    in one language only is asked.

    The choice depends on the seed and the ids of questions, not on any order.

    Args:
        benchmark: read with these languages, at least.
        languages: of the queries that serve as generated ones.
        seed: of the choice.

    Raises:
        DataError: the benchmark has no query in one of the languages.
    """
    chosen = pick_languages(languages, benchmark.languages, f"benchmark {benchmark.name}")
    translations: dict[str, list[Query]] = {}
    for query in sorted(benchmark.queries, key=lambda query: query.id):
        translations.setdefault(query.parallel_id, []).append(query)
    generated: dict[str, dict[str, tuple[str, ...]]] = {}
    served: set[str] = set()
    for questions in _by_passage(benchmark).values():
        order = sorted(questions, key=lambda question: _lot(seed, question))
        half = [query for question in order[: len(order) // 2] for query in translations[question]]
        mixed = half if len(order) > 1 else _part(translations[order[0]], chosen, seed)
        served.update(query.id for query in mixed)
        for query in sorted((query for query in mixed if query.language in chosen), key=lambda query: query.language):
            for passage in _relevant(benchmark, query):
                texts = generated.setdefault(passage, {})
                texts[query.language] = (*texts.get(query.language, ()), query.text)
    asked = tuple(query for query in benchmark.queries if query.id not in served)
    return replace(benchmark, queries=asked, qrels={query.id: benchmark.qrels[query.id] for query in asked}), generated


def _by_passage(benchmark: Benchmark) -> dict[str, set[str]]:
    """The questions (parallel ids) of each passage, each question with one passage only."""
    homes: dict[str, str] = {}
    for query in benchmark.queries:
        first = min(_relevant(benchmark, query))
        homes[query.parallel_id] = min(first, homes.get(query.parallel_id, first))
    passages: dict[str, set[str]] = {}
    for question, passage in sorted(homes.items()):
        passages.setdefault(passage, set()).add(question)
    return passages


def _relevant(benchmark: Benchmark, query: Query) -> list[str]:
    return [passage for passage, grade in benchmark.qrels[query.id].items() if grade > 0]


def _part(queries: Iterable[Query], languages: Sequence[str], seed: int) -> list[Query]:
    """Half of a question's given languages, at least one; but one language is left to be asked."""
    own = list(queries)
    there = {query.language for query in own}
    order = sorted(there & set(languages), key=lambda language: _lot(seed, own[0].parallel_id, language))
    taken = set(order[: min(max(1, len(order) // 2), len(there) - 1)])
    return [query for query in own if query.language in taken]


def _lot(*name: object) -> bytes:
    """A place in a random order, by name."""
    return hashlib.blake2b("|".join(map(str, ("held out", *name))).encode(), digest_size=16).digest()
