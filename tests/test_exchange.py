from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import ir_measures
import pytest
from typer.testing import CliRunner

from typoglot import cli, records
from typoglot.config import Benchmark, BenchmarkFormat
from typoglot.exchange import scored
from typoglot.languages import Language
from typoglot.measures import Measure
from typoglot.records import Passage, Query
from typoglot.sources import composed, read_benchmark
from typoglot.sources.rankings import Ties

if TYPE_CHECKING:
    from pathlib import Path

THEIRS = {"recall@5": ir_measures.R @ 5, "mrr@15": ir_measures.RR, "ndcg@10": ir_measures.nDCG @ 10}  # 15 are ranked


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A ranking full of ties, in a wild order; one judged query in twenty is not ranked."""
    lot = random.Random(0)
    run = [f"q{q}\tQ0\td{d}\t0\t{lot.randint(0, 5)}\tx" for q in range(57) for d in lot.sample(range(40), 15)]
    lot.shuffle(run)
    qrels = [f"q{q} 0 d{d} {lot.choice([0, 1, 1, 2])}" for q in range(3, 60) for d in lot.sample(range(40), 6)]
    (tmp_path / "run.txt").write_text("\n".join(run))
    (tmp_path / "qrels.txt").write_text("\n".join(qrels))
    return tmp_path / "run.txt", tmp_path / "qrels.txt"


def told(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli.app, ["score", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_scores_are_those_of_trec_eval(files: tuple[Path, Path]) -> None:
    run, qrels = files
    judge = ir_measures.pytrec_eval.calc_aggregate(
        THEIRS.values(), list(ir_measures.read_trec_qrels(str(qrels))), list(ir_measures.read_trec_run(str(run)))
    )

    found = scored(run, qrels, [Measure.parse(name) for name in THEIRS], form=None, ties=Ties.trec_eval, replicates=50)

    for one in found:
        assert one.interval.value == pytest.approx(judge[THEIRS[one.measure]], abs=1e-9)
        assert one.queries == 57
        assert one.interval.low < one.interval.value < one.interval.high


def test_the_command_prints_a_row_a_measure_and_says_what_is_left_out(files: tuple[Path, Path]) -> None:
    code, out, err = told(*files, "-m", "recall@5", "-m", "ndcg@10")

    assert code == 0
    assert [line.split()[1] for line in out.splitlines() if "@" in line] == ["recall@5", "ndcg@10"]
    assert "3 of 57 judged queries have no ranking: they score 0" in err
    assert "3 queries of the ranking have no judgement" in err


def test_json_has_every_figure(files: tuple[Path, Path]) -> None:
    code, out, _ = told(*files, "--json", "--ties", "rank")
    found = json.loads(out)

    assert code == 0
    assert found["ties"] == "rank"
    assert [list(row) for row in found["rows"]] == [["measure", "queries", "value", "low", "high"]] * 3


def test_judgements_of_beir_are_known_by_their_columns(files: tuple[Path, Path], tmp_path: Path) -> None:
    run, qrels = files
    rows = [line.split() for line in qrels.read_text().splitlines()]
    (tmp_path / "test.tsv").write_text("q\tp\tscore\n" + "".join(f"{q}\t{p}\t{g}\n" for q, _, p, g in rows))

    assert told(run, tmp_path / "test.tsv")[1] == told(run, qrels)[1]


def test_faults_end_with_their_exit_code(files: tuple[Path, Path], tmp_path: Path) -> None:
    run, qrels = files
    (tmp_path / "other.txt").write_text("x 0 d1 1\n")

    assert told(run, qrels, "-m", "map")[0] == 2
    assert told(run, run)[0] == 1
    code, _, err = told(run, tmp_path / "other.txt")
    assert code == 1
    assert "give the judgements of this ranking" in err


# export


def test_a_written_benchmark_reads_back_as_it_is(tmp_path: Path) -> None:
    assert CliRunner().invoke(cli.app, ["export", str(tmp_path / "mini"), "-l", "fi,no"]).exit_code == 1  # none in no
    assert CliRunner().invoke(cli.app, ["export", str(tmp_path / "mini"), "-l", "fi,ko"]).exit_code == 0

    ours = read_benchmark(Benchmark("x", BenchmarkFormat.mini, languages=[Language.fi, Language.ko]), 0)
    assert read_benchmark(Benchmark("x", BenchmarkFormat.custom, str(tmp_path / "mini")), 0) == ours
    topics = (tmp_path / "mini" / "topics.tsv").read_text().splitlines()
    assert topics == [f"{query.id}\t{query.text}" for query in ours.queries]


def test_line_ends_are_spaces_in_the_table_alone(tmp_path: Path) -> None:
    query = Query("q1", "en", "what\n\tnow?", "q1", ("a",))
    one = records.Benchmark("x", (query,), (Passage("d1", "a\nb"),), {"q1": {"d1": 1}})

    assert composed.write_custom(tmp_path / "out", one) == 1
    assert (tmp_path / "out" / "topics.tsv").read_text() == "q1\twhat now?\n"
    assert read_benchmark(Benchmark("x", BenchmarkFormat.custom, str(tmp_path / "out")), 0) == one


@pytest.mark.parametrize("wrong", [["-l", "xx"], ["--benchmark", "beir"], ["--name", "x"]])
def test_options_that_do_not_fit_are_told(tmp_path: Path, wrong: list[str]) -> None:
    result = CliRunner().invoke(cli.app, ["export", str(tmp_path / "out"), *wrong])

    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()


def test_measures_and_benchmarks_of_answers_are_refused(files: tuple[Path, Path], tmp_path: Path) -> None:
    code, _, err = told(*files, "--measure", "R@2kt")
    assert (code, "--measure=R@2kt: looks for answers in texts" in err) == (2, True)

    done = CliRunner().invoke(
        cli.app, ["export", str(tmp_path / "out"), "--benchmark", "mkqa", "--path", str(tmp_path)]
    )
    assert done.exit_code == 2
    assert "--benchmark=mkqa: nobody judged its passages" in done.stderr


def test_translations_are_drawn_as_one_question_where_the_queries_are_given(tmp_path: Path) -> None:
    asked = [(q, language) for q in range(40) for language in ("de", "en", "fi", "ko")]
    (tmp_path / "run.txt").write_text("".join(f"{q}-{code} Q0 d{q % 2} 1 1.0 x\n" for q, code in asked))
    (tmp_path / "qrels.txt").write_text("".join(f"{q}-{code} 0 d0 1\n" for q, code in asked))
    rows = [{"_id": f"{q}-{code}", "text": "?", "language": code, "parallel_id": str(q)} for q, code in asked]
    (tmp_path / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def width(*more: object) -> float:
        files = (tmp_path / "run.txt", tmp_path / "qrels.txt")
        (row,) = json.loads(told(*files, "-m", "recall@1", "--json", *more)[1])["rows"]
        return float(row["high"] - row["low"])

    assert width("--queries", tmp_path / "queries.jsonl") > 1.7 * width()
