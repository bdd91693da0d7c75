from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from typoglot import cli, pipeline
from typoglot.errors import OutputError
from typoglot.results import Point
from typoglot.tracking import board, wandb

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLAIN = Point(
    "mini", "mbert", "untrained", "all", "human", 0.1, 0, 0, 0.0, 1, "recall@1", 0.4, 0.3, 0.5, 40, 0.1, 0.0, None,
    0.5, 1.0, 1.0,
)  # fmt: skip
POINTS = [
    PLAIN,
    replace(PLAIN, measure="mrr@10"),
    replace(PLAIN, language="ko"),
    replace(PLAIN, language="ko", measure="mrr@10"),
    *(replace(PLAIN, xqg_count=count, alpha=alpha) for count in (1, 5) for alpha in (0.0, 0.1)),
]


def test_robustness_is_drawn_pooled_for_each_measure_and_by_language_for_the_first() -> None:
    assert board.plots_of(POINTS)["Robustness"] == [
        board.Plot("recall@1, all languages", "typo_rate", ["curve/all/recall@1"]),
        board.Plot("mrr@10, all languages", "typo_rate", ["curve/all/mrr@10"]),
        board.Plot("recall@1, ko", "typo_rate", ["curve/ko/recall@1"]),
    ]


def test_the_surface_is_one_plot_a_rate_with_one_line_a_count() -> None:
    assert board.plots_of(POINTS)["Generated queries: count × α"] == [
        board.Plot(
            "recall@1, all languages, typo rate 0.1",
            "alpha",
            ["surface/all/recall@1/rate0.1/n1", "surface/all/recall@1/rate0.1/n5"],
        )
    ]


def test_without_generated_queries_there_is_no_surface() -> None:
    assert list(board.plots_of([PLAIN])) == ["Robustness", "Training"]
    assert list(board.plots_of([])) == ["Training"]


def test_every_name_that_is_drawn_was_logged() -> None:
    from typoglot.tracking.series import curve_rows, surface_rows

    logged = {name for rows in (curve_rows(POINTS), surface_rows(POINTS)) for row in rows.values() for name in row}
    drawn = {name for plots in board.plots_of(POINTS).values() for plot in plots for name in plot.y}

    assert drawn - logged == {"train/loss", "train/learning_rate"}


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What W&B would be told: its transport is replaced, its description of the report is its own."""
    library = pytest.importorskip("wandb_workspaces.reports.v2")
    import wandb as official
    from wandb_workspaces.reports.v2 import interface

    told: list[dict[str, Any]] = []

    class Api:
        default_entity = "ann"

        def projects(self, entity: str) -> list[Any]:
            return []

        def create_project(self, name: str, entity: str) -> None:
            pass

    def transport(api: Any, query: Any, variables: dict[str, Any]) -> dict[str, Any]:
        if "spec" not in variables:
            return {"project": {"internalId": "P"}}
        told.append(variables)
        project = {"name": "p", "entityName": "ann"}
        view = {"id": "V", "name": "n", "displayName": "t", "description": "", "project": project,
                "updatedAt": "2026-01-01T00:00:00", "spec": variables["spec"]}  # fmt: skip
        return {"upsertView": {"view": view}}

    monkeypatch.setattr(wandb, "has_key", lambda: True)
    monkeypatch.setattr(official, "Api", Api)
    monkeypatch.setattr(interface, "execute_graphql", transport)
    monkeypatch.setattr(interface, "get_app_url", lambda _: "https://wandb.example")
    assert library
    return told


def test_the_saved_report_groups_curves_by_backbone_and_shows_these_runs_alone(saved: list[dict[str, Any]]) -> None:
    from wandb_workspaces.reports.v2 import internal

    url = board.save_report({"run-a": POINTS, "run-b": POINTS}, project="p", entity=None, title="Typos")
    (told,) = saved
    spec = internal.Spec.model_validate_json(told["spec"])
    grids = [block for block in spec.blocks if isinstance(block, internal.PanelGrid)]
    (first, surface, _, tables, _) = (grid.metadata.panel_bank_section_config.panels for grid in grids)

    assert url.startswith("https://wandb.example/ann/p/reports/")
    assert (told["entityName"], told["projectName"], told["displayName"]) == ("ann", "p", "Typos")
    assert (first[0].config.x_axis, first[0].config.metrics) == ("typo_rate", ["curve/all/recall@1"])
    assert {panel.config.group_by for panel in [*first, *surface]} == {"backbone.value.label"}
    assert surface[0].config.x_axis == "alpha"
    assert len(tables) == 3
    assert all('"value":["run-a","run-b"]' in grid.model_dump_json(by_alias=True).replace(" ", "") for grid in grids)


def test_a_wandb_that_refuses_is_told_with_the_way_out(saved: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from wandb_workspaces.reports.v2 import interface

    monkeypatch.setattr(interface, "execute_graphql", lambda *_: (_ for _ in ()).throw(ConnectionError("no route")))

    with pytest.raises(OutputError, match=r"did not take the report \(ConnectionError: no route\).*typoglot report"):
        board.save_report({"a": POINTS}, project="p", entity=None, title="t")


def told(*arguments: str) -> tuple[int, str]:
    made = CliRunner().invoke(cli.app, ["wandb-report", *arguments])
    return made.exit_code, " ".join((made.output).split())


@pytest.fixture
def run(evaluate_settings: Callable[..., Any]) -> Path:
    settings = evaluate_settings("tracker.project=mine", "typos.rates=[0,0.5]")
    pipeline.run(settings)
    return pipeline.folder_of(settings)


def test_without_a_key_one_sentence_says_what_to_do(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wandb, "has_key", lambda: False)

    assert told(str(run)) == (
        2,
        "wandb-report: W&B has no key here; set WANDB_API_KEY or run `wandb login`. "
        "`typoglot report` draws the same runs without one.",
    )


def test_without_the_package_one_sentence_says_what_to_do(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wandb, "has_key", lambda: True)
    monkeypatch.setitem(sys.modules, "wandb_workspaces.reports.v2", None)

    assert told(str(run)) == (
        2, 'wandb-report: wandb-workspaces is not installed; pip install "typoglot[reports]".',
    )  # fmt: skip


def test_the_runs_name_the_project_and_themselves(run: Path, saved: list[dict[str, Any]]) -> None:
    code, output = told(str(run), "--title", "Typos", "--entity", "team")

    assert (code, "Report: https://wandb.example/team/mine/" in output) == (0, True)
    assert (saved[0]["projectName"], saved[0]["entityName"]) == ("mine", "team")
    assert run.name in saved[0]["spec"]


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    assert told(str(tmp_path)) == (
        1, f"{tmp_path}/config.yaml: no settings of a run: folders of runs are expected",
    )  # fmt: skip
