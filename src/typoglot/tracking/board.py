"""A W&B report of several runs: the curves, surfaces and tables that `wandb` logged, side by side.

Takes points and names; what is drawn is told to W&B as a specification, so the runs must lie there already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.errors import ConfigError, OutputError
from typoglot.results import POOLED
from typoglot.tracking.series import curve_rows, surface_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typoglot.results import Point


class Plot(NamedTuple):
    """A line plot: the logged names over one axis."""

    title: str
    x: str
    y: list[str]


def save_report(runs: Mapping[str, Sequence[Point]], *, project: str, entity: str | None, title: str) -> str:
    """Saves the report at W&B and returns its address.

    Args:
        runs: points by the name that the run has at W&B; empty for a run without an evaluation.
        project: where the runs lie.
        entity: the user or team it belongs to; None: the key's own.
        title: of the report.

    Raises:
        ConfigError: the package that describes reports is not installed, or W&B has no key here.
        OutputError: W&B did not answer, or refused.
    """
    library = _library()
    import wandb

    try:
        own = entity or wandb.Api().default_entity
        report = library.Report(
            project=project, entity=own, title=title, width="fluid",
            blocks=blocks(library, runs, project=project, entity=own),
        )  # fmt: skip
        report.save()
        return str(report.url)
    except Exception as error:
        reason = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
        raise OutputError(
            f"W&B did not take the report ({reason}): it must be reachable, with a key that may write to "
            f"project '{project}'; `typoglot report` draws the same runs without it."
        ) from error


def blocks(library: Any, runs: Mapping[str, Sequence[Point]], *, project: str, entity: str) -> list[Any]:
    """Headings and grids of panels, top to bottom."""
    points = [point for own in runs.values() for point in own]
    found: list[Any] = [library.P("Each line is a run, by backbone; with several runs of a backbone, their mean.")]
    for heading, plots in plots_of(points).items():
        panels = [_line_plot(library, plot, place) for place, plot in enumerate(plots)]
        found += [library.H2(heading), _grid(library, panels, runs, project, entity)]
    tables = [
        library.WeavePanelSummaryTable(table_name=name, layout=library.Layout(x=0, y=12 * place, w=24, h=12))
        for place, name in enumerate(("languages", "misspelt", "points"))
    ]
    differences = [library.RunComparer(diff_only="split", layout=library.Layout(x=0, y=0, w=24, h=12))]
    return [
        *found,
        library.H2("Tables"), _grid(library, tables, runs, project, entity),
        library.H2("Settings in which the runs differ"), _grid(library, differences, runs, project, entity),
    ]  # fmt: skip


def plots_of(points: Sequence[Point]) -> dict[str, list[Plot]]:
    """The line plots by heading: robustness pooled and by language, count × α where it was measured, training."""
    if not points:
        return {"Training": _TRAINING}
    main = points[0].measure
    measures = list(dict.fromkeys(point.measure for point in points))
    curves = {name for row in curve_rows(points).values() for name in row}
    surfaces = sorted({name for row in surface_rows(points).values() for name in row})
    languages = dict.fromkeys(point.language for point in points if point.language != POOLED)
    named = [(f"{measure}, all languages", f"curve/{POOLED}/{measure}") for measure in measures]
    named += [(f"{main}, {language}", f"curve/{language}/{main}") for language in languages]
    found = {"Robustness": [Plot(title, "typo_rate", [name]) for title, name in named if name in curves]}
    for measure in measures:
        prefix = f"surface/{POOLED}/{measure}/"
        rates = dict.fromkeys(
            name.removeprefix(prefix).partition("/")[0] for name in surfaces if name.startswith(prefix)
        )
        found.setdefault("Generated queries: count × α", []).extend(
            Plot(
                f"{measure}, all languages, typo {rate.replace('rate', 'rate ')}",
                "alpha",
                [name for name in surfaces if name.startswith(f"{prefix}{rate}/")],
            )
            for rate in rates
        )
    return {heading: plots for heading, plots in {**found, "Training": _TRAINING}.items() if plots}


_TRAINING = [Plot("Training loss", "step", ["train/loss"]), Plot("Learning rate", "step", ["train/learning_rate"])]


def _line_plot(library: Any, plot: Plot, place: int) -> Any:
    shares = {} if plot.x == "step" else {"range_y": (0, 1)}
    return library.LinePlot(
        title=plot.title, x=plot.x, y=plot.y, title_x=plot.x.replace("_", " "),
        groupby=library.Config("backbone.label"), groupby_aggfunc="mean", groupby_rangefunc="minmax",
        layout=library.Layout(x=8 * (place % 3), y=6 * (place // 3), w=8, h=6), **shares,
    )  # fmt: skip


def _grid(library: Any, panels: list[Any], runs: Mapping[str, Sequence[Point]], project: str, entity: str) -> Any:
    from wandb_workspaces import expr

    # The tables show the whole set; without the filter a report would show every run of the project.
    runset = library.Runset(
        project=project, entity=entity, name="runs", filters=expr.And(expr.Metric("Name").isin(list(runs)))
    )  # fmt: skip
    return library.PanelGrid(runsets=[runset], panels=panels)


def _library() -> Any:
    from typoglot.tracking.wandb import has_key

    if not has_key():
        raise ConfigError(
            [
                "wandb-report: W&B has no key here; set WANDB_API_KEY or run `wandb login`. "
                "`typoglot report` draws the same runs without one."
            ]
        )
    try:
        import wandb_workspaces.reports.v2 as library
    except ImportError as error:
        raise ConfigError(
            ['wandb-report: wandb-workspaces is not installed; pip install "typoglot[reports]".']
        ) from error
    return library
