"""The public data that the benchmarks and training sources read: where each lies, and what its bytes must be.

Knows addresses, sizes and checksums; fetches nothing. A size or checksum stands here only if somebody has published
it, or it was taken from the file itself, and the pin says which; where neither is so, there is no pin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

Fetch = Callable[[Sequence[str] | None, Path], None]
"""Brings the data of the languages (None: all) into a folder, which exists; what is there already stays."""


class Pin(NamedTuple):
    """What a file's bytes must be: at least one checksum, in hexadecimal, and their number where it is known."""

    source: str  # who says so
    size: int | None = None
    sha256: str | None = None
    md5: str | None = None


@dataclass(frozen=True)
class File:
    """One file to fetch."""

    name: str  # its place below the entry's folder
    url: str
    pin: Pin | None = None
    language: str | None = None  # fetched where this language is wanted; None: always
    unpack: str | None = None  # a tar or zip: the folder below the entry's that its content becomes


@dataclass(frozen=True)
class Entry:
    """One set of data, fetched by its files or, where there is more to it, by a function of its own."""

    name: str
    what: str
    licence: str
    languages: tuple[str, ...]
    use: str  # a command line's words; {path} stands for the place of the data
    files: tuple[File, ...] = ()
    fetch: Fetch | None = None  # takes the place of files
    path: str = ""  # what {path} stands for, below the entry's folder
    format: str | None = None  # of a benchmark: how it is read; None: it is none by itself
    default: tuple[str, ...] = ()  # formats of benchmarks that read this where no path is given
