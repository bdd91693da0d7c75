from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conftest import ROOT

from typoglot.config import Benchmark, BenchmarkFormat
from typoglot.errors import ConfigError, DataError
from typoglot.languages import Language
from typoglot.records import Passage, Query
from typoglot.sources import composed, read_benchmark

if TYPE_CHECKING:
    from pathlib import Path

CARD = """
passages: {file: passages.tsv}
queries:
  - {file: fi.tsv, format: tsv, language: fi}
  - {file: no.tsv, format: tsv, language: no}
judgements: {file: qrels.txt, format: trec}
parallel: true
"""
FILES = {
    "benchmark.yaml": CARD,
    "passages.tsv": "id\ttext\ttitle\nd1\tIt has rings.\tSaturn\nd2\tIt is red.\tMars\n",
    "fi.tsv": "1\tmikä?\n2\tkuka?\n",
    "no.tsv": "1\thva?\n",
    "qrels.txt": "1 0 d1 1\n2 0 d2 1\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def read(folder: Path) -> object:
    return composed.read_composed("mine", composed.custom(folder), None, folder)


def test_translations_that_share_an_id_are_one_question_in_several_languages(folder: Path) -> None:
    benchmark = composed.read_composed("mine", composed.custom(folder), None, folder)

    assert benchmark.queries == (
        Query("1_fi", "fi", "mikä?", "1"),
        Query("2_fi", "fi", "kuka?", "2"),
        Query("1_no", "no", "hva?", "1"),
    )
    assert benchmark.corpus == (Passage("d1", "It has rings.", "Saturn"), Passage("d2", "It is red.", "Mars"))
    assert benchmark.qrels == {"1_fi": {"d1": 1}, "2_fi": {"d2": 1}, "1_no": {"d1": 1}}


def test_only_the_wanted_languages_are_asked(folder: Path) -> None:
    benchmark = composed.read_composed("mine", composed.custom(folder), ["no"], folder)

    assert [query.id for query in benchmark.queries] == ["1_no"]


def test_an_id_in_two_files_is_refused_unless_it_is_one_question_s(folder: Path) -> None:
    (folder / "benchmark.yaml").write_text(CARD.replace("parallel: true", ""))

    with pytest.raises(DataError, match=r"no\.tsv: query '1' is in fi\.tsv too: .*parallel: true"):
        read(folder)


def test_a_judgement_of_an_unknown_id_names_where_ids_come_from(folder: Path) -> None:
    (folder / "qrels.txt").write_text("1 0 d3 1\n")

    with pytest.raises(DataError, match=r"unknown passage 'd3': .* ids of fi\.tsv \(and 1 more\) and passages\.tsv"):
        read(folder)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("passages:", "passage:", "the file has the unknown key 'passage'"),
        ("passages: {file: passages.tsv}", "", "'passages' is missing"),
        ("{file: passages.tsv}", "passages.tsv", "'passages' is no mapping"),
        ("format: trec", "format: TREC", "unknown format 'TREC': choose among trec, beir"),
        ("language: fi", "language: xx", "unknown language 'xx'"),
        ("language: fi", "langauge: fi", "'queries' has the unknown key 'langauge'"),
        ("file: qrels.txt", "file: ''", "'file' is missing or no text"),
        ("file: qrels.txt", "file: [qrels.txt]", "'file' is missing or no text"),
        ("file: qrels.txt", "file: ../qrels.txt", "file '../qrels.txt': a file below the folder is expected"),
        ("file: qrels.txt", "file: /etc/hosts", "file '/etc/hosts': a file below"),
        ("parallel: true", "parallel: yes", "'parallel' is no truth value"),
        ("parallel: true", "{", "benchmark.yaml:7: not YAML"),
    ],
)
def test_what_is_wrong_with_a_yaml_is_told(folder: Path, old: str, new: str, fault: str) -> None:
    (folder / "benchmark.yaml").write_text(CARD.replace(old, new))

    with pytest.raises(DataError, match=re.escape(fault)):
        read(folder)


def test_a_yaml_that_unfolds_without_end_is_refused_at_once(folder: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    (folder / "benchmark.yaml").write_text(bomb)

    with pytest.raises(DataError, match="unknown key 'a0'"):
        read(folder)


@given(content=st.binary() | st.text("abc: {}[],-&*'\"\n ").map(str.encode))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_benchmark_or_a_data_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "benchmark.yaml").write_bytes(content)

    with suppress(DataError):
        composed.custom(folder)


@given(name=st.sampled_from(list(FILES)), start=st.integers(0, 90), length=st.integers(0, 60), filler=st.binary())
@settings(max_examples=150, deadline=None)
def test_damaged_files_raise_nothing_but_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, name: str, start: int, length: int, filler: bytes
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    for file, content in FILES.items():
        data = content.encode()
        (folder / file).write_bytes(data[:start] + filler + data[start + length :] if file == name else data)

    with suppress(DataError):
        read(folder)


@pytest.mark.parametrize("form", [BenchmarkFormat.miracl, BenchmarkFormat.mr_tydi])
def test_a_benchmark_with_a_corpus_for_each_language_takes_one_language(tmp_path: Path, form: BenchmarkFormat) -> None:
    both = Benchmark("x", form, str(tmp_path), languages=[Language.fi, Language.ko])

    with pytest.raises(ConfigError, match="each language has passages of its own"):
        read_benchmark(both, 0)


# The page


def page() -> dict[str, str]:
    """The files that docs/custom_benchmark.md shows under their names."""
    text = (ROOT / "docs" / "custom_benchmark.md").read_text()
    return dict(re.findall(r"^`([\w./-]+)`:\n\n```\w*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL))


def test_the_page_s_example_is_a_benchmark(tmp_path: Path) -> None:
    for name, content in page().items():
        (tmp_path / name).write_text(content.replace("→", "\t"))

    benchmark = read_benchmark(Benchmark("mine", BenchmarkFormat.custom, str(tmp_path)), 0)

    assert [(query.id, query.language) for query in benchmark.queries] == [
        ("1_en", "en"),
        ("2_en", "en"),
        ("1_fi", "fi"),
    ]
    assert [passage.id for passage in benchmark.corpus] == ["saturn", "mars", "moon"]
    assert benchmark.qrels["1_fi"] == benchmark.qrels["1_en"] == {"saturn": 2, "moon": 1}
