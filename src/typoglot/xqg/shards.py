"""Writes questions for a whole corpus, in blocks that several jobs share. Knows no models' files and no benchmarks.

A block is a file of records that appears when it is whole. The corpus alone decides what is in each block, so the files
are the same however many jobs write them, in whichever order, and however often these are killed.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from typoglot.errors import ConfigError
from typoglot.files import write_json
from typoglot.lines import read_object
from typoglot.sources.generated import write_generated
from typoglot.terminal import progress, say
from typoglot.xqg.generator import Ask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from typoglot.config import Decoding, Precision
    from typoglot.records import Passage
    from typoglot.xqg.generator import Generator

CARD = "generation.json"  # beside the blocks: what they were made from and how


class Shard(NamedTuple):
    """A job's share of the blocks: the first of 8 is Shard(1, 8)."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """The shard that is written as 1/8.

        Raises:
            ConfigError: it is none.
        """
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
            raise ConfigError([f"--shard={text}: write it as 2/8, the second of eight."])
        return cls(int(number), int(of))


def block_size(passages: int) -> int:
    """Passages in a block: a sixty-fourth of the corpus, so that many jobs can share a small one; 1024 at most."""
    return min(1024, -(-passages // 64))


def write_shard(
    generator: Generator, corpus: Sequence[Passage], languages: Sequence[str], decoding: Decoding,
    precision: Precision, shard: Shard, folder: Path,
) -> None:  # fmt: skip
    """Writes the questions of the shard's blocks; those that are there already are passed over.

    Raises:
        OutputError: the disk refused the write.
    """
    size = block_size(len(corpus))
    rows = [range(start, min(start + size, len(corpus))) for start in range(0, len(corpus), size)]
    files = [folder / f"{number:06d}.jsonl.gz" for number in range(len(rows))]
    own = range(shard.number - 1, len(rows), shard.of)
    left = [number for number in own if not files[number].exists()]
    if len(left) < len(own):
        say(f"Going on: {len(own) - len(left):,} of {len(own):,} blocks are there")
    questions = sum(len(rows[number]) for number in left) * len(languages) * decoding.per_language
    with progress("Writing questions", questions, "questions") as advance:
        for number in left:
            block = corpus[rows[number].start : rows[number].stop]
            asks = [Ask(passage, language) for passage in block for language in languages]
            texts = generator.sample(asks, decoding, precision, lambda done: advance(done * decoding.per_language))
            written = dict(zip(asks, texts, strict=True))
            records = ((passage, {name: written[Ask(passage, name)] for name in languages}) for passage in block)
            write_generated(files[number], records)
    missing = sum(not file.exists() for file in files)
    if missing:
        say(f"{missing:,} of {len(files):,} blocks are still to come, from the other shards")


def agree(folder: Path, made: dict[str, Any]) -> None:
    """Leaves a note of what the folder's blocks are made from, or compares with the one that is there.

    Raises:
        ConfigError: the folder was begun with something else.
        DataError: the note is damaged.
    """
    card = folder / CARD
    if not card.exists():
        write_json(card, made)
        return
    begun = read_object(card, {}, "it says what the blocks were made from; give another folder with --out")
    other = [f"{key} was {begun.get(key)}, not {made.get(key)}" for key in made if begun.get(key) != made[key]]
    if other:
        raise ConfigError([f"--out={folder}: was begun otherwise ({'; '.join(other)}); give another folder."])


def corpus_digest(corpus: Sequence[Passage]) -> str:
    """Sixteen hexadecimal digits that change with any passage and with their order."""
    digest = hashlib.blake2b(digest_size=8)
    for passage in corpus:
        digest.update(json.dumps([passage.id, passage.title, passage.text]).encode())
    return digest.hexdigest()
