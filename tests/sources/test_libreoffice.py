"""A help of a few pages, in which scalc/00 is a page of train, scalc/12 of dev, scalc/01 and scalc/05 of test."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from typoglot import rules
from typoglot.config import Level, Pages, Setting, Split
from typoglot.errors import DataError
from typoglot.records import Benchmark
from typoglot.sources import read_benchmark as read_any
from typoglot.sources import read_pairs as read_any_pairs
from typoglot.sources.helpindex import Help, Why, key_of, split_of, terms_of
from typoglot.sources.libreoffice import count, read_benchmark, read_pairs

COUNTS = Path(__file__).with_name("libreoffice_help.json")
Entries = list[tuple[str, str, str]]


def page(*sections: tuple[str, str, str], title: str = "") -> str:
    """A page of sections, each with its anchor, heading and text."""
    parts = [f'<a name="{anchor}"></a><h1>{head}</h1><p>{text}</p>' for anchor, head, text in sections]
    return f'<title>{title or sections[0][1]}</title><div id="DisplayArea">{"".join(parts)}</div>'


PAGES = {
    "en-US": {
        "scalc/00": page(("a", "Cells", "On cells."), ("b", "Rows", "On rows.")),
        "scalc/01": page(("a", "Sums", "On sums."), ("b", "Means", "On means.")),
        "scalc/05": page(("a", "Charts", "On charts.")),
        "scalc/12": page(("a", "Fonts", "On fonts.")),
        "sbasic/05": page(("a", "Print", "On Print.")),
    },
    "de": {
        "scalc/00": page(("a", "Zellen", "Von Zellen."), ("b", "Zeilen", "Von Zeilen.")),
        "scalc/01": page(("a", "Summen", "Von Summen."), ("b", "Mittel", "Von Mitteln.")),
        "scalc/05": page(("a", "Charts", "On charts.")),
        "scalc/12": page(("a", "Schriften", "Von Schriften.")),
        "sbasic/05": page(("a", "Print", "Von Print.")),
    },
}
INDEX: dict[str, Entries] = {
    "en-US": [("scalc/01", "a", "sums -- adding"), ("scalc/01", "b", "means"), ("scalc/05", "a", "charts")],
    "de": [("scalc/01", "a", "Summen --  bilden"), ("scalc/01", "b", "Mittel")],
}


def written(folder: Path, index: dict[str, Entries] = INDEX, pages: dict[str, dict[str, str]] = PAGES) -> Path:
    for language, texts in pages.items():
        for name, text in texts.items():
            path = folder / language / "text" / f"{name}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        rows = [
            f'{{url:"{language}/text/{name}.html?DbPAR=CALC#{anchor}", app:"CALC", text:"{text}"}},\n'
            for name, anchor, text in index[language]
        ]
        (folder / language / "bookmarks.js").write_text(f"var bookmarks = [\n{''.join(rows)}];\n", "utf-8")
    return folder


def benchmark(folder: Path, *languages: str, **changes: Any) -> Benchmark:
    settings = {"setting": Setting.cross, "level": Level.page, "split": Split.test, "pages": Pages.all, **changes}
    return read_benchmark("h", folder, list(languages) or None, **settings)


def asked(folder: Path, *, language: str = "de", **index: Entries) -> list[str]:
    """The German terms that are asked, of an index that is given."""
    written(folder, {"en-US": [], "de": [], **{"en-US" if key == "en" else key: rows for key, rows in index.items()}})
    return [query.text for query in benchmark(folder, language).queries]


def test_the_pages_are_where_these_proofs_want_them() -> None:
    splits = {name: split_of(name).value for name in PAGES["de"]}

    assert splits == {"scalc/00": "train", "scalc/01": "test", "scalc/05": "test", "scalc/12": "dev",
                      "sbasic/05": "test"}  # fmt: skip


def test_a_term_in_any_language_is_to_find_its_english_page(tmp_path: Path) -> None:
    found = benchmark(written(tmp_path))

    assert [(query.id, query.text, query.parallel_id) for query in found.queries if query.language == "de"] == [
        ("scalc/01#a:1_de", "Summen bilden", "scalc/01#a"), ("scalc/01#b:1_de", "Mittel", "scalc/01#b"),
    ]  # fmt: skip
    assert found.qrels["scalc/01#a:1_de"] == {"scalc/01": 1} == found.qrels["scalc/01#a:1_en"]
    assert {passage.id: passage.content for passage in found.corpus}["scalc/01"] == "Sums On sums.\nMeans\nOn means."


def test_in_mono_it_is_to_find_the_page_in_its_own_language(tmp_path: Path) -> None:
    cross, mono = benchmark(written(tmp_path), "de"), benchmark(written(tmp_path), "de", setting=Setting.mono)

    assert (mono.queries, mono.qrels) == (cross.queries, cross.qrels)
    assert {one.id: one.content for one in mono.corpus}["scalc/01"] == "Summen Von Summen.\nMittel\nVon Mitteln."


def test_mono_is_of_one_language(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="2 languages: in mono each language has pages of its own; choose one"):
        benchmark(written(tmp_path), setting=Setting.mono)


def test_at_the_level_of_anchors_it_is_to_find_the_section(tmp_path: Path) -> None:
    found = benchmark(written(tmp_path), "de", level=Level.anchor)

    assert found.qrels == {"scalc/01#a:1_de": {"scalc/01#0": 1}, "scalc/01#b:1_de": {"scalc/01#1": 1}}
    assert {one.id: one.content for one in found.corpus}["scalc/01#1"] == "Sums Means\nOn means."


def test_the_pages_of_the_split_can_be_searched_alone(tmp_path: Path) -> None:
    found = benchmark(written(tmp_path), pages=Pages.split)

    assert [one.id for one in found.corpus] == ["sbasic/05", "scalc/01", "scalc/05"]


def test_a_split_asks_for_its_own_pages_only(tmp_path: Path) -> None:
    rows = [("scalc/00", "a", "Zellen"), ("scalc/12", "a", "Schriften"), ("scalc/01", "a", "Summen")]
    written(tmp_path, {"en-US": [], "de": rows})
    texts = {split: [query.text for query in benchmark(tmp_path, "de", split=split).queries] for split in Split}

    assert texts == {Split.train: ["Zellen"], Split.dev: ["Schriften"], Split.test: ["Summen"]}


def test_a_page_is_of_one_split_by_the_shares() -> None:
    shares = Counter(split_of(f"scalc/{number}") for number in range(3000))

    assert [round(shares[split] / 300) for split in Split] == [6, 1, 3]


def test_a_term_that_is_as_in_english_is_not_asked(tmp_path: Path) -> None:
    same = [("scalc/01", "a", "Sums -- adding"), ("scalc/01", "b", "MEANS"), ("scalc/01", "b", "Mittel")]

    assert asked(tmp_path, en=INDEX["en-US"], de=same) == ["Mittel"]
    assert asked(tmp_path, en=INDEX["en-US"], de=[("scalc/01", "a", "Adding --  sums")]) == []


def test_a_term_that_is_another_anchors_english_is_asked(tmp_path: Path) -> None:
    assert asked(tmp_path, en=[("scalc/01", "a", "Mittel")], de=[("scalc/01", "b", "Mittel")]) == ["Mittel"]


def test_of_both_orders_of_a_term_the_first_is_asked_for_the_pages_of_both(tmp_path: Path) -> None:
    both = [("scalc/01", "a", "Summen --  bilden"), ("scalc/05", "a", "bilden -- Summen")]
    pages = {**PAGES, "de": {**PAGES["de"], "scalc/05": page(("a", "Diagramme", "Von Diagrammen."))}}
    found = benchmark(written(tmp_path, {"en-US": [], "de": both}, pages), "de")

    assert [(query.text, query.parallel_id) for query in found.queries] == [("Summen bilden", "scalc/01#a")]
    assert found.qrels == {"scalc/01#a:1_de": {"scalc/01": 1, "scalc/05": 1}}


def test_terms_of_one_anchor_are_one_cluster_with_ids_of_their_own(tmp_path: Path) -> None:
    written(tmp_path, {"en-US": [], "de": [("scalc/01", "a", "Summen"), ("scalc/01", "a", "Addition")]})
    found = benchmark(tmp_path, "de").queries

    assert [query.id for query in found] == ["scalc/01#a:1_de", "scalc/01#a:2_de"]
    assert {query.parallel_id for query in found} == {"scalc/01#a"}


def test_terms_of_programming_pages_alone_are_not_asked(tmp_path: Path) -> None:
    rows = [("sbasic/05", "a", "drucken"), ("sbasic/05", "a", "ausgeben"), ("scalc/01", "a", "ausgeben")]
    found = written(tmp_path, {"en-US": [], "de": rows})

    assert [query.text for query in benchmark(found, "de").queries] == ["ausgeben"]
    assert benchmark(found, "de").qrels == {"sbasic/05#a:2_de": {"sbasic/05": 1, "scalc/01": 1}}


def test_terms_of_pages_of_several_splits_are_not_asked(tmp_path: Path) -> None:
    assert asked(tmp_path, de=[("scalc/00", "a", "Zahlen"), ("scalc/01", "a", "zahlen")]) == []
    assert terms_of(Help(tmp_path), "de")[1][Why.astride] == 1


def test_terms_whose_pages_are_not_translated_are_not_asked(tmp_path: Path) -> None:
    assert asked(tmp_path, de=[("scalc/05", "a", "Diagramme"), ("scalc/01", "a", "Summen")]) == ["Summen"]
    assert asked(tmp_path, language="en", en=[("scalc/05", "a", "charts")]) == ["charts"]
    assert asked(tmp_path, de=[("scalc/05", "a", "Zahl"), ("scalc/01", "a", "Zahl")]) == ["Zahl"]  # one of its pages is


def test_entries_without_text_or_place_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [("scalc/01", "a", ""), ("scalc/01", "a", " -- "), ("scalc/01", "gone", "Nirgends"), ("scalc/01", "a", "X")]
    source = Help(written(tmp_path, {"en-US": [], "de": rows}))

    assert terms_of(source, "de")[1] == {Why.empty: 2, Why.nowhere: 1, Why.again: 0}
    assert [term.text for term in terms_of(source, "de")[0][Split.test]] == ["X"]


@pytest.mark.parametrize(
    ("written_so", "text"),
    [(r"division (\\)", "division (\\)"), ("&#34;+&#34; sign", '"+" sign'), ("trailing\\", "trailing"),
     (" --  half", "half"), ("e-mail -- x--y", "e-mail x--y"), (r"a \"b\" c", 'a "b" c')],
)  # fmt: skip
def test_a_term_is_read_as_the_help_shows_it(tmp_path: Path, written_so: str, text: str) -> None:
    assert asked(tmp_path, de=[("scalc/01", "a", written_so)]) == [text]


def test_terms_are_alike_but_for_order_case_and_spaces() -> None:
    assert key_of("Cells --  Deleting") == key_of("deleting -- cells")
    assert key_of("cells deleting") != key_of("deleting cells")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{url:1}", r"bookmarks\.js:2: '\{url:1\}': \{url:\"de/text/PAGE"),
        ('{url:"en-US/text/scalc/01.html?#a", app:"", text:"x"}', r"bookmarks\.js:2: '\{url"),
        ('{url:"de/text/scalc/99.html?#a", app:"", text:"x"}', r"bookmarks\.js:2: unknown page 'scalc/99'"),
        ('{url:"de/text/../../etc/x.html?#a", app:"", text:"x"}', r"unknown page '\.\./\.\./etc/x'"),
    ],
)
def test_a_malformed_line_of_the_index_is_refused(tmp_path: Path, line: str, told: str) -> None:
    (written(tmp_path) / "de" / "bookmarks.js").write_text(f"var bookmarks = [\n{line}\n];")
    with pytest.raises(DataError, match=told):
        benchmark(tmp_path)


def test_a_page_that_a_language_lacks_is_named(tmp_path: Path) -> None:
    (written(tmp_path) / "de" / "text" / "scalc" / "01.html").unlink()
    with pytest.raises(DataError, match=r"de/text/scalc/01\.html: "):
        benchmark(tmp_path, "de")


def test_an_anchor_that_stands_twice_leads_to_the_first(tmp_path: Path) -> None:
    twice = page(("a", "Sums", "On sums."), ("a", "Means", "On means."))
    pages = {**PAGES, "en-US": {**PAGES["en-US"], "scalc/01": twice}}
    index = {"en-US": [("scalc/01", "a", "sums")], "de": []}
    found = benchmark(written(tmp_path, index, pages), "en", level=Level.anchor)

    assert found.qrels == {"scalc/01#a:1_en": {"scalc/01#0": 1}}


def test_an_anchor_that_a_language_lacks_is_named(tmp_path: Path) -> None:
    pages = {**PAGES, "de": {**PAGES["de"], "scalc/01": page(("other", "Summen", "Von Summen."))}}
    with pytest.raises(DataError, match=r"de/text: no scalc/01#a: an anchor of page 'scalc/01' is expected"):
        benchmark(written(tmp_path, pages=pages), "de", setting=Setting.mono, level=Level.anchor)


def test_without_english_nothing_is_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no en here: choose among de"):
        benchmark(written(tmp_path, pages={"de": PAGES["de"]}))


def test_a_language_without_terms_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no fi here: choose among de, en"):
        benchmark(written(tmp_path), "fi")


# Pairs


def test_a_heading_has_the_text_below_it_in_its_language(tmp_path: Path) -> None:
    found = read_pairs(written(tmp_path), ["de"])

    assert [(pair.query, pair.passage.content, pair.language) for pair in found] == [
        ("Zellen", "Von Zellen.", "de"), ("Zeilen", "Zellen Von Zeilen.", "de"),
    ]  # fmt: skip


def test_only_pages_of_the_split_train_give_pairs(tmp_path: Path) -> None:
    assert {pair.passage.id.split("#")[0] for pair in read_pairs(written(tmp_path), None)} == {
        "de:scalc/00", "en:scalc/00",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "queries"),
    [
        (page(("a", "Zellen", "On cells."), ("b", "Zeilen", "Von Zeilen.")), ["Zeilen"]),  # untranslated text
        (page(("a", "Cells", "Von Zellen."), ("b", "Zeilen", "Von Zeilen.")), ["Zeilen"]),  # untranslated heading
        (page(("a", "Mittel", "Von Zellen."), ("b", "Zeilen", "Von Zeilen.")), ["Zeilen"]),  # stands over another text
        (page(("a", "Zellen", "Von Mitteln."), ("b", "Zeilen", "Von Zeilen.")), ["Zeilen"]),  # a test page's text
        (page(("a", '<a href="de/text/scalc/01.html">Zellen</a>', "Von Zellen."), ("b", "Zeilen", "Von.")), ["Zeilen"]),
        (page(("a", "Zellen", ""), ("b", "Zeilen", "Von Zeilen.")), ["Zeilen"]),  # no text
        (page(("a", "Zellen", "Von Zellen."), ("b", "Zellen", "Von Zellen.")), ["Zellen"]),  # the same again
    ],
)
def test_what_does_not_teach_gives_no_pair(tmp_path: Path, content: str, queries: list[str]) -> None:
    pages = {**PAGES, "de": {**PAGES["de"], "scalc/00": content}}

    assert [pair.query for pair in read_pairs(written(tmp_path, pages=pages), ["de"])] == queries


def test_of_equal_pairs_the_first_is_kept(tmp_path: Path) -> None:
    twice = page(("a", "Zellen", "Von Zellen."), ("b", "Zellen", "Von Zellen."))
    pages = {**PAGES, "de": {**PAGES["de"], "scalc/00": twice}}

    assert [pair.passage.id for pair in read_pairs(written(tmp_path, pages=pages), ["de"])] == ["de:scalc/00#0"]


# By the settings


def test_the_settings_name_all_of_it(tmp_path: Path, compose: Callable[..., Any]) -> None:
    options = ("benchmark=libreoffice_help", f"benchmark.path={written(tmp_path)}", "benchmark.languages=[de]")
    settings = compose("train", "train=libreoffice_help", f"train.path={tmp_path}", *options, "benchmark.level=anchor")

    assert len(read_any(settings.benchmark, 0).corpus) == 7
    assert len(read_any_pairs(settings.train.resolved()["libreoffice_help"], 0)) == 4


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["benchmark=libreoffice_help", "benchmark.path=x", "benchmark.setting=mono"], "benchmark.setting=mono: each"),
        (["benchmark=libreoffice_help", "benchmark.path=x", "benchmark.setting=mono", "benchmark.languages=[de,fi]"],
         "benchmark.setting=mono: each language has its own pages; give one language a run"),
        (["benchmark=libreoffice_help", "benchmark.path=x", "benchmark.split=null"], "benchmark.split: is empty"),
        (["benchmark.level=anchor"], "benchmark.level=anchor: benchmark=mini does not read it; leave it out."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_a_fault(overrides: list[str], told: str, compose: Callable[..., Any]) -> None:
    (fault,) = rules.faults(compose("train", *overrides))

    assert fault.startswith(told)


def test_mono_of_one_language_is_none(compose: Callable[..., Any]) -> None:
    options = ("benchmark=libreoffice_help", "benchmark.path=x", "benchmark.setting=mono", "benchmark.languages=[de]")

    assert rules.faults(compose("train", *options)) == []


# The real help


@pytest.fixture(scope="session")
def real_help() -> Path:
    folder = os.environ.get("TYPOGLOT_LIBREOFFICE")
    if not folder or not list(Path(folder).glob("libreoffice-help-en-us_*7.4.7-*.deb")):
        pytest.skip("Debian 12's packages of LibreOffice's help are not here (TYPOGLOT_LIBREOFFICE)")
    return Path(folder)


def test_each_line_of_the_index_is_counted_once() -> None:
    for counts in json.loads(COUNTS.read_text("utf-8")).values():
        assert counts["entries"] == sum(counts["asked"].values()) + sum(counts["left_out"].values())


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("language", json.loads(COUNTS.read_text("utf-8")))
def test_the_help_of_debian_12_is_what_is_documented(real_help: Path, language: str) -> None:
    expected = json.loads(COUNTS.read_text("utf-8"))[language]
    (counts,) = count(real_help, [language])
    queries = benchmark(real_help, language).queries
    rows = [[queries[place].id, queries[place].text] for place in (0, 9, -1)] if queries else []

    assert {**counts._asdict(), "rows": rows} == expected
    for level in Level:
        own = benchmark(real_help, language, setting=Setting.mono, level=level)
        assert own.queries == queries
        assert set().union(*own.qrels.values()) <= {passage.id for passage in own.corpus}
