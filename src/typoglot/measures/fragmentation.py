"""A text's pieces and words, to how far a tokenizer breaks it up. Knows spans and ids; knows no tokenizer.

Both are spans of the text, so that one rule holds for every tokenizer: marks of a word's beginning (`##`, `▁`) are
made for spaces, and say nothing where a language writes none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import Levenshtein

if TYPE_CHECKING:
    from collections.abc import Sequence


class Piece(NamedTuple):
    """A token: its id, and the stretch `text[start:end]` that it stands for, without white space at its ends.

    Empty where it stands for white space alone, as a lone `▁` does.
    """

    id: int
    start: int
    end: int
    unknown: bool = False


class Fragments(NamedTuple):
    """Counts of one text; the sums over queries give the rates of docs/statistics.md.

    `pieces` are all, `continued` those that begin inside a word or, as the bytes of one letter do, where an earlier
    piece of it began; `unknown` those that the vocabulary lacks. `typed_words` are the words of the text as it was
    typed, `word_pieces` the pieces that touch one, `split_words` the words with a continuing piece.
    """

    pieces: int
    continued: int
    unknown: int
    typed_words: int
    word_pieces: int
    split_words: int


def fragments(pieces: Sequence[Piece], words: Sequence[tuple[int, int]]) -> Fragments:
    """Counts the pieces and words of a text.

    Args:
        pieces: in the order of the text.
        words: (start, end) of each, in the order of the text; they do not overlap.

    >>> cafes = [Piece(7, 0, 2), Piece(8, 2, 5), Piece(9, 6, 9)]  # ca ##fés are
    >>> fragments(cafes, [(0, 5), (6, 9)])
    Fragments(pieces=3, continued=1, unknown=0, typed_words=2, word_pieces=3, split_words=1)
    """
    continued = touching = word = 0
    split, begun = set(), -1  # begun: where the last piece of a word began
    for piece in pieces:
        while word < len(words) and words[word][1] <= piece.start:
            word += 1
        if piece.start == piece.end or word == len(words) or piece.end <= words[word][0]:
            continue
        touching += 1
        if piece.start > words[word][0] or piece.start == begun:
            continued += 1
            split.add(word)
        begun = piece.start
    unknown = sum(piece.unknown for piece in pieces)
    return Fragments(len(pieces), continued, unknown, len(words), touching, len(split))


def token_edits(clean: Sequence[Piece], misspelt: Sequence[Piece]) -> int:
    """Levenshtein's distance of the two sequences of ids: how many tokens the network reads otherwise.

    >>> token_edits([Piece(7, 0, 4)], [Piece(8, 0, 1), Piece(9, 1, 4)])
    2
    """
    return Levenshtein.distance([piece.id for piece in clean], [piece.id for piece in misspelt])
