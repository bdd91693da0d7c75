"""Compares the tokens behind R@2kt and R@5kt with those of `nltk.word_tokenize` and NLTK's own data, text by text.

    python tools/prove_word_tokens.py NLTK_DATA TEXTS...

NLTK_DATA is a folder with tokenizers/punkt_tab as `nltk.download("punkt_tab")` leaves it; TEXTS are files with a text a
line, or SQuAD-like JSON (every "context"), or jsonl (every "paragraph_text", every one of "answers"). Texts that appear
twice count once. Fails at the first difference.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nltk

from typoglot.lines import read_json_rows, read_lines, read_text
from typoglot.measures.word_tokens import word_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator


def texts(path: Path) -> Iterator[str]:
    """The texts of a file."""
    if path.suffix == ".json":
        for article in json.loads(read_text(path))["data"]:
            yield from (paragraph["context"] for paragraph in article["paragraphs"])
    elif path.suffix in (".jsonl", ".jsonlines"):
        for _, row in read_json_rows(path):
            yield from [row["paragraph_text"]] if "paragraph_text" in row else row["answers"]
    else:
        yield from (line for _, line in read_lines(path))


def main() -> None:
    """Compares, and prints how many texts and tokens were the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nltk_data", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    arguments = parser.parse_args()
    nltk.data.path[:] = [str(arguments.nltk_data)]
    tokens = 0
    distinct = dict.fromkeys(text for path in arguments.texts for text in texts(path))
    for text in distinct:
        ours, theirs = word_tokens(text), nltk.word_tokenize(text)
        if ours != theirs:
            sys.exit(f"Not the same: {text!r}\n{ours}\n{theirs}")
        tokens += len(ours)
    print(f"{len(distinct):,} texts, {tokens:,} tokens: the same as nltk.word_tokenize of NLTK {nltk.__version__}")


if __name__ == "__main__":
    main()
