"""Everything that can be known to be wrong before anything is loaded: values, files, languages, weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from typoglot import config, rules
from typoglot.backbones import backbone_faults
from typoglot.config import Settings, TrainSettings
from typoglot.datasets.defaults import with_data, with_way_out
from typoglot.errors import ConfigError
from typoglot.measures.word_tokens import tokenizer_fault
from typoglot.sources import mini
from typoglot.tracking import tracker_faults
from typoglot.typos import profile_fault

if TYPE_CHECKING:
    from collections.abc import Sequence


def check(several: Sequence[Settings]) -> None:
    """Checks every configuration of a sweep before anything is loaded.

    Raises:
        ConfigError: with all faults of all of them.
    """
    several = [with_data(settings) for settings in several]
    found = [
        with_way_out(fault, settings)
        for settings in several
        for fault in rules.faults(settings) + _file_faults(settings)
    ]
    found += [fault for settings in several if (fault := _typo_fault(settings)) is not None]
    found += [fault for settings in several for fault in tracker_faults(settings.tracker)]
    if any(name.startswith("R@") for settings in several for name in settings.benchmark.measures):
        fault = tokenizer_fault()  # told before millions of passages are encoded
        found += [f"benchmark.measures: {fault}"] if fault else []
    if not found:
        # Asked last, and only of a configuration that is right otherwise: the answer may take seconds.
        wanted = [settings.backbone for settings in several if settings.backbone is not None]
        named = {(one.loader, one.name, one.revision): one for one in wanted}
        found += backbone_faults(named.values())
    if found:
        raise ConfigError(found)


def _file_faults(settings: Settings) -> list[str]:
    places = {
        "benchmark.path": settings.benchmark.path,
        "benchmark.distractors_path": settings.benchmark.distractors_path,
        "benchmark.questions": settings.benchmark.questions,
        "benchmark.passages": settings.benchmark.passages,
        "typos.models": settings.typos.models,
        "xqg.path": settings.xqg.path,
    }
    if isinstance(settings, TrainSettings):
        places |= {f"train.sources.{name}.path": source.path for name, source in settings.train.resolved().items()}
    else:
        places["checkpoint"] = settings.checkpoint
    return [
        f"{key}={place}: no such file or folder; correct the path."
        for key, place in places.items()
        if place and not _exists(place)
    ]


def _exists(place: str) -> bool:
    try:
        return Path(place).exists()
    except (OSError, ValueError):  # a name too long, or with a null byte
        return False


def _typo_fault(settings: Settings) -> str | None:
    """Whether the profile knows the languages; those of a benchmark on disk are asked when it has been read."""
    languages = settings.benchmark.languages
    codes = [language.value for language in languages or ()]
    if languages is None and settings.benchmark.format is config.BenchmarkFormat.mini:
        codes = list(mini.LANGUAGES)
    return profile_fault(settings.typos.profile.value, codes, settings.typos.models)
