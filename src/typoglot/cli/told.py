"""Errors to one clear message and an exit code.

0: done. 1: the run failed. 2: the configuration is wrong. 75: another process is working in the run's folder.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from typoglot.errors import BusyError, TypoglotError
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterator


def message(error: BaseException) -> str:
    """What a user is told of an error: the error's own words; of Hydra's long ones, what matters."""
    if isinstance(error, TypoglotError):
        return str(error)
    if isinstance(error, OmegaConfBaseException):
        key = getattr(error, "full_key", None)
        first = str(error).splitlines()[0]
        return f"{key}: {first}" if key and key not in first else first
    if isinstance(error, HydraException):
        cause = error.__cause__ or error.__context__
        return f"{error}" + (f"\n{message(cause)}" if isinstance(cause, OmegaConfBaseException) else "")
    return f"{type(error).__name__}: {error} (debug=true shows where; please report it)"


def exit_code(error: BaseException) -> int:
    """2 where the configuration is at fault, 75 where another process is at it, 1 otherwise."""
    if isinstance(error, TypoglotError):
        return error.exit_code
    return 2 if isinstance(error, HydraException | OmegaConfBaseException) else 1


def worst(*codes: int) -> int:
    """The exit code that stands for several: a failure counts more than what another process is at.

    >>> worst(0, 75), worst(75, 1)
    (75, 1)
    """
    return max(codes, key=lambda code: (code != 0, code != BusyError.exit_code, code))


@contextmanager
def told() -> Iterator[None]:
    """An error of ours ends a command with its message and its exit code."""
    try:
        yield
    except TypoglotError as error:
        say(str(error))
        raise typer.Exit(error.exit_code) from None
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
