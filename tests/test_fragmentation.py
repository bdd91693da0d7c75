"""What `fragmentation` reads, pools and refuses: on a run of three questions that can be added up in the head."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from typoglot import cli
from typoglot.errors import ConfigError, DataError
from typoglot.fragmentation import Wanted, fragmentation
from typoglot.results import write_per_query


def row(query: str, rate: float, draw: int, **counts: Any) -> dict[str, Any]:
    made = {
        "pieces": 4, "continued": 0, "unknown": 0, "typed_words": 4, "word_pieces": 4, "split_words": 0,
        "token_edits": 0, "truncated": 0, "edited": 0, "recall@10": 1.0, "xqg_count": 0, "alpha": 0.0,
    }  # fmt: skip
    language, question = query.split("-")
    return {"query": query, "language": language, "parallel_id": question, "rate": rate, "draw": draw, **made, **counts}


ROWS = [
    row("de-1", 0, 0, truncated=2), row("de-2", 0, 0, unknown=1), row("en-1", 0, 0, recall=1),
    row("de-1", 0.3, 0, pieces=6, word_pieces=6, split_words=2, token_edits=4, edited=2, **{"recall@10": 0.0}),
    row("de-1", 0.3, 1, pieces=6, word_pieces=6, split_words=0, token_edits=2, edited=2, **{"recall@10": 0.0}),
    row("de-2", 0.3, 0, token_edits=1, edited=1), row("de-2", 0.3, 1, token_edits=1, edited=1),
    row("en-1", 0.3, 0), row("en-1", 0.3, 1),
]  # fmt: skip


def write(folder: Path, rows: list[dict[str, Any]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_per_query(folder / "per_query.parquet", pl.DataFrame(rows).drop("recall", strict=False))
    (folder / "config.yaml").write_text(f"backbone: {{label: {folder.name}}}\n")
    return folder


def test_figures_are_sums_over_queries_with_draws_averaged(tmp_path: Path) -> None:
    found = fragmentation({"a": write(tmp_path / "a", ROWS)}, Wanted(replicates=1000))

    of = {(one.language, one.rate): one for one in found.broken}
    assert list(of) == [("de", 0.0), ("de", 0.3), ("en", 0.0), ("en", 0.3), ("all", 0.0), ("all", 0.3)]
    typed = of["de", 0.3]
    assert typed.fertility.value == (6 + 4) / 8
    assert typed.continued.value == 1 / 8
    assert typed.token_edits.value == (3 + 1) / 2
    assert (of["de", 0.0].unknown.value, of["de", 0.0].truncated.value) == (1 / 8, 1 / 2)
    assert (typed.fertility.low, typed.fertility.high) == (1, 1.5)  # question 2 twice, question 1 twice


def test_the_correlation_is_that_of_more_edits_with_more_loss(tmp_path: Path) -> None:
    found = fragmentation({"a": write(tmp_path / "a", ROWS)}, Wanted(replicates=1000))

    (german, _, every) = found.related
    assert (german.token_edits.value, german.rise.value) == (1, 1)
    assert (every.n, every.questions) == (3, 2)
    assert every.token_edits.value == pytest.approx(0.866, abs=0.001)  # ranks 3 2 1 with 3 1.5 1.5


def test_mixtures_are_not_counted_twice(tmp_path: Path) -> None:
    mixed = [{**one, "xqg_count": 5, "alpha": alpha, "pieces": 99} for one in ROWS for alpha in (0.0, 0.1)]

    both, plain = (write(tmp_path / name, rows) for name, rows in (("both", [*ROWS, *mixed]), ("plain", ROWS)))
    assert fragmentation({"x": both}, Wanted()).broken == fragmentation({"x": plain}, Wanted()).broken


def test_without_clean_queries_no_loss_is_told(tmp_path: Path) -> None:
    found = fragmentation({"a": write(tmp_path / "a", [one for one in ROWS if one["rate"]])}, Wanted())

    assert found.related == []
    assert found.notes


def test_a_rate_that_a_run_has_not_is_refused(tmp_path: Path) -> None:
    runs = {"a": write(tmp_path / "a", ROWS), "b": write(tmp_path / "b", ROWS[:3])}

    with pytest.raises(ConfigError, match=r"--rate 0.3: not every run has it; choose among 0\."):
        fragmentation(runs, Wanted(rate=0.3))


@pytest.mark.parametrize(
    ("missing", "told"), [("pieces", "has no column pieces"), ("recall@10", "no scores of recall")]
)
def test_a_run_without_the_counts_is_refused(tmp_path: Path, missing: str, told: str) -> None:
    rows = [{key: value for key, value in one.items() if key != missing} for one in ROWS]

    with pytest.raises(DataError, match=told):
        fragmentation({"a": write(tmp_path / "a", rows)}, Wanted())


def test_the_command_prints_tables_and_writes_json(tmp_path: Path) -> None:
    runs = [str(write(tmp_path / name, ROWS)) for name in "ab"]
    result = CliRunner().invoke(cli.app, ["fragmentation", *runs, "--json", str(tmp_path / "found.json")])

    assert result.exit_code == 0, result.output
    assert "A correlation is no cause" in " ".join(result.stdout.split())
    written = json.loads((tmp_path / "found.json").read_text())
    assert list(written["runs"]) == ["a", "b"]
    assert written["broken"][1]["fertility"]["value"] == 1.25
    assert written["related"][1]["token_edits"]["value"] is None  # one query has no correlation


def test_no_home_folder_is_written_whatever_tells_the_runs_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    runs = [write(tmp_path / "out" / name, ROWS) for name in "ab"]
    for run in runs:  # as a run wrote it where HOME was another, or an earlier version did
        (run / "config.yaml").write_text(f"backbone: {{label: made}}\ntrain: {{path: {tmp_path}/{run.name}.tsv}}\n")
    CliRunner().invoke(cli.app, ["fragmentation", *map(str, runs), "--json", str(tmp_path / "found.json")])
    written = (tmp_path / "found.json").read_text()
    told = {label: f"~/out/{name}" for label, name in (("made · path=~/a.tsv", "a"), ("made · path=~/b.tsv", "b"))}

    assert str(tmp_path) not in written
    assert json.loads(written)["runs"] == told
    assert {one["run"] for one in json.loads(written)["broken"]} == set(told)


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["fragmentation", str(tmp_path)])

    assert result.exit_code == 1
    assert "a folder of a finished run is expected" in " ".join(result.output.split())
