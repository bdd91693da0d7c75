"""The generated queries that a configuration names: read or held out, changed by a control, filtered.

Knows sources and the xQG room; writes nothing but into the store.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from typoglot.config import Control, XqgSource
from typoglot.records import Contents, ids_of
from typoglot.sources import read_benchmark
from typoglot.sources.generated import read_generated
from typoglot.sources.heldout import held_out_questions
from typoglot.terminal import say

if TYPE_CHECKING:
    from typoglot import config
    from typoglot.records import Benchmark, Generated
    from typoglot.shelving import Shelving
    from typoglot.xqg.augmentation import Augmentation

# torch comes with the xQG room, so that is imported where it is needed: files are read before.


def label_of(xqg: config.Xqg) -> str:
    """What is mixed in and how, as points say it; "" for plain passages.

    >>> from typoglot.config import Mixing, Xqg
    >>> label_of(Xqg("file", XqgSource.file, mixing=Mixing.mean, control=Control.random))
    'file, mean, random'
    """
    if xqg.source is XqgSource.none:
        return ""
    parts = [xqg.label, xqg.mixing.value, *([] if xqg.control is Control.none else [xqg.control.value])]
    return ", ".join([*parts, *([f"round trip {xqg.round_trip}"] if xqg.round_trip else [])])


def with_queries(
    settings: config.Benchmark, xqg: config.Xqg, seed: int, written: Path | None
) -> tuple[Benchmark, Generated]:
    """The benchmark as it is asked, and the queries for its passages.

    Args:
        settings: of the benchmark.
        xqg: of the queries.
        seed: of the benchmark's limit.
        written: the file or folder of generated queries; None where none were written.

    Raises:
        DataError: a file is malformed or lacks queries, or a language has none.
    """
    languages = [language.value for language in xqg.languages] if xqg.languages else None
    benchmark = read_benchmark(settings, seed)
    if xqg.source is XqgSource.none or not any(xqg.counts):
        return benchmark, {}
    if xqg.source is XqgSource.held_out_questions:
        asked, queries = held_out_questions(benchmark, languages or benchmark.languages, xqg.seed)
        number = sum(len(texts) for own in queries.values() for texts in own.values())
        say(
            f"Upper bound: {number:,} of {benchmark.name}'s own questions are mixed into {len(queries):,} passages, "
            f"{len(asked.queries):,} of {len(benchmark.queries):,} are asked"
        )
        return asked, queries
    ids = ids_of(benchmark.corpus)
    return benchmark, read_generated(Path(str(written)), ids, languages, max(xqg.counts), lenient=xqg.lenient)


def augmentation(xqg: config.Xqg, queries: Generated, benchmark: Benchmark, shelving: Shelving) -> Augmentation | None:
    """What is mixed into the passages' vectors; None where nothing is."""
    from typoglot.xqg.augmentation import Augmentation
    from typoglot.xqg.controls import of_another_passage

    if not queries:
        return None
    kept = queries
    if xqg.round_trip:
        kept = _filtered(kept, xqg.round_trip, benchmark, shelving)
    if xqg.control is Control.other_passage:
        kept = of_another_passage(kept, xqg.seed)
    return Augmentation(
        kept,
        languages=sorted({language for own in kept.values() for language in own}),
        counts=[count for count in xqg.counts if count],
        max_length=xqg.max_length,
        noise=xqg.seed if xqg.control is Control.random else None,
        keep=xqg.keep_vectors,
    )


def _filtered(queries: Generated, depth: int, benchmark: Benchmark, shelving: Shelving) -> Generated:
    """The queries that find their own passage; says how many did not."""
    from typoglot.xqg.roundtrip import round_trip

    passages = shelving.passages(Contents(benchmark.corpus))
    ids = ids_of(benchmark.corpus)
    found = round_trip(
        queries,
        ids,
        passages,
        depth,
        lambda texts: shelving.encoder.encode_queries(texts, precision=shelving.precision),
    )
    told = ", ".join(f"{language} {number:,}" for language, number in sorted(found.dropped.items()) if number)
    say(f"Round trip: dropped the generated queries that do not find their passage among {depth}: {told or 'none'}")
    return found.queries
