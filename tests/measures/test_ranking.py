"""The measures against rankings done in the head, and against ir_measures on random ones."""

from __future__ import annotations

import math

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import RR, R, nDCG

from typoglot.config import is_measure
from typoglot.measures import Judgements, Measure, score_run
from typoglot.records import Hit, Qrels, Run

quick = settings(max_examples=100, deadline=None, database=None)
kinds = st.sampled_from(["recall", "mrr", "ndcg"])
cutoffs = st.integers(1, 12)
all_grades = st.lists(st.integers(0, 3), max_size=12)


def score(measure: str, ranking: str, **grades: int) -> float:
    """The score of a ranking whose passages are called by one letter each."""
    run = {"q": [Hit(passage, -float(rank)) for rank, passage in enumerate(ranking)]}
    return float(score_run(run, {"q": grades}, [Measure.parse(measure)])[measure][0])


def random_run(seed: int) -> tuple[Run, Qrels]:
    """30 queries with up to 12 hits of 15 passages, scores all different, and 1 to 8 grades from 0 to 3."""
    rng = np.random.default_rng(seed)
    run: Run = {}
    qrels: Qrels = {}
    for query in range(30):
        hits = [f"p{n}" for n in rng.permutation(15)[: rng.integers(0, 13)]]
        judged = rng.permutation(15)[: rng.integers(1, 9)]
        run[f"q{query}"] = [Hit(passage, 10.0 - rank) for rank, passage in enumerate(hits)]
        qrels[f"q{query}"] = {f"p{n}": int(rng.integers(0, 4)) for n in judged} | {f"p{judged[0]}": 1}
    return run, qrels


# Recall


def test_recall_is_the_share_of_relevant_passages_that_are_found() -> None:
    assert score("recall@3", "abcde", a=1, c=1, e=1, x=1) == 2 / 4


def test_recall_counts_a_passage_once_whatever_its_grade() -> None:
    assert score("recall@2", "ab", a=3, x=1) == 1 / 2


def test_recall_does_not_look_beyond_the_cutoff() -> None:
    assert score("recall@2", "abc", c=1) == 0


def test_recall_does_not_ask_for_the_order() -> None:
    assert score("recall@3", "abc", b=1, x=1) == score("recall@3", "bca", b=1, x=1)


def test_recall_cannot_be_whole_where_more_are_relevant_than_the_cutoff_holds() -> None:
    assert score("recall@1", "ab", a=1, b=1) == 1 / 2


# MRR


def test_mrr_is_one_over_the_rank_of_the_first_relevant_passage() -> None:
    assert score("mrr@5", "abcde", c=1, d=1) == 1 / 3


def test_mrr_does_not_ask_for_the_grade() -> None:
    assert score("mrr@5", "abc", b=1, c=3) == 1 / 2


def test_mrr_reaches_the_cutoff_and_no_further() -> None:
    assert score("mrr@3", "abcd", c=1) == 1 / 3
    assert score("mrr@3", "abcd", d=1) == 0


# nDCG


def test_ndcg_of_one_relevant_passage_is_its_discount() -> None:
    assert score("ndcg@5", "abc", a=1) == 1
    assert score("ndcg@5", "abc", c=1) == 1 / 2  # 1 / log2(4)


def test_the_gain_is_the_grade_itself() -> None:
    best = 3 + 1 / math.log2(3)

    assert score("ndcg@2", "ba", a=3, b=1) == pytest.approx((1 + 3 / math.log2(3)) / best)


def test_the_best_order_has_ndcg_1() -> None:
    assert score("ndcg@3", "abc", a=3, b=2, c=1) == 1


def test_the_ideal_is_cut_too() -> None:
    assert score("ndcg@1", "a", a=1, b=1, c=1) == 1


# Edges


@pytest.mark.parametrize("measure", ["recall@5", "mrr@5", "ndcg@5"])
def test_a_query_with_no_hit_scores_0(measure: str) -> None:
    assert score(measure, "", a=1) == 0


@pytest.mark.parametrize("measure", ["recall@5", "mrr@5", "ndcg@5"])
def test_a_query_that_is_not_in_the_run_scores_0(measure: str) -> None:
    scores = score_run({}, {"q": {"a": 1}}, [Measure.parse(measure)])

    assert scores[measure].tolist() == [0]


@pytest.mark.parametrize("measure", ["recall@5", "mrr@5", "ndcg@5"])
def test_a_query_with_no_judgement_is_left_out(measure: str) -> None:
    run = {"q": [Hit("a", 1.0)], "unjudged": [Hit("a", 1.0)]}

    assert score_run(run, {"q": {"a": 1}}, [Measure.parse(measure)])[measure].tolist() == [1]


@pytest.mark.parametrize("grades", [{}, {"a": 0}, {"a": -1}])
def test_a_query_with_no_relevant_passage_is_refused(grades: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="'q7' has no relevant passage"):
        score_run({}, {"q7": grades}, [Measure("recall", 5)])


@pytest.mark.parametrize("measure", ["recall@1", "mrr@2", "ndcg@5"])
@pytest.mark.parametrize("ranking", ["aa", "axa", "axx"])
def test_a_ranking_with_a_passage_twice_is_refused(measure: str, ranking: str) -> None:
    with pytest.raises(ValueError, match="'q' ranks a passage twice"):
        score(measure, ranking, a=1)


@pytest.mark.parametrize("measure", ["recall@2", "mrr@2", "ndcg@2"])
def test_a_passage_without_judgement_is_not_relevant(measure: str) -> None:
    assert score(measure, "xa", a=1) == score(measure, "xa", a=1, x=0) > 0


@pytest.mark.parametrize("measure", ["recall@100", "mrr@100", "ndcg@100"])
def test_fewer_hits_than_the_cutoff_are_no_fault(measure: str) -> None:
    assert score(measure, "ab", a=2, b=1) == 1


def test_scores_stand_in_the_order_of_the_judgements() -> None:
    run = {"q1": [Hit("a", 1.0)], "q2": [Hit("x", 1.0)]}

    scores = score_run(run, {"q2": {"a": 1}, "q1": {"a": 1}}, [Measure("mrr", 1)])
    assert scores["mrr@1"].tolist() == [0, 1]


def test_each_measure_has_its_own_column() -> None:
    scores = score_run(
        {"q": [Hit("x", 2.0), Hit("a", 1.0)]}, {"q": {"a": 1}}, [Measure("mrr", 2), Measure("recall", 1)]
    )

    assert {name: column.tolist() for name, column in scores.items()} == {"mrr@2": [0.5], "recall@1": [0]}


@quick
@given(kinds, cutoffs, all_grades, st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_every_measure_lies_between_0_and_1(kind: str, cutoff: int, noise: list[int], found: list[int]) -> None:
    grades = [0] * len(noise) + found
    ideal = sorted(found, reverse=True)

    assert 0 <= Measure(kind, cutoff).of(grades, ideal) <= 1


@quick
@given(kinds, cutoffs, all_grades)
def test_a_relevant_passage_one_rank_higher_never_hurts(kind: str, cutoff: int, grades: list[int]) -> None:
    ideal = sorted([*grades, 1], reverse=True)
    measure = Measure(kind, cutoff)

    assert measure.of([*grades[:-1], 3, *grades[-1:]], ideal) >= measure.of([*grades, 3], ideal)


# The judge


@pytest.mark.parametrize("cutoff", [1, 3, 5, 10, 100])
@pytest.mark.parametrize(("kind", "judge"), [("recall", R), ("mrr", RR), ("ndcg", nDCG)])
def test_random_runs_score_as_in_ir_measures(kind: str, judge: ir_measures.Measure, cutoff: int) -> None:
    run, qrels = random_run(cutoff)
    flat = {query: {hit.passage_id: hit.score for hit in hits} for query, hits in run.items()}

    theirs = {metric.query_id: metric.value for metric in ir_measures.iter_calc([judge @ cutoff], qrels, flat)}
    ours = score_run(run, qrels, [Measure(kind, cutoff)])[f"{kind}@{cutoff}"]
    assert ours == pytest.approx([theirs.get(query, 0.0) for query in qrels], abs=1e-12)


# Names


@pytest.mark.parametrize("text", ["recall@10", "mrr@1", "ndcg@1000"])
def test_a_measure_is_what_it_prints(text: str) -> None:
    assert is_measure(text)
    assert str(Measure.parse(text)) == text


def test_measures_of_one_text_are_one() -> None:
    assert len({Measure.parse("mrr@10"), Measure.parse("mrr@10"), Measure("mrr", 10)}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "", "recall", "recall@", "recall@0", "recall@-1", "recall@1.5", "Recall@1", "map@1", "@1", "recall@010",
        "mrr@00", "recall@٣", "recall@１０", "recall@²", "recall@1٣", "recall@+1", "recall@1_0", " recall@1",
        "recall@1\n", "recall@1@2",
    ],
)  # fmt: skip
def test_what_is_no_measure_is_refused_with_an_example(text: str) -> None:
    assert not is_measure(text)
    with pytest.raises(ValueError, match="as in recall@10"):
        Measure.parse(text)


@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 30))
def test_rankings_of_positions_are_scored_as_runs_are_to_the_bit(seed: int, queries: int, passages: int) -> None:
    draw = np.random.default_rng(seed)
    ids = [f"p{number}" for number in range(passages)]
    names = [f"q{number}" for number in range(queries)]
    qrels = {q: {str(p): int(draw.integers(1, 4)) for p in draw.choice([*ids, "absent"], 2)} for q in names}
    depth = int(draw.integers(1, passages + 1))
    positions = np.array([draw.permutation(passages)[:depth] for _ in names])
    run = {q: [Hit(ids[i], -rank) for rank, i in enumerate(row)] for q, row in zip(names, positions, strict=True)}
    measures = [Measure.parse(text) for text in ("recall@1", "recall@5", "mrr@10", "ndcg@3", "ndcg@100")]

    ours, theirs = Judgements(qrels, names, ids).score(positions, measures), score_run(run, qrels, measures)

    assert all(ours[name].tolist() == theirs[name].tolist() for name in map(str, measures))


def test_a_query_without_a_relevant_passage_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="query 'q7' has no relevant passage"):
        Judgements({"q7": {"a": 0}}, ["q7"], ["a"])


@pytest.mark.parametrize("name", ["answer_recall@20", "R@2kt", "R@5kt-strict"])
def test_a_measure_of_answers_reads_no_judgements(name: str) -> None:
    measure = Measure.parse(name)

    assert str(measure) == name
    assert np.isnan(measure.at_random(10))
    with pytest.raises(ValueError, match=f"{name} looks for answers in texts; judgements give recall, mrr, ndcg only"):
        score_run({}, {"q": {"d": 1}}, [measure])
    with pytest.raises(ValueError, match="looks for answers in texts"):
        Judgements({"q": {"d": 1}}, ["q"], ["d"]).score(np.array([[0]]), [measure])
