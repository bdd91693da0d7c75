"""Fits weights to choices: which of several candidates was taken, as a product of the weights of its features.

Knows nothing of words.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Feature = tuple[str, ...]
"""A feature's group (operation, place, letter …) and its name within it."""


class Candidate(NamedTuple):
    """What might have been taken: its weight is `base` times those of its features."""

    features: tuple[Feature, ...]
    base: float = 1.0


class Choice(NamedTuple):
    """The candidates, which one was taken, and how often."""

    taken: int
    candidates: Sequence[Candidate]
    times: int = 1


def fit(
    choices: Sequence[Choice], start: Mapping[Feature, float], strength: float = 2.0, rounds: int = 25
) -> dict[Feature, float]:
    """The weights under which each feature is expected about as often as it was taken.

    Each is drawn to where it starts as if by `strength` further sightings (the posterior mode under a gamma prior):
    w = (taken + strength) / (exposure + strength / w0). Groups of features take turns, so that two that explain the
    same do not both rise.

    Args:
        choices: what was observed.
        start: w0 of each feature; a feature with none starts at 1.
        strength: of the pull.
        rounds: over all groups.
    """
    weights = defaultdict(lambda: 1.0, start)
    groups = sorted({feature[0] for choice in choices for one in choice.candidates for feature in one.features})
    taken = _taken(choices)
    for _ in range(rounds):
        for group in groups:
            for feature, exposure in _exposures(choices, weights, group).items():
                first = start.get(feature, 1.0)
                weights[feature] = (taken.get(feature, 0) + strength) / (exposure + strength / first)
    return dict(weights)


def likelihood(choices: Iterable[Choice], weights: Mapping[Feature, float]) -> float:
    """The logarithm of the chance that these choices had under the weights."""
    total = 0.0
    for choice in choices:
        weighed = [_weigh(one, weights) for one in choice.candidates]
        total += choice.times * math.log(weighed[choice.taken] / sum(weighed))
    return total


def _taken(choices: Iterable[Choice]) -> dict[Feature, int]:
    found: dict[Feature, int] = {}
    for choice in choices:
        for feature in choice.candidates[choice.taken].features:
            found[feature] = found.get(feature, 0) + choice.times
    return found


def _exposures(choices: Iterable[Choice], weights: Mapping[Feature, float], group: str) -> dict[Feature, float]:
    """How often each feature of the group is expected to be taken, for each unit of its weight."""
    found: dict[Feature, float] = {}
    for choice in choices:
        weighed = [_weigh(one, weights) for one in choice.candidates]
        total = sum(weighed) / choice.times
        if not total:  # what cannot happen says nothing of what does
            continue
        for one, weight in zip(choice.candidates, weighed, strict=True):
            for feature in one.features:
                if feature[0] == group and weights[feature]:
                    found[feature] = found.get(feature, 0.0) + weight / total / weights[feature]
    return found


def _weigh(candidate: Candidate, weights: Mapping[Feature, float]) -> float:
    return candidate.base * math.prod(weights[feature] for feature in candidate.features)
