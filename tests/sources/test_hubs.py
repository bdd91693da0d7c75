from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import ir_datasets
import pytest

from typoglot.config import Benchmark, BenchmarkFormat
from typoglot.errors import ConfigError, DataError
from typoglot.languages import Language
from typoglot.records import Passage
from typoglot.sources import hubs, read_benchmark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("datasets")


class Titled(NamedTuple):
    doc_id: str
    title: str
    text: str


class Fake(ir_datasets.formats.BaseDocs, ir_datasets.formats.BaseQueries, ir_datasets.formats.BaseQrels):
    """A data set of ir_datasets that lies in memory."""

    def __init__(self, language: str | None) -> None:
        self.language = language

    def docs_iter(self) -> Iterator[Titled]:
        return iter([Titled("d1", "Saturn", "It has rings."), Titled("d2", "", "It is red.")])

    def queries_iter(self) -> Iterator[Any]:
        return iter([ir_datasets.formats.GenericQuery("q1", "What has rings?")])

    def qrels_iter(self) -> Iterator[Any]:
        return iter([ir_datasets.formats.TrecQrel("q1", "d1", 2, "0")])

    def queries_lang(self) -> str | None:
        return self.language


def register(name: str, language: str | None = "en") -> str:
    if name not in ir_datasets.registry:
        ir_datasets.registry.register(name, ir_datasets.Dataset(Fake(language)))
    return name


def test_a_data_set_of_ir_datasets_is_a_benchmark() -> None:
    settings = Benchmark("mine", BenchmarkFormat.ir_datasets, name=register("typoglot-fake"))

    found = read_benchmark(settings, 0)

    assert found.corpus == (Passage("d1", "It has rings.", "Saturn"), Passage("d2", "It is red."))
    assert [(query.id, query.language, query.text) for query in found.queries] == [("q1", "en", "What has rings?")]
    assert found.qrels == {"q1": {"d1": 2}}


def test_queries_of_no_language_take_the_one_that_is_wanted() -> None:
    name = register("typoglot-silent", None)
    settings = Benchmark("mine", BenchmarkFormat.ir_datasets, name=name, languages=[Language.fi])

    assert read_benchmark(settings, 0).languages == ["fi"]
    with pytest.raises(DataError, match="typoglot-silent: does not say its queries' language"):
        read_benchmark(Benchmark("mine", BenchmarkFormat.ir_datasets, name=name), 0)


def test_a_data_set_that_nobody_has_is_refused_by_name() -> None:
    for form in (BenchmarkFormat.ir_datasets, BenchmarkFormat.hf):
        with pytest.raises(DataError, match="no/such/thing: cannot be loaded"):
            read_benchmark(Benchmark("mine", form, name="no/such/thing"), 0)


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ir_datasets", None)

    with pytest.raises(ConfigError, match=re.escape('pip install "typoglot[ir_datasets]"')):
        hubs.read_ir_datasets("mine", "x", None)


MTEB = {
    "README.md": """---
configs:
  - {config_name: corpus, data_files: [{split: corpus, path: corpus.jsonl}]}
  - {config_name: queries, data_files: [{split: queries, path: queries.jsonl}]}
  - {config_name: default, data_files: [{split: dev, path: dev.jsonl}, {split: test, path: test.jsonl}]}
---
""",
    "corpus.jsonl": [
        {"_id": "d1", "title": "Saturn", "text": "It has rings."},
        {"_id": "d2", "title": "", "text": "Red."},
    ],
    "queries.jsonl": [{"_id": "q1", "text": "What has rings?"}, {"_id": "q2", "text": "What is red?"}],
    "dev.jsonl": [{"query-id": "q1", "corpus-id": "d1", "score": 1}],
    "test.jsonl": [{"query-id": "q2", "corpus-id": "d2", "score": 2}],
}


def hub(folder: Path, files: dict[str, Any]) -> str:
    folder.mkdir()
    for name, content in files.items():
        text = content if isinstance(content, str) else "".join(json.dumps(row) + "\n" for row in content)
        (folder / name).write_text(text)
    return str(folder)


def read_hf(name: str, *, split: str | None = None, **columns: str) -> Any:
    settings = Benchmark("mine", BenchmarkFormat.hf, name=name, split=split, columns=columns, languages=[Language.en])
    return read_benchmark(settings, 0)


def test_corpus_queries_and_judgements_may_be_configurations(tmp_path: Path) -> None:
    name = hub(tmp_path / "set", MTEB)

    assert read_hf(name).qrels == {"q2": {"d2": 2}}
    assert read_hf(name, split="dev").qrels == {"q1": {"d1": 1}}
    assert read_hf(name).corpus == (Passage("d1", "It has rings.", "Saturn"), Passage("d2", "Red."))


def test_judgements_may_be_called_by_their_name_and_be_numbers_with_a_point(tmp_path: Path) -> None:
    card = MTEB["README.md"].replace("config_name: default", "config_name: qrels")  # type: ignore[attr-defined]
    floats = [{"query-id": "q2", "corpus-id": "d2", "score": 2.0}]

    name = hub(tmp_path / "named", {**MTEB, "README.md": card, "test.jsonl": floats})

    assert read_hf(name).qrels == {"q2": {"d2": 2}}


def test_pairs_are_a_benchmark_over_all_their_passages(tmp_path: Path) -> None:
    rows = [{"question": "a?", "answer": "x"}, {"question": "b?", "answer": "x"}, {"question": "a?", "answer": "y"}]
    found = read_hf(hub(tmp_path / "set", {"pairs.jsonl": rows}), query="question", passage="answer")

    text = {passage.id: passage.text for passage in found.corpus}
    assert sorted(text.values()) == ["x", "y"]
    asked = {query.text: sorted(text[passage] for passage in found.qrels[query.id]) for query in found.queries}
    assert asked == {"a?": ["x", "y"], "b?": ["x"]}


def test_a_folder_is_called_by_its_own_name(tmp_path: Path) -> None:
    name = hub(tmp_path / "pairs", {"pairs.jsonl": [{"query": "a?", "passage": "x"}]})
    settings = Benchmark(name, BenchmarkFormat.hf, name=name, languages=[Language.en])

    assert read_benchmark(settings, 0).name == "pairs"


def test_a_column_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    name = hub(tmp_path / "set", {"pairs.jsonl": [{"question": "a?", "passage": "x"}]})

    with pytest.raises(DataError, match=r"no column 'query' among question, passage: .*columns\.query="):
        read_hf(name)


def test_a_dangling_judgement_is_refused(tmp_path: Path) -> None:
    name = hub(tmp_path / "set", MTEB | {"test.jsonl": [{"query-id": "q9", "corpus-id": "d2", "score": 1}]})

    with pytest.raises(DataError, match="unknown query 'q9'"):
        read_hf(name)
