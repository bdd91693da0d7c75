from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from typoglot.config import Dtype, Precision
from typoglot.encoder import Encoder
from typoglot.records import Passage
from typoglot.shelving import Shelving
from typoglot.sources import mini
from typoglot.store import Store

LANGUAGES = ("de", "ko")
PASSAGES = [entry.passage for entry in mini.entries()[:7]]


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
