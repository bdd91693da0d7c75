"""Every language file: where its tables come from, that shares sum up, that its confusions can be written in it."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from typoglot.languages import Language
from typoglot.typos import tables
from typoglot.typos.tablefile import ORDER, read_table, write_table
from typoglot.typos.tables import LENDABLE

PATHS = sorted(tables.FOLDER.glob("*.json"))
KINDS = ("orthographic", "diacritic")
BESIDES = frozenset("'’-")  # what a confusion may write besides the letters of the language
LONGEST = 4  # letters of a confusion's right side


@lru_cache
def table(path: Path) -> dict[str, Any]:
    return read_table(path)


every = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
# The confusions of other methods are of strokes or syllables.
direct = pytest.mark.parametrize(
    "path", [path for path in PATHS if table(path)["keys"] == "direct"], ids=lambda path: path.stem
)


def own(path: Path, key: str) -> dict[str, Any]:
    """The table of that name; empty if another language lends it."""
    part: dict[str, Any] = table(path)[key]
    return {} if "from" in part else part


def rows(path: Path) -> list[tuple[str, str, float]]:
    confusions = own(path, "confusions")
    return [(right, wrong, weight) for kind in KINDS for right, wrong, weight in confusions.get(kind, [])]


def bare(right: str) -> str:
    return right.removeprefix("^").removesuffix("$")


def numbers(weights: Any) -> list[float]:
    return [number for value in weights.values() for number in (numbers(value) if isinstance(value, dict) else [value])]


def is_normal(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text)


def test_every_language_but_these_has_a_file() -> None:
    without = {"ca", "cs", "dz", "et", "eu", "gl", "id", "om", "sl"}

    assert {path.stem for path in PATHS} == {one.value for one in Language} - without - {"zh", "en_gb", "pt_br"}


@every
def test_a_file_loads_and_names_its_language(path: Path) -> None:
    assert tables.load(path.stem, path.parent).language == path.stem


@every
def test_a_file_has_all_tables_in_order_and_no_other(path: Path) -> None:
    assert [*table(path)] == [key for key in ORDER if key in table(path)]
    assert set(ORDER) - set(table(path)) <= {"cluster"}


@every
def test_a_file_is_in_its_canonical_form(path: Path, tmp_path: Path) -> None:
    write_table(tmp_path / path.name, table(path))

    assert path.read_bytes() == (tmp_path / path.name).read_bytes()


@every
def test_every_table_says_where_it_comes_from(path: Path) -> None:
    parts = {key: part for key, part in table(path).items() if isinstance(part, dict)}

    assert set(parts) >= {"layout", *LENDABLE}
    assert [key for key, part in parts.items() if part.get("provenance") not in tables.Provenance.__members__] == []
    assert [key for key, part in parts.items() if len(part.get("source", "").split()) < 3] == []


@every
def test_what_is_borrowed_is_borrowed_from_its_owner(path: Path) -> None:
    lenders = {key: part["from"] for key, part in table(path).items() if isinstance(part, dict) and "from" in part}

    assert [key for key, lender in lenders.items() if not (path.parent / f"{lender}.json").exists()] == []
    assert [key for key, lender in lenders.items() if not own(path.parent / f"{lender}.json", key)] == []


@every
@pytest.mark.parametrize("key", ["classes", "ops", "spacing"])
def test_shares_sum_to_one(path: Path, key: str) -> None:
    weights = own(path, key).get("weights", {"all": 1.0})

    assert sum(weights.values()) == pytest.approx(1, abs=0.001)


@every
@pytest.mark.parametrize("key", ["classes", "ops", "positions", "letters", "spacing"])
def test_no_weight_is_negative(path: Path, key: str) -> None:
    assert all(number >= 0 for number in numbers(own(path, key).get("weights", {})))


@every
def test_positions_are_all_possible(path: Path) -> None:
    assert all(number > 0 for number in numbers(own(path, "positions").get("weights", {})))


@every
def test_an_alphabet_is_composed_and_has_each_letter_once(path: Path) -> None:
    letters = table(path)["alphabet"]

    assert is_normal(letters)
    assert len(set(letters)) == len(letters)


@every
def test_vowels_are_letters_of_the_alphabet(path: Path) -> None:
    assert is_normal(table(path)["vowels"])
    assert set(table(path)["vowels"]) <= set(table(path)["alphabet"])


@every
def test_a_confusion_changes_what_is_written(path: Path) -> None:
    assert [row for row in rows(path) if bare(row[0]) == row[1]] == []


@direct
def test_a_confusion_rewrites_one_to_four_letters(path: Path) -> None:
    assert [row for row in rows(path) if not 0 < len(bare(row[0])) <= LONGEST] == []


@every
def test_a_confusion_is_in_normal_form(path: Path) -> None:
    assert [row for row in rows(path) if not is_normal(row[0] + row[1])] == []


@every
def test_a_confusion_stands_once(path: Path) -> None:
    pairs = [row[:2] for row in rows(path)]

    assert [pair for pair in set(pairs) if pairs.count(pair) > 1] == []


@every
def test_a_confusion_weighs_something(path: Path) -> None:
    assert [row for row in rows(path) if row[2] <= 0] == []
    assert own(path, "confusions").get("bare", 0) >= 0


@direct
def test_a_confusion_brings_in_letters_of_the_alphabet_alone(path: Path) -> None:
    letters = BESIDES.union(table(path)["alphabet"])

    assert [row for row in rows(path) if not letters.issuperset(row[1])] == []


@direct
def test_a_confusion_is_looked_for_in_letters_of_the_alphabet(path: Path) -> None:
    letters = BESIDES.union(table(path)["alphabet"])
    rare = bool(table(path).get("cluster"))  # such scripts have marks so rare that no slip brings them in

    assert [row for row in rows(path) if not (rare or letters.issuperset(bare(row[0])))] == []


@every
def test_a_class_that_has_a_share_can_happen(path: Path) -> None:
    classes = own(path, "classes").get("weights", {})
    confusions = own(path, "confusions")

    assert [kind for kind in KINDS if classes.get(kind) and not confusions.get(kind)] == []
