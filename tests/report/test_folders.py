"""Which folders are shown, and what is said of the others."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from benchmarks.made_runs import Made, make_run

from typoglot.files import locked
from typoglot.report import gather, labelled_runs

SMALL = Made(questions=4, languages=("en", "ar"), rates=(0.0, 0.3), steps=3)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "sweep" / "one", 1, SMALL)


def reason(run: Path) -> str:
    found = gather([run])
    assert not found.runs
    (one,) = found.left_out
    assert one.folder == str(run)
    return one.reason


def test_a_run_is_read_whole(run: Path) -> None:
    (found,) = gather([run]).runs

    assert found.settings["backbone.label"] == "made"
    assert len(found.queries) == 4 * 2 * 2
    assert len(found.training) == 3
    assert found.examples
    assert found.examples.sample.passages == 120


def test_a_folder_of_folders_gives_its_runs_each_once(run: Path) -> None:
    make_run(run.parent / "more" / "two", 2, SMALL)

    assert [one.folder.name for one in gather([run.parent, run]).runs] == ["two", "one"]


def test_a_folder_without_runs_is_named(tmp_path: Path) -> None:
    assert [one.reason for one in gather([tmp_path, tmp_path / "none"]).left_out] == [
        "no run is in it",
        "no such folder",
    ]


def test_a_run_that_is_going_on_may_still_come(run: Path) -> None:
    (run / "done.json").unlink()
    with locked(run):
        assert reason(run) == "still running"
        assert gather([run]).left_out[0].waiting


def test_a_run_that_was_broken_off_is_not_waited_for(run: Path) -> None:
    (run / "done.json").unlink()

    assert reason(run) == "broken off: it has no done.json"
    assert not gather([run]).left_out[0].waiting


def test_a_failed_run_is_named_with_its_error(run: Path) -> None:
    (run / "failed.json").write_text(json.dumps({"error": "out of memory", "kind": "RuntimeError"}))

    assert reason(run) == "it failed: out of memory"


def test_a_run_without_points_evaluated_nothing(run: Path) -> None:
    (run / "points.jsonl").unlink()

    assert "nothing was evaluated" in reason(run)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("points.jsonl", '{"value": 1}\n', "points.jsonl:1: not a point"),
        ("points.jsonl", "", "no points"),
        ("points.jsonl", "\x00\n", "points.jsonl:1: "),
        ("per_query.parquet", "PAR1", "per_query.parquet: cannot be read"),
        ("config.yaml", "a: [", "config.yaml: cannot be read"),
        ("environment.json", "[]", "environment.json: cannot be read"),
        ("train.jsonl", "{", "train.jsonl:1: "),
        ("examples.jsonl", '{"sample": {}}\n', "examples.jsonl:1: no example"),
        ("examples.jsonl", "", "examples.jsonl: is empty"),
    ],
)
def test_a_damaged_file_is_named_with_its_fault(name: str, content: str, told: str, run: Path) -> None:
    (run / name).write_text(content)

    assert told in reason(run)
    assert str(run) not in reason(run)


def test_several_faults_of_a_file_are_one_line(run: Path) -> None:
    (run / "points.jsonl").write_text("{}\n[]\n")

    told = reason(run)
    assert told.startswith("points.jsonl:1: not a point ('benchmark' is missing)")
    assert "; points.jsonl:2: a JSON list" in told


def test_a_table_of_an_older_version_is_named(run: Path) -> None:
    table = pl.read_parquet(run / "per_query.parquet")
    table.drop("alpha").write_parquet(run / "per_query.parquet")

    assert "has no column alpha" in reason(run)


def test_a_table_of_other_queries_than_the_points_is_named(run: Path) -> None:
    table = pl.read_parquet(run / "per_query.parquet")
    table.filter(pl.col("query") != "q0_en").write_parquet(run / "per_query.parquet")

    assert "has other queries than points.jsonl" in reason(run)


def test_a_joined_run_has_the_command_that_joins_and_not_that_of_one_part(run: Path) -> None:
    (run / "done.json").write_text(json.dumps({"joined": ["en", "ar; x"]}))

    assert gather([run]).runs[0].environment["command"] == "typoglot join en 'ar; x' --out one"


def test_a_run_that_has_not_changed_is_not_read_again(run: Path) -> None:
    first = gather([run])
    assert gather([run], known=first.runs) == first

    (run / "done.json").write_text("{}")
    assert gather([run], known=first.runs).runs[0] is not first.runs[0]


def test_the_same_run_from_two_machines_is_two_rows(tmp_path: Path) -> None:
    runs = [make_run(tmp_path / machine / "one", 1, SMALL) for machine in ("m1", "m2")]

    assert len({id(one) for one in labelled_runs(gather(runs).runs).values()}) == 2


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("points.jsonl", ('"language": "ar"', '"language": "tlh"'), "languages that are not known here: tlh"),
        ("train.jsonl", ('"step"', '"stride"'), "no step ('step' is missing)"),
        ("environment.json", ('"git": null', '"git": 5'), "environment.json: cannot be read"),
        ("examples.jsonl", ('"lost"', '"eaten"'), "examples.jsonl"),
    ],
)
def test_a_foreign_value_takes_its_own_run_down_alone(run: Path, name: str, change: tuple[str, str], told: str) -> None:
    text = (run / name).read_text()
    assert change[0] in text
    (run / name).write_text(text.replace(*change))

    assert told in reason(run)


def test_a_table_that_lacks_rows_of_a_rate_is_left_out(run: Path) -> None:
    frame = pl.read_parquet(run / "per_query.parquet")
    frame.filter((pl.col("rate") == 0) | (pl.col("language") == "en")).write_parquet(run / "per_query.parquet")

    assert "other queries than points.jsonl" in reason(run)
