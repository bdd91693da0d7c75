"""`typoglot report`, on made runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.made_runs import Made, make_run
from typer.testing import CliRunner, Result

from typoglot import cli

SMALL = Made(questions=6, languages=("en", "ar"), rates=(0.0, 0.3), measures=("recall@1", "mrr@10"), steps=0)


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    for seed in (1, 2):
        make_run(tmp_path / "sweep" / f"run{seed}", seed, SMALL)
    return tmp_path / "sweep"


def report(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["report", *map(str, arguments)])


def test_a_sweeps_folder_becomes_one_page_and_a_table(sweep: Path, tmp_path: Path) -> None:
    result = report(sweep, "--out", tmp_path / "page.html")

    assert result.exit_code == 0
    assert "made · seed=1" in result.stdout
    assert (tmp_path / "page.html").read_text().endswith("</html>\n")


def test_markdown_goes_to_the_terminal_and_names_the_baseline(sweep: Path) -> None:
    result = report(sweep, "--format", "markdown", "--baseline", sweep / "run2", "--measure", "mrr@10")

    assert "Δ: difference to made · seed=2 at rate 0.3" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("| baseline |")


def test_latex_goes_to_a_file_where_one_is_named(sweep: Path, tmp_path: Path) -> None:
    result = report(sweep, "--format", "latex", "--out", tmp_path / "table.tex")

    assert (tmp_path / "table.tex").read_text().count(r"\bottomrule") == 1
    assert "Table: " in result.stdout


def test_a_damaged_run_costs_no_other(sweep: Path, tmp_path: Path) -> None:
    (sweep / "run1" / "points.jsonl").write_text("{")
    result = report(sweep, "--out", tmp_path / "page.html")

    assert result.exit_code == 0
    assert "Left out: " in result.stderr
    assert "points.jsonl:1" in (tmp_path / "page.html").read_text()


def test_where_no_run_can_be_shown_all_reasons_are_told(sweep: Path) -> None:
    for run in ("run1", "run2"):
        (sweep / run / "done.json").unlink()
    result = report(sweep)

    assert result.exit_code == 1
    assert result.stderr.count("no done.json") == 2


def test_a_measure_that_no_run_has_is_refused_with_those_that_are_there(sweep: Path) -> None:
    assert "choose among mrr@10, recall@1" in report(sweep, "--measure", "map").stderr


def test_a_table_is_not_watched(sweep: Path) -> None:
    assert report(sweep, "--watch", "--format", "latex").exit_code == 2


def test_seeds_make_one_row_of_a_sweep(sweep: Path, tmp_path: Path) -> None:
    result = report(sweep, "--seeds", "--out", tmp_path / "page.html")

    assert "made · 2 seeds: 1, 2" in result.stdout
    assert "Rows of several seeds are means over their runs" in result.stderr
    assert "2 seeds: 1, 2" in report(sweep, "--seeds", "--format", "markdown").stdout
    assert "made · 2 seeds: 1, 2" in (tmp_path / "page.html").read_text()


def test_a_run_that_cannot_be_averaged_is_named_in_the_terminal(sweep: Path, tmp_path: Path) -> None:
    make_run(sweep / "run3", 3, replace(SMALL, rates=(0.0,)))

    told = report(sweep, "--seeds", "--out", tmp_path / "page.html").stderr
    assert "run3: has other typo rates than the runs of seeds 1, 2" in told
