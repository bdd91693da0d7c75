"""The geometry of keyboards: who lies beside whom, on which level, and how often a finger lands there."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from string import ascii_letters, ascii_lowercase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import typoglot.typos
from typoglot.typos.keyboard import Keyboard
from typoglot.typos.tablefile import read_table

LANGUAGES = Path(typoglot.typos.__file__).parent / "languages"
quick = settings(max_examples=50, deadline=None, database=None)


def board(language: str, letters: str) -> Keyboard:
    return Keyboard(read_table(LANGUAGES / f"{language}.json")["layout"]["rows"], letters)


QWERTY = board("en", ascii_letters)


def shares(keyboard: Keyboard, stroke: str) -> dict[str, float]:
    """The chance of each neighbour, from the cumulative weights."""
    strokes, sums = keyboard.neighbours(stroke)
    return dict(zip(strokes, [(b - a) / sums[-1] for a, b in pairwise((0, *sums))], strict=True))


@pytest.mark.parametrize(
    ("stroke", "near"), [("g", "tyfhvb"), ("a", "qwsz"), ("p", "ol"), ("m", "njk"), ("q", "wa"), ("s", "weadzx")]
)
def test_a_key_of_qwerty_has_the_neighbours_that_one_sees(stroke: str, near: str) -> None:
    assert set(QWERTY.neighbours(stroke)[0]) == set(near)


def test_a_wider_reach_has_more_keys_and_keeps_the_level() -> None:
    assert set(QWERTY.within("a", 1.3)) == set(QWERTY.neighbours("a")[0])
    assert set(QWERTY.within("a", 2.01)) == set("qwszdx")
    assert set(QWERTY.within("A", 2.01)) == set("QWSZDX")
    assert board("en", "ad1").within("a", 2.01) == ("d",)
    assert QWERTY.within("é", 9) == ()


def test_only_allowed_letters_are_hit() -> None:
    assert board("en", "ty;1").neighbours("g")[0] == ("t", "y")
    assert board("en", "5678ty;1").neighbours("t")[0] == ("5", "6", "y")


def test_a_held_shift_stays_held() -> None:
    assert set(QWERTY.neighbours("G")[0]) == set("TYFHVB")


def test_a_held_altgr_stays_held() -> None:
    polish = board("pl", "aąćcdśsxźzżwe")

    assert set(polish.neighbours("ź")[0]) == {"ż", "ć", "ś"}
    assert set(polish.neighbours("x")[0]) == {"z", "c", "s", "d"}


def test_a_dead_key_is_a_stroke_like_others() -> None:
    spanish = board("es", "ñç\u0301\u0300p")

    assert set(spanish.neighbours("\u0301")[0]) == {"ñ", "ç", "\u0300"}


def test_a_key_of_two_letters_is_one_stroke() -> None:
    arabic = board("ar", "ىرلاغف" + "ل")

    assert set(arabic.neighbours("لا")[0]) == {"ر", "ى", "ل", "ا"}


def test_the_first_key_of_the_lowest_level_is_taken() -> None:
    keys = [[["1", "", "x"], ["2"]], [["x", "", "y"], ["e"]], [["h"], ["x"], ["l"]], []]

    assert Keyboard(keys, "12ehl").neighbours("x")[0] == ("2", "e", "h")


def test_the_weights_are_those_of_the_formula() -> None:
    beside, below = 3 * math.exp(-1 / 2), math.exp(-(0.25**2 + 1) / 2)

    chance = {"w": beside / (beside + below), "a": below / (beside + below)}
    assert shares(board("en", "qwa"), "q") == pytest.approx(chance, abs=1e-4)


def test_the_same_row_is_likelier_and_the_nearer_key_too() -> None:
    chance = shares(QWERTY, "s")

    assert chance["a"] == pytest.approx(chance["d"])
    assert chance["a"] > 2.9 * chance["w"]
    assert chance["w"] > chance["z"] > chance["e"]


@pytest.mark.parametrize("language", sorted(path.stem for path in LANGUAGES.glob("*.json")))
def test_cumulative_weights_are_whole_and_grow(language: str) -> None:
    rows = read_table(LANGUAGES / f"{language}.json")["layout"]["rows"]
    typed = {stroke for row in rows for key in row for stroke in key if stroke}
    keyboard = Keyboard(rows, typed)

    for strokes, sums in map(keyboard.neighbours, typed):
        assert len(strokes) == len(sums) == len(set(strokes))
        assert all(isinstance(b, int) and 0 <= a < b for a, b in pairwise((0, *sums)))


def test_a_stroke_that_two_neighbouring_keys_type_is_named_once() -> None:
    keyboard = Keyboard([[], [["b"], ["a"], ["b"], ["c"]], [], []], "abc")

    beside = round(3000 * math.exp(-1 / 2))
    assert keyboard.neighbours("a") == (("b",), (2 * beside,))
    assert keyboard.neighbours("b") == (("a",), (beside,))
    assert keyboard.within("a", 2.1) == ("b", "c")


@pytest.mark.parametrize("stroke", ["é", "字", "", "qw", " "])
def test_what_is_not_on_the_layout_has_no_neighbours(stroke: str) -> None:
    assert not QWERTY.knows(stroke)
    assert QWERTY.neighbours(stroke) == ((), ())
    assert not QWERTY.adjacent(stroke, "a")


def test_a_stroke_outside_the_letters_is_known_and_can_be_missed() -> None:
    keyboard = board("en", "pl")

    assert keyboard.knows(";")
    assert keyboard.neighbours(";")[0] == ("p", "l")


@quick
@given(st.sampled_from(ascii_lowercase), st.sampled_from(ascii_lowercase))
def test_adjacency_is_mutual_and_means_to_be_a_neighbour(first: str, second: str) -> None:
    near = second in QWERTY.neighbours(first)[0]

    assert QWERTY.adjacent(first, second) == QWERTY.adjacent(second, first) == (near or first == second)


def test_adjacency_does_not_look_at_case_or_level() -> None:
    assert QWERTY.adjacent("G", "h")
    assert not QWERTY.adjacent("G", "k")
    assert board("pl", "ąs").adjacent("ą", "s")
    assert board("fr", "éa").adjacent("É", "a")  # É has no key of its own


def test_a_key_lies_beside_itself() -> None:
    assert board("ko", "ㅂㅃ").adjacent("ㅂ", "ㅃ")


def test_an_empty_board_knows_nothing() -> None:
    assert not Keyboard([[], [], [], []], "abc").knows("a")


def test_a_board_of_three_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Keyboard([[], [], []], "abc")
