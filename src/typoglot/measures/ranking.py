"""The measures of a ranking. A measure is a value: its text is what is typed, printed, logged and compared."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from typoglot.config import MEASURES, is_measure

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

    >>> Measure.parse("recall@10")
    Measure(kind='recall', cutoff=10)
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
            raise ValueError(f"'{text}' is not a measure; write {', '.join(MEASURES)} with a cutoff, as in recall@10.")
        kind, _, cutoff = text.partition("@")
        return cls(kind, int(cutoff))

    def __str__(self) -> str:
        return f"{self.kind}@{self.cutoff}"

    def of(self, grades: Sequence[int], ideal: Sequence[int]) -> float:
        """The score of one ranking.

        Args:
            grades: grade of each ranked passage, best rank first; 0 where it is not relevant.
            ideal: grades of all relevant passages, in falling order.
        """
        top = grades[: self.cutoff]
        if self.kind == "recall":
            return sum(grade > 0 for grade in top) / len(ideal)
        if self.kind == "mrr":
            return next((1 / rank for rank, grade in enumerate(top, 1) if grade > 0), 0.0)
        return _gain(top) / _gain(ideal[: self.cutoff])


def score_run(run: Run, qrels: Qrels, measures: Sequence[Measure]) -> dict[str, NDArray[np.float64]]:
    """The score of every judged query under each measure, in the order of `qrels`; a query without hits scores 0.

    Raises:
        ValueError: a query of `qrels` has no relevant passage, so that no measure is defined, or ranks a passage twice.
    """
    rows = [_graded(run.get(query, ()), grades, query) for query, grades in qrels.items()]
    return {str(measure): np.array([measure.of(*row) for row in rows]) for measure in measures}


def _graded(hits: Sequence[Hit], grades: dict[str, int], query: str) -> tuple[list[int], list[int]]:
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    if not ideal:
        raise ValueError(f"query '{query}' has no relevant passage: leave it out of the qrels.")
    if len({hit.passage_id for hit in hits}) < len(hits):
        raise ValueError(f"query '{query}' ranks a passage twice: a ranking names each passage once.")
    return [grades.get(hit.passage_id, 0) for hit in hits], ideal


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))
