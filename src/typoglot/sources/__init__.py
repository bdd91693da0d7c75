"""Files to records: each format is one module, and a bad line is an error that names it. Knows no vectors."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from typoglot.config import BenchmarkFormat, Convention, Level, Pages, Setting, Split, TrainFormat
from typoglot.errors import ConfigError, DataError, TypoglotError
from typoglot.sources import (
    beir,
    composed,
    dpr,
    hubs,
    libreoffice,
    mini,
    mkqa,
    mkqa_answers,
    parallel,
    qed,
    tevatron,
    xor_tydi,
    xquad,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typoglot import config
    from typoglot.languages import Language
    from typoglot.records import Benchmark, Pair


_Languages = list[str] | None

_COMPOSED: dict[BenchmarkFormat, Callable[[config.Benchmark, Path, _Languages], composed.Parts]] = {
    BenchmarkFormat.custom: lambda _, path, __: composed.custom(path),
    BenchmarkFormat.msmarco: lambda settings, path, _: composed.msmarco(path, settings.split or "dev.small"),
    BenchmarkFormat.miracl: lambda settings, path, languages: composed.miracl(
        path, settings.split or "dev", _only(languages)
    ),
    BenchmarkFormat.mr_tydi: lambda settings, path, languages: composed.mr_tydi(
        path, settings.split or "test", _only(languages)
    ),
    BenchmarkFormat.beir: lambda settings, path, _: composed.beir(path, settings.split or "test"),
}
"""The files that a benchmark is put together from."""


def _composed(settings: config.Benchmark, path: Path, languages: _Languages) -> Benchmark:
    parts = _COMPOSED[settings.format](settings, path, languages)
    return composed.read_composed(settings.label, parts, languages, path)


_BENCHMARKS: dict[BenchmarkFormat, Callable[[config.Benchmark, Path, _Languages], Benchmark]] = {
    BenchmarkFormat.mini: lambda settings, _, languages: mini.read_benchmark(settings.label, languages),
    BenchmarkFormat.xquad: lambda settings, path, languages: xquad.read_benchmark(settings.label, path, languages),
    BenchmarkFormat.mkqa_parallel: lambda settings, path, languages: mkqa.read_parallel(
        settings.label, path, languages
    ),
    BenchmarkFormat.libreoffice_help: lambda settings, path, languages: libreoffice.read_benchmark(
        settings.label,
        path,
        languages,
        setting=settings.setting or Setting.cross,
        level=settings.level or Level.page,
        split=Split(settings.split or "test"),
        pages=settings.pages or Pages.all,
    ),
    BenchmarkFormat.mkqa: lambda settings, path, languages: mkqa_answers.read_benchmark(
        settings.label,
        Path(settings.questions or path),
        Path(settings.passages or path),
        languages,
        settings.convention or Convention.contriever,
        None if settings.answer_types is None else [kind.value for kind in settings.answer_types],
    ),
    BenchmarkFormat.xor_tydi: lambda settings, path, languages: xor_tydi.read_benchmark(
        settings.label, Path(settings.questions or path), Path(settings.passages or path), languages
    ),
    BenchmarkFormat.beir: lambda settings, path, languages: beir.read_benchmark(
        settings.label, path, languages, settings.split or "test"
    ),
    BenchmarkFormat.custom: _composed,
    BenchmarkFormat.msmarco: _composed,
    BenchmarkFormat.miracl: _composed,
    BenchmarkFormat.mr_tydi: _composed,
    BenchmarkFormat.ir_datasets: lambda settings, _, languages: hubs.read_ir_datasets(
        settings.label, str(settings.name), languages
    ),
    BenchmarkFormat.hf: lambda settings, _, languages: hubs.read_hf(settings, languages),
}
"""How each format is read: from the settings, its place on disk, and the languages that are wanted."""

_OPENED: dict[BenchmarkFormat, Callable[[config.Benchmark, Path, _Languages], list[Path]]] = {
    BenchmarkFormat.xquad: lambda _, path, languages: xquad.opened(path, languages),
    BenchmarkFormat.libreoffice_help: lambda _, path, languages: libreoffice.opened(path, languages),
    **dict.fromkeys(
        _COMPOSED, lambda settings, path, languages: _COMPOSED[settings.format](settings, path, languages).opened()
    ),
}
"""Which files of its place a format opens, where it opens some of them only; the others may open any."""

_PAIRS: dict[TrainFormat, Callable[[Path, _Languages], list[Pair]]] = {
    TrainFormat.mini: lambda _, languages: mini.read_pairs(languages),
    TrainFormat.qed: qed.read_pairs,
    TrainFormat.squad_nqg: parallel.read_squad_nqg,
    TrainFormat.parallel: parallel.read_parallel,
    TrainFormat.libreoffice_help: libreoffice.read_pairs,
    TrainFormat.tevatron: tevatron.read_pairs,
    TrainFormat.dpr: dpr.read_pairs,
}


_PAIRS_OPENED = {TrainFormat.libreoffice_help: libreoffice.opened}
"""As `_OPENED`, of pairs."""


def read_benchmark(settings: config.Benchmark, seed: int) -> Benchmark:
    """The benchmark that the settings name, cut to `limit` questions (a seeded choice, all translations together).

    Raises:
        DataError: a file is missing or malformed, or has no such language.
    """
    folder = Path(settings.path or "")
    found = _BENCHMARKS[settings.format](settings, folder, _codes(settings.languages))
    if not found.queries:
        what = "no query has a relevant passage" if found.evidence is None else "no question of these types"
        raise DataError(folder, None, what, "at least one judged query is expected")
    if settings.distractors:
        found = _crowded(found, Path(settings.distractors_path or ""))
    return found if settings.limit is None else _limited(found, settings.limit, seed)


def benchmark_files(settings: config.Benchmark) -> list[Path] | None:
    """The files below the settings' path that `read_benchmark` may open; None: any may be."""
    opened = _OPENED.get(settings.format)
    return _known(settings.path, lambda path: opened(settings, path, _codes(settings.languages))) if opened else None


def read_pairs(settings: config.Source, seed: int) -> list[Pair]:
    """The training pairs that the settings name, cut to `limit` (a seeded choice).

    Raises:
        DataError: a file is missing or malformed, or has no such language.
    """
    pairs = _PAIRS[settings.format](Path(settings.path or ""), _codes(settings.languages))
    if settings.limit is not None and settings.limit < len(pairs):
        kept = sorted(random.Random(f"limit|{seed}").sample(range(len(pairs)), settings.limit))
        pairs = [pairs[index] for index in kept]
    return pairs


def pair_files(settings: config.Source) -> list[Path] | None:
    """The files below the settings' path that `read_pairs` may open; None: any may be."""
    opened = _PAIRS_OPENED.get(settings.format)
    return _known(settings.path, lambda path: opened(path, _codes(settings.languages))) if opened else None


def _known(path: str | None, opened: Callable[[Path], list[Path]]) -> list[Path] | None:
    """What is opened; None where nothing is, or the place is not as it must be: the reading itself will tell."""
    try:
        return (opened(Path(path)) or None) if path else None
    except (TypoglotError, OSError, ValueError):  # the last over a name that no file can have
        return None


def _crowded(benchmark: Benchmark, folder: Path) -> Benchmark:
    """The benchmark with QED's paragraphs in its corpus too, but for those whose text is there already."""
    texts = {passage.text for passage in benchmark.corpus}
    paragraphs = dict.fromkeys(pair.passage for pair in qed.read_pairs(folder, None))
    added = [replace(one, id=f"qed:{one.id}") for one in paragraphs if one.text not in texts]
    return replace(benchmark, corpus=(*benchmark.corpus, *added))


def _limited(benchmark: Benchmark, limit: int, seed: int) -> Benchmark:
    questions = sorted({query.parallel_id for query in benchmark.queries})
    kept = set(random.Random(f"limit|{seed}").sample(questions, min(limit, len(questions))))
    queries = tuple(query for query in benchmark.queries if query.parallel_id in kept)
    judged = {query.id: benchmark.qrels[query.id] for query in queries if query.id in benchmark.qrels}
    return replace(benchmark, queries=queries, qrels=judged)


def _only(languages: _Languages) -> str:
    """The one language of a benchmark whose languages have passages of their own.

    Raises:
        ConfigError: there are several, or none.
    """
    if languages is None or len(languages) != 1:
        raise ConfigError(["benchmark.languages: each language has passages of its own; give one."])
    return languages[0]


def _codes(languages: Sequence[Language] | None) -> list[str] | None:
    return None if languages is None else [language.value for language in languages]
