from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tests.datasets.conftest import Answer, Shelf, breaks_off, honest

from typoglot.datasets import holdings
from typoglot.datasets.catalogue import CATALOGUE, Entry, File, Pin
from typoglot.datasets.download import Patience
from typoglot.errors import ConfigError, DataError, OutputError

QUICK = Patience(tries=2, pause=0.001, silence=2, connect=2)


def pinned(content: bytes) -> Pin:
    return Pin("a test", len(content), hashlib.sha256(content).hexdigest())


def entry_of(*files: File, name: str = "thing", **more: object) -> Entry:
    return Entry(name, "A thing", "CC0", ("en", "de"), "x={path}", files, **more)  # type: ignore[arg-type]


def bring(entry: Entry, root: Path, languages: list[str] | None = None, *, trust: bool = False) -> Path:
    return holdings.fetch(entry, root, languages, trust=trust, patience=QUICK)


def recorded(root: Path) -> dict[str, dict[str, object]]:
    return json.loads((root / holdings.LOCK).read_text())["thing"]  # type: ignore[no-any-return]


def test_a_pinned_file_is_fetched_recorded_and_not_fetched_again(shelf: Shelf, tmp_path: Path) -> None:
    entry = entry_of(File("a.bin", shelf.url, pinned(shelf.content)))
    first, second = bring(entry, tmp_path), bring(entry, tmp_path)

    assert first == second == tmp_path / "thing"
    assert (first / "a.bin").read_bytes() == shelf.content
    assert len(shelf.asked) == 1
    assert recorded(tmp_path)["a.bin"]["sha256"] == hashlib.sha256(shelf.content).hexdigest()


def test_languages_choose_files_and_what_is_for_all_comes_too(shelf: Shelf, tmp_path: Path) -> None:
    pin = pinned(shelf.content)
    files = [File(name, shelf.url, pin, language) for name, language in (("all", None), ("d", "de"), ("e", "en"))]
    bring(entry_of(*files), tmp_path, ["de"])

    assert sorted(path.name for path in (tmp_path / "thing").iterdir()) == ["all", "d"]
    with pytest.raises(ConfigError, match="data fetch thing: has no xx; choose among en, de"):
        bring(entry_of(*files), tmp_path, ["xx"])


def test_an_unpinned_file_is_refused_and_nothing_is_asked(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no checksum of a.bin is published; --pin takes what comes first"):
        bring(entry_of(File("a.bin", shelf.url)), tmp_path)
    assert shelf.asked == []


def test_what_comes_first_is_the_pin_of_an_unpinned_file(shelf: Shelf, tmp_path: Path) -> None:
    entry = entry_of(File("a.bin", shelf.url))
    bring(entry, tmp_path, trust=True)
    (tmp_path / "thing" / "a.bin").unlink()
    assert bring(entry, tmp_path) / "a.bin"  # no --pin any more: the lock vouches
    (tmp_path / "thing" / "a.bin").unlink()
    shelf.content = shelf.content[::-1]

    for trust in (False, True):  # --pin again does not change what was pinned
        with pytest.raises(DataError, match="what came first, 20"):
            bring(entry, tmp_path, trust=trust)


def test_a_file_brought_by_hand_is_proved_not_fetched(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing" / "a.bin").write_bytes(shelf.content)
    bring(entry_of(File("a.bin", shelf.url, pinned(shelf.content))), tmp_path)

    assert shelf.asked == []
    assert "a.bin" in recorded(tmp_path)


def test_a_damaged_file_is_named_and_fetched_again(shelf: Shelf, tmp_path: Path) -> None:
    entry = entry_of(File("a.bin", shelf.url, pinned(shelf.content)))
    path = bring(entry, tmp_path) / "a.bin"
    assert holdings.verify(entry, tmp_path) == (1, [])
    path.write_bytes(shelf.content[:-1] + b"?")

    count, (fault,) = holdings.verify(entry, tmp_path)
    assert count == 1
    assert fault.startswith(f"{path}: has the sha256")
    bring(entry, tmp_path)
    assert holdings.verify(entry, tmp_path) == (1, [])


def test_a_missing_file_and_an_unrecorded_wrong_one_are_named(shelf: Shelf, tmp_path: Path) -> None:
    entry = entry_of(*(File(name, shelf.url, pinned(shelf.content)) for name in ("a", "b")))
    with pytest.raises(DataError, match="nothing of it is kept here: typoglot data fetch thing brings it"):
        holdings.verify(entry, tmp_path)
    folder = bring(entry_of(entry.files[0]), tmp_path)
    (folder / "a").unlink()
    (folder / "b").write_bytes(b"?")

    assert [fault.split(": ")[1][:10] for fault in holdings.verify(entry, tmp_path)[1]] == ["cannot be ", "has 1 byte"]


def a_zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, content in files.items():
            packed.writestr(f"top/{name}", content)
    return out.getvalue()


def test_an_archive_is_unpacked_once_and_again_where_something_is_damaged(shelf: Shelf, tmp_path: Path) -> None:
    shelf.content = a_zip(x=b"one", y=b"two")
    entry = entry_of(File("a.zip", shelf.url, pinned(shelf.content), unpack="in"), path="in")
    place = bring(entry, tmp_path)
    (place / "x").write_bytes(b"???")

    assert [fault.split(": ")[0] for fault in holdings.verify(entry, tmp_path)[1]] == [str(place / "x")]
    assert place == bring(entry, tmp_path)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {"x": b"one", "y": b"two"}
    assert (holdings.verify(entry, tmp_path), len(shelf.asked)) == ((3, []), 1)


def test_another_archive_leaves_nothing_of_the_first(shelf: Shelf, tmp_path: Path) -> None:
    for content in (a_zip(x=b"one"), a_zip(y=b"two")):
        shelf.content = content
        place = bring(entry_of(File("a.zip", shelf.url, pinned(content), unpack="in")), tmp_path)

    assert [path.name for path in (place / "in").iterdir()] == ["y"]
    assert set(recorded(tmp_path)) == {"a.zip", "in/y"}


def test_what_a_killed_unpacking_left_is_cleared(shelf: Shelf, tmp_path: Path) -> None:
    shelf.content = a_zip(x=b"one")
    (tmp_path / "thing" / ".in.123.tmp.raw").mkdir(parents=True)
    bring(entry_of(File("a.zip", shelf.url, pinned(shelf.content), unpack="in")), tmp_path)

    assert sorted(path.name for path in (tmp_path / "thing").iterdir()) == ["a.zip", "in"]


def test_a_function_of_its_own_fetches_and_its_files_are_recorded(tmp_path: Path) -> None:
    def own(languages: object, folder: Path) -> None:
        (folder / f"{languages}").write_bytes(b"x")

    entry = Entry("thing", "A thing", "CC0", ("en",), "x={path}", fetch=own)
    bring(entry, tmp_path, ["en"])

    assert holdings.verify(entry, tmp_path) == (1, [])
    assert list(recorded(tmp_path)) == ["['en']"]


def test_only_what_is_read_and_was_not_fetched_is_a_stranger(shelf: Shelf, tmp_path: Path) -> None:
    named = entry_of(File("a.bin", shelf.url, pinned(shelf.content)))
    place = bring(named, tmp_path)
    for name in ("b.bin", "notes.txt"):
        (place / name).touch()

    assert holdings.strangers(named, tmp_path) == []
    assert holdings.strangers(replace(named, opened=lambda folder: sorted(folder.glob("*.bin"))), tmp_path) == [
        place / "b.bin"
    ]


def test_the_languages_of_what_was_fetched_are_known(shelf: Shelf, tmp_path: Path) -> None:
    pin = pinned(shelf.content)
    files = [File(f"{name}.bin", shelf.url, pin, language=name) for name in ("en", "de")]
    entry = entry_of(File("all.bin", shelf.url, pin), *files)
    bring(entry, tmp_path, ["de"])

    assert holdings.languages_of(entry, tmp_path) == ["de"]


def test_what_is_damaged_is_not_taken_for_right_by_a_function_of_its_own(tmp_path: Path) -> None:
    def own(_: object, folder: Path) -> None:
        if not (folder / "a").exists():
            (folder / "a").write_bytes(b"right")

    entry = Entry("thing", "A thing", "CC0", ("en",), "x={path}", fetch=own)
    path = bring(entry, tmp_path) / "a"
    path.write_bytes(b"wrong")
    bring(entry, tmp_path)

    assert path.read_bytes() == b"right"
    assert holdings.verify(entry, tmp_path) == (1, [])


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(OutputError, match=r"Cannot write to folder .* \(Not a directory\): give another with --folder"):
        bring(entry_of(), tmp_path / "file")


OUT = json.dumps({"thing": {"../x": {"size": 1, "sha256": "0" * 64, "pinned": "by somebody"}}})


@pytest.mark.parametrize("text", ["{", "[]", '{"thing": 1}', '{"thing": {"a": {"size": 1}}}', "[" * 10_000, OUT])
def test_a_damaged_lock_is_an_error_of_ours(shelf: Shelf, tmp_path: Path, text: str) -> None:
    (tmp_path / holdings.LOCK).write_text(text)

    with pytest.raises(DataError, match=r"typoglot-data.lock.json: is damaged"):
        bring(entry_of(File("a.bin", shelf.url)), tmp_path)


def test_what_is_here_is_counted(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = entry_of(*(File(name, shelf.url, pinned(shelf.content), "en" if name == "a" else "de") for name in "ab"))
    monkeypatch.setitem(CATALOGUE, "thing", entry)
    assert [one.have for one in holdings.holdings(tmp_path)] == [0] * len(CATALOGUE)
    bring(entry, tmp_path, ["en"])

    (found,) = [one for one in holdings.holdings(tmp_path) if one.entry.name == "thing"]
    assert (found.have, found.of, found.place) == (1, 2, tmp_path / "thing")


TWO = """
import sys
from pathlib import Path
from typoglot.datasets import holdings
from typoglot.datasets.catalogue import Entry, File
entry = Entry("thing", "A thing", "CC0", ("en",), "x", (File("a.bin", sys.argv[1]),))
holdings.fetch(entry, Path(sys.argv[2]), None, trust=True)
"""


def test_two_processes_fetch_once(shelf: Shelf, tmp_path: Path) -> None:
    def slow(answer: Answer) -> None:
        time.sleep(0.5)
        honest(answer)

    shelf.behaviours = [slow] * 2
    command = [sys.executable, "-c", TWO, shelf.url, str(tmp_path)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=60)[1] for process in both]

    assert [process.returncode for process in both] == [0, 0], told
    assert len(shelf.asked) == 1
    assert (tmp_path / "thing" / "a.bin").read_bytes() == shelf.content


def test_a_killed_fetch_holds_nothing_and_the_next_goes_on(shelf: Shelf, tmp_path: Path) -> None:
    def stops(answer: Answer) -> None:
        answer.head(200, {"ETag": '"1"', "Content-Length": len(answer.shelf.content)})
        answer.wfile.write(answer.shelf.content[:200_000])
        answer.wfile.flush()
        time.sleep(2)
        answer.close_connection = True

    shelf.behaviours = [stops]
    part = tmp_path / "thing" / "a.bin.part"
    with subprocess.Popen([sys.executable, "-c", TWO, shelf.url, tmp_path]) as process:
        for _ in range(1000):
            if part.exists() and part.stat().st_size >= 100_000:
                break
            time.sleep(0.01)
        process.kill()
    place = bring(entry_of(File("a.bin", shelf.url)), tmp_path, trust=True)

    assert (place / "a.bin").read_bytes() == shelf.content
    assert int(shelf.asked[1]["Range"][6:-1]) >= 100_000


def test_of_several_files_those_that_came_stay_when_one_fails(shelf: Shelf, tmp_path: Path) -> None:
    pin = pinned(shelf.content)
    entry = entry_of(File("a", shelf.url, pin), File("b", shelf.url, pin))
    shelf.behaviours = [honest, breaks_off(10), breaks_off(10)]

    with pytest.raises(DataError, match="in 2 tries"):
        bring(entry, tmp_path)
    assert holdings.verify(entry, tmp_path) == (1, [])
    bring(entry, tmp_path)
    assert [asked.get("Range") for asked in shelf.asked] == [None, None, "bytes=10-", "bytes=10-"]
