"""What the page is given: every number of it, and the words beside them."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.made_runs import Made, make_run

from typoglot.report import Wanted, gather, page_data
from typoglot.results import read_points, write_points

SMALL = Made(questions=6, languages=("en", "ar"), rates=(0.0, 0.3), measures=("recall@1", "mrr@10"), steps=500)


def data(folder: Path, **wanted: Any) -> dict[str, Any]:
    return page_data(gather([folder]), Wanted(**{"measure": "recall@1", **wanted}))


def unpacked(text: str) -> list[int]:
    return [int(one) for one in np.frombuffer(base64.b64decode(text), dtype="<i4")]


def test_the_values_are_those_of_the_points(tmp_path: Path) -> None:
    run = make_run(tmp_path / "one", 1, SMALL)
    (group,) = data(tmp_path)["groups"]
    values = np.array(unpacked(group["rows"][0]["values"])).reshape(3, 2, 2, 3)

    for point in read_points(run / "points.jsonl"):
        at = (group["languages"].index(point.language), group["measures"].index(point.measure), int(point.rate > 0))
        assert values[at] / 1e6 == pytest.approx([point.value, point.low, point.high], abs=5e-7)


def test_what_is_not_known_is_no_number(tmp_path: Path) -> None:
    make_run(tmp_path / "one", 1, SMALL)
    make_run(tmp_path / "two", 2, replace(SMALL, rates=(0.0,)))

    assert set(unpacked(data(tmp_path)["groups"][0]["rows"][1]["values"])[3:6]) == {-(2**31)}


def test_all_of_it_is_json(tmp_path: Path) -> None:
    make_run(tmp_path / "one", 1, replace(SMALL, mixes=((0, 0.0), (1, 0.1), (1, 0.2))))
    make_run(tmp_path / "two", 2, replace(SMALL, rates=(0.0,)))

    json.dumps(data(tmp_path), allow_nan=False)


def test_runs_that_were_asked_other_queries_are_not_compared(tmp_path: Path) -> None:
    for name, made in (("one", SMALL), ("two", SMALL), ("three", replace(SMALL, questions=5))):
        make_run(tmp_path / name, 1, made)

    assert [(one["queries"], len(one["rows"])) for one in data(tmp_path)["groups"]] == [(12, 2), (10, 1)]


def test_the_baseline_is_the_run_that_was_named(tmp_path: Path) -> None:
    for seed, name in enumerate(("one", "two")):
        make_run(tmp_path / name, seed, SMALL)

    assert data(tmp_path, baseline=str((tmp_path / "two").resolve()))["groups"][0]["baseline"] == 1
    assert data(tmp_path)["groups"][0]["baseline"] == 0


def test_only_differences_between_runs_are_listed(tmp_path: Path) -> None:
    make_run(tmp_path / "one", 1, SMALL)
    make_run(tmp_path / "two", 2, replace(SMALL, settings={"optimizer": {"learning_rate": 0.1}}))

    assert data(tmp_path)["facts"] == {"seed": ["1", "2"], "optimizer.learning_rate": ["–", "0.1"]}


def test_a_surface_has_every_count_and_alpha_and_plain_passages_at_each_alpha(tmp_path: Path) -> None:
    run = make_run(tmp_path / "one", 1, replace(SMALL, mixes=((0, 0.0), (1, 0.1), (1, 0.2), (5, 0.1), (5, 0.2))))
    (surface,) = data(tmp_path)["groups"][0]["surfaces"]
    values = np.array(unpacked(surface["values"])).reshape(3, 2, 2, 2, 3)
    points = {
        (p.xqg_count, p.alpha): p.value for p in read_points(run / "points.jsonl")
        if (p.language, p.measure, p.rate) == ("all", "mrr@10", 0.3)
    }  # fmt: skip

    assert (surface["counts"], surface["alphas"]) == ([0, 1, 5], [0.1, 0.2])
    assert values[2, 1, 1, 1, 0] / 1e6 == pytest.approx(points[5, 0.2], abs=5e-7)
    assert values[0, 0, 1, 1, 0] == values[0, 1, 1, 1, 0]


def test_a_long_training_is_thinned_to_means_and_ends_at_its_end(tmp_path: Path) -> None:
    make_run(tmp_path / "one", 1, SMALL)
    loss = data(tmp_path)["runs"][0]["training"]["loss"]

    assert len(loss) == 125
    assert loss[-1][0] == 500


def test_a_clean_score_near_the_floor_is_marked_and_told(tmp_path: Path) -> None:
    run = make_run(tmp_path / "one", 1, SMALL)
    points = read_points(run / "points.jsonl")
    write_points(
        run / "points.jsonl",
        [replace(p, value=0.01, low=0.0, high=0.02) if p.language == "ar" and not p.rate else p for p in points],
    )
    (group,) = data(tmp_path)["groups"]

    assert group["rows"][0]["low"]["recall@1"] == ["ar"]
    assert "Floor: on clean queries made scores 1.0 % (ar)" in group["cautions"]["recall@1"][0]


def test_a_run_that_did_not_keep_the_size_of_its_corpus_has_an_unknown_floor(tmp_path: Path) -> None:
    (make_run(tmp_path / "one", 1, SMALL) / "examples.jsonl").unlink()
    (group,) = data(tmp_path)["groups"]

    assert group["rows"][0]["low"]["recall@1"] == []
    assert "Floor unknown: made" in " ".join(group["cautions"]["recall@1"])


def test_losses_are_told_by_edited_pieces(tmp_path: Path) -> None:
    make_run(tmp_path / "one", 1, replace(SMALL, questions=60))
    found = data(tmp_path)["groups"][0]["fragments"][0]

    assert [name for name, *_ in found["bins"]] == ["0", "1", "2", "3–4", "5–8"]
    assert sum(queries for _, queries, *_ in found["bins"]) == 120
    assert [language for language, *_ in found["languages"]] == ["ar", "en"]


def test_without_pieces_nothing_is_told_of_them(tmp_path: Path) -> None:
    make_run(tmp_path / "one", 1, replace(SMALL, pieces=False))

    assert data(tmp_path)["groups"][0]["fragments"] == [None]


def test_an_example_is_in_pieces_that_make_its_texts(tmp_path: Path) -> None:
    make_run(tmp_path / "one", 1, SMALL)
    _, _, clean, misspelt, *_ = data(tmp_path)["examples"]["runs"][0]["examples"][0]

    assert clean == ["Wh", "i", "ch planet has the <script>alert(1)</script> most moons & rings?"]
    assert misspelt == ["Wh", "x", clean[2]]
