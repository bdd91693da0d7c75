"""The one place that speaks to the terminal: progress and messages on stderr, results on stdout."""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from typoglot.privacy import public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rich.console import Console


_bars = 0


def is_worker() -> bool:
    """Whether Lightning started this process to train beside another one, which does all the talking and writing."""
    return os.environ.get("LOCAL_RANK", "0") != "0"


def say(message: str) -> None:
    """Prints a line of running news to stderr."""
    if is_worker():
        return
    _console(stderr=True).print(message, markup=False, highlight=False, soft_wrap=True)
    log(message, told=True)


@contextlib.contextmanager
def logged(path: Path) -> Iterator[None]:
    """Until the end, all news are written to the end of this file too."""
    global _log
    before, _log = _log, path
    try:
        yield
    finally:
        _log = before


def log(text: str, *, told: bool = False) -> None:
    """Writes a line to the log alone, if there is one. A log that cannot be written costs no result.

    Args:
        text: in which the home folder becomes `~`, and a secret its name.
        told: it is on stderr already, which may be the log (of a job of a sweep).
    """
    if _log is None or is_worker() or (told and _is_stderr(_log)):
        return
    with contextlib.suppress(OSError), _log.open("a", encoding="utf-8") as out:
        out.write(public(text) + "\n")


_log: Path | None = None


def _is_stderr(path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(2), path.stat())
    except OSError:
        return False


def show(renderable: object) -> None:
    """Prints a result (text or a rich table) to stdout."""
    _console(stderr=False).print(renderable, markup=False, highlight=False, soft_wrap=isinstance(renderable, str))


@contextlib.contextmanager
def progress(what: str, total: int | None, unit: str) -> Iterator[Callable[[int], None]]:
    """Shows how far long work has come, with the time left; yields the function that counts it on.

    The total is None where nobody knows it (a stream). Where stderr is no terminal (a log file, CI), one plain line is
    written at the end.
    """
    global _bars
    console = _console(stderr=True)
    start = time.perf_counter()
    done = 0

    def count(n: int) -> None:
        nonlocal done
        done += n

    if _bars or is_worker() or not console.is_terminal:
        yield count
    else:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        _bars += 1
        try:
            with Progress(*columns, console=console, transient=True) as bar:
                task = bar.add_task(what, total=total)

                def show_count(n: int) -> None:
                    count(n)
                    bar.advance(task, n)

                yield show_count
        finally:
            _bars -= 1
    seconds = time.perf_counter() - start
    say(f"{what}: {done if total is None else total:,} {unit} in {seconds:.1f} s")


def _console(*, stderr: bool) -> Console:
    # Made anew at each call: Hydra, pytest and notebooks swap the streams under a long-lived console.
    from rich.console import Console

    # Emoji off: ":top:" in a message is a place, not a picture.
    console = Console(stderr=stderr, emoji=False)
    # A log file has no width of its own; 80 columns would cut the tables; 160 hold the widest.
    return console if console.is_terminal else Console(stderr=stderr, emoji=False, width=160)
