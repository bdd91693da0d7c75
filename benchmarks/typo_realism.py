"""Can a classifier tell the engine's typos from people's, on the same words?

    python tools/misspellings.py CORPORA PAIRS          # word pairs, fitted and held out by sentence or article
    python benchmarks/typo_realism.py PAIRS [en ru vi pt]

Each held-out pair of people is set against one slip of a profile in the same word; two words written as one are left
out, since nothing says in which of them the engine should slip. Gradient-boosted trees see what was
done (operation, class, place, first letter, neighbouring key, vowels, marks) and how long the word is, never the
letters themselves; words are kept apart between training and test folds. An AUC of 0.5 means that the two cannot be
told apart. The interval is a bootstrap over words; the seeds of the engine are averaged.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the sets are small: threads only wait for each other

import numpy as np
from rapidfuzz.distance import OSA
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from typoglot.typos import TypoEngine
from typoglot.typos.casing import lower
from typoglot.typos.keyboard import Keyboard
from typoglot.typos.letters import normal
from typoglot.typos.tables import FOLDER, load
from typoglot.typos.writers import without_marks

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROFILES = ("human", "keyboard", "uniform", "textattack")
ENGLISH_ONLY = ("textattack",)
OPS = ("substitute", "delete", "insert", "double", "undouble", "transpose", "join", "split", "several")
FOLDS = 5
REPLICATES = 500


class Judge:
    """Describes what happened to a word, by letters alone: it knows nothing of how the engine works."""

    def __init__(self, language: str, models: Path | None) -> None:
        table = load(language, models or FOLDER)
        self.language, self.vowels = language, table.vowels
        self.keyboard = Keyboard(table.layout, table.alphabet)

    def features(self, right: str, wrong: str) -> list[float]:
        """The numbers that the classifier sees."""
        head = next(
            (i for i, (a, b) in enumerate(zip(right, wrong, strict=False)) if a != b), min(map(len, (right, wrong)))
        )
        tail = 0
        while tail < min(len(right), len(wrong)) - head and right[-1 - tail] == wrong[-1 - tail]:
            tail += 1
        before, after = right[head : len(right) - tail], wrong[head : len(wrong) - tail]
        op = self.operation(right, wrong, before, after, head)
        beside = right[max(head - 1, 0) : head + 1]
        near = [self.keyboard.adjacent(a, b) for a in (before or beside) for b in after]
        return [
            OPS.index(op),
            OSA.distance(right, wrong),
            head / max(len(right) - 1, 1),
            head,
            len(right) - head - len(before),
            head == 0,
            len(right),
            any(near),
            self.kind(before),
            self.kind(after),
            without_marks(right) == without_marks(wrong),
            right != without_marks(right),
        ]

    def operation(self, right: str, wrong: str, before: str, after: str, head: int) -> str:
        """What was done."""
        if right.replace(" ", "") == wrong.replace(" ", ""):
            return "join" if " " in right else "split"
        match len(before), len(after):
            case 1, 1:
                return "substitute"
            case 1, 0:
                return "undouble" if head and right[head - 1] == before else "delete"
            case 0, 1:
                return "double" if head and right[head - 1] == after else "insert"
            case 2, 2 if before == after[::-1]:
                return "transpose"
        return "several"

    def kind(self, letters: str) -> int:
        """Nothing, a consonant, a vowel, both."""
        vowels = [letter in self.vowels for letter in letters]
        return any(vowels) * 2 + (not all(vowels)) * 1 if letters else 0


def read_pairs(path: Path, language: str) -> list[tuple[str, str]]:
    """(right, wrong) words of a tsv file whose lines are wrong<TAB>right, in lower case."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = [(lower(normal(right), language), lower(normal(wrong), language)) for wrong, right in rows]
    return [(right, wrong) for right, wrong in pairs if " " not in right]


def misspell(
    pairs: list[tuple[str, str]], language: str, profile: str, seed: int, models: Path | None
) -> list[tuple[str, str] | None]:
    """One slip of the profile in each right word; None where it has none."""
    engine = TypoEngine(profile, seed, models=models)
    plans = [engine.plan(str(i), language, right) for i, (right, _) in enumerate(pairs)]
    noisy = [plan.at(1, "k_per_query") for plan in plans]
    return [(pair[0], one.text) if one.edited else None for pair, one in zip(pairs, noisy, strict=True)]


def told_apart(human: NDArray[np.float64], made: NDArray[np.float64], words: list[str]) -> NDArray[np.float64]:
    """Each row's score for being a human's (humans first), from trees that saw other words."""
    rows = np.concatenate([human, made])
    labels = np.repeat([1, 0], [len(human), len(made)])
    scores = np.zeros(len(rows))
    for train, test in GroupKFold(FOLDS, shuffle=True, random_state=0).split(rows, labels, words * 2):
        model = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.06, min_samples_leaf=10, random_state=0)
        scores[test] = model.fit(rows[train], labels[train]).predict_proba(rows[test])[:, 1]
    return scores


def measure(
    pairs: list[tuple[str, str]], language: str, profile: str, seeds: int, models: Path | None
) -> tuple[float, float, float, int]:
    """The AUC with its 95 % interval, and the pairs that the profile could misspell."""
    judge = Judge(language, models)
    values, draws = [], []
    for seed in range(seeds):
        made = misspell(pairs, language, profile, seed, models)
        kept = [(pair, own) for pair, own in zip(pairs, made, strict=True) if own is not None]
        human = np.array([judge.features(*pair) for pair, _ in kept], float)
        noisy = np.array([judge.features(*own) for _, own in kept], float)
        words = [pair[0] for pair, _ in kept]
        scores = told_apart(human, noisy, words)
        labels = np.repeat([1, 0], len(kept))
        values.append(roc_auc_score(labels, scores))
        draws.append(bootstrap(scores, words, seed))
    spread = np.mean(draws, axis=0)
    return float(np.mean(values)), *np.quantile(spread, [0.025, 0.975]), len(kept)


def bootstrap(scores: NDArray[np.float64], words: list[str], seed: int) -> NDArray[np.float64]:
    """AUCs over words drawn again."""
    random = np.random.default_rng(seed)
    groups: dict[str, list[int]] = {}
    for i, word in enumerate(words):
        groups.setdefault(word, []).append(i)
    members = list(groups.values())
    found = []
    for _ in range(REPLICATES):
        rows = np.concatenate([members[i] for i in random.integers(len(members), size=len(members))])
        own = np.concatenate([scores[rows], scores[rows + len(words)]])
        found.append(roc_auc_score(np.repeat([1, 0], len(rows)), own))
    return np.array(found)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("languages", nargs="*", default=["en", "ru", "vi", "pt"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--part", default="heldout", help="fit: the pairs that the tables were fitted to")
    parser.add_argument("--models", type=Path, help="folder of language files in place of the package's")
    parser.add_argument("--profiles", nargs="*", default=PROFILES)
    arguments = parser.parse_args()
    table = Table("language", "pairs", *arguments.profiles, title="AUC: people's typos against the engine's")
    for language in arguments.languages:
        pairs = read_pairs(arguments.pairs / f"{language}.{arguments.part}.tsv", language)
        cells = []
        for profile in arguments.profiles:
            if profile in ENGLISH_ONLY and language != "en":
                cells.append("–")
                continue
            value, low, high, _ = measure(pairs, language, profile, arguments.seeds, arguments.models)
            cells.append(f"{value:.3f} [{low:.2f}–{high:.2f}]")
        table.add_row(language, str(len(pairs)), *cells)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
