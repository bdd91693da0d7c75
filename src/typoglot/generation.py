"""A trained generator and a benchmark's passages to files of questions. Knows no training and no retrieval."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from typoglot import __version__
from typoglot.config import BenchmarkFormat, Decoding, Precision
from typoglot.errors import ConfigError
from typoglot.files import cache_dir, make_folder, sha256
from typoglot.languages import Language
from typoglot.results import MODEL
from typoglot.rules import decoding_faults
from typoglot.sources import read_benchmark
from typoglot.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from typoglot import config


def generate(
    model: Path, benchmark: config.Benchmark, languages: Sequence[str] | None, decoding: Decoding,
    precision: Precision, shard: str = "1/1", out: Path | None = None,
) -> Path:  # fmt: skip
    """Writes questions for every passage of a benchmark: a job's share of them, or what is left of it.

    Args:
        model: folder of a run with task=generator, or its folder model/.
        benchmark: whose corpus is read.
        languages: to write in; None takes those that the generator was trained in.
        decoding: how many questions, and how they are drawn.
        precision: of the matrix products.
        shard: the job's share, such as 2/8.
        out: folder of the files; None keeps them in the cache, under a name that says what they were made from.

    Returns:
        The folder.

    Raises:
        ConfigError: an option is wrong, or the folder was begun with others.
        CheckpointError: there is no generator in the folder.
        DataError: the benchmark cannot be read.
    """
    found = [*_benchmark_faults(benchmark), *_language_faults(languages), *decoding_faults(decoding)]
    if found:
        raise ConfigError(found)
    from typoglot.xqg.shards import Shard, agree, corpus_digest, write_shard  # brings torch

    share = Shard.parse(shard)
    corpus = read_benchmark(benchmark, seed=0).corpus  # no limit: the seed chooses nothing
    import torch

    from typoglot.encoder import use_bf16
    from typoglot.xqg.generator import load_generator

    place = model / MODEL if (model / MODEL).is_dir() else model
    generator = load_generator(place).to("cuda" if torch.cuda.is_available() else "cpu")
    names = list(languages or generator.languages)
    unseen = [name for name in names if name not in generator.languages]
    if unseen:
        say(f"Not trained in {', '.join(unseen)}: what it writes there may be another language's")
    own = Precision.bf16 if use_bf16(precision, generator.device) else Precision.fp32
    made: dict[str, Any] = {"typoglot": __version__, "model": _digest(place), "corpus": corpus_digest(corpus)}
    made |= {"languages": names, "precision": own.value, **asdict(decoding)}
    folder = out or cache_dir() / "generated" / hashlib.sha256(repr(made).encode()).hexdigest()[:16]
    agree(make_folder(folder), made)
    write_shard(generator, corpus, names, decoding, own, share, folder)
    return folder


def _benchmark_faults(benchmark: config.Benchmark) -> list[str]:
    if benchmark.format is BenchmarkFormat.mini and benchmark.path:
        return [f"--path={benchmark.path}: mini is embedded and reads no path; give --benchmark xquad or beir."]
    if benchmark.format is not BenchmarkFormat.mini and not (benchmark.path or benchmark.name):
        return [f"--path: {benchmark.format.value} is read from disk; give --path DIR."]
    return []


def _language_faults(languages: Sequence[str] | None) -> list[str]:
    known = [language.value for language in Language]
    twice = sorted({name for name in languages or () if (languages or ()).count(name) > 1})
    return [
        *(
            f"--languages={name}: unknown; write some of {','.join(known)}."
            for name in languages or ()
            if name not in known
        ),
        *(f"--languages={name}: appears twice; name each once." for name in twice),
    ]


def _digest(folder: Path) -> str:
    """Sixteen hexadecimal digits that change with any file of the model."""
    files = [(file.name, sha256(file)) for file in sorted(folder.iterdir()) if file.is_file()]
    return hashlib.sha256(repr(files).encode()).hexdigest()[:16]
