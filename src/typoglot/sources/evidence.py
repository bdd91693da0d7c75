"""What benchmarks that are judged by answers share: where their files lie, and how texts are read. Knows no format."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from typoglot.errors import DataError
from typoglot.files import is_hidden
from typoglot.records import Contents, Passage, Passages, ids_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

PASSAGES = ("*.tsv", "*.tsv.gz", "corpus.jsonl", "corpus.jsonl.gz")
"""How a file of passages is called in a benchmark's folder."""


def find_file(place: Path, patterns: Sequence[str], key: str) -> Path:
    """The place itself; of a folder the one file whose name fits a pattern.

    Args:
        place: a file or a folder.
        patterns: of names.
        key: of the configuration, by which the file can be named.

    Raises:
        DataError: none fits, or several do.
    """
    if not place.is_dir():
        return place
    found = sorted(file for pattern in patterns for file in place.glob(pattern) if not is_hidden(file))
    if len(found) != 1:
        what = f"{', '.join(file.name for file in found)} all fit" if found else f"no {' or '.join(patterns)}"
        raise DataError(place, None, what, f"one such file is expected; name it: {key}=FILE")
    return found[0]


class Evidence(Contents):
    """What of each passage answers are looked for in: of itself its text, without the title."""

    def __init__(self, passages: Sequence[Passage], text: Callable[[Passage], str] | None = None) -> None:
        super().__init__(passages, text or _text)


def _text(passage: Passage) -> str:
    return passage.text


class LoweredPassages(Passages):
    """Passages whose title and text are `lowered`, when they are asked for."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._passages = passages

    @property
    def ids(self) -> Sequence[str]:
        """In the order of the passages."""
        return ids_of(self._passages)

    def __len__(self) -> int:
        return len(self._passages)

    def __iter__(self) -> Iterator[Passage]:
        return map(_lowered, self._passages)

    @overload
    def __getitem__(self, index: int) -> Passage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, index: int | slice) -> Passage | tuple[Passage, ...]:
        found = self._passages[index]
        return _lowered(found) if isinstance(found, Passage) else tuple(map(_lowered, found))


def _lowered(passage: Passage) -> Passage:
    return Passage(passage.id, lowered(passage.text), lowered(passage.title))


def lowered(text: str) -> str:
    r"""A text in lower case, with one sign for those that look alike: what Contriever reads on MKQA.

    Hyphens, dashes and minus signs become "-", double quotation marks '"', single ones, apostrophes, accents and primes
    "'" (a double prime two of them, and so on), slashes "/", tildes "~", "…" three periods; VT, FF and NEL become a
    space; soft hyphens and the other control characters go, but for white space and ^P.
    Source: https://github.com/facebookresearch/contriever (src/normalize_text.py: normalize, after str.lower)

    >>> lowered("Don’t — SHE said “10″…”")
    'don\'t - she said "10\'\'..."'
    """
    return text.lower().translate(_SIGNS).replace(" . . . ", " ... ")


_ALIKE = {
    "-": "-‐‑⁃‒–—―−－⁻",
    '"': '"“”„‟',
    "'": "'’՚Ꞌꞌ＇‘‚‛`´′‵",
    "''": "″‶",
    "'''": "‴‷",
    "''''": "⁗",
    "...": "…",
    "/": "/⁄∕",
    "~": "~˜⁓∼∽∿〜～",
    " ": "\v\f\x85",
    "": "\xad" + "".join(map(chr, (*range(1, 9), 14, 15, *range(17, 28)))),
}
_SIGNS = str.maketrans({sign: one for one, signs in _ALIKE.items() for sign in signs})
