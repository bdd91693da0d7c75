"""The records that travel between the rooms. Knows no files, no vectors, no configuration.

Letters of array shapes, everywhere: B queries, N passages, T tokens, D dimensions, K ranks.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text to be found."""

    id: str
    text: str
    title: str = ""

    @property
    def content(self) -> str:
        """What an encoder reads: title, space, text (as Tevatron joins them).

        >>> Passage("p1", "It has rings.", "Saturn").content
        'Saturn It has rings.'
        """
        return f"{self.title} {self.text}" if self.title and self.text else self.title or self.text


class Passages(Sequence[Passage]):
    """Passages that are read when they are asked for, but know all their ids: a corpus that the memory need not hold.

    Equal to any sequence of equal passages.
    """

    @property
    @abstractmethod
    def ids(self) -> Sequence[str]:
        """N of them, in the order of the passages."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(one == two for one, two in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


def ids_of(passages: Sequence[Passage]) -> Sequence[str]:
    """The ids of passages, in their order."""
    return passages.ids if isinstance(passages, Passages) else [passage.id for passage in passages]


class Contents(Sequence[str]):
    """A text of each passage, read when it is asked for; a slice is a list.

    Args:
        passages: N of them.
        text: makes it of a passage; None takes its content.
    """

    def __init__(self, passages: Sequence[Passage], text: Callable[[Passage], str] | None = None) -> None:
        self._passages, self._text = passages, text or _content

    def __len__(self) -> int:
        return len(self._passages)

    def __iter__(self) -> Iterator[str]:
        return map(self._text, self._passages)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        found = self._passages[index]
        return self._text(found) if isinstance(found, Passage) else list(map(self._text, found))


def _content(passage: Passage) -> str:
    return passage.content


@dataclass(frozen=True, slots=True)
class Query:
    """A question, in one language.

    `parallel_id` is shared by the translations of one question: they are one cluster in every test.
    """

    id: str
    language: str
    text: str
    parallel_id: str
    answers: tuple[str, ...] = ()
    answer_type: str = ""

    @property
    def spans(self) -> tuple[str, ...]:
        """The answers that can stand in a text: all but "yes" and "no"."""
        return tuple(answer for answer in self.answers if answer not in ("yes", "no"))


@dataclass(frozen=True, slots=True)
class Pair:
    """A query with the passage that answers it, and passages that look right but are not."""

    query: str
    language: str
    passage: Passage
    negatives: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Queries, a corpus, and how a ranking of it is judged.

    Either passages are judged, `qrels[query][passage] = grade`; or `evidence` holds, by the passage's position, the
    text in which the queries' answers are looked for, and there are no qrels. `macro`: its score is the unweighted mean
    over the languages.
    """

    name: str
    queries: tuple[Query, ...]
    corpus: Sequence[Passage]
    qrels: dict[str, dict[str, int]]
    evidence: Sequence[str] | None = None
    macro: bool = False

    @property
    def languages(self) -> list[str]:
        """The languages of its queries, in order of appearance."""
        return list(dict.fromkeys(query.language for query in self.queries))


class Prediction(NamedTuple):
    """The texts that were found for a query, best first."""

    query_id: str
    texts: tuple[str, ...]


class Edit(NamedTuple):
    """One slip: `clean[start:end]` was `before` and became `after`."""

    start: int
    end: int
    op: str
    kind: str
    before: str
    after: str


class Perturbed(NamedTuple):
    """A text with its slips and how large they are.

    `words` counts the eligible words, `edited` those that carry a slip; `changed` says whether the text differs from
    the clean one (where words touch, as in Chinese, two slips may cancel each other). `cer` is the character error
    rate in grapheme clusters; `ker`, the keystroke error rate, is None where a profile does not work on keystrokes.
    """

    text: str
    edits: tuple[Edit, ...]
    words: int
    edited: int
    changed: bool
    cer: float
    ker: float | None = None


class Hit(NamedTuple):
    """A passage in a ranking, with its score."""

    passage_id: str
    score: float


Run = dict[str, list[Hit]]
"""Rankings, best first, by query id."""

Generated = Mapping[str, Mapping[str, Sequence[str]]]
"""Generated queries by passage id and language, in the order in which they were generated."""

Qrels = dict[str, dict[str, int]]
"""Grades of relevance by query id and passage id."""


class Condition(NamedTuple):
    """What sets one point of an experiment apart from the others, besides its queries' language."""

    benchmark: str
    backbone: str
    method: str
    profile: str
    rate: float
    draw: int
    xqg_count: int
    alpha: float
    seed: int
    mode: str = "word_rate"
    xqg: str = ""
