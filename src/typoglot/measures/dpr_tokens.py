"""Text to the tokens in which DPR looks for answers. Knows no passages and no measures."""

from __future__ import annotations

import unicodedata

import regex

_TOKEN = regex.compile(r"[\p{L}\p{N}\p{M}]+|[^\p{Z}\p{C}]")


def dpr_tokens(text: str) -> list[str]:
    r"""The tokens of a text as DPR's `has_answer` has them: runs of letters, numbers and marks, and single signs.

    The text is decomposed (NFD) before it is split; each token is lower-cased for itself. So "1914–1918" is three
    tokens and "U.S." four, and in scripts without spaces a whole clause is one.
    Source: https://github.com/facebookresearch/DPR (dpr/utils/tokenizers.py: SimpleTokenizer)

    >>> dpr_tokens("The U.S. paid $50\N{NO-BREAK SPACE}more.")
    ['the', 'u', '.', 's', '.', 'paid', '$', '50', 'more', '.']
    """
    return [token.lower() for token in _TOKEN.findall(unicodedata.normalize("NFD", text))]
