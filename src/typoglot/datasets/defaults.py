"""Paths that a configuration leaves out, where the data were fetched: the usual place of `typoglot data fetch`.

The settings themselves stay as they were given: a run is named by them, and is the same on every machine.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from typoglot.config import EvaluateSettings, TrainSettings
from typoglot.datasets.catalogue import CATALOGUE
from typoglot.datasets.holdings import default_path

if TYPE_CHECKING:
    from typoglot.config import Benchmark, Settings, Train

_S = TypeVar("_S", bound=TrainSettings | EvaluateSettings)


def with_data(settings: _S) -> _S:
    """The settings as they are read on this machine: with the paths of fetched data where none is given.

    Raises:
        DataError: the record of what was fetched is damaged.
    """
    settings = replace(settings, benchmark=_benchmark(settings.benchmark))
    return replace(settings, train=_train(settings.train)) if isinstance(settings, TrainSettings) else settings


def with_way_out(fault: str, settings: Settings) -> str:
    """The fault, with the command that brings the data if it is data that are missing."""
    formats = {"benchmark.path": settings.benchmark.format.value}
    if settings.benchmark.distractors:
        formats |= dict.fromkeys(
            ("benchmark.distractors", "benchmark.distractors_path"), settings.benchmark.distractors.value
        )
    if isinstance(settings, TrainSettings):
        formats |= {f"train.sources.{name}.path": one.format.value for name, one in settings.train.sources.items()}
    key = fault.partition(":")[0].partition("=")[0]
    entry = next((one for one in CATALOGUE.values() if formats.get(key) in one.default), None)
    return f"{fault} `typoglot data fetch {entry.name}` brings it." if entry else fault


def _benchmark(benchmark: Benchmark) -> Benchmark:
    path = benchmark.path or _usual(benchmark.format.value)
    crowd = benchmark.distractors_path or (_usual(benchmark.distractors.value) if benchmark.distractors else None)
    return replace(benchmark, path=path, distractors_path=crowd)


def _train(train: Train) -> Train:
    given = train.resolved()
    sources = {
        name: replace(source, path=source.path or (None if given[name].path else _usual(source.format.value)))
        for name, source in train.sources.items()
    }
    return replace(train, sources=sources)


def _usual(format_name: str) -> str | None:
    path = default_path(format_name)
    return None if path is None else str(path)
