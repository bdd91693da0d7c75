from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.records import Hit
from typoglot.results import write_run
from typoglot.sources.rankings import Ties, read_ranking

if TYPE_CHECKING:
    from pathlib import Path


def ranked(folder: Path, content: str, ties: Ties = Ties.trec_eval) -> dict[str, list[str]]:
    (folder / "run.trec").write_text(content)
    return {query: [hit.passage_id for hit in hits] for query, hits in read_ranking(folder / "run.trec", ties).items()}


def test_lines_may_come_in_any_order_parted_by_tabs_or_spaces(tmp_path: Path) -> None:
    content = "q1 Q0 b 2 0.5 tag\nq2\tQ0\tx\t1\t3\ttag\nq1\tQ0\ta\t1\t0.75\ttag\nq1  Q0  c  3  -1e-3  tag\n"

    assert ranked(tmp_path, content) == {"q1": ["a", "b", "c"], "q2": ["x"]}


def test_ranks_that_contradict_scores_are_not_believed(tmp_path: Path) -> None:
    assert ranked(tmp_path, "q Q0 a 1 0.1 t\nq Q0 b 2 0.9 t\n") == {"q": ["b", "a"]}


def test_equal_scores_are_ordered_as_trec_eval_does_or_by_rank(tmp_path: Path) -> None:
    content = "q Q0 a 1 0.5 t\nq Q0 c 2 0.5 t\nq Q0 b 3 0.5 t\n"

    assert ranked(tmp_path, content) == {"q": ["c", "b", "a"]}
    assert ranked(tmp_path, content, Ties.rank) == {"q": ["a", "c", "b"]}


def test_scores_are_equal_if_their_fp32_numbers_are(tmp_path: Path) -> None:
    content = "q Q0 a 1 0.50000000002 t\nq Q0 b 2 0.50000000001 t\n"

    assert ranked(tmp_path, content) == {"q": ["b", "a"]}
    assert ranked(tmp_path, content, Ties.rank) == {"q": ["a", "b"]}


def test_our_own_files_are_read_back(tmp_path: Path) -> None:
    run = {"q 1": [Hit("50%", 2.0), Hit("a\tb", 1.5)], "q2": [Hit("x%20y", 0.1)]}
    write_run(tmp_path / "run.trec.gz", run, "our tag")

    assert read_ranking(tmp_path / "run.trec.gz", Ties.rank) == run


@pytest.mark.parametrize("identifier", ["<dbpedia:%C3%A9>", "100%", "%;", "%zz;", "%abcd;", "%0041;"])
def test_percent_signs_of_other_systems_stay(tmp_path: Path, identifier: str) -> None:
    assert ranked(tmp_path, f"q Q0 {identifier} 1 0.5 t\n") == {"q": [identifier]}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("q Q0 a 1 0.5", "query, Q0, passage, rank, score and tag are expected"),
        ("q Q0 a 1 0.5 t t", "query, Q0, passage"),
        ("q Q0 a first 0.5 t", "query, Q0, passage"),
        ("q Q0 a 1 nan t", "score 'nan'"),
        ("q Q0 a 1 x t", "score 'x'"),
        ("q Q0 z 2 0.1 t", "'q' ranks 'z' twice (first at 1)"),
    ],
)
def test_malformed_lines_are_told_and_counted(tmp_path: Path, row: str, fault: str) -> None:
    with pytest.raises(DataError) as told:
        ranked(tmp_path, "q Q0 z 1 0.9 t\n" + f"{row}\n" * 7)

    assert "run.trec:2: " in str(told.value)
    assert fault in str(told.value)
    assert str(told.value).endswith("… and 2 more")


@given(content=st.binary() | st.text("qQ01 .e-\t%;\n").map(str.encode), ties=st.sampled_from(Ties))
@settings(max_examples=120, deadline=None)
def test_any_bytes_are_rankings_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, ties: Ties
) -> None:
    path = tmp_path_factory.mktemp("any") / "run"
    path.write_bytes(content)

    with suppress(DataError):
        for hits in read_ranking(path, ties).values():
            assert len({hit.passage_id for hit in hits}) == len(hits)
