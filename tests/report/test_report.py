from __future__ import annotations

import io
import math
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from typoglot.report import stored, summary_table, surface_table
from typoglot.results import Point
from typoglot.store import Entry


def point(
    rate: float, value: float, *, backbone: str = "mbert", language: str = "all", draw: int = 0, mode: str = "word_rate"
) -> Point:
    return Point(
        benchmark="mini", backbone=backbone, method="contrastive", language=language, profile="uniform", rate=rate,
        draw=draw, xqg_count=0, alpha=0.0, seed=1, measure="recall@1", value=value, low=value - 0.05, high=value + 0.05,
        n=40, word_rate=min(rate, 1.0), cer=0.0, ker=None, changed=0.0, seconds=1.0, peak_memory_mb=1.0,
        mode=mode,
    )  # fmt: skip


def runs(*points: Point) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for one in points:
        found.setdefault(one.backbone, []).append(one)
    return found


def printed(points: list[Point], *, languages: bool = True) -> str:
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(summary_table(runs(*points), "recall@1", languages=languages))
    console.file.close()
    return console.export_text()


def test_the_table_has_a_row_a_run_and_a_column_a_rate() -> None:
    text = printed([point(0.0, 0.5), point(0.1, 0.4), point(0.0, 0.7, backbone="xlmr")])

    assert "50.0 [45–55]" in text
    assert "40.0 [35–45]" in text
    (row,) = [line for line in text.splitlines() if "xlmr" in line]
    assert "70.0 [65–75]" in row
    assert "–" in row.split("70.0 [65–75]")[1]


def test_the_table_averages_draws() -> None:
    assert "30.0 [25–35]" in printed([point(0.1, 0.2), point(0.1, 0.4, draw=1)])


def test_a_half_is_rounded_as_the_page_rounds_it() -> None:
    assert "28.8 [" in printed([point(0.0, 0.2875)])  # 100 * 0.2875 is 28.749999999999996


def test_a_value_without_interval_stands_alone() -> None:
    text = printed([replace(point(0.0, 0.5), low=math.nan, high=math.nan)])

    assert "50.0 " in text
    assert "[" not in text


def test_a_name_in_brackets_is_no_markup() -> None:
    text = printed([point(0.0, 0.5, backbone="[bold]"), replace(point(0.0, 0.5), xqg="[red] of both")])

    assert "[bold]" in text
    assert "[red] of both" in text


def test_languages_are_shown_where_asked_for() -> None:
    points = [point(0.0, 0.5), point(0.0, 0.6, language="de")]

    assert "60.0" in printed(points)
    assert "60.0" not in printed(points, languages=False)


def test_what_all_runs_share_is_said_once() -> None:
    assert printed([point(0.0, 0.5)]).count("contrastive") == 1


def test_the_table_says_what_a_rate_counts() -> None:
    assert "k_per_query" in printed([point(2.0, 0.5, mode="k_per_query")])


def test_runs_of_one_backbone_are_not_mixed() -> None:
    both = {"mbert · seed=1": [point(0.0, 0.2)], "mbert · seed=2": [point(0.0, 0.8)]}
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(summary_table(both, "recall@1", languages=False))
    console.file.close()
    text = console.export_text()

    assert "20.0 [15–25]" in text
    assert "80.0 [75–85]" in text


def mixed(count: int, alpha: float, value: float, rate: float = 0.0, language: str = "all") -> Point:
    return replace(point(rate, value, language=language), xqg_count=count, alpha=alpha, xqg="file, sum")


def text_of(table: Table | None) -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(table)
    return console.export_text()


SURFACE = [mixed(0, 0, 0.5), mixed(0, 0, 0.2, 0.3)] + [
    mixed(count, alpha, value + count / 100 - rate, rate)
    for count in (1, 5) for alpha, value in [(0.0, 0.5), (0.1, 0.6), (0.2, 0.55)] for rate in (0.0, 0.3)
]  # fmt: skip


def test_a_surface_has_a_row_a_count_and_a_column_an_alpha_clean_and_at_the_highest_rate() -> None:
    rows = [line.split("│")[1:-1] for line in text_of(surface_table(SURFACE, "recall@1")).splitlines() if "│" in line]

    assert [[cell.strip() for cell in row] for row in rows] == [
        ["0", "0", "50.0", "50.0", "50.0"], ["0", "1", "51.0", "61.0", "56.0"], ["0", "5", "55.0", "65.0", "60.0"],
        ["0.3", "0", "20.0", "20.0", "20.0"], ["0.3", "1", "21.0", "31.0", "26.0"],
        ["0.3", "5", "25.0", "35.0", "30.0"],
    ]  # fmt: skip


def test_one_alpha_makes_no_surface() -> None:
    assert surface_table([mixed(0, 0, 0.5), mixed(5, 0.1, 0.6)], "recall@1") is None


def test_of_many_mixtures_the_best_of_each_count_is_shown_and_it_is_said_how_it_was_chosen() -> None:
    text = text_of(summary_table({"mbert": SURFACE}, "recall@1", languages=False))

    assert [line.count("[") for line in text.splitlines() if "│ mbert" in line] == [2, 2, 2]
    assert "1 at α 0.1 " in text
    assert "5 at α 0.1 " in text
    assert "best on these very queries" in " ".join(text.split())


def test_few_mixtures_are_all_shown_and_nothing_is_chosen() -> None:
    text = text_of(summary_table({"mbert": [*SURFACE[:2], *SURFACE[2:6]]}, "recall@1", languages=False))

    assert "1 at α 0.1 " in text
    assert "1 at α 0 " in text
    assert "very queries" not in text


def test_what_a_store_holds_is_listed_the_last_used_first() -> None:
    entries = [
        Entry("a" * 64, {"what": "passages", "model_type": "bert", "weights": "0123456789"}, 120, 60, 2_000_000, 1e9),
        Entry("b" * 64, {}, 0, 0, 0, 2e9),
    ]
    text = text_of(stored(entries))

    assert text.index("bbbbbbbbbbbb  index damaged") < text.index("aaaaaaaaaaaa  passages")
    assert "bert 01234567  120      50 %   2.0" in text
