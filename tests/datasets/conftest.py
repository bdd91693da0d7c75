"""A server on this machine's loopback that misbehaves as it is told."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Behaviour = Callable[["Answer"], None]


class Answer(BaseHTTPRequestHandler):
    """One request; `shelf` says what is served and how."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    shelf: Shelf

    def do_GET(self) -> None:
        self.shelf.asked.append(dict(self.headers))
        number = len(self.shelf.asked) - 1
        behaviour = self.shelf.behaviours[number] if number < len(self.shelf.behaviours) else honest
        try:
            behaviour(self)
        except ConnectionError:  # the other side has heard enough
            self.close_connection = True

    def head(self, status: int, headers: dict[str, Any]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Shelf:
    content: bytes
    etag: str = '"1"'
    behaviours: list[Behaviour] = field(default_factory=list)  # of the first requests; the rest are answered honestly
    asked: list[dict[str, str]] = field(default_factory=list)  # the headers of each request
    url: str = ""


def honest(answer: Answer, *, content: bytes | None = None, headers: dict[str, Any] | None = None) -> None:
    """As RFC 9110 has it: goes on where it is asked to, if the file is the same."""
    whole = answer.shelf.content if content is None else content
    asked = re.fullmatch(r"bytes=(\d+)-", answer.headers.get("Range", ""))
    start = int(asked[1]) if asked else 0
    if answer.headers.get("If-Range", answer.shelf.etag) != answer.shelf.etag:
        start = 0
    named = {"ETag": answer.shelf.etag} if answer.shelf.etag else {}
    if asked and start >= len(whole):
        answer.head(416, {"Content-Range": f"bytes */{len(whole)}", "Content-Length": 0})
        return
    named["Content-Length"] = str(len(whole) - start)
    if start:
        named["Content-Range"] = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
    answer.head(206 if start else 200, named | (headers or {}))
    answer.wfile.write(whole[start:])


def breaks_off(after: int) -> Behaviour:
    """Announces the whole file and closes the line after some bytes of it."""

    def behaviour(answer: Answer) -> None:
        answer.head(200, {"ETag": answer.shelf.etag, "Content-Length": len(answer.shelf.content)})
        answer.wfile.write(answer.shelf.content[:after])
        answer.close_connection = True

    return behaviour


def status(code: int, **headers: Any) -> Behaviour:
    return lambda answer: answer.head(code, {"Content-Length": 0, **headers})


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """Serves its content at its url."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    kept = Shelf(bytes(range(256)) * 1000)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Answer,), {"shelf": kept}))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # lines that are cut are what is tested
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_address[1]}/data.bin"
    yield kept
    server.shutdown()
    thread.join(5)
    server.server_close()
