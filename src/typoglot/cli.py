"""The commands: Hydra's configuration to typed settings, errors to one clear message and an exit code.

0: done. 1: the run failed. 2: the configuration is wrong.
"""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from typoglot import generation, pipeline, typofiles, xor_score
from typoglot.checks import check
from typoglot.config import (
    Benchmark,
    BenchmarkFormat,
    Decoding,
    EvaluateSettings,
    Precision,
    Profile,
    Settings,
    TrainSettings,
    TypoMode,
    Typos,
)
from typoglot.errors import ConfigError, TypoglotError
from typoglot.files import make_folder
from typoglot.measures import Correction
from typoglot.report import stored
from typoglot.store import Store
from typoglot.terminal import say, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ConfigStore.instance().store(name="train_settings", node=TrainSettings)
ConfigStore.instance().store(name="evaluate_settings", node=EvaluateSettings)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    help="Misspelt queries and dense retrievers.",
)


def start(main: Callable[[], object]) -> None:
    """Runs a Hydra main function and ends the process with the right exit code; a traceback only with debug=true."""
    debug = any(argument.lower() == "debug=true" for argument in sys.argv)
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra raises instead of printing: the message and the exit code are ours
    code = 0
    try:
        main()
    except KeyboardInterrupt:
        say("Interrupted; the same command goes on from the last resume point.")
        sys.exit(130)
    except Exception as error:
        if debug:
            traceback.print_exception(error)
        elif not getattr(error, "told", False):
            say(message(error))
        code = exit_code(error)
    _show_sweep()
    sys.exit(code)


def run(cfg: DictConfig) -> float:
    """One Hydra job.

    Raises:
        TypoglotError: in a sweep, so that the other jobs run; a single job ends the process instead.
    """
    sweep = HydraConfig.initialized() and HydraConfig.get().mode == RunMode.MULTIRUN
    if sweep:
        say(f"Job {HydraConfig.get().job.num + 1}: {HydraConfig.get().job.override_dirname}")
    try:
        return pipeline.run(settings_of(cfg))
    except Exception as error:
        if cfg.debug:
            raise
        say(message(error))
        error.told = True  # type: ignore[attr-defined]
        if sweep:
            raise
        sys.exit(exit_code(error))


def settings_of(cfg: DictConfig) -> Settings:
    """The composed configuration as typed settings; Hydra's own part is left behind.

    Raises:
        ConfigError: values are missing (all of them are named), or cannot be resolved.
    """
    own = cfg.copy()
    with read_write(own), open_dict(own):
        own.pop("hydra", None)
    missing = _missing(OmegaConf.to_container(own, resolve=False))
    if missing:
        raise ConfigError([f"{key}: is missing; give {key}=…" for key in missing])
    try:
        if OmegaConf.get_type(own) not in (TrainSettings, EvaluateSettings):
            # A run's own config.yaml, given by --config-path, names no schema.
            schema = OmegaConf.structured(TrainSettings if "train" in own else EvaluateSettings)
            settings = OmegaConf.to_object(OmegaConf.merge(schema, own))
        else:
            settings = OmegaConf.to_object(own)
    except OmegaConfBaseException as error:
        raise ConfigError([message(error)]) from error
    assert isinstance(settings, TrainSettings | EvaluateSettings)
    return settings


def _missing(node: Any, place: str = "") -> list[str]:
    """The keys that are still ???, in their order."""
    if isinstance(node, dict):
        return [
            key for name, value in node.items() for key in _missing(value, f"{place}.{name}" if place else str(name))
        ]
    return [place] if node == "???" else []


class SweepCallback(Callback):
    """Checks every job of a sweep before the first begins."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Ends the process with exit code 2 if any job is wrong."""
        try:
            _sweep[:] = [settings_of(cfg) for cfg in jobs_of(config)]
            check(_sweep)
            make_folder(Path(config.output))
        except (TypoglotError, HydraException, OmegaConfBaseException) as error:
            # Hydra turns an exception of a callback into a warning and goes on; it lets SystemExit pass.
            say(message(error))
            raise SystemExit(exit_code(error)) from None


_sweep: list[Settings] = []
"""The jobs of the sweep that runs. Hydra tells its callbacks nothing of a sweep's end if a job failed."""


def _show_sweep() -> None:
    """One table and one page for all jobs that have points."""
    folders = [folder for folder in map(pipeline.folder_of, _sweep) if (folder / "points.jsonl").exists()]
    if len(set(folders)) > 1:
        pipeline.show_runs(
            folders, _sweep[0].benchmark.measures[0], Path(_sweep[0].output) / "curves.html", languages=False
        )


def jobs_of(config: DictConfig) -> list[DictConfig]:
    """Every job of a sweep, composed, as Hydra's basic sweeper will compose it; empty for other sweepers."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.override_parser.overrides_parser import OverridesParser

    if not str(config.hydra.sweeper._target_).endswith(".BasicSweeper"):
        return []
    loader = GlobalHydra.instance().config_loader()
    axes = [f"{key}={value}" for key, value in (config.hydra.sweeper.params or {}).items()]
    overrides = OverridesParser.create(config_loader=loader).parse_overrides([*axes, *config.hydra.overrides.task])
    batches = BasicSweeper.split_arguments(overrides, max_batch_size=None)
    name = config.hydra.job.config_name
    return [loader.load_configuration(name, list(job), run_mode=RunMode.RUN) for batch in batches for job in batch]


def message(error: BaseException) -> str:
    """What a user is told of an error: the error's own words; of Hydra's long ones, what matters."""
    if isinstance(error, TypoglotError):
        return str(error)
    if isinstance(error, OmegaConfBaseException):
        key = getattr(error, "full_key", None)
        first = str(error).splitlines()[0]
        return f"{key}: {first}" if key and key not in first else first
    if isinstance(error, HydraException):
        cause = error.__cause__ or error.__context__
        return f"{error}" + (f"\n{message(cause)}" if isinstance(cause, OmegaConfBaseException) else "")
    return f"{type(error).__name__}: {error} (debug=true shows where; please report it)"


def exit_code(error: BaseException) -> int:
    """2 where the configuration is at fault, 1 otherwise."""
    if isinstance(error, TypoglotError):
        return error.exit_code
    return 2 if isinstance(error, HydraException | OmegaConfBaseException) else 1


@contextmanager
def _told() -> Iterator[None]:
    """An error of ours ends a command with its message and its exit code."""
    try:
        yield
    except TypoglotError as error:
        say(str(error))
        raise typer.Exit(error.exit_code) from None
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs.")],
    measure: Annotated[str, typer.Option(help="Shown in the table.")] = "recall@1",
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("curves.html"),
) -> None:
    """Compares runs: a table, and a page with their robustness curves."""
    with _told():
        pipeline.show_runs(runs, measure, out, languages=False)


@app.command()
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

    with _told():
        if (count is None) != (alpha is None):
            raise ConfigError(["compare: --count and --alpha name one mixture; give both or none."])
        mix = None if count is None or alpha is None else (count, alpha)
        wanted = Wanted(measure, rate, mix, None, correction, interaction, replicates)
        pipeline.compare_runs(runs, wanted, baseline=baseline, seeds=seeds, out=out)


_MODELS = "Folder of language files that take the place of the package's own."


@app.command()
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
    with _told():
        default = 0.2 if mode is TypoMode.word_rate else 1
        typos = Typos(
            profile, mode, [default if rate is None else rate], seed=seed, models=str(models) if models else None
        )
        typofiles.perturb(file, language, typos, draw, out, limit=limit, show=side_by_side, form=form)


@app.command("fit-typos")
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
    with _told():
        show(typofiles.fit_file(file, language, out, models=models, real_words=real_words, source=source))


@app.command()
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
    with _told():
        decoding = Decoding(per_language, top_k, temperature, passage_max_length, question_max_length, seed)
        where = Benchmark(benchmark.value, benchmark, str(path) if path else None)
        names = languages.split(",") if languages else None
        generation.generate(model, where, names, decoding, precision, shard, out)


_GOLD = "XOR-TyDi's questions and answers, jsonl."


@app.command("xor-score")
def xor_score_command(
    predictions: Annotated[Path, typer.Argument(help="A prediction file: JSON list of id, lang, ctxs.")],
    gold: Annotated[Path, typer.Argument(help=_GOLD)],
    partial: Annotated[bool, typer.Option("--partial", help="Questions may be missing: misses, in strict.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Every figure as JSON, in both modes.")] = False,
    replicates: Annotated[int, typer.Option(min=1, help="Behind each interval.")] = 2000,
) -> None:
    """XOR-TyDi retrieve: R@2kt and R@5kt as the official script has them, and strictly where that differs."""
    with _told():
        xor_score.score(predictions, gold, partial=partial, as_json=as_json, replicates=replicates)


@app.command("xor-predictions")
def xor_predictions(
    run: Annotated[Path, typer.Argument(help="A TREC ranking, e.g. outputs/RUN/runs/….trec.gz.")],
    gold: Annotated[Path, typer.Argument(help=_GOLD)],
    corpus: Annotated[Path, typer.Argument(help="The passages that were ranked, a BEIR corpus.jsonl.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The prediction file.")] = Path("predictions.json"),
) -> None:
    """Writes a ranking as a prediction file of XOR-TyDi retrieve."""
    with _told():
        xor_score.write(run, gold, corpus, out)


_store = typer.Typer(help="The vectors that are kept.", no_args_is_help=True)
app.add_typer(_store, name="store")
_Root = Annotated[Path | None, typer.Option("--path", help="Another store than the usual one.")]


@_store.command("ls")
def store_ls(path: _Root = None) -> None:
    """Shows what is kept: of which model, how many vectors, how far, and when last used."""
    with _told():
        show(stored(Store(path).ls()))


@_store.command("verify")
def store_verify(path: _Root = None) -> None:
    """Reads every block and names the damaged ones, which are made again when they are next needed; exit code 1."""
    with _told():
        damaged = Store(path).verify()
        for file in damaged:
            say(f"Damaged: {file}")
        if damaged:
            raise typer.Exit(1)
        say("Every block is as it was written")


@_store.command("prune")
def store_prune(
    path: _Root = None,
    days: Annotated[float | None, typer.Option(min=0, help="What was last used longer ago.")] = None,
    incomplete: Annotated[bool, typer.Option("--incomplete", help="What is not finished.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Everything.")] = False,
    under: Annotated[
        float | None, typer.Option(min=0, help="Then what was used longest ago, down to so many GB.")
    ] = None,
) -> None:
    """Deletes vectors; what a job is using stays."""
    with _told():
        if days is None and under is None and not (incomplete or everything):
            raise ConfigError(["prune: nothing is chosen; give --days, --incomplete, --under or --all."])
        most = None if under is None else int(under * 1e9)
        gone = Store(path).prune(days=days, incomplete=incomplete, everything=everything, under=most)
        show(stored(gone))
        say(f"Deleted {len(gone):,} layers, {sum(one.bytes for one in gone) / 1e9:.2f} GB")
