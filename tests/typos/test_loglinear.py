"""The fit of weights to choices, against results worked by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.typos.loglinear import Candidate, Choice, Feature, fit, likelihood

quick = settings(max_examples=50, deadline=None, database=None)
A, B, C = (("letter", name) for name in "abc")
X, Y = (("place", name) for name in "xy")
PAIR = (Candidate((A,)), Candidate((B,)))


def expected(choices: list[Choice], weights: dict[Feature, float]) -> dict[Feature, float]:
    """How often each feature is taken under the weights, from the definition."""
    found: dict[Feature, float] = {}
    for choice in choices:
        weighed = [one.base * math.prod(weights.get(f, 1.0) for f in one.features) for one in choice.candidates]
        for one, weight in zip(choice.candidates, weighed, strict=True):
            for feature in one.features:
                found[feature] = found.get(feature, 0.0) + choice.times * weight / sum(weighed)
    return found


def taken(choices: list[Choice]) -> dict[Feature, float]:
    found: dict[Feature, float] = dict.fromkeys((f for c in choices for one in c.candidates for f in one.features), 0.0)
    for choice in choices:
        for feature in choice.candidates[choice.taken].features:
            found[feature] += choice.times
    return found


@pytest.mark.parametrize(("a", "b", "strength"), [(30, 10, 2.0), (7, 0, 0.5), (0, 0, 3.0), (1, 1, 1.0)])
def test_two_features_of_equal_start_have_the_closed_form(a: int, b: int, strength: float) -> None:
    choices = [Choice(0, PAIR, a), Choice(1, PAIR, b)]
    found = fit([choice for choice in choices if choice.times], {A: 1.5, B: 1.5}, strength)

    # w = (n + s) / (N / W + s / w0), where W = w_a + w_b = 2 w0
    for feature, count in ((A, a), (B, b)):
        weight = (count + strength) / ((a + b) / 3 + strength / 1.5) if a + b else 1.5
        assert found[feature] == pytest.approx(weight)


def test_an_observation_pulls_the_harder_the_more_there_are() -> None:
    found = [fit([Choice(0, PAIR, times)], {})[A] for times in (1, 10, 100)]

    assert 1 < found[0] < found[1] < found[2] < 2


def test_a_start_of_0_stays() -> None:
    assert fit([Choice(0, (*PAIR, Candidate((C,))), 10)], {C: 0})[C] == 0


def test_a_feature_that_was_no_candidate_keeps_its_start() -> None:
    found = fit([Choice(0, PAIR)], {C: 0.3, A: 2.0})

    assert found[C] == 0.3
    assert fit([], {A: 0.7}) == {A: 0.7}


def test_a_sure_thing_says_nothing() -> None:
    alone = [Choice(0, (Candidate((A, X)),), 1000)]

    assert fit(alone, {A: 0.7, X: 3.0})[A] == pytest.approx(0.7, rel=0.01)


def test_without_a_pull_a_base_is_divided_out() -> None:
    candidates = (Candidate((A,), base=3.0), Candidate((B,)))
    found = fit([Choice(0, candidates, 30), Choice(1, candidates, 10)], {}, strength=1e-9)

    assert found[A] / found[B] == pytest.approx(1.0)


def test_times_are_repetitions() -> None:
    once = [Choice(0, PAIR)] * 3 + [Choice(1, PAIR)]

    assert fit(once, {}) == pytest.approx(fit([Choice(0, PAIR, 3), Choice(1, PAIR, 1)], {}))


@quick
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 20)), min_size=4, max_size=8))
def test_with_next_to_no_pull_features_are_expected_as_often_as_they_were_taken(rows: list[tuple[int, int]]) -> None:
    grid = [Candidate((letter, place)) for letter in (A, B) for place in (X, Y)]
    choices = [Choice(i, grid, 1) for i in range(4)] + [Choice(i, grid, times) for i, times in rows]
    found = fit(choices, {A: 2.0, Y: 0.5}, strength=1e-9, rounds=50)

    assert expected(choices, found) == pytest.approx(taken(choices), rel=1e-3)


def test_two_groups_that_explain_the_same_share_it() -> None:
    both = (Candidate((A, X)), Candidate((B, Y)))
    found = fit([Choice(0, both, 60), Choice(1, both, 20)], {}, strength=0.01)

    assert found[A] * found[X] / (found[B] * found[Y]) == pytest.approx(3, rel=0.01)


def test_the_likelihood_is_the_sum_of_the_logarithms_of_the_shares() -> None:
    weights = {A: 2.0, B: 1.0, X: 0.5}
    choices = [Choice(0, PAIR, 3), Choice(1, (Candidate((A, X)), Candidate((B,), base=3.0)))]

    assert likelihood(choices, weights) == pytest.approx(3 * math.log(2 / 3) + math.log(3 / 4))


def test_a_fit_is_likelier_than_its_start() -> None:
    choices = [Choice(0, PAIR, 30), Choice(1, PAIR, 10)]

    assert likelihood(choices, fit(choices, {A: 1.0, B: 1.0})) > likelihood(choices, {A: 1.0, B: 1.0})


def test_a_choice_among_candidates_that_weigh_nothing_says_nothing() -> None:
    assert fit([Choice(0, (Candidate((A, X)),))], {A: 0.0, X: 1.0})[X] == 1.0
