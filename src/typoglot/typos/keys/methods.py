"""Which method of typing a language's table asks for, and what its keys may mean."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from typoglot.typos.casing import upper
from typoglot.typos.keys.direct import Direct, is_dead
from typoglot.typos.keys.hangul import Hangul
from typoglot.typos.keys.telex import Telex

if TYPE_CHECKING:
    from typoglot.typos.keys import Keys
    from typoglot.typos.tables import Table


def typed(table: Table) -> frozenset[str]:
    """The strokes that a slip may bring in: letters of the language on its layout, not what else the keys hold."""
    if table.keys == "telex":
        return frozenset(string.ascii_letters)
    if table.keys == "romaji":  # capitals stand for katakana
        return frozenset(string.ascii_letters + "-")
    letters = table.alphabet | {upper(letter, table.language) for letter in table.alphabet}
    on_layout = {level for row in table.layout for key in row for level in key}
    return frozenset(level for level in on_layout if level in letters or is_dead(level))


def make_keys(table: Table) -> Keys:
    """The language's method of typing."""
    if table.keys == "direct":
        return Direct(typed(table), table.alphabet)
    if table.keys == "hangul":
        return Hangul()
    if table.keys == "telex":
        return Telex()
    # A lexicon takes a tenth of a second to load: only who types by it pays.
    from typoglot.typos.lexicon import lexicon

    if table.keys == "romaji":
        from typoglot.typos.keys.japanese import Japanese

        return Japanese(lexicon("ja"))
    from typoglot.typos.keys.hanzi import Hanzi

    return Hanzi(lexicon(table.language), table.keys)
