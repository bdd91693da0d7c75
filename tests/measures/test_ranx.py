"""ranx as a judge of measures and tests, in a process of its own: numba compiles there, most of a minute at first."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from typoglot.measures import Measure, differences, score_run
from typoglot.records import Hit, Qrels, Run

pytestmark = pytest.mark.slow
MEASURES = ["recall@1", "recall@10", "mrr@10", "ndcg@10", "ndcg@100"]
QUERIES, PASSAGES = 60, 40

LOUD = ("-W", "error", "-W", "ignore:unsafe cast from uint64 to int64")
"""Warnings are errors there too, but for one of numba's as it compiles ranx' loops, whose counters are small."""

JUDGE = """
import json, sys
from ranx import Qrels, Run, evaluate
from ranx.statistical_tests import fisher_randomization_test, paired_student_t_test
import numpy as np
asked = json.load(sys.stdin)
qrels, runs = Qrels(asked["qrels"]), [Run(run) for run in asked["runs"]]
scores = [evaluate(qrels, run, asked["measures"], return_mean=False) for run in runs]
order = list(qrels.qrels.keys())
a, b = (np.asarray(score["ndcg@10"]) for score in scores)
print(json.dumps({
    "order": order,
    "scores": [{name: list(map(float, values)) for name, values in score.items()} for score in scores],
    "fisher": float(fisher_randomization_test(a, b, 20000)[0]), "student": float(paired_student_t_test(a, b)[0]),
}))
"""


def made() -> tuple[Qrels, list[Run]]:
    """Two runs over the same graded judgements; the second is a little worse."""
    rng = np.random.default_rng(1)
    qrels, runs = {}, [{}, {}]
    for number in range(QUERIES):
        query, relevant = f"q{number:02}", rng.choice(PASSAGES, rng.integers(1, 6), replace=False)
        qrels[query] = {f"p{passage}": int(rng.integers(1, 4)) for passage in relevant}
        for run, good in zip(runs, (1.2, 0.9), strict=True):
            scores = rng.normal(0, 1, PASSAGES)
            scores[relevant] += good
            run[query] = [Hit(f"p{passage}", float(scores[passage])) for passage in np.argsort(-scores)[:30]]
    return qrels, runs


@pytest.fixture(scope="module")
def judged() -> dict[str, object]:
    qrels, runs = made()
    flat = [{query: {hit.passage_id: hit.score for hit in hits} for query, hits in run.items()} for run in runs]
    asked = json.dumps({"qrels": qrels, "runs": flat, "measures": MEASURES})
    command = [sys.executable, *LOUD, "-c", JUDGE]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_scores_are_ranx_s(judged: dict) -> None:
    qrels, runs = made()
    for run, theirs in zip(runs, judged["scores"], strict=True):
        ours = score_run(run, qrels, [Measure.parse(name) for name in MEASURES])
        for name in MEASURES:
            of = dict(zip(judged["order"], theirs[name], strict=True))
            assert ours[name] == pytest.approx([of[query] for query in qrels], abs=1e-9), name


def test_p_values_are_ranx_s(judged: dict) -> None:
    qrels, runs = made()
    a, b = (score_run(run, qrels, [Measure.parse("ndcg@10")])["ndcg@10"] for run in runs)

    (found,) = differences((a - b)[:, None], sorted(qrels), 20_000, "ranx")
    assert found.p_t == pytest.approx(judged["student"], abs=1e-9)
    assert found.p == pytest.approx(judged["fisher"], abs=4 * (found.p * (1 - found.p) / 10_000) ** 0.5)
