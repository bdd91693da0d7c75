"""Fits the languages that have corpora of misspellings and writes their tables into the package.

    python tools/fit_shipped.py CORPORA [--check]

The prior of each is its hand-made table in tools/priors, so that a second run gives the same file. Only what
tools/misspellings.py puts on the side `fit` is used; benchmarks/typo_realism.py measures on the other. --check writes
nothing, and fails where a file is not what it would be now.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from misspellings import extract

from typoglot.typos.fitting import fit_table
from typoglot.typos.tablefile import read_table, write_table
from typoglot.typos.tables import FOLDER, load

PRIORS = Path(__file__).with_name("priors")
SOURCES = {
    "en": "JFLEG (essays of learners, Napoles, Sakaguchi and Tetreault 2017), of which only texts with errors of one "
    "letter were at hand: transpositions keep their share",
    "ru": "RUSpellRU (blogs), its first half",
    "vi": "Vietnamese Wikipedia, errors marked by hand (viwiki, its first half)",
    "pt": "NILC UGC (Brazilian product reviews, Duran and Mendonça 2014, CC0)",
}


def fitted(corpora: Path, language: str) -> dict[str, Any]:
    """The language's file with its fitted tables; prints what the pairs were."""
    pairs = extract(corpora, language)["fit"].pairs
    sentence = (
        f"{len(pairs):,} misspellings of {SOURCES[language]}; what they say little of stays near the hand-made table."
    )
    found = fit_table(load(language, PRIORS), pairs, sentence)
    print(language, len(pairs), dict(found.counts))
    return {**read_table(FOLDER / f"{language}.json"), **found.tables}


def main() -> None:
    """Fits, and writes or compares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    stale = []
    for language in SOURCES:
        path = FOLDER / f"{language}.json"
        table = fitted(arguments.corpora, language)
        if not arguments.check:
            write_table(path, table)
        elif table != read_table(path):
            stale.append(path.name)
    if stale:
        sys.exit(f"Not what these corpora give: {', '.join(stale)}: run without --check.")


if __name__ == "__main__":
    main()
