"""Times two ways of doing one thing in turn (A B A B …), so that a machine that slows down slows both."""

from __future__ import annotations

import importlib.metadata
import statistics
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable


def compare(
    what: str, unit: str, amount: int, ours: Callable[[], float], peer: Callable[[], float], pairs: int = 5
) -> None:
    """Prints a Markdown row: units a second of both, and the ratio pair by pair (median, min-max).

    Args:
        what: is compared.
        unit: of the amount.
        amount: done by one call.
        ours: does it and returns the seconds it took.
        peer: likewise.
        pairs: counted, after one that is not.
    """
    ours(), peer()
    times = [(ours(), peer()) for _ in range(pairs)]
    rates = [statistics.median(amount / pair[side] for pair in times) for side in (0, 1)]
    ratios = sorted(theirs / own for own, theirs in times)
    spread = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})"
    print(f"| {what} | {rates[0]:.1f} {unit}/s | {rates[1]:.1f} {unit}/s | {spread} |", flush=True)


def header(peer: str, *packages: str) -> None:
    """Prints what it runs on, and the head of the table."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("torch", "transformers", *packages))
    features = torch.cpu.get_capabilities()
    kind = "avx512_bf16" if features.get("avx512_bf16") else "avx512" if features.get("avx512_f") else "avx2"
    print(f"{versions}; {torch.get_num_threads()} threads of {features.get('cpu_name')} ({kind})\n")
    print(f"| what | typoglot | {peer} | ratio, median (min–max) |\n|---|---|---|---|")
