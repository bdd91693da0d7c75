"""The tests on the page, against those of `typoglot compare`."""

from __future__ import annotations

import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.made_runs import Made, make_run

from typoglot.measures import Correction, adjusted, differences
from typoglot.report import averaged, gather, significance
from typoglot.report.groups import Group, groups

MADE = Made(questions=8, languages=("en", "ar"), rates=(0.0, 0.3), measures=("recall@1",), steps=0)


@pytest.fixture
def group(tmp_path: Path) -> Group:
    for seed in range(4):
        make_run(tmp_path / f"r{seed}", seed, MADE)
    (found,) = groups(gather([tmp_path]).runs)
    return found


def test_a_pair_is_tested_as_compare_tests_it_and_corrected_for_the_rows(group: Group) -> None:
    found = significance.tests(group, "recall@1", 0).found["all", "recall@1"]
    scores = group.scores(["recall@1"])[:, :, 1, 0]
    judged = differences(scores[:, 1:] - scores[:, :1], group.clusters, 10_000, "made|all")

    assert found[0, 1:, 1, 0] == pytest.approx([one.value for one in judged])
    assert found[0, 1:, 1, 1] == pytest.approx([one.low for one in judged])
    assert found[0, 1:, 1, 3] == pytest.approx(adjusted([one.p for one in judged], Correction.holm))
    assert np.isnan(found[0, 0, :, 3]).all()


def test_the_other_side_of_a_pair_has_the_other_sign(group: Group) -> None:
    found = significance.tests(group, "recall@1", 0).found["all", "recall@1"]

    assert found[2, 1, :, 0] == pytest.approx(-found[1, 2, :, 0])
    assert found[2, 1, :, 1] == pytest.approx(-found[1, 2, :, 2])


def test_losses_stand_behind_the_scores(group: Group) -> None:
    made = significance.tests(group, "recall@1", 0)
    value = made.found["all", "recall@1"][0, 1, :, 0]

    assert made.losses == [0.3]
    assert value[2] == pytest.approx(value[0] - value[1])


def test_languages_are_a_family_of_their_own(group: Group) -> None:
    found = significance.tests(group, "recall@1", 0).found
    raw = []
    for name in ("ar", "en"):
        rows = group.of(name)
        scores = group.scores(["recall@1"])[rows][:, :, 1, 0]
        clusters = [group.clusters[i] for i in rows]
        raw += [one.p for one in differences(scores[:, 1:] - scores[:, :1], clusters, 10_000, "x")]

    corrected = [*found["ar", "recall@1"][0, 1:, 1, 3], *found["en", "recall@1"][0, 1:, 1, 3]]
    assert corrected == pytest.approx(adjusted(raw, Correction.holm))


def test_beyond_some_rows_languages_and_measures_are_left_out(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(significance, "FEW", 3)
    monkeypatch.setattr(significance, "MANY", 3)
    monkeypatch.setattr(significance, "MOST", 3)
    found = significance.tests(group, "recall@1", 2)

    assert found.baselines == [2]
    assert list(found.found) == [("all", "recall@1")]


def test_a_row_that_lacks_a_rate_is_not_tested_there(tmp_path: Path) -> None:
    for seed, rates in enumerate([(0.0, 0.3), (0.0, 0.3), (0.0,)]):
        make_run(tmp_path / f"r{seed}", seed, Made(8, ("en",), rates, ("recall@1",), steps=0))
    (group,) = groups(gather([tmp_path]).runs)
    found = significance.tests(group, "recall@1", 0).found["en", "recall@1"]

    assert np.isnan(found[0, 2]).all(axis=1).tolist() == [False, True, True]
    assert not np.isnan(found[0, 1]).any()


def test_the_scores_of_one_systems_trainings_are_held_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for label in "abcd":
        for seed in range(3):
            settings = {"backbone": {"label": label, "name": label}, "seed": seed}
            make_run(tmp_path / f"{label}{seed}", seed, replace(MADE, settings=settings))
    made: list[Any] = []
    most = 0
    inner = significance._with_losses

    def counted(*given: Any) -> np.ndarray:
        nonlocal most
        found = inner(*given)
        made.append(weakref.ref(found))
        most = max(most, sum(one() is not None for one in made))
        return found

    monkeypatch.setattr(significance, "_with_losses", counted)
    (group,) = groups(averaged(gather([tmp_path])).runs)
    significance.tests(group, "recall@1", 0)
    assert len(made) == 5  # of all rows, and of the trainings of each
    assert most == 2
