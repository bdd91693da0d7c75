"""Hydra's jobs: its configuration to typed settings, checked before anything begins; its sweeps to one table."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from typoglot import pipeline
from typoglot.checks import check
from typoglot.cli.told import exit_code, message
from typoglot.config import EvaluateSettings, Settings, TrainSettings
from typoglot.errors import ConfigError, TypoglotError
from typoglot.files import make_folder
from typoglot.privacy import at_home
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable

ConfigStore.instance().store(name="train_settings", node=TrainSettings)
ConfigStore.instance().store(name="evaluate_settings", node=EvaluateSettings)


def start(main: Callable[[], object]) -> None:
    """Runs a Hydra main function and ends the process with the right exit code; a traceback only with debug=true."""
    debug = any(argument.lower() == "debug=true" for argument in sys.argv)
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra raises instead of printing: the message and the exit code are ours
    code = 0
    try:
        main()
    except KeyboardInterrupt:
        say("Interrupted; the same command goes on from the last resume point.")
        sys.exit(130)
    except Exception as error:
        if debug:
            traceback.print_exception(error)
        elif not getattr(error, "told", False):
            say(message(error))
        code = exit_code(error)
    _show_sweep()
    sys.exit(code)


def run(cfg: DictConfig) -> float:
    """One Hydra job.

    Raises:
        TypoglotError: in a sweep, so that the other jobs run; a single job ends the process instead.
    """
    sweep = HydraConfig.initialized() and HydraConfig.get().mode == RunMode.MULTIRUN
    if sweep:
        say(f"Job {HydraConfig.get().job.num + 1}: {HydraConfig.get().job.override_dirname}")
    try:
        return pipeline.run(settings_of(cfg))
    except Exception as error:
        if cfg.debug:
            raise
        say(message(error))
        error.told = True  # type: ignore[attr-defined]
        if sweep:
            raise
        sys.exit(exit_code(error))


def settings_of(cfg: DictConfig) -> Settings:
    """The composed configuration as typed settings; Hydra's own part is left behind.

    Raises:
        ConfigError: values are missing (all of them are named), or cannot be resolved.
    """
    own = cfg.copy()
    with read_write(own), open_dict(own):
        own.pop("hydra", None)
    missing = _missing(OmegaConf.to_container(own, resolve=False))
    if missing:
        raise ConfigError([f"{key}: is missing; give {key}=…" for key in missing])
    try:
        if OmegaConf.get_type(own) not in (TrainSettings, EvaluateSettings):
            # A run's own config.yaml, given by --config-path, names no schema.
            schema = OmegaConf.structured(TrainSettings if "train" in own else EvaluateSettings)
            settings = OmegaConf.to_object(OmegaConf.merge(schema, own))
        else:
            settings = OmegaConf.to_object(own)
    except OmegaConfBaseException as error:
        raise ConfigError([message(error)]) from error
    assert isinstance(settings, TrainSettings | EvaluateSettings)
    return at_home(settings)


def _missing(node: Any, place: str = "") -> list[str]:
    """The keys that are still ???, in their order."""
    if isinstance(node, dict):
        return [
            key for name, value in node.items() for key in _missing(value, f"{place}.{name}" if place else str(name))
        ]
    return [place] if node == "???" else []


class SweepCallback(Callback):
    """Checks every job of a sweep before the first begins."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Ends the process with exit code 2 if any job is wrong."""
        try:
            _sweep[:] = [settings_of(cfg) for cfg in jobs_of(config)]
            check(_sweep)
            make_folder(Path(config.output))
        except (TypoglotError, HydraException, OmegaConfBaseException) as error:
            # Hydra turns an exception of a callback into a warning and goes on; it lets SystemExit pass.
            say(message(error))
            raise SystemExit(exit_code(error)) from None


_sweep: list[Settings] = []
"""The jobs of the sweep that runs. Hydra tells its callbacks nothing of a sweep's end if a job failed."""


def _show_sweep() -> None:
    """One table and one page for all jobs that have points."""
    folders = [folder for folder in map(pipeline.folder_of, _sweep) if (folder / "points.jsonl").exists()]
    if len(set(folders)) > 1:
        pipeline.show_runs(
            folders, _sweep[0].benchmark.measures[0], Path(_sweep[0].output) / pipeline.PAGE, languages=False
        )


def jobs_of(config: DictConfig) -> list[DictConfig]:
    """Every job of a sweep, composed, as Hydra's basic sweeper will compose it; empty for other sweepers."""
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.override_parser.overrides_parser import OverridesParser

    if not str(config.hydra.sweeper._target_).endswith(".BasicSweeper"):
        return []
    loader = GlobalHydra.instance().config_loader()
    axes = [f"{key}={value}" for key, value in (config.hydra.sweeper.params or {}).items()]
    overrides = OverridesParser.create(config_loader=loader).parse_overrides([*axes, *config.hydra.overrides.task])
    batches = BasicSweeper.split_arguments(overrides, max_batch_size=None)
    name = config.hydra.job.config_name
    return [loader.load_configuration(name, list(job), run_mode=RunMode.RUN) for batch in batches for job in batch]
