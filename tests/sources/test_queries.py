from __future__ import annotations

import gzip
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.records import Query
from typoglot.sources.queries import QueryFormat, read_queries

if TYPE_CHECKING:
    from pathlib import Path

TREC = """
<top>
<num> Number: 301
<title> International
Organized Crime

<desc> Description:
Not this.
</top>

<top>
<num>302</num>
<title>Poliomyelitis</title>
</top>
"""


def queries_of(folder: Path, content: str, form: str, language: str | None = "en") -> list[Query]:
    path = folder / "queries.txt"
    path.write_text(content, newline="")
    return read_queries(path, QueryFormat(form), language)


def test_two_columns_need_no_head(tmp_path: Path) -> None:
    assert queries_of(tmp_path, "7\tmikä?\r\n\n8\tkuka?\n", "tsv", "fi") == [
        Query("7", "fi", "mikä?", "7"),
        Query("8", "fi", "kuka?", "8"),
    ]


def test_a_head_may_name_languages_and_translations_in_any_order(tmp_path: Path) -> None:
    content = "id\tlanguage\ttext\tparallel_id\na\tfi\tmikä?\t1\nb\tno\thva?\t1\n"

    assert queries_of(tmp_path, content, "tsv", None) == [
        Query("a", "fi", "mikä?", "1"),
        Query("b", "no", "hva?", "1"),
    ]


def test_translations_may_share_an_id_where_the_benchmark_is_parallel(tmp_path: Path) -> None:
    path = tmp_path / "queries.tsv"
    path.write_text("id\ttext\tlanguage\n1\twhat?\ten\n1\twas?\tde\n")

    assert len(read_queries(path, QueryFormat.tsv, None, parallel=True)) == 2
    with pytest.raises(DataError, match="'1' appears twice"):
        read_queries(path, QueryFormat.tsv, None)
    path.write_text("id\ttext\tlanguage\n1\twhat?\ten\n1\twho?\ten\n")
    with pytest.raises(DataError, match="'1' in 'en' appears twice"):
        read_queries(path, QueryFormat.tsv, None, parallel=True)


def test_two_tags_on_a_line_are_refused_and_another_tag_is_text(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="one tag a line is expected"):
        queries_of(tmp_path, "<top>\n<num>1</num><title>x</title>\n</top>\n", "trec")
    (query,) = queries_of(tmp_path, "<top>\n<num>1\n<title>x < 3 and\n<b>bold</b> z\n</top>\n", "trec")
    assert query.text == "x < 3 and <b>bold</b> z"


def test_topics_of_trec_are_their_titles(tmp_path: Path) -> None:
    assert queries_of(tmp_path, TREC, "trec") == [
        Query("301", "en", "International Organized Crime", "301"),
        Query("302", "en", "Poliomyelitis", "302"),
    ]


def test_topics_may_be_wrapped_as_xml(tmp_path: Path) -> None:
    wrapped = f'<?xml version="1.0"?>\n<topics>{TREC}</topics>\n'

    assert [query.id for query in queries_of(tmp_path, wrapped, "trec")] == ["301", "302"]


def test_a_packed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "topics.tsv.gz"
    path.write_bytes(gzip.compress(b"1\twhat?\n"))

    assert read_queries(path, QueryFormat.tsv, "en") == [Query("1", "en", "what?", "1")]


@pytest.mark.parametrize(
    ("form", "content", "fault"),
    [
        ("tsv", "1\ta\n2\n", ":2: 1 column: id, text, parted by tabs, are expected"),
        ("tsv", "1\ta\n1\tb\n", ":2: query '1' appears twice (first at 1)"),
        ("tsv", "id\ttext\turl\n", ":1: columns id, text, url"),
        ("tsv", "id\ttext\tlanguage\n1\ta\txx\n", ":2: unknown language 'xx'"),
        ("tsv", "1\t \n", ":1: 'text' is ' '"),
        ("trec", "<top>\n<num>1\n<title>a\n", ":1: the topic has no end"),
        ("trec", "<top>\n<num>1\n<top>\n<num>2\n<title>b\n</top>\n", ":1: the topic has no end"),
        ("trec", "<top>\n<title>a\n</top>\n", ":1: 'id' is empty"),
        ("trec", "<top>\n<num>1\n</top>\n", ":1: 'text' is empty"),
        ("trec", "What is this?\n", ":1: 'What is this?' outside of a topic"),
        ("trec", TREC + TREC, ":16: topic '301' appears twice (first at 2)"),
        ("beir", '{"_id": "1"}', ":1: 'text' is missing"),
    ],
)
def test_what_is_no_query_is_refused_with_its_line(tmp_path: Path, form: str, content: str, fault: str) -> None:
    with pytest.raises(DataError) as told:
        queries_of(tmp_path, content, form)

    assert f"queries.txt{fault}" in str(told.value)


@pytest.mark.parametrize(("form", "content"), [("tsv", "1\ta"), ("beir", '{"_id": "1", "text": "a"}'), ("trec", TREC)])
def test_a_query_needs_a_language(tmp_path: Path, form: str, content: str) -> None:
    with pytest.raises(DataError, match=r"query '\d+' has no language"):
        queries_of(tmp_path, content, form, None)


def test_the_first_faults_are_told_and_the_others_counted(tmp_path: Path) -> None:
    with pytest.raises(DataError) as told:
        queries_of(tmp_path, "1\ta\n" + "x\n" * 7 + "2\tb\n", "tsv")

    assert len(str(told.value).splitlines()) == 6
    assert str(told.value).endswith("… and 2 more")


@given(
    content=st.binary() | st.text('<>/topnumile {}[]:,"1\\d\t\r\n').map(str.encode),
    form=st.sampled_from(QueryFormat),
    language=st.sampled_from([None, "en"]),
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_queries_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, form: QueryFormat, language: str | None
) -> None:
    path = tmp_path_factory.mktemp("any") / "queries"
    path.write_bytes(content)

    with suppress(DataError):
        found = read_queries(path, form, language)
        assert len({query.id for query in found}) == len(found)
        assert all(query.text for query in found)
