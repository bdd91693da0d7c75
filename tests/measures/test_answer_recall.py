"""Each trap of the official algorithm by hand, and the whole of it against a literal copy of its loop."""

from __future__ import annotations

import random
from pathlib import Path
from statistics import mean
from typing import Any

import nltk
import pytest

from typoglot.measures import Mode, recall_in_tokens
from typoglot.records import Prediction, Query


def query(identifier: str, *answers: str, language: str = "fi") -> Query:
    return Query(identifier, language, "?", identifier, answers)


def hits(mode: Mode, limit: int, texts: tuple[str, ...], *answers: str) -> bool:
    """Whether the one question is a hit."""
    recalls = recall_in_tokens([Prediction("q", texts)], [query("q", *answers)], [limit])
    (recall,) = [recall for recall in recalls if recall.mode is mode]
    (scored,) = recall.scored
    return scored.hit


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It cost $50 then.", "$50"),
        ("About 31% of them came.", "31%"),
        ("He doesn't know it.", "doesn't"),
        ('She wrote "Emma" then.', '"Emma"'),
        ("Born April 12, 1961 in Oulu.", "April 12, 1961"),
        ("They live in Paris (France) now.", "Paris (France)"),
        ("He went to the U.S. It was cold.", "U.S."),
        ("It was 1809 then.", "1809\u00a0"),
    ],
)
def test_an_answer_that_the_tokenizer_rewrites_is_never_found_officially_and_is_strictly(
    text: str, answer: str
) -> None:
    assert not hits(Mode.official, 100, (text,), answer)
    assert hits(Mode.strict, 100, (text,), answer)


@pytest.mark.parametrize(
    ("text", "answer"), [("Again and again.", "in"), ("The year was 1914.", "91"), ("Iran", "Ira")]
)
def test_an_answer_inside_a_word_is_found_officially_and_is_not_strictly(text: str, answer: str) -> None:
    assert hits(Mode.official, 100, (text,), answer)
    assert not hits(Mode.strict, 100, (text,), answer)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("They work for Apple Inc. in Cork.", "Apple Inc"),
        ("They work for Apple Inc.", "Apple Inc."),
        ("The U.S. Navy came.", "U.S."),
        ("It goes on ... and on.", "..."),
    ],
)
def test_a_period_at_an_answer_s_end_does_not_keep_it_from_being_found_strictly(text: str, answer: str) -> None:
    assert hits(Mode.strict, 100, (text,), answer)


@pytest.mark.parametrize("mode", Mode)
def test_case_matters(mode: Mode) -> None:
    assert not hits(mode, 100, ("They saw paris.",), "Paris")


@pytest.mark.parametrize("mode", Mode)
def test_any_of_several_answers_is_enough(mode: Mode) -> None:
    assert hits(mode, 100, ("They saw Paris.",), "Rome", "Paris")


@pytest.mark.parametrize("mode", Mode)
def test_the_passage_on_which_the_limit_falls_is_cut(mode: Mode) -> None:
    texts = ("one two three", "four five six")

    assert hits(mode, 5, texts, "five")
    assert not hits(mode, 5, texts, "six")


@pytest.mark.parametrize("mode", Mode)
def test_an_answer_may_reach_from_one_passage_into_the_next(mode: Mode) -> None:
    assert hits(mode, 5, ("one two three", "four five six"), "three four")


def test_an_answer_cut_in_its_middle_is_no_hit_though_its_first_letters_are_there() -> None:
    assert not hits(Mode.official, 2, ("New York City",), "New York City")


def recalls(predictions: list[Prediction], gold: list[Query], limit: int = 10) -> dict[Mode, Any]:
    return {recall.mode: recall for recall in recall_in_tokens(predictions, gold, [limit])}


def test_questions_of_yes_and_no_alone_do_not_count_and_yes_beside_a_span_is_dropped() -> None:
    gold = [query("a", "yes"), query("b", "no", "yes"), query("c", "yes", "Rome"), query("d", "Yes")]
    predictions = [Prediction(one.id, ("yes no",)) for one in gold]

    for recall in recalls(predictions, gold).values():
        assert [(one.query_id, one.hit) for one in recall.scored] == [("c", False), ("d", False)]


def test_a_question_without_prediction_does_not_count_officially_and_is_a_miss_strictly() -> None:
    gold = [query("a", "Rome"), query("b", "Rome"), query("c", "Rome", language="ko"), query("d", "no", language="ja")]
    found = recalls([Prediction("a", ("Rome",))], gold)

    assert found[Mode.official].value == 1.0
    assert found[Mode.strict].value == pytest.approx((1 / 2 + 0) / 2)
    assert list(found[Mode.strict].by_language) == ["fi", "ko"]


def test_the_mean_is_over_languages_not_over_questions() -> None:
    gold = [query("a", "Rome"), query("b", "Rome"), query("c", "Rome"), query("d", "Rome", language="ko")]
    texts = {"a": "Rome", "b": "Oslo", "c": "Oslo", "d": "Rome"}

    for recall in recalls([Prediction(name, (text,)) for name, text in texts.items()], gold).values():
        assert recall.value == pytest.approx((1 / 3 + 1) / 2)


def test_misses_with_too_few_tokens_are_counted() -> None:
    gold = [query("a", "Rome"), query("b", "Oslo"), query("c", "Bonn")]
    predictions = [Prediction("a", ("Rome",)), Prediction("b", ("one two",)), Prediction("c", ("one two three",))]

    assert recalls(predictions, gold, 3)[Mode.official].short == 1
    assert [one.tokens for one in recalls(predictions, gold, 3)[Mode.official].scored] == [1, 2, 3]


def test_a_prediction_without_texts_is_a_miss() -> None:
    assert recalls([Prediction("a", ())], [query("a", "Rome")])[Mode.official].value == 0.0


def test_a_prediction_for_an_unknown_question_is_refused() -> None:
    with pytest.raises(KeyError, match="z"):
        recall_in_tokens([Prediction("z", ())], [query("a", "Rome")])


def test_the_usual_limits_are_2000_and_5000_tokens() -> None:
    texts = ("word " * 1999 + "Rome", "word " * 2999 + "Oslo", "Bonn")
    gold = [query("r", "Rome"), query("o", "Oslo"), query("b", "Bonn")]
    found = recall_in_tokens([Prediction(one.id, texts) for one in gold], gold)

    assert [(recall.name, recall.mode.value) for recall in found] == [
        ("R@2kt", "official"), ("R@5kt", "official"), ("R@2kt", "strict"), ("R@5kt", "strict"),
    ]  # fmt: skip
    assert [[one.hit for one in recall.scored] for recall in found] == 2 * [[True, False, False], [True, True, False]]


def official(results: list[dict[str, Any]], gold: dict[str, list[str]], limit: int) -> tuple[dict[str, float], float]:
    """The judge: the official algorithm as a loop of its own, with NLTK as it finds its data itself, in percent."""
    per_language: dict[str, list[int]] = {}
    for item in results:
        count = per_language.setdefault(item["lang"], [0, 0])
        if item["id"] not in gold:
            continue
        answers = [answer for answer in gold[item["id"]] if answer not in ["yes", "no"]]
        if len(answers) == 0:
            continue
        count[0] += 1
        tokens: list[str] = []
        for text in item["ctxs"]:
            tokens.extend(nltk.word_tokenize(text))
            if len(tokens) >= limit:
                break
        joined = " ".join(tokens[:limit])
        count[1] += any(joined.find(answer) >= 0 for answer in answers)
    scores = {language: hit / count * 100 for language, (count, hit) in per_language.items() if count > 0}
    return scores, mean(scores.values())


WORDS = [
    "Rome",
    "in",
    "again",
    "$50",
    "U.S.",
    "1914–1918",
    "don't",
    "31%",
    '"Emma"',
    "(so)",
    "and",
    "Inc.",
    "yes",
    "It",
    "a,",
]


@pytest.mark.parametrize("seed", range(5))
def test_the_official_mode_is_the_official_loop_on_random_data(seed: int, nltk_data: Path) -> None:
    rng = random.Random(seed)

    def text(longest: int) -> str:
        return " ".join(rng.choices(WORDS, k=rng.randint(1, longest)))

    gold, results = [], []
    for number in range(60):
        answers = [rng.choice(["yes", "no", text(2), text(1)]) for _ in range(rng.randint(1, 2))]
        gold.append(query(f"q{number}", *answers, language=rng.choice(["fi", "ko", "te"])))
        if rng.random() < 0.9:
            ctxs = [text(8) for _ in range(rng.randint(0, 6))]
            results.append({"id": f"q{number}", "lang": gold[-1].language, "ctxs": ctxs})
    predictions = [Prediction(item["id"], tuple(item["ctxs"])) for item in results]
    rng.shuffle(predictions)

    for recall in recall_in_tokens(predictions, gold, [12, 30])[:2]:
        scores, macro = official(results, {one.id: list(one.answers) for one in gold}, recall.limit)
        assert {name: 100 * hit.mean() for name, hit in recall.by_language.items()} == pytest.approx(scores)
        assert 100 * recall.value == pytest.approx(macro)
        assert 0 < macro < 100
