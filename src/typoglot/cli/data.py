"""Commands of public data: list, fetch, verify, stats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from typoglot import config
from typoglot.cli.told import told
from typoglot.config import BenchmarkFormat
from typoglot.datasets import holdings
from typoglot.datasets.catalogue import CATALOGUE
from typoglot.errors import ConfigError
from typoglot.languages import Language
from typoglot.report import described, described_whole, held, help_counts
from typoglot.terminal import say, show

data = typer.Typer(help="Public data: what there is, fetched and proved.", no_args_is_help=True)
_Name = Annotated[str, typer.Argument(help="As `typoglot data list` has it.")]
_Root = Annotated[
    Path | None,
    typer.Option("--folder", help="Where data are kept, each in a folder of its name; None: ~/.cache/typoglot/data."),
]
_Languages = Annotated[str | None, typer.Option("--languages", "-l", help="E.g. en,de; None: all.")]


@data.command("list")
def data_list(folder: _Root = None) -> None:
    """Shows what can be fetched: size, licence, languages, whether its bytes are pinned, and what is here."""
    with told():
        root = folder or holdings.usual_root()
        show(held(holdings.holdings(root)))
        say(f"What is here lies in {root}/NAME")


@data.command("fetch")
def data_fetch(
    name: _Name,
    folder: _Root = None,
    languages: _Languages = None,
    pin: Annotated[
        bool, typer.Option("--pin", help="Where nobody publishes a checksum, what comes first is the pin.")
    ] = False,
) -> None:
    """Fetches data whole and proved; a broken-off fetch goes on. Says what to write in a command line."""
    with told():
        entry = holdings.entry_of(name)
        wanted = None if languages is None else languages.split(",")
        place = holdings.fetch(entry, folder or holdings.usual_root(), wanted, trust=pin)
        say(f"{entry.what}; licence: {entry.licence}")
        show(entry.use.format(path=place))


@data.command("verify")
def data_verify(name: _Name, folder: _Root = None) -> None:
    """Reads every file again and names those that are not as they were pinned or fetched; exit code 1."""
    with told():
        entry, root = holdings.entry_of(name), folder or holdings.usual_root()
        count, wrong = holdings.verify(entry, root)
        strange = holdings.strangers(entry, root)
        for fault in wrong:
            say(f"Damaged: {fault}")
        for path in strange:
            say(f"Not fetched: {path}: is read all the same; delete it, or fetch its language, which takes it as it is")
        if wrong:
            here = holdings.languages_of(entry, root)
            own = f" --languages {','.join(here)}" if 0 < len(here) < len(entry.languages) else ""
            place = f" --folder {folder}" if folder else ""
            say(f"typoglot data fetch {name}{own}{place} brings what is damaged again")
        if wrong or strange:
            raise typer.Exit(1)
        say(f"All {count:,} files are as they should be")


@data.command("stats")
def data_stats(
    name: Annotated[str, typer.Argument(help="Of a benchmark: mini, a format, or as `typoglot data list` has it.")],
    path: Annotated[Path | None, typer.Option(help="Where it lies; None: where it was fetched.")] = None,
    folder: _Root = None,
    languages: _Languages = None,
) -> None:
    """Counts a benchmark: queries of each language, their lengths, judgements, passages."""
    from typoglot.description import describe
    from typoglot.sources import libreoffice, read_benchmark

    with told():
        settings = _benchmark(name, path, folder, languages)
        found = read_benchmark(settings, seed=0)
        counted = describe(found)
        show(described(counted))
        show(described_whole(name, counted))
        if settings.format is BenchmarkFormat.libreoffice_help:
            show(help_counts(libreoffice.count(Path(settings.path or ""), found.languages)))


def _benchmark(name: str, path: Path | None, folder: Path | None, languages: str | None) -> config.Benchmark:
    """How the benchmark of that name is read.

    Raises:
        ConfigError: there is none, it lies nowhere, or a language is unknown.
    """
    entry = CATALOGUE.get(name)
    formats = [known.value for known in BenchmarkFormat]
    form = entry.format if entry else name
    if form not in formats:
        others = [known for known, one in CATALOGUE.items() if one.format in formats and known not in formats]
        raise ConfigError([f"data stats {name}: is no benchmark; choose among {', '.join([*formats, *others])}."])
    codes = languages.split(",") if languages else []
    unknown = [code for code in codes if code not in {known.value for known in Language}]
    if unknown:
        raise ConfigError([f"--languages {','.join(unknown)}: write codes such as en,de."])
    if path is None and form != BenchmarkFormat.mini.value:
        path = holdings.kept(name, folder or holdings.usual_root())
    chosen = [Language(code) for code in codes] or None
    return config.Benchmark(name, BenchmarkFormat(form), str(path) if path else None, chosen)
