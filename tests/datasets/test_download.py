from __future__ import annotations

import hashlib
import os
import resource
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.datasets.conftest import Answer, Shelf, breaks_off, honest, status

from typoglot.datasets.catalogue import Pin
from typoglot.datasets.download import Patience, download, mismatch
from typoglot.errors import DataError, OutputError

QUICK = Patience(tries=3, pause=0.001, silence=0.5, connect=2)


def pin_of(content: bytes) -> Pin:
    return Pin("a test", len(content), hashlib.sha256(content).hexdigest())


def fetch(shelf: Shelf, folder: Path, pin: Pin | str | None = "right", patience: Patience = QUICK) -> bytes:
    target = folder / "data.bin"
    download(shelf.url, target, pin_of(shelf.content) if isinstance(pin, str) else pin, patience=patience)
    assert sorted(path.name for path in folder.iterdir()) == ["data.bin"]
    return target.read_bytes()


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("pin", ["right", None])
def test_a_file_comes_whole_and_leaves_nothing_beside_it(shelf: Shelf, tmp_path: Path, pin: str | None) -> None:
    assert fetch(shelf, tmp_path, pin) == shelf.content
    assert len(shelf.asked) == 1


@pytest.mark.parametrize("pin", ["right", None])
def test_what_breaks_off_is_gone_on_with(shelf: Shelf, tmp_path: Path, pin: str | None) -> None:
    shelf.behaviours = [breaks_off(100_000)]

    assert fetch(shelf, tmp_path, pin) == shelf.content
    assert (shelf.asked[1]["Range"], shelf.asked[1]["If-Range"]) == ("bytes=100000-", '"1"')


def test_a_server_that_breaks_off_for_good_is_given_up_and_what_came_stays(shelf: Shelf, tmp_path: Path) -> None:
    shelf.behaviours = [breaks_off(1000)] * 9

    with pytest.raises(DataError, match=r"could not be fetched in 3 tries: .*goes on from 1,000 bytes"):
        fetch(shelf, tmp_path)
    assert len(shelf.asked) == 3
    assert left(tmp_path) == ["data.bin.part", "data.bin.part.of"]


def test_tries_that_get_on_are_not_counted(shelf: Shelf, tmp_path: Path) -> None:
    shelf.content = os.urandom(9 << 20)

    def two_megabytes(answer: Answer) -> None:
        whole = answer.shelf.content
        start = int(answer.headers.get("Range", "bytes=0-")[6:-1])
        named = {"Content-Range": f"bytes {start}-{len(whole) - 1}/{len(whole)}"} if start else {}
        answer.head(206 if start else 200, {"ETag": '"1"', "Content-Length": len(whole) - start, **named})
        answer.wfile.write(whole[start : start + (2 << 20)])
        answer.close_connection = True

    shelf.behaviours = [two_megabytes] * 4

    assert fetch(shelf, tmp_path) == shelf.content


def test_a_server_that_ignores_the_range_begins_anew(shelf: Shelf, tmp_path: Path) -> None:
    shelf.behaviours = [
        breaks_off(1000),
        breaks_off(500),
        lambda answer: (answer.headers.__delitem__("Range"), honest(answer))[1],
    ]

    assert fetch(shelf, tmp_path) == shelf.content


def test_a_file_that_changes_between_two_tries_is_not_sewn_together(shelf: Shelf, tmp_path: Path) -> None:
    def changed(answer: Answer) -> None:
        shelf.content, shelf.etag = b"new" * 1000, '"2"'
        honest(answer)

    shelf.behaviours = [breaks_off(1000), changed]

    assert fetch(shelf, tmp_path, None) == b"new" * 1000


def test_halves_of_different_files_are_noticed_and_fetched_anew(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(b"?" * 1000)

    assert fetch(shelf, tmp_path) == shelf.content
    assert [asked.get("Range") for asked in shelf.asked] == ["bytes=1000-", None]


def test_a_part_of_which_nothing_is_known_is_not_gone_on_with(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "data.bin.part").write_bytes(b"?" * 1000)
    (tmp_path / "data.bin.part.of").write_text('http://elsewhere/\n"1"\n')

    assert fetch(shelf, tmp_path, None) == shelf.content
    assert "Range" not in shelf.asked[0]


@pytest.mark.parametrize("etag", ["", 'W/"1"'])
def test_without_a_strong_validator_an_unpinned_part_is_begun_anew(shelf: Shelf, tmp_path: Path, etag: str) -> None:
    shelf.etag = etag
    shelf.behaviours = [breaks_off(1000)]

    assert fetch(shelf, tmp_path, None) == shelf.content
    assert "Range" not in shelf.asked[1]


@pytest.mark.parametrize("pin", ["right", None])
def test_a_part_that_is_whole_already_is_proved_and_renamed(shelf: Shelf, tmp_path: Path, pin: str | None) -> None:
    (tmp_path / "data.bin.part").write_bytes(shelf.content)
    (tmp_path / "data.bin.part.of").write_text(f'{shelf.url}\n"1"\n')

    assert fetch(shelf, tmp_path, pin) == shelf.content
    assert len(shelf.asked) == (0 if pin else 1)


def test_a_new_beginning_drops_the_old_part_before_it_notes_what_comes(shelf: Shelf, tmp_path: Path) -> None:
    import httpx2

    from typoglot.datasets.download import _begin, _Job

    (tmp_path / "x.part").write_bytes(b"old")
    _begin(httpx2.Response(200, headers={"ETag": '"2"'}), _Job("u", tmp_path / "x.part", None, QUICK, lambda _: None))

    assert left(tmp_path) == ["x.part.of"]  # killed here, the next one would take the old bytes for the new file's


def test_a_part_that_is_longer_than_the_file_is_thrown_away(shelf: Shelf, tmp_path: Path) -> None:
    for pin in ("right", None):
        (tmp_path / "data.bin.part").write_bytes(shelf.content + b"?")
        (tmp_path / "data.bin.part.of").write_text(f'{shelf.url}\n"1"\n')

        assert fetch(shelf, tmp_path, pin) == shelf.content
        (tmp_path / "data.bin").unlink()


def test_wrong_bytes_are_refused_and_not_kept(shelf: Shelf, tmp_path: Path) -> None:
    shelf.behaviours = [partial(honest, content=shelf.content[:-1] + b"?")]

    with pytest.raises(DataError, match=r"sha256 [0-9a-f]{64}, not [0-9a-f]{64} \(a test\): the file has changed"):
        fetch(shelf, tmp_path)
    assert left(tmp_path) == []
    assert len(shelf.asked) == 1


def test_wrong_bytes_over_a_broken_line_are_fetched_twice_and_no_more(shelf: Shelf, tmp_path: Path) -> None:
    wrong = partial(honest, content=bytes(len(shelf.content)))
    shelf.behaviours = [breaks_off(1000), wrong, breaks_off(1000), wrong]

    with pytest.raises(DataError, match="has the sha256"):
        fetch(shelf, tmp_path)
    assert len(shelf.asked) == 4


def test_an_md5_is_as_good_as_it_is(shelf: Shelf, tmp_path: Path) -> None:
    md5 = hashlib.md5(shelf.content, usedforsecurity=False).hexdigest()
    assert fetch(shelf, tmp_path, Pin("a test", md5=md5)) == shelf.content
    (tmp_path / "data.bin").unlink()

    with pytest.raises(DataError, match="has the md5"):
        fetch(shelf, tmp_path, Pin("a test", md5="0" * 32))


@pytest.mark.parametrize("size", [10, 10**9])
def test_a_server_that_announces_another_size_is_refused_before_it_is_read(
    shelf: Shelf, tmp_path: Path, size: int
) -> None:
    with pytest.raises(DataError, match=f"announces 256,000 bytes, not {size:,}"):
        fetch(shelf, tmp_path, Pin("a test", size, "0" * 64))
    assert left(tmp_path) == []


def lies(announced: int) -> partial[None]:
    """Announces so many bytes and sends all that it has."""

    def behaviour(answer: Answer) -> None:
        answer.head(200, {"Content-Length": announced})
        answer.wfile.write(answer.shelf.content)
        answer.close_connection = True

    return partial(behaviour)


def test_a_server_that_announces_more_than_it_sends_is_asked_again_and_given_up(shelf: Shelf, tmp_path: Path) -> None:
    shelf.behaviours = [lies(256_001)] * 9

    with pytest.raises(DataError, match="in 3 tries"):
        fetch(shelf, tmp_path, None)


def test_a_server_that_sends_more_than_it_announces_gives_no_more_than_announced(shelf: Shelf, tmp_path: Path) -> None:
    shelf.behaviours = [lies(1000)]

    assert fetch(shelf, tmp_path, None) == shelf.content[:1000]


def chunked(content: bytes, *, end: bool = True) -> partial[None]:
    def behaviour(answer: Answer) -> None:
        answer.head(200, {"Transfer-Encoding": "chunked"})
        answer.wfile.write(b"%x\r\n%s\r\n" % (len(content), content) + (b"0\r\n\r\n" if end else b""))
        answer.close_connection = True

    return partial(behaviour)


def test_a_chunked_answer_is_whole_when_its_last_chunk_has_come(shelf: Shelf, tmp_path: Path) -> None:
    shelf.behaviours = [chunked(shelf.content, end=False), chunked(shelf.content)]

    assert fetch(shelf, tmp_path, None) == shelf.content
    assert len(shelf.asked) == 2


def test_more_bytes_than_pinned_are_not_read(shelf: Shelf, tmp_path: Path) -> None:
    shelf.behaviours = [chunked(shelf.content + b"?")]

    with pytest.raises(DataError, match="sends more than 256,000 bytes"):
        fetch(shelf, tmp_path)
    assert left(tmp_path) == []


def test_an_answer_that_never_ends_is_not_listened_to(shelf: Shelf, tmp_path: Path) -> None:
    sent = []

    def never_ends(answer: Answer) -> None:
        answer.head(200, {"Transfer-Encoding": "chunked"})
        for number in range(100):
            sent.append(number)
            answer.wfile.write(b"100000\r\n" + bytes(1 << 20) + b"\r\n")

    shelf.behaviours = [never_ends]

    with pytest.raises(DataError, match="sends more than 256,000 bytes"):
        fetch(shelf, tmp_path)
    assert len(sent) < 100


def endless(answer: Answer) -> None:
    answer.head(200, {"Connection": "close"})
    answer.wfile.write(answer.shelf.content[:1000])
    answer.close_connection = True


def test_an_answer_without_an_end_is_whole_by_its_checksum_alone(shelf: Shelf, tmp_path: Path) -> None:
    shelf.behaviours = [endless]
    assert fetch(shelf, tmp_path) == shelf.content
    (tmp_path / "data.bin").unlink()
    shelf.behaviours, shelf.asked = [endless], []

    with pytest.raises(DataError, match="does not say how long it is"):
        fetch(shelf, tmp_path, None)


def test_a_web_page_in_place_of_an_unpinned_file_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    shelf.behaviours = [partial(honest, content=b"<html>", headers={"Content-Type": "text/html; charset=utf-8"})]

    with pytest.raises(DataError, match="is a web page"):
        fetch(shelf, tmp_path, None)


@pytest.mark.parametrize("code", [404, 403, 410])
def test_a_file_that_is_not_there_is_told_at_once(shelf: Shelf, tmp_path: Path, code: int) -> None:
    shelf.behaviours = [status(code)]

    with pytest.raises(
        DataError, match=rf"answers {code} .*it may have moved; or fetch it elsewhere, and put it at .*data.bin"
    ):
        fetch(shelf, tmp_path)
    assert len(shelf.asked) == 1


def test_a_busy_server_is_asked_again_when_it_says_so_within_reason(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    shelf.behaviours = [status(503, **{"Retry-After": "7"}), status(429, **{"Retry-After": "3600"})]

    assert fetch(shelf, tmp_path, patience=QUICK._replace(longest_pause=60)) == shelf.content
    assert slept == [7, 60]


def test_pauses_double(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    shelf.behaviours = [status(500)] * 3

    fetch(shelf, tmp_path, patience=QUICK._replace(tries=5, pause=1))
    assert slept == [1, 2, 4]


@pytest.mark.parametrize("pin", ["right", None])
def test_an_answer_with_another_part_than_asked_for_is_thrown_away(
    shelf: Shelf, tmp_path: Path, pin: str | None
) -> None:
    def other_part(answer: Answer) -> None:
        answer.head(206, {"Content-Range": "bytes 5-9/256000", "Content-Length": 5})
        answer.wfile.write(b"?????")

    shelf.behaviours = [breaks_off(1000), other_part]

    assert fetch(shelf, tmp_path, pin) == shelf.content


def test_silence_is_given_up(shelf: Shelf, tmp_path: Path) -> None:
    def silent(answer: Answer) -> None:
        answer.head(200, {"Content-Length": 256_000, "ETag": '"1"'})
        answer.wfile.write(b"\x00")
        answer.wfile.flush()
        time.sleep(0.5)
        answer.close_connection = True

    shelf.behaviours = [silent]

    assert fetch(shelf, tmp_path, patience=QUICK._replace(silence=0.1)) == shelf.content
    assert shelf.asked[1]["Range"] == "bytes=1-"


def test_a_trickle_is_given_up(shelf: Shelf, tmp_path: Path) -> None:
    def trickle(answer: Answer) -> None:
        answer.head(200, {"Content-Length": 256_000, "ETag": '"1"'})
        for number in range(20):
            answer.wfile.write(answer.shelf.content[number : number + 1])
            answer.wfile.flush()
            time.sleep(0.02)
        answer.close_connection = True

    shelf.behaviours = [trickle] * 3

    with pytest.raises(DataError, match=r"in 3 tries: sent [0-9]+ bytes in 0 s"):
        fetch(shelf, tmp_path, patience=QUICK._replace(window=0.1))


def test_a_server_that_is_not_there_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="could not be fetched in 3 tries"):
        download("http://127.0.0.1:9/x", tmp_path / "x", None, patience=QUICK)


def test_a_safe_address_that_leads_to_an_unsafe_one_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    import httpx2

    from typoglot.datasets.download import _Job, _start

    job = _Job("https://a/x", tmp_path / "x.part", None, QUICK, lambda _: None)
    answer = httpx2.Response(200, request=httpx2.Request("GET", "http://a/x"))

    with pytest.raises(DataError, match="leads to http://a/x: on the way there anyone could change it"):
        _start(answer, job)


def test_a_redirection_in_a_circle_is_told(shelf: Shelf, tmp_path: Path) -> None:
    shelf.behaviours = [status(302, Location="/data.bin")] * 20

    with pytest.raises(DataError, match="cannot be fetched"):
        fetch(shelf, tmp_path)


def test_a_disk_without_room_is_asked_before_anything_is_written(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10))

    with pytest.raises(OutputError, match="256,000 bytes are to come, 10 are free"):
        fetch(shelf, tmp_path)
    assert left(tmp_path) == []


ONE = """
import sys
from pathlib import Path
from typoglot.datasets.download import download, Patience
from typoglot.errors import OutputError
try:
    download(sys.argv[1], Path(sys.argv[2]), None, patience=Patience(tries=2, pause=0.01))
except OutputError as error:
    print(error)
    sys.exit(7)
"""


def test_a_full_disk_is_an_output_error_and_what_came_stays(shelf: Shelf, tmp_path: Path) -> None:
    def narrow() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    target = tmp_path / "data.bin"
    done = subprocess.run(
        [sys.executable, "-c", ONE, shelf.url, target], capture_output=True, preexec_fn=narrow, text=True, check=False
    )

    assert (done.returncode, left(tmp_path)) == (7, ["data.bin.part", "data.bin.part.of"]), done.stderr
    assert "the same command goes on from there" in done.stdout
    assert fetch(shelf, tmp_path, None) == shelf.content
    assert shelf.asked[1]["Range"].startswith("bytes=")


def test_a_killed_fetch_goes_on(shelf: Shelf, tmp_path: Path) -> None:
    def stops_in_the_middle(answer: Answer) -> None:
        answer.head(200, {"ETag": answer.shelf.etag, "Content-Length": len(answer.shelf.content)})
        answer.wfile.write(answer.shelf.content[:200_000])
        answer.wfile.flush()
        time.sleep(2)
        answer.close_connection = True

    shelf.behaviours = [stops_in_the_middle]
    part = tmp_path / "data.bin.part"
    with subprocess.Popen([sys.executable, "-c", ONE, shelf.url, tmp_path / "data.bin"]) as process:
        for _ in range(1000):
            if part.exists() and part.stat().st_size >= 100_000:
                break
            time.sleep(0.01)
        process.kill()

    assert not (tmp_path / "data.bin").exists()
    assert fetch(shelf, tmp_path, None) == shelf.content
    assert int(shelf.asked[1]["Range"][6:-1]) >= 100_000


def test_a_file_that_cannot_be_read_is_not_what_is_pinned(tmp_path: Path) -> None:
    assert mismatch(tmp_path / "none", Pin("a test", 1)) == "cannot be read (No such file or directory)"
