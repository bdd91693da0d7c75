"""Intervals on every point: 12 languages × 7 rates, 10,000 bootstrap replicates each, beside scipy and plain NumPy.

    python -m benchmarks.bootstrap_speed [--questions 1190] [--replicates 10000] [--pairs 5]

Scores are random hits, as many as XQuAD has questions. scipy is called once a point, as its users call it, in batches
of 100 replicates so that they fit in a cache; NumPy draws rows once a language and averages all its rates. Neither
knows clusters, so they are compared on single languages; the pooled row, in which translations are drawn together, is
compared with NumPy that picks the means of whole questions. Every call draws anew: none finds another's draws.
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import bootstrap

from benchmarks.paired import compare, header
from typoglot.measures import intervals

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

LANGUAGES, RATES = 12, 7
_calls = count()


def seconds(work: Callable[[NDArray[np.float64], int], None], scores: NDArray[np.float64], replicates: int) -> float:
    """What it takes."""
    start = time.perf_counter()
    work(scores, replicates)
    return time.perf_counter() - start


def ours(scores: NDArray[np.float64], replicates: int) -> None:
    """(LANGUAGES, B, RATES) scores: each language for itself."""
    call = next(_calls)
    for language, own in enumerate(scores):
        intervals(own, [f"{row:05}" for row in range(len(own))], replicates, f"{call}|{language}")


def of_scipy(scores: NDArray[np.float64], replicates: int) -> None:
    """The same, point by point."""
    for own in scores:
        for column in own.T:
            bootstrap((column,), np.mean, n_resamples=replicates, batch=100, method="percentile", rng=next(_calls))


def of_numpy(scores: NDArray[np.float64], replicates: int) -> None:
    """The same, language by language: rows are picked and averaged."""
    for own in scores:
        rng = np.random.default_rng(next(_calls))
        means = [own[rng.integers(0, len(own), len(own))].mean(axis=0) for _ in range(replicates)]
        np.percentile(means, [2.5, 97.5], axis=0)


def pooled(scores: NDArray[np.float64], replicates: int) -> None:
    """All languages together, translations drawn together."""
    rows = scores.reshape(-1, RATES)
    questions = [f"{row % scores.shape[1]:05}" for row in range(len(rows))]
    intervals(rows, questions, replicates, f"{next(_calls)}|pooled")


def pooled_numpy(scores: NDArray[np.float64], replicates: int) -> None:
    """The same."""
    of_numpy(scores.mean(axis=0)[None], replicates)


def main() -> None:
    """Prints the table; a unit is one replicate of one point."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("questions", 1190), ("replicates", 10_000), ("pairs", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    chance = np.linspace(0.7, 0.3, RATES)
    scores = (np.random.default_rng(1).random((LANGUAGES, asked.questions, RATES)) < chance).astype(np.float64)
    amount = LANGUAGES * RATES * asked.replicates
    print(f"{LANGUAGES} languages × {RATES} rates × {asked.questions:,} questions, {asked.replicates:,} replicates")
    header("peer", "numpy", "scipy")
    tasks = {
        "each language; peer: scipy.stats.bootstrap": (ours, of_scipy, amount),
        "each language; peer: NumPy": (ours, of_numpy, amount),
        "all together, by question; peer: NumPy": (pooled, pooled_numpy, RATES * asked.replicates),
    }
    for what, (mine, peer, units) in tasks.items():
        own, other = (partial(seconds, work, scores, asked.replicates) for work in (mine, peer))
        compare(what, "replicates", units, own, other, asked.pairs)
    taken = seconds(ours, scores, asked.replicates) + seconds(pooled, scores, asked.replicates)
    print(f"\nAll points and the pooled ones, once: {taken:.2f} s")


if __name__ == "__main__":
    main()
