"""The rules about a configuration's values: every broken one is told at once. Opens no file and loads nothing."""

from __future__ import annotations

import math
from string import Formatter
from typing import Any

from typoglot.config import (
    BY_ANSWERS,
    LISTED,
    MEASURES,
    Backbone,
    Benchmark,
    BenchmarkFormat,
    Convention,
    Decoding,
    EvaluateSettings,
    Generator,
    Kind,
    Mixing,
    Setting,
    Settings,
    Split,
    Task,
    Tracker,
    Train,
    TrainFormat,
    TrainSettings,
    TypoMode,
    Typos,
    Xqg,
    XqgSource,
    is_by_answers,
    is_measure,
    ranks_of,
)


def faults(settings: Settings) -> list[str]:
    """Every broken rule, as `key=value: rule`. Looks at values only: files and hubs are asked elsewhere."""
    found = [*typo_faults(settings.typos), *benchmark_faults(settings.benchmark), *_depth_faults(settings)]
    found += _xqg_faults(settings.xqg) + _tracker_faults(settings.tracker)
    if settings.xqg.source is XqgSource.held_out_questions and settings.benchmark.format in BY_ANSWERS:
        why = f"benchmark={settings.benchmark.label} does not say which passage a question belongs to"
        found.append(f"xqg=held_out_questions: {why}; give xqg=file or xqg=generator.")
    found += _positive(settings, "bootstrap", "index.depth", "index.block_size", "store.block_rows")
    if isinstance(settings, EvaluateSettings):
        found += _backbone_faults(settings.backbone) if settings.backbone else []
        found += _kind_faults(settings.backbone, Task.retriever) if settings.backbone else []
        if settings.backbone is None and settings.checkpoint is None:
            found.append("backbone: nothing to evaluate; give backbone=NAME or checkpoint=RUN.")
        found += _positive(settings, "threads")
    else:
        found += _backbone_faults(settings.backbone) + _kind_faults(settings.backbone, settings.task)
        found += _train_faults(settings) + _generator_faults(settings.generator)
    found += _in_range("seed", settings.seed, 0, 2**32 - 1)
    return found


def _depth_faults(settings: Settings) -> list[str]:
    """Measures that look deeper than rankings are kept: they would be computed at the depth under another name."""
    names = list(settings.benchmark.measures)
    if isinstance(settings, TrainSettings):
        names.append(settings.trainer.checkpoint_measure)
    deepest = max(map(ranks_of, filter(is_measure, names)), default=0)
    if deepest <= settings.index.depth:
        return []
    return [
        f"index.depth={settings.index.depth}: a measure looks at {deepest} ranks; give index.depth={deepest} or more."
    ]


def _backbone_faults(backbone: Backbone) -> list[str]:
    return [
        *_positive(backbone, "query_max_length", "passage_max_length", "temperature", prefix="backbone."),
        *([] if backbone.name else ["backbone.name: is empty; give a hub name or a directory."]),
    ]


def _kind_faults(backbone: Backbone, task: Task) -> list[str]:
    """A backbone of the wrong kind: half of its weights would be left out, or be missing."""
    if task is Task.generator and backbone.kind is not Kind.seq2seq:
        return [f"task=generator: {backbone.label} writes no text; give backbone=mt5_base or hf_seq2seq."]
    if task is Task.retriever and backbone.kind is not Kind.encoder:
        return [f"backbone={backbone.label}: writes text, it makes no vectors; give an encoder, or task=generator."]
    return []


def _generator_faults(generator: Generator) -> list[str]:
    found = _positive(generator, "passage_max_length", "question_max_length", prefix="generator.")
    try:
        places = {name for _, name, _, _ in Formatter().parse(generator.prompt) if name is not None}
    except ValueError as error:
        return [
            *found,
            f"generator.prompt={generator.prompt}: cannot be filled in ({error}); double a brace that stays.",
        ]
    if not {"language", "passage"} <= places <= {"language", "title", "passage"}:
        rule = "must hold {language} and {passage}, may hold {title}, and nothing else in braces"
        found.append(f"generator.prompt={generator.prompt}: {rule}.")
    return found


def decoding_faults(decoding: Decoding) -> list[str]:
    """What is wrong with how questions are to be written; the keys are the command's options."""
    found = _positive(decoding, "per_language", "top_k", "temperature", "passage_max_length", "question_max_length")
    found += _in_range("seed", decoding.seed, 0, 2**32 - 1)
    return [f"--{key.replace('_', '-')}={rest}" for key, _, rest in (fault.partition("=") for fault in found)]


def typo_faults(typos: Typos) -> list[str]:
    """What is wrong with how queries are to be misspelt."""
    found = []
    if typos.mode is TypoMode.k_per_query:
        outside = [rate for rate in typos.rates if not 0 <= rate < math.inf or rate != int(rate)]
        rule = "counts slips a query in typos.mode=k_per_query and must be a whole number, 0 or more"
    else:
        outside = [rate for rate in typos.rates if not 0 <= rate <= 1]
        rule = f"is a share of {'words' if typos.mode is TypoMode.word_rate else 'queries'} and must lie in 0-1"
    if outside:
        found.append(f"typos.rates={outside}: a rate {rule}.")
    if not typos.rates:
        found.append("typos.rates=[]: at least one rate is needed; 0 is the clean query.")
    if len(set(typos.rates)) < len(typos.rates):
        found.append(f"typos.rates={typos.rates}: a rate appears twice; name each once.")
    return [*found, *_positive(typos, "draws", prefix="typos.")]


def benchmark_faults(benchmark: Benchmark) -> list[str]:
    """What is wrong with what is to be evaluated on."""
    found = []
    by_answers = benchmark.format in BY_ANSWERS
    unknown = [name for name in benchmark.measures if not is_measure(name)]
    found += [f"benchmark.measures={name}: not a measure; write {LISTED}." for name in unknown]
    found += [
        f"benchmark.measures={name}: benchmark={benchmark.label} {_JUDGED[by_answers]}."
        for name in benchmark.measures
        if name not in unknown and is_by_answers(name) != by_answers
    ]
    if not benchmark.measures:
        found.append("benchmark.measures=[]: at least one measure is needed.")
    if benchmark.languages == []:
        found.append("benchmark.languages=[]: at least one language is needed; null takes all.")
    if benchmark.format is BenchmarkFormat.mini and benchmark.path:
        found.append(f"benchmark.path={benchmark.path}: mini is embedded and reads no path; give another benchmark.")
    elsewhere = by_answers and benchmark.questions and benchmark.passages
    if benchmark.format not in (BenchmarkFormat.mini, *_NAMED) and not benchmark.path and not elsewhere:
        found.append(f"benchmark.path: benchmark={benchmark.label} is read from disk; give benchmark.path=DIR.")
    if benchmark.format is BenchmarkFormat.libreoffice_help:
        found += _help_faults(benchmark)
    if benchmark.distractors and benchmark.format in BY_ANSWERS:
        found.append(f"benchmark.distractors: benchmark={benchmark.label} has passages of its own; leave them out.")
    if benchmark.distractors and not benchmark.distractors_path:
        kind = benchmark.distractors.value
        found.append(f"benchmark.distractors={kind}: are read from disk; give benchmark.distractors_path=DIR.")
    if benchmark.distractors_path and not benchmark.distractors:
        found.append(f"benchmark.distractors_path={benchmark.distractors_path}: give benchmark.distractors=qed too.")
    return [*found, *_positive(benchmark, "limit", prefix="benchmark."), *_data_set_faults(benchmark)]


_NAMED = (BenchmarkFormat.ir_datasets, BenchmarkFormat.hf)
_SPLIT = (BenchmarkFormat.beir, BenchmarkFormat.msmarco, BenchmarkFormat.miracl, BenchmarkFormat.mr_tydi)
_COLUMNS = ("_id", "title", "text", "language", "query-id", "corpus-id", "score", "query", "passage")


_JUDGED = {
    True: "is judged by answers; write R@2kt, R@5kt, R@2kt-strict, R@5kt-strict or answer_recall@20",
    False: f"has judged passages; write {', '.join(MEASURES)} with a cutoff, as in recall@10",
}


def _data_set_faults(benchmark: Benchmark) -> list[str]:
    """Keys of one format that are given to another, or lack."""
    form = benchmark.format
    found = []
    if form in _NAMED and benchmark.path:
        found.append(f"benchmark.path={benchmark.path}: benchmark={form.value} finds its data by benchmark.name=NAME.")
    if form in _NAMED and not benchmark.name:
        found.append(f"benchmark.name: benchmark={form.value} needs a data set; give benchmark.name=NAME.")
    if form in (BenchmarkFormat.miracl, BenchmarkFormat.mr_tydi) and len(benchmark.languages or ()) != 1:
        rule = "each language has passages of its own; give one, such as [fi], and -m benchmark.languages=[fi],[ko]"
        found.append(f"benchmark.languages: {rule} to sweep over several.")
    given = {"name": _NAMED, "split": (*_SPLIT, BenchmarkFormat.hf, BenchmarkFormat.libreoffice_help)}
    given |= dict.fromkeys(("setting", "level", "pages"), (BenchmarkFormat.libreoffice_help,))
    given |= dict.fromkeys(("revision", "parts", "columns"), (BenchmarkFormat.hf,))
    given |= dict.fromkeys(("questions", "passages"), BY_ANSWERS)
    given |= dict.fromkeys(("convention", "answer_types"), (BenchmarkFormat.mkqa,))
    found += [
        f"benchmark.{key}={_bare(getattr(benchmark, key))}: benchmark={form.value} does not read it; leave it out."
        for key, readers in given.items()
        if getattr(benchmark, key) and form not in readers
    ]
    if form is BenchmarkFormat.mkqa and benchmark.convention is None:
        names = " or ".join(one.value for one in Convention)
        found.append(f"benchmark.convention: MKQA is scored in two ways; give benchmark.convention={names}.")
    if benchmark.answer_types == []:
        found.append("benchmark.answer_types=[]: at least one type is needed; null takes all.")
    for key, known in (("parts", ("corpus", "queries", "qrels", "pairs")), ("columns", _COLUMNS)):
        unknown = [name for name in getattr(benchmark, key) if name not in known]
        found += [f"benchmark.{key}.{name}: unknown; name some of {', '.join(known)}." for name in unknown]
    return found


def _bare(value: Any) -> Any:
    """A value as it is typed: an Enum by its name."""
    return [_bare(one) for one in value] if isinstance(value, list) else getattr(value, "value", value)


def _help_faults(benchmark: Benchmark) -> list[str]:
    """What LibreOffice's help needs to be told."""
    keys = ("setting", "level", "split", "pages")
    found = [
        f"benchmark.{key}: is empty; leave it out, or name one." for key in keys if getattr(benchmark, key) is None
    ]
    if benchmark.split not in (None, *Split.__members__):
        found.append(f"benchmark.split={benchmark.split}: write one of {', '.join(Split.__members__)}.")
    if benchmark.setting is Setting.mono and len(benchmark.languages or ()) != 1:
        rule = "each language has its own pages; give one language a run, as in -m benchmark.languages=[de],[fi]"
        found.append(f"benchmark.setting=mono: {rule}.")
    return found


def _xqg_faults(xqg: Xqg) -> list[str]:
    found = []
    if any(count < 0 for count in xqg.counts) or not xqg.counts or len(set(xqg.counts)) < len(xqg.counts):
        found.append(f"xqg.counts={xqg.counts}: at least one count, each 0 or more and named once.")
    if not all(0 <= alpha <= 1 for alpha in xqg.alphas) or not xqg.alphas or len(set(xqg.alphas)) < len(xqg.alphas):
        found.append(f"xqg.alphas={xqg.alphas}: at least one weight, each in 0-1 and named once.")
    if xqg.source is XqgSource.none and any(xqg.counts):
        found.append(f"xqg.counts={xqg.counts}: there are no queries to add; give xqg=file or xqg=held_out_questions.")
    if xqg.source in (XqgSource.file, XqgSource.generator) and not xqg.path:
        what = "a file of queries" if xqg.source is XqgSource.file else "a run with task=generator"
        found.append(f"xqg.path: xqg={xqg.label} needs {what}; give xqg.path=PATH.")
    if xqg.source in (XqgSource.none, XqgSource.held_out_questions) and xqg.path:
        found.append(f"xqg.path={xqg.path}: xqg={xqg.label} reads no path; give xqg=file or xqg=generator.")
    if xqg.languages == []:
        found.append("xqg.languages=[]: at least one language is needed; null takes all.")
    if xqg.breakpoints and xqg.mixing is Mixing.normalised:
        found.append("xqg.breakpoints: with xqg.mixing=normalised scores are no lines in α; give sum or mean.")
    return [
        *found,
        *_in_range("xqg.seed", xqg.seed, 0, 2**32 - 1),
        *_positive(xqg, "max_length", "round_trip", prefix="xqg."),
    ]


def _tracker_faults(tracker: Tracker) -> list[str]:
    found = []
    names = [kind.value for kind in tracker.also]
    several = [tracker.kind.value, *names]
    if names and ("none" in several or len(set(several)) < len(several)):
        found.append(
            f"tracker.also={names}: beside tracker={tracker.kind.value} name each other tracker once, not none."
        )
    found += _in_range("tracker.samples", tracker.samples, 0, math.inf)
    return found + _positive(tracker, "start_timeout", "finish_timeout", prefix="tracker.")


def _source_faults(train: Train) -> list[str]:
    found = []
    for name, source in train.resolved().items():
        place = f"train.sources.{name}."
        if source.format is not TrainFormat.mini and not source.path:
            short = " (or train.path=DIR)" if len(train.sources) == 1 else ""
            found.append(f"{place}path: {source.format.value} pairs are read from disk; give {place}path=DIR{short}.")
        if source.format is TrainFormat.mini and source.path:
            found.append(f"{place}path={source.path}: mini is embedded and reads no path; give another train option.")
        if source.languages == []:
            found.append(f"{place}languages=[]: at least one language is needed; null takes all.")
        found += _positive(source, "weight", "limit", prefix=place)
    if not train.sources:
        found.append("train.sources={}: at least one source is needed.")
    return found


_TRAINER_NUMBERS = (
    "epochs", "batch_size", "max_steps", "accumulate", "clip_norm", "devices", "threads", "checkpoint_every",
    "measure_every",
)  # fmt: skip


def _train_faults(settings: TrainSettings) -> list[str]:
    found = _source_faults(settings.train)
    found += _in_range("train.dev_fraction", settings.train.dev_fraction, 0, 0.5)
    found += _in_range("train.typo_rate", settings.train.typo_rate, 0, 1)
    if settings.task is Task.generator and settings.train.typo_rate:
        found.append(f"train.typo_rate={settings.train.typo_rate}: a generator's questions are never misspelt; give 0.")
    found += _in_range("optimizer.warmup_fraction", settings.optimizer.warmup_fraction, 0, 1)
    found += _in_range("optimizer.weight_decay", settings.optimizer.weight_decay, 0, math.inf)
    found += _in_range("objective.hard_negatives", settings.objective.hard_negatives, 0, math.inf)
    if len(settings.optimizer.betas) != 2 or not all(0 <= beta < 1 for beta in settings.optimizer.betas):
        found.append(f"optimizer.betas={settings.optimizer.betas}: two numbers in 0-1 (1 excluded) are needed.")
    found += _positive(settings, "objective.temperature", "optimizer.learning_rate", "optimizer.eps")
    found += _positive(settings.trainer, *_TRAINER_NUMBERS, prefix="trainer.")
    lonely = settings.task is Task.retriever and not settings.objective.hard_negatives
    if settings.trainer.batch_size == 1 and lonely:
        found.append("trainer.batch_size=1: a batch's other passages are its negatives; take at least 2.")
    chosen = settings.trainer.checkpoint_measure
    if not is_measure(chosen) or is_by_answers(chosen):
        found.append(f"trainer.checkpoint_measure={chosen}: write {', '.join(MEASURES)} with a cutoff, as in mrr@10.")
    return found


def _positive(part: Any, *keys: str, prefix: str = "") -> list[str]:
    """Faults of numbers that must be finite and above 0, where they are given."""
    found = []
    for key in keys:
        value = part
        for name in key.split("."):
            value = getattr(value, name)
        if value is not None and not (math.isfinite(value) and value > 0):
            found.append(f"{prefix}{key}={value}: must be above 0.")
    return found


def _in_range(key: str, value: float, low: float, high: float) -> list[str]:
    bound = f"{low} or more" if high == math.inf else f"in {low}-{high}"
    return [] if low <= value <= high else [f"{key}={value}: must be {bound}."]
