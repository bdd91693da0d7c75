from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
import torch

from typoglot import pipeline
from typoglot.errors import ConfigError, DataError
from typoglot.records import Pair, Passage
from typoglot.retriever import TrainLog
from typoglot.training import optimizer_steps, split_dev

if TYPE_CHECKING:
    from collections.abc import Callable

    from typoglot.config import Trainer

ROOT = Path(__file__).parent.parent


def pairs(count: int, questions: int = 2) -> list[Pair]:
    return [Pair(f"q{i}.{j}", "en", Passage(f"p{i}", f"text {i}")) for i in range(count) for j in range(questions)]


def losses(folder: Path) -> list[tuple[int, float]]:
    rows = [json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()]
    return [(row["step"], row["loss"]) for row in rows if "loss" in row]


def test_dev_pairs_share_no_passage_with_training_pairs() -> None:
    train, dev = split_dev({"a": pairs(20)}, 0.2, seed=1)

    held = {query.parallel_id for query in dev.queries}
    assert len(held) == 4
    assert len(dev.queries) == 8
    assert not held & {f"a:{pair.passage.id}" for pair in train["a"]}


def test_dev_queries_are_ranked_among_all_passages() -> None:
    _, dev = split_dev({"a": pairs(20), "b": pairs(10)}, 0.1, seed=1)

    assert len(dev.corpus) == 30
    assert all(dev.qrels[query.id] == {query.parallel_id: 1} for query in dev.queries)


def test_the_dev_split_is_decided_by_the_seed() -> None:
    one, same, other = (split_dev({"a": pairs(50)}, 0.2, seed=seed)[1].queries for seed in (1, 1, 2))

    assert one == same
    assert one != other


def test_without_a_dev_fraction_all_pairs_train() -> None:
    train, dev = split_dev({"a": pairs(5)}, 0.0, seed=1)

    assert len(train["a"]) == 10
    assert dev.queries == ()


def test_a_question_with_several_passages_is_held_out_whole() -> None:
    several = [Pair(f"q{i // 2}", "en", Passage(f"p{i}", f"text {i}")) for i in range(40)]
    train, dev = split_dev({"a": several}, 0.2, seed=1)

    assert not {pair.query for pair in train["a"]} & {query.text for query in dev.queries}
    assert all(len(dev.qrels[query.id]) == 2 for query in dev.queries)


def test_a_source_with_nothing_left_to_train_on_is_named() -> None:
    with pytest.raises(DataError, match="train source 'a': 1 pairs to train on"):
        split_dev({"a": pairs(1, questions=1)}, 0.1, seed=1)


@pytest.mark.parametrize(
    ("overrides", "steps"), [((), 20), (("trainer.accumulate=3",), 6), (("trainer.max_steps=7",), 7)]
)
def test_optimizer_steps(overrides: tuple[str, ...], steps: int, train_settings: Callable[..., Any]) -> None:
    trainer: Trainer = train_settings("trainer.epochs=2", *overrides).trainer

    assert optimizer_steps(10, trainer) == steps


@pytest.mark.slow
def test_training_learns_what_it_is_shown(train_settings: Callable[..., Any]) -> None:
    options = ("trainer.epochs=40", "train.limit=16", "train.languages=[en]", "train.dev_fraction=0", "evaluate=false")
    settings = train_settings(*options)
    pipeline.run(settings)
    values = [loss for _, loss in losses(pipeline.folder_of(settings))]

    assert sum(values[-10:]) < 0.2 * sum(values[:10])


def test_the_kept_model_is_the_best_one_on_dev(train_settings: Callable[..., Any]) -> None:
    settings = train_settings("trainer.epochs=3", "evaluate=false")
    best = pipeline.run(settings)
    folder = pipeline.folder_of(settings)
    rows = [json.loads(line) for line in (folder / "train.jsonl").read_text().splitlines()]
    measured = {row["step"]: row["dev/mrr@10"] for row in rows if "dev/mrr@10" in row}

    assert len(measured) == 3
    summary = json.loads((folder / "trained.json").read_text())
    assert summary["dev"] == best == max(measured.values()) == measured[summary["best_step"]]


def test_one_seed_gives_one_loss_sequence_and_another_seed_another(train_settings: Callable[..., Any]) -> None:
    found = []
    for overrides in (("seed=1",), ("seed=1", "bootstrap=51"), ("seed=2",)):
        settings = train_settings("evaluate=false", *overrides)
        pipeline.run(settings)
        found.append(losses(pipeline.folder_of(settings)))

    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.parametrize("accumulate", [1, 2])
def test_a_training_broken_off_anywhere_goes_on_bit_for_bit(
    accumulate: int, train_settings: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from typoglot.retriever import Retriever

    options = ("evaluate=false", "trainer.epochs=2", "trainer.checkpoint_every=3", f"trainer.accumulate={accumulate}")
    whole = train_settings(*options)
    pipeline.run(whole)
    broken = train_settings(*options, f"output={whole.output}/broken")
    step = Retriever.training_step
    calls = 0

    def failing(self: Retriever, batch: Any) -> torch.Tensor:
        nonlocal calls
        calls += 1
        if calls in (8, 19, 25):
            raise OSError("the power went out")
        return step(self, batch)

    monkeypatch.setattr(Retriever, "training_step", failing)
    for _ in range(3):
        with pytest.raises(OSError, match="power"):
            pipeline.run(broken)
        assert not (pipeline.folder_of(broken) / "done.json").exists()
    torch.manual_seed(99)  # what happened in the meantime must not matter
    pipeline.run(broken)

    one, two = (pipeline.folder_of(settings) for settings in (whole, broken))
    assert losses(one) == losses(two)
    assert (one / "train.jsonl").read_text() == (two / "train.jsonl").read_text()
    assert (one / "model" / "model.safetensors").read_bytes() == (two / "model" / "model.safetensors").read_bytes()


@pytest.mark.slow
def test_a_training_killed_by_the_system_goes_on_bit_for_bit(tiny_bert: Path, tmp_path: Path) -> None:
    from tests.conftest import TINY, TINY_TRAIN

    command = [
        sys.executable, "train.py", f"backbone.name={tiny_bert}", *TINY, *TINY_TRAIN, "trainer.epochs=12",
        "trainer.checkpoint_every=5", "evaluate=false",
    ]  # fmt: skip
    subprocess.run([*command, f"output={tmp_path / 'whole'}"], cwd=ROOT, check=True, capture_output=True)
    for _ in range(2):
        process = subprocess.Popen([*command, f"output={tmp_path / 'killed'}"], cwd=ROOT, stderr=subprocess.PIPE)
        _wait_for_new_rows(tmp_path / "killed", 30, process)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    subprocess.run([*command, f"output={tmp_path / 'killed'}"], cwd=ROOT, check=True, capture_output=True)

    (one,), (two,) = (list((tmp_path / name).glob("*/train.jsonl")) for name in ("whole", "killed"))
    assert losses(one.parent) == losses(two.parent)
    assert len(losses(one.parent)) == 12 * 18


def _wait_for_new_rows(output: Path, rows: int, process: subprocess.Popen[bytes]) -> None:
    """Until the training has written so many rows more than there were."""
    paths = list(output.glob("*/train.jsonl"))
    before = len(paths[0].read_text().splitlines()) if paths else 0
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        paths = list(output.glob("*/train.jsonl"))
        if paths and len(paths[0].read_text().splitlines()) >= before + rows:
            return
        time.sleep(0.02)
    raise AssertionError(f"no {rows} new rows: the process ended with {process.poll()}")


@pytest.mark.slow
def test_two_devices_have_the_gradient_of_one_with_the_whole_batch(
    train_settings: Callable[..., Any], tiny_bert: Path, tmp_path: Path
) -> None:
    options = (
        "evaluate=false",
        "trainer.max_steps=4",
        "trainer.epochs=1",
        "train.dev_fraction=0",
        "trainer.accelerator=cpu",
    )
    from safetensors.torch import load_file

    from tests.conftest import TINY, TINY_TRAIN

    # Dropout falls otherwise on other batches, and AdamW turns rounding errors of tiny gradients into whole steps.
    still = tmp_path / "without_dropout"
    shutil.copytree(tiny_bert, still)
    shape = json.loads((still / "config.json").read_text())
    zero = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (still / "config.json").write_text(json.dumps(shape | zero))
    options = (*options, f"backbone.name={still}", "optimizer.eps=1", "trainer.precision=fp32")
    one = train_settings(*options, "trainer.batch_size=8", "trainer.clip_norm=null")
    pipeline.run(one)
    command = [sys.executable, "train.py", *TINY, *TINY_TRAIN, *options]
    two = ("trainer.batch_size=4", "trainer.devices=2", "trainer.clip_norm=null", f"output={one.output}/two")
    subprocess.run([*command, *two], cwd=ROOT, check=True, capture_output=True, timeout=300)

    (other,) = Path(one.output, "two").glob("*/model/model.safetensors")
    a, b = load_file(pipeline.folder_of(one) / "model" / "model.safetensors"), load_file(other)
    assert max((a[name] - b[name]).abs().max().item() for name in a) < 1e-6


def test_the_logged_learning_rate_is_the_one_of_the_step(train_settings: Callable[..., Any]) -> None:
    settings = train_settings("trainer.max_steps=10", "optimizer.warmup_fraction=0.2", "evaluate=false")
    pipeline.run(settings)
    rows = [json.loads(line) for line in (pipeline.folder_of(settings) / "train.jsonl").read_text().splitlines()]
    rates = [row["learning_rate"] for row in rows if "learning_rate" in row]

    assert rates == pytest.approx([0, 5e-4, 1e-3, *(1e-3 * left / 8 for left in range(7, 0, -1))])


def test_training_leaves_the_process_as_it_found_it(train_settings: Callable[..., Any]) -> None:
    before = (torch.are_deterministic_algorithms_enabled(), signal.getsignal(signal.SIGINT))
    pipeline.run(train_settings("trainer.max_steps=2", "evaluate=false"))

    assert (torch.are_deterministic_algorithms_enabled(), signal.getsignal(signal.SIGINT)) == before


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_training_with_its_own_exit_code(
    number: signal.Signals, code: int, tiny_bert: Path, tmp_path: Path
) -> None:
    from tests.conftest import TINY, TINY_TRAIN

    options = ("trainer.epochs=200", "evaluate=false", f"output={tmp_path}")
    command = [sys.executable, "train.py", f"backbone.name={tiny_bert}", *TINY, *TINY_TRAIN, *options]
    # A shell that runs this in the background has SIGINT ignored, and children inherit that.
    listen = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, preexec_fn=listen)
    _wait_for_new_rows(tmp_path, 5, process)
    told = _signalled(process, number)

    assert process.returncode == code
    assert b"Traceback" not in told


def _signalled(process: subprocess.Popen[bytes], number: signal.Signals) -> bytes:
    """What the process said until it ended; told again like by an impatient user, since C code may swallow a signal."""
    for _ in range(12):
        process.send_signal(number)
        try:
            return process.communicate(timeout=10)[1]
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    process.communicate()
    raise AssertionError(f"signal {number} did not end the training")


def test_training_on_misspelt_queries_trains_otherwise_and_goes_on_alike(train_settings: Callable[..., Any]) -> None:
    found = []
    for overrides in (("train.typo_rate=0.5",), ("train.typo_rate=0.5", "bootstrap=51"), ("train.typo_rate=0",)):
        settings = train_settings("evaluate=false", "trainer.max_steps=4", *overrides)
        pipeline.run(settings)
        found.append(losses(pipeline.folder_of(settings)))

    assert found[0] == found[1] != found[2]


def test_a_profile_that_knows_not_the_training_s_languages_is_refused(train_settings: Callable[..., Any]) -> None:
    settings = train_settings("typos=textattack", "benchmark.languages=[en]", "train.typo_rate=0.5")

    with pytest.raises(
        ConfigError, match=r"train\.typo_rate=0\.5: typos\.profile=textattack: knows en only, not de; give"
    ):
        pipeline.run(settings)


def test_the_log_goes_on_behind_a_torn_line_and_names_a_damaged_one(tmp_path: Path) -> None:
    told: list[tuple[int, dict[str, float]]] = []
    log = TrainLog(tmp_path / "train.jsonl", 1, lambda step, row: told.append((step, row)))
    trainer, module = (Mock(is_global_zero=True, global_step=2) for _ in range(2))
    first = '{"step": 2, "loss": 0.5}\n'
    log.path.write_text(first + '{"step": 3, "loss": 0.4}\n{"step": 4, "lo')
    log.on_train_start(trainer, module)
    log.close()
    assert log.path.read_text() == first
    assert told == [(2, {"loss": 0.5})]

    for damaged, what in (('{"st}', r"not JSON"), ('{"loss": 0.5}', r"'step' is missing")):
        log.path.write_text(f"{first}{damaged}\n{first}")
        with pytest.raises(DataError, match=rf"train\.jsonl:2: .*{what}"):
            log.on_train_start(trainer, module)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_gradients_are_clipped_in_any_precision(
    precision: str, train_settings: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    norms = []
    step = torch.optim.AdamW.step

    def watched(self: torch.optim.AdamW, closure: Any = None) -> Any:
        return step(self, lambda: (closure(), norms.append(_norm(self)))[0])

    monkeypatch.setattr(torch.optim.AdamW, "step", watched)
    options = ("evaluate=false", "trainer.max_steps=2", "trainer.clip_norm=0.01", "train.limit=16")
    pipeline.run(train_settings(*options, f"trainer.precision={precision}"))

    assert norms == pytest.approx([0.01, 0.01], rel=1e-3)


def _norm(optimizer: torch.optim.Optimizer) -> float:
    grads = [w.grad.norm() for group in optimizer.param_groups for w in group["params"] if w.grad is not None]
    return float(torch.stack(grads).norm())
