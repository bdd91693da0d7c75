"""Texts found for a question to "does its answer stand in their first N tokens". Knows no files and no passages' ids.

The measure of XOR-TyDi's retrieval task (Asai et al. 2021, §4), as its evaluation script computes it, and a strict one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from typoglot.measures.word_tokens import word_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from typoglot.records import Prediction, Query

LIMITS = (2000, 5000)
"""Tokens read of what is found: R@2kt and R@5kt."""


class Mode(Enum):
    """How an answer is looked for, and which questions count.

    - `official`: as XOR-TyDi's script. An answer is found where its letters stand in the tokens joined by spaces: "$50"
      never, since the text reads "$ 50"; "in" also within "again". A question without a prediction does not count.
    - `strict`: an answer is found where its own tokens stand in a row. A question without a prediction is a miss.
    """

    official = "official"
    strict = "strict"


class Scored(NamedTuple):
    """A question, whether an answer of it was found, and the number of tokens read."""

    query_id: str
    language: str
    hit: bool
    tokens: int


@dataclass(frozen=True, slots=True)
class AnswerRecall:
    """The questions that count, scored within one limit of tokens in one mode."""

    limit: int
    mode: Mode
    scored: tuple[Scored, ...]

    @property
    def name(self) -> str:
        """What the field calls it.

        >>> AnswerRecall(2000, Mode.strict, ()).name
        'R@2kt'
        """
        return f"R@{self.limit // 1000}kt" if self.limit % 1000 == 0 else f"R@{self.limit}t"

    @property
    def by_language(self) -> dict[str, NDArray[np.float64]]:
        """The (B,) hits of each language's questions, 1 or 0, languages in alphabetical order."""
        languages = sorted({one.language for one in self.scored})
        return {name: np.array([float(one.hit) for one in self.scored if one.language == name]) for name in languages}

    @property
    def value(self) -> float:
        """The unweighted mean of the languages' recall, from 0 to 1."""
        return float(np.mean([hits.mean() for hits in self.by_language.values()]))

    @property
    def short(self) -> int:
        """How many questions were missed with fewer tokens than the limit: too few passages were predicted."""
        return sum(not one.hit and one.tokens < self.limit for one in self.scored)


def recall_in_tokens(
    predictions: Iterable[Prediction], gold: Sequence[Query], limits: Sequence[int] = LIMITS
) -> list[AnswerRecall]:
    """Recall of answers within each limit: the official ones, in the order of `limits`, then the strict ones.

    A question whose answers are all "yes" or "no" counts in neither mode.

    Raises:
        KeyError: a prediction for a question that gold has not.
        ConfigError: the tokenizer's packages are missing.
    """
    queries = {query.id: query for query in gold if query.spans}
    others = {query.id for query in gold} - set(queries)
    rows: dict[tuple[Mode, int], list[Scored]] = {(mode, limit): [] for mode in Mode for limit in limits}
    unseen = dict(queries)
    for prediction in predictions:
        if prediction.query_id in others:
            continue
        query = queries[prediction.query_id]
        unseen.pop(query.id, None)
        tokens = _tokens(prediction.texts, max(limits))
        for (mode, limit), scored in rows.items():
            read = tokens[:limit]  # the last text is cut
            found = any(answer in framed(" ".join(read), mode) for answer in sought(query.spans, mode))
            scored.append(Scored(query.id, query.language, found, len(read)))
    for limit in limits:
        rows[Mode.strict, limit] += [Scored(query.id, query.language, False, 0) for query in unseen.values()]
    return [AnswerRecall(limit, mode, tuple(scored)) for (mode, limit), scored in rows.items()]


def sought(answers: Iterable[str], mode: Mode) -> list[str]:
    """The letters of which some must stand in a text that `framed` gives, so that an answer is found in it.

    Strictly these are an answer's tokens, whether or not the last one has a period: a lone "U.S." reads as the end of
    a sentence ("U.S", "."), and within one as a single token.

    >>> sought(["$50"], Mode.official), sought(["$50"], Mode.strict)
    (['$50'], [' $ 50 ', ' $ 50. '])
    """
    if mode is Mode.official:
        return list(answers)
    own = [_without_period(" ".join(word_tokens(answer))) for answer in answers]
    return [f" {answer}{end}" for answer in own for end in (" ", ". ")]


def framed(joined: str, mode: Mode) -> str:
    """Tokens joined by spaces, as answers are looked for in them: strictly each token has a space on both sides."""
    return joined if mode is Mode.official else f" {joined} "


def _tokens(texts: Iterable[str], enough: int) -> list[str]:
    """The tokens of the texts one after the other, up to the text with which they are enough."""
    tokens: list[str] = []
    for text in texts:
        tokens += word_tokens(text)
        if len(tokens) >= enough:
            break
    return tokens


def _without_period(answer: str) -> str:
    """The answer's tokens without the period at their end, where something is left.

    >>> _without_period("Apple Inc ."), _without_period("U.S."), _without_period(".")
    ('Apple Inc', 'U.S', '.')
    """
    return answer.removesuffix(".").removesuffix(" ") or answer
