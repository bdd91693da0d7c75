"""What the search proposes within a space, and what it makes of jobs that fail: on jobs that are a formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hydra.core.utils import JobReturn, JobStatus

from hydra_plugins.typoglot_sweeps.sweepers import OptunaSweeper
from typoglot.errors import TypoglotError

pytest.importorskip("optuna")


class Formula:
    """A launcher whose jobs are a function of their overrides; one that raises has failed."""

    def __init__(self, value: Callable[[dict[str, str]], float]) -> None:
        self.value, self.points, self.firsts = value, list[dict[str, str]](), list[int]()

    def launch(self, jobs: Sequence[Sequence[str]], initial_job_idx: int) -> list[JobReturn]:
        self.firsts.append(initial_job_idx)
        return [self._done(dict(word.split("=") for word in job)) for job in jobs]

    def _done(self, point: dict[str, str]) -> JobReturn:
        self.points.append(point)
        returned = JobReturn(status=JobStatus.COMPLETED)
        try:
            returned.return_value = self.value(point)
        except TypoglotError as error:
            returned.status, returned.return_value = JobStatus.FAILED, error
        return returned


def search(
    *words: str, value: Callable[[dict[str, str]], float] = lambda _: 0.0, stops: bool = False, **more: Any
) -> tuple[Formula, Callable[[], Any]]:
    """A launcher, and the search that gives it its jobs."""
    settings = {"n_trials": 12, "n_jobs": 1, "direction": "maximize", "seed": 42, "startup": 5, "params": {}} | more
    sweeper, launcher = OptunaSweeper(**settings), Formula(value)
    sweeper.loader, sweeper.stops, sweeper.own = None, stops, launcher  # type: ignore[assignment]
    return launcher, lambda: sweeper.sweep(list(words))


def points(*words: str, **more: Any) -> list[dict[str, str]]:
    launcher, go = search(*words, **more)
    go()
    return launcher.points


def test_an_interval_is_searched_between_its_ends() -> None:
    found = [float(point["a"]) for point in points("a=interval(0.1,0.9)", n_trials=40, startup=40)]

    assert 0.1 <= min(found) < 0.2
    assert 0.8 < max(found) <= 0.9
    assert len(set(found)) == 40


def test_a_log_scale_gives_each_power_of_ten_its_share() -> None:
    found = [float(point["a"]) for point in points("a=tag(log,interval(1e-5,1e-3))", n_trials=40, startup=40)]

    assert 1e-5 <= min(found) <= max(found) <= 1e-3
    assert 10 <= sum(one < 1e-4 for one in found) <= 30  # evenly: 20; on a plain scale: 4


def test_whole_numbers_stay_whole_and_keep_their_step() -> None:
    found = points("a=range(1,11,3)", "b=int(interval(1,4))", n_trials=30, startup=30)

    assert {point["a"] for point in found} == {"1", "4", "7", "10"}
    assert {point["b"] for point in found} == {"1", "2", "3", "4"}


def test_choices_and_steps_that_are_not_whole_are_taken_as_written() -> None:
    found = points("a=choice(mbert,[0.1])", "b=range(0.5,2,0.5)", n_trials=30, startup=30)

    assert {point["a"] for point in found} == {"mbert", "[0.1]"}
    assert {point["b"] for point in found} == {"0.5", "1.0", "1.5"}


def test_what_is_fixed_is_in_every_point_and_the_command_line_outdoes_the_configuration() -> None:
    found = points("a=interval(0.1,0.2)", "b=x", n_trials=2, params={"a": "interval(5,6)", "c": "[1,2]"})

    assert [(point["b"], point["c"]) for point in found] == [("x", "[1,2]")] * 2
    assert all(float(point["a"]) < 1 for point in found)


def hill(point: dict[str, str]) -> float:
    return -abs(float(point["a"]) - 0.7)


@pytest.mark.parametrize(("direction", "best"), [("maximize", 0.7), ("minimize", 0.0)])
def test_the_search_closes_in_on_the_best_point(direction: str, best: float) -> None:
    _, go = search("a=interval(0.0,1.0)", value=hill, n_trials=40, direction=direction)

    assert go()["a"] == pytest.approx(best, abs=0.05)


def test_points_are_at_random_until_the_search_has_something_to_learn_from() -> None:
    random, learns = (points("a=interval(0.0,1.0)", value=hill, startup=startup) for startup in (12, 5))

    assert [one == other for one, other in zip(random, learns, strict=True)] == [True] * 5 + [False] * 7


def test_the_same_search_proposes_the_same_points_and_another_seed_others() -> None:
    space = ("a=interval(0.0,1.0)", "b=tag(log,interval(1e-5,1e-3))")

    assert points(*space) == points(*space) != points(*space, seed=1)


def test_points_are_proposed_side_by_side_and_numbered_in_a_row() -> None:
    launcher, go = search("a=interval(0.0,1.0)", n_trials=5, n_jobs=2)
    go()

    assert len(launcher.points) == 5
    assert launcher.firsts == [0, 2, 4]


def fails_at_third() -> Callable[[dict[str, str]], float]:
    left = iter([0.1, 0.3, math.nan, 0.2, 0.25])

    def value(_: dict[str, str]) -> float:
        if math.isnan(found := next(left)):
            raise TypoglotError("no room")
        return found

    return value


def test_a_job_that_fails_costs_the_search_its_exit_code_and_no_other_job(capsys: pytest.CaptureFixture[str]) -> None:
    launcher, go = search("a=interval(0.0,1.0)", value=fails_at_third(), n_trials=5)
    with pytest.raises(TypoglotError, match="no room"):
        go()

    assert len(launcher.points) == 5
    assert f"Best of 4: a={launcher.points[1]['a']} (0.3000)" in capsys.readouterr().out


def test_no_job_begins_after_one_that_failed_if_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    launcher, go = search("a=interval(0.0,1.0)", value=fails_at_third(), n_trials=5, stops=True)
    with pytest.raises(TypoglotError, match="no room"):
        go()

    assert len(launcher.points) == 3
    assert f"Best of 2: a={launcher.points[1]['a']} (0.3000)" in capsys.readouterr().out


def test_where_every_job_fails_there_is_no_best(capsys: pytest.CaptureFixture[str]) -> None:
    def never(_: dict[str, str]) -> float:
        raise TypoglotError("no room")

    launcher, go = search("a=interval(0.0,1.0)", value=never, n_trials=3)
    with pytest.raises(TypoglotError, match="no room"):
        go()

    assert len(launcher.points) == 3
    assert "Best" not in capsys.readouterr().out
