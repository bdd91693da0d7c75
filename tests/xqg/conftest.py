from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from typoglot import backbones
from typoglot.config import Backbone, Dtype, Loader, Pooling, Precision
from typoglot.encoder import Encoder, Recipe
from typoglot.records import Passage
from typoglot.sources import mini
from typoglot.store import Store
from typoglot.xqg.shelving import Shelving

RECIPE = Recipe(Pooling.mean, False, "query: ", "passage: ", 24, 48)
LANGUAGES = ("de", "ko")
PASSAGES = [entry.passage for entry in mini.entries()[:7]]


@pytest.fixture(scope="session")
def make_encoder(tiny_bert: Path) -> Callable[..., Encoder]:
    """The tiny encoder, with changes to its recipe."""

    def made(folder: Path = tiny_bert, **changes: Any) -> Encoder:
        network, tokenizer = backbones.load(Backbone("tiny", Loader.hub, str(folder)))
        return Encoder(network, None, tokenizer, replace(RECIPE, **changes)).eval()

    return made


@pytest.fixture
def shelving(make_encoder: Callable[..., Encoder], tmp_path: Path) -> Shelving:
    """A shelving with blocks of three passages."""
    return Shelving(make_encoder(), Store(tmp_path / "store"), Precision.fp32, Dtype.fp32, block_rows=3)


@pytest.fixture
def passages() -> list[Passage]:
    return PASSAGES


@pytest.fixture
def queries() -> dict[str, dict[str, tuple[str, ...]]]:
    """Three queries a language, of which the second passage lacks one, the third all Korean ones, the fourth all."""
    found = {}
    for number, entry in enumerate(mini.entries()[:7]):
        texts = list(entry.questions.values())
        found[entry.passage.id] = {"de": tuple(texts[:3]), "ko": tuple(texts[3:6]), "en": (texts[7],)}
        if number == 1:
            found[entry.passage.id]["de"] = tuple(texts[:2])
        if number == 2:
            del found[entry.passage.id]["ko"]
        if number == 3:
            del found[entry.passage.id]
    return found
