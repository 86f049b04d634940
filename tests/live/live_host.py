"""A host on loopback that serves a folder as a good one does, until a test makes it misbehave."""

from __future__ import annotations

import gzip
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

from door import NOW, Result, Run

from stashgen import hosting

PATIENCE_SECONDS: Final = 60
SMALL: Final = {
    "site-data/site.yaml": (
        "title: Status\nurl: https://status.example.com/\noutputs:\n"
        "  {stashboard-api: false, statuspage-api: false, upptime-badges: false, text-files: false,"
        " api-description: false, service-json: false, event-json: false}\n"
    ),
    "site-data/services/api.yaml": "name: API\nsince: 2026-11-01\n",
    "site-data/static/with space & more.txt": "Grüße\n",
    "site-data/events/a.yaml": (
        "title: Errors\nservices: {api: down}\nupdates: [{at: 2026-11-23T10:02:00Z, message: Gone.}]\n"
    ),
}


class Reply(NamedTuple):
    """What the host sends for a path."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Change = Callable[[str, Reply], Reply]


class LiveHost(ThreadingHTTPServer):
    """Serves `folder` below `base`; `change` is what its owner, or somebody in between, makes of each reply."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder: Path, base: str = "/", port: int = 0, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.folder, self.base, self.context = folder, base, context
        self.change: Change = lambda _, reply: reply
        self.asked: list[str] = []
        self.hang = threading.Event()  # set: says nothing any more
        self.end = threading.Event()
        self.lock = threading.Lock()
        self.open = self.most_open = 0

    @property
    def url(self) -> str:
        """Return the address of the site."""
        scheme = "https" if self.context else "http"
        return f"{scheme}://127.0.0.1:{self.server_port}{self.base}"

    def reply(self, target: str) -> Reply:
        """Return what a good host sends."""
        path = unquote(target.partition("?")[0])
        if not path.startswith(self.base):
            return Reply(404, {}, b"elsewhere")
        name = path.removeprefix(self.base)
        file = f"{name}index.html" if not name or name.endswith("/") else name
        if (self.folder / file).is_file():
            return Reply(200, hosting.headers(file), (self.folder / file).read_bytes())
        return Reply(404, hosting.headers("404.html"), (self.folder / "404.html").read_bytes())

    def get_request(self) -> tuple[Any, Any]:
        """Take a connection; its handshake is made by the thread that answers."""
        connection, address = super().get_request()
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away."""


class _Handler(BaseHTTPRequestHandler):
    server: LiveHost
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = PATIENCE_SECONDS

    def do_GET(self) -> None:
        host = self.server
        with host.lock:
            host.asked.append(self.path)
            host.open += 1
            host.most_open = max(host.most_open, host.open)
        try:
            if host.hang.is_set():
                host.end.wait(PATIENCE_SECONDS)
                return
            path = unquote(self.path).removeprefix(host.base)
            self._send(host.change(path, host.reply(self.path)))
        finally:
            with host.lock:
                host.open -= 1

    def _send(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def live(folder: Path, base: str = "/", *, port: int = 0, context: ssl.SSLContext | None = None) -> Iterator[LiveHost]:
    """Serve a folder until the block ends."""
    host = LiveHost(folder, base, port, context)
    thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        host.end.set()
        host.shutdown()
        host.server_close()
        thread.join()


def only(path: str, make: Callable[[Reply], Reply]) -> Change:
    """Return a change of the replies for one path."""
    return lambda asked, reply: make(reply) if asked == path else reply


def zipped(_: str, reply: Reply) -> Reply:
    """Send every reply compressed."""
    return Reply(reply.status, {**reply.headers, "Content-Encoding": "gzip"}, gzip.compress(reply.body))


class Found(NamedTuple):
    """What `stashgen verify --json` found."""

    code: int
    report: Any

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Return kind and path of each error, of all sites."""
        return self.of("error")

    @property
    def warnings(self) -> list[tuple[str, str]]:
        """Return kind and path of each warning, of all sites."""
        return self.of("warning")

    @property
    def messages(self) -> str:
        """Return what was said of all sites."""
        return "\n".join(one["message"] for site in self.report["sites"] for one in site["findings"])

    def of(self, severity: str) -> list[tuple[str, str]]:
        """Return kind and path of each finding of a severity."""
        found = [one for site in self.report["sites"] for one in site["findings"]]
        return [(one["kind"], one["path"]) for one in found if one["severity"] == severity]


def verified(run: Run, *arguments: str | Path, now: str = NOW) -> Found:
    """Run `stashgen verify --json`."""
    result: Result = run("verify", "--json", "--now", now, *arguments)
    assert result.code in (0, 1), result.err
    assert result.out.startswith("{"), result
    return Found(result.code, json.loads(result.out))
