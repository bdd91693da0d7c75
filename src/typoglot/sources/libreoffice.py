"""LibreOffice's help as a benchmark: a term of the index, as people wrote it in each language, is to find its page.

Reads a folder as an installed LibreOffice has it and `typoglot data fetch libreoffice_help` makes it: XX/bookmarks.js
and XX/text/**/*.html. What is left out, and why: docs/libreoffice_help.md. Knows nothing of HTML.
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

from typoglot.config import Level, Pages, Setting, Split
from typoglot.datasets.libreoffice import FOLDERS, INDEX
from typoglot.errors import DataError
from typoglot.lines import pick_languages, read_lines, require_folder
from typoglot.records import Benchmark, Pair, Passage, Query
from typoglot.sources.helppages import Block, Page, joined, read_page, sections

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

_ENTRY = re.compile(r'\{url:"(?P<url>[^"]*)", app:"[^"]*", text:"(?P<text>.*)"\},?')
_ESCAPE = re.compile(r"\\(.?)")
_CODE = "sbasic/"  # pages on programming: their terms are names in code, alike in every language
_SHARES = {Split.train: 60, Split.dev: 10, Split.test: 30}  # of a hundred pages; ours
_ENGLISH = 0.5  # share of a page's blocks: where more are English word for word, it is not translated; ours


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
    """The help in a folder, in several languages; pages are read when they are asked for, and kept.

    Raises:
        DataError: there is no English help.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = require_folder(folder, "en-US/bookmarks.js and en-US/text")
        self.languages = [code for code, name in FOLDERS.items() if (folder / name / INDEX).exists()]
        pick_languages(["en"], self.languages, folder)
        self.page = lru_cache(maxsize=3 * 2**12)(self._page)  # English, and a language or two

    @cached_property
    def names(self) -> list[str]:
        """The pages there are, by name."""
        root = self.folder / FOLDERS["en"] / "text"
        return sorted(path.relative_to(root).as_posix().removesuffix(".html") for path in root.rglob("*.html"))

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
        return read_page(self.folder / FOLDERS[language] / "text" / f"{name}.html", name)

    def is_translated(self, language: str, name: str) -> bool:
        """Whether no more than half of a page's blocks are the English page's, word for word."""
        return language == "en" or not _as_english(self.page(language, name).blocks, self.page("en", name).blocks)

    def index(self, language: str) -> list[Entry]:
        """The lines of a language's index.

        Raises:
            DataError: a line is malformed, or names a page that is not there.
        """
        path = self.folder / FOLDERS[language] / INDEX
        url = re.compile(rf"{FOLDERS[language]}/text/(.+)\.html\?[^#]*#(.+)")
        known = set(self.names)
        found = []
        for line, text in read_lines(path):
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
    if all(page.startswith(_CODE) for page, _ in term.places):
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


def read_benchmark(
    name: str, folder: Path, languages: Sequence[str] | None, *, setting: Setting, level: Level, split: Split,
    pages: Pages,
) -> Benchmark:  # fmt: skip
    """The terms of the chosen languages over pages or sections: the English ones, or those of the one language.

    Which terms are asked does not depend on the setting, the level or the pages.

    Raises:
        DataError: a file is missing or malformed, the languages are of different releases, or there are several
            languages in the setting `mono`.
    """
    source = Help(folder)
    chosen = pick_languages(languages, source.languages, folder)
    if setting is Setting.mono and len(chosen) != 1:
        expected = "in mono each language has pages of its own; choose one"
        raise DataError(folder, None, f"{len(chosen)} languages", expected)
    of = chosen[0] if setting is Setting.mono else "en"
    names = [page for page in source.names if pages is Pages.all or split_of(page) is split]
    corpus, holders = _passages((source.page(of, page) for page in names), level)
    queries, qrels = [], {}
    for language in chosen:
        for term in terms_of(source, language, [split])[0][split]:
            identifier = f"{term.id}_{language}"
            holding = {holders[place] for place in term.places if place in holders}
            if not holding:
                expected = f"an anchor of page '{term.places[0][0]}' is expected; take all languages from one release"
                raise DataError(folder / FOLDERS[of], None, f"no {term.cluster}", expected)
            queries.append(Query(identifier, language, term.text, term.cluster))
            qrels[identifier] = dict.fromkeys(sorted(holding), 1)
    return Benchmark(name, tuple(queries), corpus, qrels)


def _passages(pages: Iterable[Page], level: Level) -> tuple[tuple[Passage, ...], dict[tuple[str, str], str]]:
    """The pages that have text, or their sections; and the passage that holds each anchor of a page, the first."""
    passages = []
    holders: dict[tuple[str, str], str] = {}
    for page in pages:
        parts: Mapping[str, Sequence[Block]] = {page.name: page.blocks}
        if level is Level.anchor:
            parts = {f"{page.name}#{n}": (*one.headings, *one.body) for n, one in enumerate(sections(page))}
        for identifier, blocks in parts.items():
            if blocks:
                passages.append(Passage(identifier, _text(blocks, page.title), page.title))
            for block in blocks:
                for anchor in block.anchors:
                    holders.setdefault((page.name, anchor), identifier)
    return tuple(passages), holders


def _text(blocks: Sequence[Block], title: str) -> str:
    """The blocks without a heading that says the title again, which is read before them."""
    again = blocks[0].heading and blocks[0].text == title
    return joined(blocks[1:] if again else blocks)


def read_pairs(folder: Path, languages: Sequence[str] | None) -> list[Pair]:
    """Headings of pages for training, each with the text below it, in the same language.

    Only of pages of the split `train`. Left out: pages on programming, headings that stand over several texts, what
    pages of dev or test say too, and what is as in English.

    Raises:
        DataError: a file is missing or malformed.
    """
    source = Help(folder)
    english = _parts(source, "en")
    chosen = pick_languages(languages, source.languages, folder)
    return [pair for language in chosen for pair in _pairs(source, language, english)[0]]


def _as_english(blocks: Sequence[Block], english: Sequence[Block]) -> bool:
    """Whether more than half of the blocks that have letters are English ones, word for word."""
    texts = {block.text for block in english}
    own = [block.text for block in blocks if any(map(str.isalpha, block.text))]
    return sum(text in texts for text in own) > _ENGLISH * len(own)


class _Part(NamedTuple):
    """A heading and the text below it."""

    id: str
    page: Page
    head: Block
    body: tuple[Block, ...]

    @property
    def text(self) -> str:
        return joined(self.body)


def _parts(source: Help, language: str) -> list[_Part]:
    """Every heading of every page that has text below it."""
    return [
        _Part(f"{name}#{number}", page, section.headings[-1], section.body)
        for name in source.names
        for page in [source.page(language, name)]
        for number, section in enumerate(sections(page))
        if section.headings and section.body
    ]


def _pairs(source: Help, language: str, english: Sequence[_Part]) -> tuple[list[Pair], Counter[str]]:
    """The pairs of a language, and how many of its headings on training pages are none, and why."""
    parts = _parts(source, language) if language != "en" else english
    twins = {part.id: part for part in english} if language != "en" else {}
    bodies: dict[str, set[str]] = {}
    for part in parts:
        bodies.setdefault(part.head.text.casefold(), set()).add(part.text)
    elsewhere = {part.text for part in parts if split_of(part.page.name) is not Split.train}
    left_out: Counter[str] = Counter()
    pairs: dict[str, Pair] = {}
    for part in parts:
        head = part.head.text.casefold()
        if split_of(part.page.name) is not Split.train:
            continue
        linked = part.head.link and split_of(part.head.link) is not Split.train
        twin = twins.get(part.id)
        if part.page.name.startswith(_CODE):
            left_out["code"] += 1
        elif len(bodies[head]) > 1:
            left_out["several"] += 1
        elif head in pairs:
            left_out["again"] += 1
        elif part.text in elsewhere or linked:
            left_out["held out"] += 1
        elif twin and (part.head.text == twin.head.text or _as_english(part.body, twin.body)):
            left_out["as English"] += 1
        else:
            title = part.page.title if part.page.title != part.head.text else ""
            passage = Passage(f"{language}:{part.id}", part.text, title)
            pairs[head] = Pair(part.head.text, language, passage)
    return list(pairs.values()), left_out
