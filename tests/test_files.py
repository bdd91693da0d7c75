from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from typoglot.errors import BusyError
from typoglot.files import files_below, is_locked, locked, write_json


def test_json_keeps_every_script_and_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    write_json(tmp_path / "told.json", {"word": "घर"})

    with pytest.raises(TypeError):
        write_json(tmp_path / "told.json", {"word": object()})
    assert (tmp_path / "told.json").read_text(encoding="utf-8") == '{\n  "word": "घर"\n}\n'
    assert [path.name for path in tmp_path.iterdir()] == ["told.json"]


def test_a_folder_is_locked_while_it_is_held_and_no_longer(tmp_path: Path) -> None:
    assert not is_locked(tmp_path)
    with locked(tmp_path):
        assert is_locked(tmp_path)
    assert not is_locked(tmp_path)


def test_a_folder_that_is_not_there_is_not_locked(tmp_path: Path) -> None:
    assert not is_locked(tmp_path / "nowhere")


def test_a_lock_ends_with_its_process_however_it_ends(tmp_path: Path) -> None:
    hold = "import sys, time\nfrom pathlib import Path\nfrom typoglot.files import locked\n"
    hold += "with locked(Path(sys.argv[1])):\n    print(flush=True)\n    time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hold, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        assert is_locked(tmp_path)
        process.kill()
        process.wait()
    assert not is_locked(tmp_path)


def test_asking_whether_a_folder_is_locked_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    asking = True

    def ask() -> None:
        while asking:
            is_locked(tmp_path)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for _ in range(50):
            with locked(tmp_path):
                pass
    finally:
        asking = False
        thread.join()


def test_a_held_folder_is_refused_and_can_be_waited_for(tmp_path: Path) -> None:
    held, seen = threading.Event(), []

    def hold() -> None:
        with locked(tmp_path):
            held.set()
            time.sleep(0.5)
        seen.append("ended")

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    with pytest.raises(BusyError, match="Another process is working in"), locked(tmp_path):
        pass
    assert not is_locked(tmp_path, wait=True)
    thread.join()
    assert seen == ["ended"]


def test_files_are_found_once_behind_links_to_folders_too(tmp_path: Path) -> None:
    (tmp_path / "top" / "inner").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    for name in ("top/a", "top/inner/b", "other/c"):
        (tmp_path / name).write_text("x")
    (tmp_path / "top" / "again").symlink_to(tmp_path / "top" / "inner")
    (tmp_path / "top" / "inner" / "up").symlink_to(tmp_path / "top")
    (tmp_path / "top" / "inner" / "out").symlink_to(tmp_path / "other")

    found = [path.relative_to(tmp_path).as_posix() for path in files_below(tmp_path / "top")]
    assert sorted(found) == ["top/a", "top/inner/b", "top/inner/out/c"]


def test_where_no_folder_is_there_are_no_files(tmp_path: Path) -> None:
    assert list(files_below(tmp_path / "nowhere")) == []
