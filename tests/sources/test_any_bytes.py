"""Every reader of this room, and of a run's own files: whatever stands there, it is read, or refused with our error."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sources.test_sources import FILES
from tests.test_results import POINT

from typoglot.config import Benchmark, BenchmarkFormat, Source, TrainFormat
from typoglot.errors import DataError, TypoglotError
from typoglot.languages import Language
from typoglot.records import Query
from typoglot.report.examples import read_examples
from typoglot.results import passage_codes, read_floors, read_points, read_queries, read_training
from typoglot.sources import read_benchmark, read_pairs
from typoglot.sources.generated import read_generated
from typoglot.sources.rankings import Ties, read_ranking
from typoglot.sources.xor_tydi import read_gold, read_predictions

if TYPE_CHECKING:
    from collections.abc import Callable

# One sound line of each file, so that damage to it is not only damage at its beginning. Local data sets of Hugging Face
# are read by that package: a test of its own, since each reading takes a second.
ROWS = FILES | {
    "mkqa.jsonl": '{"example_id": 1, "query": "who?", "queries": {"fi": "kuka?", "en": "who?"}, '
    '"answers": {"en": [{"type": "date", "text": "2017", "aliases": ["in 2017"]}]}}\n',
    "mia/mkqa-en.jsonl": '{"id": "1_en", "lang": "en", "question": "who?", "answers": ["a", "yes"]}\n',
    "mia/mkqa-fi.jsonl": '{"id": "1_fi", "lang": "fi", "question": "kuka?", "answers": []}\n',
    "psgs.tsv": "id\ttext\ttitle\n1\ta b\tc\n",
    "generated.jsonl": '{"docid": "d1", "language": "fi", "query": "mikä?"}\n',
    "records.jsonl": '{"docid": "d1", "generated_queries": {"fi": ["mikä?"]}}\n',
    "gold.jsonl": '{"id": "1", "lang": "fi", "question": "mikä?", "answers": ["a"]}\n',
    "predictions.json": '[{"id": "1", "lang": "fi", "ctxs": ["a", "b"]}]\n',
    "run.trec": "q1 Q0 d1 1 0.5 t\n",
    "points.jsonl": f"{json.dumps(asdict(POINT))}\n",
    "floor.json": '[{"measure": "R@2kt", "language": "all", "answer_type": "", "value": 0.2, "low": 0.1, "high": 0.3, '
    '"exact": false, "n": 3, "passages": 9}]\n',
    "examples.jsonl": '{"sample": {"measure": "m", "rate": 0.1, "draw": 0, "passages": 9, "outcomes": {"lost": 1}, '
    '"untouched": 0}}\n{"query": "q", "language": "fi", "outcome": "lost", "clean": "a", "text": "b", "edits": [], '
    '"before": {"first": ["d"], "found": 1}, "after": {"first": [], "found": null}, "texts": {"d": "x"}, '
    '"relevant": ["d"]}\n',
    "training.jsonl": '{"step": 1, "loss": 0.5}\n',
    "misspelt.jsonl": '{"id": "q", "language": "fi", "text": "a", "clean": "ab", "words": 1, "cer": 0.5, "ker": null, '
    '"edits": [{"start": 0, "end": 2, "op": "delete", "kind": "near", "before": "ab", "after": "a"}]}\n',
}
GOLD = (Query("1", "fi", "mikä?", "1", ("a",)),)


def benchmark(folder: Path, kind: str, language: str | None = None) -> object:
    languages = [Language(language)] if language else None
    return read_benchmark(Benchmark("x", BenchmarkFormat(kind), str(folder), languages=languages), 0)


def answered(folder: Path, kind: str, questions: str) -> object:
    files = {"questions": str(folder / questions), "passages": str(folder / "psgs.tsv")}
    return read_benchmark(Benchmark("x", BenchmarkFormat(kind), **files), 0)


def pairs(path: Path, kind: str) -> object:
    return read_pairs(Source(TrainFormat(kind), str(path)), 0)


READERS: dict[str, tuple[list[str], Callable[[Path], object]]] = {
    "xquad": (["xquad.en.json"], lambda folder: benchmark(folder, "xquad")),
    "mkqa": (["mkqa-en.jsonl"], lambda folder: benchmark(folder, "mkqa_parallel")),
    "mkqa release": (["mkqa.jsonl"], lambda folder: benchmark(folder / "mkqa.jsonl", "mkqa_parallel")),
    "mkqa answers": (["mkqa.jsonl", "psgs.tsv"], lambda folder: answered(folder, "mkqa", "mkqa.jsonl")),
    "mia answers": (["mia/mkqa-en.jsonl", "mia/mkqa-fi.jsonl"], lambda folder: answered(folder, "mkqa", "mia")),
    "xor_tydi": (["gold.jsonl", "psgs.tsv"], lambda folder: answered(folder, "xor_tydi", "gold.jsonl")),
    "beir": (["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"], lambda folder: benchmark(folder, "beir")),
    "custom": (["benchmark.yaml", "q.tsv", "j.txt", "corpus.jsonl"], lambda folder: benchmark(folder, "custom")),
    "msmarco": (
        ["collection.tsv", "queries.dev.small.tsv", "qrels.dev.small.tsv"],
        lambda folder: benchmark(folder, "msmarco"),
    ),
    "miracl": (
        [name for name in FILES if name.startswith("miracl")],
        lambda folder: benchmark(folder, "miracl", "fi"),
    ),
    "mr_tydi": (
        [name for name in FILES if name.startswith("mrtydi")],
        lambda folder: benchmark(folder, "mr_tydi", "fi"),
    ),
    "qed": (["qed-dev.jsonlines"], lambda folder: pairs(folder, "qed")),
    "squad_nqg": (["src-test.txt", "tgt-test.txt"], lambda folder: pairs(folder, "squad_nqg")),
    "parallel": (["fi-en/fi.txt", "fi-en/en.txt"], lambda folder: pairs(folder, "parallel")),
    "tevatron": (["train.jsonl"], lambda folder: pairs(folder / "train.jsonl", "tevatron")),
    "dpr": (["train.json"], lambda folder: pairs(folder / "train.json", "dpr")),
    "generated": (["generated.jsonl"], lambda folder: read_generated(folder / "generated.jsonl", ["d1"], None, 1)),
    "records": (["records.jsonl"], lambda folder: read_generated(folder / "records.jsonl", ["d1"], None, 1)),
    "gold": (["gold.jsonl"], lambda folder: read_gold(folder / "gold.jsonl")),
    "predictions": (["predictions.json"], lambda folder: read_predictions(folder / "predictions.json", GOLD)),
    "run": (["run.trec"], lambda folder: read_ranking(folder / "run.trec", Ties.rank)),
    "passages of a run": (["run.trec"], lambda folder: passage_codes(folder / "run.trec")),
    "points": (["points.jsonl"], lambda folder: read_points(folder / "points.jsonl")),
    "floors": (["floor.json"], read_floors),
    "examples": (["examples.jsonl"], lambda folder: read_examples(folder / "examples.jsonl")),
    "training": (["training.jsonl"], lambda folder: read_training(folder / "training.jsonl")),
    "misspelt queries": (["misspelt.jsonl"], lambda folder: list(read_queries(folder / "misspelt.jsonl"))),
}  # fmt: skip


def written(folder: Path, changed: dict[str, bytes]) -> Path:
    for name, content in {**{name: text.encode() for name, text in ROWS.items()}, **changed}.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_reads_what_is_sound(tmp_path: Path, reader: str) -> None:
    assert READERS[reader][1](written(tmp_path, {}))


@pytest.mark.parametrize("reader", READERS)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_whatever_stands_in_a_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, reader: str, data: st.DataObject
) -> None:
    files, read = READERS[reader]
    name = data.draw(st.sampled_from(files))
    sound = ROWS[name].encode() * data.draw(st.integers(0, 2))
    start, end = sorted((data.draw(st.integers(0, len(sound))), data.draw(st.integers(0, len(sound)))))
    filler = data.draw(st.binary(max_size=40) | st.text('{}[]:,"1\\un \t\r\n', max_size=40).map(str.encode))
    packed = data.draw(st.sampled_from([False, False, False, True]))
    content = sound[:start] + filler + sound[end:]
    folder = written(tmp_path_factory.mktemp("any"), {name: gzip.compress(content) if packed else content})

    with suppress(TypoglotError):
        read(folder)


# What stands seven times in a file of rows. mini is shipped, and checked by its own tests.
WRONG = {
    "qed": ("qed-dev.jsonlines", '{"example_id": 2}'),
    "tevatron": ("train.jsonl", '{"query": ""}'),
    "generated": ("generated.jsonl", '{"docid": "d9", "language": "fi", "query": "mikä?"}'),
    "records": ("records.jsonl", '{"docid": "d1", "generated_queries": []}'),
    "squad_nqg": ("src-test.txt", ""),
    "beir": ("queries.jsonl", "[]"),
    "custom": ("j.txt", "q1 0 d1"),
    "msmarco": ("collection.tsv", "1\t"),
    "miracl": ("miracl-corpus-v1.0-fi/docs-0.jsonl", '{"docid": "9"}'),
    "mr_tydi": ("mrtydi-v1.1-finnish/topic.test.tsv", "2"),
    "mkqa": ("mkqa-en.jsonl", "{}"),
    "mkqa release": ("mkqa.jsonl", "[]"),
    "mia answers": ("mia/mkqa-fi.jsonl", '{"id": "2_ko"}'),
    "gold": ("gold.jsonl", '{"id": 3, "lang": "fi", "question": "?", "answers": [""]}'),
    "run": ("run.trec", "q1 Q0 d1 2 nan t"),
    "passages of a run": ("run.trec", "q1 Q0"),
    "points": ("points.jsonl", '{"value": 0.5}'),
    "training": ("training.jsonl", '{"loss": 0.5}'),
    "misspelt queries": ("misspelt.jsonl", '{"id": "q"}'),
}


@pytest.mark.parametrize("reader", WRONG)
def test_readers_of_rows_tell_the_first_faults_and_count_the_others(tmp_path: Path, reader: str) -> None:
    name, row = WRONG[reader]
    sound = ROWS[name].rstrip("\n")
    changed = {name: "\n".join([sound, *[row] * 7, ""]).encode()}
    if reader == "squad_nqg":
        changed["tgt-test.txt"] = b"who?\n" * 8
    with pytest.raises(DataError) as told:
        READERS[reader][1](written(tmp_path, changed))

    first, *_, last = str(told.value).splitlines()
    assert first.startswith(f"{tmp_path / name}:2: ")
    assert last == "… and 2 more"


# A row that stands seven times more. What a run's other files hold twice: test_results.py.
@pytest.mark.parametrize("reader", ["run", "points", "misspelt queries"])
def test_what_a_run_says_twice_is_told_and_counted(tmp_path: Path, reader: str) -> None:
    (name,), read = READERS[reader]
    with pytest.raises(DataError) as told:
        read(written(tmp_path, {name: ROWS[name].encode() * 8}))

    first, *_, last = str(told.value).splitlines()
    assert first.startswith(f"{tmp_path / name}:2: ")
    assert "twice (first at 1)" in first
    assert last == "… and 2 more"


def test_floors_and_examples_tell_the_first_faults_and_count_the_others(tmp_path: Path) -> None:
    floors = json.loads(ROWS["floor.json"])
    sample, example = ROWS["examples.jsonl"].splitlines()
    changed = {"floor.json": json.dumps(floors * 8), "examples.jsonl": "\n".join([sample, *[example] * 8])}
    folder = written(tmp_path, {name: text.encode() for name, text in changed.items()})
    for reader, place in (("floors", "floor.json:1 (item 2)"), ("examples", "examples.jsonl:3")):
        with pytest.raises(DataError) as told:
            READERS[reader][1](folder)

        first, *_, last = str(told.value).splitlines()
        assert first.startswith(f"{tmp_path / place}: ")
        assert last == "… and 2 more"
