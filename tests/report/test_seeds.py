"""Runs that differ in their seed alone, shown as one: against `typoglot compare --seeds`."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.made_runs import Made, make_run
from typer.testing import CliRunner

from typoglot import cli
from typoglot.measures import macro_intervals, macros_over_trainings, mean_over_trainings
from typoglot.report import (
    Form,
    Gathered,
    Wanted,
    averaged,
    gather,
    labelled_runs,
    page_data,
    summary_table,
    text_tables,
)
from typoglot.report.folders import Run
from typoglot.results import MACRO, POOLED, read_points, write_points

MADE = Made(questions=15, languages=("en", "ar"), rates=(0.0, 0.1, 0.3), measures=("recall@1", "mrr@10"), steps=5)


def make_system(folder: Path, label: str, seeds: tuple[int, ...], made: Made = MADE, **settings: Any) -> list[Path]:
    """Runs of one backbone; systems of other labels have other scores by chance."""
    own = {"backbone": {"label": label, "name": label}, **settings}
    return [
        make_run(folder / f"{label}{seed}", 100 * ord(label) + seed, replace(made, settings={**own, "seed": seed}))
        for seed in seeds
    ]


def shown(folder: Path, **wanted: Any) -> dict[str, Any]:
    data = page_data(averaged(gather([folder])), Wanted(**{"measure": "recall@1", **wanted}))
    json.dumps(data, allow_nan=False)
    return data


def unpacked(text: str) -> np.ndarray:
    whole = np.frombuffer(base64.b64decode(text), dtype="<i4").astype(float)
    return np.where(whole == -(2**31), np.nan, whole / 1e6)


def compared(folder: Path, *options: str) -> list[dict[str, Any]]:
    """What the command says of a folder's runs."""
    runs = sorted(str(run) for run in folder.iterdir() if run.is_dir())
    words = ["compare", *runs, "--seeds", "--measure", "recall@1", "--json", str(folder / "found.json"), *options]
    assert CliRunner().invoke(cli.app, words).exit_code == 0
    found: list[dict[str, Any]] = json.loads((folder / "found.json").read_text())["compared"]
    return found


def values(group: dict[str, Any], row: int) -> np.ndarray:
    """(languages, measures, rates, 3)."""
    shape = (len(group["languages"]), len(group["measures"]), len(group["rates"]), 3)
    return unpacked(group["rows"][row]["values"]).reshape(shape)


def rows_against(group: dict[str, Any]) -> np.ndarray:
    """(baselines, rows, columns, 4) of recall@1."""
    count, columns = len(group["rows"]), 2 * len(group["rates"]) - 1
    return unpacked(group["tests"]["found"][f"{POOLED} recall@1"]).reshape(count, count, columns, 4)


@pytest.mark.parametrize("seeds", [(1, 2, 3), (1, 2)])
def test_a_system_has_the_values_and_the_intervals_of_compare(seeds: tuple[int, ...], tmp_path: Path) -> None:
    for label in "ab":
        make_system(tmp_path, label, seeds)
    (group,) = shown(tmp_path)["groups"]

    assert len(group["rows"]) == 2
    for found in compared(tmp_path):
        at = group["languages"].index(found["language"])
        for row, key in enumerate(("value_a", "value_b")):
            judge = [found[key][end] for end in ("value", "low", "high")]
            assert values(group, row)[at, 0, -1] == pytest.approx(judge, abs=5.1e-7)


@pytest.mark.parametrize(("seeds", "of"), [((1, 2, 3), "p_t"), ((1, 2), "p")])
def test_a_pair_is_tested_as_compare_tests_it(seeds: tuple[int, ...], of: str, tmp_path: Path) -> None:
    make_system(tmp_path, "a", (1, 2, 3))
    make_system(tmp_path, "b", seeds)
    (group,) = shown(tmp_path)["groups"]
    judge = compared(tmp_path)[-1]["difference"]

    found = rows_against(group)[1, 0, len(group["rates"]) - 1]
    assert found[0] == pytest.approx(judge["value"], abs=5.1e-7)
    sure = 5.1e-5 if of == "p_t" else 0.02  # resampled by other draws
    assert found[1:] == pytest.approx([judge["low"], judge["high"], judge[of]], abs=sure)
    assert [row["covers"] for row in group["rows"]] == [True, of == "p_t"]


def test_a_loss_is_tested_as_compare_tests_it(tmp_path: Path) -> None:
    for label in "ab":
        make_system(tmp_path, label, (1, 2, 3))
    (group,) = shown(tmp_path)["groups"]
    compared(tmp_path, "--interaction")
    judge = json.loads((tmp_path / "found.json").read_text())["interacted"][-1]["interaction"]["absolute"]

    expected = [judge[key] for key in ("value", "low", "high", "p_t")]
    assert rows_against(group)[1, 0, -1] == pytest.approx(expected, abs=5.1e-7)


def test_a_mixture_is_tested_against_the_plain_passages_of_the_same_trainings(tmp_path: Path) -> None:
    make_system(tmp_path, "a", (1, 2, 3), replace(MADE, mixes=((0, 0.0), (1, 0.1))))
    make_system(tmp_path, "b", (1, 2, 3))
    (group,) = shown(tmp_path)["groups"]

    frames = [own.queries.filter(rate=0.3).sort("query") for own in gather([tmp_path]).runs[:3]]
    scores = [np.stack([one.filter(xqg_count=count)["recall@1"] for one in frames], axis=1) for count in (0, 1)]
    clusters = list(frames[0].filter(xqg_count=0)["parallel_id"])
    judge = mean_over_trainings(scores[1] - scores[0], clusters)
    assert group["rows"][1]["label"].endswith("1 at α 0.1")
    assert rows_against(group)[0, 1, 2, :3] == pytest.approx(tuple(judge), abs=5.1e-7)


def test_each_runs_value_stands_beside_their_mean(tmp_path: Path) -> None:
    runs = make_system(tmp_path, "a", (1, 2, 3))
    (group,) = shown(tmp_path)["groups"]
    each = [unpacked(text).reshape(3, 2, 3)[0, 0, 2] for text in group["rows"][0]["each"]]

    points = [point for run in runs for point in read_points(run / "points.jsonl")]
    told = [p.value for p in points if (p.language, p.measure, p.rate) == (POOLED, "recall@1", 0.3)]
    assert each == pytest.approx(told, abs=5.1e-7)
    assert values(group, 0)[0, 0, 2, 0] == pytest.approx(np.mean(told), abs=5.1e-7)


def test_the_runs_themselves_keep_their_trainings_examples_and_commands(tmp_path: Path) -> None:
    make_system(tmp_path, "a", (1, 2, 3))
    data = shown(tmp_path)

    assert [one["label"] for one in data["runs"]] == ["a · seed=1", "a · seed=2", "a · seed=3"]
    assert [one["command"][-4:] for one in data["runs"]] == ["9701", "9702", "9703"]
    assert [len(one["training"]["loss"]) for one in data["runs"]] == [5, 5, 5]
    assert len(data["examples"]["runs"]) == 3
    assert data["groups"][0]["rows"][0]["runs"] == [0, 1, 2]


def test_number_and_seeds_stand_beside_the_label(tmp_path: Path) -> None:
    make_system(tmp_path, "a", (10, 9, 1))
    make_system(tmp_path, "b", (7,))
    (group,) = shown(tmp_path)["groups"]

    assert [row["label"] for row in group["rows"]] == ["a · 3 seeds: 1, 9, 10", "b · seed 7"]


def test_another_setting_makes_another_system(tmp_path: Path) -> None:
    for rate in (0.1, 0.2):
        make_system(tmp_path / str(rate), "a", (1, 2), optimizer={"learning_rate": rate})
    (group,) = shown(tmp_path)["groups"]

    told = [row["label"] for row in group["rows"]]
    assert told == [f"a · learning_rate={rate} · 2 seeds: 1, 2" for rate in (0.1, 0.2)]


def unequal(folder: Path, **changes: Any) -> Gathered:
    """Seeds 1 and 2, and 3 that was asked something else."""
    make_system(folder, "a", (1, 2))
    make_system(folder, "a", (3,), replace(MADE, **changes))
    return averaged(gather([folder]))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"rates": (0.0, 0.1)}, "typo rates"),
        ({"languages": ("en",)}, "languages"),
        ({"questions": 14}, "queries"),
        ({"measures": ("recall@1",)}, "measures"),
        ({"mixes": ((0, 0.0), (1, 0.1))}, "generated queries"),
    ],
)
def test_a_run_that_was_asked_something_else_is_named_and_not_averaged(
    changes: dict[str, Any], what: str, tmp_path: Path
) -> None:
    found = unequal(tmp_path, **changes)

    assert [len(run.trainings) for run in found.runs] == [2, 1]
    assert [(Path(one.folder).name, one.reason) for one in found.apart] == [
        ("a3", f"has other {what} than the runs of seeds 1, 2")
    ]
    assert f"a3: has other {what}" in text_tables(found, Wanted("recall@1"), Form.markdown)
    assert page_data(found, Wanted("recall@1"))["apart"][0]["reason"].startswith("has other")


def test_settings_that_say_other_rates_are_named_too(tmp_path: Path) -> None:
    make_system(tmp_path, "a", (1, 2), typos={"rates": [0.0, 0.1, 0.3]})
    make_system(tmp_path, "a", (3,), replace(MADE, rates=(0.0, 0.1)), typos={"rates": [0.0, 0.1]})

    assert [Path(one.folder).name for one in averaged(gather([tmp_path])).apart] == ["a3"]


def test_a_run_whose_model_is_gone_is_averaged_and_one_of_another_network_is_named(tmp_path: Path) -> None:
    runs = make_system(tmp_path, "a", (1, 2, 3, 4))
    for run, layers in zip(runs, (6, 6, None, 12), strict=True):
        if layers:
            (run / "model").mkdir()
            (run / "model" / "config.json").write_text(json.dumps({"num_hidden_layers": layers}))
    found = averaged(gather([tmp_path]))

    assert [len(run.trainings) for run in found.runs] == [3, 1]
    assert [(Path(one.folder).name, one.reason) for one in found.apart] == [
        ("a4", "has other layers than the runs of seeds 1, 2, 3")
    ]


def test_a_grid_of_languages_and_seeds_is_as_it_was_meant(tmp_path: Path) -> None:
    for language in ("en", "ar"):
        made = replace(MADE, languages=(language,))
        make_system(tmp_path / language, "a", (1, 2), made, benchmark={"languages": [language]})
    found = averaged(gather([tmp_path]))

    assert [len(run.trainings) for run in found.runs] == [2, 2]
    assert list(found.apart) == []


def test_where_no_two_runs_are_of_one_system_nothing_changes(tmp_path: Path) -> None:
    for label in "ab":
        make_system(tmp_path, label, (1,))
    gathered = gather([tmp_path])

    assert averaged(gathered).runs is gathered.runs


def test_the_mixtures_that_are_shown_are_the_best_of_the_mean(tmp_path: Path) -> None:
    mixes = ((0, 0.0), *((1, alpha) for alpha in (0.1, 0.2, 0.3, 0.4, 0.5)))
    runs = make_system(tmp_path, "a", (1, 2, 3), replace(MADE, mixes=mixes))
    for run, best in zip(runs, (0.1, 0.5, 0.3), strict=True):  # each run's own best; over all of them 0.4 is
        points = read_points(run / "points.jsonl")
        height = {best: 0.9, 0.4: 0.8}
        made = [replace(p, value=height.get(p.alpha, 0.1), low=0.0, high=1.0) if p.xqg_count else p for p in points]
        write_points(run / "points.jsonl", made)
    (group,) = shown(tmp_path)["groups"]

    assert [row["label"] for row in group["rows"]] == ["a · 3 seeds: 1, 2, 3", "a · 3 seeds: 1, 2, 3 · 1 at α 0.4"]
    assert not np.isnan(values(group, 1)[..., 1]).any()
    surface = unpacked(group["surfaces"][0]["values"]).reshape(2, 5, 2, 3, 3)
    assert surface[1, 3, 0, 0, 0] == pytest.approx(0.8, abs=1e-6)
    assert np.isnan(surface[1, 0, 0, 0, 1])  # of what is no row, the interval is not known


def test_the_mixtures_that_another_measure_shows_have_intervals_too(tmp_path: Path) -> None:
    mixes = ((0, 0.0), *((1, alpha) for alpha in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)))
    for run in make_system(tmp_path, "a", (1, 2, 3), replace(MADE, mixes=mixes)):
        best = {"recall@1": 0.2, "mrr@10": 0.5}
        points = read_points(run / "points.jsonl")
        made = [replace(p, value=0.9 if p.alpha == best[p.measure] else 0.1) if p.xqg_count else p for p in points]
        write_points(run / "points.jsonl", made)
    runs = averaged(gather([tmp_path])).runs

    table = summary_table({"a": runs[0].points}, "mrr@10", languages=False)
    cells = [cell for column in table.columns[-3:] for cell in column.cells]
    assert len(cells) == 2 * 3
    assert all("[" in str(cell) and "nan" not in str(cell) for cell in cells)


@pytest.mark.parametrize("seeds", [(1, 2, 3), (1, 2)])
def test_the_mean_of_the_languages_has_an_interval_too(seeds: tuple[int, ...], tmp_path: Path) -> None:
    for run in make_system(tmp_path, "a", seeds):
        points = read_points(run / "points.jsonl")
        macro = [replace(point, language=MACRO) for point in points if point.language == POOLED]
        write_points(run / "points.jsonl", [*points, *macro])
    gathered = averaged(gather([tmp_path]))
    (found,) = [p for p in gathered.runs[0].points if (p.language, p.measure, p.rate) == (MACRO, "recall@1", 0.3)]

    scores, clusters = {}, {}
    for name in ("ar", "en"):
        frames = [own.queries.filter(language=name, rate=0.3).sort("query") for own in gathered.runs[0].trainings]
        scores[name] = np.stack([frame["recall@1"].to_numpy() for frame in frames], axis=1)[..., None]
        clusters[name] = list(frames[0]["parallel_id"])
    if len(seeds) == 3:
        (judge,) = macros_over_trainings(scores, clusters)
    else:
        (judge,) = macro_intervals({name: own.mean(axis=1) for name, own in scores.items()}, clusters, 10_000, "made")
    assert (found.low, found.high) == pytest.approx((judge.low, judge.high))


def test_the_baseline_may_be_any_of_a_systems_runs(tmp_path: Path) -> None:
    make_system(tmp_path, "a", (1, 2))
    runs = make_system(tmp_path, "b", (1, 2))

    assert shown(tmp_path, baseline=str(runs[1].resolve()))["groups"][0]["baseline"] == 1


def test_a_system_keeps_its_name_when_another_run_has_finished(tmp_path: Path) -> None:
    def names() -> dict[str, str]:
        return {row["label"][0]: row["name"] for row in shown(tmp_path)["groups"][0]["rows"]}

    make_system(tmp_path, "a", (2,))
    make_system(tmp_path, "b", (1, 2))
    before = names()
    make_system(tmp_path, "a", (1,))
    assert names() == before


def test_runs_that_are_there_twice_are_two_systems_of_two_names(tmp_path: Path) -> None:
    for place in "xyz":
        make_system(tmp_path / place, "a", (1, 2, 3))
    (group,) = shown(tmp_path)["groups"]

    told = [row["name"] for row in group["rows"]]
    assert told == [told[0], f"{told[0]} 2", f"{told[0]} 3"]


def test_the_page_says_what_its_intervals_and_tests_speak_of(tmp_path: Path) -> None:
    def covered() -> str:
        return " ".join(shown(tmp_path)["groups"][0]["covered"].values())

    make_system(tmp_path, "a", (1,))
    make_system(tmp_path, "b", (1,))
    assert "not of other trainings" in covered()
    make_system(tmp_path, "a", (2,))
    assert "that takes 3 seeds" in covered()
    make_system(tmp_path, "a", (3,))
    assert "Between rows of 3 seeds or more interval and p speak of other trainings too" in covered()


def test_a_table_has_the_lowest_and_the_highest_run(tmp_path: Path) -> None:
    make_system(tmp_path, "a", (1, 2, 3))
    make_system(tmp_path, "b", (1,))
    text = text_tables(averaged(gather([tmp_path])), Wanted("recall@1"), Form.markdown)
    (group,) = shown(tmp_path)["groups"]

    ends = [100 * unpacked(one).reshape(3, 2, 3)[0, 0, 2] for one in group["rows"][0]["each"]]
    assert "| runs at 0.3 |" in text
    assert f"| {min(ends):.1f}–{max(ends):.1f} |" in text
    assert "| – |" in text.splitlines()[-1]


def test_of_one_question_a_table_shows_no_interval_over_trainings(tmp_path: Path) -> None:
    for label in "ab":
        make_system(tmp_path, label, (1, 2, 3), replace(MADE, questions=1, languages=("en",)))
    text = text_tables(averaged(gather([tmp_path])), Wanted("recall@1"), Form.markdown)

    assert "nan" not in text
    assert "[" not in "".join(line for line in text.splitlines() if line.startswith("| a"))


def test_runs_are_told_apart_by_seed_where_settings_do_not(tmp_path: Path) -> None:
    found: list[Run] = unequal(tmp_path, rates=(0.0, 0.1)).runs

    assert list(labelled_runs(found)) == ["a · 2 seeds: 1, 2", "a · seed 3"]
