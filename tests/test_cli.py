from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from tests.conftest import ROOT, TINY, TINY_TRAIN
from typoglot import cli, pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    assert (tmp_path / "out" / "curves.html").exists()
    assert done.stdout.count("recall@1 in % by typo rate") == 3
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
