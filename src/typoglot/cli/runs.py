"""Commands that read runs: report, compare, fragmentation, join, mkqa-score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from typoglot import showing
from typoglot.cli.told import told
from typoglot.errors import ConfigError
from typoglot.measures import Correction
from typoglot.report import Form
from typoglot.terminal import show


def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs, or folders of such folders.")],
    measure: Annotated[str, typer.Option(help="Shown first.")] = "recall@1",
    baseline: Annotated[Path | None, typer.Option(help="Run that all others are compared with first.")] = None,
    form: Annotated[Form, typer.Option("--format", help="A page, or the table of scores as text.")] = Form.html,
    out: Annotated[Path | None, typer.Option(help="File to write; None: report.html, text to stdout.")] = None,
    seeds: Annotated[
        bool, typer.Option("--seeds", help="Runs that differ in their seed alone are one system.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Write the page anew while runs are going on.")] = False,
    every: Annotated[int, typer.Option(min=1, help="Seconds between two looks of --watch.")] = 10,
) -> None:
    """Shows runs side by side: a table, and one page with figures, tests, examples and commands."""
    with told():
        if watch and form is not Form.html:
            raise ConfigError(["report: --watch refreshes the page; leave --format out."])
        places = list(dict.fromkeys([*runs, *([baseline] if baseline else [])]))
        page = out or Path(showing.PAGE)
        if form is not Form.html:
            showing.print_runs(places, measure, form, baseline=baseline, out=out, seeds=seeds)
        elif watch:
            showing.watch_runs(places, measure, page, baseline=baseline, every=every, seeds=seeds)
        else:
            showing.show_runs(places, measure, page, languages=False, baseline=baseline, seeds=seeds)


def compare(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs that were asked the same queries.")],
    measure: Annotated[str, typer.Option(help="Such as recall@10.")] = "recall@10",
    baseline: Annotated[
        Path | None, typer.Option(help="Run that all others are compared with; None: all pairs.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option("--rate", "-r", help="Typo rate; None: the highest that all have.")
    ] = None,
    correction: Annotated[Correction, typer.Option(help="For the number of tests.")] = Correction.holm,
    interaction: Annotated[bool, typer.Option("--interaction", help="Does A lose less than B by typos?")] = False,
    seeds: Annotated[
        bool, typer.Option("--seeds", help="Runs that differ in their seed alone are one system.")
    ] = False,
    count: Annotated[int | None, typer.Option(min=1, help="Generated queries of each language; needs --alpha.")] = None,
    alpha: Annotated[float | None, typer.Option(min=0, max=1, help="Their weight; needs --count.")] = None,
    replicates: Annotated[int, typer.Option(min=1000, help="Of bootstrap and randomisation.")] = 10_000,
    out: Annotated[Path | None, typer.Option("--json", help="File to write all numbers to.")] = None,
) -> None:
    """Tests whether runs differ, query by query, and whether one loses less than another when queries are misspelt."""
    from typoglot.comparison import Wanted

    with told():
        if (count is None) != (alpha is None):
            raise ConfigError(["compare: --count and --alpha name one mixture; give both or none."])
        mix = None if count is None or alpha is None else (count, alpha)
        wanted = Wanted(measure, rate, mix, None, correction, interaction, replicates)
        showing.compare_runs(runs, wanted, baseline=baseline, seeds=seeds, out=out)


def fragmentation(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs.")],
    measure: Annotated[str, typer.Option(help="Whose loss is correlated, such as recall@10.")] = "recall@10",
    rate: Annotated[
        float | None, typer.Option("--rate", "-r", help="Typo rate; None: the highest that all have.")
    ] = None,
    replicates: Annotated[int, typer.Option(min=1000, help="Behind each interval.")] = 2_000,
    out: Annotated[Path | None, typer.Option("--json", help="File to write all numbers to, of every rate.")] = None,
) -> None:
    """Tells into how many pieces tokenizers break clean and misspelt queries, and whether that goes with losses."""
    from typoglot.fragmentation import Wanted

    with told():
        showing.fragment_runs(runs, Wanted(measure, rate, replicates), out=out)


def join(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs that differ in their languages alone.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write.")],
) -> None:
    """Makes one run of several: what each language was evaluated on by itself can then be compared as a whole."""
    from typoglot.joining import join

    with told():
        join(runs, out)
        show(f"Joined: {out.resolve()}")


def mkqa_score(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs with benchmark=mkqa.")],
    measure: Annotated[str, typer.Option(help="Such as answer_recall@20.")] = "answer_recall@20",
) -> None:
    """MKQA by type of answer, beside what random orders of the passages score."""
    with told():
        showing.show_types(runs, measure)
