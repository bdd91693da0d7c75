"""BEIR folders (Thakur et al. 2021), the format for your own benchmark: corpus.jsonl, queries.jsonl, qrels/test.tsv.

A query may say its "language" (default en), its "parallel_id" (shared by translations) and its "answers".
Format: https://github.com/beir-cellar/beir/wiki/Load-your-custom-dataset
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from typoglot.lines import require_folder
from typoglot.sources import composed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from typoglot.records import Benchmark


def read_benchmark(name: str, folder: Path, languages: Sequence[str] | None, split: str = "test") -> Benchmark:
    """The judged queries of the chosen languages over the whole corpus.

    Raises:
        DataError: a file is missing or malformed, an id is doubled, or a judgement names an unknown id.
    """
    require_folder(folder, f"corpus.jsonl, queries.jsonl and qrels/{split}.tsv")
    return composed.read_composed(name, composed.beir(folder, split), languages, folder)
