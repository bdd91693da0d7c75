"""How many queries a second the typo engine misspells at all seven rates from one plan, by language, beside its peers.

    python -m benchmarks.typo_speed QUERIES [--peers PYTHON]

QUERIES is a folder of MKQA files (mkqa-en.jsonl …). Peers (multypo, nlpaug, textattack) need packages of their own:
PYTHON is the interpreter of an environment in which those that install are installed; they take turns with the engine
query set by query set. A peer knows no plan: it is called once a rate, as its users call it, and skips rate 0.
One process, one thread.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from typoglot.records import Query
from typoglot.typos import TypoEngine

RATES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
TURNS = 5
PEER_QUERIES = 300  # peers are slow: they are asked fewer, and compared by queries a second
LANGUAGES = ("ar", "en", "es", "fi", "km", "ms", "ru", "sv", "tr", "ja", "ko", "zh_cn")
PEERS = {"multypo": ("en", "ar", "ru"), "nlpaug": ("en", "es", "tr"), "textattack": ("en",)}

WORKER = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
name, language, rates = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
if name == "multypo":
    from multypo import MultiTypoGenerator
    names = {"en": "english", "ar": "arabic", "ru": "russian"}
    generator = MultiTypoGenerator(language=names[language])
    def misspell(text, rate): return generator.insert_typos(text, rate)
elif name == "nlpaug":
    from nlpaug.augmenter.char import KeyboardAug
    made = {rate: KeyboardAug(lang=language, aug_word_p=rate, aug_word_max=None) for rate in rates if rate}
    def misspell(text, rate): return made[rate].augment(text)
else:
    from textattack.augmentation import Augmenter
    from textattack.transformations import CompositeTransformation, WordSwapNeighboringCharacterSwap
    from textattack.transformations import WordSwapQWERTY, WordSwapRandomCharacterDeletion
    from textattack.transformations import WordSwapRandomCharacterInsertion, WordSwapRandomCharacterSubstitution
    kinds = [WordSwapNeighboringCharacterSwap, WordSwapRandomCharacterDeletion, WordSwapRandomCharacterInsertion,
             WordSwapRandomCharacterSubstitution, WordSwapQWERTY]
    transformation = CompositeTransformation([kind() for kind in kinds])
    made = {rate: Augmenter(transformation, pct_words_to_swap=rate, transformations_per_example=1) for rate in rates}
    def misspell(text, rate): return made[rate].augment(text)
print("ready", flush=True)
for line in sys.stdin:
    texts = json.loads(line)
    start = time.perf_counter()
    failed = 0
    for text in texts:
        for rate in rates:
            if rate:
                try: misspell(text, rate)
                except Exception: failed += 1
    print(json.dumps([time.perf_counter() - start, failed]), flush=True)
"""


class Peer:
    """A peer in its own process; `seconds` is what it takes for the texts, None if it is not to be had."""

    def __init__(self, python: str | None, name: str, language: str) -> None:
        self.process = None
        if python:
            command = [python, "-c", WORKER, name, language, json.dumps(RATES)]
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            lines = iter(self.process.stdout or ())
            if "ready\n" not in lines:  # reads on until it is said, whatever else a peer prints
                self.process = None

    def seconds(self, texts: list[str]) -> tuple[float, int] | None:
        """The seconds and how many calls failed."""
        if self.process is None or self.process.stdin is None or self.process.stdout is None:
            return None
        self.process.stdin.write(json.dumps(texts) + "\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("["):
                seconds, failed = json.loads(line)
                return seconds, failed
        return None

    def close(self) -> None:
        """Ends the process: some hold a gigabyte."""
        if self.process is not None:
            self.process.kill()
            self.process.communicate()


def read_queries(folder: Path, language: str, most: int) -> list[Query]:
    """MKQA's questions in a language."""
    lines = (folder / f"mkqa-{language}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines[:most]]
    key = next(key for key in ("question", "query", "text") if key in rows[0])
    return [Query(str(i), language, row[key], str(i)) for i, row in enumerate(rows)]


def own_seconds(queries: list[Query], profile: str) -> float:
    """From a new engine on, its tables read but no word met before."""
    engine = TypoEngine(profile)
    engine.plan("warm", queries[0].language, queries[0].text)
    start = time.perf_counter()
    engine.curve(queries, RATES)
    return time.perf_counter() - start


def row(folder: Path, language: str, most: int, python: str | None) -> list[str]:
    """One language: queries a second of `human` and `keyboard`, and the ratios to its peers in turn."""
    queries = read_queries(folder, language, most)
    peers = {name: Peer(python, name, language) for name, known in PEERS.items() if language in known}
    texts = [query.text for query in queries[:PEER_QUERIES]]
    human: list[float] = []
    keyboard: list[float] = []
    ratios: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(TURNS):
        human.append(len(queries) / own_seconds(queries, "human"))
        keyboard.append(len(queries) / own_seconds(queries, "keyboard"))
        for name, peer in peers.items():
            taken = peer.seconds(texts)
            if taken is not None:
                ratios[name].append(human[-1] / (len(texts) / taken[0]))
    for peer in peers.values():
        peer.close()
    cells = [_spread(human, "{:,.0f}"), _spread(keyboard, "{:,.0f}")]
    cells += [_spread(ratios[name], "{:.1f} ×") if ratios.get(name) else "–" for name in PEERS]
    return [language, f"{len(queries):,}", *cells]


def _spread(values: list[float], form: str) -> str:
    low, high = form.format(min(values)), form.format(max(values))
    return f"{form.format(statistics.median(values))} ({low}–{high})"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--peers", help="interpreter with the peers' packages")
    parser.add_argument("--languages", nargs="*", default=LANGUAGES)
    parser.add_argument("--most", type=int, default=10_000)
    arguments = parser.parse_args()
    versions = {name: importlib.metadata.version(name) for name in ("icu4py", "regex", "rapidfuzz")}
    print(f"Python {sys.version.split()[0]}, {versions}")
    heads = [f"human ÷ {name}" for name in PEERS]
    table = Table("language", "queries", "human, queries/s", "keyboard, queries/s", *heads)
    for language in arguments.languages:
        table.add_row(*row(arguments.queries, language, arguments.most, arguments.peers))
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
