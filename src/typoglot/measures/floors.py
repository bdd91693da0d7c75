"""What a random order of a corpus finds of answers: exactly where it is small, by a seeded sample where it is large.

A corpus in which an answer is common makes any system look good: this says how good no system at all looks.
"""

from __future__ import annotations

from functools import cache
from math import comb, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from typoglot.measures.answers import AnswerJudgements, framed_tokens, token_rows
from typoglot.measures.bootstrap import seeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from typoglot.measures.ranking import Measure

GROUPS = 20  # independent samples, whose spread gives the interval; ours
SMALL = 20_000  # passages: up to here every one is looked at; ours


class Floor(NamedTuple):
    """The mean score of random orders. An estimate has the 95 % t interval over its samples, an exact one no width."""

    value: float
    low: float
    high: float
    exact: bool


class Floors:
    """The floor of each query under one measure: (B, G) means of G independent samples; G = 1 is exact."""

    def __init__(self, by_sample: NDArray[np.float64]) -> None:
        self._by_sample = by_sample

    def of(self, *groups: Sequence[int]) -> Floor:
        """The floor of the queries in these rows; of several groups of rows, the unweighted mean of the groups'."""
        means = np.mean([self._by_sample[list(rows)].mean(axis=0) for rows in groups], axis=0)
        value, count = float(means.mean()), len(means)
        if count == 1:
            return Floor(value, value, value, exact=True)
        from scipy.special import stdtrit  # half a second to import

        half = float(stdtrit(count - 1, 0.975)) * float(means.std(ddof=1)) / sqrt(count)
        return Floor(value, max(0.0, value - half), min(1.0, value + half), exact=False)


def answer_floors(
    answers: Sequence[Sequence[str]], texts: Sequence[str], measures: Sequence[Measure], depth: int, name: str
) -> dict[str, Floors]:
    """The floors of each measure.

    `answer_recall@k`: of N passages m hold an answer, so k random ones hold none with the chance C(N-m, k) / C(N, k).
    In a corpus of more than SMALL passages N and m are those of a random sample of passages, GROUPS times; this mean
    over all k passages of the sample estimates the corpus' without bias (a U-statistic, Hoeffding 1948). `R@2kt` and
    its kin: GROUPS random rankings, each scored for every query; always an estimate.

    Args:
        answers: (B) of each query.
        texts: (N) of passages.
        measures: all of them look for answers.
        depth: ranks of a ranking.
        name: seeds the samples.
    """
    distinct = {own: row for row, own in enumerate(dict.fromkeys(map(tuple, answers)))}
    rows = np.array([distinct[tuple(own)] for own in answers])  # translations share their answers
    ranked = [measure for measure in measures if not measure.in_tokens]
    in_tokens = [measure for measure in measures if measure.in_tokens]
    found = {}
    if ranked:
        found = _by_rank(list(distinct), texts, ranked, f"{name}|floor")
    if in_tokens:
        found |= _by_rankings(list(distinct), texts, in_tokens, depth, f"{name}|random rankings")
    return {str(measure): Floors(found[str(measure)][rows]) for measure in measures}


def _by_rank(
    answers: Sequence[tuple[str, ...]], texts: Sequence[str], measures: Sequence[Measure], name: str
) -> dict[str, NDArray[np.float64]]:
    """(Q, G) of each answer_recall@k."""
    total, deepest = len(texts), max(measure.cutoff for measure in measures)
    size = max(1000, 10 * deepest)
    if total <= max(SMALL, GROUPS * size):
        samples: list[Sequence[int]] = [range(total)]
    else:
        drawn = seeded(name).choice(total, GROUPS * size, replace=False)
        samples = [part.tolist() for part in np.split(drawn, GROUPS)]
    columns = [_holding(answers, (texts[position] for position in sample)) for sample in samples]
    sizes = [len(sample) for sample in samples]
    found = {}
    for measure in measures:
        chances = [[_chance(m, size, measure.cutoff) for m in held] for held, size in zip(columns, sizes, strict=True)]
        found[str(measure)] = np.array(chances).T
    return found


@cache
def _chance(holding: int, total: int, cutoff: int) -> float:
    """The chance that some of `cutoff` passages drawn from `total` is one of the `holding`.

    >>> _chance(1, 5, 2), _chance(0, 5, 2), _chance(1, 5, 9)
    (0.4, 0.0, 1.0)
    """
    return 1 - comb(total - holding, min(cutoff, total)) / comb(total, min(cutoff, total))


def _holding(answers: Sequence[tuple[str, ...]], texts: Iterable[str]) -> list[int]:
    """How many of the texts hold an answer, for each (Q) set of answers; by an inverted list of each token."""
    framed: list[str] = []
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        framed.append(framed_tokens(text))
        for token in set(framed[-1].split()):
            places.setdefault(token, []).append(place)
    counts = []
    for own in answers:
        found: set[int] = set()
        for row in token_rows(own):
            rarest = min((places.get(token, []) for token in row.split()), key=len)
            found.update(place for place in rarest if row in framed[place])
        counts.append(len(found))
    return counts


def _by_rankings(
    answers: Sequence[tuple[str, ...]], texts: Sequence[str], measures: Sequence[Measure], depth: int, name: str
) -> dict[str, NDArray[np.float64]]:
    """(Q, G) of measures that count tokens."""
    rng = seeded(name)
    judgements = AnswerJudgements(answers, texts)
    rankings = [rng.choice(len(texts), min(depth, len(texts)), replace=False) for _ in range(GROUPS)]
    scores = [judgements.score(np.tile(ranking, (len(answers), 1)), measures) for ranking in rankings]
    return {str(measure): np.stack([one[str(measure)] for one in scores], axis=1) for measure in measures}
