"""LibreOffice's help as a benchmark: a term of the index, as people wrote it in each language, is to find its page.

And as training pairs: a heading, and the text below it. What is left out, and why: docs/libreoffice_help.md.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from typoglot.config import Level, Pages, Setting, Split
from typoglot.datasets import libreoffice
from typoglot.datasets.libreoffice import FOLDERS
from typoglot.errors import DataError
from typoglot.lines import pick_languages
from typoglot.records import Benchmark, Pair, Passage, Query
from typoglot.sources.helpindex import CODE, Help, Why, split_of, terms_of
from typoglot.sources.helppages import Block, Page, is_english, joined, sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


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
                raise DataError(source.files(of).place("text"), None, f"no {term.cluster}", expected)
            queries.append(Query(identifier, language, term.text, term.cluster))
            qrels[identifier] = dict.fromkeys(sorted(holding), 1)
    return Benchmark(name, tuple(queries), corpus, qrels)


def opened(folder: Path, languages: Sequence[str] | None) -> list[Path]:
    """The files that `read_benchmark` and `read_pairs` may open: of these languages (None: all) and of English."""
    wanted = FOLDERS if languages is None else dict.fromkeys(["en", *languages])
    return [file for language in wanted if language in FOLDERS for file in libreoffice.opened(folder, language)]


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
        if part.page.name.startswith(CODE):
            left_out["code"] += 1
        elif len(bodies[head]) > 1:
            left_out["several"] += 1
        elif head in pairs:
            left_out["again"] += 1
        elif part.text in elsewhere or linked:
            left_out["held out"] += 1
        elif twin and (part.head.text == twin.head.text or is_english(part.body, twin.body)):
            left_out["as English"] += 1
        else:
            title = part.page.title if part.page.title != part.head.text else ""
            passage = Passage(f"{language}:{part.id}", part.text, title)
            pairs[head] = Pair(part.head.text, language, passage)
    return list(pairs.values()), left_out


class Counts(NamedTuple):
    """What a language has: lines of its index, and what becomes of them and of the headings on training pages."""

    language: str
    entries: int
    left_out: dict[str, int]  # of the index, by why
    asked: dict[str, int]  # terms, by split
    pages: int  # that answer a term of the test split
    pairs: int
    no_pairs: dict[str, int]  # headings on training pages, by why


def count(folder: Path, languages: Sequence[str] | None) -> Iterator[Counts]:
    """Counts each of the chosen languages.

    Raises:
        DataError: a file is missing or malformed.
    """
    source = Help(folder)
    english = _parts(source, "en")
    chosen = pick_languages(languages, source.languages, folder)
    for language in chosen:
        asked, left_out = terms_of(source, language)
        pairs, no_pairs = _pairs(source, language, english)
        pages = {page for term in asked[Split.test] for page, _ in term.places}
        yield Counts(
            language,
            len(source.index(language)),
            {why.value: left_out[why] for why in Why},
            {split.value: len(terms) for split, terms in asked.items()},
            len(pages),
            len(pairs),
            dict(no_pairs),
        )
