"""Where a search is to look: refused where nothing can be found there, and its corners, which stand for all its points.

Knows Hydra's words for intervals, ranges and choices; knows nothing of who proposes the points.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from typoglot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hydra.core.override_parser.types import Override

_LEAST = {"n_trials": 1, "n_jobs": 1, "startup": 0, "seed": 0}
_DIRECTIONS = ("maximize", "minimize")


def corners(sweeper: Mapping[str, Any], overrides: Iterable[Override]) -> list[list[str]]:
    """The overrides of the two corners of a space: the lower ends and first choices, the upper ends and last choices.

    Args:
        sweeper: its settings; those that it has not are not looked at.
        overrides: of the search; the later of two with the same key holds.

    Raises:
        ConfigError: there is nothing to look for, or nothing where it is to be looked for.
    """
    space = {override.get_key_element(): override for override in overrides}
    faults = [*_of_sweeper(sweeper), *(fault for one in space.values() for fault in _of_axis(one))]
    if not any(one.is_sweep_override() for one in space.values()):
        faults.append("hydra/sweeper: has nothing to search; give KEY=interval(LOW,HIGH), a range or a choice.")
    if faults:
        raise ConfigError(faults)
    return [[f"{key}={_end(one, side)}" for key, one in space.items()] for side in (0, -1)]


def _of_sweeper(sweeper: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with how it searches."""
    for key, least in _LEAST.items():
        value = sweeper.get(key, least)
        if not isinstance(value, int) or value < least:
            yield f"hydra.sweeper.{key}={value}: must be a whole number of {least} or more."
    direction = sweeper.get("direction", _DIRECTIONS[0])
    if direction not in _DIRECTIONS:
        yield f"hydra.sweeper.direction={direction}: choose among {', '.join(_DIRECTIONS)}."


def _of_axis(override: Override) -> Iterator[str]:
    """What is wrong with an axis."""
    value: Any = override.value()
    if override.is_interval_sweep():
        if not -math.inf < value.start <= value.end < math.inf:
            yield f"{override.input_line}: an interval goes from a number up to another."
        elif "log" in value.tags and value.start <= 0:
            yield f"{override.input_line}: a log scale begins above 0."
    elif override.is_sweep_override() and not list(override.sweep_string_iterator()):
        yield f"{override.input_line}: has no value; end a range beyond its start."


def _end(override: Override, side: int) -> str:
    """The lower (0) or upper (-1) end of an interval, the first or last choice; what is fixed, as it is."""
    if override.is_interval_sweep():
        value: Any = override.value()
        return str((value.start, value.end)[side])
    if override.is_sweep_override():
        return list(override.sweep_string_iterator())[side]
    return override.get_value_element_as_str()
