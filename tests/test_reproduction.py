from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from typer.testing import CliRunner

from tests.conftest import ROOT, TINY
from typoglot import cli, reproduction
from typoglot.config import BenchmarkFormat
from typoglot.errors import DataError
from typoglot.languages import Language
from typoglot.report import Found
from typoglot.reproduction import Expected, Program, Row, judged, read_rows
from typoglot.results import Point

if TYPE_CHECKING:
    from pathlib import Path

PUBLISHED = read_rows(ROOT / "conf" / "published.yaml")


def point(value: float, **changes: Any) -> Point:
    named = {"benchmark": "b", "backbone": "m", "method": "x", "language": "macro", "profile": "human", "rate": 0.0}
    numbers = {"draw": 0, "xqg_count": 0, "alpha": 0.0, "seed": 1, "low": 0.0, "high": 1.0, "n": 1, "word_rate": 0.0}
    rest = {"measure": "R@2kt", "cer": 0.0, "ker": None, "changed": 0.0, "seconds": 0.0, "peak_memory_mb": 0.0}
    return Point(**{**named, **numbers, **rest, "value": value, **changes})


def row(tolerance: float = 1.5, **changes: Any) -> Row:
    expected = Expected("R@2kt", {"macro": 44.1}, tolerance, **changes)
    return Row("xdr", "xDR", "the paper", Program.evaluate, ["benchmark.path={xor_tydi}"], False, [expected])


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.456, "OK"), (0.426, "OK"), (0.425, "off by -1.6"), (0.46, "off by +1.9")]
)
def test_a_value_within_the_tolerance_is_ok_and_another_is_off_by_what_it_is_off(value: float, verdict: str) -> None:
    (found,) = judged(row(), [point(value)])

    assert found.verdict == verdict


def test_a_mixture_is_compared_with_its_own_point() -> None:
    points = [point(0.1), point(0.441, xqg_count=5, alpha=0.01)]

    (found,) = judged(row(count=5, alpha=0.01), points)

    assert found.verdict == "OK"


def test_draws_are_averaged() -> None:
    (found,) = judged(row(), [point(0.4), point(0.482, draw=1)])

    assert found.verdict == "OK"


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row.name)
def test_every_published_row_asks_for_languages_that_its_benchmark_has(row: Row, compose: Any) -> None:
    form = compose(row.program.value, *row.filled(dict.fromkeys(row.needs, "somewhere"))).benchmark.format
    pooled = {"all"} | ({"macro"} if form is BenchmarkFormat.xor_tydi else set())

    for expected in row.expected:
        assert set(expected.values) <= pooled | {language.value for language in Language}


def test_a_row_whose_run_lacks_the_point_says_so() -> None:
    with pytest.raises(DataError, match=r"xdr: its run has no point \('R@2kt', 'macro', 0\.0, 0, 0\.0\)"):
        judged(row(), [point(0.4, language="all")])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {name: a, nme: b}", "nme"),
        ("- {name: a, program: dance}", "dance"),
        ("nothing", "rows as conf/published.yaml has them"),
        ("- [", "rows as conf/published.yaml has them"),
    ],
)
def test_a_file_of_rows_that_is_wrong_is_named(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "rows.yaml").write_text(text)

    with pytest.raises(DataError, match=told):
        read_rows(tmp_path / "rows.yaml")


def test_a_name_that_stands_twice_is_refused(tmp_path: Path) -> None:
    one = {"name": "a", "result": "r", "source": "s", "program": "train", "overrides": [], "expected": []}
    (tmp_path / "rows.yaml").write_text(yaml.safe_dump([one, one]))

    with pytest.raises(DataError, match="stands twice"):
        read_rows(tmp_path / "rows.yaml")


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row.name)
def test_every_published_row_composes_to_a_configuration_without_faults(row: Row, compose: Any) -> None:
    from typoglot import rules

    settings = compose(row.program.value, *row.filled(dict.fromkeys(row.needs, "somewhere")))

    assert rules.faults(settings) == []
    measures = {expected.measure for expected in row.expected}
    assert measures <= set(settings.benchmark.measures)
    assert {expected.rate for expected in row.expected} <= set(settings.typos.rates)
    assert {expected.count for expected in row.expected} <= set(settings.xqg.counts)


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row.name)
def test_the_page_shows_every_row_with_its_command_and_its_first_value(row: Row) -> None:
    page = (ROOT / "docs" / "reproduce.md").read_text()

    assert row.name in page
    assert row.command in page
    for expected in row.expected:
        assert f"{next(iter(expected.values.values())):g}" in page


# The command


def reproduce(tmp_path: Path, rows: list[dict[str, Any]], *arguments: str) -> Any:
    (tmp_path / "rows.yaml").write_text(yaml.safe_dump(rows))
    places = ["--conf", str(ROOT / "conf"), "--rows", str(tmp_path / "rows.yaml"), "--output", str(tmp_path / "out")]
    return CliRunner().invoke(cli.app, ["reproduce", *places, *arguments])


def tiny_row(tiny_bert: Path, value: float) -> dict[str, Any]:
    overrides = [f"backbone.name={tiny_bert}", *TINY, "benchmark.limit=8", "typos.rates=[0]"]
    expected = [{"measure": "recall@1", "values": {"all": value}, "tolerance": 50.0}]
    told = {"name": "tiny", "result": "r", "source": "s", "program": "evaluate"}
    return {**told, "overrides": overrides, "expected": expected}


def test_a_row_is_run_and_judged(tmp_path: Path, tiny_bert: Path) -> None:
    done = reproduce(tmp_path, [tiny_row(tiny_bert, 10.0)], "--json", str(tmp_path / "found.json"))

    (found,) = json.loads((tmp_path / "found.json").read_text())
    assert (done.exit_code, found["verdict"]) == (0, "OK")
    assert 0 <= found["found"] <= 60


def test_a_value_that_is_off_ends_with_exit_code_1(tmp_path: Path, tiny_bert: Path) -> None:
    done = reproduce(tmp_path, [tiny_row(tiny_bert, 900.0)])

    assert done.exit_code == 1
    assert "off by -" in done.output


def test_a_row_without_data_or_weights_says_why_it_cannot_run(tmp_path: Path, tiny_bert: Path) -> None:
    lacking = {**tiny_row(tiny_bert, 10.0), "overrides": ["benchmark=xquad", "benchmark.path={xquad}"]}
    hubless = {**tiny_row(tiny_bert, 10.0), "name": "hubless", "overrides": ["backbone=mbert"]}

    done = reproduce(tmp_path, [lacking, hubless])

    assert done.exit_code == 0
    assert "cannot run: no data: give --data xquad=PATH" in " ".join(done.output.split())
    assert "hubless" in done.output


def test_what_takes_days_is_left_out_without_a_gpu(tmp_path: Path, tiny_bert: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)

    done = reproduce(tmp_path, [{**tiny_row(tiny_bert, 10.0), "gpu": True}])

    assert "takes days without a GPU" in " ".join(done.output.split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "told"), [(["nobody"], "no such row; choose among tiny"), (["--data", "xquad"], "write NAME=PATH")]
)
def test_a_wrong_argument_ends_with_2(tmp_path: Path, tiny_bert: Path, arguments: list[str], told: str) -> None:
    done = reproduce(tmp_path, [tiny_row(tiny_bert, 10.0)], *arguments)

    assert done.exit_code == 2
    assert told in " ".join(done.output.split())


def test_a_result_that_cannot_run_is_one_row_of_the_table() -> None:
    from typoglot.report import reproduced

    lost = [Found("r", "R@2kt", language, "", 1.0, 1.0, None, "no data") for language in ("ar", "bn")]

    assert reproduced(lost).row_count == 1
    assert reproduction.cannot(row(), "no data")[0].verdict == "cannot run: no data"
