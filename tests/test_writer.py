from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from typoglot import pipeline
from typoglot.batches import Schedule
from typoglot.config import Precision
from typoglot.errors import CheckpointError
from typoglot.records import Pair, Passage
from typoglot.training import dev_pairs, split_dev
from typoglot.writer import QuestionData, Writer
from typoglot.xqg.generator import IGNORED, Generator, load_generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from typoglot.config import TrainSettings


def rows(settings: TrainSettings) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (pipeline.folder_of(settings) / "train.jsonl").read_text().splitlines()]


def test_the_kept_generator_is_the_one_of_the_lowest_dev_loss(
    generator_settings: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, told, asked = Generator.mean_loss, iter([3.0, 1.0, 2.0]), []

    def mean_loss(self: Generator, pairs: list[Pair], precision: Precision) -> float:
        asked.append((pairs, real(self, pairs, precision)))
        return next(told)

    monkeypatch.setattr(Generator, "mean_loss", mean_loss)
    settings = generator_settings("trainer.precision=fp32")
    assert pipeline.run(settings) == 1.0

    folder = pipeline.folder_of(settings)
    kept, (held, loss) = load_generator(folder / "model"), asked[1]
    assert [row["dev/loss"] for row in rows(settings) if "dev/loss" in row] == [3.0, 1.0, 2.0]
    assert json.loads((folder / "trained.json").read_text()) == {"steps": 12, "best_step": 8, "dev": 1.0}
    assert real(kept, held, Precision.fp32) == pytest.approx(loss)
    assert len({loss for _, loss in asked}) == 3
    assert sorted(kept.languages) == ["en", "ko"]


def test_a_generators_training_broken_off_goes_on_bit_for_bit(
    generator_settings: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = generator_settings("trainer.checkpoint_every=3")
    pipeline.run(whole)
    broken = generator_settings("trainer.checkpoint_every=3", f"output={whole.output}/broken")
    step, calls = Writer.training_step, 0

    def failing(self: Writer, batch: Any) -> torch.Tensor:
        nonlocal calls
        calls += 1
        if calls == 9:
            raise OSError("the power went out")
        return step(self, batch)

    monkeypatch.setattr(Writer, "training_step", failing)
    with pytest.raises(OSError, match="power"):
        pipeline.run(broken)
    torch.manual_seed(99)  # what happened in the meantime must not matter
    pipeline.run(broken)

    assert rows(broken) == rows(whole)
    one, two = (pipeline.folder_of(settings) / "model" / "model.safetensors" for settings in (whole, broken))
    assert one.read_bytes() == two.read_bytes()


def test_a_generators_run_leaves_a_model_and_no_points(
    generator_settings: Callable[..., Any], compose: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    settings = generator_settings("trainer.max_steps=1", "train.dev_fraction=0")
    pipeline.run(settings)
    folder = pipeline.folder_of(settings)

    assert not (folder / "points.jsonl").exists()
    assert f"Model: {(folder / 'model').resolve()}" in capsys.readouterr().out
    with pytest.raises(CheckpointError, match="holds no trained model"):
        pipeline.run(compose("evaluate", f"checkpoint={folder}", "tracker=none", "resume=never"))


def test_a_batch_holds_each_prompt_with_its_question(tiny_mt5: Path) -> None:
    from typoglot import config
    from typoglot.backbones import load_seq2seq, load_tokenizer

    tokenizer = load_tokenizer(str(tiny_mt5))
    generator = Generator(load_seq2seq(str(tiny_mt5)), tokenizer, config.Generator())
    pairs = [Pair(f"What is {name}?", "en", Passage(name, f"It is {name}.", "")) for name in ("rain", "the Moon")]
    data = QuestionData({"a": pairs}, generator, Schedule({"a": 2}, {"a": 1.0}, 2, seed=1), batches=1)
    (batch,) = data.train_dataloader()

    for prompt, labels in zip(batch.prompts["input_ids"], batch.labels, strict=True):
        question = tokenizer.decode(labels[labels != IGNORED], skip_special_tokens=True)
        name = question.removeprefix("What is ").removesuffix("?")
        assert tokenizer.decode(prompt, skip_special_tokens=True) == (
            f"Generate a English question for this passage: It is {name}."
        )


def test_each_dev_query_is_paired_with_every_passage_that_answers_it() -> None:
    several = [Pair(f"q{i // 2}", "ko", Passage(f"p{i}", f"text {i}")) for i in range(40)]
    _, dev = split_dev({"a": several}, 0.2, seed=1)
    held = dev_pairs(dev)

    assert len(held) == 2 * len(dev.queries)
    assert {(pair.query, pair.passage.text) for pair in held} <= {(pair.query, pair.passage.text) for pair in several}
    assert {pair.language for pair in held} == {"ko"}
