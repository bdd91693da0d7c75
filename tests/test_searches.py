"""What a search refuses before its first job, and the corners that stand for its points."""

from __future__ import annotations

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from typoglot.cli.searches import corners
from typoglot.errors import ConfigError


def corners_of(*words: str, **sweeper: object) -> list[list[str]]:
    return corners(sweeper, OverridesParser.create().parse_overrides(list(words)))


def test_the_corners_have_the_ends_of_each_axis_and_what_is_fixed() -> None:
    words = ("a=interval(0.1,0.9)", "b=tag(log,interval(1e-5,1e-3))", "c=range(1,8,3)", "d=x,y", "e=[1]")

    assert corners_of(*words) == [
        ["a=0.1", "b=1e-05", "c=1", "d=x", "e=[1]"],
        ["a=0.9", "b=0.001", "c=7", "d=y", "e=[1]"],
    ]


def test_of_two_words_for_a_key_the_later_holds() -> None:
    assert corners_of("a=interval(0.5,0.1)", "a=interval(0.1,0.5)") == [["a=0.1"], ["a=0.5"]]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("a=interval(0.5,0.1)", "a=interval(0.5,0.1): an interval goes from a number up to another."),
        ("a=interval(0.5,inf)", "a=interval(0.5,inf): an interval goes from a number up to another."),
        ("a=interval(-inf,0.5)", "a=interval(-inf,0.5): an interval goes from a number up to another."),
        ("a=interval(nan,0.5)", "a=interval(nan,0.5): an interval goes from a number up to another."),
        ("a=tag(log,interval(0,1))", "a=tag(log,interval(0,1)): a log scale begins above 0."),
        ("a=range(5,1)", "a=range(5,1): has no value; end a range beyond its start."),
        ("a=1", "hydra/sweeper: has nothing to search; give KEY=interval(LOW,HIGH), a range or a choice."),
    ],
)
def test_a_space_in_which_nothing_lies_is_refused(word: str, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        corners_of(word)

    assert raised.value.faults == [told]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("n_trials", 0, "hydra.sweeper.n_trials=0: must be a whole number of 1 or more."),
        ("seed", "x", "hydra.sweeper.seed=x: must be a whole number of 0 or more."),
        ("n_jobs", 1.5, "hydra.sweeper.n_jobs=1.5: must be a whole number of 1 or more."),
        ("startup", -1, "hydra.sweeper.startup=-1: must be a whole number of 0 or more."),
        ("direction", "up", "hydra.sweeper.direction=up: choose among maximize, minimize."),
    ],
)
def test_a_search_that_cannot_go_is_refused(key: str, value: object, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        corners_of("a=interval(0.1,0.5)", **{key: value})

    assert raised.value.faults == [told]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigError, match="3 faults"):
        corners_of("a=interval(0.5,0.1)", "b=range(5,1)", n_trials=0)
