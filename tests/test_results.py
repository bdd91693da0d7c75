"""The files of a run: what is written is what is read, what is altered is refused, and no file is ever half there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typoglot.errors import DataError, OutputError
from typoglot.records import Condition, Edit, Hit, Perturbed, Query, Run
from typoglot.results import (
    DONE,
    INPUTS,
    Point,
    Realised,
    file_stem,
    is_done,
    read_done,
    read_floors,
    read_inputs,
    read_per_query,
    read_points,
    read_queries,
    write_floors,
    write_per_query,
    write_points,
    write_queries,
    write_run,
)
from typoglot.sources.rankings import Ties, read_ranking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POINT = Point(
    benchmark="mini", backbone="mbert", method="contrastive", language="te", profile="uniform", rate=0.1, draw=0,
    xqg_count=0, alpha=0.0, seed=42, measure="recall@10", value=0.5, low=0.4, high=0.6, n=40, word_rate=0.099,
    cer=0.02, ker=None, changed=0.45, seconds=1.5, peak_memory_mb=300.0,
)  # fmt: skip

quick = settings(max_examples=60, deadline=None, database=None)
shares = st.floats(0, 1)
# Any id but the empty one and the byte order mark, which no UTF-8 file can begin with.
ids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufeff"), min_size=1, max_size=8)
runs = st.dictionaries(
    ids,
    st.lists(
        st.builds(Hit, ids, st.floats(allow_nan=False, allow_infinity=False)),
        min_size=1,
        max_size=4,
        unique_by=lambda hit: hit.passage_id,
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all examples of a property."""
    return tmp_path_factory.mktemp("results")


def with_line(path: Path, **changed: Any) -> Path:
    """Points of three lines, the second of them altered."""
    rows = [json.loads(line) for line in json_lines(path, [replace(POINT, draw=draw) for draw in range(3)])]
    rows[1] |= changed
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def json_lines(path: Path, points: list[Point]) -> list[str]:
    """The lines that are written for these points."""
    write_points(path, points)
    return path.read_text(encoding="utf-8").splitlines()


def perturbed(text: str = "x", **changed: Any) -> Perturbed:
    """A misspelt text of four words with two slips."""
    return Perturbed(text, (), words=4, edited=2, changed=True, cer=0.1)._replace(**changed)


# Points


@quick
@given(st.lists(st.tuples(shares, shares, shares, st.integers(1), st.none() | shares, st.floats(0, 9)), max_size=4))
def test_points_are_read_as_they_were_written(folder: Path, rows: list[Any]) -> None:
    points = [
        replace(POINT, draw=draw, value=value, low=min(ends), high=max(ends), n=n, ker=ker, cer=cer)
        for draw, (value, *ends, n, ker, cer) in enumerate(rows)
    ]
    write_points(folder / "points.jsonl", points)

    assert read_points(folder / "points.jsonl") == points


def test_a_point_is_one_line_with_its_fields_by_name(tmp_path: Path) -> None:
    (line,) = json_lines(tmp_path / "points.jsonl", [replace(POINT, benchmark="ਮਿੰਨੀ")])

    assert '"benchmark": "ਮਿੰਨੀ"' in line
    assert json.loads(line)["measure"] == "recall@10"
    assert json.loads(line)["ker"] is None


@pytest.mark.parametrize("field", ["value", "low", "high", "rate", "word_rate", "changed"])
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -0.01, 1.01, 50, 10**400])
def test_a_share_outside_0_to_1_is_refused_with_its_line(tmp_path: Path, field: str, bad: float) -> None:
    path = with_line(tmp_path / "points.jsonl", **{field: bad})

    with pytest.raises(DataError, match=r"points\.jsonl:2: a share outside 0-1"):
        read_points(path)


@pytest.mark.parametrize(("field", "bad"), [("n", 0), ("n", -1), ("cer", -0.01), ("cer", float("nan"))])
def test_no_queries_or_no_error_rate_are_refused_with_their_line(tmp_path: Path, field: str, bad: float) -> None:
    path = with_line(tmp_path / "points.jsonl", **{field: bad})

    with pytest.raises(DataError, match=r"points\.jsonl:2: a share outside 0-1, or no queries"):
        read_points(path)


def test_an_interval_upside_down_is_refused_with_its_line(tmp_path: Path) -> None:
    path = with_line(tmp_path / "points.jsonl", low=0.6, high=0.4)

    with pytest.raises(DataError, match=r"points\.jsonl:2: "):
        read_points(path)


def test_an_error_rate_above_1_is_no_fault(tmp_path: Path) -> None:
    path = with_line(tmp_path / "points.jsonl", cer=1.5)

    assert read_points(path)[1].cer == 1.5


@pytest.mark.parametrize("mode", ["word_rate", "one_per_query", "k_per_query"])
def test_a_point_of_each_mode_is_read_as_it_was_written(tmp_path: Path, mode: str) -> None:
    point = replace(POINT, mode=mode, rate=1.0, ker=0.1, tables="0a1b2c3d")
    write_points(tmp_path / "points.jsonl", [point])

    assert read_points(tmp_path / "points.jsonl") == [point]


def test_a_number_of_slips_may_be_above_1(tmp_path: Path) -> None:
    assert read_points(with_line(tmp_path / "points.jsonl", rate=3, mode="k_per_query"))[1].rate == 3


@pytest.mark.parametrize(("mode", "rate"), [("one_per_query", 2), ("k_per_query", -1), ("k_per_query", float("nan"))])
def test_a_rate_that_its_mode_cannot_count_is_refused_with_its_line(tmp_path: Path, mode: str, rate: float) -> None:
    path = with_line(tmp_path / "points.jsonl", rate=rate, mode=mode)

    with pytest.raises(DataError, match=r"points\.jsonl:2: "):
        read_points(path)


@pytest.mark.parametrize(
    "changed", [{"mode": "per_word"}, {"mode": None}, {"rate": float("inf"), "mode": "k_per_query"}]
)
def test_a_point_of_no_mode_is_refused_with_its_line(tmp_path: Path, changed: dict[str, Any]) -> None:
    path = with_line(tmp_path / "points.jsonl", **changed)

    with pytest.raises(DataError, match=r"points\.jsonl:2: "):
        read_points(path)


def test_a_point_of_the_first_version_counts_words(tmp_path: Path) -> None:
    row = json.loads(json_lines(tmp_path / "points.jsonl", [POINT])[0])
    del row["mode"], row["tables"]
    (tmp_path / "points.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")

    assert [(point.mode, point.tables) for point in read_points(tmp_path / "points.jsonl")] == [("word_rate", "")]


def test_a_number_longer_than_python_reads_is_refused_with_its_line(tmp_path: Path) -> None:
    line = json_lines(tmp_path / "points.jsonl", [POINT])[0].replace('"n": 40', f'"n": {"9" * 5000}')
    (tmp_path / "points.jsonl").write_text(f"{line}\n", encoding="utf-8")

    with pytest.raises(DataError, match=r"points\.jsonl:1: not readable as JSON"):
        read_points(tmp_path / "points.jsonl")


@pytest.mark.parametrize("bad", ["0.5", None, [0.5]])
@pytest.mark.parametrize("field", ["value", "low", "rate", "word_rate", "changed", "n", "cer"])
def test_a_text_where_a_number_belongs_is_refused_with_its_line(tmp_path: Path, field: str, bad: object) -> None:
    path = with_line(tmp_path / "points.jsonl", **{field: bad})

    with pytest.raises(DataError, match=r"points\.jsonl:2: not a point"):
        read_points(path)


def test_a_column_too_many_is_refused_with_its_line_and_name(tmp_path: Path) -> None:
    path = with_line(tmp_path / "points.jsonl", colour="red")

    with pytest.raises(DataError, match=r"points\.jsonl:2: not a point .*colour"):
        read_points(path)


def test_a_column_too_few_is_refused_with_its_line_and_name(tmp_path: Path) -> None:
    row = json.loads(json_lines(tmp_path / "points.jsonl", [POINT])[0])
    del row["low"]
    (tmp_path / "points.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")

    with pytest.raises(DataError, match=r"points\.jsonl:1: not a point .*low"):
        read_points(tmp_path / "points.jsonl")


@pytest.mark.parametrize("line", ["{", "nonsense", '{"value": 0.5} {"value": 0.6}'])
def test_a_line_that_is_not_json_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "points.jsonl"
    path.write_text(f"{json_lines(path, [POINT])[0]}\n{line}\n", encoding="utf-8")

    with pytest.raises(DataError, match=r"points\.jsonl:2: not JSON"):
        read_points(path)


def test_a_point_that_stands_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    write_points(path, [POINT, replace(POINT, measure="mrr@10"), replace(POINT, value=0.6, seconds=9.0)])

    with pytest.raises(DataError, match=r"points\.jsonl:3: point 'recall@10 te .*' appears twice \(first at 1\)"):
        read_points(path)


@pytest.mark.parametrize(
    "other", [{"language": "fi"}, {"draw": 1}, {"rate": 0.2}, {"xqg_count": 5}, {"alpha": 0.5}, {"profile": "human"}]
)
def test_points_that_differ_in_one_condition_are_two(tmp_path: Path, other: dict[str, Any]) -> None:
    write_points(tmp_path / "points.jsonl", [POINT, replace(POINT, **other)])

    assert len(read_points(tmp_path / "points.jsonl")) == 2


@pytest.mark.parametrize(("field", "bad"), [("language", ["te"]), ("backbone", 1), ("draw", 0.5), ("seconds", "1")])
def test_a_column_of_another_kind_is_refused_with_its_line_and_name(tmp_path: Path, field: str, bad: object) -> None:
    with pytest.raises(DataError, match=rf"points\.jsonl:2: not a point \('{field}' is "):
        read_points(with_line(tmp_path / "points.jsonl", **{field: bad}))


def test_points_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"points\.jsonl: cannot be read"):
        read_points(tmp_path / "points.jsonl")


# Rankings


@quick
@given(runs)
def test_a_ranking_is_read_as_it_was_written(folder: Path, run: Run) -> None:
    write_run(folder / "run.trec", run, "tag")

    ranked = {query: sorted(hits, key=lambda hit: -hit.score) for query, hits in run.items()}
    assert read_ranking(folder / "run.trec", Ties.rank) == ranked


def test_a_ranking_has_trec_s_six_columns(tmp_path: Path) -> None:
    write_run(tmp_path / "run.trec", {"q1": [Hit("p7", 0.5), Hit("p3", 0.25)]}, "mbert")

    assert (tmp_path / "run.trec").read_text() == "q1 Q0 p7 1 0.5 mbert\nq1 Q0 p3 2 0.25 mbert\n"


@pytest.mark.parametrize("name", ["a b", " a", "a\tb\n", "50%", "%0020;", "a\u3000b", "a\u00a0b", "a\u2028b", "%;%"])
def test_an_id_may_hold_spaces_and_percent_signs(tmp_path: Path, name: str) -> None:
    write_run(tmp_path / "run.trec", {name: [Hit(name, 1.0)]}, "tag")

    (line,) = (tmp_path / "run.trec").read_text(encoding="utf-8").splitlines()
    assert len(line.split()) == 6
    assert read_ranking(tmp_path / "run.trec", Ties.rank) == {name: [Hit(name, 1.0)]}


def test_ids_that_differ_in_white_space_stay_apart(tmp_path: Path) -> None:
    run = {name: [Hit("p", 1.0)] for name in ("a b", "a\tb", "ab", "a%0020;b")}
    write_run(tmp_path / "run.trec", run, "tag")

    assert read_ranking(tmp_path / "run.trec", Ties.rank) == run


def test_a_score_is_read_back_to_the_last_bit(tmp_path: Path) -> None:
    scores = [1 / 3, 0.1 + 0.2, 5e-324, -1.7976931348623157e308]
    hits = [Hit(f"p{number}", score) for number, score in enumerate(scores)]
    write_run(tmp_path / "run.trec", {"q": hits}, "tag")

    assert read_ranking(tmp_path / "run.trec", Ties.rank)["q"] == hits


def test_a_ranking_may_be_gzipped(tmp_path: Path) -> None:
    run = {"q": [Hit("p", 0.5)]}
    write_run(tmp_path / "run.trec.gz", run, "tag")

    assert (tmp_path / "run.trec.gz").read_bytes().startswith(b"\x1f\x8b")
    assert read_ranking(tmp_path / "run.trec.gz", Ties.rank) == run


def test_equal_rankings_make_equal_gzip_files(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        write_run(tmp_path / name, {"q": [Hit("p", 0.5)]}, "tag")

    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_two_queries_may_rank_the_same_passage(tmp_path: Path) -> None:
    run = {"q": [Hit("p", 0.5)], "r": [Hit("p", 0.5)]}
    write_run(tmp_path / "run.trec", run, "tag")

    assert read_ranking(tmp_path / "run.trec", Ties.rank) == run


# Whole or not at all


def failing(points: list[Point]) -> Iterator[Point]:
    """Some points, and then the power goes."""
    yield from points
    raise KeyboardInterrupt


def test_points_that_fail_half_way_leave_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_points(tmp_path / "points.jsonl", failing([POINT] * 1000))

    assert list(tmp_path.iterdir()) == []


def test_points_that_fail_half_way_leave_the_old_file_as_it_was(tmp_path: Path) -> None:
    write_points(tmp_path / "points.jsonl", [POINT])
    with pytest.raises(KeyboardInterrupt):
        write_points(tmp_path / "points.jsonl", failing([POINT] * 1000))

    assert read_points(tmp_path / "points.jsonl") == [POINT]
    assert len(list(tmp_path.iterdir())) == 1


def test_points_are_not_to_be_seen_before_they_are_whole(tmp_path: Path) -> None:
    seen: list[bool] = []

    def watched() -> Iterator[Point]:
        yield POINT
        seen.append((tmp_path / "points.jsonl").exists())

    write_points(tmp_path / "points.jsonl", watched())
    assert seen == [False]
    assert [path.name for path in tmp_path.iterdir()] == ["points.jsonl"]


@pytest.mark.parametrize("name", ["run.trec", "run.trec.gz"])
def test_a_ranking_that_fails_half_way_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    run: Run = {"q": [Hit("p", 0.5)], "r": [None]}  # type: ignore[list-item]
    with pytest.raises(AttributeError):
        write_run(tmp_path / name, run, "tag")

    assert list(tmp_path.iterdir()) == []


def test_a_table_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    frame = pl.DataFrame({"x": [object()]}, schema={"x": pl.Object})
    with pytest.raises(Exception):  # noqa: B017, PT011  polars' own, or its panic
        write_per_query(tmp_path / "per_query.parquet", frame)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"nowhere/points\.jsonl"):
        write_points(tmp_path / "nowhere" / "points.jsonl", [POINT])


# Tables and queries


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    frame = pl.DataFrame({"query": ["q1", "q2"], "recall@10": [0.5, 1.0]})
    write_per_query(tmp_path / "per_query.parquet", frame)

    assert pl.read_parquet(tmp_path / "per_query.parquet").equals(frame)


def table(folder: Path, **changed: Any) -> Path:
    """The table of two queries under two rates, in a run's folder."""
    columns = {
        "query": ["q1", "q2"] * 2, "rate": [0.0, 0.0, 0.1, 0.1], "draw": [0] * 4, "xqg_count": [0] * 4,
        "alpha": [0.0] * 4, "recall@10": [1.0, 0.5, 1.0, 0.0],
    }  # fmt: skip
    write_per_query(folder / "per_query.parquet", pl.DataFrame(columns | changed))
    return folder


def test_a_run_s_table_is_read_whole(tmp_path: Path) -> None:
    assert read_per_query(table(tmp_path), "recall@10", ("query", "rate")).height == 4


def test_a_query_that_stands_twice_under_a_condition_is_refused_and_counted(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"2 rows are of a query that stood before .* \(first: {'query': 'q1', 'rate'"):
        read_per_query(table(tmp_path, query=["q1", "q1"] * 2))


def test_columns_of_another_kind_are_refused_and_named(tmp_path: Path) -> None:
    wrong = {"query": [1, 2, 1, 2], "rate": ["0", "0", "0.1", "0.1"], "recall@10": [[1.0]] * 4}
    with pytest.raises(DataError, match=r"kind: query \(Int64\), rate \(String\), recall@10 \(List\(Float64\)\): "):
        read_per_query(table(tmp_path, **wrong))


@quick
@given(data=st.data())
def test_a_table_that_ends_too_early_or_is_none_is_refused(folder: Path, data: st.DataObject) -> None:
    path = table(folder) / "per_query.parquet"
    whole = path.read_bytes()
    cut = st.integers(0, len(whole) - 1).map(lambda end: whole[:end])
    path.write_bytes(data.draw(cut | st.binary(max_size=200)))

    with pytest.raises(DataError, match=r"per_query\.parquet: cannot be read"):
        read_per_query(folder)


def test_a_table_over_which_polars_panics_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def panicking(_: object) -> None:
        raise pl.exceptions.PanicException("called `Result::unwrap()` on an `Err` value")

    monkeypatch.setattr(pl, "read_parquet", panicking)
    with pytest.raises(DataError, match=r"per_query\.parquet: cannot be read \(called"):
        read_per_query(table(tmp_path))


@pytest.mark.parametrize(
    "changed", [{"value": "0.2"}, {"value": 1.5}, {"value": 0.05}, {"low": -0.1}, {"measure": None}, {"exact": 1}]
)
def test_a_floor_of_another_kind_is_refused_with_its_place(tmp_path: Path, changed: dict[str, Any]) -> None:
    floor = {"language": "all", "answer_type": "", "value": 0.2, "low": 0.1, "high": 0.3, "exact": False, "n": 3}
    rows = [{"measure": name, **floor, "passages": 9} for name in ("R@2kt", "R@5kt")]
    write_floors(tmp_path / "floor.json", [rows[0], rows[1] | changed])

    with pytest.raises(DataError, match=r"floor\.json:\d+ \(item 2\): "):
        read_floors(tmp_path)


def test_a_misspelt_query_is_read_as_it_was_written(tmp_path: Path) -> None:
    noisy = [Perturbed("wie?", (Edit(0, 3, "delete", "mechanical", "Wwie", "wie"),), 1, 1, changed=True, cer=0.25)]
    write_queries(tmp_path / "queries.jsonl.gz", [Query("q", "de", "Wwie?", "p")], noisy)

    (row,) = read_queries(tmp_path / "queries.jsonl.gz")
    assert (row["id"], row["clean"], row["text"], row["edits"][0]["before"]) == ("q", "Wwie?", "wie?", "Wwie")


@pytest.mark.parametrize("edits", [["wie"], [{"before": "a"}], [{"before": "a", "after": None}], None])
def test_a_misspelt_query_without_its_slips_is_refused_with_its_line(tmp_path: Path, edits: object) -> None:
    row = {"id": "q", "language": "de", "text": "wie?", "clean": "Wwie?", "edits": edits}
    (tmp_path / "queries.jsonl").write_text(json.dumps(row))

    with pytest.raises(DataError, match=r"queries\.jsonl:1: not a misspelt query \("):
        list(read_queries(tmp_path / "queries.jsonl"))


def test_a_misspelt_query_is_written_with_its_clean_text_and_slips(tmp_path: Path) -> None:
    noisy = Perturbed("wie?", (Edit(0, 3, "delete", "mechanical", "Wwie", "wie"),), 1, 1, changed=True, cer=0.25)
    write_queries(tmp_path / "queries.jsonl", [Query("q", "de", "Wwie?", "p")], [noisy])

    assert json.loads((tmp_path / "queries.jsonl").read_text()) == {
        "id": "q", "language": "de", "text": "wie?", "clean": "Wwie?", "words": 1, "cer": 0.25, "ker": None,
        "edits": [{"start": 0, "end": 3, "op": "delete", "kind": "mechanical", "before": "Wwie", "after": "wie"}],
    }  # fmt: skip


def test_queries_and_misspelt_texts_of_different_number_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zip"):
        write_queries(tmp_path / "queries.jsonl", [Query("q", "de", "Wie?", "p")], [])

    assert list(tmp_path.iterdir()) == []


# What was realised


def test_the_word_rate_is_that_of_all_words_together() -> None:
    # One of one and two of nine: 3 / 10, not the mean of 1 and 2/9.
    assert Realised([perturbed(words=1, edited=1), perturbed(words=9, edited=2)]).figures()["word_rate"] == 0.3


def test_the_character_error_rate_is_the_mean_over_queries() -> None:
    assert Realised([perturbed(cer=0.25), perturbed(cer=0.75)]).figures()["cer"] == 0.5


def test_the_changed_share_counts_queries() -> None:
    assert Realised([perturbed(), perturbed(), perturbed(edited=0, changed=False)]).figures()["changed"] == 2 / 3


def test_a_query_whose_slips_cancel_each_other_is_not_changed() -> None:
    assert Realised([perturbed(edited=2, changed=False), perturbed(edited=1)]).figures()["changed"] == 1 / 2


def test_the_keystroke_error_rate_is_the_mean_of_those_that_have_one() -> None:
    assert Realised([perturbed(ker=0.5), perturbed(), perturbed(ker=0.25)]).figures()["ker"] == 0.375
    assert Realised([perturbed()]).figures()["ker"] is None


def test_no_queries_at_all_have_no_errors() -> None:
    assert Realised().figures() == {"word_rate": 0, "cer": 0, "ker": None, "changed": 0}


def test_queries_may_be_counted_one_after_the_other() -> None:
    queries = [perturbed(words=1, edited=1, ker=0.5), perturbed(words=9, edited=2), perturbed(cer=0.3, changed=False)]
    counted = Realised()
    for one in queries:
        counted.add(one)

    assert counted.figures() == Realised(queries).figures()
    assert (counted.queries, counted.words, counted.edited) == (3, 14, 5)


def test_slips_are_counted_by_class() -> None:
    slip = Edit(0, 3, "delete", "mechanical", "owl", "ow")
    found = Realised([perturbed(edits=(slip, slip._replace(kind="spacing"))), perturbed(edits=(slip,))])

    assert found.kinds == {"mechanical": 2, "spacing": 1}


def test_queries_without_words_have_word_rate_0() -> None:
    assert Realised([perturbed(words=0, edited=0)]).figures()["word_rate"] == 0


@pytest.mark.parametrize(
    ("rate", "stem"), [(0.0, "typo-rate0-draw2"), (0.05, "typo-rate0.05-draw2"), (1.0, "typo-rate1-draw2")]
)
def test_a_file_is_called_by_profile_rate_and_draw(rate: float, stem: str) -> None:
    assert file_stem(Condition("mini", "mbert", "contrastive", "typo", rate, 2, 0, 0.0, 42)) == stem


@pytest.mark.parametrize(
    ("mode", "rate", "stem"),
    [("one_per_query", 0.5, "human-one0.5-draw0"), ("k_per_query", 2.0, "human-k2-draw0")],
)
def test_a_file_of_another_mode_is_called_by_it(mode: str, rate: float, stem: str) -> None:
    assert file_stem(Condition("mini", "mbert", "contrastive", "human", rate, 0, 0, 0.0, 42, mode)) == stem


@pytest.mark.parametrize("text", ["", "[0.5]", "{}", '{"value": "high"}', '{"value": null}', "\udcff", "[" * 100_000])
def test_a_mark_that_is_damaged_is_named_and_means_that_the_run_is_not_finished(text: str, tmp_path: Path) -> None:
    (tmp_path / DONE).write_text(text, "utf-8", errors="surrogateescape")

    assert not is_done(tmp_path)
    with pytest.raises(DataError, match=r"done\.json: is damaged \(.*\): the command that made the run makes it again"):
        read_done(tmp_path)


@pytest.mark.parametrize("text", ["", "{}"])
def test_a_damaged_fingerprint_is_named_with_the_ways_out(text: str, tmp_path: Path) -> None:
    assert read_inputs(tmp_path) is None
    (tmp_path / INPUTS).write_text(text)

    with pytest.raises(DataError, match=r"inputs\.json: is damaged .*: resume=never begins the run anew; .* delete"):
        read_inputs(tmp_path)
