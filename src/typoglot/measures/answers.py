"""Rankings of positions to "is an answer in what was found", all queries at once. Reads texts by position; no files.

What `Judgements` is for judged passages, this is where nobody judged any: a passage is right where it holds an answer.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from typoglot.measures.answer_recall import Mode, framed, sought
from typoglot.measures.dpr_tokens import dpr_tokens
from typoglot.measures.word_tokens import word_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from typoglot.measures.ranking import Measure

STRICT = "R-strict"  # the kind of R@2kt-strict
_KEPT = 1 << 28  # characters that are kept for each kind of tokens; ours: some 400,000 passages of 100 words


class KeptTexts:
    """Texts by position as they are searched; each is made once, as long as the memory holds it.

    Args:
        texts: by position; read only when they are asked for.
        make: a text to what is searched: its tokens, joined by spaces.
        kept: characters that are kept; beyond it the texts that were used longest ago are forgotten.
    """

    def __init__(self, texts: Sequence[str], make: Callable[[str], str], kept: int = _KEPT) -> None:
        self._texts, self._make, self._kept = texts, make, kept
        self._made: OrderedDict[int, str] = OrderedDict()
        self._size = 0

    def __getitem__(self, position: int) -> str:
        found = self._made.get(position)
        if found is not None:
            self._made.move_to_end(position)
            return found
        made = self._made[position] = self._make(self._texts[position])
        self._size += len(made)
        while self._size > self._kept and len(self._made) > 1:
            self._size -= len(self._made.popitem(last=False)[1])
        return made


class AnswerJudgements:
    """Which texts of a corpus hold an answer to which query.

    `short` counts, by measure, the rankings scored so far that missed with fewer tokens than the limit.

    Args:
        answers: (B) the answers of each query.
        texts: (N) of passages, by position: a sequence that may lie on disk.

    Raises:
        ValueError: a query has no answer, or an empty one: it would be found nowhere, or everywhere.
    """

    def __init__(self, answers: Sequence[Sequence[str]], texts: Sequence[str]) -> None:
        if not all(own and all(answer.strip() for answer in own) for own in answers):
            raise ValueError("a query has no answer, or an empty one: leave it out.")
        self._answers = [tuple(own) for own in answers]
        self._words = KeptTexts(texts, lambda text: " ".join(word_tokens(text)))
        self._plain = KeptTexts(texts, framed_tokens)
        self.short: Counter[str] = Counter()

    def score(self, positions: NDArray[np.int64], measures: Sequence[Measure]) -> dict[str, NDArray[np.float64]]:
        """The (B,) scores, 1 or 0, of (B, K) ranked positions under each measure.

        Raises:
            ValueError: a measure reads judgements.
            ConfigError: a measure counts tokens, and the tokenizer's packages are missing.
        """
        wrong = [str(measure) for measure in measures if not measure.by_answers]
        if wrong:
            raise ValueError(f"{', '.join(wrong)}: nobody judged these passages; write R@2kt or answer_recall@20.")
        rows = positions.tolist()
        cutoff = max((measure.cutoff for measure in measures if not measure.in_tokens), default=0)
        ranks = self._first_ranks(rows, cutoff) if cutoff else np.empty(0)
        found = {str(one): np.where(ranks <= one.cutoff, 1.0, 0.0) for one in measures if not one.in_tokens}
        for limit in {measure.cutoff for measure in measures if measure.in_tokens}:
            found |= self._within(rows, limit, [one for one in measures if one.in_tokens and one.cutoff == limit])
        return {str(measure): found[str(measure)] for measure in measures}

    def _first_ranks(self, rows: Sequence[Sequence[int]], cutoff: int) -> NDArray[np.float64]:
        """(B,) the first rank at which a passage holds an answer; inf where none of the first `cutoff` does."""
        wanted = {own: token_rows(own) for own in set(self._answers)}
        found = np.full(len(rows), np.inf)
        for i, (row, answers) in enumerate(zip(rows, self._answers, strict=True)):
            own = wanted[answers]
            for rank, position in enumerate(row[:cutoff], 1):
                text = self._plain[position]
                if any(answer in text for answer in own):
                    found[i] = rank
                    break
        return found

    def _within(
        self, rows: Sequence[Sequence[int]], limit: int, measures: Sequence[Measure]
    ) -> dict[str, NDArray[np.float64]]:
        """The (B,) hits within one limit of tokens, under the measures that have it."""
        modes = {str(measure): Mode.strict if measure.kind == STRICT else Mode.official for measure in measures}
        wanted = {(own, mode): sought(own, mode) for own in set(self._answers) for mode in modes.values()}
        found = {name: np.zeros(len(rows)) for name in modes}
        for i, (row, answers) in enumerate(zip(rows, self._answers, strict=True)):
            joined, tokens = first_tokens(map(self._words.__getitem__, row), limit)
            for name, mode in modes.items():
                text = framed(joined, mode)
                found[name][i] = any(answer in text for answer in wanted[answers, mode])
                self.short[name] += not found[name][i] and tokens < limit
        return found


def framed_tokens(text: str) -> str:
    """A text as DPR's tokens, each with a space on both sides."""
    return f" {' '.join(dpr_tokens(text))} "


def token_rows(answers: Iterable[str]) -> list[str]:
    """Each answer as a row of DPR's tokens, a space on both sides; one without a token is found nowhere.

    >>> token_rows(["U.S.", "1914"])
    [' u . s . ', ' 1914 ']
    """
    return [row for answer in answers if (row := framed_tokens(answer)).strip()]


def has_answer(answers: Iterable[str], text: str) -> bool:
    """Whether the tokens of an answer stand in a row in the text's (DPR, dpr/data/qa_validation.py: has_answer).

    DPR finds an answer without a token in every text; here it is found in none.

    >>> has_answer(["the moon"], "Far is The Moon."), has_answer(["moon"], "moonlight")
    (True, False)
    """
    framed_text = framed_tokens(text)
    return any(row in framed_text for row in token_rows(answers))


def first_tokens(texts: Iterable[str], limit: int) -> tuple[str, int]:
    """The first `limit` tokens of texts whose tokens are joined by spaces, joined likewise, and their number.

    The text on which the limit falls is cut there; no text behind it is read.

    >>> first_tokens(["one two", "", "three four"], 3)
    ('one two three', 3)
    """
    parts: list[str] = []
    left = limit
    for text in texts:
        if text:
            tokens = text.count(" ") + 1
            parts.append(text if tokens <= left else " ".join(text.split(" ", left)[:left]))
            left -= min(tokens, left)
        if not left:
            break
    return " ".join(parts), limit - left
