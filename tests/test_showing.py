from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks.made_runs import Made, make_run

from typoglot import pipeline, showing
from typoglot.comparison import Wanted
from typoglot.files import locked
from typoglot.measures import Correction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SMALL = Made(questions=6, languages=("en", "ar"), rates=(0.0, 0.3), measures=("recall@1", "mrr@10"), steps=0)


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    for seed in (1, 2):
        make_run(tmp_path / "sweep" / f"run{seed}", seed, SMALL)
    return tmp_path / "sweep"


def test_a_watched_page_takes_in_runs_as_they_finish_and_then_stands_still(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sweep / "run2" / "done.json").rename(sweep / "later.json")
    working = locked(sweep / "run2")
    working.__enter__()
    seen: list[str] = []

    def meanwhile(_: float) -> None:
        seen.append((tmp_path / "page.html").read_text())
        if len(seen) == 2:
            (sweep / "later.json").rename(sweep / "run2" / "done.json")
            working.__exit__(None, None, None)

    monkeypatch.setattr(time, "sleep", meanwhile)
    showing.watch_runs([sweep], "recall@1", tmp_path / "page.html", baseline=None, every=5)

    last = (tmp_path / "page.html").read_text()
    assert ['"every":5' in page for page in seen] == [True] * len(seen)
    assert ["seed=2" in page for page in seen] == [False, False, True, True]
    assert '"every":null' in last
    assert "seed=2" in last


def test_a_watched_folder_that_is_not_there_yet_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def meanwhile(_: float) -> None:
        if not place.exists():
            make_run(place / "run", 1, replace(SMALL, rates=(0.0,)))

    place, page = tmp_path / "later", tmp_path / "page.html"
    monkeypatch.setattr(time, "sleep", meanwhile)
    showing.watch_runs([place], "recall@1", page, baseline=None, every=5)

    first, second, *_ = capsys.readouterr().err.splitlines()
    assert first == f"{page}: 0 runs, 0 unfinished; {place} is not there yet"
    assert second == f"{page}: 1 runs, 0 unfinished"


def test_like_named_runs_are_told_apart_by_what_differs(evaluate_settings: Callable[..., Any]) -> None:
    folders = []
    for draws in (1, 2):
        settings = evaluate_settings(f"typos.draws={draws}", "benchmark.languages=[en]")
        pipeline.run(settings)
        folders.append(pipeline.folder_of(settings))

    assert list(showing.labelled(folders)) == ["tiny · draws=1", "tiny · draws=2"]


def test_a_watched_page_averages_seeds_as_they_finish(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def meanwhile(_: float) -> None:
        seen.append((tmp_path / "page.html").read_text())
        if len(seen) == 1:
            make_run(sweep / "run3", 3, SMALL)

    monkeypatch.setattr(time, "sleep", meanwhile)
    showing.watch_runs([sweep], "recall@1", tmp_path / "page.html", baseline=None, every=5, seeds=True)

    assert ["3 seeds: 1, 2, 3" in page for page in seen[:2]] == [False, True]
    assert "2 seeds: 1, 2" in seen[0]


def test_compared_systems_are_called_by_what_differs_and_not_by_a_seed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for rate in (0.0, 0.5):
        swept = replace(SMALL, settings={"train": {"typo_rate": rate}, "tracker": {"group": f"g{rate}"}})
        for seed in (1, 2):
            make_run(tmp_path / f"{rate}-{seed}", seed, swept)
    wanted = Wanted("recall@1", 0.3, None, None, Correction.holm, interaction=True, replicates=1000)
    showing.compare_runs(sorted(tmp_path.iterdir()), wanted, baseline=None, seeds=True, out=tmp_path / "found.json")

    assert list(json.loads((tmp_path / "found.json").read_text())["runs"]) == [
        "made · typo_rate=0.0",
        "made · typo_rate=0.5",
    ]
    assert "differ in train.typo_rate: 0.0 / 0.5." in capsys.readouterr().err
