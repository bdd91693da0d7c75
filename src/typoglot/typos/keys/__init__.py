"""From a word to the keys its writer presses, and back: one method of typing a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence


class Keys(Protocol):
    """A method of typing. A stroke is what one press of a key means: a letter, a jamo, a dead key's mark.

    Methods that write letters keep the law `text(strokes(word)) == word`; those that convert sounds to words (Hanzi,
    Japanese) cannot, since several words sound alike.
    """

    def strokes(self, word: str) -> tuple[str, ...] | None:
        """The keys of an NFC word in order; None where the method cannot type it."""
        ...

    def text(self, strokes: Sequence[str]) -> str | None:
        """What the keys write; None where nothing well-formed comes of them."""
        ...


class Offer(NamedTuple):
    """Other words that an input method gives for the keys of one, by which operation, with cumulative weights."""

    share: float
    op: str
    words: tuple[str, ...]
    cumulative: tuple[int, ...]


@runtime_checkable
class Converter(Protocol):
    """A method of typing that offers several words for the same keys."""

    def offers(self, word: str) -> tuple[Offer, ...]:
        """The wrong words that may be taken for the word, by kind of mistake; empty where there are none."""
        ...
