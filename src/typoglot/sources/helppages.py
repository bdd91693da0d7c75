"""A page of LibreOffice's help to its blocks of text. Knows HTML as the help has it; knows nothing of queries.

Pages are made by LibreOffice's own style sheets (text/**/*.html, releases 6 to 7): the content is the element
#DisplayArea; headings and paragraphs carry ids that are the same in every language.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple

from typoglot.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_START = '<div id="DisplayArea"'
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_BLOCKS = frozenset({"p", "li", "td", "th", "tr", "pre", "div", "ul", "ol", "table", "dl", "dt", "dd", "h"})
_HEADING = re.compile(r"h[1-6]")
_EMPTY = frozenset({"br", "img", "meta", "input", "link", "hr", "col", "wbr"})  # have no end tag
_SILENT = frozenset({"script", "style"})
# Not of the page itself: titles of other pages; and what a Mac shows in place of the words before or behind it.
_ELSEWHERE = frozenset({"relatedtopics", "MAC"})
_ENGLISH = 0.5  # share of blocks: with more that are English word for word, a text is not translated; ours
_LINK = re.compile(r"[^/]+/text/(.+)\.html(?:#.*)?")


class Block(NamedTuple):
    """A heading or a paragraph, with the anchors that lead to it and the help page that its first link leads to."""

    text: str
    heading: bool
    id: str = ""
    anchors: tuple[str, ...] = ()
    link: str = ""


class Page(NamedTuple):
    """A page in one language; its name is the same in every language, e.g. `swriter/guide/indenting`."""

    name: str
    title: str
    blocks: tuple[Block, ...]


class Section(NamedTuple):
    """Headings that follow on one another, and the text below them."""

    headings: tuple[Block, ...]
    body: tuple[Block, ...]

    @property
    def anchors(self) -> list[str]:
        """What leads to any of its blocks."""
        return [anchor for block in (*self.headings, *self.body) for anchor in block.anchors]


def read_page(text: str, path: Path, name: str) -> Page:
    """The title and the blocks of a page, in reading order; the path is for the message.

    Raises:
        DataError: it is no page of the help.
    """
    start = text.find(_START)
    title = _TITLE.search(text)
    if start < 0 or title is None:
        what = f"no {_START}…>" if start < 0 else "no <title>"
        raise DataError(path, None, what, "a page of LibreOffice's help is expected")
    parser = _Parser()
    try:
        parser.feed(text[start:])
        parser.close()
    except AssertionError as error:  # so html.parser refuses a malformed <![
        raise DataError(path, None, f"broken HTML ({error})", "fetch the help again") from error
    return Page(name, " ".join(html.unescape(title[1]).split()), tuple(parser.blocks))


def sections(page: Page) -> list[Section]:
    """The page cut at every heading that follows on text, so that each section has text but perhaps the last."""
    found: list[tuple[list[Block], list[Block]]] = [([], [])]
    for block in page.blocks:
        if block.heading and found[-1][1]:
            found.append(([], []))
        found[-1][0 if block.heading else 1].append(block)
    return [Section(tuple(headings), tuple(body)) for headings, body in found if headings or body]


def joined(blocks: Sequence[Block]) -> str:
    """The blocks' texts, one a line."""
    return "\n".join(block.text for block in blocks)


def is_english(blocks: Sequence[Block], english: Sequence[Block]) -> bool:
    """Whether more than half of the blocks that have letters are English ones, word for word."""
    texts = {block.text for block in english}
    own = [block.text for block in blocks if any(map(str.isalpha, block.text))]
    return sum(text in texts for text in own) > _ENGLISH * len(own)


class _Parser(HTMLParser):
    """Collects the blocks of one element and stops at its end.

    An anchor belongs to the block that it stands in or before.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._open: list[tuple[str, bool]] = []  # the tags around, and whether each begins what is not read
        self._silent = 0
        self._text: list[str] = []
        self._anchors: list[str] = []
        self._heading, self._id, self._link = False, "", ""
        self._ended = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._ended or tag in _EMPTY:
            self._text.append(" ")
            return
        found = dict(attrs)
        silent = tag in _SILENT or found.get("class") in _ELSEWHERE
        self._open.append((tag, silent))
        self._silent += silent
        if self._silent:
            return
        if tag in _BLOCKS or _HEADING.fullmatch(tag):
            self._flush()
            self._heading, self._id = _HEADING.fullmatch(tag) is not None, found.get("id") or ""
        elif tag == "a":
            if name := found.get("name"):
                self._anchors.append(name)
            if not self._link and (link := _LINK.fullmatch(found.get("href") or "")):
                self._link = link[1]

    def handle_endtag(self, tag: str) -> None:
        if self._ended or tag not in (name for name, _ in self._open):
            return
        while True:
            name, silent = self._open.pop()
            self._silent -= silent
            if name == tag:
                break
        if tag in _BLOCKS or _HEADING.fullmatch(tag):
            self._flush()
        if not self._open:
            self._ended = True

    def handle_data(self, data: str) -> None:
        if not (self._silent or self._ended):
            self._text.append(data)

    def close(self) -> None:
        super().close()
        self._flush()
        if self._anchors and self.blocks:  # at the page's end: of the last block
            self.blocks[-1] = self.blocks[-1]._replace(anchors=(*self.blocks[-1].anchors, *self._anchors))

    def _flush(self) -> None:
        text = " ".join("".join(self._text).split())
        self._text.clear()
        if text:
            self.blocks.append(Block(text, self._heading, self._id, tuple(self._anchors), self._link))
            self._anchors, self._link = [], ""
        self._heading = False
