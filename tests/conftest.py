"""What several tests share: a tiny backbone, the real data's folder, settings. Nothing here needs a network."""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from omegaconf import OmegaConf

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before anything imports huggingface_hub: no test asks a hub
os.environ.setdefault("WANDB_MODE", "offline")

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # as in a shell's background: what tests start would be deaf to it
    signal.signal(signal.SIGINT, signal.default_int_handler)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokenizers import Tokenizer, models

    from typoglot.config import EvaluateSettings, TrainSettings
    from typoglot.encoder import Encoder

ROOT = Path(__file__).parent.parent

# The same examples in each session: a test that fails does so for everybody. Looking for new ones is a task of its own:
# pytest --hypothesis-profile=explore.
settings.register_profile("explore", derandomize=False)
settings.register_profile("same", derandomize=True)
settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test finds, or leaves, anything in the user's cache."""
    os.environ["TYPOGLOT_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = Path(os.environ.get("TYPOGLOT_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("the real data are not here (TYPOGLOT_DATA, or ../shared/data)")
    return folder


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of random weights with a character tokenizer, as a transformers directory."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    from typoglot.sources import mini

    folder = tmp_path_factory.mktemp("tiny_bert")
    texts = [text for entry in mini.entries() for text in (entry.passage.content, *entry.questions.values())]
    characters = sorted(set("".join(texts)) - {" "})
    vocabulary = {token: index for index, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *characters])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Split("", "isolated")]
    )
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    torch.manual_seed(0)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    shape = BertConfig(vocab_size=len(vocabulary), max_position_embeddings=128, **size)
    BertModel(shape, add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def make_encoder(tiny_bert: Path) -> Callable[..., Encoder]:
    """The tiny encoder, with changes to its recipe."""

    def made(folder: Path = tiny_bert, **changes: Any) -> Encoder:
        from typoglot import backbones
        from typoglot.config import Backbone, Loader, Pooling
        from typoglot.encoder import Encoder, Recipe

        recipe = Recipe(Pooling.mean, False, "query: ", "passage: ", 24, 48)
        network, tokenizer = backbones.load(Backbone("tiny", Loader.hub, str(folder)))
        return Encoder(network, None, tokenizer, replace(recipe, **changes)).eval()

    return made


def in_fixed_order(tokenizer: Tokenizer, special: int) -> models.Unigram:
    """The trained pieces, sorted and equally likely: each training gives other ids and scores to the same pieces."""
    from tokenizers import models

    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    pieces = [(piece, -10.0) for piece in sorted(piece for piece, _ in vocabulary[special:])]
    return models.Unigram([*map(tuple, vocabulary[:special]), *pieces], unk_id=special - 1)


@pytest.fixture(scope="session")
def tiny_mt5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An mT5 of random weights with a small Unigram tokenizer, as a transformers directory."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import MT5Config, MT5ForConditionalGeneration, PreTrainedTokenizerFast

    from typoglot.backbones import silent_transformers
    from typoglot.languages import Language
    from typoglot.sources import mini

    folder = tmp_path_factory.mktemp("tiny_mt5")
    texts = [text for entry in mini.entries() for text in (entry.passage.content, *entry.questions.values())]
    texts += [f"Generate a {language.english_name} question for this passage:" for language in Language]
    special = ["<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    quick = {"n_sub_iterations": 1, "shrinking_factor": 0.5, "show_progress": False}
    trainer = trainers.UnigramTrainer(vocab_size=3000, special_tokens=special, unk_token="<unk>", **quick)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.model = in_fixed_order(tokenizer, len(special))
    tokenizer.post_processor = processors.TemplateProcessing("$A </s>", None, [("</s>", 1)])
    named = dict(zip(("pad_token", "eos_token", "unk_token"), special, strict=True))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **named).save_pretrained(folder)
    torch.manual_seed(0)
    size = {"d_model": 48, "d_kv": 12, "d_ff": 96, "num_layers": 2, "num_heads": 4, "dropout_rate": 0.1}
    shape = MT5Config(vocab_size=tokenizer.get_vocab_size(), decoder_start_token_id=0, **size)
    with silent_transformers():
        MT5ForConditionalGeneration(shape).save_pretrained(folder)
    return folder


TINY = [
    "backbone=hf",
    "backbone.label=tiny",
    "backbone.query_max_length=24",
    "backbone.passage_max_length=48",
    "backbone.pooling=mean",
    "backbone.normalise=true",
    "backbone.temperature=0.05",
    "benchmark.languages=[en,de]",
    "typos=uniform",
    "typos.rates=[0,0.5]",
    "tracker=none",
    "bootstrap=50",
]
TINY_TRAIN = ("train.languages=[en,de]", "trainer.batch_size=8", "optimizer.learning_rate=1e-3", "trainer.threads=1")


@pytest.fixture
def compose(tmp_path: Path) -> Callable[..., Any]:
    """Composes conf/train.yaml or conf/evaluate.yaml with overrides, to typed settings that write below tmp_path."""

    def composed(name: str, *overrides: str) -> Any:
        from hydra import compose as hydra_compose
        from hydra import initialize_config_dir

        from typoglot import cli

        with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
            cfg = hydra_compose(name, [f"output={tmp_path / 'out'}", *overrides])
        OmegaConf.set_readonly(cfg, True)
        return cli.settings_of(cfg)

    return composed


@pytest.fixture
def train_settings(compose: Callable[..., Any], tiny_bert: Path) -> Callable[..., TrainSettings]:
    """Settings of a training of seconds, with overrides."""
    return lambda *overrides: compose("train", f"backbone.name={tiny_bert}", *TINY, *TINY_TRAIN, *overrides)


TINY_GENERATOR = [
    "task=generator",
    "backbone=hf_seq2seq",
    "backbone.label=tiny",
    "train.languages=[en,ko]",
    "train.limit=24",
    "trainer.batch_size=4",
    "trainer.accumulate=1",
    "trainer.max_steps=12",
    "trainer.measure_every=4",
    "trainer.threads=1",
    "tracker=none",
]


@pytest.fixture
def generator_settings(compose: Callable[..., Any], tiny_mt5: Path) -> Callable[..., TrainSettings]:
    """Settings of a generator's training of seconds, with overrides."""
    return lambda *overrides: compose("train", f"backbone.name={tiny_mt5}", *TINY_GENERATOR, *overrides)


@pytest.fixture
def evaluate_settings(compose: Callable[..., Any], tiny_bert: Path) -> Callable[..., EvaluateSettings]:
    """Settings of an evaluation of seconds, with overrides."""
    return lambda *overrides: compose("evaluate", f"backbone.name={tiny_bert}", *TINY, *overrides)


@pytest.fixture
def python() -> str:
    return sys.executable
