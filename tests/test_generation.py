from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from tests.conftest import ROOT, TINY_GENERATOR
from typoglot import cli, config
from typoglot.backbones import load_seq2seq, load_tokenizer
from typoglot.sources import mini
from typoglot.sources.generated import read_generated
from typoglot.xqg.generator import Generator

if TYPE_CHECKING:
    from collections.abc import Iterable

IDS = [entry.passage.id for entry in mini.entries()]
TYPOGLOT = [sys.executable, "-c", "from typoglot.cli import app; app()"]


@pytest.fixture(scope="module")
def model(tiny_mt5: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generator of random weights, as training leaves it."""
    folder = tmp_path_factory.mktemp("run") / "model"
    Generator(load_seq2seq(str(tiny_mt5)), load_tokenizer(str(tiny_mt5)), config.Generator(), ["ar", "ko"]).save(folder)
    return folder.parent


def generate(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(cli.app, ["generate", *map(str, arguments)])
    return done.exit_code, done.stderr


QUICK = ("--per-language", 1, "--question-max-length", 4, "--passage-max-length", 16, "--temperature", 30)


@pytest.mark.slow
def test_a_benchmarks_passages_get_questions_in_the_trained_languages(model: Path, tmp_path: Path) -> None:
    code, told = generate(model, "--out", tmp_path / "q", *QUICK)
    found = read_generated(tmp_path / "q", IDS, None, 1)

    assert (code, list(found)) == (0, IDS), told
    assert {tuple(own) for own in found.values()} == {("ar", "ko")}
    assert "Writing questions: 240 questions in" in told


@pytest.mark.slow
def test_three_shards_write_what_one_writes(model: Path, tmp_path: Path) -> None:
    generate(model, "--out", tmp_path / "whole", "--languages", "ko", *QUICK)
    for shard in ("3/3", "1/3", "2/3"):
        assert generate(model, "--out", tmp_path / "parts", "--languages", "ko", "--shard", shard, *QUICK)[0] == 0

    whole, parts = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("whole", "parts")
    )
    assert len(whole) == 61
    assert parts == whole


def test_a_language_that_it_was_not_trained_in_is_said(model: Path, tmp_path: Path) -> None:
    code, told = generate(model, "--out", tmp_path, "--languages", "ko,te", "--shard", "1/60", *QUICK)

    assert code == 0
    assert "Not trained in te: what it writes there may be another language's" in told


def test_a_folder_is_not_mixed(model: Path, tmp_path: Path) -> None:
    generate(model, "--out", tmp_path, "--languages", "ko", "--shard", "1/60", *QUICK)
    code, told = generate(model, "--out", tmp_path, "--languages", "ko", "--seed", 1, *QUICK)

    assert code == 2
    assert "was begun otherwise (seed was 313, not 1); give another folder." in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--languages", "ar,xx"], "--languages=xx: unknown; write some of ar,bn,"),
        (["--languages", "ar,ar"], "--languages=ar: appears twice"),
        (["--per-language", "0"], "--per-language=0: must be above 0."),
        (["--shard", "3/2"], "--shard=3/2: write it as 2/8, the second of eight."),
        (["--benchmark", "xquad"], "--path: xquad is read from disk; give --path DIR."),
        (["--path", "x"], "--path=x: mini is embedded and reads no path"),
    ],
)
def test_a_wrong_option_ends_with_2_and_writes_nothing(
    arguments: list[str], told: str, model: Path, tmp_path: Path
) -> None:
    code, stderr = generate(model, "--out", tmp_path / "q", *arguments)

    assert code == 2
    assert told in stderr
    assert not (tmp_path / "q").exists()


def test_a_folder_without_a_generator_ends_with_1(tiny_bert: Path, tmp_path: Path) -> None:
    code, told = generate(tiny_bert, "--out", tmp_path / "q")

    assert code == 1
    assert "holds no generator" in told


QUESTIONS = {
    ("moon", "en"): "How far is the moon?", ("moon", "ko"): "얼마나 멀리 있나요?",
    ("rain", "en"): "What is rain?", ("rain", "ko"): "비는 무엇인가요?",
}  # fmt: skip
PASSAGES = {"moon": "The Moon goes around the Earth.", "rain": "Rain is water that falls from clouds."}


def write_rows(path: Path, rows: Iterable[object]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.mark.slow
def test_a_generator_learns_its_pairs_and_writes_them(tiny_mt5: Path, tmp_path: Path) -> None:
    passages = {name: {"docid": name, "_id": name, "title": "", "text": text} for name, text in PASSAGES.items()}
    pairs = [
        {"query": text, "language": language, "positive_passages": [passages[name]]}
        for (name, language), text in QUESTIONS.items()
    ]
    write_rows(tmp_path / "pairs.jsonl", pairs)
    write_rows(tmp_path / "corpus.jsonl", passages.values())
    write_rows(tmp_path / "queries.jsonl", [{"_id": "q", "text": "the moon?"}])
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("q\tmoon\t1\n")
    options = [
        "train=tevatron", f"train.path={tmp_path / 'pairs.jsonl'}", "train.dev_fraction=0", "trainer.max_steps=250",
        "optimizer.learning_rate=5e-3", f"output={tmp_path / 'out'}",
    ]  # fmt: skip
    command = [sys.executable, "train.py", f"backbone.name={tiny_mt5}", *TINY_GENERATOR, *options]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (run,) = (tmp_path / "out").glob("tiny-tevatron-generator-*")
    command = [*TYPOGLOT, "generate", str(run), "--benchmark", "beir", "--path", str(tmp_path)]
    greedy = ["--top-k", "1", "--per-language", "2", "--out", str(tmp_path / "q")]
    subprocess.run([*command, *greedy], check=True, capture_output=True)

    assert read_generated(tmp_path / "q", list(PASSAGES), None, 2) == {
        name: {language: (QUESTIONS[name, language],) * 2 for language in ("en", "ko")} for name in PASSAGES
    }


@pytest.mark.slow
def test_a_killed_job_goes_on_and_writes_the_same_files(model: Path, tmp_path: Path) -> None:
    quick = [*map(str, QUICK), "--languages", "ar,ja,te", "--passage-max-length", "200"]
    whole, killed = ([*TYPOGLOT, "generate", str(model), *quick, "--out", str(tmp_path / name)] for name in "wk")
    subprocess.run(whole, check=True, capture_output=True)
    process = subprocess.Popen(killed, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while process.poll() is None and len(list((tmp_path / "k").glob("*.gz"))) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = len(list((tmp_path / "k").glob("*.gz")))
    done = subprocess.run(killed, check=True, capture_output=True, text=True)

    assert 5 <= before < 60
    assert f"Going on: {before} of 60 blocks are there" in done.stderr
    assert {p.name: p.read_bytes() for p in (tmp_path / "w").iterdir()} == {
        p.name: p.read_bytes() for p in (tmp_path / "k").iterdir() if not p.name.endswith(".tmp")
    }


def test_the_note_beside_the_blocks_says_how_they_were_made(model: Path, tmp_path: Path) -> None:
    generate(model, "--out", tmp_path, "--languages", "ko", "--shard", "1/60", "--precision", "fp32", *QUICK)
    note = json.loads((tmp_path / "generation.json").read_text())

    assert (note["languages"], note["per_language"], note["precision"]) == (["ko"], 1, "fp32")
    assert len(note["model"]) == len(note["corpus"]) == 16
