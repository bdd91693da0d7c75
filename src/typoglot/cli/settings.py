"""Hydra's configuration to typed settings."""

from __future__ import annotations

from typing import Any

from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException

from typoglot.cli.told import message
from typoglot.config import EvaluateSettings, Settings, TrainSettings
from typoglot.errors import ConfigError
from typoglot.privacy import at_home

ConfigStore.instance().store(name="train_settings", node=TrainSettings)
ConfigStore.instance().store(name="evaluate_settings", node=EvaluateSettings)


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
