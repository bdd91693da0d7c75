"""The numbers of a curve, by hand and by scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.stats import linregress

from typoglot.measures import Robustness, robustness


def of(*curve: float, rates: tuple[float, ...] = (0, 0.1, 0.2), step: float = 0.1) -> Robustness:
    """The numbers of queries that all score alike."""
    return robustness(np.array([curve, curve], dtype=np.float64), rates, ["a", "b"], 50, "x", step)


def test_a_curve_that_halves_at_each_step() -> None:
    found = of(1, 0.5, 0.25)

    assert found.area.value == pytest.approx((0.75 + 0.375) / 2)
    assert found.retained.value == 0.25
    assert found.slope.value == pytest.approx(-0.375)
    assert found.half.value == pytest.approx(0.1)


def test_a_flat_curve_loses_nothing() -> None:
    found = of(0.4, 0.4, 0.4)

    assert [one.value for one in found] == pytest.approx([0.4, 1, 0, math.inf])
    assert found.half.high == math.inf


def test_half_is_found_on_the_line_between_two_points() -> None:
    assert of(0.8, 0.6, 0.2).half.value == pytest.approx(0.15)


def test_half_is_where_a_curve_first_falls_so_far() -> None:
    assert of(0.8, 0.4, 0.8).half.value == pytest.approx(0.1)


def test_a_curve_that_starts_at_0_retains_and_halves_nothing_that_could_be_said() -> None:
    found = of(0, 0, 0.1)

    assert math.isnan(found.retained.value)
    assert math.isnan(found.half.value)
    assert found.slope.value > 0


def test_area_and_slope_are_scipy_s() -> None:
    rates = (0, 0.05, 0.2, 0.3)
    curve = np.random.default_rng(1).random(4)

    found = of(*curve, rates=rates)
    assert found.area.value == pytest.approx(trapezoid(curve, rates) / 0.3)
    assert found.slope.value == pytest.approx(0.1 * linregress(rates, curve).slope)


def test_the_slope_of_slips_a_query_is_told_for_one_slip() -> None:
    assert of(0.9, 0.6, 0.3, rates=(0, 1, 2), step=1).slope.value == pytest.approx(-0.3)


def test_the_interval_holds_what_two_questions_may_be() -> None:
    # Drawn: a a, b b, or both. Only b loses.
    found = robustness(np.array([[1, 1.0], [1, 0.0]]), [0, 0.2], ["a", "b"], 1000, "x")

    assert found.retained == (0.5, 0, 1)
    assert found.half == (pytest.approx(0.2), pytest.approx(0.1), math.inf)


def test_resamples_without_a_clean_hit_are_left_out_of_the_retained_share() -> None:
    found = robustness(np.array([[1, 0.5], [0, 0.0]]), [0, 0.2], ["a", "b"], 1000, "x")

    assert found.retained == (0.5, 0.5, 0.5)


@pytest.mark.parametrize("rates", [(0.1, 0.2, 0.3), (0, 0.2, 0.1), (0, 0.1, 0.1)])
def test_rates_that_do_not_rise_from_0_are_refused(rates: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rising from 0"):
        of(1, 1, 1, rates=rates)
