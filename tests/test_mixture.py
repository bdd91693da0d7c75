"""Generated queries of a configuration: where they come from, what a control makes of them, what evaluation does."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from typoglot import pipeline, results
from typoglot.config import Benchmark, BenchmarkFormat, Xqg, XqgSource
from typoglot.errors import ConfigError, DataError
from typoglot.mixture import with_queries
from typoglot.sources import mini

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typoglot.results import Point

MINI = Benchmark("mini", BenchmarkFormat.mini)
HELD_OUT = ("xqg=held_out_questions", "xqg.counts=[0,1]")

Run = dict[tuple[Any, ...], float]


@pytest.fixture
def evaluate(evaluate_settings: Callable[..., Any]) -> Callable[..., Path]:
    """Evaluates with overrides and gives the run's folder."""

    def evaluated(*overrides: str) -> Path:
        settings = evaluate_settings(*overrides)
        pipeline.run(settings)
        return pipeline.folder_of(settings)

    return evaluated


def points(folder: Path) -> list[Point]:
    return results.read_points(folder / "points.jsonl")


def values(folder: Path) -> Run:
    """Every value by what it was measured at."""
    return {(p.language, p.measure, p.rate, p.xqg_count, p.alpha): p.value for p in points(folder)}


def record(path: Path, languages: tuple[str, ...], count: int) -> Path:
    """A file in which each passage of mini has its own questions, again and again."""
    with path.open("w") as out:
        for entry in mini.entries():
            queries = {language: [f"{n} {entry.questions[language]}" for n in range(count)] for language in languages}
            out.write(json.dumps({"docid": entry.passage.id, "generated_queries": queries}) + "\n")
    return path


def test_questions_held_out_are_not_asked() -> None:
    benchmark, queries = with_queries(
        MINI, Xqg("held_out_questions", XqgSource.held_out_questions, counts=[1]), 0, None
    )
    mixed = {text for own in queries.values() for texts in own.values() for text in texts}

    assert len(mixed) == len(benchmark.queries) == 240
    assert mixed.isdisjoint(query.text for query in benchmark.queries)


def test_a_file_s_queries_are_those_of_the_largest_count(tmp_path: Path) -> None:
    path = record(tmp_path / "q.jsonl", ("de", "ko"), 3)
    benchmark, queries = with_queries(MINI, Xqg("file", XqgSource.file, counts=[0, 2]), 0, path)

    assert len(benchmark.queries) == 480
    assert {(language, len(texts)) for own in queries.values() for language, texts in own.items()} == {
        ("de", 2),
        ("ko", 2),
    }


def test_a_file_with_too_few_queries_is_refused_unless_the_configuration_allows_it(tmp_path: Path) -> None:
    path = record(tmp_path / "q.jsonl", ("de",), 1)

    with pytest.raises(DataError, match=r"q\.jsonl:1: .* has 1 in 'de'"):
        with_queries(MINI, Xqg("file", XqgSource.file, counts=[2]), 0, path)
    assert with_queries(MINI, Xqg("file", XqgSource.file, counts=[2], lenient=True), 0, path)[1]


def test_every_count_and_alpha_has_its_points_and_plain_passages_have_one(evaluate: Callable[..., Path]) -> None:
    folder = evaluate(*HELD_OUT, "xqg.alphas=[0,0.1,0.3]")
    pooled = [p for p in points(folder) if (p.language, p.measure) == ("all", "recall@1")]
    at = {(p.rate, p.xqg_count, p.alpha) for p in pooled}

    assert at == {(rate, count, alpha) for rate in (0, 0.5) for count, alpha in [(0, 0), (1, 0), (1, 0.1), (1, 0.3)]}
    assert {p.xqg for p in pooled} == {"held_out_questions, sum"}
    assert len(pl.read_parquet(folder / "per_query.parquet")) == 8 * pooled[0].n


def test_a_point_of_the_surface_is_that_of_its_own_run(evaluate: Callable[..., Path]) -> None:
    surface = values(evaluate(*HELD_OUT, "xqg.alphas=[0,0.1,0.3]"))
    alone = values(evaluate(*HELD_OUT, "xqg.alphas=[0.3]"))

    assert {key: surface[key] for key in alone} == alone


def test_no_weight_is_no_mixture_and_some_weight_is_one(evaluate: Callable[..., Path]) -> None:
    found = values(evaluate(*HELD_OUT, "xqg.alphas=[0,0.3]"))
    without, at_0, at_3 = (
        [value for key, value in found.items() if key[3:] == mix] for mix in [(0, 0.0), (1, 0.0), (1, 0.3)]
    )

    assert without == at_0 != at_3


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", ["xqg.mixing=mean", "xqg.mixing=normalised", "xqg.control=other_passage", "xqg.control=random"]
)
def test_mixing_and_control_change_what_is_found(evaluate: Callable[..., Path], change: str) -> None:
    usual, other = (values(evaluate(*HELD_OUT, "benchmark.languages=null", *more)) for more in ([], [change]))

    assert usual != other
    assert {k: v for k, v in usual.items() if not k[3]} == {k: v for k, v in other.items() if not k[3]}


def test_a_second_evaluation_encodes_no_passage_and_says_so(
    evaluate: Callable[..., Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    evaluate(*HELD_OUT, f"store.path={tmp_path}", "xqg.alphas=[0.1]")
    first = capfd.readouterr().err
    evaluate(
        *HELD_OUT,
        f"store.path={tmp_path}",
        "xqg.alphas=[0.2,0.4]",
        "typos.rates=[0,0.2]",
        "benchmark.measures=[mrr@10]",
    )
    second = capfd.readouterr().err

    assert "Encoded 1 blocks of passages" in first
    assert "Encoded 1 blocks of generated queries" in first
    assert "No passage encoded: the store has them all" in second
    assert "No generated query encoded" in second
    assert "Encoding passages" not in second


def test_rankings_of_mixtures_are_kept_where_asked_for(evaluate: Callable[..., Path]) -> None:
    usual, all_of_them = (
        evaluate(*HELD_OUT, "xqg.alphas=[0.1]", f"xqg.keep_runs={keep}") for keep in ("false", "true")
    )

    assert sorted(path.name for path in (usual / "runs").iterdir()) == [
        "uniform-rate0-draw0.trec.gz", "uniform-rate0.5-draw0.trec.gz",
    ]  # fmt: skip
    assert (all_of_them / "runs" / "uniform-rate0.5-draw0-count1-alpha0.1.trec.gz").exists()


def test_breakpoints_say_from_where_to_where_a_ranking_holds(evaluate: Callable[..., Path]) -> None:
    benchmark, _ = with_queries(MINI, Xqg("held_out_questions", XqgSource.held_out_questions, counts=[1]), 0, None)
    query = next(query for query in benchmark.queries if query.language == "en")
    folder = evaluate(
        *HELD_OUT, "benchmark.languages=null", f"xqg.breakpoints=[{query.id}]", "index.depth=10", "typos.rates=[0]"
    )
    lines = [json.loads(line) for line in (folder / "breakpoints.jsonl").read_text().splitlines()]
    ends = [(line["from"], line["to"]) for line in lines]

    assert (ends[0][0], ends[-1][1]) == (0, 1)
    assert [end for _, end in ends[:-1]] == [start for start, _ in ends[1:]]
    assert all(one["passages"] != other["passages"] for one, other in pairwise(lines))
    assert {len(line["passages"]) for line in lines} == {10}


def test_an_unknown_query_has_no_breakpoints(evaluate: Callable[..., Path]) -> None:
    with pytest.raises(ConfigError, match=r"xqg\.breakpoints=q0: mini has no such query"):
        evaluate(*HELD_OUT, "xqg.breakpoints=[q0]")


def test_a_round_trip_drops_queries_and_is_said(
    evaluate: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    folder = evaluate(*HELD_OUT, "xqg.alphas=[0.3]", "xqg.round_trip=1")

    assert (
        "Round trip: dropped the generated queries that do not find their passage among 1: " in capfd.readouterr().err
    )
    assert {p.xqg for p in points(folder)} == {"held_out_questions, sum, round trip 1"}


def test_a_run_that_trains_is_evaluated_with_generated_queries(
    train_settings: Callable[..., Any], tmp_path: Path
) -> None:
    path = record(tmp_path / "q.jsonl", ("ko",), 2)
    settings = train_settings(
        "trainer.max_steps=2", "xqg=file", f"xqg.path={path}", "xqg.counts=[0,1,2]", "typos.rates=[0]"
    )
    pipeline.run(settings)

    assert {(p.xqg_count, p.alpha) for p in points(pipeline.folder_of(settings))} == {(0, 0.0), (1, 0.01), (2, 0.01)}


@pytest.mark.slow
def test_a_generator_s_run_writes_the_queries_that_are_mixed_in(
    generator_settings: Callable[..., Any], evaluate: Callable[..., Path]
) -> None:
    trained = generator_settings("trainer.max_steps=2")
    pipeline.run(trained)
    run = pipeline.folder_of(trained)
    folder = evaluate("xqg=generator", f"xqg.path={run}", "xqg.languages=[ko]", "xqg.counts=[1]", "xqg.lenient=true")

    assert {p.xqg for p in points(folder)} == {"generator, sum"}
