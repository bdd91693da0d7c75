"""Turns texts into vectors: tokenizer, network, pooling, normalisation. Knows no languages, corpora or losses."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from typoglot.backbones import silent_transformers
from typoglot.batches import Tokens, by_length, pad, tokenise
from typoglot.config import Pooling, Precision
from typoglot.errors import CheckpointError
from typoglot.files import atomic
from typoglot.terminal import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

CARD = "typoglot.json"
FORMAT = 1  # of a saved model's folder
_TOKENS_CPU = 2048  # tokens in a batch: more spill the cache and gain nothing
_TOKENS_GPU = 65536


@dataclass(frozen=True)
class Recipe:
    """How vectors are made from hidden states, and texts from what is encoded."""

    pooling: Pooling
    normalise: bool
    query_prefix: str
    passage_prefix: str
    query_max_length: int  # tokens
    passage_max_length: int  # tokens


class Encoder(nn.Module):
    """A dual encoder: one network for queries and one for passages, the same if tied.

    Args:
        query_network: transformers encoder.
        passage_network: another one; None ties both sides.
        tokenizer: of both.
        recipe: pooling, normalisation, prefixes, lengths.
    """

    def __init__(self, query_network: Any, passage_network: Any | None, tokenizer: Any, recipe: Recipe) -> None:
        super().__init__()
        self.query_network = query_network
        self.passage_network = passage_network
        self.tokenizer = tokenizer
        self.recipe = recipe

    @property
    def tied(self) -> bool:
        """Whether queries and passages go through one network."""
        return self.passage_network is None

    def queries(self, tokens: Tokens) -> Tensor:
        """(B, T) tokens to (B, D) vectors, by the query network."""
        return self._pooled(self.query_network, tokens)

    def passages(self, tokens: Tokens) -> Tensor:
        """(N, T) tokens to (N, D) vectors, by the passage network."""
        return self._pooled(self.query_network if self.passage_network is None else self.passage_network, tokens)

    def _pooled(self, network: Any, tokens: Tokens) -> Tensor:
        hidden = network(**tokens).last_hidden_state  # (B, T, D)
        if self.recipe.pooling is Pooling.cls:
            vectors = hidden[:, 0]
        else:
            mask = tokens["attention_mask"].unsqueeze(-1).to(hidden.dtype)  # (B, T, 1)
            vectors = (hidden * mask).sum(1) / mask.sum(1)
        return F.normalize(vectors, dim=-1) if self.recipe.normalise else vectors

    def query_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of queries."""
        return tokenise(self.tokenizer, texts, prefix=self.recipe.query_prefix, max_length=self.recipe.query_max_length)

    def passage_ids(self, texts: Sequence[str], max_length: int | None = None) -> list[list[int]]:
        """Token ids of passages, cut at the recipe's length if at no other."""
        return tokenise(
            self.tokenizer,
            texts,
            prefix=self.recipe.passage_prefix,
            max_length=max_length or self.recipe.passage_max_length,
        )

    def pad(self, rows: Sequence[Sequence[int]]) -> Tokens:
        """Token ids to padded tensors on the encoder's device."""
        return {name: tensor.to(self.device) for name, tensor in pad(rows, self.tokenizer.pad_token_id).items()}

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    def encode_queries(
        self, texts: Sequence[str], *, precision: Precision, what: str = "Encoding queries"
    ) -> NDArray[np.float32]:
        """(B, D) vectors of queries. Equal texts get the same vector, bit for bit, since each is encoded once."""
        return self._encode(texts, self.query_ids, self.queries, precision, what)

    def encode_passages(
        self, texts: Sequence[str], *, precision: Precision, what: str | None = "Encoding passages",
        max_length: int | None = None,
    ) -> NDArray[np.float32]:  # fmt: skip
        """(N, D) vectors of passages. Equal texts get the same vector, bit for bit, since each is encoded once.

        Args:
            texts: N of them.
            precision: of the matrix products.
            what: heads the bar of progress; None shows none.
            max_length: tokens; None takes the recipe's.
        """
        return self._encode(texts, partial(self.passage_ids, max_length=max_length), self.passages, precision, what)

    @torch.inference_mode()
    def _encode(
        self, texts: Sequence[str], ids_of: Callable[[Sequence[str]], list[list[int]]],
        vectors_of: Callable[[Tokens], Tensor], precision: Precision, what: str | None,
    ) -> NDArray[np.float32]:  # fmt: skip
        distinct = list(dict.fromkeys(texts))
        rows = ids_of(distinct)
        vectors = np.empty((len(distinct), self.query_network.config.hidden_size), np.float32)
        training = self.training
        self.eval()
        max_tokens = _TOKENS_CPU if self.device.type == "cpu" else _TOKENS_GPU
        bar = progress(what, len(distinct), "texts") if what else nullcontext(lambda _: None)
        with bar as advance, autocast(self.device, precision):
            for positions in by_length([len(row) for row in rows], max_tokens):
                vectors[positions] = vectors_of(self.pad([rows[i] for i in positions])).float().cpu().numpy()
                advance(len(positions))
        self.train(training)
        place = {text: position for position, text in enumerate(distinct)}
        return vectors[[place[text] for text in texts]]

    def save(self, folder: Path) -> None:
        """Writes the encoder as a folder that transformers and typoglot load; it appears only when it is whole."""
        with atomic(folder) as temporary, silent_transformers():
            temporary.mkdir()
            for name, network in self._networks():
                network.save_pretrained(temporary / name if name else temporary)
            self.tokenizer.save_pretrained(temporary)
            recipe = {**asdict(self.recipe), "pooling": self.recipe.pooling.value}
            (temporary / CARD).write_text(json.dumps({"format": FORMAT, "tied": self.tied, "recipe": recipe}, indent=2))

    def _networks(self) -> Iterator[tuple[str, Any]]:
        yield "", self.query_network
        if self.passage_network is not None:
            yield "passage", self.passage_network


def card_of(folder: Path, name: str, reads: int) -> dict[str, Any]:
    """What a saved model says of itself, if it is of the format that is read.

    Raises:
        CheckpointError: it is of another format.
        OSError, ValueError, KeyError, TypeError: there is none, or it is damaged.
    """
    card: dict[str, Any] = json.loads((folder / name).read_text())
    if card["format"] != reads:
        raise CheckpointError(
            f"'{folder}' is of format {card['format']}, this typoglot reads format {reads}: "
            "train again, or use the version that wrote it."
        )
    return card


def read_card(folder: Path) -> tuple[bool, Recipe]:
    """Whether a saved model is tied, and its recipe.

    Raises:
        CheckpointError: the folder holds no such model, or one of another format.
    """
    try:
        card = card_of(folder, CARD, FORMAT)
        return bool(card["tied"]), Recipe(**{**card["recipe"], "pooling": Pooling(card["recipe"]["pooling"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"'{folder}' holds no trained model ({type(error).__name__}: {error}): "
            "give a run's folder, or its folder model/."
        ) from error


def autocast(device: torch.device, precision: Precision) -> torch.autocast:
    """Matrix products in bf16 where `use_bf16` says so."""
    return torch.autocast(device.type, torch.bfloat16, enabled=use_bf16(precision, device))


def use_bf16(precision: Precision, device: torch.device) -> bool:
    """Whether to compute in bf16: as asked, or where the processor multiplies in it.

    Elsewhere bf16 is emulated: on a processor with AVX2 alone it was measured 130 × slower than fp32.
    """
    if precision is not Precision.auto:
        return precision is Precision.bf16
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    features = torch.cpu.get_capabilities()
    return device.type == "cpu" and bool(features.get("avx512_bf16") or features.get("amx_bf16"))
