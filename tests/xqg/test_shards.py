from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from typoglot.config import Decoding, Precision
from typoglot.errors import ConfigError, DataError
from typoglot.records import Passage
from typoglot.sources.generated import read_generated
from typoglot.xqg.shards import CARD, Shard, agree, block_size, corpus_digest, write_shard

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from typoglot.xqg.generator import Ask

CORPUS = [Passage(f"p{number}", f"text {number}", "Title") for number in range(150)]
DECODING = Decoding(per_language=2)


class Stub:
    """Writes the passage's id as its question; the power goes out after so many blocks."""

    def __init__(self, blocks: int = 10**9) -> None:
        self.blocks, self.calls = blocks, 0

    def sample(
        self, asks: Sequence[Ask], decoding: Decoding, precision: Precision, advance: Callable[[int], None]
    ) -> list[tuple[str, ...]]:
        if self.calls == self.blocks:
            raise OSError("the power went out")
        self.calls += 1
        advance(len(asks))
        return [tuple(f"{a.passage.id} {a.language} {n}" for n in range(decoding.per_language)) for a in asks]


def write(folder: Path, shard: str = "1/1", stub: Stub | None = None, corpus: list[Passage] = CORPUS) -> Stub:
    stub = stub or Stub()
    folder.mkdir(exist_ok=True)
    generator: Any = stub
    write_shard(generator, corpus, ["ar", "ko"], DECODING, Precision.fp32, Shard.parse(shard), folder)
    return stub


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_passage_has_its_questions(tmp_path: Path) -> None:
    write(tmp_path)
    found = read_generated(tmp_path, [passage.id for passage in CORPUS], ["ar", "ko"], 2)

    assert list(found) == [passage.id for passage in CORPUS]
    assert found["p7"] == {"ar": ("p7 ar 0", "p7 ar 1"), "ko": ("p7 ko 0", "p7 ko 1")}


def test_a_block_holds_records(tmp_path: Path) -> None:
    write(tmp_path)
    row = json.loads(gzip.decompress((tmp_path / "000000.jsonl.gz").read_bytes()).decode().splitlines()[1])

    assert row == {
        "docid": "p1", "title": "Title", "text": "text 1",
        "generated_queries": {"ar": ["p1 ar 0", "p1 ar 1"], "ko": ["p1 ko 0", "p1 ko 1"]},
    }  # fmt: skip


@pytest.mark.parametrize("shards", [["1/3", "2/3", "3/3"], ["2/2", "1/2"], ["1/200", "1/1"]])
def test_any_number_of_shards_writes_the_same_files(shards: list[str], tmp_path: Path) -> None:
    write(tmp_path / "whole")
    for shard in shards:
        write(tmp_path / "parts", shard)

    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


def test_shards_share_nothing(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        write(tmp_path / str(number), f"{number}/3")
    names = [set(contents(tmp_path / str(number))) for number in (1, 2, 3)]

    assert sum(map(len, names)) == len(set.union(*names)) == 50
    assert {len(own) for own in names} == {16, 17}


def test_a_killed_job_goes_on_and_what_is_there_is_not_written_again(tmp_path: Path) -> None:
    write(tmp_path / "whole")
    with pytest.raises(OSError, match="power"):
        write(tmp_path / "killed", stub=Stub(blocks=20))
    assert len(contents(tmp_path / "killed")) == 20

    again = write(tmp_path / "killed")
    assert again.calls == 30
    assert contents(tmp_path / "killed") == contents(tmp_path / "whole")
    assert write(tmp_path / "killed").calls == 0


def test_what_other_shards_have_still_to_write_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "1/2")
    assert "25 of 50 blocks are still to come" in capsys.readouterr().err

    write(tmp_path, "2/2")
    assert "still to come" not in capsys.readouterr().err


@pytest.mark.parametrize(("passages", "size"), [(1, 1), (64, 1), (120, 2), (150, 3), (65_536, 1024), (10**7, 1024)])
def test_the_corpus_decides_the_size_of_blocks(passages: int, size: int) -> None:
    assert block_size(passages) == size


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/", "a/b", "-1/2", "1/2/3", "1.0/2"])
def test_a_shard_that_is_none_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--shard=.*: write it as 2/8"):
        Shard.parse(text)


def test_a_folder_that_was_begun_otherwise_is_refused(tmp_path: Path) -> None:
    agree(tmp_path, {"seed": 1, "model": "a"})
    agree(tmp_path, {"seed": 1, "model": "a"})

    with pytest.raises(ConfigError, match=r"was begun otherwise \(seed was 1, not 2\); give another folder"):
        agree(tmp_path, {"seed": 2, "model": "a"})


def test_the_corpus_is_known_by_its_digest() -> None:
    digests = {corpus_digest(corpus) for corpus in (CORPUS, CORPUS[:-1], CORPUS[::-1], [])}

    assert len(digests) == 4
    assert corpus_digest(list(CORPUS)) == corpus_digest(CORPUS)


@pytest.mark.parametrize("text", ["", "[]"])
def test_a_damaged_note_of_what_was_begun_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / CARD).write_text(text)

    with pytest.raises(DataError, match=r"generation\.json: is damaged .* give another folder with --out"):
        agree(tmp_path, {"seed": 1})
