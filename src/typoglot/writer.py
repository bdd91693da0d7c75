"""Trains a generator of questions: its Lightning module and its batches. Knows no sources and no checkpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytorch_lightning as pl

from typoglot.datamodule import ScheduledData
from typoglot.retriever import scheduled_adamw
from typoglot.terminal import progress
from typoglot.xqg.generator import Ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytorch_lightning.utilities.types import OptimizerLRSchedulerConfig
    from torch import Tensor

    from typoglot import config
    from typoglot.batches import Pick, Schedule
    from typoglot.records import Pair
    from typoglot.xqg.generator import Generator, QuestionBatch


class Writer(pl.LightningModule):
    """Trains a generator to write each pair's query for its passage.

    Args:
        generator: trained in place.
        optimizer: AdamW and its schedule.
        steps: optimizer steps of the whole training; the learning rate reaches 0 there.
    """

    def __init__(self, generator: Generator, optimizer: config.Optimizer, steps: int) -> None:
        super().__init__()
        self.generator = generator
        self._optimizer, self._steps = optimizer, steps

    def training_step(self, batch: QuestionBatch) -> Tensor:
        """The loss of a batch, ()."""
        return self.generator.loss(batch)

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """AdamW with linear warm-up and decay."""
        return scheduled_adamw(self, self._optimizer, self._steps)


class QuestionData(ScheduledData):
    """Serves passages with the question to write for each.

    Args:
        pairs: training pairs by source.
        generator: tokenises them, once, before training.
        schedule: which pairs each batch holds.
        batches: how many batches the whole training has.
    """

    def __init__(
        self, pairs: Mapping[str, Sequence[Pair]], generator: Generator, schedule: Schedule, batches: int
    ) -> None:
        super().__init__(schedule, batches)
        self._generator = generator
        self._prompts: dict[str, list[list[int]]] = {}
        self._questions: dict[str, list[list[int]]] = {}
        with progress("Tokenising training pairs", sum(map(len, pairs.values())), "pairs") as advance:
            for name, source in pairs.items():
                asks = [Ask(pair.passage, pair.language) for pair in source]
                self._prompts[name] = generator.prompt_ids(asks, generator.recipe.passage_max_length)
                self._questions[name] = generator.question_ids([pair.query for pair in source])
                advance(len(source))

    def batch(self, pick: Pick, rank: int = 0, world_size: int = 1) -> QuestionBatch:
        """The tensors of one device's share of a batch."""
        share = pick.pairs[rank::world_size]
        prompts, questions = self._prompts[pick.source], self._questions[pick.source]
        return self._generator.batch([prompts[i] for i in share], [questions[i] for i in share])
