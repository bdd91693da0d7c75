"""The errors a user can meet, each with the exit code of the command that met it.

TypoglotError            exit 1  the run failed
├── ConfigError          exit 2  the configuration is wrong; nothing was started
├── DataError            exit 1  a file is missing, unreadable or malformed
│   └── DataFaultsError  exit 1  … in several places: the first of them, and how many more
├── CheckpointError      exit 1  a checkpoint does not fit what is asked of it
└── OutputError          exit 1  a result cannot be written
    └── BusyError        exit 75 another process is writing there: it can be tried again
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class TypoglotError(Exception):
    """The root: every message names the thing, the value, the rule and the way out."""

    exit_code = 1


class ConfigError(TypoglotError):
    """Every fault of a configuration at once.

    >>> print(ConfigError(["seed=-1: must be 0 or more.", "typos.rates=[2]: each must lie in 0-1."]))
    2 faults in the configuration:
      seed=-1: must be 0 or more.
      typos.rates=[2]: each must lie in 0-1.
    """

    exit_code = 2

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = list(dict.fromkeys(faults))
        many = f"{len(self.faults)} faults in the configuration:\n  " if len(self.faults) > 1 else ""
        super().__init__(many + "\n  ".join(self.faults))


class DataError(TypoglotError):
    """What is wrong with a file: where, what, and what was expected there.

    >>> print(DataError("a.jsonl", 3, "id 'q1' appears twice", "ids must be unique"))
    a.jsonl:3: id 'q1' appears twice: ids must be unique
    """

    def __init__(self, path: Path | str, place: int | str | None, what: str, expected: str) -> None:
        where = str(path) if place is None else f"{path}:{place}"
        super().__init__(f"{where}: {what}: {expected}")


class DataFaultsError(DataError):
    """The first faults of a reading, a line each, and how many more there are.

    >>> print(DataFaultsError([DataError("a.tsv", 3, "'x'", "two cells are expected")], 7))
    a.tsv:3: 'x': two cells are expected
    … and 6 more
    """

    def __init__(self, first: Sequence[DataError], number: int) -> None:
        lines = [str(error) for error in first]
        more = [f"… and {number - len(first):,} more"] if number > len(first) else []
        Exception.__init__(self, "\n".join([*lines, *more]))


class CheckpointError(TypoglotError):
    """A checkpoint that is missing, broken, or of another architecture."""


class OutputError(TypoglotError):
    """A folder or file that cannot be written."""


class BusyError(OutputError):
    """A folder in which another process is working."""

    exit_code = 75  # EX_TEMPFAIL of sysexits.h
