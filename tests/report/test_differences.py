"""What a comparison says in words, and what its tables hold."""

from __future__ import annotations

import math
from io import StringIO
from typing import Any

from rich.console import Console

from typoglot.measures import Difference, Interaction, Interval, Robustness
from typoglot.report import comparison_tables
from typoglot.report.differences import (
    Compared,
    Comparison,
    Curved,
    Interacted,
    Told,
    compared_sentence,
    interaction_sentence,
)

TOLD = Told("recall@10", 0.3, "holm", 0.0125)
SOME = Interval(0.5, 0.4, 0.6)


def difference(value: float, **other: Any) -> Difference:
    made = Difference(value, value - 0.05, value + 0.05, 0.001, 3.0, 39, 0.002, 0.4, 9, 3, 28, 0.11)
    return made._replace(**other)


def compared(value: float, p: float, **other: Any) -> Compared:
    return Compared("ours", "theirs", "all", 80, 40, SOME, SOME, difference(value, **other), p)


def interacted(value: float, relative: float, p: float) -> Interacted:
    lost = Interval(relative, relative - 0.1, relative + 0.1)
    found = Interaction(
        SOME, SOME, Interval(0.1, 0, 1), Interval(0.2, 0, 1), difference(value), SOME, SOME, lost, 80, 0, None
    )
    return Interacted("ours", "theirs", "all", found, p)


def text(found: Comparison) -> str:
    console = Console(file=StringIO(), width=160)
    for table in comparison_tables(found):
        console.print(table)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_better_system_is_named_first_whichever_it_is() -> None:
    assert compared_sentence(compared(0.2, 0.01), TOLD) == (
        "At typo rate 0.3 over all languages, ours scores 20.0 points of recall@10 more than theirs "
        "(95 % interval +15.0 to +25.0; Holm-corrected p = 0.010)."
    )
    assert "theirs scores 20.0 points of recall@10 more than ours (95 % interval +15.0 to +25.0" in compared_sentence(
        compared(-0.2, 0.01), TOLD
    )


def test_what_is_not_shown_is_not_called_equal() -> None:
    told = compared_sentence(compared(0.01, 0.4), TOLD)

    assert "no difference in recall@10 between ours and theirs is shown: +1.0 points" in told
    assert told.endswith("A difference under 11.0 points would be missed more than one time in five.")


def test_where_nothing_varies_nothing_is_said_of_what_would_be_missed() -> None:
    assert "missed" not in compared_sentence(compared(0, 1, detectable=math.nan), TOLD)


def test_the_sentence_names_the_correction() -> None:
    assert "uncorrected p < 0.001" in compared_sentence(compared(0.2, 0.0001), TOLD._replace(correction="none"))


def test_a_smaller_loss_is_said_as_less() -> None:
    told = interaction_sentence(interacted(-0.1, -0.1, 0.01), TOLD)

    assert (
        "ours loses 10.0 points of recall@10 and theirs 20.0: ours loses 10.0 points less (95 % interval +5.0" in told
    )
    assert "opposite" not in told


def test_a_larger_loss_is_said_as_more() -> None:
    assert "ours loses 10.0 points more (95 % interval" in interaction_sentence(interacted(0.1, 0.1, 0.01), TOLD)


def test_an_interaction_that_is_not_shown_says_what_would_be_missed() -> None:
    told = interaction_sentence(interacted(-0.01, -0.1, 0.4), TOLD)

    assert "that one loses less than the other is not shown" in told
    assert "under 11.0 points would be missed" in told


def test_scales_that_disagree_leave_no_claim() -> None:
    assert "no claim stands" in interaction_sentence(interacted(-0.1, 0.1, 0.01), TOLD)


def test_shares_that_are_not_defined_are_not_told() -> None:
    assert "shares" not in interaction_sentence(interacted(-0.1, math.nan, 0.01), TOLD)


def test_one_language_is_named() -> None:
    assert "At typo rate 0.3 in 'ko', " in compared_sentence(compared(0.2, 0.01)._replace(language="ko"), TOLD)


def test_the_tables_show_signs_intervals_and_what_is_not_defined() -> None:
    never = Robustness(SOME, Interval(math.nan, math.nan, math.nan), SOME, Interval(math.inf, 0.28, math.inf))
    found = Comparison(
        TOLD, 0.1, [compared(-0.2, 0.01, t=math.nan)], [interacted(-0.1, 0.1, 0.01)], [Curved("ours", "all", never)], []
    )

    shown = text(found)
    assert "−20.0 [−25.0, −15.0]" in shown
    assert "∞ [0.28, ∞]" in shown
    assert "– [–, –]" in shown
    assert "0 of 80" in shown


def test_infinite_and_undefined_numbers_are_null_in_json() -> None:
    never = Robustness(SOME, SOME, SOME, Interval(math.inf, math.nan, math.inf))
    plain = Comparison(TOLD, 0.1, [compared(0.2, 0.01)], [], [Curved("ours", "all", never)], []).as_json()

    assert plain["curved"][0]["robustness"]["half"] == {"value": None, "low": None, "high": None}
    assert plain["compared"][0]["difference"]["df"] == 39
    assert len(plain["sentences"]) == 1
