"""A run's examples: misspelt queries with what was retrieved before and after, chosen by seed; written and read back.

The choice looks at outcomes only to take as many of each kind; which ones, a hash of their ids decides.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from typoglot.errors import DataError
from typoglot.files import atomic_text
from typoglot.lines import read_json_rows, read_lines
from typoglot.results import decode_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from typoglot.records import Benchmark, Perturbed, Query

    Right = Callable[[Query, str], bool]

FILE = "examples.jsonl"
OUTCOMES = ("lost", "gained", "same")
EACH = 12  # examples of each outcome
SHOWN = 3  # passages of each ranking
LENGTH = 280  # characters of a passage that are kept


@dataclass(frozen=True, slots=True)
class Ranked:
    """One query's ranking: its first passages, and where the first relevant one stands (None: not among `depth`)."""

    first: list[str]
    found: int | None


@dataclass(frozen=True, slots=True)
class Sample:
    """Of which queries the examples were drawn: the condition, and how many queries had which outcome."""

    measure: str
    rate: float
    draw: int
    passages: int
    outcomes: dict[str, int]
    untouched: int


@dataclass(frozen=True, slots=True)
class Example:
    """A query, clean and misspelt, and its two rankings."""

    query: str
    language: str
    outcome: str
    clean: str
    text: str
    edits: list[dict[str, Any]]
    before: Ranked
    after: Ranked


@dataclass(frozen=True, slots=True)
class Examples:
    """What the file holds. `texts` are the beginnings of the passages, by id; `relevant` their ids by query."""

    sample: Sample
    examples: list[Example]
    texts: dict[str, str]
    relevant: dict[str, list[str]]


def write_examples(
    path: Path, benchmark: Benchmark, right: Right, positions: Mapping[str, int], noisy: Sequence[Perturbed],
    scores: tuple[NDArray[np.float64], NDArray[np.float64]], runs: tuple[Path, Path], *,
    measure: str, rate: float, draw: int,
) -> None:  # fmt: skip
    """Draws the examples and writes them.

    Args:
        path: of the file.
        benchmark: its queries and passages.
        right: whether a passage answers a query.
        positions: of passages in the corpus, by id.
        noisy: the misspelt queries, in the benchmark's order.
        scores: of each query, clean and misspelt.
        runs: the rankings of the clean and of the misspelt queries.
        measure: of the scores.
        rate: of the typos.
        draw: of the typos.
    """
    kinds = {
        query.id: OUTCOMES[0 if after < before else 1 if after > before else 2]
        for query, one, before, after in zip(benchmark.queries, noisy, *scores, strict=True)
        if one.changed
    }
    chosen = [
        name for kind in OUTCOMES for name in sorted((q for q in kinds if kinds[q] == kind), key=_lot)[:EACH]
    ]  # fmt: skip
    asked = {query.id: (query, one) for query, one in zip(benchmark.queries, noisy, strict=True)}
    rankings = [dict(_rankings(run, [asked[name][0] for name in chosen], right)) for run in runs]
    counts = {kind: sum(own == kind for own in kinds.values()) for kind in OUTCOMES}
    sample = Sample(measure, rate, draw, len(benchmark.corpus), counts, len(benchmark.queries) - len(kinds))
    with atomic_text(path) as out:
        out.write(json.dumps({"sample": asdict(sample)}) + "\n")
        for name in chosen:
            query, one = asked[name]
            before, after = (ranking[name] for ranking in rankings)
            edits = [edit._asdict() for edit in one.edits]
            example = Example(name, query.language, kinds[name], _clean(query.text), one.text, edits, before, after)
            texts = {
                passage: _beginning(benchmark.corpus[positions[passage]].content)
                for passage in (*before.first, *after.first)
            }
            relevant = [passage for passage in texts if right(query, passage)]
            row = {**asdict(example), "texts": texts, "relevant": relevant}
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_examples(path: Path) -> Examples:
    """Reads them back.

    Raises:
        DataError: a line is no example.
    """
    sample: Sample | None = None
    examples: list[Example] = []
    texts: dict[str, str] = {}
    relevant: dict[str, list[str]] = {}
    for line, row in read_json_rows(path):
        try:
            if sample is None:
                sample = Sample(**row["sample"])
                continue
            texts.update(row.pop("texts"))
            relevant[row["query"]] = row.pop("relevant")
            examples.append(Example(before=Ranked(**row.pop("before")), after=Ranked(**row.pop("after")), **row))
            last = examples[-1]
            if last.outcome not in OUTCOMES or not {*last.before.first, *last.after.first} <= texts.keys():
                raise ValueError("an unknown outcome, or a passage without its text")
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            expected = "examples.jsonl of this version is expected; evaluate again"
            raise DataError(path, line, f"no example ({error})", expected) from error
    if sample is None:
        raise DataError(path, None, "is empty", "evaluate again")
    return Examples(sample, examples, texts, relevant)


def _lot(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()


def _rankings(path: Path, wanted: Sequence[Query], right: Right) -> Iterator[tuple[str, Ranked]]:
    """The rankings of some queries; the lines of others are passed over unread, which is quick."""
    found: dict[str, list[str]] = {query.id: [] for query in wanted}
    last, own = "", None
    for _, line in read_lines(path):
        code, _, rest = line.partition(" ")
        if code != last:
            last, own = code, found.get(decode_id(code))
        if own is not None:
            own.append(decode_id(rest.split(" ", 2)[1]))
    for query in wanted:
        ids = found[query.id]
        rank = next((rank for rank, passage in enumerate(ids, 1) if right(query, passage)), None)
        yield query.id, Ranked(ids[:SHOWN], rank)


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text)  # what the edits' positions count


def _beginning(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[:LENGTH].rstrip()}…"
