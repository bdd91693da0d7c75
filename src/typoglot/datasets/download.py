"""Brings one file from its address to its place: whole, with the bytes that are known of it, or not at all.

What has come lies beside the place as NAME.part until it is proved, and the next try, or the next process, goes on
from there. Knows HTTP and checksums; knows nothing of what is in the file.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from typoglot import __version__
from typoglot.errors import DataError, OutputError
from typoglot.files import atomic_text, flush
from typoglot.terminal import progress, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from httpx2 import Client, Response

    from typoglot.datasets.catalogue import Pin

# httpx2 is imported where it is needed: `typoglot data list` is answered without it.

_PROGRESS = 1 << 20  # bytes that make a broken-off try worth a new row of tries
_LEAST = 60_000  # bytes that a server sends in a window of patience, or it is given up
_LATER = (408, 425, 429, 500, 502, 503, 504)  # statuses of a server that may answer better later (RFC 9110 §15)


class Patience(NamedTuple):
    """How long a server is waited for; times in seconds."""

    tries: int = 5  # in a row without progress
    pause: float = 1.0  # before the second try; doubled before each further one
    longest_pause: float = 60.0
    connect: float = 15.0
    silence: float = 30.0  # between two pieces of an answer
    window: float = 60.0  # in which more than a trickle must come


@dataclass(frozen=True)
class _Job:
    url: str
    part: Path
    pin: Pin | None
    patience: Patience
    count: Callable[[int], None]

    @property
    def size(self) -> int | None:
        """What the pin says."""
        return self.pin.size if self.pin else None

    @property
    def have(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0

    @property
    def note(self) -> Path:
        """Of which file the part is."""
        return self.part.with_name(self.part.name + ".of")

    def forget(self) -> None:
        self.part.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    def wrong(self, what: str, rule: str = "the file has changed there") -> DataError:
        place = self.part.with_suffix("")
        return DataError(self.url, None, what, f"{rule}; or fetch it elsewhere, and put it at {place}")

    def unwritable(self, why: str) -> OutputError:
        return OutputError(
            f"Cannot write '{self.part}' ({why}): make room there, or give --folder DIR; "
            "what has been fetched stays, and the same command goes on from there."
        )


class _BrokenOffError(Exception):
    """The answer ended early, or was none; another try may do."""

    def __init__(self, why: str, pause: float = 0.0) -> None:
        super().__init__(why)
        self.pause = pause  # that the server asks for


def download(url: str, target: Path, pin: Pin | None, *, patience: Patience | None = None) -> None:
    """Fetches the file, going on with what an earlier try left, and proves it.

    Args:
        url: its address.
        target: its place; the folder exists.
        pin: what its bytes must be; None: whatever comes, whole.
        patience: how long the server is waited for; None: the usual.

    Raises:
        DataError: the server does not have it, is given up, or gives other bytes.
        OutputError: the disk refused the write; what has come stays.
    """
    import httpx2

    patience = patience or Patience()
    timeout = httpx2.Timeout(patience.silence, connect=patience.connect)
    # Identity: a packed answer has another length, and is gone on with elsewhere.
    headers = {"User-Agent": f"typoglot/{__version__}", "Accept-Encoding": "identity"}
    with (
        progress(f"Fetching {target.name}", pin.size if pin else None, "bytes") as count,
        httpx2.Client(follow_redirects=True, max_redirects=10, timeout=timeout, headers=headers) as client,
    ):
        job = _Job(url, target.with_name(target.name + ".part"), pin, patience, count)
        count(job.have)
        _persist(client, job)
    try:
        flush(job.part)
        job.part.replace(target)
        flush(target.parent)
    except OSError as error:
        raise job.unwritable(str(error.strerror)) from error
    job.note.unlink(missing_ok=True)


def mismatch(path: Path, pin: Pin) -> str:
    """What tells the file from its pin; empty if nothing does."""
    try:
        size = path.stat().st_size
        if pin.size is not None and size != pin.size:
            return f"has {size:,} bytes, not {pin.size:,} ({pin.source})"
        for name, expected in (("sha256", pin.sha256), ("md5", pin.md5)):
            if expected is not None and (found := checksum(path, name)) != expected:
                return f"has the {name} {found}, not {expected} ({pin.source})"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return ""


def checksum(path: Path, name: str) -> str:
    """The file's sha256 or md5, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as handle:
        # Not for secrecy: md5 is what some publish, and a system that forbids it otherwise lets it pass.
        return hashlib.file_digest(handle, lambda: hashlib.new(name, usedforsecurity=False)).hexdigest()


def _persist(client: Client, job: _Job) -> None:
    """Tries until the part is whole and right."""
    failures, reached, thrown = 0, job.have, False
    while True:
        resumed = job.have > 0
        try:
            _receive(client, job)
        except _BrokenOffError as error:
            failures = 1 if job.have - reached > _PROGRESS else failures + 1
            reached = job.have
            if failures >= job.patience.tries:
                rule = "try again later" + (f" (it goes on from {reached:,} bytes)" if reached else "")
                raise job.wrong(f"could not be fetched in {failures} tries: {error}", rule) from error
            say(f"{job.url}: {error}; trying again")
            time.sleep(min(max(job.patience.pause * 2 ** (failures - 1), error.pause), job.patience.longest_pause))
            continue
        wrong = mismatch(job.part, job.pin) if job.pin else ""
        if not wrong:
            return
        job.forget()
        if thrown or not resumed:
            raise job.wrong(wrong)
        # Two halves of different files, perhaps: the whole may be right.
        say(f"{job.url}: {wrong}; fetching it from the beginning")
        thrown, reached = True, 0


def _receive(client: Client, job: _Job) -> None:
    """One request: appends to the part, or begins it anew, until the answer ends.

    Raises:
        _BrokenOffError: the answer ended early; what has come stays.
        DataError: the answer cannot be the file.
        OutputError: the disk refused the write.
    """
    import httpx2

    if job.size is not None and job.have == job.size:
        return
    validator = _validator(job)
    # Without a validator nobody knows whether the file is still the one that the part is of; a checksum would tell.
    if not (validator or job.pin):
        job.forget()
    have = job.have
    headers = {"Range": f"bytes={have}-"} if have else {}
    if have and validator:
        headers["If-Range"] = validator
    try:
        with client.stream("GET", job.url, headers=headers) as response:
            if response.status_code == 416 and have:
                _settle(response, job)
                return
            start = _start(response, job)
            total = _total(response, start)
            _check(response, job, total, start)
            if not start:
                _begin(response, job)
            job.count(start - have)
            _append(response, job, start, total)
    except (httpx2.TransportError, httpx2.StreamError) as error:
        raise _BrokenOffError(str(error) or type(error).__name__) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise job.wrong(f"cannot be fetched ({error})", "it may have moved") from error
    whole = job.size if total is None else total
    if whole is not None and job.have < whole:
        raise _BrokenOffError(f"ended after {job.have:,} of {whole:,} bytes")


def _start(response: Response, job: _Job) -> int:
    """The byte at which the answer begins: where the part ends if the server goes on, 0 if it begins anew."""
    code, named = response.status_code, f"{response.status_code} {response.reason_phrase}".strip()
    if code in _LATER:
        asked = response.headers.get("Retry-After", "")
        raise _BrokenOffError(f"answers {named}", float(asked) if asked.isdigit() else 0.0)
    if code not in (200, 206):
        raise job.wrong(f"answers {named}", "it may have moved")
    if job.url.startswith("https:") and response.url.scheme != "https":
        raise job.wrong(f"leads to {response.url}", "on the way there anyone could change it")
    if code == 200:
        return 0
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    if not job.have or found is None or int(found[1]) != job.have:
        job.forget()
        raise _BrokenOffError(f"answers with another part ({response.headers.get('Content-Range')})")
    return job.have


def _total(response: Response, start: int) -> int | None:
    """The size of the whole file, as the answer announces it."""
    if start:
        found = re.search(r"/(\d+)$", response.headers.get("Content-Range", ""))
        return int(found[1]) if found else None
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdigit() else None


def _check(response: Response, job: _Job, total: int | None, start: int) -> None:
    """Refuses an answer that cannot be the file, and one that has no room, before it is read."""
    headers = response.headers
    if job.pin is None and headers.get("Content-Type", "").startswith("text/html"):
        raise job.wrong("is a web page", "the file itself is expected")
    if job.pin is None and total is None and headers.get("Transfer-Encoding", "").lower() != "chunked":
        raise job.wrong("the server does not say how long it is", "nobody could tell whether it is whole")
    if job.pin and None not in (job.size, total) and total != job.size:
        raise job.wrong(f"the server announces {total:,} bytes, not {job.size:,} ({job.pin.source})")
    free = shutil.disk_usage(job.part.parent).free
    if total is not None and free < total - start:
        raise job.unwritable(f"{total - start:,} bytes are to come, {free:,} are free")


def _append(response: Response, job: _Job, start: int, total: int | None) -> None:
    """Writes the answer from byte `start` on; stops where more comes than was announced, or next to nothing."""
    most = total if job.size is None else job.size
    position, since, at = start, time.monotonic(), start
    try:
        with job.part.open("r+b" if start else "wb") as out:
            out.seek(start)
            for chunk in response.iter_raw():
                position += len(chunk)
                if most is not None and position > most:
                    break
                out.write(chunk)
                job.count(len(chunk))
                if time.monotonic() - since > job.patience.window:
                    if position - at < _LEAST:
                        raise _BrokenOffError(f"sent {position - at:,} bytes in {job.patience.window:.0f} s")
                    since, at = time.monotonic(), position
    except OSError as error:
        raise job.unwritable(str(error.strerror)) from error
    if most is not None and position > most:
        job.forget()
        raise job.wrong(f"sends more than {most:,} bytes")


def _settle(response: Response, job: _Job) -> None:
    """The server has nothing behind what is here: the part is the whole file, or of another one."""
    if response.headers.get("Content-Range", "") != f"bytes */{job.have}":
        job.forget()
        raise _BrokenOffError("has fewer bytes than an earlier try left")


def _begin(response: Response, job: _Job) -> None:
    """Drops what was there and notes of which file the new part is: its address, and what a server compares."""
    job.forget()
    tag = response.headers.get("ETag", "")  # a weak one does not vouch for bytes (RFC 9110 §8.8)
    validator = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")
    try:
        with atomic_text(job.note) as out:
            out.write(f"{job.url}\n{validator}\n")
    except OutputError as error:
        raise job.unwritable(str(getattr(error.__cause__, "strerror", error))) from error


def _validator(job: _Job) -> str:
    """What the server is to compare before it goes on; empty if that is not known."""
    try:
        address, validator, *_ = [*job.note.read_text("utf-8").splitlines(), "", ""]
    except (OSError, UnicodeDecodeError):
        return ""
    return validator if address == job.url and validator.isascii() else ""
