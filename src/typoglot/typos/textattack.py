"""The literature's English recipe, as CharacterBERT-DR sets TextAttack: the profile `textattack`.

Five transformations, equally likely: two neighbouring letters swapped, a letter deleted, a random letter inserted, a
letter replaced by a random one, a letter replaced by one near it on QWERTY. Words of three letters or more that are no
stop words (Zhuang and Zuccon 2022, CharacterBERT-DR; TextAttack 0.3). Made anew here from this description: the
package is not called.
"""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from typoglot.typos.keyboard import Keyboard
from typoglot.typos.slips import Slip
from typoglot.typos.tables import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typoglot.typos.letters import Word
    from typoglot.typos.stream import Stream

SHORTEST = 3  # letters of a word that is misspelt
REACH = 1.7  # key widths: TextAttack's neighbours hold the keys one row and two columns off


class TextAttack:
    """The recipe as a profile; English only, its letters lower case."""

    name = "textattack"
    languages: frozenset[str] | None = frozenset({"en"})
    OPS = ("swap", "delete", "insert", "random", "qwerty")

    def __init__(self) -> None:
        board = Keyboard(load("en").layout, string.ascii_lowercase)
        self._near = {letter: board.within(letter, REACH) for letter in string.ascii_lowercase}

    def slips(self, word: Word, language: str, stream: Stream) -> Iterator[Slip]:
        """Draws transformation, place and letter, again and again; nothing for short words and stop words."""
        eligible = len(word.text) >= SHORTEST and word.text.lower().replace("’", "'") not in STOP_WORDS
        while eligible:
            yield self._slip(word.text, stream)

    def _slip(self, text: str, stream: Stream) -> Slip:
        op = stream.choose(self.OPS)
        place = stream.below(len(text) + (op == "insert") - (op == "swap"))
        head, tail = text[:place], text[place + 1 :]
        if op == "swap":
            return Slip(head + text[place + 1] + text[place] + text[place + 2 :], "transpose", "mechanical")
        if op == "delete":
            return Slip(head + tail, "delete", "mechanical")
        if op == "insert":
            return Slip(head + stream.choose(string.ascii_lowercase) + text[place:], "insert", "mechanical")
        # A letter with no neighbours on QWERTY gets any: CharacterBERT-DR mends TextAttack so.
        near = self._near.get(text[place].lower(), ()) if op == "qwerty" else ()
        return Slip(head + stream.choose(near or string.ascii_lowercase) + tail, "substitute", "mechanical")

    def writer(self, word: str, language: str) -> None:
        """Nobody's: the recipe counts letters, not presses."""


# English words without content of their own: pronouns, articles, conjunctions, prepositions, auxiliaries, and their
# contracted forms, as the stop word lists of the field have them. Written down by the authors.
_STOP_WORDS = """
i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it
its itself they them their theirs themselves what which who whom this that these those am is are was were be been
being have has had having do does did doing a an the and but if or because as until while of at by for with about
against between into through during before after above below to from up down in out on off over under again further
then once here there when where why how all any both each few more most other some such no nor not only own same so
than too very can will just should now don't isn't aren't wasn't weren't hasn't haven't hadn't doesn't didn't won't
wouldn't shouldn't can't couldn't mustn't it's you're you've you'll she's that'll
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
