from __future__ import annotations

import errno
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from typoglot import store as room
from typoglot.config import Dtype
from typoglot.errors import OutputError
from typoglot.store import Shelf, Store, digest

ROWS, WIDTH, STEP = 10, 4, 3


def vectors(rows: range, layer: int = 0) -> NDArray[np.float32]:
    return np.arange(WIDTH * rows.start, WIDTH * rows.stop, dtype=np.float32).reshape(-1, WIDTH) + 1000 * layer


class Maker:
    """Makes known numbers and remembers which blocks it was asked for."""

    def __init__(self, layers: int = 1) -> None:
        self.layers = layers
        self.asked: list[int] = []

    def __call__(self, rows: range) -> Iterator[NDArray[np.float32]]:
        self.asked.append(rows.start)
        return (vectors(rows, layer) for layer in range(self.layers))


def shelf(root: Path, make: Any = None, layers: int = 1, **changes: Any) -> Shelf:
    shape: dict[str, Any] = {"rows": ROWS, "width": WIDTH, "block_rows": STEP, **changes}
    named = [{"texts": "abc", "count": layer} for layer in range(layers)]
    return Store(root).shelf(named, make=make or Maker(layers), **shape)


def read(it: Shelf, layer: int = 0) -> NDArray[Any]:
    return np.concatenate([arrays[layer] for _, arrays in it.blocks()])


def blocks_of(root: Path) -> list[Path]:
    return sorted(root.glob("*/*.npy"))


def tree(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 1
    path.write_bytes(data)


# What is kept.


@pytest.mark.parametrize("dtype", list(Dtype))
def test_vectors_come_back_as_they_were_made(dtype: Dtype, tmp_path: Path) -> None:
    it = shelf(tmp_path, layers=2, dtype=dtype)

    assert it.fill() == 4
    for layer in (0, 1):
        assert (read(it, layer) == vectors(range(ROWS), layer)).all()


def test_blocks_are_memory_mapped_in_order_and_read_only(tmp_path: Path) -> None:
    found = list(shelf(tmp_path).blocks())

    assert [rows for rows, _ in found] == [range(3), range(3, 6), range(6, 9), range(9, 10)]
    assert all(isinstance(array, np.memmap) and array.dtype == np.float16 for _, (array,) in found)
    assert not found[0][1][0].flags.writeable


def test_nothing_is_made_twice(tmp_path: Path) -> None:
    shelf(tmp_path).fill()
    again = Maker()

    assert shelf(tmp_path, again).fill() == 0
    assert (read(shelf(tmp_path, again)) == vectors(range(ROWS))).all()
    assert again.asked == []


def test_reading_makes_what_is_missing(tmp_path: Path) -> None:
    make = Maker()

    assert (read(shelf(tmp_path, make)) == vectors(range(ROWS))).all()
    assert make.asked == [0, 3, 6, 9]


def test_a_shelf_of_three_layers_is_served_by_one_of_five(tmp_path: Path) -> None:
    shelf(tmp_path, layers=5).fill()
    make = Maker(3)

    assert (read(shelf(tmp_path, make, layers=3), 2) == vectors(range(ROWS), 2)).all()
    assert make.asked == []


def test_a_shelf_of_more_layers_makes_only_the_new_ones(tmp_path: Path) -> None:
    shelf(tmp_path, layers=3).fill()
    before = {path: path.stat().st_mtime_ns for path in blocks_of(tmp_path)}

    assert shelf(tmp_path, layers=5).fill() == 4
    assert len(blocks_of(tmp_path)) == 5 * 4
    assert before.items() <= {path: path.stat().st_mtime_ns for path in blocks_of(tmp_path)}.items()


def test_an_empty_corpus_has_no_blocks(tmp_path: Path) -> None:
    it = shelf(tmp_path, rows=0)

    assert it.fill() == 0
    assert list(it.blocks()) == []
    assert Store(tmp_path).ls()[0].complete


def test_two_layers_with_the_same_ingredients_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same ingredients"):
        Store(tmp_path).shelf([{"a": 1}, {"a": 1}], rows=1, width=1, make=Maker(2))


def test_vectors_of_another_shape_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"came as \(3, 4\), not \(3, 5\)"):
        shelf(tmp_path, width=5).fill()


@pytest.mark.parametrize("value", [np.nan, np.inf, 70000.0])
def test_a_number_that_does_not_fit_is_refused_and_nothing_is_kept(value: float, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="hold a number that fp16 cannot"):
        shelf(tmp_path, lambda rows: [np.full((len(rows), WIDTH), value, np.float32)]).fill()
    assert blocks_of(tmp_path) == []


def test_a_block_is_a_plain_npy_file_named_by_its_rows_and_checksum(tmp_path: Path) -> None:
    shelf(tmp_path).fill()
    first = blocks_of(tmp_path)[0]

    assert first.name.startswith("000000000-000000003.")
    assert (np.load(first, allow_pickle=False) == vectors(range(3))).all()


# Keys.

PLAIN = {"texts": digest(["a", "b"]), "weights": "w", "max_length": 32, "pooling": "cls"}


def keys(root: Path, ingredients: dict[str, object], **shape: Any) -> str:
    shutil.rmtree(root, ignore_errors=True)
    it = {"rows": 2, "width": 2, "block_rows": 2, **shape}
    Store(root).shelf([ingredients], make=lambda rows: [np.ones((len(rows), it["width"]), np.float32)], **it).fill()
    (entry,) = Store(root).ls()
    return entry.key


@pytest.mark.parametrize(
    "changed",
    [{"texts": digest(["b", "a"])}, {"weights": "v"}, {"max_length": 33}, {"pooling": "mean"}, {"prefix": ""}],
)
def test_each_ingredient_changes_the_key(changed: dict[str, object], tmp_path: Path) -> None:
    assert keys(tmp_path / "a", {**PLAIN, **changed}) != keys(tmp_path / "a", PLAIN)


@pytest.mark.parametrize("changed", [{"rows": 3}, {"width": 3}, {"dtype": Dtype.fp32}, {"block_rows": 1}])
def test_each_measure_of_the_shape_changes_the_key(changed: dict[str, Any], tmp_path: Path) -> None:
    assert keys(tmp_path / "a", PLAIN, **changed) != keys(tmp_path / "a", PLAIN)


def test_the_format_changes_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys(tmp_path / "a", PLAIN)
    monkeypatch.setattr(room, "FORMAT", 2)

    assert keys(tmp_path / "a", PLAIN) != before


def test_neither_place_nor_order_of_ingredients_changes_the_key(tmp_path: Path) -> None:
    assert keys(tmp_path / "a", PLAIN) == keys(tmp_path / "b", dict(reversed(PLAIN.items())))


texts = st.lists(st.none() | st.text(max_size=3), max_size=4)


@given(texts, texts)
def test_only_equal_texts_have_an_equal_digest(one: list[str | None], other: list[str | None]) -> None:
    assert (digest(one) == digest(other)) == (one == other)


# Damage.


@pytest.mark.parametrize("position", [0, 60, -1])
def test_a_flipped_byte_in_a_block_is_told_and_the_block_made_again(
    position: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf(tmp_path, layers=2).fill()
    whole = tree(tmp_path)
    path = blocks_of(tmp_path)[1]
    flip(path, position)
    make = Maker(2)
    it = shelf(tmp_path, make, layers=2)

    assert Store(tmp_path).verify() == [path]
    assert (read(it) == vectors(range(ROWS))).all()
    assert make.asked == [3]
    assert capsys.readouterr().err.count(f"'{path}' is damaged: making it again.") == 1
    assert tree(tmp_path) == whole


def test_a_whole_block_in_the_wrong_place_is_made_again(tmp_path: Path) -> None:
    shelf(tmp_path).fill()
    first, *_, last = blocks_of(tmp_path)
    first.rename(last.with_name(last.name.split(".")[0] + "." + first.name.split(".", 1)[1]))
    last.unlink()

    assert (read(shelf(tmp_path)) == vectors(range(ROWS))).all()


def test_a_flipped_byte_anywhere_in_an_index_is_told_and_mended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf(tmp_path).fill()
    whole = tree(tmp_path)
    for index in (tmp_path / "store.json", *tmp_path.glob("*/layer.json")):
        for position in range(0, len(index.read_bytes()), 5):
            flip(index, position)
            it = shelf(tmp_path)
            if index.name == "layer.json" and not position % 50:
                assert Store(tmp_path).verify() == [index]
            it.fill()
            assert f"'{index}' is damaged: writing it again." in capsys.readouterr().err
    assert tree(tmp_path) == whole


def test_a_store_of_a_newer_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "FORMAT", 2)
    shelf(tmp_path).fill()
    monkeypatch.undo()

    with pytest.raises(OutputError, match=r"is of format 2, this typoglot writes format 1: update typoglot"):
        Store(tmp_path)


def test_a_full_disk_stops_the_job_and_leaves_the_store_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf(tmp_path / "whole").fill()
    synced, real = [], os.fsync

    def fsync(handle: int) -> None:
        synced.append(handle)
        if len(synced) == 8:  # two indexes and two blocks are written, each with its folder
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OutputError, match=r"There is no room left in the store .*finished blocks are kept"):
        shelf(tmp_path / "full").fill()
    monkeypatch.undo()

    assert Store(tmp_path / "full").verify() == []
    assert 0 < len(blocks_of(tmp_path / "full")) < 4
    assert not list((tmp_path / "full").rglob("*.part"))
    shelf(tmp_path / "full").fill()
    assert tree(tmp_path / "full") == tree(tmp_path / "whole")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(OutputError, match=r"Cannot write \(.*\) in the store '.*file'"):
        shelf(tmp_path / "file").fill()


def test_what_a_killed_job_left_unfinished_is_begun_anew(tmp_path: Path) -> None:
    shelf(tmp_path).fill()
    whole = tree(tmp_path)
    last = blocks_of(tmp_path)[-1]
    (last.parent / f".{last.name.split('.')[0]}.part").write_bytes(b"half" * 1000)
    last.unlink()
    shelf(tmp_path).fill()

    assert tree(tmp_path) == whole


def test_an_error_of_the_maker_is_its_own_and_leaves_no_unfinished_file(tmp_path: Path) -> None:
    def fail(rows: range) -> list[NDArray[np.float32]]:
        raise OSError(errno.ENOENT, "a file of the maker")

    with pytest.raises(OSError, match="a file of the maker"):
        shelf(tmp_path, fail).fill()
    assert not list(tmp_path.rglob("*.part"))


# Listing and pruning.


def test_the_list_says_what_is_there_and_how_far(tmp_path: Path) -> None:
    before = time.time() - 1
    next(iter(shelf(tmp_path).blocks()))
    (entry,) = Store(tmp_path).ls()

    assert entry.ingredients == {"texts": "abc", "count": 0}
    assert (entry.rows, entry.done, entry.complete) == (ROWS, 3, False)
    assert entry.bytes == blocks_of(tmp_path)[0].stat().st_size
    assert before < entry.last_used < time.time() + 1


def aged(root: Path, days: dict[str, float]) -> Store:
    """A store of one layer for each name, last used so many days ago; `half` is not finished."""
    for name, age in days.items():
        it = Store(root).shelf([{"name": name}], rows=ROWS, width=WIDTH, block_rows=STEP, make=Maker())
        next(iter(it.blocks())) if name == "half" else it.fill()
        (entry,) = (entry for entry in Store(root).ls() if entry.ingredients == {"name": name})
        moment = time.time() - 86400 * age
        os.utime(root / entry.key / "lock", (moment, moment))
    return Store(root)


@pytest.mark.parametrize(
    ("asked", "gone"),
    [
        ({}, []),
        ({"days": 5}, ["old"]),
        ({"incomplete": True}, ["half"]),
        ({"everything": True}, ["half", "new", "old"]),
        ({"under": 10**6}, []),
        ({"under": 600}, ["half", "old"]),
        ({"incomplete": True, "under": 1200}, ["half"]),
    ],
)
def test_pruning_removes_what_was_asked(asked: dict[str, Any], gone: list[str], tmp_path: Path) -> None:
    it = aged(tmp_path, {"new": 1, "old": 9, "half": 2})

    assert sorted(entry.ingredients["name"] for entry in it.prune(**asked)) == gone
    left = sorted(entry.ingredients["name"] for entry in it.ls())
    assert left == sorted({"new", "old", "half"} - set(gone))


def test_reading_is_use(tmp_path: Path) -> None:
    it = aged(tmp_path, {"old": 9})
    list(it.shelf([{"name": "old"}], rows=ROWS, width=WIDTH, block_rows=STEP, make=Maker()).blocks())

    assert it.prune(days=5) == []


def test_pruning_spares_what_a_job_reads_and_what_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    shelf(tmp_path).fill()
    reading = shelf(tmp_path).blocks()
    next(reading)

    assert Store(tmp_path).prune(everything=True) == []
    reading.close()
    assert len(Store(tmp_path).prune(everything=True)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "store.json"]


def test_a_layer_without_a_sound_index_is_listed_as_incomplete_and_can_be_pruned(tmp_path: Path) -> None:
    shelf(tmp_path).fill()
    (index,) = tmp_path.glob("*/layer.json")
    flip(index, 5)

    assert not Store(tmp_path).ls()[0].complete
    assert len(Store(tmp_path).prune(incomplete=True)) == 1


def test_what_a_killed_prune_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / f".{'0' * 64}.1.gone").mkdir()
    Store(tmp_path).prune()

    assert list(tmp_path.iterdir()) == []


# Several processes, and killed ones.

FILL = """
import sys, time
from pathlib import Path
import numpy as np
from typoglot.store import Store

root, log, rows, pause, stop = Path(sys.argv[1]), open(sys.argv[2], "a"), *map(float, sys.argv[3:])

def make(block):
    print(block.start, file=log, flush=True)
    while block.start == stop:
        time.sleep(1)
    for layer in range(2):
        time.sleep(pause)
        yield np.random.default_rng(block.start + layer).random((len(block), 64), np.float32)

shelf = Store(root).shelf([{"layer": n} for n in range(2)], rows=int(rows), width=64, block_rows=100, make=make)
print("ready", flush=True)
print(shelf.fill())
"""


def start(root: Path, log: Path, rows: int, pause: float, stop: int = -1) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", FILL, str(root), str(log), str(rows), str(pause), str(stop)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> int:
    """How many blocks it made."""
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return int(out)


@pytest.mark.slow
def test_a_job_killed_at_30_moments_leaves_what_an_undisturbed_one_does(tmp_path: Path) -> None:
    rows, log = 20000, tmp_path / "log"
    assert finish(start(tmp_path / "whole", tmp_path / "other", rows, 0)) == 200
    chance = random.Random(7)
    for _ in range(30):
        process = start(tmp_path / "killed", log, rows, 0.003)
        time.sleep(chance.uniform(0, 0.06))
        process.kill()
        process.communicate()
    assert 0 < len(blocks_of(tmp_path / "killed")) < 400
    finish(start(tmp_path / "killed", log, rows, 0))

    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")
    made = Counter(log.read_text().split())
    assert len(made) == 200
    assert sum(made.values()) <= 200 + 30


@pytest.mark.slow
def test_jobs_that_fill_one_shelf_share_the_work_and_leave_one_copy(tmp_path: Path) -> None:
    finish(start(tmp_path / "whole", tmp_path / "other", 6000, 0))
    jobs = [start(tmp_path / "shared", tmp_path / "log", 6000, 0.01) for _ in range(3)]
    made = [finish(job) for job in jobs]

    assert tree(tmp_path / "shared") == tree(tmp_path / "whole")
    assert sum(made) == 60 == len((tmp_path / "log").read_text().split())
    assert min(made) > 0


@pytest.mark.slow
def test_a_job_passes_over_a_locked_block_and_takes_it_when_its_holder_is_killed(tmp_path: Path) -> None:
    holder = start(tmp_path / "shared", tmp_path / "log", 1000, 0, stop=0)
    other = start(tmp_path / "shared", tmp_path / "log", 1000, 0)
    deadline = time.monotonic() + 30
    while len(blocks_of(tmp_path / "shared")) < 18 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(blocks_of(tmp_path / "shared")) == 18  # all but the locked one
    assert other.poll() is None
    assert Store(tmp_path / "shared").prune(everything=True) == []  # a filling job is spared
    holder.kill()
    holder.communicate()

    assert finish(other) == 10
    assert Store(tmp_path / "shared").verify() == []
    assert not list((tmp_path / "shared").rglob("*.part"))


def test_the_store_needs_no_torch() -> None:
    code = "import sys, typoglot.store; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_index_is_json_for_people(tmp_path: Path) -> None:
    shelf(tmp_path).fill()
    (index,) = tmp_path.glob("*/layer.json")
    fields = json.loads(index.read_text())

    assert fields["ingredients"] == {"texts": "abc", "count": 0}
    assert {"format", "rows", "width", "dtype", "block_rows", "sha256"} <= fields.keys()
