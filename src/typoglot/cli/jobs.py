"""A Hydra main function: its job or its sweep, and an exit code, as `told` lists them."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from typoglot import pipeline
from typoglot.cli import multirun
from typoglot.cli.settings import settings_of
from typoglot.cli.told import exit_code, message, worst
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from omegaconf import DictConfig


def start(main: Callable[[], object]) -> None:
    """Runs a Hydra main function and ends the process with the right exit code; a traceback only with debug=true."""
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra raises instead of printing: the message and the exit code are ours
    code, stopped = _told(main)
    ended, _ = _told(lambda: multirun.end(stopped=stopped))
    sys.exit(worst(code, ended))


def _told(part: Callable[[], object]) -> tuple[int, bool]:
    """Runs a part of the process and tells its failure; its exit code, and whether no other job may begin."""
    try:
        found = part()
    except KeyboardInterrupt:
        say("Interrupted; the same command goes on from the last resume point.")
        sys.exit(130)
    except multirun.Stopped as error:
        return error.exit_code, True
    except Exception as error:
        if any(argument.lower() == "debug=true" for argument in sys.argv):
            traceback.print_exception(error)
        elif not getattr(error, "told", False):
            say(message(error))
        return exit_code(error), False
    return found if isinstance(found, int) else 0, False


def run(cfg: DictConfig) -> float:
    """One Hydra job.

    Raises:
        TypoglotError: in a sweep, so that the other jobs run; a single job ends the process instead.
    """
    sweep = HydraConfig.initialized() and HydraConfig.get().mode == RunMode.MULTIRUN
    try:
        return multirun.run_here(cfg) if sweep else pipeline.run(settings_of(cfg))
    except Exception as error:
        if cfg.debug:
            raise
        if not getattr(error, "told", False):
            say(message(error))
        error.told = True  # type: ignore[attr-defined]
        if not sweep:
            sys.exit(exit_code(error))
        if cfg.sweep.on_failure.name == "stop":
            raise multirun.Stopped(exit_code(error)) from None
        raise
