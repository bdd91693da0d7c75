from __future__ import annotations

import pytest

from typoglot import description
from typoglot.description import Spoken, describe
from typoglot.records import Benchmark, Passage, Query
from typoglot.sources import mini


def benchmark(corpus: int = 2) -> Benchmark:
    queries = (
        Query("q1_en", "en", "I saw owls", "q1", ("owls",)),
        Query("q1_de", "de", "Eulen", "q1"),
        Query("q2_en", "en", "Why?", "q2"),
    )
    passages = tuple(Passage(f"p{number}", "Two words") for number in range(corpus))
    return Benchmark("b", queries, passages, {"q1_en": {"p0": 1, "p1": 0}, "q1_de": {"p0": 2}})


def test_each_language_is_counted_by_itself() -> None:
    assert describe(benchmark()).languages == (
        Spoken("de", 1, 1, 5, 0, 1, 1),
        Spoken("en", 2, 1.5, 7, 1, 2, 0.5),
    )


def test_translations_are_one_question() -> None:
    assert describe(benchmark()).questions == 2


def test_of_many_passages_evenly_spaced_ones_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(description, "SAMPLE", 4)

    assert [passage.id for passage in description._sample(benchmark(10).corpus)] == ["p0", "p2", "p5", "p7"]
    assert describe(benchmark(10))[2:] == (10, 4, 2, 9)


def test_mini_is_what_its_page_says() -> None:
    found = describe(mini.read_benchmark("mini", None))

    assert (len(found.languages), found.questions, found.passages) == (12, 40, 120)
    assert {(one.queries, one.judgements, one.relevant) for one in found.languages} == {(40, 40, 1.0)}
