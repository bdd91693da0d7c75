from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from typoglot import backbones
from typoglot.batches import tokenise
from typoglot.config import Backbone, Loader, Pooling, Precision
from typoglot.encoder import Encoder, Recipe, read_card, use_bf16
from typoglot.errors import CheckpointError

TEXTS = ["Io is a moon.", "Saturn", "How far is Neptune from the Sun, and who found it first?", "Saturn"]


def encoder(folder: Path, pooling: Pooling = Pooling.mean, *, normalise: bool = True, tied: bool = True) -> Encoder:
    network, tokenizer = backbones.load(Backbone("tiny", Loader.hub, str(folder)))
    other = None if tied else backbones.load_network(str(folder))
    return Encoder(network, other, tokenizer, Recipe(pooling, normalise, "query: ", "passage: ", 24, 48)).eval()


def test_a_text_is_read_in_nfc_after_its_prefix_and_cut(tiny_bert: Path) -> None:
    tokenizer = backbones.load_tokenizer(str(tiny_bert))
    composed, decomposed = (
        tokenise(tokenizer, [text], prefix="a", max_length=9)[0] for text in ("é" * 20, "e\u0301" * 20)
    )

    assert composed == decomposed
    assert len(composed) == 9
    assert composed[1] == tokenizer.convert_tokens_to_ids("a")


@pytest.mark.parametrize("pooling", list(Pooling))
def test_a_vector_does_not_depend_on_the_batch_it_is_in(pooling: Pooling, tiny_bert: Path) -> None:
    model = encoder(tiny_bert, pooling)
    together = model.encode_queries(TEXTS, precision=Precision.fp32)
    alone = np.concatenate([model.encode_queries([text], precision=Precision.fp32) for text in TEXTS])

    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_equal_texts_have_equal_vectors_bit_for_bit(tiny_bert: Path) -> None:
    vectors = encoder(tiny_bert).encode_queries(TEXTS, precision=Precision.fp32)

    assert (vectors[1] == vectors[3]).all()


def test_mean_pooling_is_the_mean_over_real_tokens(tiny_bert: Path) -> None:
    model = encoder(tiny_bert, normalise=False)
    (ids,) = model.query_ids(["Saturn"])
    with torch.inference_mode():
        hidden = model.query_network(input_ids=torch.tensor([ids]))[0][0]  # (T, D)

    np.testing.assert_allclose(model.encode_queries(["Saturn"], precision=Precision.fp32)[0], hidden.mean(0), atol=1e-6)


def test_cls_pooling_is_the_first_token(tiny_bert: Path) -> None:
    model = encoder(tiny_bert, Pooling.cls, normalise=False)
    (ids,) = model.passage_ids(["Saturn"])
    with torch.inference_mode():
        first = model.query_network(input_ids=torch.tensor([ids]))[0][0, 0]

    np.testing.assert_allclose(model.encode_passages(["Saturn"], precision=Precision.fp32)[0], first, atol=1e-6)


def test_normalised_vectors_have_length_one(tiny_bert: Path) -> None:
    vectors = encoder(tiny_bert).encode_passages(TEXTS, precision=Precision.fp32)

    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("tied", [True, False])
def test_a_saved_encoder_gives_the_same_vectors(tied: bool, tiny_bert: Path, tmp_path: Path) -> None:
    model = encoder(tiny_bert, tied=tied)
    if not tied:
        with torch.no_grad():
            next(model.passage_network.parameters()).add_(0.1)
    model.save(tmp_path / "model")
    same, recipe = read_card(tmp_path / "model")
    other = None if same else backbones.load_network(str(tmp_path / "model" / "passage"))
    loaded = Encoder(
        backbones.load_network(str(tmp_path / "model")),
        other,
        backbones.load_tokenizer(str(tmp_path / "model")),
        recipe,
    ).eval()

    assert same == tied
    for encode in ("encode_queries", "encode_passages"):
        before, after = (getattr(one, encode)(TEXTS, precision=Precision.fp32) for one in (model, loaded))
        assert (before == after).all()


def test_encoding_leaves_training_mode_as_it_was(tiny_bert: Path) -> None:
    model = encoder(tiny_bert).train()
    first, second = (model.encode_queries(TEXTS, precision=Precision.fp32) for _ in range(2))

    assert model.training
    assert (first == second).all()


def test_no_text_gives_no_vector(tiny_bert: Path) -> None:
    assert encoder(tiny_bert).encode_queries([], precision=Precision.fp32).shape == (0, 32)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="holds no trained model"):
        read_card(tmp_path)


def test_a_model_of_another_format_is_refused(tiny_bert: Path, tmp_path: Path) -> None:
    encoder(tiny_bert).save(tmp_path / "model")
    card = tmp_path / "model" / "typoglot.json"
    card.write_text(card.read_text().replace('"format": 1', '"format": 2'))

    with pytest.raises(CheckpointError, match="is of format 2, this typoglot reads format 1"):
        read_card(tmp_path / "model")


def test_bf16_is_chosen_only_where_the_processor_multiplies_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu = torch.device("cpu")
    for features, expected in (({"avx2": True}, False), ({"avx512_bf16": True}, True), ({"amx_bf16": True}, True)):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda features=features: features)
        assert use_bf16(Precision.auto, cpu) is expected
    assert use_bf16(Precision.bf16, cpu)
    assert not use_bf16(Precision.fp32, cpu)


def test_bf16_vectors_point_where_fp32_vectors_do(tiny_bert: Path) -> None:
    model = encoder(tiny_bert)
    exact, rough = (model.encode_queries(TEXTS, precision=precision) for precision in (Precision.fp32, Precision.bf16))

    assert ((exact * rough).sum(1) > 0.999).all()
