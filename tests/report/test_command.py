"""`typoglot report`, on made runs."""

from __future__ import annotations

import json
import re
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmarks.made_runs import Made, make_run
from typer.testing import CliRunner, Result

from typoglot import cli
from typoglot.files import locked

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


def data_of(page: Path) -> dict[str, Any]:
    """What a written page holds."""
    found = re.search(r'<script[^>]*id="data"[^>]*>(.*?)</script>', page.read_text(), re.DOTALL)
    assert found
    return json.loads(found[1])  # type: ignore[no-any-return]


def test_a_page_is_watched_before_any_run_has_finished(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, seen = tmp_path / "page.html", list[dict[str, Any]]()
    running = [sweep / "run1", sweep / "run2"]
    with ExitStack() as processes:
        for run in running:
            (run / "done.json").rename(run / "later.json")
            processes.enter_context(locked(run))

        def meanwhile(_: float) -> None:
            seen.append(data_of(page))
            if len(seen) == 2:
                processes.close()
                for run in running:
                    (run / "later.json").rename(run / "done.json")

        monkeypatch.setattr(time, "sleep", meanwhile)
        result = report(sweep, "--watch", "--every", "7", "--out", page)

    assert result.exit_code == 0, result.output
    assert [(one["every"], len(one["runs"])) for one in seen] == [(7, 0), (7, 0), (7, 2), (7, 2)]
    assert [one["reason"] for one in seen[0]["leftOut"]] == ["still running"] * 2
    assert [line.removeprefix(f"{page}: ") for line in result.stderr.splitlines()] == [
        "0 runs, 2 unfinished", "2 runs, 0 unfinished", "2 runs, 0 unfinished",
    ]  # fmt: skip
    assert (data_of(page)["every"], len(data_of(page)["runs"])) == (None, 2)


def test_a_watched_page_of_runs_that_were_broken_off_stands_still_and_names_them(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    for run in ("run1", "run2"):
        (sweep / run / "done.json").unlink()
    monkeypatch.setattr(time, "sleep", looks.append)
    report(sweep, "--watch", "--out", tmp_path / "page.html")
    found = data_of(tmp_path / "page.html")

    assert looks == [10, 10]
    assert (found["every"], found["runs"]) == (None, [])
    assert [one["reason"] for one in found["leftOut"]] == ["broken off: it has no done.json"] * 2
