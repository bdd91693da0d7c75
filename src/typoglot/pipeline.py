"""Builds the objects that a configuration names and runs them: check → train → evaluate → show.

What is finished stays finished: a run's folder is named by what is computed in it, and each stage leaves a mark there.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import traceback
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from typoglot import config
from typoglot.checks import check
from typoglot.config import (
    Accelerator,
    Backbone,
    Decoding,
    EvaluateSettings,
    Resume,
    Settings,
    Task,
    TrainSettings,
    XqgSource,
)
from typoglot.datasets.defaults import with_data
from typoglot.errors import CheckpointError, ConfigError, DataError, OutputError, TypoglotError
from typoglot.files import atomic_text, files_below, locked, make_folder, write_json
from typoglot.lines import NUMBER, read_object
from typoglot.mixture import augmentation, label_of, with_queries
from typoglot.privacy import public
from typoglot.records import Condition
from typoglot.results import DONE, FAILED, INPUTS, LOG, MODEL, headline, is_done, read_done, read_inputs
from typoglot.showing import PAGE, show_run
from typoglot.sources import benchmark_files, pair_files, read_pairs
from typoglot.terminal import is_worker, log, logged, say
from typoglot.typos import profile_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from typoglot.encoder import Encoder
    from typoglot.records import Benchmark, Generated
    from typoglot.results import Point
    from typoglot.tracking import Tracker
    from typoglot.xqg.generator import Generator

# torch, transformers and Lightning are imported where they are needed: a faulty configuration is answered without them.

TRAINED = "trained.json"  # written when the model is there
LIMIT_SEED = 0  # of benchmark.limit: runs of different seeds must be asked the same questions
UNTRAINED = "untrained"  # the `method` of a backbone as it is


def folder_of(settings: Settings) -> Path:
    """Where a configuration's results are: the same configuration always has the same folder."""
    if isinstance(settings, TrainSettings):
        who = f"{settings.backbone.label}-{settings.train.label}"
        if settings.task is Task.generator:
            return Path(settings.output) / _file_name(f"{who}-generator-{config.identity(settings)}")
    else:
        who = (
            Path(settings.checkpoint).name
            if settings.checkpoint
            else f"{settings.backbone.label if settings.backbone else ''}-{UNTRAINED}"
        )
    name = f"{who}-{settings.benchmark.label}-{settings.typos.profile.value}-{config.identity(settings)}"
    return Path(settings.output) / _file_name(name)


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in name)


def run(settings: Settings) -> float:
    """Does all that the settings ask for, or shows it again if it is done.

    Returns:
        The first measure over all languages (or their mean, where that is the benchmark's score) at the highest typo
        rate; where nothing is evaluated, the dev measure (a generator's is a loss: lower is better).

    Raises:
        TypoglotError: any of its kinds; what was finished before stays.
    """
    check([settings])
    folder = make_folder(folder_of(settings))
    if is_worker():
        _use_threads(settings)
        return _train(settings, folder, lambda _, __: None) if isinstance(settings, TrainSettings) else 0.0
    with locked(folder), logged(folder / LOG):
        inputs = fingerprint(settings)
        _keep_or_clear(settings, folder, inputs)
        if (folder / DONE).exists():
            say(f"Finished already: {folder} (resume=never begins anew)")
        else:
            write_json(folder / INPUTS, inputs)
            with _failure_kept(folder):
                _run_in(settings, folder)
    show_run(folder, settings.benchmark.measures[0])
    return read_done(folder)


def _keep_or_clear(settings: Settings, folder: Path, inputs: str) -> None:
    """Leaves what an earlier attempt has finished, as far as it is still of use.

    Raises:
        DataError: inputs.json is damaged: whether the same files are read cannot be known.
    """
    if settings.resume is Resume.never:
        _clear(folder)
        return
    if read_inputs(folder) not in (None, inputs):
        say(f"The files that {folder} was made from have changed: beginning anew")
        _clear(folder)
    if (folder / DONE).exists() and not is_done(folder):
        say(f"{folder / DONE} is damaged: the run is not taken for finished")
        (folder / DONE).unlink()


def finished(settings: Settings) -> float | None:
    """What `run` would return without doing anything, or None where there is something left to do."""
    folder = folder_of(settings)
    if settings.resume is Resume.never or not (folder / DONE).exists():
        return None
    try:
        value, inputs = read_done(folder), read_inputs(folder)
    except DataError:  # `run` tells it, and makes the run again where it can
        return None
    return value if inputs == fingerprint(settings) else None


@contextlib.contextmanager
def _failure_kept(folder: Path) -> Iterator[None]:
    """A failure leaves its reason in failed.json and its traceback in the log; a new attempt takes the old reason away.

    An interrupted or killed run did not fail: it was broken off.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    log(f"— {now} {folder.name}")
    (folder / FAILED).unlink(missing_ok=True)
    try:
        yield
    except Exception as error:
        log(traceback.format_exc())
        told = str(error) if isinstance(error, TypoglotError) else f"{type(error).__name__}: {error}"
        line = public(" ".join(told.split()))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with contextlib.suppress(OutputError):  # a full disk may be what failed
            write_json(folder / FAILED, {"error": line, "kind": type(error).__name__, "log": LOG, "when": now})
        raise


def _run_in(settings: Settings, folder: Path) -> None:
    import torch

    from typoglot.encoder import use_bf16
    from typoglot.environment import environment
    from typoglot.tracking import open_tracker

    # Read before anything is trained: a malformed file must not cost a night.
    benchmark, queries = _read(settings) if _evaluates(settings) else (None, {})
    typos = settings.typos
    fault = profile_fault(typos.profile.value, benchmark.languages, typos.models) if benchmark else None
    if fault:
        raise ConfigError([fault])
    _use_threads(settings)
    precision, device = _computing(settings)
    bf16 = use_bf16(precision, torch.device(device))
    write_json(folder / "environment.json", environment(device, "bf16" if bf16 else "fp32"))
    with atomic_text(folder / "config.yaml") as out:
        out.write(OmegaConf.to_yaml(OmegaConf.create(config.as_plain(settings))))
    tracker = open_tracker(settings.tracker, folder.name, folder, config.as_plain(settings))
    failed = True
    try:
        value = 0.0
        if isinstance(settings, TrainSettings):
            value = _train(settings, folder, tracker.training)
            tracker.trained(folder / MODEL)
        if benchmark and (isinstance(settings, EvaluateSettings) or settings.evaluate):
            value = _evaluate(settings, benchmark, queries, folder, tracker)
        write_json(folder / DONE, {"value": value})
        failed = False
    finally:
        tracker.finish(failed=failed)


def _evaluates(settings: Settings) -> bool:
    """Whether there is anything to evaluate: a generator ranks no passages."""
    return isinstance(settings, EvaluateSettings) or settings.task is Task.retriever


def _read(settings: Settings) -> tuple[Benchmark, Generated]:
    """The benchmark, and the queries that are generated for its passages."""
    settings = with_data(settings)
    written = Path(settings.xqg.path) if settings.xqg.path else None
    if written and settings.xqg.source is XqgSource.generator:
        from typoglot.generation import generate

        languages = [language.value for language in settings.xqg.languages] if settings.xqg.languages else None
        decoding = Decoding(per_language=max(Decoding.per_language, *settings.xqg.counts))
        written = generate(written, settings.benchmark, languages, decoding, _computing(settings)[0])
    return with_queries(settings.benchmark, settings.xqg, LIMIT_SEED, written)


def _train(settings: TrainSettings, folder: Path, sink: Callable[[int, dict[str, float]], None]) -> float:
    """Trains to folder/model, reporting each step to the sink; returns the best dev measure."""
    marker = folder / TRAINED
    if marker.exists():
        say(f"Trained already: {folder / MODEL}")
        cure = "delete it; the model is then trained again"
        return float(read_object(marker, {"dev": NUMBER}, cure)["dev"])
    from typoglot.training import fit, fit_generator, split_dev

    pairs = {name: read_pairs(source, settings.seed) for name, source in with_data(settings).train.resolved().items()}
    if settings.train.typo_rate:
        spoken = dict.fromkeys(pair.language for source in pairs.values() for pair in source)
        fault = profile_fault(settings.typos.profile.value, list(spoken), settings.typos.models, key="train.languages")
        if fault:
            raise ConfigError([f"train.typo_rate={settings.train.typo_rate}: {fault}"])
    train, dev = split_dev(pairs, settings.train.dev_fraction, settings.seed)
    if settings.task is Task.generator:
        languages = dict.fromkeys(pair.language for source in train.values() for pair in source)
        generator = _build_generator(settings.backbone, settings.generator, list(languages))
        summary = fit_generator(settings, generator, train, dev, folder, sink)
    else:
        summary = fit(settings, _build_encoder(settings.backbone), train, dev, folder, sink)
    if not is_worker():
        write_json(marker, summary)
        shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    return summary["dev"]


def _evaluate(settings: Settings, benchmark: Benchmark, queries: Generated, folder: Path, tracker: Tracker) -> float:
    """Evaluates what was trained, or the backbone as it is; returns the value that a sweep may maximise."""
    from typoglot.evaluation import evaluate
    from typoglot.ranker import SurfaceRanker
    from typoglot.shelving import Shelving
    from typoglot.store import Store

    if isinstance(settings, TrainSettings):
        encoder = _load_model(folder / MODEL)
        backbone, method, seed = settings.backbone.label, settings.objective.label, settings.seed
    else:
        encoder, backbone, method, seed = _encoder_to_evaluate(settings)
    precision, device = _computing(settings)
    store, xqg, typos = settings.store, settings.xqg, settings.typos
    root = Path(store.path) if store.path else None
    shelving = Shelving(encoder.to(device), Store(root), precision, store.dtype, store.block_rows)
    ranker = SurfaceRanker(
        shelving, augmentation(xqg, queries, benchmark, shelving), xqg.counts, xqg.alphas, xqg.mixing,
        settings.index.depth,
    )  # fmt: skip
    base = Condition(
        benchmark.name, backbone, method, typos.profile.value, rate=0.0, draw=0, xqg_count=0, alpha=0.0, seed=seed,
        mode=typos.mode.value, xqg=label_of(xqg),
    )  # fmt: skip
    measures = settings.benchmark.measures
    points = evaluate(
        benchmark, ranker, typos, base, measures=measures, bootstrap=settings.bootstrap, folder=folder,
        keep_runs=xqg.keep_runs, breakpoints=xqg.breakpoints,
    )  # fmt: skip
    tracker.evaluated(folder, points)
    return _worst(points, measures[0])


def _worst(points: Sequence[Point], measure: str) -> float:
    """The mean at the highest typo rate, of what has generated queries where something has."""
    found = [point for point in points if (point.language, point.measure) == (headline(points), measure)]
    mixed = [point for point in found if point.xqg_count] or found
    worst = [point.value for point in mixed if point.rate == max(one.rate for one in mixed)]
    return sum(worst) / len(worst)


def _clear(folder: Path) -> None:
    """Deletes a run's results, the mark that they are whole first."""
    for name in (
        DONE,
        FAILED,
        TRAINED,
        "points.jsonl",
        "per_query.parquet",
        "floor.json",
        "breakpoints.jsonl",
        "examples.jsonl",
        PAGE,
        "train.jsonl",
        "config.yaml",
        "environment.json",
        "tracked.csv",
    ):
        (folder / name).unlink(missing_ok=True)
    for name in (MODEL, "checkpoints", "runs", "queries", "wandb", "tensorboard"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _build_encoder(backbone: Backbone) -> Encoder:
    """The pretrained backbone as a dual encoder."""
    from typoglot.backbones import load
    from typoglot.encoder import Encoder, Recipe

    say(f"Loading {backbone.label} …")
    loaded = load(backbone)
    _check_lengths(backbone, loaded.network.config)
    recipe = Recipe(
        backbone.pooling, backbone.normalise, backbone.query_prefix, backbone.passage_prefix,
        backbone.query_max_length, backbone.passage_max_length,
    )  # fmt: skip
    return Encoder(loaded.network, None if backbone.tied else load(backbone).network, loaded.tokenizer, recipe)


def _build_generator(backbone: Backbone, recipe: config.Generator, languages: list[str]) -> Generator:
    """The pretrained backbone as a generator."""
    from typoglot.backbones import load
    from typoglot.xqg.generator import Generator

    say(f"Loading {backbone.label} …")
    loaded = load(backbone)
    return Generator(loaded.network, loaded.tokenizer, recipe, languages)


def _check_lengths(backbone: Backbone, shape: Any) -> None:
    """Refuses lengths beyond the network's positions: they would fail in the middle of the first long batch."""
    positions = getattr(shape, "max_position_embeddings", None)
    if not isinstance(positions, int):
        return
    # RoBERTa's kin count positions from behind the padding index.
    usable = positions - (shape.pad_token_id or 0) - 1 if "roberta" in shape.model_type else positions
    for key in ("query_max_length", "passage_max_length"):
        if getattr(backbone, key) > usable:
            raise ConfigError(
                [f"backbone.{key}={getattr(backbone, key)}: {backbone.label} has {usable} positions; give no more."]
            )


def _load_model(folder: Path) -> Encoder:
    """An encoder that training has saved."""
    from typoglot.backbones import load_network, load_tokenizer
    from typoglot.encoder import Encoder, read_card

    tied, recipe = read_card(folder)
    other = None if tied else load_network(str(folder / "passage"))
    return Encoder(load_network(str(folder)), other, load_tokenizer(str(folder)), recipe)


def _encoder_to_evaluate(settings: EvaluateSettings) -> tuple[Encoder, str, str, int]:
    """The encoder, and the backbone, method and seed that its points are named by.

    Raises:
        CheckpointError: the checkpoint is broken, or does not fit the backbone that was asked for beside it.
    """
    if settings.checkpoint is None and settings.backbone is not None:
        return _build_encoder(settings.backbone), settings.backbone.label, UNTRAINED, settings.seed
    folder = Path(settings.checkpoint or "")
    model = folder / MODEL if (folder / MODEL).is_dir() else folder
    encoder = _load_model(model)
    if settings.backbone is not None:
        _refuse_another(settings.backbone, encoder, folder)
    return encoder, *_origin(model, settings.seed)


def _origin(model: Path, seed: int) -> tuple[str, str, int]:
    """Backbone, method and seed of the run that a model lies in; elsewhere its folder's name and the given seed."""
    path = model.parent / "config.yaml"
    if not path.exists():
        return model.name, "trained", seed
    try:
        made: Any = OmegaConf.load(path)
        return str(made.backbone.label), str(made.objective.label), int(made.seed)
    except (OmegaConfBaseException, AttributeError, OSError, ValueError) as error:
        raise CheckpointError(f"'{path}' is damaged ({error}): it names the model's backbone; restore it.") from error


def _refuse_another(backbone: Backbone, encoder: Encoder, folder: Path) -> None:
    """Refuses a backbone beside a checkpoint that was made from another architecture, or with another recipe."""
    from typoglot.backbones import load_shape

    wanted, kept = load_shape(backbone), encoder.query_network.config
    keys = ("model_type", "hidden_size", "num_hidden_layers", "vocab_size")
    pairs = [(key, getattr(kept, key, None), getattr(wanted, key, None)) for key in keys]
    pairs += [(key, value, getattr(backbone, key)) for key, value in asdict(encoder.recipe).items()]
    other = [f"{key} is {is_}, not {asked}" for key, is_, asked in pairs if is_ != asked]
    if other:
        raise CheckpointError(
            f"checkpoint={folder}: is no {backbone.label} ({'; '.join(other)}): "
            "leave backbone out, or give that backbone's run."
        )


def _computing(settings: Settings) -> tuple[config.Precision, str]:
    """The asked precision, and cpu or cuda, whichever computes."""
    import torch

    own = settings.trainer if isinstance(settings, TrainSettings) else settings
    gpu = torch.cuda.is_available()
    if own.accelerator is Accelerator.gpu and not gpu:
        raise ConfigError(
            ["accelerator=gpu: no GPU here; give accelerator=auto or cpu (trainer.accelerator to train)."]
        )
    return own.precision, "cuda" if gpu and own.accelerator is not Accelerator.cpu else "cpu"


def _use_threads(settings: Settings) -> None:
    import torch

    global _all_threads
    _all_threads = _all_threads or torch.get_num_threads()
    threads = settings.trainer.threads if isinstance(settings, TrainSettings) else settings.threads
    torch.set_num_threads(threads or _all_threads)


_all_threads = 0


def fingerprint(settings: Settings) -> str:
    """Changes when a file that the settings name by a path changes (size or time), which their identity cannot see.

    Of a folder of data, only the files count that are read: others may come beside them, as more languages do.
    """
    settings = with_data(settings)
    benchmark = settings.benchmark
    places: list[tuple[str | None, list[Path] | None]] = [
        (benchmark.path, benchmark_files(benchmark)),
        (benchmark.name, None),  # may be a folder
        (benchmark.distractors_path, None),
        (benchmark.questions, None),
        (benchmark.passages, None),
        (settings.typos.models, None),
        (_model_of(settings.xqg.path) if settings.xqg.source is XqgSource.generator else settings.xqg.path, None),
        (settings.backbone.name if settings.backbone else None, None),
    ]
    if isinstance(settings, TrainSettings):
        places += [(source.path, pair_files(source)) for source in settings.train.resolved().values()]
    else:
        places.append((_model_of(settings.checkpoint), None))
    found = [
        (number, *state) for number, (place, read) in enumerate(places) if place for state in _state(Path(place), read)
    ]
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _state(path: Path, read: Sequence[Path] | None) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of the files that are read; None: of all there are, but for those of a fetch that goes on."""
    for file in sorted(set(_all(path) if read is None else read)):
        with contextlib.suppress(FileNotFoundError):
            if file.is_file():
                yield str(file.relative_to(path)), file.stat().st_size, file.stat().st_mtime_ns


def _all(path: Path) -> Iterator[Path]:
    for file in files_below(path) if path.is_dir() else [path]:
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if not hidden and not file.name.endswith((".part", ".part.of")):
            yield file


def _model_of(run: str | None) -> str | None:
    """The weights of a run, or of a saved model: a log and a lock beside them decide nothing."""
    if not run:
        return None
    return str(Path(run) / MODEL) if (Path(run) / MODEL).is_dir() else run
