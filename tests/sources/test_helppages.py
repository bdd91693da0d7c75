from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.sources.helppages import Block, Page, is_english, joined, read_page, sections

PAGE = """<html><head><title>Line
Breaks &amp; more</title></head><body><p>Menu</p><div id="DisplayArea" itemprop="softwareHelp">
{}
</div><div id="SearchFrame"></div><footer><p>Debug</p></footer></body></html>"""


def page(content: str) -> Page:
    return read_page(PAGE.format(content), Path("p.html"), "p")


def blocks(content: str) -> list[Block]:
    return list(page(content).blocks)


def texts(content: str) -> list[str]:
    return [block.text for block in blocks(content)]


def test_a_page_has_its_title_and_only_what_is_its_own() -> None:
    found = page("<p>Text</p>")

    assert (found.name, found.title, [block.text for block in found.blocks]) == ("p", "Line Breaks & more", ["Text"])


def test_headings_and_paragraphs_are_blocks() -> None:
    found = blocks('<h1 id="hd1">One</h1><p id="par1">Two <b>and</b>\n  more</p><ul><li>Three</li></ul>')

    assert found == [Block("One", True, "hd1"), Block("Two and more", False, "par1"), Block("Three", False)]


def test_cells_and_lines_do_not_run_together() -> None:
    table = "<table><tr><td>a</td><td><p>b</p></td></tr></table>c<br>d"

    assert texts(table) == ["a", "b", "c d"]


def test_characters_are_what_they_stand_for() -> None:
    assert texts("<p>a &lt; b &amp; c&nbsp;d &#34;e&#34;</p>") == ['a < b & c d "e"']


def test_an_anchor_belongs_to_the_block_that_it_stands_in_or_before() -> None:
    found = blocks('<a name="x"></a><meta content="k"><h2>H</h2><p>a <a name="y"></a>b</p><a name="z"></a>')

    assert [block.anchors for block in found] == [("x",), ("y", "z")]


def test_scripts_other_pages_titles_and_what_a_mac_shows_are_left_out() -> None:
    content = (
        '<script>s()</script><p>Press <span class="switchinline"><span hidden="true" class="MAC">Command</span>'
        '<span hidden="true">Ctrl</span></span>+Q</p>'
        '<div class="relatedtopics"><p>Other <span>page</span></p></div><p>End</p>'
    )

    assert texts(content) == ["Press Ctrl+Q", "End"]


def test_a_heading_tells_where_it_leads() -> None:
    (found, other) = blocks(
        '<h2><a href="de/text/scalc/01/x.html#y">SUM</a></h2><h2><a href="https://a.org/text/">W</a></h2>'
    )

    assert (found.link, other.link) == ("scalc/01/x", "")


@pytest.mark.parametrize("content", ["<p>a", "</p></div>a<p>b", "<p>a</b></i></p>", "<div><p>a<span>"])
def test_tags_that_do_not_match_end_the_page_at_worst(content: str) -> None:
    assert texts(content) in (["a"], [], ["a", "Debug"])


def test_sections_begin_at_headings_that_follow_on_text() -> None:
    found = sections(page("<p>0</p><h1>A</h1><h2>B</h2><p>1</p><p>2</p><h2>C</h2>"))

    assert [(joined(one.headings), joined(one.body)) for one in found] == [("", "0"), ("A\nB", "1\n2"), ("C", "")]


def test_a_text_is_english_where_more_than_half_of_it_is_word_for_word() -> None:
    english = [Block("One", False), Block("Two", False)]

    assert is_english([Block("One", False), Block("Two", False), Block("Drei", False)], english)
    assert not is_english([Block("One", False), Block("Zwei", False), Block("42", False)], english)
    assert not is_english([], english)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('<title>x</title><div id="DisplayArea"><![<p>', "broken HTML"),
        ("<title>x</title><p>Hello</p>", 'no <div id="DisplayArea"'),
        ('<div id="DisplayArea"></div>', "no <title>"),
    ],
)
def test_what_is_no_page_of_the_help_is_refused(text: str, told: str) -> None:
    with pytest.raises(DataError, match=rf"p\.html: {told}"):
        read_page(text, Path("p.html"), "p")


PIECES = (
    "<p>", "</p>", "</div>", "<![", "<![CDATA[", "<!--", "-->", "<?", ">", '<a name="', '"', "&#", "&#x110000;", "<h1",
    "<script>", "</script", "<br/>", "\0", "x", " ", "</",
)  # fmt: skip


@settings(max_examples=300, deadline=None, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_no_content_breaks_the_reader(pieces: list[str]) -> None:
    with contextlib.suppress(DataError):
        assert all(block.text for block in blocks("".join(pieces)))
