from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from omegaconf import OmegaConf
from typer.testing import CliRunner

from tests.conftest import ROOT, TINY, TINY_TRAIN
from typoglot import cli, pipeline
from typoglot.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from click.testing import Result

QUICK = ("trainer.max_steps=2", "typos.rates=[0]")


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, script, *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment}, check=False, timeout=300
    )


def no_traceback(done: subprocess.CompletedProcess[str]) -> bool:
    return "Traceback" not in done.stdout + done.stderr


def test_help_lists_the_groups() -> None:
    done = run("train.py", "--help")

    assert done.returncode == 0
    assert "backbone: " in done.stdout
    assert "minilm_l6" in done.stdout


def test_a_hub_out_of_reach_is_one_sentence_before_any_job_of_a_sweep(tmp_path: Path) -> None:
    done = run("train.py", "-m", "backbone=mbert,xlmr,minilm_l6", f"output={tmp_path}/out", HF_HOME=str(tmp_path))

    assert done.returncode == 2
    (told,) = done.stderr.splitlines()
    assert told.startswith("backbone=mbert,xlmr: need the weights of google-bert/bert-base-multilingual-cased and Face")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["backbone=mber"], "Could not find 'backbone/mber'"),
        (["optimizer.lrr=7"], "lrr"),
        (["typos.rates=[0,2]", "seed=-1"], "2 faults in the configuration:"),
        (["seed=abc"], "seed: "),
        (["backbone=hf"], "backbone.name: is missing; give backbone.name=…"),
        (["benchmark.languages=[xx]"], "benchmark.languages[0]: "),
        (["typos.rates=0.1"], "typos.rates: "),
        (["typos.mode=per_word"], "expected one of [word_rate, one_per_query, k_per_query]"),
        (["backbone="], "backbone"),
        (["]"], "]"),
    ],
)
def test_a_wrong_configuration_ends_with_2_and_says_why(arguments: Sequence[str], told: str, tmp_path: Path) -> None:
    done = run("train.py", *arguments, f"output={tmp_path}/out")

    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert no_traceback(done)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["seed=range(5,1)"], "0 jobs: an axis of the sweep has no value; end a range beyond its start.\n"),
        (
            ["seed=range(5,1)", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=0"],
            "2 faults in the configuration:\n  hydra.sweeper.n_trials=0: must be a whole number of 1 or more.\n"
            "  seed=range(5,1): has no value; end a range beyond its start.\n",
        ),
    ],
    ids=["grid", "search"],
)
def test_a_sweep_of_nothing_is_refused(arguments: Sequence[str], told: str, tmp_path: Path) -> None:
    if "hydra/sweeper=optuna" in arguments:
        pytest.importorskip("optuna")
    done = run("evaluate.py", "-m", "backbone=minilm_l6", *arguments, f"output={tmp_path}/out")

    assert (done.returncode, done.stderr) == (2, told)
    assert not (tmp_path / "out").exists()


def test_a_run_that_fails_ends_with_1_and_one_line(tmp_path: Path) -> None:
    (tmp_path / "xquad.en.json").write_text('{"data": []}')
    benchmark = ("benchmark=xquad", f"benchmark.path={tmp_path}", "benchmark.languages=[en]")
    done = run("evaluate.py", "backbone=minilm_l6", *benchmark, f"output={tmp_path}/out", "tracker=none")

    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"{tmp_path}/xquad.en.json:top: 'data' is missing or empty: "
        "a list of at least one object under 'data' is expected"
    )


@pytest.mark.slow
def test_debug_shows_where_it_failed(tmp_path: Path) -> None:
    done = run(
        "evaluate.py",
        "backbone=minilm_l6",
        "benchmark=xquad",
        f"benchmark.path={tmp_path}",
        "debug=true",
        f"output={tmp_path}/o",
    )

    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "DataError" in done.stderr


@pytest.mark.slow
def test_a_sweep_runs_every_job_and_shows_all_together(tiny_bert: Path, tmp_path: Path) -> None:
    options = (*TINY, *TINY_TRAIN, *QUICK, f"backbone.name={tiny_bert}", f"output={tmp_path}/out")
    done = run("train.py", "-m", *options, "seed=1,2", "backbone.label=tiny")

    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").glob("*/done.json"))) == 2
    page = (tmp_path / "out" / "report.html").read_text()
    assert "'seed=2'" in page or " seed=2" in page  # the job's own command, not the sweep's
    assert "seed=1,2" not in page
    assert done.stdout.count("recall@1 in % by typo rate") == 3
    assert "tiny · 2 seeds: 1, 2" in done.stdout
    assert "Job 2: " in done.stderr


@pytest.mark.slow
def test_a_job_that_fails_leaves_the_other_jobs_alone(tiny_bert: Path, tmp_path: Path) -> None:
    options = (*TINY, *TINY_TRAIN, *QUICK, f"backbone.name={tiny_bert}", f"output={tmp_path}/out")
    done = run("train.py", "-m", *options, "train.limit=1,40")

    assert done.returncode == 1
    assert "train source 'mini': " in done.stderr
    assert no_traceback(done)
    assert len(list((tmp_path / "out").glob("*/done.json"))) == 1


@pytest.mark.slow
def test_the_kept_configuration_runs_again(tiny_bert: Path, tmp_path: Path) -> None:
    options = (*TINY, *TINY_TRAIN, *QUICK, f"backbone.name={tiny_bert}", f"output={tmp_path}/out")
    assert run("train.py", *options).returncode == 0
    (kept,) = (tmp_path / "out").glob("*/config.yaml")

    again = run(
        "train.py",
        "--config-path",
        str(kept.parent),
        "--config-name",
        "config",
        f"hydra.run.dir={tmp_path}",
    )
    assert again.returncode == 0, again.stderr
    assert "Finished already" in again.stderr


def test_report_compares_runs(evaluate_settings: Callable[..., Any], tmp_path: Path) -> None:
    runs = []
    for seed in (1, 2):
        settings = evaluate_settings(f"seed={seed}")
        pipeline.run(settings)
        runs.append(str(pipeline.folder_of(settings)))
    result = CliRunner().invoke(cli.app, ["report", *runs, "--out", str(tmp_path / "page.html"), "--measure", "mrr@10"])

    assert result.exit_code == 0
    assert (tmp_path / "page.html").exists()


@pytest.mark.parametrize("arguments", [["report", "nowhere"], ["report"], ["report", "nowhere", "--measure", "map"]])
def test_report_says_what_it_cannot_read(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.app, arguments)

    assert result.exit_code == (1 if "nowhere" in arguments else 2)
    assert "Traceback" not in result.output


# perturb


def invoke(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(cli.app, ["perturb", *arguments], input=given)


def test_perturb_writes_lines_to_the_terminal_and_its_news_beside_them() -> None:
    result = invoke("-", "--language", "ko", "--rate", "1", given="q1\t달은 얼마나 멀리 있나요?\n")

    (row,) = result.stdout.splitlines()
    assert result.exit_code == 0
    assert row.startswith("q1\t")
    assert "q1\t달은 얼마나 멀리 있나요?\t" not in row
    assert result.stderr.startswith("Misspelling: 1 queries in ")


def test_perturb_misspells_by_people_s_habits_unless_told_otherwise(tmp_path: Path) -> None:
    for number, more in enumerate(([], ["-p", "human", "-r", "0.2", "--seed", "13", "--draw", "0"])):
        assert invoke("-l", "ko", "-o", str(tmp_path / f"{number}.jsonl"), *more).exit_code == 0

    rows = [json.loads(line) for line in (tmp_path / "0.jsonl").read_text().splitlines()]
    assert (tmp_path / "0.jsonl").read_bytes() == (tmp_path / "1.jsonl").read_bytes()
    assert sum(len(row["edits"]) for row in rows) / sum(row["words"] for row in rows) == pytest.approx(0.2, abs=0.03)


def test_an_output_takes_its_format_from_its_own_name_and_a_stream_from_the_file_s(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": "q1", "text": "달은 얼마나"}\n')

    assert invoke(str(tmp_path / "q.jsonl"), "-l", "ko").stdout.startswith('{"id": "q1", "language": "ko", "text": ')
    assert invoke(str(tmp_path / "q.jsonl"), "-l", "ko", "-o", str(tmp_path / "out.tsv")).stdout == ""
    assert (tmp_path / "out.tsv").read_text().startswith("q1\t")


def test_a_stream_is_of_the_format_that_is_said() -> None:
    result = invoke("-", "-l", "ko", "--format", "jsonl", given='{"id": "q7", "text": "달은 얼마나"}\n')

    assert json.loads(result.stdout)["id"] == "q7"
    assert json.loads(result.stdout)["clean"] == "달은 얼마나"


def test_where_a_rate_counts_slips_a_query_has_one_unless_told_otherwise(tmp_path: Path) -> None:
    assert invoke("-l", "ko", "--mode", "k_per_query", "-o", str(tmp_path / "out.jsonl")).exit_code == 0

    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {len(row["edits"]) for row in rows} == {1}


def test_rows_may_bring_their_own_languages(tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"text": "달은", "language": "ko"}\n{"text": "Mond", "language": "de"}\n')

    assert invoke(str(tmp_path / "q.jsonl"), "-p", "uniform", "-r", "1").stdout.count('"kind": "mechanical"') == 2


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ([], 2, "--language: is missing; without a FILE, mini's questions are misspelt"),
        (["-l", "vi"], 1, "mini: no questions in 'vi': give a FILE of queries in it"),
        (["-l", "ko", "-r", "2"], 2, "a rate is a share of words and must lie in 0-1"),
        (["-l", "ko", "-r", "1.5", "--mode", "k_per_query"], 2, "must be a whole number, 0 or more"),
        (["-l", "ko", "-p", "textattack"], 2, "textattack: knows en only, not ko"),
        (["-l", "ko", "-o", "out.csv"], 1, "out.csv: a name that ends in '.csv': a file .tsv or .jsonl"),
        (["nowhere.tsv", "-l", "ko"], 1, "nowhere.tsv: cannot be read"),
        (["-", "-l", "ko"], 1, "-:2: query 'q1' appears twice (first at 1): ids must be unique"),
        (["-"], 1, "-:1: no language: give --language"),
        (["-", "-l", "xx"], 2, "--language xx: unknown; one of ar, "),
        (["-l", "ko", "-r", "2"], 2, "--rate [2.0]: "),
        (
            ["-l", "ko", "-p", "typo"],
            2,
            "--profile typo: knows en only, not ko; give --language en, or --profile human",
        ),
        (["-l", "ko", "-p", "humans"], 2, "Invalid value for '--profile'"),
        (["-l", "ko", "--mode", "words"], 2, "Invalid value for '--mode'"),
        (["-l", "ko", "--seed", "-1"], 2, "Invalid value for '--seed'"),
        (["-l", "ko", "--limit", "0"], 2, "Invalid value for '--limit'"),
    ],
)
def test_perturb_says_what_is_wrong(arguments: list[str], code: int, told: str) -> None:
    result = invoke(*arguments, given="q1\t달은\nq1\t달은\n")

    assert result.exit_code == code, result.output
    assert told in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.output


def test_a_stream_that_is_not_utf_8_is_refused_with_its_line() -> None:
    command = [sys.executable, "-c", "from typoglot.cli import app; app()", "perturb", "-", "-l", "de"]
    done = subprocess.run(command, input=b"q1\tMond\nq2\tf\xfcr\n", capture_output=True, check=False)

    assert done.returncode == 1
    assert b"-:2: not UTF-8" in done.stderr


def test_show_puts_both_texts_and_the_figures_on_the_terminal() -> None:
    result = invoke("-", "-l", "ko", "--show", "-r", "1", given="달은 얼마나 멀리 있나요?\n")

    assert result.exit_code == 0
    clean, misspelt = result.stdout.replace("␣", " ").splitlines()[1].split("  ", 1)
    assert clean == "달은 얼마나 멀리 있나요?" != misspelt.strip()
    assert "of 4 words misspelt (100.0 %)" in " ".join(result.stdout.split())
    assert "keystroke error rate" in " ".join(result.stdout.split())


def test_show_takes_twenty_queries_unless_told_otherwise() -> None:
    text = "".join(f"달은 {number}\n" for number in range(30))

    assert invoke("-", "-l", "ko", "--show", given=text).stdout.count("달은") >= 20
    assert "달은 20" not in invoke("-", "-l", "ko", "--show", "-r", "0", given=text).stdout
    assert "달은 24" in invoke("-", "-l", "ko", "--show", "-r", "0", "--limit", "25", given=text).stdout


# fit-typos


def test_fit_typos_makes_a_folder_that_perturb_takes(tmp_path: Path) -> None:
    words = [f"{first}ran{last}ing" for first in "bcdfgklmpt" for last in "dlktzpgfmvxb"]
    (tmp_path / "pairs.tsv").write_text("".join(f"{word.replace('ran', 'arn')}\t{word}\n" for word in words))
    fitted = CliRunner().invoke(
        cli.app, ["fit-typos", str(tmp_path / "pairs.tsv"), "-l", "en", "-o", str(tmp_path / "models")]
    )
    asked = ["-", "-l", "en", "-r", "1"]
    text = "q1\tgrand winter mountain sunlight tracing breathing\n"

    assert fitted.exit_code == 0, fitted.output
    assert "120 texts, 120 misspellings" in fitted.stdout
    assert invoke(*asked, "--models", str(tmp_path / "models"), given=text).stdout != invoke(*asked, given=text).stdout


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("teh\tthe\nteh\n", "pairs.tsv:2: 1 columns: misspelt<TAB>right is expected, neither empty"),
        ("teh\tthe\n", "1 of 1 pairs are one slip: at least 100 are needed to fit a language"),
        (None, "pairs.tsv: cannot be read"),
    ],
)
def test_fit_typos_says_what_is_wrong_and_makes_no_folder(content: str | None, told: str, tmp_path: Path) -> None:
    if content:
        (tmp_path / "pairs.tsv").write_text(content)
    arguments = ["fit-typos", str(tmp_path / "pairs.tsv"), "-l", "en", "-o", str(tmp_path / "models")]
    result = CliRunner().invoke(cli.app, arguments)

    assert result.exit_code == 1
    assert told in result.stderr
    assert not (tmp_path / "models").exists()


# store


def test_store_lists_verifies_and_prunes(tmp_path: Path) -> None:
    def command(*arguments: str) -> Result:
        return CliRunner().invoke(cli.app, ["store", *arguments, "--path", str(tmp_path)])

    shelf = Store(tmp_path).shelf([{"what": "passages"}], rows=3, width=2, make=lambda rows: [np.ones((len(rows), 2))])
    shelf.fill()
    (block,) = tmp_path.glob("*/*.npy")

    assert "1 layers" in command("ls").stdout
    assert command("verify").exit_code == 0
    block.write_bytes(block.read_bytes()[:-1] + b"?")
    assert command("verify").exit_code == 1
    assert block.name in command("verify").stderr.replace("\n", "")
    assert (command("prune").exit_code, block.exists()) == (2, True)
    assert (command("prune", "--all").exit_code, block.exists()) == (0, False)


@pytest.mark.parametrize(
    ("part", "name", "extra"),
    [
        ("launcher", "JoblibLauncher", "joblib"),
        ("launcher", "SubmititLauncher", "submitit"),
        ("launcher", "RayLauncher", "ray"),
        ("sweeper", "OptunaSweeper", "optuna"),
    ],
)
def test_a_library_that_a_sweep_lacks_is_told_by_its_extra(
    part: str, name: str, extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    parts = {key: {"_target_": "hydra.BasicSweeper"} for key in ("launcher", "sweeper")} | {
        part: {"_target_": f"x.{name}"}
    }
    with pytest.raises(SystemExit) as caught:
        cli.SweepCallback().on_multirun_start(OmegaConf.create({"hydra": parts}))

    assert caught.value.code == 2
    assert f'hydra/{part}={extra}: is not installed; run: pip install "typoglot[{extra}]".' in capsys.readouterr().err


@pytest.mark.slow
def test_a_finished_sweep_is_gone_through_without_torch(tiny_bert: Path, tmp_path: Path) -> None:
    words = (*TINY, f"backbone.name={tiny_bert}", f"output={tmp_path}/out", "typos.rates=[0]", "seed=1,2")
    assert run("evaluate.py", "-m", *words).returncode == 0
    code = (
        "import runpy, sys\nsys.argv = sys.argv[1:]\ntry:\n    runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "except SystemExit as ended:\n    assert ended.code == 0\nassert 'torch' not in sys.modules"
    )
    again = run("-c", code, "evaluate.py", "-m", *words)

    assert again.returncode == 0, again.stderr
    assert again.stderr.count("Finished already") == 2
