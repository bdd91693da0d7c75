"""A run's examples: misspelt queries with what was retrieved before and after, chosen by seed; written and read back.

The choice looks at outcomes only to take as many of each kind; which ones, a hash of their ids decides.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.errors import DataError
from typoglot.files import atomic_text
from typoglot.lines import NUMBER, Types, Unique, read_each, read_lines, wrong_field
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
        DataError: a line is no example, or a query stands twice; the first such lines are told, the others counted.
    """
    made = list(read_each(path, partial(_read, path, Unique("example", path, _AGAIN))))
    if not made:
        raise DataError(path, None, "is empty", "evaluate again")
    sample, *rows = made
    if not isinstance(sample, Sample) or any(isinstance(row, Sample) for row in rows):
        raise DataError(path, None, "does not begin with its sample, or has several", _AGAIN)
    kept = [row for row in rows if isinstance(row, _Row)]
    texts = {name: text for row in kept for name, text in row.texts.items()}
    return Examples(sample, [row.example for row in kept], texts, {row.example.query: row.relevant for row in kept})


class _Row(NamedTuple):
    """A line: an example, with the beginnings of its passages by id, and the ids of those that are relevant."""

    example: Example
    texts: dict[str, str]
    relevant: list[str]


_AGAIN = "examples.jsonl of this version is expected; evaluate again"
_SAMPLE: Types = {"measure": str, "rate": NUMBER, "draw": int, "passages": int, "outcomes": dict, "untouched": int}
_EXAMPLE: Types = {
    "query": str, "language": str, "outcome": str, "clean": str, "text": str, "edits": list, "before": dict,
    "after": dict, "texts": dict, "relevant": list,
}  # fmt: skip
_RANKED: Types = {"first": list, "found": (int, type(None))}
_EDIT: Types = {"start": int, "end": int, "before": str, "after": str}


def _read(path: Path, unique: Unique, line: int, row: dict[str, Any]) -> Sample | _Row:
    """The sample or the example of a line."""
    try:
        if "sample" in row:
            return Sample(**_checked(row["sample"], _SAMPLE))
        _checked(row, _EXAMPLE)
        for edit in row["edits"]:
            _checked(edit, _EDIT)
        texts, relevant = row.pop("texts"), row.pop("relevant")
        before, after = (Ranked(**_checked(row.pop(name), _RANKED)) for name in ("before", "after"))
        if not all(isinstance(text, str) for text in texts.values()):
            raise ValueError("a passage without its text")
        found = _Row(Example(before=before, after=after, **row), texts, relevant)
        if found.example.outcome not in OUTCOMES or not {*before.first, *after.first, *relevant} <= texts.keys():
            raise ValueError("an unknown outcome, or a passage without its text")
        unique.add(found.example.query, line)
    except (TypeError, ValueError) as error:
        raise DataError(path, line, f"no example ({error})", _AGAIN) from error
    return found


def _checked(row: dict[str, Any], types: Types) -> dict[str, Any]:
    wrong = wrong_field(row, types) if isinstance(row, dict) else f"{row!r}"[:80]
    if wrong:
        raise ValueError(wrong)
    return row


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
