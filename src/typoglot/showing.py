"""Finished runs to what is shown of them: one run at its end, many side by side, compared, watched, or at W&B.

Takes folders of runs, and runs nothing. `comparison`, `fragmentation` and `by_answers` find the numbers, `report` puts
them into words, tables and pages; here it is decided what goes to the terminal and what to a file.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from typoglot import results
from typoglot.errors import ConfigError, DataError
from typoglot.files import atomic_text, write_json
from typoglot.privacy import public
from typoglot.results import MODEL
from typoglot.terminal import say, show

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from typoglot import fragmentation
    from typoglot.comparison import Wanted
    from typoglot.report import Form, Gathered
    from typoglot.results import Point

# Every command imports this: what reads tables, and polars with it, is imported where it is needed.

PAGE = "report.html"  # what a person reads
QUIET_LOOKS = 3  # without an unfinished run, after which a sweep is taken to be over: its next job may be starting


def show_run(folder: Path, measure: str) -> None:
    """Prints the table of a run and writes its page; where nothing was evaluated, it names the model's place."""
    if (folder / "points.jsonl").exists():
        from typoglot.by_answers import floor_sentence, strict_sentence, types_table

        show_runs([folder], measure, folder / PAGE, languages=True)
        for told in (types_table(folder, measure), strict_sentence(folder, measure), floor_sentence(folder, measure)):
            if told is not None:
                show(told)
    else:
        show(f"Model: {(folder / MODEL).resolve()}")


def show_runs(
    places: Sequence[Path], measure: str, page: Path, *, languages: bool, baseline: Path | None = None,
    seeds: bool = False,
) -> None:  # fmt: skip
    """Prints the table of the runs in these folders and writes their page; what cannot be shown is named there.

    With `seeds`, runs that differ in their seed alone are one system.

    Raises:
        DataError: there is no run to show, or none with points of that measure.
    """
    from typoglot.report import (
        Wanted,
        averaged,
        gather,
        labelled_runs,
        page_data,
        seed_notes,
        summary_table,
        surface_table,
        write_page,
    )

    gathered = averaged(gather(places)) if seeds else gather(places)
    _refuse_nothing(gathered, places[0], measure)
    runs = {label: run.points for label, run in labelled_runs(gathered.runs).items()}
    for points in runs.values():
        surface = surface_table(points, measure)
        if surface:
            show(surface)
    show(summary_table(runs, measure, languages=languages))
    for one in gathered.left_out:
        say(f"Left out: {one.folder}: {one.reason}")
    for note in seed_notes(gathered):
        say(note)
    write_page(page, page_data(gathered, Wanted(measure, _place(baseline))))
    show(f"Report: {page.resolve()}")


def _place(folder: Path | None) -> str | None:
    return str(folder.resolve()) if folder else None


def _refuse_nothing(gathered: Gathered, place: Path, measure: str) -> None:
    if not gathered.runs:
        reasons = "; ".join(f"{one.folder}: {one.reason}" for one in gathered.left_out)
        raise DataError(place, None, f"no run to show ({reasons})", "give folders of finished runs")
    measures = {point.measure for run in gathered.runs for point in run.points}
    if measure not in measures:
        raise DataError(place, None, f"no points of {measure}", f"choose among {', '.join(sorted(measures))}")


def print_runs(
    places: Sequence[Path], measure: str, form: Form, *, baseline: Path | None, out: Path | None, seeds: bool = False
) -> None:
    """Writes the table of scores as LaTeX or Markdown, to a file or to stdout; `seeds` and errors as in `show_runs`."""
    from typoglot.report import Wanted, averaged, gather, text_tables

    gathered = averaged(gather(places)) if seeds else gather(places)
    _refuse_nothing(gathered, places[0], measure)
    text = public(text_tables(gathered, Wanted(measure, _place(baseline)), form))
    if out is None:
        show(text.rstrip())
    else:
        with atomic_text(out) as file:
            file.write(text)
        show(f"Table: {out.resolve()}")


def watch_runs(
    places: Sequence[Path], measure: str, page: Path, *, baseline: Path | None, every: int, seeds: bool = False
) -> None:
    """Writes the page anew whenever a run in these folders has changed, until none of them is unfinished.

    Args:
        places: folders of runs.
        measure: that the page shows first.
        page: the file.
        baseline: the run that others are compared with.
        every: seconds between two looks.
        seeds: whether runs that differ in their seed alone are one system.
    """
    from typoglot.report import Wanted, averaged, gather, page_data, write_page
    from typoglot.report.folders import run_folders

    before, quiet = None, 0
    while quiet < QUIET_LOOKS:
        gathered = gather(places, known=before.runs if before else ())
        waiting = sum(one.waiting for one in gathered.left_out)
        begun = any(any(run_folders(place)) for place in places)  # the first job may be starting
        quiet = 0 if waiting or not begun else quiet + 1
        if gathered != before or quiet == QUIET_LOOKS:
            wanted = Wanted(measure, _place(baseline), every if quiet < QUIET_LOOKS else None)
            write_page(page, page_data(averaged(gathered) if seeds else gathered, wanted))
            absent = "".join(f"; {place} is not there yet" for place in places if not place.exists())
            say(f"{page}: {len(gathered.runs)} runs, {waiting} unfinished{absent}")
        before = gathered
        if quiet < QUIET_LOOKS:
            time.sleep(every)
    show(f"Report: {page.resolve()}")


def show_types(folders: Sequence[Path], measure: str) -> None:
    """Prints the tables of these runs by type of answer.

    Raises:
        DataError: a run has no scores of the measure, or does not know the types of its answers.
    """
    from typoglot.by_answers import types_table

    for label, folder in labelled(folders).items():
        table = types_table(folder, measure)
        if table is None:
            raise DataError(folder, None, "no types of answers", "a run on MKQA's own file is expected")
        table.title = f"{label}: {table.title}"
        show(table)


def compare_runs(
    folders: Sequence[Path], wanted: Wanted, *, baseline: Path | None, seeds: bool, out: Path | None
) -> None:
    """Prints the tables and sentences of a comparison, and writes it as JSON.

    Args:
        folders: of the runs.
        wanted: what is compared; its baseline is filled in.
        baseline: the run that all others are compared with; None: all pairs.
        seeds: whether runs that differ in their seed alone are one system.
        out: the JSON file.

    Raises:
        ConfigError: there are not two different systems, or what is wanted is in no run.
        DataError: a run cannot be read, or was asked other queries.
    """
    from typoglot import comparison
    from typoglot.report import comparison_tables

    every = {folder.resolve(): folder for folder in ([baseline] if baseline else []) + list(folders)}
    groups = comparison.by_seed(list(every)) if seeds else [[folder] for folder in every]
    if len(groups) < 2:
        raise ConfigError([f"compare: {len(groups)} system given; two different ones at least are needed."])
    by_first = {group[0]: group for group in groups}
    systems = {label: by_first[first] for label, first in labelled(list(by_first), seeds=seeds).items()}
    if baseline:
        wanted = wanted._replace(baseline=next(label for label, own in systems.items() if baseline.resolve() in own))
    found = comparison.compare(systems, wanted)
    for table in comparison_tables(found):
        show(table)
    for sentence in found.sentences:
        show(sentence)
    for note in found.notes:
        say(note)
    if out:
        runs = {label: [str(every[folder]) for folder in own] for label, own in systems.items()}
        write_json(out, public({"runs": runs, **found.as_json()}))


def fragment_runs(folders: Sequence[Path], wanted: fragmentation.Wanted, *, out: Path | None) -> None:
    """Prints how the runs' tokenizers break up queries and how that goes with losses, and writes it as JSON.

    Raises:
        ConfigError: the rate is not in every run.
        DataError: a run cannot be read.
    """
    from typoglot.fragmentation import fragmentation as fragmented
    from typoglot.report import fragmentation_tables

    runs = labelled(folders)
    found = fragmented(runs, wanted)
    for table in fragmentation_tables(found):
        show(table)
    for note in found.notes:
        say(note)
    if out:
        write_json(out, public({"runs": {label: str(folder) for label, folder in runs.items()}, **found.as_json()}))


def report_at_wandb(folders: Sequence[Path], *, title: str, project: str | None, entity: str | None) -> None:
    """Makes a W&B report of runs that W&B has, and shows its address.

    Args:
        folders: of the runs.
        title: of the report.
        project: where the runs lie; None: where their settings say.
        entity: the user or team; None: the key's own.

    Raises:
        ConfigError: the runs name several projects, or W&B has no key or its package is not here.
        DataError: a folder is no run.
        OutputError: W&B did not take it.
    """
    from typoglot.tracking.board import save_report

    runs: dict[str, Sequence[Point]] = {}
    projects = set()
    for folder in folders:
        made = results.flat_config(folder)
        if "tracker.project" not in made:
            raise DataError(folder / "config.yaml", None, "no settings of a run", "folders of runs are expected")
        projects.add(made["tracker.project"])
        told = folder / "points.jsonl"
        runs[made.get("tracker.name") or folder.resolve().name] = results.read_points(told) if told.exists() else []
    if project is None and len(projects) > 1:
        raise ConfigError([f"wandb-report: the runs lie in {', '.join(sorted(projects))}; give one with --project."])
    show(f"Report: {save_report(runs, project=project or projects.pop(), entity=entity, title=title)}")


def labelled(folders: Sequence[Path], *, seeds: bool = False) -> dict[str, Path]:
    """The runs by what tells them apart; with `seeds`, each stands for a system, which its own seed does not name."""
    from typoglot.report import labels

    made = [results.flat_config(folder) for folder in folders]
    settings = [{key: value for key, value in one.items() if not (seeds and key == "seed")} for one in made]
    names = labels([folder.name for folder in folders], settings)
    return dict(zip(names, folders, strict=True))
