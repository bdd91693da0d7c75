"""Which of a run's mixtures with generated queries are shown one by one. Knows points only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typoglot.results import POOLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typoglot.results import Point

FEW = 4  # mixtures that are shown one by one, whatever they are
CHOSEN = "of each count, the α that is best on these very queries: choose it on others before claiming it"


def mix_label(point: Point) -> str:
    """How many generated queries of each language are mixed in, and their weight; "" for none."""
    return f"{point.xqg_count} at α {point.alpha:g}" if point.xqg_count else ""


def shown(points: Sequence[Point], measure: str) -> list[Point]:
    """The points of plain passages and of FEW mixtures; where there are more, of each count's best α above 0.

    It is the best under `measure` over all languages at the lowest typo rate.
    """
    mixes = {(point.xqg_count, point.alpha) for point in points if point.xqg_count}
    if len(mixes) > FEW:
        lowest = min(point.rate for point in points)
        values: dict[tuple[int, float], float] = dict.fromkeys(mixes, 0.0)
        for point in points:
            if point.xqg_count and (point.language, point.measure, point.rate) == (POOLED, measure, lowest):
                values[point.xqg_count, point.alpha] += point.value
        best: dict[int, tuple[int, float]] = {}
        for mix in sorted((mix for mix in mixes if mix[1]), key=lambda mix: (values[mix], -mix[1])):
            best[mix[0]] = mix
        mixes = set(best.values())
    return [point for point in points if not point.xqg_count or (point.xqg_count, point.alpha) in mixes]


def shown_mixes(points: Sequence[Point]) -> set[tuple[int, float]]:
    """Count and α of what is shown of a run, under its first measure; plain passages are (0, 0)."""
    return {(point.xqg_count, point.alpha) for point in shown(points, points[0].measure)}


def shown_under_any(points: Sequence[Point]) -> set[tuple[int, float]]:
    """Count and α of what is shown of a run under any of its measures: a table may be of another than the first."""
    measures = dict.fromkeys(point.measure for point in points)
    return {(point.xqg_count, point.alpha) for measure in measures for point in shown(points, measure)}


def chosen(runs: Mapping[str, Sequence[Point]]) -> bool:
    """Whether some run has more mixtures than are shown."""
    return any(len({(p.xqg_count, p.alpha) for p in points if p.xqg_count}) > FEW for points in runs.values())
