from __future__ import annotations

from pathlib import Path

import pytest

from typoglot.config import BenchmarkFormat, Distractors, TrainFormat
from typoglot.datasets.catalogue import CATALOGUE, Entry
from typoglot.files import sha256
from typoglot.languages import Language

FILES = [(entry, file) for entry in CATALOGUE.values() for file in entry.files]
FORMATS = {member.value for kind in (BenchmarkFormat, TrainFormat, Distractors) for member in kind}


def test_addresses_are_safe_and_names_stay_below_the_folder() -> None:
    for _, file in FILES:
        assert file.url.startswith("https://")
        assert not Path(file.name).is_absolute()
        assert ".." not in Path(file.name).parts


def test_every_pin_has_a_checksum_of_the_right_length_and_says_who_published_it() -> None:
    for _, file in FILES:
        if file.pin:
            assert file.pin.source
            assert file.pin.sha256 or file.pin.md5
            assert len(file.pin.sha256 or "0" * 64) == 64
            assert len(file.pin.md5 or "0" * 32) == 32


def test_no_two_files_have_one_checksum_or_one_place() -> None:
    checksums = [file.pin.sha256 or file.pin.md5 for _, file in FILES if file.pin]

    assert len(set(checksums)) == len(checksums)
    assert len({(entry.name, file.name) for entry, file in FILES}) == len(FILES)


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_languages_and_formats_are_the_harness_s_own(entry: Entry) -> None:
    assert set(entry.languages) <= {language.value for language in Language}
    assert {*entry.default, *([entry.format] if entry.format else [])} <= FORMATS
    assert "{path}" in entry.use
    assert bool(entry.files) != bool(entry.fetch)


def test_a_format_reads_one_entry_where_no_path_is_given() -> None:
    defaults = [name for entry in CATALOGUE.values() for name in entry.default]

    assert len(set(defaults)) == len(defaults)
    assert "beir" not in defaults  # is a form for anybody's data


@pytest.mark.real
@pytest.mark.parametrize(
    ("entry", "name"),
    [("qed", "qed/qed-dev.jsonlines"), ("xor_tydi", "xor-tydi/xor_train_retrieve_eng_span.jsonl")]
    + [("squad_nqg", f"squad-nqg/{side}-test.txt") for side in ("src", "tgt")],
)
def test_pins_are_those_of_the_files_that_are_here(entry: str, name: str, real_data: Path) -> None:
    (file,) = [file for file in CATALOGUE[entry].files if file.name == Path(name).name]

    assert file.pin
    assert (file.pin.size, file.pin.sha256) == ((real_data / name).stat().st_size, sha256(real_data / name))


def test_the_english_paragraphs_come_with_every_language_of_xquad() -> None:
    always = [file.name for file in CATALOGUE["xquad"].files if file.language is None]

    assert always == ["xquad.en.json"]
