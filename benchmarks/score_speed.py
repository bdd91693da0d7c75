"""How many rankings a second are scored: judged passages and answers in tokens, beside what the field uses.

    python -m benchmarks.score_speed [--queries 10000] [--passages 1000] [--peers PYTHON]

Judged passages (recall@100, nDCG@10): against ir_measures (its default provider), and against ranx where PYTHON is the
interpreter of an environment that has it. Each is given a ranking in its own form, made beforehand: ours positions, as
search leaves them; theirs dictionaries, or ranx' objects. ranx is warm: numba has compiled before anything is timed.

Answers (R@2kt, R@5kt): against the algorithm of XOR-TyDi's evaluation script, written anew from what is known of its
code: for each limit and question it tokenises passages until there are enough. Both call the same tokenizer. It is
slow, so both sides score --token-queries questions. How much is won by tokenising a passage once hangs on how often it
is found, so the number of distinct passages is told, and our own time for all --queries.

What is compared is checked to be equal first.

The texts are sentences of the embedded benchmark in random order; rankings are random. One process, one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ir_measures
import numpy as np
import torch

from benchmarks.paired import compare, header
from typoglot.measures import AnswerJudgements, Judgements, Measure
from typoglot.measures.word_tokens import word_tokens
from typoglot.sources import mini

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

JUDGED = [Measure("recall", 100), Measure("ndcg", 10)]
TOKENS = [Measure("R", 2000), Measure("R", 5000)]
Qrels = dict[str, dict[str, int]]
Run = dict[str, dict[str, float]]

WORKER = """
import json, sys, time
from ranx import Qrels, Run, evaluate
with open(sys.argv[1]) as handle:
    made = json.load(handle)
qrels, run = Qrels(made["qrels"]), Run(made["run"])
measures = ["recall@100", "ndcg@10"]
evaluate(qrels, run, measures)
print("ready", flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    found = evaluate(qrels, run, measures)
    print(json.dumps([time.perf_counter() - start, float(found["recall@100"]), float(found["ndcg@10"])]), flush=True)
"""


def rankings(queries: int, passages: int, corpus: int) -> tuple[Qrels, NDArray[np.int64], list[str]]:
    """Judgements of two passages a query, (B, K) random positions, and the corpus' ids."""
    rng = np.random.default_rng(13)
    ids = [f"p{i}" for i in range(corpus)]
    positions = np.stack([rng.choice(corpus, passages, replace=False) for _ in range(queries)])
    relevant = rng.integers(0, min(200, passages), (queries, 2))
    qrels = {
        f"q{i}": {ids[positions[i, rank]]: 1 + place for place, rank in enumerate(row)}
        for i, row in enumerate(relevant.tolist())
    }
    return qrels, positions, ids


def timed(work: Callable[[], object]) -> Callable[[], float]:
    """The work as a function that returns the seconds it took."""

    def run() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return run


def judged(queries: int, passages: int, corpus: int, peers: str | None, pairs: int) -> None:
    """The rows of judged passages."""
    qrels, positions, ids = rankings(queries, passages, corpus)
    names = list(qrels)
    judgements = Judgements(qrels, names, ids)
    run = {
        name: {ids[position]: float(passages - rank) for rank, position in enumerate(row)}
        for name, row in zip(names, positions.tolist(), strict=True)
    }
    theirs = [ir_measures.R @ 100, ir_measures.nDCG @ 10]
    own = {name: float(found.mean()) for name, found in judgements.score(positions, JUDGED).items()}
    aggregated = ir_measures.calc_aggregate(theirs, qrels, run)
    agree(own, {"recall@100": aggregated[theirs[0]], "ndcg@10": aggregated[theirs[1]]}, "ir_measures")
    what = f"recall@100, nDCG@10: {queries:,} × {passages:,}"
    ours = timed(lambda: judgements.score(positions, JUDGED))
    measured = timed(lambda: list(ir_measures.iter_calc(theirs, qrels, run)))
    compare(f"{what} / ir_measures", "rankings", queries, ours, measured, pairs)
    if peers:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "made.json"
            place.write_text(json.dumps({"qrels": qrels, "run": run}))
            with Ranx(peers, place) as ranx:
                agree(own, ranx.values(), "ranx")
                compare(f"{what} / ranx", "rankings", queries, ours, ranx.seconds, pairs)


class Ranx:
    """ranx in its own environment, warm."""

    def __init__(self, python: str, made: Path) -> None:
        command = [python, "-W", "ignore", "-c", WORKER, str(made)]
        one = {**os.environ, "NUMBA_NUM_THREADS": "1"}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=one)

    def __enter__(self) -> Ranx:
        if self.process.stdout is None or "ready\n" not in iter(self.process.stdout):
            raise SystemExit("the interpreter of --peers has no ranx that works")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def _asked(self) -> list[float]:
        if self.process.stdin is None or self.process.stdout is None:
            return []
        self.process.stdin.write("again\n")
        self.process.stdin.flush()
        found: list[float] = json.loads(self.process.stdout.readline())
        return found

    def values(self) -> dict[str, float]:
        """What it finds."""
        return dict(zip(("recall@100", "ndcg@10"), self._asked()[1:], strict=True))

    def seconds(self) -> float:
        """What it takes."""
        return self._asked()[0]


def agree(own: dict[str, float], theirs: dict[str, Any], peer: str) -> None:
    """Ends the program where a peer finds something else."""
    if any(abs(own[name] - theirs[name]) > 1e-9 for name in own):
        raise SystemExit(f"{peer} finds {theirs}, typoglot {own}")


def texts(number: int) -> list[str]:
    """Passages of some 100 words."""
    rng = random.Random(13)
    sentences = [text for entry in mini.entries() for text in entry.passage.text.split(". ")]
    made = []
    for _ in range(number):
        passage: list[str] = []
        while sum(len(sentence.split()) for sentence in passage) < 100:
            passage.append(rng.choice(sentences).rstrip("."))
        made.append(". ".join(passage) + f". {rng.randrange(100_000)}")
    return made


def official(answers: list[tuple[str, ...]], rows: list[list[str]], limit: int) -> list[float]:
    """XOR-TyDi's algorithm for one limit: tokens of one passage after the other until there are enough, cut, joined."""
    hits = []
    for own, ctxs in zip(answers, rows, strict=True):
        tokens: list[str] = []
        for ctx in ctxs:
            tokens.extend(word_tokens(ctx))
            if len(tokens) >= limit:
                break
        joined = " ".join(tokens[:limit])
        hits.append(float(any(answer in joined for answer in own)))
    return hits


def in_tokens(queries: int, few: int, passages: int, corpus: int, pairs: int) -> None:
    """The row of answers in tokens, and our time for all queries."""
    found = texts(corpus)
    rng = np.random.default_rng(7)
    positions = np.stack([rng.choice(corpus, passages, replace=False) for _ in range(queries)])
    # Each answer is the number that ends one of 80 passages: 2kt finds few of them, 5kt more.
    answers: list[tuple[str, ...]] = [
        (found[row[rng.integers(0, min(80, passages))]].rsplit(" ", 1)[1],) for row in positions
    ]
    part = positions[:few]
    ctxs = [[found[i] for i in row] for row in part.tolist()]

    def ours() -> dict[str, NDArray[np.float64]]:
        return AnswerJudgements(answers[:few], found).score(part, TOKENS)

    def theirs() -> list[list[float]]:
        return [official(answers[:few], ctxs, measure.cutoff) for measure in TOKENS]

    if [own.tolist() for own in ours().values()] != theirs():
        raise SystemExit("the official algorithm finds something else")
    what = f"R@2kt, R@5kt: {few:,} × {passages:,}, {corpus:,} texts / official algorithm"
    compare(what, "rankings", few, timed(ours), timed(theirs), pairs)
    start = time.perf_counter()
    AnswerJudgements(answers, found).score(positions, TOKENS)
    seconds = time.perf_counter() - start
    print(f"\ntypoglot alone, R@2kt and R@5kt of {queries:,} × {passages:,} over {corpus:,} texts: {seconds:.1f} s")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--passages", type=int, default=1000, help="of each ranking")
    parser.add_argument("--corpus", type=int, default=20_000, help="distinct passages")
    parser.add_argument("--token-queries", type=int, default=200, help="that the official algorithm scores")
    parser.add_argument("--pairs", type=int, default=5, help="of timings")
    parser.add_argument("--peers", help="interpreter of an environment with ranx")
    given = parser.parse_args()
    torch.set_num_threads(1)
    header("peer", "numpy", "ir-measures", "nltk")
    judged(given.queries, given.passages, given.corpus, given.peers, given.pairs)
    in_tokens(given.queries, min(given.token_queries, given.queries), given.passages, given.corpus, given.pairs)


if __name__ == "__main__":
    main()
