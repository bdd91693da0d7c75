from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from typer.testing import CliRunner

from typoglot import cli, pipeline, results
from typoglot.comparison import Wanted, compare
from typoglot.errors import ConfigError, DataError
from typoglot.joining import join
from typoglot.results import MACRO, POOLED
from typoglot.sources.rankings import Ties, read_ranking

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def evaluated(evaluate_settings: Callable[..., Any]) -> Callable[..., Path]:
    def made(*overrides: str) -> Path:
        settings = evaluate_settings(*overrides)
        pipeline.run(settings)
        return pipeline.folder_of(settings)

    return made


def rounded(folder: Path) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Points by what they are of, without their cost and their intervals."""
    return {
        (p.language, p.rate, p.measure): (
            round(p.value, 12), p.n, round(p.word_rate, 12), round(p.cer, 12), round(p.changed, 12), p.ker, p.tables,
        )
        for p in results.read_points(folder / "points.jsonl")
    }  # fmt: skip


def test_runs_of_a_language_each_join_to_the_run_of_all_of_them(evaluated: Callable[..., Path], tmp_path: Path) -> None:
    one = evaluated()
    de, en = (evaluated(f"benchmark.languages=[{language}]") for language in ("de", "en"))
    join([de, en], tmp_path / "both")

    assert rounded(tmp_path / "both") == rounded(one)
    frames = [
        pl.read_parquet(folder / "per_query.parquet").sort("query", "rate") for folder in (tmp_path / "both", one)
    ]
    assert_frame_equal(*frames)
    name = Path("runs") / "uniform-rate0.5-draw0.trec.gz"
    assert read_ranking(tmp_path / "both" / name, Ties.rank) == read_ranking(one / name, Ties.rank)
    assert results.flat_config(tmp_path / "both")["benchmark.languages"] == ["de", "en"]
    spans = {p.language: (p.low, p.value, p.high) for p in results.read_points(tmp_path / "both" / "points.jsonl")}
    assert all(low < value < high for low, value, high in spans.values())
    systems = {"a": [tmp_path / "both"], "b": [one]}
    assert compare(systems, Wanted(replicates=1000)).compared[-1].difference.value == 0


def test_runs_that_differ_in_more_than_languages_are_refused(evaluated: Callable[..., Path], tmp_path: Path) -> None:
    runs = [evaluated("benchmark.languages=[de]"), evaluated("benchmark.languages=[en]", "typos.seed=7")]
    with pytest.raises(ConfigError, match=r"differ in typos\.seed; only benchmark\.languages may differ"):
        join(runs, tmp_path / "both")
    with pytest.raises(ConfigError, match="a query is in several of the runs"):
        join([runs[0], evaluated("benchmark.languages=[en,de]")], tmp_path / "both")
    (runs[0] / "done.json").unlink()
    with pytest.raises(DataError, match="is no finished run"):
        join(runs, tmp_path / "both")
    assert not (tmp_path / "both").exists()


def test_the_command_tells_what_it_needs(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli.app, ["join", str(tmp_path), "--out", str(tmp_path / "x")])
    assert (done.exit_code, done.stderr) == (2, "join: 1 run given; two at least are needed.\n")
    done = CliRunner().invoke(cli.app, ["join", str(tmp_path), str(tmp_path), "--out", str(tmp_path)])
    assert "is there already; give another folder." in done.stderr.replace("\n", " ")


def test_runs_of_other_measures_are_refused_and_those_in_another_order_joined(
    evaluated: Callable[..., Path], tmp_path: Path
) -> None:
    de = evaluated("benchmark.languages=[de]", "benchmark.measures=[recall@1,mrr@10]")
    en = evaluated("benchmark.languages=[en]", "benchmark.measures=[mrr@10,recall@1]")
    join([de, en], tmp_path / "both")

    with pytest.raises(ConfigError, match="evaluate both by the same measures"):
        join([de, evaluated("benchmark.languages=[en]", "benchmark.measures=[recall@1]")], tmp_path / "other")
    assert {p.measure for p in results.read_points(tmp_path / "both" / "points.jsonl")} == {"mrr@10", "recall@1"}


def test_ids_that_two_languages_share_are_told_to_be_that(evaluated: Callable[..., Path], tmp_path: Path) -> None:
    de, en = (evaluated(f"benchmark.languages=[{language}]") for language in ("de", "en"))
    for folder in (de, en):
        frame = pl.read_parquet(folder / "per_query.parquet")
        bare = frame.with_columns(pl.col("query").str.replace("_(de|en)$", ""))
        results.write_per_query(folder / "per_query.parquet", bare)

    with pytest.raises(ConfigError, match="queries of different languages have the same ids"):
        join([de, en], tmp_path / "both")


def test_the_mean_of_the_languages_is_made_anew(evaluated: Callable[..., Path], tmp_path: Path) -> None:
    runs = [evaluated(f"benchmark.languages=[{language}]") for language in ("de", "en")]
    for folder in runs:
        points = results.read_points(folder / "points.jsonl")
        macro = [replace(p, language=MACRO) for p in points if p.language == POOLED]
        results.write_points(folder / "points.jsonl", [*points, *macro])

    join(runs, tmp_path / "both")

    made = {(p.language, p.rate, p.measure): p for p in results.read_points(tmp_path / "both" / "points.jsonl")}
    for (language, rate, measure), point in made.items():
        if language == MACRO:
            parts = [made[own, rate, measure].value for own in ("de", "en")]
            assert point.value == pytest.approx(sum(parts) / 2)
            assert point.low < point.value < point.high
    assert MACRO in {language for language, _, _ in made}


def test_settings_that_are_not_a_run_s_are_named(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "done.json").write_text('{"value": 0.5}')
        (tmp_path / name / "config.yaml").write_text("bootstrap: 50\nbenchmark: mini\n")

    with pytest.raises(DataError, match=r"a/config\.yaml: is damaged \('benchmark\.measures' is missing\)"):
        join([tmp_path / "a", tmp_path / "b"], tmp_path / "both")
