"""A file of passages as DPR ships them, opened and gone through, against two usual ways: csv into memory, and datasets.

python -m benchmarks.read_speed [PASSAGES]

The file is made here: 100 words a passage, a third of them in quotes. `csv` keeps every row as a tuple, as DPR's and
Tevatron's scripts do, and checks nothing; `datasets` converts the file to Arrow, here at each reading anew. Ours checks
every line, every id, and keeps neither texts nor rows.
"""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from typoglot.sources.passages import open_passages

if TYPE_CHECKING:
    from collections.abc import Callable

PASSAGES = 2_000_000
# Of the process alone: what getrusage tells begins with the memory of the process that started it.
PEAK = "; import re; print(int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) // 1024)"


def main() -> None:
    """Prints the table of speeds, and the peak memory of each way in a process of its own."""
    from benchmarks.paired import compare, header  # brings torch, which would hide the memory that a way needs

    passages = int(sys.argv[1]) if len(sys.argv) > 1 else PASSAGES
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "psgs.tsv", passages)
        print(f"{passages:,} passages, {path.stat().st_size / 1e6:,.0f} MB\n")
        header("peer", "datasets")
        ways: list[tuple[str, Callable[[Path], object], Callable[[Path], object]]] = [
            ("opened; peer: csv", ours, by_csv),
            ("opened, and all gone through; peer: csv", both, by_csv),
            ("opened, and all gone through; peer: datasets", both, by_datasets),
        ]
        for what, own, peer in ways:
            compare(what, "passages", passages, partial(timed, own, path), partial(timed, peer, path), pairs=3)
        print()
        for way in (both, by_csv, by_datasets):
            name = way.__name__
            code = f"from pathlib import Path; from benchmarks.read_speed import {name}; {name}(Path({str(path)!r}))"
            told = subprocess.run([sys.executable, "-c", code + PEAK], capture_output=True, text=True, check=True)
            print(f"{name}: at most {int(told.stdout.split()[-1]):,} MiB in memory")


def write(path: Path, passages: int) -> Path:
    """A file of so many passages."""
    lot = random.Random(0)
    words = ["".join(lot.choices("abcdefghijklmnopqrstuvwxyz", k=lot.randint(2, 9))) for _ in range(5000)]
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, delimiter="\t")
        out.writerow(["id", "text", "title"])
        for number in range(passages):
            text = " ".join(lot.choices(words, k=100))
            out.writerow([number + 1, f'"{text}" it says' if number % 3 == 0 else text, f"Title {number // 7}"])
    return path


def timed(way: Callable[[Path], object], path: Path) -> float:
    """The seconds that a way takes."""
    start = time.perf_counter()
    way(path)
    return time.perf_counter() - start


def ours(path: Path) -> object:
    """Every line checked, nothing kept but places and ids."""
    return open_passages(path)


def both(path: Path) -> object:
    """The same, and every text read again, as its encoding would."""
    return sum(len(passage.text) for passage in open_passages(path))


def by_csv(path: Path) -> object:
    """All rows in memory."""
    csv.field_size_limit(1 << 24)
    with path.open(newline="", encoding="utf-8") as file:
        return [(row[0], row[1], row[2]) for row in csv.reader(file, delimiter="\t")]


def by_datasets(path: Path) -> object:
    """Converted to Arrow, and gone through."""
    import datasets

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        table = datasets.load_dataset("csv", data_files=str(path), delimiter="\t", split="train", cache_dir=cache)
        return sum(len(text) for batch in table.iter(4096) for text in batch["text"])


if __name__ == "__main__":
    main()
