from __future__ import annotations

from dataclasses import replace

from typoglot.results import Point
from typoglot.tracking import series

PLAIN = Point(
    "mini", "mbert", "untrained", "all", "human", 0.1, 0, 0, 0.0, 1, "recall@1", 0.4, 0.3, 0.5, 40, 0.1, 0.0, None,
    0.5, 1.0, 1.0,
)  # fmt: skip
MIXED = [replace(PLAIN, xqg_count=n, alpha=a, value=v) for n, a, v in ((5, 0.0, 0.4), (5, 0.1, 0.6), (2, 0.1, 0.5))]


def test_a_mixture_has_curves_of_its_own() -> None:
    points = [PLAIN, replace(PLAIN, draw=1, value=0.6), replace(PLAIN, xqg_count=5, alpha=0.01, value=0.7)]

    assert series.curve_rows(points) == {0.1: {"curve/all/recall@1": 0.5, "curve/all/recall@1/n5-alpha0.01": 0.7}}


def test_a_mixture_of_one_language_has_none() -> None:
    assert series.curve_rows([replace(MIXED[1], language="ko")]) == {}


def test_a_surface_has_one_series_for_each_count_and_rate() -> None:
    assert series.surface_rows([PLAIN, *MIXED]) == {
        0.0: {"surface/all/recall@1/rate0.1/n5": 0.4},
        0.1: {"surface/all/recall@1/rate0.1/n5": 0.6, "surface/all/recall@1/rate0.1/n2": 0.5},
    }


def test_one_alpha_is_no_surface() -> None:
    assert series.surface_rows([PLAIN, MIXED[1], MIXED[2]]) == {}


def test_a_surface_by_language_is_of_the_first_measure() -> None:
    korean = [replace(point, language="ko", measure=name) for point in MIXED for name in ("recall@1", "mrr@10")]
    names = {name for row in series.surface_rows([PLAIN, *MIXED, *korean]).values() for name in row}

    assert {name for name in names if "/ko/" in name} == {
        "surface/ko/recall@1/rate0.1/n5",
        "surface/ko/recall@1/rate0.1/n2",
    }


def test_the_table_of_languages_says_what_the_highest_rate_loses() -> None:
    table = series.language_table([replace(PLAIN, rate=0.0, value=0.75), replace(PLAIN, value=0.5)])

    assert table.columns[5:] == ["rate 0", "rate 0.1", "lost"]
    assert table.rows == [["all", "recall@1", 0, 0.0, 40, 0.75, 0.5, 0.25]]


def test_charts_show_plain_passages_over_rate_and_counts_over_alpha() -> None:
    assert series.lines([PLAIN, *MIXED]) == {
        "robustness/recall@1": {"all": [(0.1, 0.4)]},
        "count_x_alpha/recall@1": {"n5": [(0.0, 0.4), (0.1, 0.6)], "n2": [(0.1, 0.5)]},
    }
