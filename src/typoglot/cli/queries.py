"""Commands that write queries: perturb, fit-typos, generate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from typoglot import generation, typofiles
from typoglot.cli.told import told
from typoglot.config import Benchmark, BenchmarkFormat, Decoding, Precision, Profile, TypoMode, Typos
from typoglot.terminal import show

_MODELS = "Folder of language files that take the place of the package's own."


def perturb(
    file: Annotated[
        Path | None, typer.Argument(help="Queries, .tsv (id, text) or .jsonl; - for stdin. None: mini's questions.")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", "-l", help="Of all queries, e.g. ko.")] = None,
    rate: Annotated[
        float | None, typer.Option("--rate", "-r", help="How much, in the unit of --mode: 0.2 of the words, 1 slip.")
    ] = None,
    profile: Annotated[
        Profile, typer.Option("--profile", "-p", help="Who slips; textattack, typo: en.")
    ] = Profile.human,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, other slips.")] = 13,
    draw: Annotated[int, typer.Option(min=0, help="Number of the independent misspelling.")] = 0,
    mode: Annotated[TypoMode, typer.Option(help="What the rate counts.")] = TypoMode.word_rate,
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write, .tsv or .jsonl; - for stdout.")] = Path("-"),
    side_by_side: Annotated[bool, typer.Option("--show", help="Clean and misspelt side by side, in colour.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many queries; --show takes 20.")] = None,
    models: Annotated[Path | None, typer.Option(help=_MODELS)] = None,
    form: Annotated[
        typofiles.Format | None, typer.Option("--format", help="Of stdin and stdout: tsv or jsonl.")
    ] = None,
) -> None:
    """Misspells queries: with the same seed the same slips, and at a higher rate the same ones and more."""
    with told():
        default = 0.2 if mode is TypoMode.word_rate else 1
        typos = Typos(
            profile, mode, [default if rate is None else rate], seed=seed, models=str(models) if models else None
        )
        typofiles.perturb(file, language, typos, draw, out, limit=limit, show=side_by_side, form=form)


def fit_typos(
    file: Annotated[Path, typer.Argument(help="Misspellings, .tsv: misspelt text, right text (words or sentences).")],
    language: Annotated[str, typer.Option("--language", "-l", help="E.g. en.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for LANGUAGE.json.")] = Path("models"),
    models: Annotated[Path | None, typer.Option(help=_MODELS)] = None,
    source: Annotated[str | None, typer.Option(help="Where they come from; the files name it.")] = None,
    real_words: Annotated[
        bool | None, typer.Option(help="Whether a misspelling may be a word; the default is the language's.")
    ] = None,
) -> None:
    """Fits a language's slips to pairs of misspelt and right text; `perturb --models` then misspells by them."""
    with told():
        show(typofiles.fit_file(file, language, out, models=models, real_words=real_words, source=source))


def generate(
    model: Annotated[Path, typer.Argument(help="Folder of a run with task=generator.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write; jobs with other shards share it.")],
    benchmark: Annotated[BenchmarkFormat, typer.Option(help="Whose passages.")] = BenchmarkFormat.mini,
    path: Annotated[Path | None, typer.Option(help="Where the benchmark is on disk.")] = None,
    languages: Annotated[str | None, typer.Option("--languages", "-l", help="E.g. ar,bn; None: as trained.")] = None,
    per_language: Annotated[int, typer.Option(help="Questions a passage.")] = Decoding.per_language,
    top_k: Annotated[int, typer.Option(help="Tokens to draw from; 1 takes the likeliest.")] = Decoding.top_k,
    temperature: Annotated[float, typer.Option(help="Above 1 bolder, below 1 safer.")] = Decoding.temperature,
    passage_max_length: Annotated[int, typer.Option(help="Tokens of the prompt.")] = Decoding.passage_max_length,
    question_max_length: Annotated[int, typer.Option(help="Tokens.")] = Decoding.question_max_length,
    seed: Annotated[int, typer.Option(help="Another seed, other questions.")] = Decoding.seed,
    shard: Annotated[str, typer.Option(help="This job's share, e.g. 2/8.")] = "1/1",
    precision: Annotated[Precision, typer.Option(help="Of the matrix products.")] = Precision.auto,
) -> None:
    """Writes questions for every passage; a killed job goes on, and any number of shards gives the same files."""
    with told():
        decoding = Decoding(per_language, top_k, temperature, passage_max_length, question_max_length, seed)
        where = Benchmark(benchmark.value, benchmark, str(path) if path else None)
        names = languages.split(",") if languages else None
        generation.generate(model, where, names, decoding, precision, shard, out)
