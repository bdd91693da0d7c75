"""Queries to the pieces that an encoder's tokenizer makes of them, and their counts. Knows tokenizers, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typoglot.measures import Fragments, Piece, fragments, token_edits
from typoglot.typos.letters import normal, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from typoglot.records import Query

COLUMNS = (*Fragments._fields, "token_edits", "truncated")


class Fragmenter:
    """Counts what one encoder reads of queries. A text that was counted once is not counted again.

    Args:
        tokenizer: of transformers; fast ones tell where their pieces lie, those of others are looked for in the text.
        prefix: before each query. It is read with the query, since it may change the query's first piece, and its own
            pieces are not counted.
        max_length: tokens that the network reads, the prefix's and special ones among them.
    """

    def __init__(self, tokenizer: Any, prefix: str, max_length: int) -> None:
        self._tokenizer = tokenizer
        self._prefix = prefix
        self._room = max_length - tokenizer.num_special_tokens_to_add()
        self._known: dict[str, tuple[list[Piece], int]] = {}

    def columns(self, queries: Sequence[Query], texts: Sequence[str]) -> dict[str, list[int]]:
        """The counts of B queries as typed, by the names of COLUMNS; `texts` (B,) are what was typed."""
        clean = [normal(query.text) for query in queries]
        typed = [normal(text) for text in texts]
        self._read(dict.fromkeys([*clean, *typed]))
        rows = []
        for query, right, text in zip(queries, clean, typed, strict=True):
            (pieces, truncated), (other, _) = self._known[text], self._known[right]
            spans = [(word.start, word.end) for word in words(text, query.language)]
            rows.append((*fragments(pieces, spans), token_edits(other, pieces), truncated))
        return {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)}

    def _read(self, texts: Iterable[str]) -> None:
        """Fills in the pieces of texts, and how many tokens of each are cut off."""
        new = [text for text in texts if text not in self._known]
        tokens = pieces_of(self._tokenizer, [self._prefix + text for text in new]) if new else []
        lead = len(self._prefix)
        for text, found in zip(new, tokens, strict=True):
            own = [
                piece._replace(start=max(piece.start - lead, 0), end=piece.end - lead)
                for piece in found
                if piece.end > lead or piece.start == piece.end >= lead
            ]
            self._known[text] = own, max(0, len(found) - self._room)


def pieces_of(tokenizer: Any, texts: Sequence[str]) -> list[list[Piece]]:
    """The pieces of each text, special ones left out, nothing cut off."""
    if tokenizer.is_fast:
        made = tokenizer(list(texts), add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        rows, places = made["input_ids"], made["offset_mapping"]
    else:
        rows = [tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"] for text in texts]
        places = [_places(tokenizer, ids, text) for ids, text in zip(rows, texts, strict=True)]
    unknown = tokenizer.unk_token_id
    # A lone ▁ stands for no letter, though it may claim the place of the one behind it.
    space = tokenizer.convert_tokens_to_ids("▁") if tokenizer.is_fast else None
    return [
        [
            _piece(number, at, number == unknown, "" if number == space != unknown else text)
            for number, at in zip(ids, spans, strict=True)
        ]
        for ids, spans, text in zip(rows, places, texts, strict=True)
    ]


def _piece(number: int, at: tuple[int, int], unknown: bool, text: str) -> Piece:
    """A piece without the white space at its ends."""
    start, end = at
    own = text[start:end]
    start += len(own) - len(own.lstrip())
    return Piece(number, start, start + len(own.strip()), unknown)


def _places(tokenizer: Any, ids: Sequence[int], text: str) -> list[tuple[int, int]]:
    """Where the pieces of a tokenizer that does not tell lie in the text: each is looked for behind the one before."""
    names = tokenizer.convert_ids_to_tokens(list(ids))
    if type(tokenizer).__name__ == "ByT5Tokenizer":
        return _bytes(text, len(ids))
    places, behind = [], 0
    folded = text.lower() if len(text.lower()) == len(text) else text
    for name in names:
        bare = name.removeprefix("##").removeprefix("▁")
        start = next((at for one in (text, folded) if (at := one.find(bare, behind)) >= 0), -1) if bare else behind
        # What is nowhere in the text, such as [UNK], stands for what comes next.
        start, end = (start, start + len(bare)) if start >= 0 else (behind, behind + 1)
        places.append((start, end))
        behind = end
    return places


def _bytes(text: str, count: int) -> list[tuple[int, int]]:
    """The letter that each byte of the text belongs to."""
    places = [(at, at + 1) for at, letter in enumerate(text) for _ in letter.encode()]
    return places if len(places) == count else [(0, 0)] * count  # a name of a special token in the text is one piece
