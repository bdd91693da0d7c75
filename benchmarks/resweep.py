"""What the harness itself costs: a finished sweep run again, and what in a run is neither training nor ranking.

    python -m benchmarks.resweep [POINTS] [SECONDS]

POINTS (50): of the sweep. SECONDS (180): about how long the run is whose shares are measured.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
WORDS = ("backbone=minilm_l6", "benchmark.languages=[en]", "typos.rates=[0]", "tracker=none", "bootstrap=100")
STEPS_A_SECOND = 0.4  # of 16 pairs on two cores, docs/benchmarks.md: a first guess of how many make SECONDS


def main(points: int = 50, seconds: float = 180) -> None:
    """Prints both tables."""
    with tempfile.TemporaryDirectory() as folder:
        resweep(Path(folder), points)
        overhead(Path(folder), seconds)


def resweep(folder: Path, points: int) -> None:
    """Seconds a point of a sweep, and of the same sweep again."""
    seeds = ",".join(map(str, range(1, points + 1)))
    command = [sys.executable, "evaluate.py", "-m", *WORDS, f"output={folder / 'sweep'}", f"seed={seeds}"]
    print("| sweep | points | seconds | seconds a point |\n|---|---|---|---|")
    for name in ("first", "again"):
        start = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        took = time.perf_counter() - start
        print(f"| {name} | {points} | {took:.1f} | {took / points:.2f} |", flush=True)


def overhead(folder: Path, seconds: float) -> None:
    """The share of a run's time in each part of the harness."""
    steps = max(2, round(seconds * STEPS_A_SECOND))
    words = ("backbone=minilm_l6", "trainer.batch_size=16", "trainer.epochs=1000", f"trainer.max_steps={steps}")
    command = [sys.executable, "-m", "benchmarks.resweep", "inner", *words, f"output={folder / 'run'}"]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    whole = time.perf_counter() - start
    parts: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    print(f"\n| part of a run of {whole:.0f} s ({steps} steps) | seconds | share |\n|---|---|---|")
    for part, took in [*parts.items(), ("all of the harness", sum(parts.values()))]:
        print(f"| {part} | {took:.2f} | {100 * took / whole:.1f} % |")


def inner(words: list[str]) -> None:
    """One run with its parts timed; the last line of stdout is their seconds as JSON."""
    start = time.perf_counter()
    spent: dict[str, float] = defaultdict(float)
    from hydra import compose, initialize_config_dir

    from typoglot import cli, evaluation, pipeline, results, tracking

    with initialize_config_dir(str(ROOT / "conf"), version_base="1.3"):
        settings = cli.settings_of(compose("train", words))
    spent["configuration"] = time.perf_counter() - start
    _watch(spent, "configuration", pipeline, "check", "fingerprint")
    _watch(spent, "tables", results, "write_points", "write_per_query", "write_queries", "write_run")
    _watch(spent, "tables", evaluation, "points_of")
    _watch(spent, "report", pipeline, "show_run")
    opened = tracking.open_tracker

    def opened_and_watched(*args: Any) -> Any:
        began = time.perf_counter()
        tracker = opened(*args)
        spent["tracking"] += time.perf_counter() - began
        names = [name for name in dir(tracker) if not name.startswith("_") and callable(getattr(tracker, name))]
        _watch(spent, "tracking", tracker, *names)
        return tracker

    vars(tracking)["open_tracker"] = opened_and_watched
    pipeline.run(settings)
    print(json.dumps(spent))


def _watch(spent: dict[str, float], part: str, owner: Any, *names: str) -> None:
    """Adds the seconds of these functions to a part."""

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            start = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                spent[part] += time.perf_counter() - start

        return timed

    for name in names:
        setattr(owner, name, watched(getattr(owner, name)))


if __name__ == "__main__":
    if sys.argv[1:2] == ["inner"]:
        inner(sys.argv[2:])
    else:
        main(*(kind(word) for kind, word in zip((int, float), sys.argv[1:], strict=False)))
