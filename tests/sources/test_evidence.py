from __future__ import annotations

import re
from pathlib import Path

import pytest

from typoglot.errors import DataError
from typoglot.records import Passage
from typoglot.sources.evidence import Evidence, LoweredPassages, find_file, lowered

PASSAGES = (Passage("1", "A – b", "Tı"), Passage("2", "C"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Caf\u00e9 ÉCOLE", "café école"),
        ("a\u2010b\u2011c\u2012d\u2013e\u2014f\u2015g\u2043h\u2212i\uff0dj\u207bk", "a-b-c-d-e-f-g-h-i-j-k"),
        ("\u201ca\u201d \u201eb\u201f", '"a" "b"'),
        ("\u2018a\u2019 \u201ab\u201b `c\u00b4 \uff07 \u055a \ua78b", "'a' 'b' 'c' ' ' '"),
        ("1\u2032 2\u2033 3\u2034 4\u2057 5\u2035 6\u2036 7\u2037", "1' 2'' 3''' 4'''' 5' 6'' 7'''"),
        ("wait\u2026 no . . . yes", "wait... no ... yes"),
        ("1\u20442 \u2215", "1/2 /"),
        ("\u02dc\u2053\u223c\u223d\u223f\u301c\uff5e", "~~~~~~~"),
        ("a\u00adb\x01c\x0bd\x85e\x1bf\tg", "abc d ef\tg"),
        ("x\uff0by", "x\uff0by"),
    ],
)
def test_signs_that_look_alike_become_one(text: str, expected: str) -> None:
    assert lowered(text) == expected


def test_lowered_passages_are_made_when_they_are_asked_for_and_keep_their_ids() -> None:
    found = LoweredPassages(PASSAGES)

    assert (list(found.ids), len(found)) == (["1", "2"], 2)
    assert found[0] == Passage("1", "a - b", "tı")
    assert found[:2] == tuple(found) == (Passage("1", "a - b", "tı"), Passage("2", "c"))


def test_evidence_is_the_text_alone_or_what_is_made_of_the_passage() -> None:
    assert list(Evidence(PASSAGES)) == ["A – b", "C"]
    titled = Evidence(PASSAGES, lambda passage: f"{passage.title}|{passage.text}")
    assert (titled[0], titled[1:], len(titled)) == ("Tı|A – b", ["|C"], 2)


def test_the_one_file_that_fits_is_found(tmp_path: Path) -> None:
    (tmp_path / "psgs.tsv.gz").touch()
    (tmp_path / "other.txt").touch()
    (tmp_path / "._psgs.tsv.gz").touch()

    assert find_file(tmp_path, ("*.tsv", "*.tsv.gz"), "k") == tmp_path / "psgs.tsv.gz"
    assert find_file(tmp_path / "other.txt", ("*.tsv",), "k") == tmp_path / "other.txt"


@pytest.mark.parametrize(("names", "told"), [([], "no *.tsv or x"), (["a.tsv", "b.tsv"], "a.tsv, b.tsv all fit")])
def test_none_or_several_files_are_refused_with_the_key_that_names_one(
    names: list[str], told: str, tmp_path: Path
) -> None:
    for name in names:
        (tmp_path / name).touch()

    with pytest.raises(DataError, match=re.escape(f"{tmp_path}: {told}: one such file is expected; name it: k=FILE")):
        find_file(tmp_path, ("*.tsv", "x"), "k")
