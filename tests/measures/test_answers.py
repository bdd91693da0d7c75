"""Answers in rankings, by hand and against what knows the definition only."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence

import numpy as np
import pytest
import regex

from typoglot.measures import AnswerJudgements, Measure, has_answer, recall_in_tokens
from typoglot.measures.answers import KeptTexts, first_tokens
from typoglot.records import Prediction, Query

TEXTS = ("Rome is old.", "It cost $50 then.", "The Moon is far.", "", "Again and again.")


def scores(
    answers: Sequence[Sequence[str]], rankings: Sequence[Sequence[int]], *measures: str
) -> dict[str, list[float]]:
    found = AnswerJudgements(answers, TEXTS).score(np.array(rankings), [Measure.parse(one) for one in measures])
    return {name: own.tolist() for name, own in found.items()}


def test_a_query_scores_where_one_of_its_answers_stands_in_the_first_k() -> None:
    found = scores(
        [["rome"], ["Oslo", "the moon"], ["Oslo"]],
        [[1, 0, 2]] * 3,
        "answer_recall@1",
        "answer_recall@2",
        "answer_recall@3",
    )

    assert found == {"answer_recall@1": [0, 0, 0], "answer_recall@2": [1, 0, 0], "answer_recall@3": [1, 1, 0]}


def test_each_measure_has_its_own_way_to_look() -> None:
    found = scores([["$50"], ["in"], ["moon"]], [[0, 1, 2, 3, 4]] * 3, "R@2kt", "R@2kt-strict", "answer_recall@5")

    assert found == {"R@2kt": [0, 1, 0], "R@2kt-strict": [1, 0, 0], "answer_recall@5": [1, 0, 1]}


def test_a_ranking_that_missed_for_want_of_tokens_is_counted() -> None:
    judgements = AnswerJudgements([["Rome"], ["Oslo"]], TEXTS)
    judgements.score(np.array([[0, 1], [0, 1]]), [Measure.parse("R@2kt")])

    assert judgements.short == {"R@2kt": 1}


def test_fewer_passages_than_k_are_no_fault() -> None:
    assert scores([["old"]], [[3, 0]], "answer_recall@100", "R@5kt") == {"answer_recall@100": [1], "R@5kt": [1]}


@pytest.mark.parametrize("answers", [[], [""], ["Rome", " "]])
def test_a_query_without_an_answer_is_refused(answers: list[str]) -> None:
    with pytest.raises(ValueError, match="no answer, or an empty one"):
        AnswerJudgements([answers], TEXTS)


def test_a_measure_of_judgements_is_refused() -> None:
    with pytest.raises(ValueError, match="recall@1: nobody judged these passages"):
        AnswerJudgements([["a"]], TEXTS).score(np.array([[0]]), [Measure("recall", 1)])


def naive_has_answer(answers: Sequence[str], text: str) -> bool:
    """DPR's definition step by step, each token list compared at each place."""

    def tokens(string: str) -> list[str]:
        found, at = [], 0
        string = unicodedata.normalize("NFD", string)
        while at < len(string):
            kind = unicodedata.category(string[at])[0]
            end = at + 1
            while kind in "LNM" and end < len(string) and unicodedata.category(string[end])[0] in "LNM":
                end += 1
            if kind not in "ZC":
                found.append(string[at:end].lower())
            at = end
        return found

    own = tokens(text)
    wanted = [tokens(answer) for answer in answers]
    return any(own[i : i + len(row)] == row for row in wanted if row for i in range(len(own)))


def test_has_answer_agrees_with_a_naive_one_on_random_texts() -> None:
    rng = random.Random(5)
    letters = "aAbÉe\u0301 .$-–12’Ⅷ\u00a0\u200b漢한İß\n"
    hits = 0
    for _ in range(4000):
        text = "".join(rng.choices(letters, k=rng.randrange(12)))
        start = rng.randrange(len(text) + 1)
        answers = ["".join(rng.choices(letters, k=2)), text[start : start + rng.randrange(1, 4)].swapcase()]
        hits += has_answer(answers, text)
        assert has_answer(answers, text) == naive_has_answer(answers, text), (answers, text)
    assert 1000 < hits < 3500


@pytest.mark.parametrize(
    ("answer", "text", "found"),
    [
        ("Beyoncé", "BEYONCE\u0301 sang", True),
        ("1914", "in 1914–1918", True),
        ("U.S.", "the u . s . navy", True),
        ("don't", "he don’t", False),
        ("moon", "moonlight", False),
        ("new york", "New\nYork", True),
        ("\u200b", "anything", False),
    ],
)
def test_has_answer_by_hand(answer: str, text: str, found: bool) -> None:
    assert has_answer([answer], text) == found


def test_no_token_holds_a_space_or_the_signs_it_is_framed_by() -> None:
    from typoglot.measures.dpr_tokens import dpr_tokens

    every = "".join(map(chr, range(0x3000)))
    assert not any(regex.search(r"\s", token) for token in dpr_tokens(every))


def test_rankings_score_as_prediction_files_do() -> None:
    rng = random.Random(7)
    words = ["Rome", "in", "1914–1918", "U.S.", "$50,", "it.", "was", "(old)", "Again", "31%"]
    texts = [" ".join([*rng.choices(words, k=rng.randrange(300)), f"w{i}"]) for i in range(40)]
    words += [f"w{i}" for i in range(40)]
    queries = [
        Query(str(i), "fi", "?", str(i), tuple(rng.choices([*words, "old", "Oslo", "was it"], k=1))) for i in range(60)
    ]
    rankings = [rng.sample(range(40), 30) for _ in queries]
    names = ["R@1kt", "R@2kt", "R@1kt-strict", "R@2kt-strict"]
    found = AnswerJudgements([query.answers for query in queries], texts).score(
        np.array(rankings), [Measure.parse(name) for name in names]
    )
    predictions = [
        Prediction(query.id, tuple(texts[i] for i in row)) for query, row in zip(queries, rankings, strict=True)
    ]
    judge = recall_in_tokens(predictions, queries, [1000, 2000])

    for recall, name in zip(judge, names, strict=True):
        assert [float(one.hit) for one in recall.scored] == found[name].tolist()
    assert 0.1 < found["R@1kt"].mean() < 0.9
    assert found["R@1kt"].tolist() != found["R@2kt"].tolist()


def test_the_text_on_which_the_limit_falls_is_cut_and_none_behind_it_is_read() -> None:
    def texts() -> Sequence[str]:
        yield from ("a b", "", "c d e")  # type: ignore[misc]
        raise AssertionError

    assert first_tokens(texts(), 4) == ("a b c d", 4)
    assert first_tokens(["a b", "c d"], 2) == ("a b", 2)
    assert first_tokens([], 2) == ("", 0)


def test_a_text_is_made_once_while_there_is_room_and_the_oldest_makes_way() -> None:
    made: list[str] = []

    def make(text: str) -> str:
        made.append(text)
        return text

    kept = KeptTexts(["aaa", "bbb", "ccc"], make, kept=6)
    assert [kept[i] for i in (0, 1, 0, 2, 0, 1)] == ["aaa", "bbb", "aaa", "ccc", "aaa", "bbb"]
    assert made == ["aaa", "bbb", "ccc", "bbb"]
