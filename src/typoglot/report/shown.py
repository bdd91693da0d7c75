"""Gathered runs to the one object that the page shows: plain lists, dictionaries and packed numbers, ready for JSON.

Every number of the page is computed here or below; the page only draws.
"""

from __future__ import annotations

import base64
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from typoglot import __version__
from typoglot.languages import Language
from typoglot.measures import Interval
from typoglot.report import mixes
from typoglot.report.cautions import floor_of, near_floor, room
from typoglot.report.fragments import fragments
from typoglot.report.groups import Row, cells_of_trainings, groups, labelled_runs, means
from typoglot.report.seeds import REPLICATES, covered, covers
from typoglot.report.significance import tests
from typoglot.results import MACRO, POOLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from typoglot.report.folders import Gathered, Run
    from typoglot.report.groups import Cell, Group
    from typoglot.results import Point

TOLD = 12  # rows whose floors and ceilings are told one by one
STEPS = 150  # points of a training curve; of longer ones, means of neighbours
FEW = 20  # runs whose examples are all shown; of more, EACH of each outcome
EACH = 2
UNITS = {
    "word_rate": "share of words that carry one slip",
    "one_per_query": "share of queries that carry one slip",
    "k_per_query": "number of slips in each query",
}
"""What a typo rate counts, by mode."""


class Wanted(NamedTuple):
    """What the page shows first: the measure, and the run that others are compared with (None: the first)."""

    measure: str
    baseline: str | None = None
    every: int | None = None  # seconds after which the page loads itself again: more is to come


def page_data(gathered: Gathered, wanted: Wanted) -> dict[str, Any]:
    """The whole object; src/typoglot/report/page/data.js reads it."""
    made = groups(gathered.runs)
    runs = {id(run): (label, run) for group in made for label, run in labelled_runs(_trainings(group)).items()}
    numbers = {key: number for number, key in enumerate(runs)}
    spoken = dict.fromkeys(point.language for _, run in runs.values() for point in run.points)
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "every": wanted.every,
        "languages": {code: language_name(code) for code in spoken},
        "runs": [_run(label, run) for label, run in runs.values()],
        "facts": _differing([run.facts for _, run in runs.values()]),
        "groups": [_group(group, wanted, numbers) for group in made],
        "examples": _examples([run for _, run in runs.values()]),
        "leftOut": [one._asdict() for one in gathered.left_out],
        "apart": [one._asdict() for one in gathered.apart],
    }


def _trainings(group: Group) -> list[Run]:
    """The runs of a group's rows, each once."""
    return list({id(run): run for row in group.rows for run in row.run.trainings}.values())


def language_name(code: str) -> str:
    """The English name of a language of points."""
    return _TOGETHER.get(code) or Language(code).english_name


_TOGETHER = {POOLED: "All languages", MACRO: "Mean of the languages"}


def _group(group: Group, wanted: Wanted, numbers: Mapping[int, int]) -> dict[str, Any]:
    measure = wanted.measure if wanted.measure in group.measures else group.measures[0]
    baseline = baseline_of(group, wanted)
    tested = tests(group, measure, baseline)
    floors = {measure: [_floor(row, measure) for row in group.rows] for measure in group.measures}
    return {
        "benchmark": group.benchmark, "unit": UNITS[group.mode], "queries": len(group.queries),
        "questions": len(set(group.clusters)),
        "asked": {name: len(group.of(name)) for name in group.languages},
        "languages": group.languages, "measures": group.measures, "rates": group.rates,
        "measure": measure, "baseline": baseline,
        "rows": [
            {"runs": [numbers[id(run)] for run in row.run.trainings], "label": row.label,
             "name": row.run.system.key if row.run.system else row.run.folder.name,
             "count": row.count, "alpha": row.alpha, "covers": covers(row.run),
             "values": _packed(_values(group, row.cells)),
             "each": _each(group, row),
             "low": {one: list(near_floor(_clean(row, one), floors[one][i])) for one in floors}}
            for i, row in enumerate(group.rows)
        ],
        "tests": {
            "baselines": tested.baselines, "losses": tested.losses, "replicates": tested.replicates,
            "fewer": tested.replicates != REPLICATES,
            "found": {f"{name} {one}": _packed(found) for (name, one), found in tested.found.items()},
        },
        "covered": covered(row.run for row in group.rows)._asdict(),
        "cautions": {one: _cautions(group, one, floors[one]) for one in group.measures},
        "notes": _notes(group),
        "surfaces": [found for row in group.rows if (found := _surface(row, group))],
        "fragments": [fragments(row, measure) for row in group.rows],
        "realised": [_realised(row, group) for row in group.rows],
    }  # fmt: skip


def baseline_of(group: Group, wanted: Wanted) -> int:
    """The row that others are compared with: of the run that was named, otherwise the first."""
    if wanted.baseline is None:
        return 0
    folders = [[str(run.folder.resolve()) for run in row.run.trainings] for row in group.rows]
    named = [number for number, own in enumerate(folders) if wanted.baseline in own]
    return named[0] if named else 0


def _values(group: Group, cells: Mapping[Cell, tuple[float, float, float]]) -> NDArray[np.float64]:
    """(languages, measures, rates, 3)."""
    none = (math.nan, math.nan, math.nan)
    return np.array([
        [[cells.get((language, measure, rate), none) for rate in group.rates] for measure in group.measures]
        for language in group.languages
    ])  # fmt: skip


def _each(group: Group, row: Row) -> list[str]:
    """(languages, measures, rates) values of each of a row's trainings; nothing where there is one alone."""
    if len(row.run.trainings) == 1:
        return []
    return [_packed(_values(group, cells)[..., 0]) for cells in cells_of_trainings(row)]


def _packed(values: NDArray[np.float64]) -> str:
    """Numbers as 32-bit integers, millionths; what is not known is the least one.

    Ten-thousandths would be rounded twice: a loss of 1.4502 points, kept as 1.45, would be shown as 1.4.
    """
    whole = np.where(np.isnan(values), -(2**31), np.round(1e6 * values)).astype("<i4")
    return base64.b64encode(whole.tobytes()).decode()


def _floor(row: Row, measure: str) -> float:
    """What a random order scores; nan where the run does not say how many passages there are."""
    kept = row.run.examples
    return floor_of(row.run.floors, measure, kept.sample.passages if kept else 0)


def _clean(row: Row, measure: str) -> dict[str, Interval]:
    return {lang: Interval(*cell) for (lang, own, rate), cell in row.cells.items() if own == measure and rate == 0}


def _cautions(group: Group, measure: str, floors: Sequence[float]) -> list[str]:
    found = []
    for row, floor in list(zip(group.rows, floors, strict=True))[:TOLD]:
        found += room(row.label, _clean(row, measure), floor)
    unknown = [row.label for row, floor in zip(group.rows, floors, strict=True) if math.isnan(floor)]
    if unknown:
        listed = ", ".join(unknown[:3]) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")
        found.append(
            f"Floor unknown: {listed} did not keep the size of the corpus, so a random order's score is unknown."
        )
    if len(group.rows) > TOLD:
        found.append(f"Floors and ceilings are told for the first {TOLD} rows; a circle (°) marks the floor in all.")
    return found


def _notes(group: Group) -> list[str]:
    """What must be known of all rows, in words."""
    found = []
    kinds = sorted({point.xqg for row in group.rows for point in row.run.points if point.xqg})
    if kinds:
        found.append(f"“5 at α 0.01”: five generated queries of each language with weight 0.01 ({'; '.join(kinds)}).")
    if any(kind.startswith("held_out_questions") for kind in kinds):
        found.append(
            "held_out_questions mixes in some of the benchmark’s own questions and asks the others: an upper bound of "
            "what a generator can give, and not the questions that other runs were asked."
        )
    if mixes.chosen({row.label: row.run.points for row in group.rows}):
        found.append(f"Of many mixtures, these are shown as rows: {mixes.CHOSEN}.")
    runs = _trainings(group)
    slips = {(point.profile, point.tables) for run in runs for point in run.points if point.rate}
    seeds = {str(run.settings.get("typos.seed")) for run in runs}
    if len({profile for profile, _ in slips}) > 1 or len(seeds) > 1:
        found.append(
            "The runs misspelt the queries differently (profile or seed): a difference between them is also one "
            "between their slips."
        )
    draws = max(point.draw for row in group.rows for point in row.run.points) + 1
    if draws > 1:
        found.append(f"Up to {draws} draws of the slips; values and ends of intervals are means over draws.")
    return found


def _surface(row: Row, group: Group) -> dict[str, Any] | None:
    """All languages together by count and α, of a run's first row; None where there is no surface."""
    points = row.run.points
    alphas = sorted({point.alpha for point in points if point.xqg_count})
    if len(alphas) < 2 or row is not next(own for own in group.rows if own.run is row.run):
        return None
    counts = sorted({point.xqg_count for point in points})
    whole = group.languages[0]
    cells: dict[tuple[int, float], list[Point]] = {}
    for point in points:
        if point.language == whole:
            cells.setdefault((point.xqg_count, point.alpha), []).append(point)
    known = {mix: means(own) for mix, own in cells.items()}
    none = (math.nan, math.nan, math.nan)
    values = np.array([
        [[[known.get((count, alpha if count else 0.0), {}).get((whole, measure, rate), none) for rate in group.rates]
          for measure in group.measures] for alpha in alphas]
        for count in counts
    ])  # fmt: skip
    return {"label": row.name, "counts": counts, "alphas": alphas, "values": _packed(values)}


def _realised(row: Row, group: Group) -> list[list[float]]:
    """At each rate, over all languages: share of words with a slip, character error rate, share of changed queries."""
    found: dict[float, list[Point]] = {}
    for point in row.run.points:
        if point.language == group.languages[0] and point.measure == row.run.points[0].measure:
            found.setdefault(point.rate, []).append(point)
    return [
        [round(math.fsum(getattr(one, key) for one in found[rate]) / len(found[rate]), 4)
         for key in ("word_rate", "cer", "changed")] if rate in found else []
        for rate in group.rates
    ]  # fmt: skip


def _run(label: str, run: Run) -> dict[str, Any]:
    first = run.points[0]
    seconds = sorted({point.seconds for point in run.points})
    return {
        "label": label, "folder": str(run.folder), "name": run.folder.name, "method": first.method,
        "profile": first.profile, "kind": "train" if "train.label" in run.settings else "evaluate",
        "command": run.environment.get("command"),
        "cost": {
            "points": len(seconds), "first": seconds[0], "all": seconds[-1],
            "memory": max(point.peak_memory_mb for point in run.points),
            **{key: run.environment.get(key) for key in ("device", "precision", "threads", "cores")},
        },
        "made": {
            "typoglot": run.environment.get("typoglot"), "python": run.environment.get("python"),
            "commit": (run.environment.get("git") or {}).get("commit"),
            "changed": (run.environment.get("git") or {}).get("changed"),
        },
        "training": _training(run.training),
    }  # fmt: skip


def _training(rows: Sequence[Mapping[str, float]]) -> dict[str, list[list[float]]]:
    """Each value of the log as [step, value] pairs, the learning rate left out; of long ones, means of neighbours."""
    found: dict[str, list[list[float]]] = {}
    for row in rows:
        for key, value in row.items():
            if key not in ("step", "learning_rate") and isinstance(value, int | float) and math.isfinite(value):
                found.setdefault(key, []).append([row["step"], value])
    return {key: _thinned(points) for key, points in found.items()}


def _thinned(points: list[list[float]]) -> list[list[float]]:
    width = math.ceil(len(points) / STEPS)
    parts = [points[i : i + width] for i in range(0, len(points), width)]
    return [
        [part[-1][0], float(f"{math.fsum(value for _, value in part) / len(part):.4g}")] for part in parts
    ]  # fmt: skip


def _differing(facts: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    """The facts in which runs differ: the value of each run; “–” where a run has no such setting."""
    keys = list(dict.fromkeys(key for own in facts for key in own))
    rows = {key: [own.get(key, "–") for own in facts] for key in keys}
    return {key: values for key, values in rows.items() if len(set(values)) > 1}


def _examples(runs: Sequence[Run]) -> dict[str, Any]:
    """The examples of each run; the beginnings of passages stand once for all runs of a benchmark."""
    texts: dict[str, dict[str, str]] = {}
    found: list[dict[str, Any] | None] = []
    for run in runs:
        if run.examples is None:
            found.append(None)
            continue
        benchmark, taken = run.points[0].benchmark, {"lost": 0, "gained": 0, "same": 0}
        own = []
        for one in run.examples.examples:
            taken[one.outcome] += 1
            if len(runs) <= FEW or taken[one.outcome] <= EACH:
                kept = texts.setdefault(benchmark, {})
                kept.update({name: run.examples.texts[name] for name in (*one.before.first, *one.after.first)})
                own.append([
                    one.language, one.outcome, _marked(one.clean, one.edits, before=True),
                    _marked(one.clean, one.edits, before=False), [one.before.first, one.before.found],
                    [one.after.first, one.after.found], run.examples.relevant[one.query], one.query,
                ])  # fmt: skip
        sample = run.examples.sample
        found.append({
            "benchmark": benchmark, "measure": sample.measure, "rate": sample.rate, "outcomes": sample.outcomes,
            "untouched": sample.untouched, "examples": own,
        })  # fmt: skip
    return {"texts": texts, "runs": found}


def _marked(clean: str, edits: Sequence[Mapping[str, Any]], *, before: bool) -> list[str]:
    """The clean text, or the misspelt one, in pieces: plain, slip, plain, and so on."""
    pieces, last = [], 0
    for edit in sorted(edits, key=lambda edit: (edit["start"], edit["end"])):
        pieces += [clean[last : edit["start"]], edit["before" if before else "after"]]
        last = edit["end"]
    return [*pieces, clean[last:]]
