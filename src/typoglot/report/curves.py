"""A page with the robustness curves of some runs; it opens from disk and loads nothing from elsewhere."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.files import atomic_text
from typoglot.languages import Language
from typoglot.report.mixes import CHOSEN, chosen, mix_label, shown
from typoglot.results import MACRO, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from typoglot.results import Point

# Okabe and Ito (2008): told apart by colour-blind readers; the dash tells them apart in print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLE = "body{font:16px/1.5 system-ui,sans-serif;margin:1.5rem auto;max-width:70rem;padding:0 1rem;color:#222}"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


_AXES = {  # what a rate counts, by mode
    "word_rate": "share of words that carry one slip",
    "one_per_query": "share of queries that carry one slip",
    "k_per_query": "number of slips in each query",
}


class _Curve(NamedTuple):
    name: str
    language: str
    measure: str
    rates: list[float]
    values: list[float]
    lows: list[float]
    highs: list[float]
    n: int
    mode: str


def write_curves(path: Path, runs: Mapping[str, Sequence[Point]]) -> None:
    """Writes the page: a curve for each run, a menu of languages and measures.

    Raises:
        ValueError: there are no points.
        OutputError: the file cannot be written.
    """
    points = [point for found in runs.values() for point in found]
    if not points:
        raise ValueError("no points to draw")
    figure = _figure(_curves(runs))
    body = figure.to_html(include_plotlyjs=True, full_html=False, config={"displaylogo": False, "responsive": True})
    kinds = sorted({f"{point.benchmark}, {point.profile} typos, {point.method}" for point in points})
    title = "Robustness to misspelt queries"
    with atomic_text(path) as out:
        out.write(f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>')
        out.write('<meta name="viewport" content="width=device-width, initial-scale=1">')
        out.write(f"<style>{STYLE}</style></head><body><h1>{title}</h1><p>{html.escape('; '.join(kinds))}</p>")
        out.write(f"{body}<p>{_caption(points)}{_mixed(runs)}</p></body></html>\n")


def _unit(modes: Iterable[str]) -> str:
    """What a typo rate counts; runs of several modes share an axis only under both names."""
    return " or the ".join(_AXES[mode] for mode in dict.fromkeys(modes))


def _caption(points: Sequence[Point]) -> str:
    pooled = " or ".join(f"{n:,}" for n in sorted({point.n for point in points if point.language == POOLED}))
    return (
        f"The typo rate is the {_unit(point.mode for point in points)}. Bands: 95 % bootstrap intervals over "
        "questions; with several draws, means of the draws. “All languages” is the mean over "
        f"{pooled} queries, resampled by question. "
        "A curve that starts near 0 cannot fall: a small loss there says nothing. Backbones differ in more than their "
        "languages (size, vocabulary, earlier training), so a difference between two curves is not an effect of "
        "languages alone."
    )


def _mixed(runs: Mapping[str, Sequence[Point]]) -> str:
    """What generated queries were mixed in."""
    kinds = sorted({point.xqg for points in runs.values() for point in points if point.xqg})
    if not kinds:
        return ""
    told = f" “5 at α 0.01”: five generated queries of each language, weight 0.01 ({html.escape('; '.join(kinds))})."
    if any(kind.startswith("held_out_questions") for kind in kinds):
        told += (
            " held_out_questions mixes in some of the benchmark’s own questions and asks the others: an upper bound of "
            "what a generator can give, and not the questions that other runs were asked."
        )
    return told + (f" Shown {CHOSEN}." if chosen(runs) else "")


def _curves(runs: Mapping[str, Sequence[Point]]) -> list[_Curve]:
    curves = []
    for label, points in runs.items():
        groups: dict[tuple[str, str, str], dict[float, list[Point]]] = {}
        for point in shown(points, points[0].measure):
            name = " · ".join(filter(None, (label, mix_label(point))))
            groups.setdefault((name, point.language, point.measure), {}).setdefault(point.rate, []).append(point)
        for (name, language, measure), cells in groups.items():
            rates = sorted(cells)
            first = cells[rates[0]][0]
            value, low, high = (
                [100 * sum(getattr(p, key) for p in cells[r]) / len(cells[r]) for r in rates]
                for key in ("value", "low", "high")
            )
            curves.append(_Curve(name, language, measure, rates, value, low, high, first.n, first.mode))
    return curves


def _figure(curves: Sequence[_Curve]) -> Any:
    import plotly.graph_objects as go

    names = list(dict.fromkeys(curve.name for curve in curves))
    views = list(dict.fromkeys((curve.language, curve.measure) for curve in curves))
    views.sort(key=lambda view: (view[0] != MACRO, view[0] != POOLED))
    figure = go.Figure()
    owners = []
    for curve in curves:
        index = names.index(curve.name)
        for trace in _traces(go, curve, COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)]):
            trace.visible = (curve.language, curve.measure) == views[0]
            figure.add_trace(trace)
            owners.append((curve.language, curve.measure))
    buttons = [
        {
            "label": _label(*view),
            "method": "update",
            "args": [
                {"visible": [owner == view for owner in owners]},
                {"yaxis.title.text": f"{view[1]} in %"},
            ],
        }
        for view in views
    ]
    rates = sorted({rate for curve in curves for rate in curve.rates})
    figure.update_layout(
        template="plotly_white", height=560, hovermode="x unified", font_size=15,
        xaxis={"title": f"typo rate ({_unit(curve.mode for curve in curves)})", "tickvals": rates},
        yaxis={"title": f"{views[0][1]} in %", "range": [0, 101]},
        legend={"orientation": "h", "y": -0.2},
        updatemenus=[{"buttons": buttons, "x": 0, "xanchor": "left", "y": 1.14, "yanchor": "top"}],
    )  # fmt: skip
    return figure


def _traces(go: Any, curve: _Curve, colour: str, dash: str) -> list[Any]:
    """The band, which the legend and the pointer pass over, and the line."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    band = go.Scatter(
        x=curve.rates + curve.rates[::-1], y=curve.highs + curve.lows[::-1], fill="toself", mode="lines", line_width=0,
        fillcolor=f"rgba({red},{green},{blue},0.15)", hoverinfo="skip", showlegend=False, legendgroup=curve.name,
    )  # fmt: skip
    line = go.Scatter(
        x=curve.rates, y=curve.values, mode="lines+markers", name=html.escape(curve.name), legendgroup=curve.name,
        line={"color": colour, "dash": dash, "width": 3}, marker_size=9,
        customdata=list(zip(curve.lows, curve.highs, strict=True)),
        hovertemplate=f"%{{y:.1f}} [%{{customdata[0]:.1f}}–%{{customdata[1]:.1f}}], n = {curve.n:,}",
    )  # fmt: skip
    return [band, line]


def _label(language: str, measure: str) -> str:
    name = _TOGETHER.get(language) or Language(language).english_name
    return f"{name} · {measure}"


_TOGETHER = {POOLED: "all languages", MACRO: "mean of the languages"}
