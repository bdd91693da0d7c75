"""Which examples a run keeps, and that they come back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from typoglot.errors import DataError
from typoglot.records import Benchmark, Edit, Hit, Passage, Perturbed, Query
from typoglot.report.examples import EACH, LENGTH, Examples, read_examples, write_examples
from typoglot.results import write_run

COUNT = 40


@pytest.fixture
def benchmark() -> Benchmark:
    queries = tuple(Query(f"q {i}", "en", f"query {i}", f"q{i}") for i in range(COUNT))
    corpus = tuple(Passage(f"p{i}", "word " * 100) for i in range(COUNT))
    return Benchmark("small", queries, corpus, {f"q {i}": {f"p{i}": 1} for i in range(COUNT)})


def written(tmp_path: Path, benchmark: Benchmark, *, touched: int = COUNT) -> Examples:
    """Half of the queries lose their passage from the first place to the second."""
    edit = Edit(0, 1, "substitute", "near", "q", "w")
    noisy = [Perturbed(f"wuery {i}", (edit,), 2, 1, i < touched, 0.1) for i in range(COUNT)]
    ids = [passage.id for passage in benchmark.corpus]
    runs = {}
    for name, step in (("clean", 0), ("typos", 1)):
        order = {q.id: [ids[i - step * (i % 2)], ids[i], ids[(i + 2) % COUNT]] for i, q in enumerate(benchmark.queries)}
        hits = {query: [Hit(one, -rank) for rank, one in enumerate(dict.fromkeys(own))] for query, own in order.items()}
        write_run(tmp_path / f"{name}.trec.gz", hits, "x")
        runs[name] = tmp_path / f"{name}.trec.gz"
    after = np.array([1.0 - i % 2 for i in range(COUNT)])
    write_examples(
        tmp_path / "examples.jsonl", benchmark, lambda query, one: one in benchmark.qrels[query.id],
        {one: i for i, one in enumerate(ids)}, noisy, (np.ones(COUNT), after),
        (runs["clean"], runs["typos"]), measure="recall@1", rate=0.3, draw=0,
    )  # fmt: skip
    return read_examples(tmp_path / "examples.jsonl")


def test_each_outcome_is_counted_whole_and_shown_in_part(tmp_path: Path, benchmark: Benchmark) -> None:
    found = written(tmp_path, benchmark)

    assert found.sample.outcomes == {"lost": 20, "gained": 0, "same": 20}
    assert [one.outcome for one in found.examples] == ["lost"] * EACH + ["same"] * EACH
    assert found.sample.passages == COUNT


def test_an_example_has_both_rankings_and_the_place_of_the_answer(tmp_path: Path, benchmark: Benchmark) -> None:
    one = next(one for one in written(tmp_path, benchmark).examples if one.outcome == "lost")
    number = int(one.query.removeprefix("q "))

    assert one.before.first[0] == f"p{number}"
    assert (one.before.found, one.after.found) == (1, 2)
    assert one.after.first[:2] == [f"p{number - 1}", f"p{number}"]
    assert (one.clean, one.text) == (f"query {number}", f"wuery {number}")


def test_a_query_without_a_slip_is_no_example(tmp_path: Path, benchmark: Benchmark) -> None:
    found = written(tmp_path, benchmark, touched=4)

    assert found.sample.untouched == COUNT - 4
    assert len(found.examples) == 4


def test_the_choice_depends_on_ids_and_not_on_order(tmp_path: Path, benchmark: Benchmark) -> None:
    names = {one.query for one in written(tmp_path, benchmark).examples}
    lots = [one.query for one in written(tmp_path, benchmark).examples if one.outcome == "lost"]

    assert {one.query for one in written(tmp_path, benchmark).examples} == names
    assert lots != sorted(lots, key=lambda name: int(name.removeprefix("q ")))


def test_long_passages_are_cut_and_relevant_ones_marked(tmp_path: Path, benchmark: Benchmark) -> None:
    found = written(tmp_path, benchmark)

    assert {len(text) <= LENGTH + 1 and text.endswith("…") for text in found.texts.values()} == {True}
    assert all(found.relevant[one.query] == [f"p{one.query.removeprefix('q ')}"] for one in found.examples)


def test_a_query_that_stands_twice_is_refused_with_both_lines(tmp_path: Path, benchmark: Benchmark) -> None:
    written(tmp_path, benchmark)
    lines = (tmp_path / "examples.jsonl").read_text().splitlines()
    (tmp_path / "examples.jsonl").write_text("\n".join([*lines[:3], lines[1]]))

    with pytest.raises(DataError, match=r"examples\.jsonl:4: example 'q \d+' appears twice \(first at 2\)"):
        read_examples(tmp_path / "examples.jsonl")


@pytest.mark.parametrize("order", [[1], [1, 0], [0, 0, 1]])
def test_the_sample_comes_first_and_once(tmp_path: Path, benchmark: Benchmark, order: list[int]) -> None:
    written(tmp_path, benchmark)
    lines = (tmp_path / "examples.jsonl").read_text().splitlines()
    (tmp_path / "examples.jsonl").write_text("\n".join(lines[number] for number in order))

    with pytest.raises(DataError, match="does not begin with its sample, or has several"):
        read_examples(tmp_path / "examples.jsonl")


@pytest.mark.parametrize(
    "changed", [{"texts": {}}, {"texts": []}, {"relevant": ["none"]}, {"edits": "a"}, {"edits": ["a"]},
                {"edits": [{"start": 0, "before": "", "after": "a"}]}, {"before": {"first": [[]]}},
                {"after": {"first": [], "found": "1"}}, {"colour": "red"}, {"outcome": "eaten"}, {"query": None}]
)  # fmt: skip
def test_an_example_of_another_kind_is_refused_with_its_line(
    tmp_path: Path, benchmark: Benchmark, changed: dict[str, Any]
) -> None:
    written(tmp_path, benchmark)
    lines = (tmp_path / "examples.jsonl").read_text().splitlines()
    lines[1] = json.dumps(json.loads(lines[1]) | changed)
    (tmp_path / "examples.jsonl").write_text("\n".join(lines))

    with pytest.raises(DataError, match=r"examples\.jsonl:2: no example"):
        read_examples(tmp_path / "examples.jsonl")
