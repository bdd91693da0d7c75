"""The public data that the benchmarks and training sources read: where each lies, and what its bytes must be.

Knows addresses, sizes and checksums; fetches nothing. A size or checksum stands here only if somebody has published
it, or it was taken from the file itself, and the pin says which; where neither is so, there is no pin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from typoglot.datasets import libreoffice

Fetch = Callable[[Sequence[str] | None, Path], None]
"""Brings the data of the languages (None: all) into a folder, which exists; what is there already stays."""


class Pin(NamedTuple):
    """What a file's bytes must be: at least one checksum, in hexadecimal, and their number where it is known."""

    source: str  # who says so
    size: int | None = None
    sha256: str | None = None
    md5: str | None = None


@dataclass(frozen=True)
class File:
    """One file to fetch."""

    name: str  # its place below the entry's folder
    url: str
    pin: Pin | None = None
    language: str | None = None  # fetched where this language is wanted; None: always
    unpack: str | None = None  # a tar or zip: the folder below the entry's that its content becomes


@dataclass(frozen=True)
class Entry:
    """One set of data, fetched by its files or, where there is more to it, by a function of its own."""

    name: str
    what: str
    licence: str
    languages: tuple[str, ...]
    use: str  # a command line's words; {path} stands for the place of the data
    files: tuple[File, ...] = ()
    fetch: Fetch | None = None  # takes the place of files
    opened: Callable[[Path], list[Path]] | None = None  # of a folder, whoever filled it: the files that are read
    languages_of: Callable[[Iterable[str]], list[str]] | None = None  # of the files that `fetch` has brought, by name
    path: str = ""  # what {path} stands for, below the entry's folder
    format: str | None = None  # of a benchmark: how it is read; None: it is none by itself
    default: tuple[str, ...] = ()  # formats that read this where no path is given


_MKQA = (
    "ar", "da", "de", "en", "es", "fi", "fr", "he", "hu", "it", "ja", "km", "ko", "ms", "nl", "no", "pl", "pt", "ru",
    "sv", "th", "tr", "vi", "zh_cn", "zh_hk", "zh_tw",
)  # fmt: skip
_MIA = (
    "ar", "en", "es", "fi", "ja", "km", "ko", "ms", "ru", "sv", "tr", "zh_cn",
)  # fmt: skip
_XOR = (
    "ar", "bn", "fi", "ja", "ko", "ru", "te",
)  # fmt: skip

_HUGGINGFACE = "huggingface/datasets@040102f, dataset_infos.json"
_TENSORFLOW = "tensorflow/datasets@24211da, xquad.txt"
_IR_DATASETS = "ir_datasets 0.6.3, etc/downloads.json"
_HUB = "the hub's page of the file"
_COPY = "a copy of the same length as the repository's, compared in places"

_XQUAD = {
    "ar": (1582988, "abdabd7afed5c635d99cca0f3f0d0c9d9ed0bc77451e963c2e4e0638c29e486d"),
    "de": (669810, "990b5d746746ed65ed4702ea5f35f99ffa4e2f1c390c07d003642acd937916f9"),
    "el": (1918889, "821cf0f88e73fa258fd2f548b19b6ec39f7025059e16f6f9fc8cd797c9c3663e"),
    "en": (609383, "e4c57d1c9143aaa1c5d265ba5987a65f4e69528d2a98f29d6e75019b10344f29"),
    "es": (684322, "dcbae93ec3a9f4b9e78fd834a171d6f96c1a875e10e15b7530b7e4ef4971e37e"),
    "hi": (1680538, "df2cce3532b37e9beb8979704b5c9a4bf874358f105395a298b89427b43b9d24"),
    "ro": (661158, "94f8d54e93ad2b7dd2e76dd921a666b5b8eff2d4379df9f179c42b445f09643f"),
    "ru": (1896368, "208d5b1aa154c52b1b5c5eda16281e455e8fd198cdb9af3f469f0d6037d973bf"),
    "th": (1809143, "5cdda11d0e1e075f7872abf4e6ae830388ce7f617964d542308e9ae4257e0f43"),
    "tr": (729506, "92179a564774b7696100d144c1e10870d0a966b6fccbdd254a65b9d2ab1971cc"),
    "vi": (911401, "f619a1eb11fb42d3ab0834259e488a65f585447ef6154437bfb7199d85161a04"),
    "zh": (808652, "691d0b3359bc6b8faa8de931dfdfe21d50a65861ae348e32a0d1a0190b0c8835"),
}

# Of the hub's pages only these were to be had; the other shards are pinned by what comes first.
_SHARDS = {
    1: "45394a2a043b045438bfa1fc67a0a4e11a7ba4b5a4d37e03d051b40fb437b9c7",
    2: "c1dde921e666f881c1217a853d22a36fad3d0f89ba92bdf006a8dbeb4f6f11ba",
    4: "7887d7222dbb39d83fe477d97c53da5a44e0af51a038deae87a791f41fcad4ab",
    8: "ad8e126b8984ae1c8765fdc3f3aa5dc9c3c9f6f3fbfaf646d2d6c1bde366e260",
    11: "28852bc4b0aec9dcbaecdc50428166befeb19335248bc111909ceb7df97ec41c",
    12: "7940f2826142bb4e16d5d615e78f9a2216944ebec903f9f5ee8a53cef2e040fa",
    13: "6bba6157d514ac69f05d7dc09d93cdd37673c4bcc23baa1ea1ba657dce207c34",
    14: "4716947945e29e3d7bab4317e1e5fdc87fced4641562fa441084c2c05de4bcc1",
    18: "4f7837b01fb569995621bfb33e3a6d154d934a697e4a81cb81d87e3c8a3ca8e7",
}


def _below(address: str, pins: dict[str, Pin | None]) -> tuple[File, ...]:
    """Files that lie beside each other."""
    return tuple(File(name, f"{address}/{name}", pin) for name, pin in pins.items())


_ENTRIES = (
    Entry(
        "xquad",
        "XQuAD: 1,190 questions in 12 languages over 240 English paragraphs",
        "CC BY-SA 4.0",
        tuple(_XQUAD),
        "benchmark=xquad benchmark.path={path}",
        tuple(
            File(
                f"xquad.{language}.json",
                f"https://raw.githubusercontent.com/google-deepmind/xquad/master/xquad.{language}.json",
                Pin(_HUGGINGFACE if language == "ro" else _TENSORFLOW, size, sha256),
                None if language == "en" else language,  # the paragraphs to find are the English ones
            )
            for language, (size, sha256) in _XQUAD.items()
        ),
        format="xquad",
        default=("xquad",),
    ),
    Entry(
        "mkqa",
        "MKQA, the original release: 10,000 questions in 26 languages, with answers",
        "CC BY-SA 3.0",
        _MKQA,
        "benchmark=mkqa_parallel benchmark.path={path}",
        _below(
            "https://github.com/apple/ml-mkqa/raw/main/dataset",
            {
                "mkqa.jsonl.gz": Pin(
                    _HUGGINGFACE, 11903948, "f77ac6bf6306e98816c5c047880db71a3c67d2f1491b169896d63e9bb14ef3d3"
                )
            },
        ),
        path="mkqa.jsonl.gz",
        format="mkqa_parallel",
        default=("mkqa_parallel",),
    ),
    Entry(
        "mkqa_mia2022",
        "MKQA as MIA-2022 has it: 1,758 questions in 12 languages, answers re-normalised",
        "CC BY-SA 3.0",
        _MIA,
        "benchmark=mkqa_parallel benchmark.path={path}",
        (
            File(
                "mkqa_dev.zip",
                "https://github.com/mia-workshop/MIA-Shared-Task-2022/raw/main/data/eval/mkqa_dev.zip",
                unpack="mkqa_dev",
            ),
        ),
        path="mkqa_dev",
        format="mkqa_parallel",
    ),
    Entry(
        "xor_tydi",
        "XOR-TyDi retrieve: questions with English answers, train, dev and test (test without answers)",
        "CC BY-SA 4.0",
        _XOR,
        "typoglot xor-score predictions.json {path}/xor_dev_retrieve_eng_span_v1_1.jsonl",
        _below(
            "https://nlp.cs.washington.edu/xorqa/XORQA_site/data",
            {
                "xor_train_retrieve_eng_span.jsonl": Pin(
                    _HUGGINGFACE, 2912848, "f0c8202eebcef9fc129c9bb8e7a12fae1a7648163b249dc0a06df4318923f70b"
                ),
                "xor_dev_retrieve_eng_span_v1_1.jsonl": Pin(
                    _HUGGINGFACE, 426987, "cfe569e4c6d3539c2111d97249f900318f9273b246a61fff95216ce2a2e1505c"
                ),
                "xor_test_retrieve_eng_span_q_only_v1_1.jsonl": Pin(
                    _HUGGINGFACE, 362453, "b0da54e12de5b3fc5eb67c6fc02e6ef96a7f42fcdc9adc86f9a1ec3dd9fc4649"
                ),
            },
        ),
    ),
    Entry(
        "xor_tydi_passages",
        "XOR-TyDi's English Wikipedia of 2019-02-01 in passages of 100 words (13 GB)",
        "CC BY-SA 3.0",
        ("en",),
        "passages of XOR-TyDi: {path}",
        _below("https://nlp.cs.washington.edu/xorqa/XORQA_site/data/models", {"enwiki_20190201_w100.tsv": None}),
        path="enwiki_20190201_w100.tsv",
    ),
    Entry(
        "xor_tydi_xqg",
        "XOR-TyDi's passages with xQG's generated queries, 5 in each of 7 languages (70 GB)",
        "not stated",
        _XOR,
        "xqg=file xqg.path={path}",
        tuple(
            File(
                f"shard_{number}.jsonl",
                "https://huggingface.co/datasets/ielab/xor-tydi-xqg-augmented/resolve/"
                f"779a7c755c602c1fbc3fb66780330febb9fb0c10/data/shard_{number}.jsonl",
                Pin(_HUB, sha256=_SHARDS[number]) if number in _SHARDS else None,
            )
            for number in range(19)
        ),
    ),
    Entry(
        "dpr_wikipedia",
        "DPR's English Wikipedia of 2018-12-20: 21,015,324 passages of 100 words",
        "CC BY-SA 3.0",
        ("en",),
        "passages of MKQA, Contriever's way: {path}",
        _below(
            "https://dl.fbaipublicfiles.com/dpr/wikipedia_split",
            {"psgs_w100.tsv.gz": Pin(_IR_DATASETS, 4694541059, md5="612fe66e0b6b41ee28f806140226c563")},
        ),
        path="psgs_w100.tsv.gz",
    ),
    Entry(
        "beir_nq",
        "BEIR's Natural Questions: 3,452 English questions over 2.7 M passages",
        "CC BY-SA 3.0",
        ("en",),
        "benchmark=beir benchmark.path={path}",
        (
            File(
                "nq.zip",
                "https://public.ukp.informatik.tu-darmstadt.de/thakur/BEIR/datasets/nq.zip",
                Pin(_IR_DATASETS, 498307926, md5="d4d3d2e48787a744b6f6e691ff534307"),
                unpack="nq",
            ),
        ),
        path="nq",
        format="beir",
    ),
    Entry(
        "qed",
        "QED: Natural Questions with their Wikipedia paragraph, for training and as distractors",
        "CC BY-SA 3.0, GFDL",
        ("en",),
        "train=qed train.path={path}",
        _below(
            "https://raw.githubusercontent.com/google-research-datasets/QED/master",
            {
                "qed-dev.jsonlines": Pin(
                    _HUGGINGFACE, 2244232, "2ea322b71a333023380c3954083b81af2d5670c8ac47ddec58c843233895c429"
                )
            },
        ),
        default=("qed",),
    ),
    Entry(
        "squad_nqg",
        "SQuAD's sentences and their questions, lower-cased (Du et al. 2017, test)",
        "CC BY-SA 4.0",
        ("en",),
        "train=squad_nqg train.path={path}",
        _below(
            "https://raw.githubusercontent.com/xinyadu/nqg/7f8bb00af7881bb8d8eaedc61e38e4114ff43ac6/data/processed",
            {
                "src-test.txt": Pin(_COPY, 2190004, "5714e36b9f3ef884f4e109e876f4e507d61f58a1241b4fb0403866dfdeef315d"),
                "tgt-test.txt": Pin(_COPY, 748180, "e75710df557c2432925c8f2ca17e9b490235ce3c647c857fceaea6c401203a76"),
            },
        ),
        default=("squad_nqg",),
    ),
    Entry(
        "libreoffice_help",
        "LibreOffice's help as Debian has it: index terms and pages in 33 languages, 3 MB each",
        "MPL-2.0",
        tuple(libreoffice.FOLDERS),
        "benchmark=libreoffice_help benchmark.path={path}",
        fetch=libreoffice.fetch,
        opened=libreoffice.all_opened,
        languages_of=libreoffice.languages_of,
        format="libreoffice_help",
        default=("libreoffice_help",),
    ),
)

CATALOGUE = {entry.name: entry for entry in _ENTRIES}
"""All entries, by name."""
