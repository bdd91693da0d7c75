"""Benchmarks judged by answers, from files to points, tables and prediction files."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from typoglot import cli, pipeline
from typoglot.config import EvaluateSettings
from typoglot.errors import ConfigError
from typoglot.report import Wanted, gather, page_data
from typoglot.report.examples import read_examples
from typoglot.results import Point, read_floors, read_points

EvaluateMaker = Callable[..., EvaluateSettings]
WORDS = ["Rome", "Oslo", "in", "1914–1918", "the", "U.S.", "$50", "was", "old", "(again)", "it", "31%", "Again.", "yes"]


def xor(folder: Path, passages: int = 40) -> Path:
    """Questions in Finnish and Korean, unequal in number, over passages of some 100 random words."""
    rng = random.Random(11)
    rows = [
        {"id": f"q{i}", "lang": "fi" if i < 12 else "ko", "question": " ".join(rng.choices(WORDS, k=5)), "answers": own}
        for i, own in enumerate([["yes"], ["$50"], ["in"], *([f"w{rng.randrange(60)}", "yes"] for _ in range(14))])
    ]
    folder.mkdir(exist_ok=True)
    (folder / "xor_dev_retrieve_eng_span_v1_1.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = [
        f"{i}\t{' '.join(rng.choices(WORDS, k=rng.randrange(60, 140)))} w{i}.\tw{i + 1}\n" for i in range(passages)
    ]
    (folder / "psgs_w100.tsv").write_text("id\ttext\ttitle\n" + "".join(lines))
    return folder


def mkqa(folder: Path) -> Path:
    """MKQA's own file: an entity, a date, an entity, in English and Finnish, over five passages."""
    answers = [("entity", "Rome"), ("date", "1914"), ("entity", "Atlantis"), ("binary", "yes")]
    rows = [
        {
            "example_id": i, "query": f"What is {text}?", "queries": {"fi": f"Mikä on {text}?"},
            "answers": {"en": [{"type": kind, "text": text, "aliases": []}]},
        }
        for i, (kind, text) in enumerate(answers)
    ]  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / "mkqa.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    texts = ["Rome is old.", "rome, 1914–1918", "The Moon is far.", "Again.", "Yes."]
    (folder / "psgs.tsv").write_text("".join(f"p{i}\t{text}\tT\n" for i, text in enumerate(texts)))
    return folder


def evaluated(settings: EvaluateSettings) -> tuple[Path, list[Point]]:
    pipeline.run(settings)
    folder = pipeline.folder_of(settings)
    return folder, read_points(folder / "points.jsonl")


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(cli.app, list(arguments))


def test_r_at_2kt_of_a_run_is_what_xor_score_makes_of_its_prediction_file(
    evaluate_settings: EvaluateMaker, tmp_path: Path
) -> None:
    place = xor(tmp_path / "xor")
    names = "[R@1kt,R@2kt,R@5kt,R@2kt-strict,R@5kt-strict]"
    settings = evaluate_settings(
        "benchmark=xor_tydi", f"benchmark.path={place}", "benchmark.languages=null", f"benchmark.measures={names}"
    )
    folder, points = evaluated(settings)
    done = invoke("xor-predictions", str(folder))
    assert done.exit_code == 0, done.output

    gold = str(place / "xor_dev_retrieve_eng_span_v1_1.jsonl")
    compared = set()
    for rate in (0.0, 0.5):
        scored = invoke("xor-score", str(folder / "predictions" / f"uniform-rate{rate:g}-draw0.json"), gold, "--json")
        for row in json.loads(scored.stdout)["rows"]:
            name = row["measure"] + ("-strict" if row["mode"] == "strict" else "")
            (point,) = (one for one in points if (one.measure, one.language, one.rate) == (name, row["language"], rate))
            assert (point.value, point.n) == (row["value"], row["questions"])
            compared.add((name, row["language"], row["value"]))
    assert {language for _, language, _ in compared} == {"fi", "ko", "macro"}
    assert len({value for *_, value in compared}) > 4
    pooled, macro = (
        next(one for one in points if (one.measure, one.language) == ("R@1kt", language))
        for language in ("all", "macro")
    )
    assert (pooled.n, macro.n) == (16, 16)
    assert pooled.value != macro.value
    assert macro.low <= macro.value <= macro.high


def test_a_run_on_xor_tydi_tells_coverage_shortage_strictness_and_floor(
    evaluate_settings: EvaluateMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = xor(tmp_path / "xor")
    settings = evaluate_settings(
        "benchmark=xor_tydi", f"benchmark.path={place}", "benchmark.languages=null", "index.depth=30"
    )
    folder, points = evaluated(settings)
    told = capsys.readouterr()

    assert "xor_tydi: 16 of 17 questions have an answer other than yes and no" in told.err
    assert "of 32 rankings missed with fewer than 5,000 tokens, in 30 passages; give a larger index.depth" in told.err
    assert "macro" in told.out
    assert "Mean of the languages" in (folder / "report.html").read_text(encoding="utf-8")
    assert "Strictly, token by token, R@2kt differs by" in told.out
    assert "Floor: random orders of the 40 passages score" in told.out
    assert "(estimated by random samples" in told.out
    value = json.loads((folder / "done.json").read_text())["value"]
    assert value == next(
        one.value for one in points if (one.language, one.measure, one.rate) == ("macro", "R@2kt", 0.5)
    )


def test_a_run_of_some_questions_makes_a_prediction_file_only_if_that_is_allowed(
    evaluate_settings: EvaluateMaker, tmp_path: Path
) -> None:
    place = xor(tmp_path / "xor")
    folder, _ = evaluated(
        evaluate_settings("benchmark=xor_tydi", f"benchmark.path={place}", "benchmark.languages=[fi]")
    )
    refused = invoke("xor-predictions", str(folder))
    assert refused.exit_code == 1
    assert "no ranking for 5 of 16 questions that count" in refused.stderr

    done = invoke("xor-predictions", str(folder), "--partial", "--rate", "0.5", "--out", str(tmp_path / "p"))
    assert done.exit_code == 0, done.output
    assert [path.name for path in (tmp_path / "p").iterdir()] == ["uniform-rate0.5-draw0.json"]
    none = invoke("xor-predictions", str(folder), "--rate", "0.1")
    assert "no rankings of these typo rates: choose among 0, 0.5" in none.stderr


def test_mkqa_by_hand(evaluate_settings: EvaluateMaker, tmp_path: Path) -> None:
    place = mkqa(tmp_path / "mkqa")
    settings = evaluate_settings(
        "benchmark=mkqa", f"benchmark.path={place}", "benchmark.languages=[en,fi]",
        "benchmark.measures=[answer_recall@2,answer_recall@5]",
    )  # fmt: skip
    folder, points = evaluated(settings)
    frame = pl.read_parquet(folder / "per_query.parquet").filter(pl.col("rate") == 0)

    assert frame["answer_type"].to_list() == ["entity", "entity", "date", "date", "entity", "entity"]
    assert frame["answer_recall@5"].to_list() == [1, 1, 1, 1, 0, 0]
    assert {point.language for point in points} == {"en", "fi", "all"}
    floors = read_floors(folder)
    assert floors["answer_recall@2", "all", "date"]["value"] == pytest.approx(2 / 5)
    assert floors["answer_recall@2", "all", "entity"]["value"] == pytest.approx((1 - 3 / 10) / 2)
    assert floors["answer_recall@2", "fi", ""]["value"] == pytest.approx((0.7 + 0.4 + 0) / 3)
    assert floors["answer_recall@5", "all", ""]["exact"]


def test_mkqa_is_told_by_type_of_answer(
    evaluate_settings: EvaluateMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = mkqa(tmp_path / "mkqa")
    settings = evaluate_settings(
        "benchmark=mkqa", f"benchmark.path={place}", "benchmark.languages=null",
        "benchmark.measures=[answer_recall@5,answer_recall@1]", "typos.draws=2",
    )  # fmt: skip
    folder, _ = evaluated(settings)
    rows = [line.replace("│", " ").split() for line in capsys.readouterr().out.splitlines()]
    (entity,) = (row for row in rows if row[:1] == ["entity"])
    assert entity == ["entity", "2", "4", "50.0", "%", "50.0", "[0–100]", "50.0", "[0–100]"]

    done = invoke("mkqa-score", str(folder), "--measure", "answer_recall@1")
    assert done.exit_code == 0, done.output
    assert "tiny: answer_recall@1 in % by type of answer" in done.stdout
    assert "choose among answer_recall@5" in invoke("mkqa-score", str(folder), "--measure", "recall@1").stderr


def test_a_random_ranking_scores_the_floor(tmp_path: Path) -> None:
    """The independent judge: evaluation's own scorer on many random orders."""
    from typoglot.config import Convention
    from typoglot.evaluation import floors_of
    from typoglot.measures import AnswerJudgements, Measure
    from typoglot.sources.mkqa_answers import read_benchmark

    place = mkqa(tmp_path)
    benchmark = read_benchmark("m", place, place, ["en"], Convention.contriever, None)
    rng = np.random.default_rng(1)
    judgements = AnswerJudgements([query.answers for query in benchmark.queries], benchmark.evidence or ())
    measure = Measure("answer_recall", 2)
    orders = [np.stack([rng.permutation(5) for _ in benchmark.queries]) for _ in range(4000)]
    drawn = np.mean([judgements.score(order, [measure])[str(measure)].mean() for order in orders])

    rows = floors_of(benchmark, benchmark.evidence or (), [measure], 5)
    (floor,) = (row["value"] for row in rows if (row["language"], row["answer_type"]) == ("all", ""))
    assert floor == pytest.approx(drawn, abs=0.01)


def test_comparing_runs_takes_their_own_floor(evaluate_settings: EvaluateMaker, tmp_path: Path) -> None:
    place = mkqa(tmp_path / "mkqa")
    options = (
        "benchmark=mkqa",
        f"benchmark.path={place}",
        "benchmark.languages=null",
        "benchmark.measures=[answer_recall@5]",
    )
    folders = [evaluated(evaluate_settings(*options, f"seed={seed}"))[0] for seed in (1, 2)]
    done = invoke("compare", *map(str, folders), "--measure", "answer_recall@5", "--interaction")

    assert done.exit_code == 0, done.output
    assert "near the at most 66.7 % of a random" in " ".join(done.stderr.split())


def test_the_examples_of_a_run_call_a_passage_right_where_it_holds_an_answer(
    evaluate_settings: EvaluateMaker, tmp_path: Path
) -> None:
    place = mkqa(tmp_path / "mkqa")
    options = ("benchmark.languages=null", "benchmark.measures=[answer_recall@5]", "typos.rates=[0,1]")
    folder, _ = evaluated(evaluate_settings("benchmark=mkqa", f"benchmark.path={place}", *options))
    found = read_examples(folder / "examples.jsonl")

    ranks = {one.query: one.before.found for one in found.examples}
    assert {name for name, rank in ranks.items() if rank is None} == {"2_en", "2_fi"}  # Atlantis
    assert set(found.relevant["1_fi"]) <= {"p1"}
    assert found.sample.passages == 5


def test_the_page_of_a_run_takes_its_own_floor(evaluate_settings: EvaluateMaker, tmp_path: Path) -> None:
    place = mkqa(tmp_path / "mkqa")
    options = ("benchmark.languages=null", "benchmark.measures=[answer_recall@5]")
    folder, _ = evaluated(evaluate_settings("benchmark=mkqa", f"benchmark.path={place}", *options))

    (run,) = gather([folder]).runs
    assert run.floors == {"answer_recall@5": pytest.approx(2 / 3)}
    assert any(
        "66.7 % of a random order" in one
        for one in page_data(gather([folder]), Wanted("answer_recall@5"))["groups"][0]["cautions"]["answer_recall@5"]
    )


def test_held_out_questions_need_judged_passages(evaluate_settings: EvaluateMaker, tmp_path: Path) -> None:
    settings = evaluate_settings("benchmark=mkqa", f"benchmark.path={mkqa(tmp_path)}", "xqg=held_out_questions")

    with pytest.raises(ConfigError, match="xqg=held_out_questions: benchmark=mkqa does not say which passage"):
        pipeline.run(settings)


def test_a_missing_tokenizer_is_told_before_anything_is_read(
    evaluate_settings: EvaluateMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typoglot.measures import word_tokens

    monkeypatch.setitem(word_tokens.PINNED, "nltk", "0.1")
    settings = evaluate_settings("benchmark=xor_tydi", f"benchmark.path={tmp_path}")

    with pytest.raises(
        ConfigError, match=r"benchmark\.measures: nltk 3\.9\.2: the measure is defined by the tokens of"
    ):
        pipeline.run(settings)
    assert not (tmp_path / "out").exists()


def test_a_ranking_that_is_no_run_needs_questions_and_passages(tmp_path: Path) -> None:
    (tmp_path / "run.trec").write_text("q1 Q0 p1 1 0.5 t\n")
    done = invoke("xor-predictions", str(tmp_path / "run.trec"))

    assert done.exit_code == 2
    assert "is no folder of a run; give the questions and passages too" in done.stderr


def test_a_run_of_another_benchmark_makes_no_prediction_file(evaluate_settings: EvaluateMaker) -> None:
    folder, _ = evaluated(evaluate_settings("benchmark.limit=2"))
    done = invoke("xor-predictions", str(folder))

    assert done.exit_code == 1
    assert (
        "a run of benchmark=mini: a run with benchmark=xor_tydi, or the questions and passages, are expected"
        in done.stderr
    )


@pytest.mark.real
def test_xor_tydi_s_train_questions_ask_any_passages(real_data: Path, tmp_path: Path) -> None:
    from typoglot.sources.xor_tydi import read_benchmark

    (tmp_path / "psgs.tsv").write_text("1\tRome.\tT\n")
    path = real_data / "xor-tydi" / "xor_train_retrieve_eng_span.jsonl"
    found = read_benchmark("x", path, tmp_path, ["ar", "te"])

    assert len(found.queries) == 2311 + 1308
    assert not any({"yes", "no"} & set(query.answers) for query in found.queries)
