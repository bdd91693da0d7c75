"""Clean scores to what must be borne in mind when losses are read: floors and ceilings, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from typoglot.measures import Measure
from typoglot.results import POOLED, read_floors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from typoglot.measures import Interval

CEILING = 0.95  # a clean score above it leaves little room in which systems could differ
NEAR = 2  # times the score of a random order: a clean score whose interval reaches down to that is near the floor


def floor_of(folder: Path, measure: str, passages: int) -> float:
    """The score of a random order, as far as it is known: of answers as the run found it, else by passages' number."""
    found = read_floors(folder).get((measure, POOLED, ""))
    if found is not None:
        return float(found["value"])
    return Measure.parse(measure).at_random(passages) if passages else math.nan


def near_floor(clean: Mapping[str, Interval], floor: float) -> dict[str, Interval]:
    """Of the clean scores by language, those near the score of a random order; none where the floor is nan."""
    return {language: one for language, one in clean.items() if one.low <= NEAR * floor}


def room(label: str, clean: Mapping[str, Interval], floor: float) -> list[str]:
    """Where clean scores are so low, or so high, that losses mean little. The floor may be nan: unknown."""
    low = near_floor(clean, floor)
    high = {language: one for language, one in clean.items() if one.value > CEILING and language not in low}
    found = []
    if low:
        pooled = "" if POOLED in low or POOLED not in clean else " All languages together include these."
        found.append(
            f"Floor: on clean queries {label} scores {_listed(low)}, near the at most {100 * floor:.1f} % of a random "
            f"order: it has little to lose, so a small loss says nothing.{pooled}"
        )
    if high:
        found.append(
            f"Ceiling: on clean queries {label} scores {_listed(high)}: they are too easy to tell a good system from a "
            "better one."
        )
    return found


def _listed(values: Mapping[str, Interval]) -> str:
    return ", ".join(f"{100 * one.value:.1f} % ({language})" for language, one in values.items())
