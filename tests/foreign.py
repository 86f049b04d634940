"""Two origins on loopback: a status page that keeps a log of who asked, and pages of somebody else."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple

TYPES: Final = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".json": "application/json",
    ".svg": "image/svg+xml", ".css": "text/css",
}  # fmt: skip


class Reply(NamedTuple):
    """What a server sends."""

    status: int
    body: bytes
    headers: dict[str, str]


class Asked(NamedTuple):
    """One request and how it was answered."""

    path: str
    status: int
    headers: dict[str, str]


class Station:
    """A server on a free port; `answer` may be changed while it runs, None makes it hang up."""

    def __init__(self, answer: Callable[[str], Reply | None]) -> None:
        self.answer = answer
        self.log: list[Asked] = []
        station = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                station.reply(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def reply(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request, with 304 where the asker has the bytes already."""
        reply = self.answer(request.path.partition("?")[0])
        if reply is None:
            request.close_connection = True
            return
        etag = f'"{blake2b(reply.body, digest_size=8).hexdigest()}"'
        is_known = reply.status == 200 and request.headers.get("If-None-Match") == etag
        status = 304 if is_known else reply.status
        self.log.append(Asked(request.path, status, {k.lower(): v for k, v in request.headers.items()}))
        request.send_response(status)
        for name, value in {"ETag": etag, "Cache-Control": "no-cache", **reply.headers}.items():
            request.send_header(name, value)
        if status != 304:
            request.send_header("Content-Length", str(len(reply.body)))
        request.end_headers()
        if status != 304:
            request.wfile.write(reply.body)

    def asked(self, path: str = "/status.json") -> list[int]:
        """Return the statuses that a path was answered with, in order."""
        return [asked.status for asked in self.log if asked.path.partition("?")[0] == path]


@contextmanager
def running(answer: Callable[[str], Reply | None]) -> Iterator[Station]:
    """Run a server until the block ends."""
    station = Station(answer)
    threading.Thread(target=station.server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield station
    finally:
        station.server.shutdown()
        station.server.server_close()


def folder_answer(folder: Path) -> Callable[[str], Reply | None]:
    """Return what answers with the files of a built site, readable from every origin."""

    def answer(path: str) -> Reply:
        file = folder / path.lstrip("/")
        file = file / "index.html" if file.is_dir() else file
        headers = {"Access-Control-Allow-Origin": "*", "Content-Type": TYPES.get(file.suffix, "text/plain")}
        return Reply(200, file.read_bytes(), headers) if file.is_file() else Reply(404, b"", headers)

    return answer


def with_status(
    answer: Callable[[str], Reply | None], status: dict[str, Any] | bytes, code: int = 200, **headers: str
) -> Callable[[str], Reply | None]:
    """Return the same answers, but another status.json."""
    body = status if isinstance(status, bytes) else json.dumps(status).encode()
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = Reply(code, body, {"Access-Control-Allow-Origin": "*", "Content-Type": "application/json", **extra})
    return lambda path: reply if path == "/status.json" else answer(path)
