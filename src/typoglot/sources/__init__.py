"""Files to records: each format is one module, and a bad line is an error that names it. Knows no vectors."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from typoglot.config import BenchmarkFormat, TrainFormat
from typoglot.errors import DataError
from typoglot.records import Benchmark, Pair
from typoglot.sources import beir, mini, mkqa, parallel, qed, tevatron, xquad

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typoglot import config
    from typoglot.languages import Language


def read_benchmark(settings: config.Benchmark, seed: int) -> Benchmark:
    """The benchmark that the settings name, cut to `limit` questions (a seeded choice, all translations together).

    Raises:
        DataError: a file is missing or malformed, or has no such language.
    """
    languages = _codes(settings.languages)
    folder = Path(settings.path or "")
    if settings.format is BenchmarkFormat.mini:
        found = mini.read_benchmark(settings.label, languages)
    elif settings.format is BenchmarkFormat.xquad:
        found = xquad.read_benchmark(settings.label, folder, languages)
    elif settings.format is BenchmarkFormat.mkqa_parallel:
        found = mkqa.read_parallel(settings.label, folder, languages)
    else:
        found = beir.read_benchmark(settings.label, folder, languages)
    if not found.queries:
        raise DataError(folder, None, "no query has a relevant passage", "at least one judged query is expected")
    return found if settings.limit is None else _limited(found, settings.limit, seed)


def read_pairs(settings: config.Source, seed: int) -> list[Pair]:
    """The training pairs that the settings name, cut to `limit` (a seeded choice).

    Raises:
        DataError: a file is missing or malformed, or has no such language.
    """
    languages = _codes(settings.languages)
    path = Path(settings.path or "")
    if settings.format is TrainFormat.mini:
        pairs = mini.read_pairs(languages)
    elif settings.format is TrainFormat.qed:
        pairs = qed.read_pairs(path, languages)
    elif settings.format is TrainFormat.squad_nqg:
        pairs = parallel.read_squad_nqg(path, languages)
    elif settings.format is TrainFormat.parallel:
        pairs = parallel.read_parallel(path, languages)
    else:
        pairs = tevatron.read_pairs(path, languages)
    if settings.limit is not None and settings.limit < len(pairs):
        kept = sorted(random.Random(f"limit|{seed}").sample(range(len(pairs)), settings.limit))
        pairs = [pairs[index] for index in kept]
    return pairs


def _limited(benchmark: Benchmark, limit: int, seed: int) -> Benchmark:
    questions = sorted({query.parallel_id for query in benchmark.queries})
    kept = set(random.Random(f"limit|{seed}").sample(questions, min(limit, len(questions))))
    queries = tuple(query for query in benchmark.queries if query.parallel_id in kept)
    return Benchmark(
        benchmark.name, queries, benchmark.corpus, {query.id: benchmark.qrels[query.id] for query in queries}
    )


def _codes(languages: Sequence[Language] | None) -> list[str] | None:
    return None if languages is None else [language.value for language in languages]
