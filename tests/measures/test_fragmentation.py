"""Pieces that can be counted on the fingers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from typoglot.measures import Fragments, Piece, fragments, token_edits


def pieces(*spans: tuple[int, int]) -> list[Piece]:
    return [Piece(number, *span) for number, span in enumerate(spans)]


def test_a_piece_that_begins_inside_a_word_continues_it() -> None:
    # ca fé s | are
    assert fragments(pieces((0, 2), (2, 4), (4, 5), (6, 9)), [(0, 5), (6, 9)]) == Fragments(4, 2, 0, 2, 4, 1)


def test_a_piece_of_two_words_is_one_piece_and_splits_neither() -> None:
    found = fragments(pieces((0, 9)), [(0, 4), (4, 9)])

    assert (found.typed_words, found.word_pieces, found.continued) == (2, 1, 0)


def test_a_piece_that_ends_a_word_and_holds_the_next_splits_the_first() -> None:
    found = fragments(pieces((0, 3), (3, 9)), [(0, 4), (4, 9)])

    assert (found.continued, found.split_words) == (1, 1)


def test_bytes_of_one_letter_continue_its_word() -> None:
    found = fragments(pieces((0, 1), (0, 1), (0, 1), (1, 2)), [(0, 2)])

    assert (found.word_pieces, found.continued) == (4, 3)


def test_marks_numbers_and_lone_spaces_are_pieces_of_no_word() -> None:
    found = fragments(pieces((0, 0), (0, 2), (2, 3), (4, 4), (4, 6), (6, 7)), [(4, 6)])

    assert (found.pieces, found.word_pieces, found.continued) == (6, 1, 0)


def test_unknown_pieces_are_counted_wherever_they_are() -> None:
    assert fragments([Piece(0, 0, 3, unknown=True), Piece(1, 4, 5)], [(0, 3)]).unknown == 1


def test_no_text_has_no_pieces() -> None:
    assert fragments([], []) == Fragments(0, 0, 0, 0, 0, 0)


def test_edits_count_ids_not_letters() -> None:
    clean, typed = ([Piece(number, 0, 1) for number in ids] for ids in ([5, 6, 7], [5, 8, 9, 7]))

    assert token_edits(clean, typed) == 2


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=12), st.lists(st.integers(1, 4), max_size=5))
def test_counts_hold_together(gaps: list[tuple[int, int]], lengths: list[int]) -> None:
    at, spans = 0, []
    for gap, length in gaps:
        spans.append((at + gap, at + gap + length))
        at = spans[-1][1]
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    words = list(zip([0, *ends], ends, strict=False))

    found = fragments(pieces(*spans), words)
    assert found.continued <= found.word_pieces <= found.pieces
    assert found.split_words <= min(found.continued, found.typed_words)
