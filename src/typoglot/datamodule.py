"""Training pairs to batches of tensors, in the order of a Schedule, perhaps misspelt. Knows tokens; knows no loss."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytorch_lightning as pl
import torch

from typoglot.batches import Pick, Schedule, TrainBatch, named_generator, pad
from typoglot.errors import DataError
from typoglot.terminal import progress
from typoglot.typos import TypoEngine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from typoglot.encoder import Encoder
    from typoglot.records import Pair, Passage


class TrainTypos(NamedTuple):
    """How training queries are misspelt: each epoch anew, each query by chance, with one slip.

    A query's typos are a function of (seed, epoch, text), as all else in the order of training is of names.
    Zhuang and Zuccon 2021 (EMNLP, "Dealing with Typos for BERT-based Passage Retrieval and Ranking") train so, with
    rate 0.5.
    """

    rate: float
    profile: str
    seed: int
    models: str | None = None

    def misspell(self, text: str, language: str, epoch: int) -> str:
        """The query as this epoch sees it."""
        plan = _engine(self.profile, self.seed, epoch, self.models).plan(text, language, text)
        return plan.at(self.rate, "one_per_query").text


@lru_cache(maxsize=2)
def _engine(profile: str, seed: int, epoch: int, models: str | None) -> TypoEngine:
    return TypoEngine(profile, seed, epoch, models)


class _Tokenised:
    """A source's pairs as token ids; each distinct passage is tokenised once."""

    def __init__(self, pairs: Sequence[Pair], encoder: Encoder, keys: dict[Passage, int]) -> None:
        self.pairs = pairs
        self.queries = encoder.query_ids([pair.query for pair in pairs])
        texts = {pair.query: number for number, pair in enumerate(pairs)}
        self.owners = [texts[pair.query] for pair in pairs]  # equal for pairs of one query
        self.positives = [keys[pair.passage] for pair in pairs]
        self.negatives = [[keys[passage] for passage in pair.negatives] for pair in pairs]


class ScheduledData(pl.LightningDataModule):
    """Serves the training batches from `first` on; its place in the order is part of every checkpoint.

    Args:
        schedule: which pairs each batch holds.
        batches: how many batches the whole training has.
    """

    def __init__(self, schedule: Schedule, batches: int) -> None:
        super().__init__()
        self.schedule, self.batches = schedule, batches
        self.first = 0

    def train_dataloader(self) -> _Batches:
        """The batches that are still to come; its length counts the past ones too, as Lightning's own counter does."""
        return _Batches(
            self,
            self.trainer.global_rank if self.trainer else 0,
            self.trainer.world_size if self.trainer else 1,
        )

    def state_dict(self) -> dict[str, int]:
        """How many batches are done."""
        if self.trainer is None:
            return {"batches": self.first}
        return {"batches": self.trainer.fit_loop.epoch_loop.batch_progress.current.completed}

    def load_state_dict(self, state_dict: dict[str, int]) -> None:
        """Goes on after the batches that a checkpoint has seen."""
        self.first = state_dict["batches"]

    def batch(self, pick: Pick, rank: int = 0, world_size: int = 1) -> Any:
        """The tensors of one device's share of a batch."""
        raise NotImplementedError


class PairDataModule(ScheduledData):
    """Serves queries with their passages.

    Args:
        pairs: training pairs by source.
        encoder: tokenises them, once, before training.
        schedule: which pairs each batch holds.
        batches: how many batches the whole training has.
        hard_negatives: per query.
        typos: how queries are misspelt; None: not at all.

    Raises:
        DataError: hard negatives are asked for and a pair has none.
    """

    def __init__(
        self,
        pairs: Mapping[str, Sequence[Pair]],
        encoder: Encoder,
        schedule: Schedule,
        batches: int,
        hard_negatives: int = 0,
        typos: TrainTypos | None = None,
    ) -> None:
        super().__init__(schedule, batches)
        self.hard_negatives, self.typos, self._encoder = hard_negatives, typos, encoder
        self._pad_id: int = encoder.tokenizer.pad_token_id
        passages = dict.fromkeys(
            passage for source in pairs.values() for pair in source for passage in (pair.passage, *pair.negatives)
        )
        keys = {passage: key for key, passage in enumerate(passages)}
        _require_negatives(pairs, hard_negatives)
        with progress("Tokenising training pairs", sum(map(len, pairs.values())), "pairs") as advance:
            self._passages = encoder.passage_ids([passage.content for passage in passages])
            self._sources = {}
            for name, source in pairs.items():
                self._sources[name] = _Tokenised(source, encoder, keys)
                advance(len(source))

    def batch(self, pick: Pick, rank: int = 0, world_size: int = 1) -> TrainBatch:
        """The tensors of one device's share of a batch."""
        source = self._sources[pick.source]
        share = pick.pairs[rank::world_size]
        positives = [source.positives[i] for i in share]
        rng = named_generator(self.schedule.seed, "negatives", pick.number, rank)
        negatives = [key for i in share for key in _choose(source.negatives[i], self.hard_negatives, rng)]
        keys = positives + negatives
        owners = [source.owners[i] for i in share] + [-1] * len(negatives)
        queries = pad(self._queries(source, share, pick.number), self._pad_id)
        return TrainBatch(
            queries, pad([self._passages[key] for key in keys], self._pad_id), torch.tensor(keys), torch.tensor(owners)
        )

    def _queries(self, source: _Tokenised, share: NDArray[np.int64], number: int) -> list[list[int]]:
        """The token ids of these pairs' queries, as the epoch of the batch sees them."""
        ids = [source.queries[i] for i in share]
        if self.typos is None:
            return ids
        epoch = number // self.schedule.batches_per_epoch()
        pairs = [source.pairs[i] for i in share]
        texts = [self.typos.misspell(pair.query, pair.language, epoch) for pair in pairs]
        changed = [place for place, pair in enumerate(pairs) if texts[place] != pair.query]
        for place, own in zip(changed, self._encoder.query_ids([texts[place] for place in changed]), strict=True):
            ids[place] = own
        return ids


class _Batches:
    """An iterable of one training's batches, for one device."""

    def __init__(self, data: ScheduledData, rank: int, world_size: int) -> None:
        self.data, self.rank, self.world_size = data, rank, world_size

    def __len__(self) -> int:
        return self.data.batches

    def __iter__(self) -> Iterator[Any]:
        for number in range(self.data.first, self.data.batches):
            yield self.data.batch(self.data.schedule.pick(number), self.rank, self.world_size)


def _choose(negatives: list[int], count: int, rng: np.random.Generator) -> list[int]:
    """So many of the negatives, with repetition only where there are too few (as Tevatron does)."""
    if count == 0:
        return []
    order = rng.permutation(len(negatives))
    return [negatives[order[i % len(negatives)]] for i in range(count)]


def _require_negatives(pairs: Mapping[str, Sequence[Pair]], hard_negatives: int) -> None:
    for name, source in pairs.items():
        without = sum(not pair.negatives for pair in source)
        if hard_negatives and without:
            what = f"{without} of {len(source)} pairs have no hard negative"
            raise DataError(
                f"train source '{name}'",
                None,
                what,
                "set objective.hard_negatives=0 or give pairs that bring some",
            )
