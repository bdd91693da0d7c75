"""Trains a dual encoder: the Lightning module and its callbacks. Knows losses and checkpoints; knows no sources."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import pytorch_lightning as pl
import torch
from transformers import get_linear_schedule_with_warmup

from typoglot.files import atomic
from typoglot.lines import parse_object, read_text
from typoglot.losses import contrastive
from typoglot.measures import score_run
from typoglot.results import parse_step
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
    from torch import Tensor

    from typoglot import config
    from typoglot.batches import TrainBatch
    from typoglot.encoder import Encoder
    from typoglot.measures import Measure
    from typoglot.ranker import Ranker
    from typoglot.records import Benchmark


class Retriever(pl.LightningModule):
    """Trains an encoder with in-batch negatives and hard negatives; over several devices, with those of all devices.

    Args:
        encoder: trained in place.
        optimizer: AdamW and its schedule.
        temperature: divides the scores.
        steps: optimizer steps of the whole training; the learning rate reaches 0 there.
    """

    def __init__(self, encoder: Encoder, optimizer: config.Optimizer, temperature: float, steps: int) -> None:
        super().__init__()
        self.encoder = encoder
        self._optimizer, self._temperature, self._steps = optimizer, temperature, steps

    def training_step(self, batch: TrainBatch) -> Tensor:
        """The loss of a batch, ()."""
        queries = self.encoder.queries(batch.queries)  # (B, D)
        passages = self.encoder.passages(batch.passages)  # (N, D)
        keys, owners = batch.passage_keys, batch.owners  # (N,) each
        positives = torch.arange(len(queries), device=queries.device)
        if self.trainer.world_size > 1:
            # With sync_grads the gradient equals that of one device with the whole batch; DPR's detached copies give
            # 1/W of it.
            positives += self.trainer.global_rank * len(passages)
            passages = torch.as_tensor(self.all_gather(passages, sync_grads=True)).flatten(0, 1)
            keys, owners = (torch.as_tensor(self.all_gather(marks)).flatten() for marks in (keys, owners))
        marks = {"positives": positives, "passage_keys": keys, "owners": owners}
        return contrastive(queries, passages, **marks, temperature=self._temperature)

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """AdamW with linear warm-up and decay."""
        return scheduled_adamw(self, self._optimizer, self._steps)


def scheduled_adamw(module: pl.LightningModule, settings: config.Optimizer, steps: int) -> OptimizerLRSchedulerConfig:
    """AdamW with linear warm-up and decay; biases and layer norms do not decay (Devlin et al. 2019)."""
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    groups = [
        {"params": [w for w in weights if w.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [w for w in weights if w.ndim <= 1], "weight_decay": 0.0},
    ]
    first, second = settings.betas
    adamw = torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(first, second), eps=settings.eps, fused=True)
    # Lightning refuses to clip gradients for a fused optimizer in mixed precision: in fp16 they are still scaled then.
    # In bf16, the only one here, nothing is.
    adamw._step_supports_amp_scaling = False
    schedule = get_linear_schedule_with_warmup(adamw, round(steps * settings.warmup_fraction), steps)
    return {"optimizer": adamw, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


class TrainLog(pl.Callback):
    """Writes a line for each optimizer step to train.jsonl, at once; a resumed run goes on where it was.

    Args:
        path: of train.jsonl.
        every: batches in one optimizer step.
        sink: is given the step and its values too.
    """

    def __init__(self, path: Path, every: int, sink: Callable[[int, dict[str, float]], None]) -> None:
        self.path, self.every, self.sink = path, every, sink
        self._losses: list[float] = []
        self._out: IO[str] | None = None

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keeps the lines up to the checkpoint: what was trained after it is trained again.

        Raises:
            DataError: a line before the last, which may be torn, is none of ours.
        """
        if not trainer.is_global_zero:
            return
        text = read_text(self.path) if self.path.exists() else ""
        whole = [(number, row) for number, row in enumerate(text.splitlines(), 1) if row.endswith("}")]
        rows = [parse_step(self.path, number, parse_object(row, self.path, number)) for number, row in whole]
        kept = [row for row in rows if row["step"] <= trainer.global_step]
        with atomic(self.path) as temporary:
            temporary.write_text("".join(json.dumps(row) + "\n" for row in kept))
        self._out = self.path.open("a")
        for row in kept:  # a tracker begins anew with each process: it is told what went before
            self.sink(row.pop("step"), row)

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Notes the learning rate of the step; at the end of the batch it is the next step's already."""
        self._learning_rate = float(trainer.optimizers[0].param_groups[0]["lr"])

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Averages the loss over an optimizer step and writes it."""
        self._losses.append(
            float(outputs["loss"].detach()) * self.every
        )  # Lightning divides by the number of batches in a step
        if len(self._losses) == self.every:
            row = {
                "loss": sum(self._losses) / self.every,
                "learning_rate": self._learning_rate,
            }
            self.write(trainer.global_step, row)
            self._losses.clear()

    def write(self, step: int, values: dict[str, float]) -> None:
        """Writes one line."""
        if self._out is None:
            return
        self._out.write(json.dumps({"step": step, **values}) + "\n")
        self._out.flush()
        self.sink(step, values)

    def close(self) -> None:
        """Closes the file, however training ended."""
        if self._out is not None:
            self._out.close()


class Progress(pl.Callback):
    """Shows how many batches of the training are done.

    Args:
        advance: counts the bar on.
    """

    def __init__(self, advance: Callable[[int], None]) -> None:
        self._advance = advance

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begins where the training is."""
        self._advance(trainer.datamodule.first)  # type: ignore[attr-defined]

    def on_train_batch_end(self, *_: Any) -> None:
        """Counts on."""
        self._advance(1)


class ResumePoints(pl.Callback):
    """Saves all that the next batch depends on, every so many batches, so that a killed run goes on bit for bit.

    A point is saved when a batch begins: all that follows the batch before (its step, its dev measure) is done then.

    Args:
        path: of the checkpoint; it is replaced in one step.
        every: batches between points, a multiple of the batches in an optimizer step.
    """

    def __init__(self, path: Path, every: int) -> None:
        self.path, self.every = path, every
        self._random: dict[str, Tensor] = {}

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: Any, batch: Any, batch_idx: int) -> None:
        """Puts the random state of the checkpoint back before its first batch, or saves a point."""
        if self._random:
            torch.set_rng_state(self._random.pop("cpu"))
            if "cuda" in self._random:
                torch.cuda.set_rng_state(self._random.pop("cuda"))
        elif batch_idx and batch_idx % self.every == 0:
            temporary = self.path.with_suffix(".tmp")
            trainer.save_checkpoint(temporary)
            if trainer.is_global_zero:
                temporary.replace(self.path)

    def state_dict(self) -> dict[str, Tensor]:
        """The random state that dropout draws from; Lightning's checkpoints leave it out."""
        state = {"cpu": torch.get_rng_state()}
        return state | ({"cuda": torch.cuda.get_rng_state()} if torch.cuda.is_available() else {})

    def load_state_dict(self, state_dict: dict[str, Tensor]) -> None:
        """Keeps it until training begins; what happens until then may draw random numbers."""
        self._random = dict(state_dict)


class Judge(NamedTuple):
    """What chooses the checkpoint.

    Attributes:
        name: of the value in train.jsonl, such as dev/mrr@10.
        score: measures the model as it is; None where there is nothing to measure it by.
        better: whether the first value is better than the second.
        save: writes the model to a folder.
    """

    name: str
    score: Callable[[], float] | None
    better: Callable[[float, float], bool]
    save: Callable[[Path], None]


class ChooseCheckpoint(pl.Callback):
    """Measures the model every so many batches and at the end, and keeps the best one.

    Args:
        judge: decides; among equals the earliest stays.
        every: batches between measurements.
        folder: of the best model.
        report: is given the step and the value.
    """

    def __init__(self, judge: Judge, every: int, folder: Path, report: Callable[[int, dict[str, float]], None]) -> None:
        self.judge, self.every, self.folder, self.report = judge, every, folder, report
        self.best: float | None = None
        self.best_step = 0

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Measures where it is due; where there is nothing to measure by, keeps the last model."""
        last = batch_idx + 1 == trainer.num_training_batches
        if trainer.is_global_zero and (last or (batch_idx + 1) % self.every == 0):
            if self.judge.score is not None:
                self._measure(trainer.global_step, self.judge.score())
            elif last:
                self.best_step = trainer.global_step
                self.judge.save(self.folder)
        trainer.strategy.barrier()

    def _measure(self, step: int, value: float) -> None:
        self.report(step, {self.judge.name: value})
        better = self.best is None or self.judge.better(value, self.best)
        say(f"step {step}: {self.judge.name} {value:.4f}{' (best so far)' if better else ''}")
        if better:
            self.best, self.best_step = value, step
            self.judge.save(self.folder)

    def state_dict(self) -> dict[str, Any]:
        """The best so far."""
        return {"best": self.best, "best_step": self.best_step}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on comparing with the best so far."""
        self.best, self.best_step = state_dict["best"], state_dict["best_step"]


def dev_score(ranker: Ranker, dev: Benchmark, measure: Measure) -> float:
    """The mean of the measure over the dev queries."""
    vectors = ranker.vectors([query.text for query in dev.queries])
    run = ranker.index(dev).search(vectors, [query.id for query in dev.queries], ranker.depth)
    return float(score_run(run, dev.qrels, [measure])[str(measure)].mean())
