"""The measures of a ranking. A measure is a value: its text is what is typed, printed, logged and compared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from typoglot.config import ANSWER_RECALL, LISTED, MEASURES, is_measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from typoglot.records import Hit, Qrels, Run


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure at a cutoff, each from 0 to 1.

    - `recall@k`: share of the relevant passages that stand in the first k.
    - `mrr@k`: 1 / rank of the first relevant passage, 0 if it is not in the first k (Voorhees 1999).
    - `ndcg@k`: gain = grade, discount = log2(rank + 1) (Järvelin and Kekäläinen 2002; not the variant 2^grade - 1).
    - `answer_recall@k`: whether a passage of the first k holds an answer (Karpukhin et al. 2020, §5: top-k accuracy).
    - `R@2kt`, `R@5kt`: whether an answer stands in the first 2,000 or 5,000 tokens of the passages, as XOR-TyDi's
      script finds it; `R@2kt-strict`: token by token (docs/xor_tydi.md). Their cutoff counts tokens.

    The first three read judgements, the others look for answers in texts: `by_answers`.

    >>> Measure.parse("recall@10")
    Measure(kind='recall', cutoff=10)
    >>> Measure.parse("R@2kt"), str(Measure("R-strict", 5000))
    (Measure(kind='R', cutoff=2000), 'R@5kt-strict')
    """

    kind: str
    cutoff: int

    @classmethod
    def parse(cls, text: str) -> Measure:
        """The measure of that text.

        Raises:
            ValueError: there is none.
        """
        if not is_measure(text):
            raise ValueError(f"'{text}' is not a measure; write {LISTED}.")
        kind, _, cutoff = text.partition("@")
        if kind != "R":
            return cls(kind, int(cutoff))
        tokens, _, mode = cutoff.partition("kt")
        return cls(kind + mode, 1000 * int(tokens))

    def __str__(self) -> str:
        kind, dash, mode = self.kind.partition("-")
        return f"{kind}@{self.cutoff // 1000}kt{dash}{mode}" if kind == "R" else f"{kind}@{self.cutoff}"

    @property
    def by_answers(self) -> bool:
        """Whether it looks for answers in texts, so that `AnswerJudgements` scores it."""
        return self.in_tokens or self.kind == ANSWER_RECALL

    @property
    def in_tokens(self) -> bool:
        """Whether its cutoff counts tokens instead of ranks."""
        return self.kind.startswith("R")

    def at_random(self, passages: int) -> float:
        """What a random order of so many passages scores on average, for a query with one relevant passage.

        The recall holds for any number of relevant passages: each stands in the first k by the same chance. Where
        answers are looked for it depends on the texts, so it is nan: `answer_floors` computes it.

        >>> Measure("recall", 10).at_random(200)
        0.05
        """
        if self.by_answers:
            return math.nan
        ranks = range(1, min(self.cutoff, passages) + 1)
        if self.kind == "recall":
            return len(ranks) / passages
        return sum(1 / rank if self.kind == "mrr" else 1 / math.log2(rank + 1) for rank in ranks) / passages

    def of(self, grades: Sequence[int], ideal: Sequence[int]) -> float:
        """The score of one ranking.

        Args:
            grades: grade of each ranked passage, best rank first; 0 where it is not relevant.
            ideal: grades of all relevant passages, in falling order.

        Raises:
            ValueError: the measure looks for answers.
        """
        self._require_judged()
        top = grades[: self.cutoff]
        if self.kind == "recall":
            return sum(grade > 0 for grade in top) / len(ideal)
        if self.kind == "mrr":
            return next((1 / rank for rank, grade in enumerate(top, 1) if grade > 0), 0.0)
        return _gain(top) / _gain(ideal[: self.cutoff])

    def of_all(self, grades: NDArray[np.float64], ideal: NDArray[np.float64]) -> NDArray[np.float64]:
        """The (B,) scores of many rankings at once.

        Args:
            grades: (B, K), as in `of`.
            ideal: (B, R) grades of the relevant passages, in falling order, then zeros.

        Raises:
            ValueError: the measure looks for answers.
        """
        self._require_judged()
        top = grades[:, : self.cutoff]
        if self.kind == "recall":
            return np.asarray((top > 0).sum(1) / (ideal > 0).sum(1))
        if self.kind == "mrr":
            return np.where((top > 0).any(1), 1 / ((top > 0).argmax(1) + 1), 0.0)
        return _gains(top) / _gains(ideal[:, : self.cutoff])

    def _require_judged(self) -> None:
        if self.kind not in MEASURES:
            raise ValueError(f"{self} looks for answers in texts; judgements give {', '.join(MEASURES)} only.")


class Judgements:
    """Which positions of a corpus are relevant to which query: scores rankings of positions, all queries at once.

    Args:
        qrels: grades by query and passage id; each query in `queries` has some.
        queries: B ids.
        ids: of the corpus, by position. A relevant passage that it has not is never found, but counts.

    Raises:
        ValueError: a query has no relevant passage, so that no measure is defined.
    """

    def __init__(self, qrels: Qrels, queries: Sequence[str], ids: Sequence[str]) -> None:
        rows = [_relevant(qrels[query], query) for query in queries]
        judged = {passage for row in rows for passage, _ in row}
        place = {identifier: position for position, identifier in enumerate(ids) if identifier in judged}
        width = max((len(row) for row in rows), default=0)
        self._positions = np.full((len(rows), width), -1, np.int64)
        self._ideal = np.zeros((len(rows), width))  # grades, falling
        for i, row in enumerate(rows):
            self._positions[i, : len(row)] = [place.get(passage, -1) for passage, _ in row]
            self._ideal[i, : len(row)] = [grade for _, grade in row]

    def score(self, positions: NDArray[np.int64], measures: Sequence[Measure]) -> dict[str, NDArray[np.float64]]:
        """The (B,) scores of (B, K) ranked positions under each measure; as `score_run` gives them, to the bit."""
        grades = np.zeros(positions.shape)
        for place, grade in zip(self._positions.T, self._ideal.T, strict=True):
            grades += (positions == place[:, None]) * grade[:, None]
        return {str(measure): measure.of_all(grades, self._ideal) for measure in measures}


def _relevant(grades: dict[str, int], query: str) -> list[tuple[str, int]]:
    """The relevant passages with their grades, the highest first."""
    found = sorted(((passage, grade) for passage, grade in grades.items() if grade > 0), key=lambda one: -one[1])
    if not found:
        raise ValueError(f"query '{query}' has no relevant passage: leave it out of the qrels.")
    return found


def score_run(run: Run, qrels: Qrels, measures: Sequence[Measure]) -> dict[str, NDArray[np.float64]]:
    """The score of every judged query under each measure, in the order of `qrels`; a query without hits scores 0.

    Raises:
        ValueError: a query of `qrels` has no relevant passage, so that no measure is defined, or ranks a passage twice.
    """
    rows = [_graded(run.get(query, ()), grades, query) for query, grades in qrels.items()]
    return {str(measure): np.array([measure.of(*row) for row in rows]) for measure in measures}


def _graded(hits: Sequence[Hit], grades: dict[str, int], query: str) -> tuple[list[int], list[int]]:
    ideal = [grade for _, grade in _relevant(grades, query)]
    if len({hit.passage_id for hit in hits}) < len(hits):
        raise ValueError(f"query '{query}' ranks a passage twice: a ranking names each passage once.")
    return [grades.get(hit.passage_id, 0) for hit in hits], ideal


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))


def _gains(grades: NDArray[np.float64]) -> NDArray[np.float64]:
    """`_gain` of each row, summed in the order of ranks as there."""
    discounts = np.array([math.log2(rank + 1) for rank in range(1, grades.shape[1] + 1)])
    return np.asarray(np.cumsum(grades / discounts, axis=1)[:, -1])
