"""Writes questions for passages: prompt, encoder-decoder, sampling. Knows no files of passages and no training loop.

What is sampled for a passage depends on the seed, the passage's id, the language and the question's number alone: not
on the order of passages, nor on what else is in the batch, except for the rounding of sums of other lengths.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import nn
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList
from transformers.modeling_outputs import BaseModelOutput

from typoglot import config
from typoglot.backbones import load_seq2seq, load_tokenizer, silent_transformers
from typoglot.batches import Tokens, by_length, pad, tokenise
from typoglot.encoder import autocast, card_of
from typoglot.errors import CheckpointError
from typoglot.files import atomic
from typoglot.languages import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from typoglot.config import Decoding, Precision
    from typoglot.records import Pair, Passage

CARD = "generator.json"
FORMAT = 1  # of a saved generator's folder
IGNORED = -100  # label of padding, which torch's cross-entropy leaves out
_TOKENS_CPU = 2048  # prompt tokens in a batch
_TOKENS_GPU = 16384  # each prompt's keys and values are kept once for each of its questions
_TRIES = 8  # to draw a question that is not empty


class Ask(NamedTuple):
    """What questions are written for, and in which language."""

    passage: Passage
    language: str


@dataclass
class QuestionBatch:
    """B prompts and the questions to write: labels (B, T), `IGNORED` where a question has ended."""

    prompts: Tokens
    labels: Tensor

    def to(self, device: torch.device) -> QuestionBatch:
        """The batch on that device."""
        return QuestionBatch({name: t.to(device) for name, t in self.prompts.items()}, self.labels.to(device))


class Generator(nn.Module):
    """An encoder-decoder that writes a question in a language for a passage.

    Args:
        network: transformers encoder-decoder.
        tokenizer: of both sides; it ends each text with the end token.
        recipe: prompt and lengths of training.
        languages: those that it is trained in.
    """

    def __init__(self, network: Any, tokenizer: Any, recipe: config.Generator, languages: Sequence[str] = ()) -> None:
        super().__init__()
        self.network, self.tokenizer, self.recipe = network, tokenizer, recipe
        self.languages = tuple(languages)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    def prompt(self, ask: Ask) -> str:
        """What the encoder reads; a passage without a title leaves no gap."""
        passage, language = ask.passage, Language(ask.language).english_name
        filled = self.recipe.prompt.format(language=language, title=passage.title, passage=passage.text)
        return " ".join(filled.split())

    def prompt_ids(self, asks: Sequence[Ask], max_length: int) -> list[list[int]]:
        """Token ids of the prompts; a long passage is cut at its end."""
        return tokenise(self.tokenizer, [self.prompt(ask) for ask in asks], prefix="", max_length=max_length)

    def question_ids(self, questions: Sequence[str]) -> list[list[int]]:
        """Token ids of questions, the end token among them."""
        return tokenise(self.tokenizer, questions, prefix="", max_length=self.recipe.question_max_length)

    def batch(self, prompts: Sequence[Sequence[int]], questions: Sequence[Sequence[int]]) -> QuestionBatch:
        """Token ids of B prompts and their questions as padded tensors."""
        answer = pad(questions, self.tokenizer.pad_token_id)
        labels = answer["input_ids"].masked_fill(answer["attention_mask"] == 0, IGNORED)
        return QuestionBatch(pad(prompts, self.tokenizer.pad_token_id), labels)

    def loss(self, batch: QuestionBatch) -> Tensor:
        """The mean cross-entropy of the questions' tokens in nats, ()."""
        loss: Tensor = self.network(**batch.prompts, labels=batch.labels).loss
        return loss

    @torch.inference_mode()
    def mean_loss(self, pairs: Sequence[Pair], precision: Precision) -> float:
        """The mean cross-entropy of the tokens of all questions in nats; lengths as in training."""
        prompts = self.prompt_ids([Ask(pair.passage, pair.language) for pair in pairs], self.recipe.passage_max_length)
        questions = self.question_ids([pair.query for pair in pairs])
        total = 0.0
        for positions in self._batches(prompts):
            batch = self.batch([prompts[i] for i in positions], [questions[i] for i in positions])
            with _evaluating(self), autocast(self.device, precision):
                total += float(self.loss(batch.to(self.device))) * sum(len(questions[i]) for i in positions)
        return total / sum(map(len, questions))

    @torch.inference_mode()
    def sample(
        self, asks: Sequence[Ask], decoding: Decoding, precision: Precision,
        advance: Callable[[int], None] = lambda _: None,
    ) -> list[tuple[str, ...]]:  # fmt: skip
        """`per_language` questions for each passage and language, drawn from the `top_k` likeliest tokens at each step.

        The first n of them do not depend on how many are drawn. With top_k=1 it is the likeliest question each time.
        A question without a visible character is drawn again, up to seven times; then it stays empty.
        """
        prompts = self.prompt_ids(asks, decoding.passage_max_length)
        written: list[tuple[str, ...]] = [()] * len(asks)
        for positions in self._batches(prompts):
            with _evaluating(self), autocast(self.device, precision):
                texts = self._questions([asks[i] for i in positions], [prompts[i] for i in positions], decoding)
            for i, questions in zip(positions, texts, strict=True):
                written[i] = tuple(questions)
            advance(len(positions))
        return written

    def _questions(
        self, asks: Sequence[Ask], prompts: Sequence[Sequence[int]], decoding: Decoding
    ) -> list[list[str]]:  # fmt: skip
        numbers = range(decoding.per_language)
        texts = self._write(prompts, [[row_seed(decoding.seed, ask, n) for n in numbers] for ask in asks], decoding)
        for attempt in range(1, _TRIES if decoding.top_k > 1 else 1):  # with one token to draw from, it stays the same
            empty = [(i, n) for i, own in enumerate(texts) for n in numbers if not own[n]]
            for some in (empty[start : start + len(prompts)] for start in range(0, len(empty), len(prompts))):
                seeds = [[row_seed(decoding.seed, asks[i], n, attempt)] for i, n in some]
                again = self._write([prompts[i] for i, _ in some], seeds, decoding)
                for (i, n), (text,) in zip(some, again, strict=True):
                    texts[i][n] = text
        return texts

    def _write(
        self, prompts: Sequence[Sequence[int]], seeds: Sequence[Sequence[int]], decoding: Decoding
    ) -> list[list[str]]:
        """One question for each seed of a prompt; all prompts have as many."""
        count = len(seeds[0])
        tokens = {name: t.to(self.device) for name, t in pad(prompts, self.tokenizer.pad_token_id).items()}
        # Each prompt is read once, and answered so many times.
        hidden = self.network.get_encoder()(**tokens).last_hidden_state.repeat_interleave(count, dim=0)  # (B·n, T, D)
        end = self.tokenizer.eos_token_id
        flat = [seed for own in seeds for seed in own]
        rows = self.network.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=hidden),
            attention_mask=tokens["attention_mask"].repeat_interleave(count, dim=0),
            generation_config=GenerationConfig(
                max_length=decoding.question_max_length,
                eos_token_id=end,
                pad_token_id=self.tokenizer.pad_token_id,
                decoder_start_token_id=self.network.config.decoder_start_token_id,
            ),
            logits_processor=LogitsProcessorList([NamedSampling(flat, decoding.top_k, decoding.temperature, end)]),
        )
        texts = [" ".join(text.split()) for text in self.tokenizer.batch_decode(rows, skip_special_tokens=True)]
        return [texts[start : start + count] for start in range(0, len(texts), count)]

    def _batches(self, rows: Sequence[Sequence[int]]) -> list[list[int]]:
        limit = _TOKENS_CPU if self.device.type == "cpu" else _TOKENS_GPU
        return list(by_length([len(row) for row in rows], limit))

    def save(self, folder: Path) -> None:
        """Writes the generator as a folder that transformers and typoglot load; it appears only when it is whole."""
        with atomic(folder) as temporary, silent_transformers():
            temporary.mkdir()
            self.network.save_pretrained(temporary)
            self.tokenizer.save_pretrained(temporary)
            card = {"format": FORMAT, "recipe": asdict(self.recipe), "languages": self.languages}
            (temporary / CARD).write_text(json.dumps(card, indent=2))


def load_generator(folder: Path) -> Generator:
    """A generator that training has saved.

    Raises:
        CheckpointError: the folder holds none, or one of another format.
    """
    try:
        card = card_of(folder, CARD, FORMAT)
        recipe, languages = config.Generator(**card["recipe"]), card["languages"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(
            f"'{folder}' holds no generator ({type(error).__name__}: {error}): "
            "give the folder of a run with task=generator, or its folder model/."
        ) from error
    return Generator(load_seq2seq(str(folder)), load_tokenizer(str(folder)), recipe, languages)


class NamedSampling(LogitsProcessor):  # type: ignore[misc]  # transformers has no types
    """Leaves one token of each row, drawn from the softmax of its `top_k` likeliest ones.

    The draw is the Gumbel-max trick (Gumbel 1954): the argmax of logit + noise. The noise is a function of the row's
    seed, the step and the token, so that no row depends on another one.

    Args:
        seeds: of the rows.
        top_k: likeliest tokens to draw from.
        temperature: divides the logits.
        end: token that a question cannot begin with; an empty one is no question.
    """

    def __init__(self, seeds: Sequence[int], top_k: int, temperature: float, end: int) -> None:
        self._seeds = np.array(seeds, np.uint64)[:, None]  # (R, 1)
        self._top_k, self._temperature, self._end = top_k, temperature, end

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """(R, V) logits after (R, T) tokens to (R, V) scores, all but one a row -inf."""
        step = input_ids.shape[1]
        if step == 1:  # the decoder's start is there alone
            scores = scores.index_fill(1, torch.tensor([self._end], device=scores.device), -torch.inf)
        logits, tokens = scores.float().topk(min(self._top_k, scores.shape[1]))  # (R, k) each
        noise = gumbel(self._seeds, step, tokens.cpu().numpy())
        best = (logits.cpu().double().numpy() / self._temperature + noise).argmax(1)
        chosen = tokens.gather(1, torch.from_numpy(best)[:, None].to(tokens.device))  # (R, 1)
        return torch.full_like(scores, -torch.inf).scatter(1, chosen, 0.0)


@contextlib.contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    """Switches dropout off, and back to what it was."""
    training = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(training)


def row_seed(seed: int, ask: Ask, number: int, attempt: int = 0) -> int:
    """Sixty-four bits that name a question before it is written, at the first attempt or a later one."""
    later = [attempt] if attempt else []
    name = json.dumps([seed, ask.passage.id, ask.language, number, *later])
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def gumbel(seeds: NDArray[np.uint64], step: int, tokens: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard Gumbel noise for each seed (R, 1), step and token (R, k): (R, k)."""
    here = _mix(seeds + np.uint64(step * _WEYL % 2**64))
    bits = _mix(here + (tokens.astype(np.uint64) + np.uint64(1)) * np.uint64(_WEYL))
    uniform = ((bits >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52  # in (0, 1), both ends excluded
    noise: NDArray[np.float64] = -np.log(-np.log(uniform))
    return noise


_WEYL = 0x9E3779B97F4A7C15  # the golden ratio's bits: multiples of it lie far apart


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's output function (Steele, Lea and Flood 2014): every bit depends on every bit."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
