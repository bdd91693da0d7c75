from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertJapaneseTokenizer, ByT5Tokenizer, CanineTokenizer

from typoglot.config import Pooling, Precision
from typoglot.encoder import Encoder
from typoglot.fingerprint import passage_side


@pytest.fixture
def plain(make_encoder: Callable[..., Encoder]) -> dict[str, object]:
    return passage_side(make_encoder())


@pytest.mark.parametrize("change", [{"pooling": Pooling.cls}, {"normalise": True}, {"passage_prefix": "p "}])
def test_each_part_of_the_recipe_changes_it(
    change: dict[str, Any], plain: dict[str, object], make_encoder: Callable[..., Encoder]
) -> None:
    assert passage_side(make_encoder(**change)) != plain


@pytest.mark.parametrize("change", [{"query_prefix": ""}, {"query_max_length": 9}])
def test_the_query_side_does_not_change_it(
    change: dict[str, Any], plain: dict[str, object], make_encoder: Callable[..., Encoder]
) -> None:
    assert passage_side(make_encoder(**change)) == plain


def test_one_changed_number_in_the_weights_changes_it(
    plain: dict[str, object], make_encoder: Callable[..., Encoder]
) -> None:
    encoder = make_encoder()
    with torch.no_grad():
        next(encoder.parameters())[3, 3] += 1e-6

    assert passage_side(encoder) != plain


def test_the_weights_of_the_passage_network_count_where_the_sides_differ(
    plain: dict[str, object], make_encoder: Callable[..., Encoder]
) -> None:
    one, other = make_encoder(), make_encoder()
    with torch.no_grad():
        next(other.parameters()).add_(0.1)
    untied = Encoder(one.query_network, other.query_network, one.tokenizer, one.recipe)
    swapped = Encoder(other.query_network, one.query_network, one.tokenizer, one.recipe)

    assert passage_side(untied) == passage_side(other) != plain
    assert passage_side(swapped) == plain


def test_equal_weights_of_another_shape_change_it(
    plain: dict[str, object], make_encoder: Callable[..., Encoder]
) -> None:
    encoder = make_encoder()
    encoder.query_network.config.num_attention_heads = 1

    assert passage_side(encoder) != plain


def test_one_token_more_changes_it(plain: dict[str, object], make_encoder: Callable[..., Encoder]) -> None:
    encoder = make_encoder()
    encoder.tokenizer.add_tokens(["moon"])

    assert passage_side(encoder) != plain


def test_neither_place_nor_use_nor_saving_changes_it(
    plain: dict[str, object], make_encoder: Callable[..., Encoder], tiny_bert: Path, tmp_path: Path
) -> None:
    shutil.copytree(tiny_bert, tmp_path / "copy")
    encoder = make_encoder(tmp_path / "copy")
    encoder.encode_queries(["a text"], precision=Precision.fp32)
    assert passage_side(encoder) == plain

    encoder.save(tmp_path / "saved")
    assert passage_side(make_encoder(tmp_path / "saved")) == plain
    assert "/" not in str(plain)


def japanese(folder: Path, kind: str = "character") -> BertJapaneseTokenizer:
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na")
    return BertJapaneseTokenizer(str(folder / "vocab.txt"), word_tokenizer_type="basic", subword_tokenizer_type=kind)


@pytest.mark.parametrize("make", [lambda _: ByT5Tokenizer(), lambda _: CanineTokenizer(), japanese])
def test_a_slow_tokenizer_has_one_too_wherever_it_lies(
    make: Callable[[Path], Any], plain: dict[str, object], make_encoder: Callable[..., Encoder], tmp_path: Path
) -> None:
    encoder = make_encoder()
    encoder.tokenizer = make(tmp_path)
    found = passage_side(encoder)
    assert found != plain

    encoder.tokenizer.save_pretrained(tmp_path / "copy")
    encoder.tokenizer = type(encoder.tokenizer).from_pretrained(tmp_path / "copy")
    assert passage_side(encoder) == found


def test_how_a_slow_tokenizer_cuts_words_changes_it(make_encoder: Callable[..., Encoder], tmp_path: Path) -> None:
    one, other = make_encoder(), make_encoder()
    one.tokenizer, other.tokenizer = japanese(tmp_path), japanese(tmp_path, "wordpiece")

    assert passage_side(one) != passage_side(other)
