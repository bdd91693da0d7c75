"""Folders as finished runs leave them, with scores by chance: for the report's speed and for its tests."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from omegaconf import OmegaConf

from typoglot.files import atomic_text
from typoglot.measures import intervals
from typoglot.results import POOLED, Point, write_per_query, write_points

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = ("ar", "bn", "de", "en", "es", "fi", "ja", "ko", "ru", "te", "tr", "zh")
RATES = (0.0, 0.1, 0.2, 0.3)
MEASURES = ("recall@1", "recall@10", "mrr@10", "ndcg@10")
PIECES = {"pieces": 12, "continued": 4, "unknown": 1, "token_edits": 6, "truncated": 1}
TEXTS = {
    "ar": "ما أكبر كوكب في المجموعة الشمسية؟",
    "en": "Which planet has the <script>alert(1)</script> most moons & rings?",
}


@dataclass(frozen=True)
class Made:
    """What a run is made like. `mixes`: count and α of each ranking; `settings` go into its config.yaml."""

    questions: int = 20
    languages: tuple[str, ...] = LANGUAGES
    rates: tuple[float, ...] = RATES
    measures: tuple[str, ...] = MEASURES
    mixes: tuple[tuple[int, float], ...] = ((0, 0.0),)
    steps: int = 40
    pieces: bool = True
    examples: int = 2
    settings: dict[str, Any] = field(default_factory=dict)


def make_run(folder: Path, seed: int, made: Made) -> Path:
    """Writes the run; its scores are hits and misses by a chance that falls with the typo rate."""
    folder.mkdir(parents=True)
    chance = np.random.default_rng(seed)
    settings = {"backbone": {"label": "made"}, "seed": seed, "train": {"label": "mini"}, "typos": {"seed": 13}}
    OmegaConf.save(OmegaConf.merge(settings, made.settings), folder / "config.yaml")
    frame = _queries(made, chance)
    write_per_query(folder / "per_query.parquet", frame)
    write_points(folder / "points.jsonl", _points(made, frame, seed))
    environment = {"typoglot": "0", "python": "3", "git": None, "device": "cpu", "precision": "fp32", "threads": 1}
    command = f"python train.py backbone=made seed={seed}"
    _write(folder / "environment.json", [{**environment, "command": command}])
    steps = [
        {"step": i + 1, "loss": 3 / (1 + i / 20) + chance.normal(0, 0.1), "learning_rate": 1} for i in range(made.steps)
    ]
    if made.steps:
        _write(folder / "train.jsonl", steps)
    _write(folder / "examples.jsonl", _examples(made))
    _write(folder / "done.json", [{"value": 0.5}])
    return folder


def _queries(made: Made, chance: np.random.Generator) -> pl.DataFrame:
    names = [(language, question) for language in made.languages for question in range(made.questions)]
    ease = chance.uniform(0.5, 1, len(names))
    parts = []
    for count, alpha in made.mixes:
        for rate in made.rates:
            luck = chance.uniform(size=(len(names), len(made.measures)))
            hits = (luck < (ease * (1 - rate) + alpha)[:, None]).astype(np.float64)
            part = pl.DataFrame({
                "query": [f"q{question}_{language}" for language, question in names],
                "language": [language for language, _ in names], "parallel_id": [f"q{i}" for _, i in names],
                "edited": chance.integers(0, 3, len(names)), "cer": [rate / 5] * len(names),
                **{measure: hits[:, i] for i, measure in enumerate(made.measures)},
                **({key: chance.integers(0, most + 1, len(names)) + (key == "pieces") for key, most in PIECES.items()}
                   if made.pieces else {}),
            })  # fmt: skip
            named = {
                "benchmark": "made", "profile": "human", "mode": "word_rate", "rate": rate, "xqg_count": count,
                "alpha": alpha,
            }  # fmt: skip
            parts.append(
                part.with_columns(draw=pl.lit(0, pl.Int32), **{key: pl.lit(one) for key, one in named.items()})
            )
    return pl.concat(parts)


def _points(made: Made, frame: pl.DataFrame, seed: int) -> list[Point]:
    """The points of the table, in its own order; intervals of few resamples."""
    found = []
    conditions = [(mix, rate) for mix in made.mixes for rate in made.rates]
    for number, ((count, alpha), rate) in enumerate(conditions, 1):
        own = frame.filter(pl.col("xqg_count") == count, pl.col("alpha") == alpha, pl.col("rate") == rate)
        for language in (*made.languages, POOLED):
            rows = own if language == POOLED else own.filter(pl.col("language") == language)
            scores = rows.select(made.measures).to_numpy()
            means = intervals(scores, rows["parallel_id"].to_list(), 50, language)
            shared: dict[str, Any] = {"word_rate": rate, "cer": rate / 5, "ker": None, "changed": min(1.0, 3 * rate)}
            found += [
                Point(
                    benchmark="made", backbone="made", method="contrastive", language=language, profile="human",
                    rate=rate, draw=0, xqg_count=count, alpha=alpha, seed=seed, measure=measure, **mean._asdict(),
                    n=len(rows), **shared, seconds=10.0 + number, peak_memory_mb=900.0 + seed % 7,
                    xqg="file, sum" if count else "",
                )
                for measure, mean in zip(made.measures, means, strict=True)
            ]  # fmt: skip
    return found


def _examples(made: Made) -> list[dict[str, Any]]:
    outcomes = {"lost": made.examples, "gained": made.examples, "same": made.examples}
    sample = {"measure": made.measures[0], "rate": made.rates[-1], "draw": 0, "passages": 120}
    rows: list[dict[str, Any]] = [{"sample": {**sample, "outcomes": outcomes, "untouched": 1}}]
    texts = {f"p{i}": f"Passage {i} </script><b>of</b> some length, نص قصير. " + "More words. " * 15 for i in range(4)}
    for outcome in outcomes:
        for number in range(made.examples):
            language = "ar" if number % 2 else "en"
            edit = {
                "start": 2,
                "end": 3,
                "op": "substitute",
                "kind": "near",
                "before": TEXTS[language][2],
                "after": "x",
            }
            text = TEXTS[language]
            rows.append({
                "query": f"q{number}_{outcome}", "language": language, "outcome": outcome, "clean": text,
                "text": f"{text[:2]}x{text[3:]}", "edits": [edit],
                "before": {"first": ["p0", "p1", "p2"], "found": 1},
                "after": {"first": ["p1", "p2", "p3"], "found": None},
                "texts": texts, "relevant": ["p0"],
            })  # fmt: skip
    return rows


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    with atomic_text(path) as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
