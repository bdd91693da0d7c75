from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from typoglot.config import BY_ANSWERS, Benchmark, BenchmarkFormat, Distractors, Source, TrainFormat
from typoglot.errors import DataError
from typoglot.languages import Language
from typoglot.sources import mini, read_benchmark, read_pairs

if TYPE_CHECKING:
    from pathlib import Path

    from typoglot.records import Benchmark as BenchmarkRecord

MINI = Benchmark(label="mini", format=BenchmarkFormat.mini)
MINI_PAIRS = Source(format=TrainFormat.mini)


def mini_of(limit: int | None, languages: list[Language] | None = None) -> Benchmark:
    return Benchmark(label="mini", format=BenchmarkFormat.mini, limit=limit, languages=languages)


QUESTION = {"id": "q", "question": "xquad?", "answers": [{"text": "a"}]}
DATE = {"type": "date", "text": "a"}
FILES = {
    "xquad.en.json": json.dumps({"data": [{"paragraphs": [{"context": "p", "qas": [QUESTION]}]}]}),
    "mkqa-en.jsonl": '{"id": "1_en", "lang": "en", "question": "mkqa_parallel?"}',
    "mkqa.jsonl": json.dumps({"example_id": 1, "query": "mkqa?", "queries": {}, "answers": {"en": [DATE]}}),
    "xor_dev_retrieve_eng_span_v1_1.jsonl": '{"id": "1", "lang": "fi", "question": "xor_tydi?", "answers": ["a"]}',
    "corpus.jsonl": '{"_id": "d1", "text": "p"}',
    "queries.jsonl": '{"_id": "q1", "text": "beir?"}',
    "qrels/test.tsv": "q1\td1\t1",
    "qed-dev.jsonlines": '{"example_id": 1, "title_text": "t", "paragraph_text": "p", "question_text": "qed?"}',
    "src-test.txt": "p",
    "tgt-test.txt": "squad_nqg?",
    "fi-en/fi.txt": "parallel?",
    "fi-en/en.txt": "p",
    "benchmark.yaml": (
        "passages: {file: corpus.jsonl, format: beir}\n"
        "queries: {file: q.tsv, format: tsv, language: en}\n"
        "judgements: {file: j.txt, format: trec}\n"
    ),
    "q.tsv": "q1\tcustom?\n",
    "j.txt": "q1 0 d1 1\n",
    "collection.tsv": "0\tp\n",
    "queries.dev.small.tsv": "1\tmsmarco?\n",
    "qrels.dev.small.tsv": "1\t0\t0\t1\n",
    "miracl-v1.0-fi/topics/topics.miracl-v1.0-fi-dev.tsv": "1\tmiracl?\n",
    "miracl-v1.0-fi/qrels/qrels.miracl-v1.0-fi-dev.tsv": "1\tQ0\t2#0\t1\n",
    "miracl-corpus-v1.0-fi/docs-0.jsonl": '{"docid": "2#0", "title": "t", "text": "p"}\n',
    "mrtydi-v1.1-finnish/topic.test.tsv": "1\tmr_tydi?\n",
    "mrtydi-v1.1-finnish/qrels.test.txt": "1 Q0 2#0 1\n",
    "mrtydi-v1.1-finnish/collection/docs.jsonl": '{"id": "2#0", "contents": "t\\n\\np"}\n',
    "hf/README.md": "",
    "hf/data.jsonl": '{"query": "hf?", "passage": "p"}\n',
    "train.json": '[{"question": "dpr?", "positive_ctxs": [{"title": "t", "text": "p"}]}]',
    "train.jsonl": '{"query": "tevatron?", "positive_passages": [{"docid": "d", "text": "p"}]}',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One row of every format, side by side; each question is its format's name."""
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(content)
    return tmp_path


# Formats


ONE = {BenchmarkFormat.miracl: Language.fi, BenchmarkFormat.mr_tydi: Language.fi, BenchmarkFormat.hf: Language.en}


# mini is embedded, ir_datasets has no file, LibreOffice’s help comes in packages: test_hubs.py, test_libreoffice.py.
NO_ROW = ("mini", "ir_datasets", "libreoffice_help")


@pytest.mark.parametrize("kind", [kind for kind in BenchmarkFormat if kind.value not in NO_ROW])
def test_each_format_of_a_benchmark_has_its_reader(folder: Path, kind: BenchmarkFormat) -> None:
    name = str(folder / "hf") if kind is BenchmarkFormat.hf else None
    languages = [ONE[kind]] if kind in ONE else None
    settings = Benchmark(label="mine", format=kind, path=str(folder), name=name, languages=languages)
    if kind in BY_ANSWERS:  # their folders hold one file of passages, and not MIA-2022's questions beside MKQA's own
        settings.passages = str(folder / "corpus.jsonl")
        settings.questions = str(folder / "mkqa.jsonl") if kind is BenchmarkFormat.mkqa else None

    benchmark = read_benchmark(settings, 42)

    assert benchmark.name == "mine"
    assert [query.text for query in benchmark.queries] == [f"{kind.value}?"]


@pytest.mark.parametrize("kind", [kind for kind in TrainFormat if kind.value not in NO_ROW])
def test_each_format_of_pairs_has_its_reader(folder: Path, kind: TrainFormat) -> None:
    path = folder / {"tevatron": "train.jsonl", "dpr": "train.json"}.get(kind.value, "")

    assert [pair.query for pair in read_pairs(Source(format=kind, path=str(path)), 42)] == [f"{kind.value}?"]


def test_mini_needs_no_path() -> None:
    assert read_benchmark(MINI, 42) == mini.read_benchmark("mini", None)
    assert read_pairs(MINI_PAIRS, 42) == mini.read_pairs(None)


# Languages


def test_languages_are_told_by_their_codes() -> None:
    assert read_benchmark(mini_of(None, [Language.te, Language.ar]), 42).languages == ["te", "ar"]
    assert {p.language for p in read_pairs(Source(format=TrainFormat.mini, languages=[Language.ko]), 42)} == {"ko"}


def test_a_language_that_a_benchmark_has_not_is_refused_with_those_it_has() -> None:
    with pytest.raises(DataError, match="benchmark mini: no no, he here: choose among ar, bn, de,"):
        read_benchmark(mini_of(None, [Language.no, Language.en, Language.he]), 42)


def test_a_language_that_the_pairs_have_not_is_refused_with_those_they_have(folder: Path) -> None:
    source = Source(format=TrainFormat.parallel, path=str(folder), languages=[Language.te])

    with pytest.raises(DataError, match=rf"{re.escape(str(folder))}: no te here: choose among fi$"):
        read_pairs(source, 42)


# A benchmark cut short


def test_a_limited_benchmark_keeps_so_many_questions_with_all_their_translations() -> None:
    queries = read_benchmark(mini_of(5), 42).queries

    assert len({query.parallel_id for query in queries}) == 5
    assert len(queries) == 5 * 12


def test_a_limited_benchmark_keeps_the_whole_corpus() -> None:
    assert read_benchmark(mini_of(5), 42).corpus == read_benchmark(MINI, 42).corpus


def test_a_limited_benchmark_keeps_the_judgements_of_its_queries_only() -> None:
    whole, part = read_benchmark(MINI, 42), read_benchmark(mini_of(5), 42)

    assert part.qrels == {query.id: whole.qrels[query.id] for query in part.queries}


def test_a_limited_benchmark_keeps_the_order_of_the_whole() -> None:
    whole, part = read_benchmark(MINI, 42), read_benchmark(mini_of(5), 42)

    assert [query for query in whole.queries if query in part.queries] == list(part.queries)


def test_the_questions_that_stay_depend_on_the_seed_alone() -> None:
    assert read_benchmark(mini_of(5), 42) == read_benchmark(mini_of(5), 42)
    assert read_benchmark(mini_of(5), 42) != read_benchmark(mini_of(5), 43)


def test_the_same_questions_stay_in_whichever_languages() -> None:
    all_languages = read_benchmark(mini_of(5), 42).queries
    telugu = read_benchmark(mini_of(5, [Language.te]), 42).queries

    assert telugu == tuple(query for query in all_languages if query.language == "te")


@pytest.mark.parametrize("limit", [40, 41, 10_000])
def test_a_limit_beyond_the_questions_keeps_them_all(limit: int) -> None:
    assert read_benchmark(mini_of(limit), 42) == read_benchmark(MINI, 42)


@pytest.mark.parametrize("grades", ["", "q1\td1\t0\n"])
def test_a_benchmark_without_relevant_passage_is_refused(folder: Path, grades: str) -> None:
    (folder / "qrels" / "test.tsv").write_text(grades)

    with pytest.raises(
        DataError, match=rf"{re.escape(str(folder))}: no query has a relevant passage: at least one judged query"
    ):
        read_benchmark(Benchmark(label="mine", format=BenchmarkFormat.beir, path=str(folder)), 42)


# Pairs cut short


def test_limited_pairs_are_so_many_in_the_order_of_the_whole() -> None:
    whole, part = read_pairs(MINI_PAIRS, 42), read_pairs(Source(format=TrainFormat.mini, limit=7), 42)

    assert len(part) == 7
    assert [pair for pair in whole if pair in part] == part


def test_limited_pairs_are_not_merely_the_first() -> None:
    assert read_pairs(Source(format=TrainFormat.mini, limit=7), 42) != read_pairs(MINI_PAIRS, 42)[:7]


def test_the_pairs_that_stay_depend_on_the_seed_alone() -> None:
    source = Source(format=TrainFormat.mini, limit=7)

    assert read_pairs(source, 42) == read_pairs(source, 42)
    assert read_pairs(source, 42) != read_pairs(source, 43)


@pytest.mark.parametrize("limit", [960, 961, 10_000])
def test_a_limit_beyond_the_pairs_keeps_them_all(limit: int) -> None:
    assert read_pairs(Source(format=TrainFormat.mini, limit=limit), 42) == read_pairs(MINI_PAIRS, 42)


# Distractors


def crowded(folder: Path, limit: int | None = None) -> BenchmarkRecord:
    more = {"distractors": Distractors.qed, "distractors_path": str(folder)}
    return read_benchmark(Benchmark("mini", BenchmarkFormat.mini, limit=limit, **more), 42)


def test_distractors_join_the_corpus_and_no_judgement(folder: Path) -> None:
    plain, found = read_benchmark(MINI, 42), crowded(folder)

    assert [passage.id for passage in found.corpus[len(plain.corpus) :]] == ["qed:1"]
    assert found.qrels == plain.qrels


def test_a_distractor_whose_text_is_in_the_corpus_is_left_out(folder: Path) -> None:
    plain = read_benchmark(MINI, 42)
    row = {"example_id": 1, "title_text": "t", "paragraph_text": plain.corpus[0].text, "question_text": "q?"}
    (folder / "qed-dev.jsonlines").write_text(json.dumps(row))

    assert crowded(folder).corpus == plain.corpus


def test_a_limit_spares_distractors(folder: Path) -> None:
    assert len(crowded(folder, limit=1).corpus) == 121
