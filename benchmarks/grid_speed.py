"""The surface of 5 counts × 11 α × 3 typo rates against the reference's way: fuse, index and search point by point.

    python -m benchmarks.grid_speed [--passages 100000] [--queries 500] [--kind clustered|random] [--reference code]

The reference's way is what the xQG repository does for each point: the vectors of 7·n generated queries summed, mixed
into one more fp32 corpus, faiss IndexFlatIP over it, a search; a typo rate is a point of its own (`--reference code`;
its files are spared: all arrays lie in memory, those of seven languages standing for every count). `--reference kind`,
the default, gives it the sums ready-made and searches all typo rates at once. Points cost alike, so a turn measures
`--points` of them, of counts 1, 3 and 5, and multiplies; our turn is the whole surface, all its rankings included. The
two take turns in one process, after their rankings have been compared. CPU seconds at one thread say most where other
work runs beside it. Vectors are synthetic, see `vectors`.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import faiss
import numpy as np
import torch

from benchmarks.paired import header
from typoglot.search.corpus import HeldCorpus
from typoglot.search.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

COUNTS = (1, 2, 3, 4, 5)
LANGUAGES = 7
RATES = (0.0, 0.3, 0.6)  # how far a typo rate moves a query, in lengths of random noise
WIDTH = 768
DEPTH = 100
PEAK = "print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"


class Work(NamedTuple):
    """What both sides are given."""

    corpus: HeldCorpus
    queries: NDArray[np.float32]


class Cost(NamedTuple):
    """Of one turn."""

    wall: float
    cpu: float


def vectors(passages: int, queries: int, kind: str) -> Work:
    """Passages, the sums of their generated queries, and queries at three typo rates.

    clustered: a shared direction (cosines of two passages about 0.4, as encoders have), a cluster of 50, and own noise;
    random: nothing but noise, the worst case. Generated queries have a cosine of about 0.75 to their passage; so has a
    clean query to the passage that answers it, where clustered (random: to none).
    """
    rng = np.random.default_rng(0)

    def noise(*shape: int) -> NDArray[np.float32]:
        return rng.standard_normal((*shape, WIDTH), dtype=np.float32) / np.float32(WIDTH**0.5)

    plain = noise(passages)
    if kind == "clustered":
        centres = noise(max(1, passages // 50))
        plain = (
            np.float32(0.6) * (plain + noise(1)) + np.float32(0.55) * centres[rng.integers(0, len(centres), passages)]
        )
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    sums, total = {}, np.zeros_like(plain)
    for count in COUNTS:
        total = total + LANGUAGES * np.float32(0.75) * plain + np.float32(LANGUAGES**0.5 * 0.66) * noise(passages)
        sums[count] = total
    clean = noise(queries)
    if kind == "clustered":
        clean = 0.66 * clean + 0.75 * plain[rng.integers(0, passages, queries)]
    rows = np.concatenate([clean + rate * noise(queries) for rate in RATES]).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Work(HeldCorpus([f"p{place}" for place in range(passages)], plain, sums), rows)


def timed(do: Callable[[], object]) -> Cost:
    """Seconds on the wall and of all cores."""
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def surface(work: Work, alphas: int) -> None:
    """Ours: one pass, then the ranking of every point."""
    made = Surface(work.corpus, work.queries, COUNTS, DEPTH)
    for count in COUNTS:
        for alpha in np.linspace(0, 1, alphas):
            made.at(count, float(alpha))


def fused(work: Work, count: int, alpha: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The reference's way, for one point."""
    mixed = np.float32(1 - alpha) * work.corpus.passages + np.float32(alpha) * work.corpus.sums[count]
    index = faiss.IndexFlatIP(WIDTH)
    index.add(mixed)
    scores, positions = index.search(work.queries, DEPTH)
    return scores, positions


def reference(work: Work, points: int) -> None:
    """Some points of the reference, sums given and all typo rates in one search."""
    for point in range(points):
        fused(work, (1, 3, 5)[point % 3], 0.1 + 0.3 * (point % 3))


def by_the_code(work: Work, points: int) -> None:
    """The same points as the repository's scripts make them: for each typo rate anew, from all arrays."""
    arrays = [work.corpus.sums[COUNTS[language % len(COUNTS)]] for language in range(LANGUAGES)]
    for point in range(points):
        count, alpha = (1, 3, 5)[point % 3], np.float32(0.1 + 0.3 * (point % 3))
        for queries in np.split(work.queries, len(RATES)):
            total = np.zeros_like(work.corpus.passages)
            for _ in range(count):
                for array in arrays:
                    total += array
            index = faiss.IndexFlatIP(WIDTH)
            index.add((1 - alpha) * work.corpus.passages + alpha * total)
            index.search(queries, DEPTH)


def check(work: Work) -> None:
    """Raises where the two rank differently by more than fp32's rounding, at three points."""
    made = Surface(work.corpus, work.queries, COUNTS, DEPTH)
    for count, alpha in ((1, 0.0), (2, 0.3), (5, 1.0)):
        theirs, positions = fused(work, count, alpha)
        ours = made.at(count, alpha)
        moved = ours.positions != positions
        gap = np.abs(ours.scores - theirs).max() / np.abs(theirs).max()
        print(f"count {count}, alpha {alpha}: {moved.mean():.1e} of the ranks differ, scores by at most {gap:.1e}")
        if gap > 1e-5 or moved.mean() > 1e-3:
            raise ValueError("the rankings differ by more than rounding")


def peak(name: str, arguments: argparse.Namespace) -> float:
    """GiB that a process of its own needs at most, its input included."""
    work = f"work = g.vectors({arguments.passages}, {arguments.queries}, {arguments.kind!r})"
    do = {"input": "", "ours": "g.surface(work, 11)", "reference": "g.reference(work, 1)"}[name]
    code = f"import benchmarks.grid_speed as g\n{work}\n{do}\n{PEAK}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) / 2**20


def spread(values: list[float], form: str) -> str:
    """Median (min-max)."""
    return f"{statistics.median(values):{form}} ({min(values):{form}}–{max(values):{form}})"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=500)
    parser.add_argument("--kind", choices=("clustered", "random"), default="clustered")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--points", type=int, default=3)
    parser.add_argument("--reference", choices=("kind", "code"), default="kind")
    parser.add_argument("--memory", action="store_true", help="measure peak memory, and nothing else")
    arguments = parser.parse_args()
    if arguments.memory:
        print({name: f"{peak(name, arguments):.2f} GiB" for name in ("input", "ours", "reference")})
        return
    torch.set_num_threads(arguments.threads)
    faiss.omp_set_num_threads(arguments.threads)
    work = vectors(arguments.passages, arguments.queries, arguments.kind)
    check(work)
    header("fuse, build, search", "faiss-cpu", "numpy")
    sides = {"11": partial(surface, work, 11), "101": partial(surface, work, 101)}
    peer = by_the_code if arguments.reference == "code" else reference
    turns = [
        (timed(sides["11"]), timed(partial(peer, work, arguments.points)), timed(sides["101"]))
        for _ in range(arguments.pairs)
    ]
    size = f"{arguments.passages:,} × {WIDTH}, {len(work.queries):,} queries"
    what = f"{arguments.kind}, {size}, reference {arguments.reference}"
    for part, clock in enumerate(("seconds", "CPU seconds")):
        ours, more = ([turn[side][part] for turn in turns] for side in (0, 2))
        for alphas, own in ((11, ours), (101, more)):
            scale = len(COUNTS) * alphas / arguments.points
            theirs = [turn[1][part] * scale for turn in turns]
            ratios = [their / mine for their, mine in zip(theirs, own, strict=True)]
            cells = spread(own, ".1f"), spread(theirs, ".0f"), spread(ratios, ".1f")
            print(f"| {what}, 5 × {alphas} points, {clock} | {' | '.join(cells)} |", flush=True)
        print(f"101 α instead of 11, {clock}: {spread([b / a for a, b in zip(ours, more, strict=True)], '.2f')}")


if __name__ == "__main__":
    main()
