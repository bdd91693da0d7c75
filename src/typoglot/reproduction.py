"""Published results to rows that run again: what to run, what must come out, how near. Runs nothing itself.

The rows are in conf/published.yaml; `typoglot reproduce` runs those for which data and weights are here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from string import Formatter
from typing import TYPE_CHECKING, Any, cast

from omegaconf import MISSING, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from typoglot.errors import ConfigError, DataError
from typoglot.lines import read_text
from typoglot.report import Found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from typoglot.results import Point


class Program(Enum):
    """What runs a row."""

    train = "train"
    evaluate = "evaluate"


@dataclass
class Expected:
    """Values of one measure, by language, in percent, that a row must come to within the tolerance."""

    measure: str = MISSING
    values: dict[str, float] = MISSING
    tolerance: float = MISSING  # points
    rate: float = 0.0
    count: int = 0  # of generated queries of each language
    alpha: float = 0.0


@dataclass
class Row:
    """One published result."""

    name: str = MISSING
    result: str = MISSING
    source: str = MISSING
    program: Program = MISSING
    overrides: list[str] = MISSING  # of the command; {NAME} is where a data set lies
    gpu: bool = False  # whether it takes days without one
    expected: list[Expected] = MISSING
    note: str = ""

    @property
    def needs(self) -> list[str]:
        """The names of the data sets that it reads."""
        names = [name for text in self.overrides for _, name, _, _ in Formatter().parse(text) if name]
        return list(dict.fromkeys(names))

    @property
    def command(self) -> str:
        """What a person types; data sets are named in capitals.

        >>> Row(program=Program.evaluate, overrides=["benchmark.path={xor_tydi}"]).command
        'python evaluate.py benchmark.path=XOR_TYDI'
        """
        return " ".join(
            ["python", f"{self.program.value}.py", *self.filled({name: name.upper() for name in self.needs})]
        )

    def filled(self, places: Mapping[str, str]) -> list[str]:
        """The overrides with each data set's place.

        Raises:
            ConfigError: a place is not given.
        """
        missing = [name for name in self.needs if name not in places]
        if missing:
            raise ConfigError([f"--data {name}=PATH: is not given; {self.name} reads it." for name in missing])
        return [text.format(**places) for text in self.overrides]


@dataclass
class _Rows:
    rows: list[Row] = field(default_factory=list)


def read_rows(path: Path) -> list[Row]:
    """The rows of a file.

    Raises:
        DataError: it is missing, no YAML, has a wrong key or value, or a name stands twice.
    """
    try:
        made = OmegaConf.create({"rows": OmegaConf.create(read_text(path))})
        rows = cast("_Rows", OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(_Rows), made))).rows
    except (OmegaConfBaseException, YAMLError, ValueError, TypeError, AttributeError) as error:
        place, first = getattr(error, "full_key", None), str(error).splitlines()[0]
        raise DataError(path, place or None, first, "rows as conf/published.yaml has them are expected") from error
    names = [row.name for row in rows]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled:
        raise DataError(path, doubled, "stands twice", "names must be unique")
    return rows


def judged(row: Row, points: Sequence[Point]) -> list[Found]:
    """Each expected value of the row beside the value among these points.

    Raises:
        DataError: there is no such point.
    """
    drawn: dict[tuple[Any, ...], list[float]] = {}
    for point in points:
        drawn.setdefault(_key(point), []).append(point.value)
    values = {key: sum(own) / len(own) for key, own in drawn.items()}
    found = []
    for wanted in row.expected:
        for language, value in wanted.values.items():
            key = (wanted.measure, language, wanted.rate, wanted.count, wanted.alpha)
            if key not in values:
                raise DataError(row.name, None, f"its run has no point {key}", "correct the row, or its overrides")
            found.append(_found(row, wanted, language, value, 100 * values[key]))
    return found


def cannot(row: Row, why: str) -> list[Found]:
    """Each expected value of a row that cannot be run."""
    return [
        _found(row, wanted, language, value, None)._replace(why_not=why)
        for wanted in row.expected
        for language, value in wanted.values.items()
    ]


def _found(row: Row, wanted: Expected, language: str, value: float, measured: float | None) -> Found:
    mixed = f"{wanted.count} at α {wanted.alpha:g}" if wanted.count else ""
    return Found(row.name, wanted.measure, language, mixed, value, wanted.tolerance, measured)


def _key(point: Point) -> tuple[Any, ...]:
    return (point.measure, point.language, point.rate, point.xqg_count, point.alpha if point.xqg_count else 0.0)
