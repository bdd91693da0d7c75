"""A small language file of known numbers, changed as a test asks, so that no test hangs on the shipped ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import chisquare

from typoglot.typos.letters import Word, letters
from typoglot.typos.tablefile import write_table
from typoglot.typos.tables import PLACES, Table, load

ABC = "abcdefghijklmnopqrstuvwxyz"
QWERTY = (
    ("1234567890", "!@#$%^&*()"),
    ("qwertyuiop", "QWERTYUIOP"),
    ("asdfghjkl;", "ASDFGHJKL:"),
    ("<zxcvbnm,.", ">ZXCVBNM<>"),
)
WEIGHTS: dict[str, Any] = {
    "classes": {"mechanical": 0.6, "orthographic": 0.4},
    "ops": {"substitute": 0.3, "delete": 0.2, "insert": 0.2, "double": 0.1, "undouble": 0.1, "transpose": 0.1},
    "positions": {"all": dict.fromkeys(PLACES, 1)},
    "letters": {},
    "spacing": {"join": 0.6, "split": 0.4},
}
SOURCE = {"provenance": "hand", "source": "made up for a test"}


def tables(language: str = "en", **changes: Any) -> dict[str, Any]:
    """A language file's tables.

    Weights are given bare (`ops={"delete": 1}`), the rows of the layout and the kinds of confusions by their own name;
    any other change takes the place of the whole key.
    """
    confusions = {kind: changes.pop(kind) for kind in ("orthographic", "diacritic", "bare") if kind in changes}
    rows = changes.pop("rows", [list(zip(*row, strict=True)) for row in QWERTY])
    weighed = {key: {**SOURCE, "weights": changes.pop(key, weights)} for key, weights in WEIGHTS.items()}
    return {
        "language": language,
        "alphabet": ABC,
        "vowels": "".join(vowel for vowel in "aeiou" if vowel in changes.get("alphabet", ABC)),
        "keys": "direct",
        "layout": {**SOURCE, "rows": rows},
        **weighed,
        "confusions": {**SOURCE, "orthographic": [["ie", "ei", 4], ["a", "e", 1]], **confusions},
        **changes,
    }


@pytest.fixture(scope="session")
def language_tables() -> Callable[..., dict[str, Any]]:
    """The tables of a small language file, changed as asked."""
    return tables


@pytest.fixture(scope="session")
def language_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A new folder with a small language file, changed as asked."""

    def written(language: str = "en", **changes: Any) -> Path:
        folder = tmp_path_factory.mktemp("languages")
        write_table(folder / f"{language}.json", tables(language, **changes))
        return folder

    return written


@pytest.fixture(scope="session")
def language_table(language_folder: Callable[..., Path]) -> Callable[..., Table]:
    """The checked table of a small language file, changed as asked."""

    def loaded(language: str = "en", **changes: Any) -> Table:
        return load(language, language_folder(language, **changes))

    return loaded


@pytest.fixture(scope="session")
def as_word() -> Callable[..., Word]:
    """A text that is one word, which one space parts from a following one or not."""

    def made(text: str, *, joins: bool = False) -> Word:
        return Word(0, len(text), text, letters(text), joins)

    return made


@pytest.fixture(scope="session")
def chance() -> Callable[[Mapping[Any, int], Mapping[Any, float]], float]:
    """How likely counts as uneven as these are under the weights; 0 if something came that weighs nothing."""

    def p_value(counts: Mapping[Any, int], weights: Mapping[Any, float]) -> float:
        names = [name for name, weight in weights.items() if weight]
        if not set(counts) <= set(names):
            return 0.0
        share = sum(counts.values()) / sum(weights.values())
        return float(
            chisquare([counts.get(name, 0) for name in names], [weights[name] * share for name in names]).pvalue
        )

    return p_value
