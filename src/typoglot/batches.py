"""Texts to padded token batches, and training pairs to the order in which they are trained on. Knows no network.

The order is a function of (seed, batch number) alone, so a run that was killed goes on with the very next batch.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

Tokens = dict[str, "Tensor"]
"""What a network takes: `input_ids` and `attention_mask`, each (B, T)."""


def tokenise(tokenizer: Any, texts: Sequence[str], *, prefix: str, max_length: int) -> list[list[int]]:
    """The token ids of each text, in NFC and after the prefix, cut at `max_length` tokens, special ones among them."""
    if not texts:
        return []
    prepared = [prefix + unicodedata.normalize("NFC", text) for text in texts]
    encoded = tokenizer(prepared, truncation=True, max_length=max_length, return_attention_mask=False, verbose=False)
    ids: list[list[int]] = encoded["input_ids"]
    return ids


def pad(rows: Sequence[Sequence[int]], pad_id: int) -> Tokens:
    """Pads to the longest row: ids and mask, each (B, T).

    >>> pad([[5, 6], [7]], pad_id=0)["input_ids"].tolist()
    [[5, 6], [7, 0]]
    """
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), pad_id, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = torch.tensor(row, dtype=torch.long)
        mask[index, : len(row)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def by_length(lengths: Sequence[int], max_tokens: int) -> Iterator[list[int]]:
    """Groups positions of like length, longest first, so that a padded batch has at most `max_tokens` tokens.

    The longest come first: if memory is short, it is short at once. A text longer than `max_tokens` is a batch alone.
    """
    order = sorted(range(len(lengths)), key=lambda position: (-lengths[position], position))
    start = 0
    while start < len(order):
        size = max(1, max_tokens // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size


@dataclass
class TrainBatch:
    """B queries and their N passages: first each query's own, then the hard negatives.

    Equal keys are one passage; equal owners answer one query (-1 marks a hard negative).
    """

    queries: Tokens
    passages: Tokens
    passage_keys: Tensor  # (N,)
    owners: Tensor  # (N,)

    def to(self, device: torch.device) -> TrainBatch:
        """The batch on that device."""
        queries, passages = ({name: t.to(device) for name, t in side.items()} for side in (self.queries, self.passages))
        return TrainBatch(queries, passages, self.passage_keys.to(device), self.owners.to(device))


class Pick(NamedTuple):
    """Where a batch comes from: pairs of one source, and the number that seeds its hard negatives."""

    source: str
    pairs: NDArray[np.int64]
    number: int


@dataclass(frozen=True)
class Schedule:
    """Which pairs each training batch holds.

    Attributes:
        sizes: number of pairs of each source.
        weights: how often an epoch draws each pair of a source, on average.
        batch_size: pairs in a batch, over all devices.
        seed: with the batch number, decides everything.
        devices: share a batch equally.

    A batch comes from one source, so that its negatives are of one kind. Its pairs are drawn in rounds, each round a
    new permutation: no pair is drawn twice in a round, and what does not fill a last batch waits for a later one.
    """

    sizes: Mapping[str, int]
    weights: Mapping[str, float]
    batch_size: int
    seed: int
    devices: int = 1

    def __post_init__(self) -> None:
        for source, size in self.sizes.items():
            if size < self.devices:
                raise ValueError(f"source '{source}' has {size} pairs for {self.devices} devices: each needs one.")

    def batches_per_epoch(self) -> int:
        """The number of batches in each epoch."""
        return sum(self._batches(source) for source in self.sizes)

    def pick(self, number: int) -> Pick:
        """The batch with this number, counted from 0 over all epochs."""
        epoch, place = divmod(number, self.batches_per_epoch())
        owners = np.repeat(np.arange(len(self.sizes)), [self._batches(source) for source in self.sizes])
        order = owners[
            _permutation(len(owners), self.seed, "epoch", epoch)
        ]  # which source each batch of the epoch is of
        source = list(self.sizes)[order[place]]
        before = epoch * self._batches(source) + int(
            (order[:place] == order[place]).sum()
        )  # the source's earlier batches
        size = self._size(source)
        turn, nth = divmod(before, self.sizes[source] // size)
        return Pick(
            source, _permutation(self.sizes[source], self.seed, source, turn)[nth * size : (nth + 1) * size], number
        )

    def _size(self, source: str) -> int:
        return min(self.batch_size, self.sizes[source]) // self.devices * self.devices

    def _batches(self, source: str) -> int:
        return max(
            1, int(self.sizes[source] * self.weights[source] / self._size(source) + 1e-9)
        )  # 0.29 * 100 is 28.99…


_permutations: dict[tuple[object, ...], NDArray[np.int64]] = {}


def _permutation(size: int, *name: object) -> NDArray[np.int64]:
    """A random order of range(size), seeded by name; the last few are kept, since batches ask for them in turn."""
    key = (size, *name)
    if key not in _permutations:
        if len(_permutations) >= 64:
            _permutations.pop(next(iter(_permutations)))
        _permutations[key] = named_generator(*name).permutation(size)
    return _permutations[key]


def named_generator(*name: object) -> np.random.Generator:
    """A generator seeded by a name, not by the order of calls."""
    digest = hashlib.blake2b("|".join(map(str, name)).encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest, "little"))
