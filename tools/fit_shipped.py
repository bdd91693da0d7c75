"""Fits the languages that have corpora of misspellings and writes their tables into the package.

    python tools/fit_shipped.py CORPORA

The prior of each is its hand-made table in tools/priors, so that a second run gives the same file. Only what
tools/misspellings.py puts on the side `fit` is used; benchmarks/typo_realism.py measures on the other.
"""

from __future__ import annotations

import argparse
from pathlib import Path

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


def main() -> None:
    """Fits, writes, and prints what the pairs were."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    corpora = parser.parse_args().corpora
    for language, source in SOURCES.items():
        pairs = extract(corpora, language)["fit"].pairs
        sentence = f"{len(pairs):,} misspellings of {source}; what they say little of stays near the hand-made table."
        fitted = fit_table(load(language, PRIORS), pairs, sentence)
        path = FOLDER / f"{language}.json"
        write_table(path, {**read_table(path), **fitted.tables})
        print(language, len(pairs), dict(fitted.counts))


if __name__ == "__main__":
    main()
