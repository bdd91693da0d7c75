from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from typoglot.errors import DataError
from typoglot.records import Benchmark, Passage, Query
from typoglot.sources import mini, xquad
from typoglot.sources.heldout import held_out_questions

LANGUAGES = ["en", "ar", "ko"]


def benchmark(questions: int, languages: list[str] = LANGUAGES, passages: int = 4) -> Benchmark:
    """Passages with so many questions each, in all languages; a query's text is its id."""
    queries = tuple(
        Query(f"{p}.{q}_{language}", language, f"{p}.{q}_{language}", f"{p}.{q}")
        for language in languages
        for p in range(passages)
        for q in range(questions)
    )
    corpus = tuple(Passage(f"p{p}", "text") for p in range(passages + 1))
    return Benchmark("b", queries, corpus, {query.id: {f"p{query.id.split('.')[0]}": 1} for query in queries})


@pytest.mark.parametrize(("questions", "served"), [(2, 1), (5, 2), (6, 3)])
def test_half_of_a_passages_questions_serve_and_the_others_are_asked(questions: int, served: int) -> None:
    whole = benchmark(questions)
    asked, generated = held_out_questions(whole, ["ar", "ko"], seed=1)

    assert set(generated) == {"p0", "p1", "p2", "p3"}
    assert all({name: len(texts) for name, texts in own.items()} == {"ar": served, "ko": served}
               for own in generated.values())  # fmt: skip
    assert len(asked.queries) == 4 * 3 * (questions - served)
    assert asked.corpus == whole.corpus
    assert set(asked.qrels) == {query.id for query in asked.queries}


def test_no_translation_of_an_asked_question_is_mixed_in() -> None:
    asked, generated = held_out_questions(benchmark(5), LANGUAGES, seed=1)

    mixed = {text.split("_")[0] for own in generated.values() for texts in own.values() for text in texts}
    assert not mixed & {query.parallel_id for query in asked.queries}


def test_queries_are_mixed_into_their_own_passage() -> None:
    _, generated = held_out_questions(benchmark(5), LANGUAGES, seed=1)

    assert all(text.startswith(passage[1:] + ".") and text.endswith(language)
               for passage, own in generated.items() for language, texts in own.items() for text in texts)  # fmt: skip


def test_the_choice_does_not_depend_on_the_order_and_depends_on_the_seed() -> None:
    whole = benchmark(6)
    turned = replace(whole, queries=whole.queries[::-1], qrels=dict(reversed(whole.qrels.items())))

    assert held_out_questions(whole, LANGUAGES, 1)[1] == held_out_questions(turned, LANGUAGES, 1)[1]
    assert set(held_out_questions(whole, LANGUAGES, 1)[0].queries) == set(
        held_out_questions(turned, LANGUAGES, 1)[0].queries
    )
    assert held_out_questions(whole, LANGUAGES, 1)[1] != held_out_questions(whole, LANGUAGES, 2)[1]


def test_another_passage_changes_nothing_for_the_first_ones() -> None:
    few, many = (held_out_questions(benchmark(6, passages=n), LANGUAGES, 1)[1] for n in (2, 4))

    assert {passage: many[passage] for passage in few} == few


@pytest.mark.parametrize(
    ("there", "chosen", "served"),
    [(LANGUAGES, LANGUAGES, 1), (LANGUAGES, ["ko"], 1), (["ko"], ["ko"], 0), (["en", "ko"], ["en", "ko"], 1)],
)
def test_a_single_questions_languages_are_parted(there: list[str], chosen: list[str], served: int) -> None:
    asked, generated = held_out_questions(benchmark(1, there), chosen, seed=1)

    assert sum(map(len, generated.values())) == 4 * served
    assert {language for own in generated.values() for language in own} <= set(chosen)
    assert len(asked.queries) == 4 * (len(there) - served)
    assert not {query.text for query in asked.queries} & {
        text for own in generated.values() for texts in own.values() for text in texts
    }


def test_a_question_of_several_passages_serves_all_of_them_or_none() -> None:
    whole = benchmark(2, ["en"], passages=2)
    shared = replace(whole, qrels={identifier: {"p0": 1, "p1": 1, "p4": 0} for identifier in whole.qrels})
    asked, generated = held_out_questions(shared, ["en"], seed=1)

    assert len(asked.queries) == 2
    assert set(generated) == {"p0", "p1"}
    assert generated["p0"] == generated["p1"]
    assert len(generated["p0"]["en"]) == 2


def test_a_language_that_the_benchmark_lacks_is_told() -> None:
    with pytest.raises(DataError, match=r"benchmark b: no te here"):
        held_out_questions(benchmark(2), ["te"], seed=1)


def test_mini_is_parted_by_language() -> None:
    whole = mini.read_benchmark("mini", None)
    asked, generated = held_out_questions(whole, ["ar", "bn", "fi", "ja", "ko", "ru", "te"], seed=1)

    assert len(generated) == 40
    assert {len(own) for own in generated.values()} == {3}
    assert len(asked.queries) == 40 * 9


@pytest.mark.real
def test_xquad_is_parted_by_question(real_data: Path) -> None:
    whole = xquad.read_benchmark("xquad", real_data / "xquad", ["en", "ar", "ru"])
    asked, generated = held_out_questions(whole, ["ar", "ru"], seed=1)

    questions = {query.parallel_id for query in whole.queries}
    home = {query.parallel_id: next(iter(whole.qrels[query.id])) for query in whole.queries}
    sizes = [sum(passage == own for own in home.values()) for passage in {*home.values()}]
    left = {query.parallel_id for query in asked.queries}
    alone = sum(size == 1 for size in sizes)
    assert len(left) == len(questions) - sum(size // 2 for size in sizes)
    assert len(asked.queries) == 3 * len(left) - alone
    assert sum(len(own["ar"]) for own in generated.values() if "ar" in own and "ru" in own) == len(questions) - len(
        left
    )
