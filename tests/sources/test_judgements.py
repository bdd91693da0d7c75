from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError
from typoglot.sources.judgements import JudgementFormat, Known, read_qrels, write_qrels

if TYPE_CHECKING:
    from pathlib import Path

TREC, BEIR = JudgementFormat.trec, JudgementFormat.beir


def write(folder: Path, content: str) -> Path:
    (folder / "qrels.txt").write_text(content)
    return folder / "qrels.txt"


@pytest.mark.parametrize("gap", ["\t", " ", "   ", " \t"])
def test_columns_of_trec_are_parted_by_any_white_space(tmp_path: Path, gap: str) -> None:
    content = "".join(f"{gap.join(row.split())}\n" for row in ("q1 0 d1 2", "q1 Q0 d2 0", "q2 0 d1 -1"))

    assert read_qrels([write(tmp_path, content)], TREC) == {"q1": {"d1": 2, "d2": 0}, "q2": {"d1": 0}}


def test_tabs_part_ids_that_hold_spaces(tmp_path: Path) -> None:
    assert read_qrels([write(tmp_path, "q 1\t0\td 1\t1\n")], TREC) == {"q 1": {"d 1": 1}}


def test_judgements_are_read_as_ir_measures_reads_them(tmp_path: Path) -> None:
    path = write(tmp_path, "q1 0 d1 2\nq1\t0\td2\t0\nq2  0  d#3  1\n")
    judge = {(row.query_id, row.doc_id): row.relevance for row in ir_measures.read_trec_qrels(str(path))}

    found = read_qrels([path], TREC)

    assert {(query, passage): grade for query, own in found.items() for passage, grade in own.items()} == judge


def test_several_files_are_one_set(tmp_path: Path) -> None:
    one, two = tmp_path / "a.txt", tmp_path / "b.txt"
    one.write_text("q1 0 d1 1\n")
    two.write_text("q1 0 d2 1\n")

    assert read_qrels([one, two], TREC) == {"q1": {"d1": 1, "d2": 1}}
    with pytest.raises(DataError, match=r"a\.txt:1: 'q1' and 'd1' are judged twice"):
        read_qrels([one, one], TREC)


def test_unknown_ids_are_told_and_counted(tmp_path: Path) -> None:
    known = Known(frozenset({"q1"}), ["d1"], "a and b")
    path = write(tmp_path, "q1 0 d1 1\n" + "".join(f"q1 0 x{number} 1\n" for number in range(8)) + "q2 0 d1 1\n")

    with pytest.raises(DataError) as told:
        read_qrels([path], TREC, known)

    assert "qrels.txt:2: unknown passage 'x0': judgements must name ids of a and b" in str(told.value)
    assert str(told.value).endswith("… and 4 more")


@pytest.mark.parametrize("row", ["q1 0 d1", "q1 0 d1 x", "q1 0 d1 1 1", "q1 0 d1 1.5", "q1 0 d1 9999999999"])
def test_what_is_no_judgement_is_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(DataError, match=r"qrels\.txt:2: .*a whole grade"):
        read_qrels([write(tmp_path, f"q1 0 d1 1\n{row}\n")], TREC)


@pytest.mark.parametrize(("form", "row"), [("trec", "q1 0 d1 2.0"), ("beir", "q1\td1\t2.0")])
def test_a_whole_grade_may_be_written_with_a_point(tmp_path: Path, form: str, row: str) -> None:
    assert read_qrels([write(tmp_path, row)], JudgementFormat(form)) == {"q1": {"d1": 2}}


def test_written_judgements_are_read_back(tmp_path: Path) -> None:
    qrels = {"q1": {"d1": 2, "d2": 0}, "é": {"#": 1}}
    write_qrels(tmp_path / "out.txt.gz", qrels)

    assert read_qrels([tmp_path / "out.txt.gz"], TREC) == qrels


@pytest.mark.parametrize("identifier", ["", "a b", "a\u2028b"])
def test_an_id_that_would_part_columns_is_not_written(tmp_path: Path, identifier: str) -> None:
    with pytest.raises(DataError, match="without white space"):
        write_qrels(tmp_path / "out.txt", {"q": {identifier: 1}})
    assert not list(tmp_path.iterdir())


@given(content=st.binary() | st.text("q1d0\t \r\n-").map(str.encode), form=st.sampled_from(JudgementFormat))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_judgements_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, form: JudgementFormat
) -> None:
    path = tmp_path_factory.mktemp("any") / "qrels"
    path.write_bytes(content)

    with suppress(DataError):
        assert all(grade >= 0 for own in read_qrels([path], form).values() for grade in own.values())
