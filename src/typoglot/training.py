"""Fits an encoder or a generator to pairs with Lightning, from the last resume point on; the best is left on disk."""

from __future__ import annotations

import contextlib
import logging
import operator
import signal
import threading
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.exceptions import SIGTERMException

from typoglot.batches import Schedule, named_generator
from typoglot.config import Accelerator
from typoglot.datamodule import PairDataModule, TrainTypos
from typoglot.encoder import use_bf16
from typoglot.errors import DataError
from typoglot.files import make_folder
from typoglot.measures import Measure
from typoglot.ranker import Ranker
from typoglot.records import Benchmark, Pair, Query
from typoglot.results import MODEL
from typoglot.retriever import ChooseCheckpoint, Judge, Progress, ResumePoints, Retriever, TrainLog, dev_score
from typoglot.terminal import progress, say
from typoglot.writer import QuestionData, Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from typoglot import config
    from typoglot.config import TrainSettings
    from typoglot.datamodule import ScheduledData
    from typoglot.encoder import Encoder
    from typoglot.records import Qrels
    from typoglot.xqg.generator import Generator


def fit(
    settings: TrainSettings,
    encoder: Encoder,
    pairs: Mapping[str, Sequence[Pair]],
    dev: Benchmark,
    folder: Path,
    sink: Callable[[int, dict[str, float]], None],
) -> dict[str, float]:
    """Trains the encoder, from the last resume point if there is one, and leaves the best one in folder/model.

    Args:
        settings: of the whole run.
        encoder: trained in place.
        pairs: to train on, by source.
        dev: chooses the checkpoint; without queries the last one is kept.
        folder: of the run.
        sink: is given every step's values.

    Returns:
        The number of optimizer steps, the best step and its dev measure (0 where there are no dev queries).

    Raises:
        KeyboardInterrupt: training was interrupted; the same command goes on from the last resume point.
    """
    pl.seed_everything(settings.seed, verbose=False)
    schedule, steps = _plan(settings, pairs)
    batches = steps * settings.trainer.accumulate
    typos = None
    if settings.train.typo_rate:
        typos = TrainTypos(settings.train.typo_rate, settings.typos.profile.value, settings.seed, settings.typos.models)
    data = PairDataModule(pairs, encoder, schedule, batches, settings.objective.hard_negatives, typos)
    encoder.train()  # from_pretrained returns networks with dropout switched off
    retriever = Retriever(encoder, settings.optimizer, settings.objective.temperature, steps)
    ranker = Ranker(encoder, settings.trainer.precision, settings.index.depth, settings.index.block_size)
    measure = Measure.parse(settings.trainer.checkpoint_measure)
    score = (lambda: dev_score(ranker, dev, measure)) if dev.queries else None
    judge = Judge(f"dev/{measure}", score, operator.gt, encoder.save)
    return _train(settings, retriever, data, judge, folder, sink)


def fit_generator(
    settings: TrainSettings,
    generator: Generator,
    pairs: Mapping[str, Sequence[Pair]],
    dev: Benchmark,
    folder: Path,
    sink: Callable[[int, dict[str, float]], None],
) -> dict[str, float]:
    """Trains the generator as `fit` trains an encoder; the dev measure is the dev questions' loss, the lowest is best.

    Raises:
        KeyboardInterrupt: training was interrupted; the same command goes on from the last resume point.
    """
    pl.seed_everything(settings.seed, verbose=False)
    schedule, steps = _plan(settings, pairs)
    data = QuestionData(pairs, generator, schedule, steps * settings.trainer.accumulate)
    generator.train()  # as above
    held = dev_pairs(dev)
    score = (lambda: generator.mean_loss(held, settings.trainer.precision)) if held else None
    judge = Judge("dev/loss", score, operator.lt, generator.save)
    return _train(settings, Writer(generator, settings.optimizer, steps), data, judge, folder, sink)


def dev_pairs(dev: Benchmark) -> list[Pair]:
    """Each dev query with each passage that answers it."""
    passages = {passage.id: passage for passage in dev.corpus}
    return [
        Pair(query.text, query.language, passages[identifier])
        for query in dev.queries
        for identifier in dev.qrels[query.id]
    ]


def _plan(settings: TrainSettings, pairs: Mapping[str, Sequence[Pair]]) -> tuple[Schedule, int]:
    """Which pairs each batch holds, and the number of optimizer steps."""
    own = settings.trainer
    weights = {name: source.weight for name, source in settings.train.sources.items()}
    schedule = Schedule(
        {name: len(found) for name, found in pairs.items()},
        weights,
        own.batch_size * own.devices,
        settings.seed,
        own.devices,
    )
    return schedule, optimizer_steps(schedule.batches_per_epoch(), own)


def _train(
    settings: TrainSettings,
    module: Retriever | Writer,
    data: ScheduledData,
    judge: Judge,
    folder: Path,
    sink: Callable[[int, dict[str, float]], None],
) -> dict[str, float]:
    """Trains with all of the house's habits; returns what `fit` returns."""
    own = settings.trainer
    steps = data.batches // own.accumulate
    log = TrainLog(folder / "train.jsonl", own.accumulate, sink)
    last = make_folder(folder / "checkpoints") / "last.ckpt"
    every = own.measure_every * own.accumulate if own.measure_every else data.schedule.batches_per_epoch()
    chooser = ChooseCheckpoint(judge, every, folder / MODEL, log.write)
    callbacks = [log, chooser, ResumePoints(last, own.checkpoint_every * own.accumulate)]
    if last.exists():
        say(f"Going on from {last}")
    with contextlib.closing(log), progress("Training", data.batches, "batches") as advance:
        trainer = _lightning_trainer(settings, [*callbacks, Progress(advance)], steps, folder)
        _fit(trainer, module, data, last)
    return {"steps": steps, "best_step": chooser.best_step, "dev": chooser.best or 0.0}


def _fit(trainer: pl.Trainer, module: Retriever | Writer, data: ScheduledData, last: Path) -> None:
    """Runs Lightning, and puts back what it changes for the whole process."""
    deterministic = torch.are_deterministic_algorithms_enabled()
    on_interrupt = signal.getsignal(signal.SIGINT)
    try:
        trainer.fit(module, data, ckpt_path=str(last) if last.exists() else None, weights_only=True)
    except SIGTERMException:
        raise SystemExit(128 + signal.SIGTERM) from None  # Lightning's own would be taken for success
    except SystemExit:
        if trainer.interrupted:  # Lightning turns Ctrl-C into an exit of its own
            raise KeyboardInterrupt from None
        raise
    finally:
        torch.use_deterministic_algorithms(deterministic)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, on_interrupt)


def optimizer_steps(batches_per_epoch: int, settings: config.Trainer) -> int:
    """The steps of all epochs (batches that do not fill a last step are left out), cut at max_steps."""
    steps = max(1, batches_per_epoch * settings.epochs // settings.accumulate)
    return min(steps, settings.max_steps or steps)


def split_dev(
    pairs: Mapping[str, Sequence[Pair]], fraction: float, seed: int
) -> tuple[dict[str, list[Pair]], Benchmark]:
    """Parts the pairs by passage: a fraction of the passages, with all their questions, chooses the checkpoint.

    A question that has several passages is held out with any of them. The corpus of the dev benchmark is every passage
    of the pairs, so that the choice is not among a handful.

    Raises:
        DataError: a source is left with fewer than two pairs to train on.
    """
    train: dict[str, list[Pair]] = {}
    queries: list[Query] = []
    qrels: Qrels = {}
    for name, found in pairs.items():
        passages = list(dict.fromkeys(pair.passage.id for pair in found))
        order = named_generator(seed, "dev", name).permutation(len(passages))
        held = {passages[i] for i in order[: round(len(passages) * fraction)]}
        answers: Qrels = {}
        for pair in found:
            answers.setdefault(pair.query, {})[f"{name}:{pair.passage.id}"] = 1
        asked = {pair.query: pair.language for pair in found if pair.passage.id in held}
        train[name] = [pair for pair in found if pair.passage.id not in held and pair.query not in asked]
        if len(train[name]) < 2:
            what = f"{len(train[name])} pairs to train on"
            expected = "at least 2 are needed; raise limit or lower train.dev_fraction"
            raise DataError(f"train source '{name}'", None, what, expected)
        for number, (text, language) in enumerate(asked.items()):
            queries.append(Query(f"{name}:{number}", language, text, next(iter(answers[text]))))
            qrels[queries[-1].id] = answers[text]
    named = {f"{name}:{pair.passage.id}": pair.passage for name, found in pairs.items() for pair in found}
    corpus = tuple(replace(passage, id=identifier) for identifier, passage in named.items())
    return train, Benchmark("dev", tuple(queries), corpus, qrels)


def _lightning_trainer(settings: TrainSettings, callbacks: list[pl.Callback], steps: int, folder: Path) -> pl.Trainer:
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    # The whole training is one pass over its schedule, and PairDataModule goes on with the right batch: Lightning
    # cannot see that.
    warnings.filterwarnings("ignore", message=".*your dataloader is not resumable.*")
    # Lightning 2.6 uses a name that torch 2.13 is about to rename.
    warnings.filterwarnings("ignore", message=".*treespec, LeafSpec.*")
    own = settings.trainer
    # deterministic=… would also fill every new tensor with NaN, which costs time and changes nothing here.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    gpu = own.accelerator is not Accelerator.cpu and torch.cuda.is_available()
    return pl.Trainer(
        accelerator=own.accelerator.value,
        devices=own.devices,
        max_steps=steps,
        max_epochs=1,
        accumulate_grad_batches=own.accumulate,
        gradient_clip_val=own.clip_norm,
        precision="bf16-mixed" if use_bf16(own.precision, torch.device("cuda" if gpu else "cpu")) else "32-true",
        callbacks=callbacks,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        deterministic="warn",
        default_root_dir=folder,
    )
