"""The tokens against `nltk.word_tokenize` itself, which is given the tables in the form in which NLTK fetches them."""

from __future__ import annotations

import hashlib
import subprocess
from importlib import metadata
from pathlib import Path

import nltk
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measures.conftest import tables

from typoglot.errors import ConfigError
from typoglot.measures import word_tokens as module
from typoglot.measures.word_tokens import word_tokens
from typoglot.sources import mini

HARD = [
    "", " ", ".", "...", "U.S.", "He left the U.S. It was May.", "He left the U.S. in May.", 'He said "no." "Why?"',
    "\n\"So,\" she said.", "It cost $5.50 (or 3,36 euros)...", "Don't; can't — I'd've 'tis gonna.", "1914–1918 (B.C.)",
    "“Curly.” ‘Quotes’ «here».", "Mr. J. Bach vs. St. Peter's No. 5. The e.g. end", "Ends!!! Then?? [1][2] 50% #1 a@b.",
    "naïve Ünïcode 東京です。次。 ১৯৭১ सन्।", "a. b. c. D. E. F.", "U.S.\u00a0Navy", "x.Y and 3.Z. ok",
    "(Sent one.) Sent two.",
]  # fmt: skip
PIECES = [
    *"abZ.,;:!?'\"`()[]{}<>$%&@#*-–—“”‘’«» \n\t…1",
    "U.S.",
    "Mr.",
    "n't",
    "'s",
    "The",
    "the",
    "No.",
    "cannot",
    "..",
    "St.",
]


def test_the_tables_are_the_very_ones_that_nltk_fetches() -> None:
    """The hash was taken of the files in NLTK's punkt_tab, lines sorted."""
    text = "\n\n".join("\n".join(lines) for lines in tables().values())

    assert (
        hashlib.sha256(text.encode()).hexdigest() == "ea0460a547a98d5fd444bfbe5bfd58bb391b352ec7762ff175bd5b684e6b76f6"
    )


@pytest.mark.parametrize("text", HARD)
def test_the_tokens_are_nltk_s_own_on_hard_texts(text: str, nltk_data: Path) -> None:
    assert word_tokens(text) == nltk.word_tokenize(text)


def test_the_tokens_are_nltk_s_own_on_passages(nltk_data: Path) -> None:
    for entry in mini.entries():
        assert word_tokens(entry.passage.content) == nltk.word_tokenize(entry.passage.content)


@settings(max_examples=200, deadline=None, database=None)
@given(text=st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_the_tokens_are_nltk_s_own_on_any_mixture(nltk_data: Path, text: str) -> None:
    assert word_tokens(text) == nltk.word_tokenize(text)


def test_the_tables_decide_where_a_period_is_split_off() -> None:
    """What no substitute without the tables would do: "U.S." ends a sentence before "It", and none before "Navy"."""
    assert word_tokens("He left the U.S. It rained.")[3:6] == ["U.S", ".", "It"]
    assert word_tokens("He left the U.S. Navy today.")[3:5] == ["U.S.", "Navy"]


@pytest.mark.parametrize(("there", "told"), [("3.10.4", "nltk 3.10.4"), (None, "nltk missing")])
def test_another_tokenizer_than_the_pinned_is_refused_with_the_way_out(
    there: str | None, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(name: str) -> str:
        if name == "nltk" and there is None:
            raise metadata.PackageNotFoundError
        return str(there) if name == "nltk" else module.PINNED[name]

    monkeypatch.setattr(metadata, "version", version)
    module._tokenizers.cache_clear()
    with pytest.raises(ConfigError, match=rf"{told}: .*pip install \"typoglot\[xortydi\]\""):
        word_tokens("a")


def test_importing_the_measures_does_not_load_nltk(python: str) -> None:
    code = "import sys, typoglot.measures; sys.exit('nltk' in sys.modules)"

    assert subprocess.run([python, "-c", code], check=False).returncode == 0
