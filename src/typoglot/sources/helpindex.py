"""The index of LibreOffice's help to terms: each once, with its places, its split, or why it is not asked.

Reads what `typoglot data fetch libreoffice_help` brings, or an installed LibreOffice has. Knows nothing of HTML, and
nothing of benchmarks.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections import Counter
from enum import Enum
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from typoglot.config import Split
from typoglot.datasets.libreoffice import FOLDERS, INDEX, Files, present
from typoglot.errors import DataError
from typoglot.lines import pick_languages, require_folder
from typoglot.sources.helppages import Page, is_english, read_page

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_ENTRY = re.compile(r'\{url:"(?P<url>[^"]*)", app:"[^"]*", text:"(?P<text>.*)"\},?')
_ESCAPE = re.compile(r"\\(.?)")
CODE = "sbasic/"  # pages on programming: their terms are names in code, alike in every language
_SHARES = {Split.train: 60, Split.dev: 10, Split.test: 30}  # of a hundred pages; ours


class Why(Enum):
    """Why an entry of the index, or a term, is not asked."""

    nowhere = "anchor is on no page"
    empty = "no text"
    again = "said before"  # the same term, or its halves in the other order: one query, with the pages of both
    code = "of programming only"
    untranslated = "as in English"
    english = "page is English"
    astride = "in several splits"


class Entry(NamedTuple):
    """A line of the index."""

    page: str
    anchor: str
    text: str


class Term(NamedTuple):
    """A term of the index, with all that it stands for: pages and anchors on them, in the order of their names."""

    id: str  # page#anchor:number, of its first place
    text: str
    key: str  # as `key_of` has it
    places: tuple[tuple[str, str], ...]

    @property
    def cluster(self) -> str:
        """Page and anchor that it shares with its translations, as far as these stand for the same places."""
        return "#".join(self.places[0])


class Help:
    """The help in a folder, in several languages; what is asked for is read, and kept as long as there is room.

    Raises:
        DataError: there is no English help.
    """

    def __init__(self, folder: Path) -> None:
        holds = "folders XX with bookmarks.js, or packages libreoffice-help-xx_*.deb"
        self.languages = present(require_folder(folder, holds))
        pick_languages(["en"], self.languages, folder)
        self._english = Files(folder, "en")
        self._files = lru_cache(maxsize=1)(lambda language: Files(folder, language))  # 30 MB each
        self.page = lru_cache(maxsize=3 * 2**12)(self._page)  # English, and a language or two

    def files(self, language: str) -> Files:
        """Where the language's files are."""
        return self._english if language == "en" else self._files(language)

    @cached_property
    def names(self) -> list[str]:
        """The pages there are, by name."""
        names = self._english.names()
        return [name.removeprefix("text/").removesuffix(".html") for name in names if name.startswith("text/")]

    @cached_property
    def anchors(self) -> dict[str, set[str]]:
        """What each English page can be entered by."""
        pages = (self.page("en", name) for name in self.names)
        return {page.name: {anchor for block in page.blocks for anchor in block.anchors} for page in pages}

    @cached_property
    def english(self) -> dict[tuple[str, str], set[str]]:
        """The English terms of each page and anchor, as `key_of` has them."""
        found: dict[tuple[str, str], set[str]] = {}
        for entry in self.index("en"):
            found.setdefault((entry.page, entry.anchor), set()).add(key_of(entry.text))
        return found

    def _page(self, language: str, name: str) -> Page:
        files, file = self.files(language), f"text/{name}.html"
        return read_page("\n".join(line for _, line in files.lines(file)), files.place(file), name)

    def is_translated(self, language: str, name: str) -> bool:
        """Whether no more than half of a page's blocks are the English page's, word for word."""
        return language == "en" or not is_english(self.page(language, name).blocks, self.page("en", name).blocks)

    def index(self, language: str) -> list[Entry]:
        """The lines of a language's index.

        Raises:
            DataError: a line is malformed, or names a page that is not there.
        """
        files = self.files(language)
        path = files.place(INDEX)
        url = re.compile(rf"{FOLDERS[language]}/text/(.+)\.html\?[^#]*#(.+)")
        known = set(self.names)
        found = []
        for line, text in files.lines(INDEX):
            if text.strip() in ("var bookmarks = [", "];", ""):
                continue
            entry = _ENTRY.fullmatch(text.strip())
            place = url.fullmatch(entry["url"]) if entry else None
            if entry is None or place is None:
                expected = f'{{url:"{FOLDERS[language]}/text/PAGE.html?…#ANCHOR", app:"…", text:"…"}} is expected'
                raise DataError(path, line, f"'{text[:60]}'", expected)
            if place[1] not in known:
                expected = "the English help has each page; take all languages from one release"
                raise DataError(path, line, f"unknown page '{place[1]}'", expected)
            found.append(Entry(place[1], place[2], html.unescape(_ESCAPE.sub(r"\1", entry["text"]))))
        return found


def split_of(page: str) -> Split:
    """The part that a page belongs to, in every language: by a hash of its name.

    >>> split_of("swriter/guide/indenting").value
    'test'
    """
    place = int(hashlib.sha256(f"libreoffice_help|{page}".encode()).hexdigest(), 16) % 100
    ends = accumulate(_SHARES.values())
    return next(split for split, end in zip(_SHARES, ends, strict=True) if place < end)


def key_of(text: str) -> str:
    """Equal for terms that differ in the order of their halves, in case or in spaces only.

    >>> key_of("Cells --  Deleting") == key_of("deleting -- cells")
    True
    """
    return " -- ".join(sorted(" ".join(half.split()).casefold() for half in _halves(text)))


def _halves(text: str) -> list[str]:
    """The parts of an index form, A -- B, that are not empty."""
    halves = re.split(r"(?:^|\s+)--(?:\s+|$)", unicodedata.normalize("NFC", text))
    return [half.strip() for half in halves if half.strip()]


def terms_of(source: Help, language: str, splits: Collection[Split] = tuple(Split)) -> tuple[
    dict[Split, list[Term]], Counter[Why]
]:  # fmt: skip
    """The terms of a language that are asked, by split, and how many of its index are not.

    Args:
        source: the help.
        language: one of those it has.
        splits: the ones that are wanted: terms of others are not looked into.
    """
    left_out: Counter[Why] = Counter()
    asked: dict[Split, list[Term]] = {split: [] for split in splits}
    for term in _merged(source, language, left_out):
        parts = {split_of(page) for page, _ in term.places}
        why = _why_not(source, language, term)
        if why is None and len(parts) > 1:
            why = Why.astride
        if why is None and not parts <= set(splits):
            continue
        if why is None and not any(source.is_translated(language, page) for page, _ in term.places):
            why = Why.english
        if why is None:
            asked[parts.pop()].append(term)
        else:
            left_out[why] += 1
    return asked, left_out


def _why_not(source: Help, language: str, term: Term) -> Why | None:
    if all(page.startswith(CODE) for page, _ in term.places):
        return Why.code
    english = (source.english.get(place, set()) for place in term.places)
    if language != "en" and any(term.key in keys for keys in english):
        return Why.untranslated
    return None


def _merged(source: Help, language: str, left_out: Counter[Why]) -> list[Term]:
    """The terms of the index, each once, in the order and the wording in which they are first met."""
    found: dict[str, tuple[str, set[tuple[str, str]]]] = {}
    for entry in source.index(language):
        key = key_of(entry.text)
        if not key:
            left_out[Why.empty] += 1
        elif entry.anchor not in source.anchors[entry.page]:
            left_out[Why.nowhere] += 1
        else:
            left_out[Why.again] += key in found
            text = " ".join(" ".join(_halves(entry.text)).split())
            found.setdefault(key, (text, set()))[1].add((entry.page, entry.anchor))
    numbers: Counter[str] = Counter()
    terms = []
    for key, (text, places) in found.items():
        ordered = tuple(sorted(places))
        cluster = "#".join(ordered[0])
        numbers[cluster] += 1
        terms.append(Term(f"{cluster}:{numbers[cluster]}", text, key, ordered))
    return terms
