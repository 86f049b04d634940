"""Hosts of a built site on loopback, that can be killed, hung, broken and brought back while a browser looks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote

from stashgen import hosting

Mode = Literal["up", "down", "hung", "failing"]
PATIENCE_SECONDS: Final = 60


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host: Host) -> None:
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", host.port), _handler(host, host.log))

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        self.open.add(connection)
        return connection, address

    def shutdown_request(self, request: object) -> None:
        if isinstance(request, socket.socket):
            self.open.discard(request)
        super().shutdown_request(request)  # type: ignore[arg-type] # as the base class gave it

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a browser hangs up when it likes."""

    def kill(self) -> None:
        """Stop at once, in the middle of what is being said."""
        self.shutdown()
        self.server_close()
        for connection in [*self.open]:
            with suppress(OSError):  # the other side was quicker
                connection.shutdown(socket.SHUT_RDWR)


class Host:
    """One host: `folder` is what it serves below `path`, `log` the paths that it was asked for, with what it said."""

    def __init__(self, path: str = "/") -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.path = path
        self.url = f"http://127.0.0.1:{self.port}{path}"
        self.folder = Path("/nowhere")
        self.origins: Sequence[str] | None = ()  # that pages may ask; None: a host that cannot set such headers
        self.extra: dict[str, str] = {}  # headers besides
        self.is_clean = False  # as hosts that send from `x.html` to `x`
        self.log: list[tuple[str, int]] = []
        self._mode: Mode = "down"
        self._changed = threading.Event()
        self._server: _Server | None = None

    @property
    def mode(self) -> Mode:
        """What is the matter with it."""
        return self._mode

    def turn(self, mode: Mode) -> None:
        """Kill it, hang it, break it or bring it back."""
        waiting, self._changed = self._changed, threading.Event()
        self._mode = mode
        waiting.set()
        if mode == "down" and self._server:
            self._server.kill()
            self._server = None
        elif mode != "down" and not self._server:
            self._server = _Server(self)
            threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def reset(self, folder: Path) -> None:
        """Bring it back with a site to serve and a new log: what is still said to those of before is not in it."""
        self.turn("down")
        self.folder, self.log = folder, []
        self.turn("up")

    def asked(self, path: str) -> int:
        """Return how often a path below the site's was asked for."""
        return sum(self.path + path == one for one, _ in self.log)

    def answer(self, request: BaseHTTPRequestHandler, log: list[tuple[str, int]]) -> None:
        """Answer one request as the host is now, and write it down."""
        if self._mode == "hung":
            self._changed.wait(PATIENCE_SECONDS)
            request.close_connection = True
            return
        path = unquote(request.path.partition("?")[0])
        status, name, body = (503, "", b"Out of order.") if self._mode == "failing" else self._found(path)
        moved = {}
        if self.is_clean and status == 200 and path.endswith(".html"):
            status, moved = 308, {"Location": request.path.replace(".html", "", 1)}
        etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
        if status == 200 and request.headers.get("If-None-Match") == etag:
            status = 304
        log.append((path, status))
        request.send_response(status)
        for header, value in {**self._headers(name), **self.extra, **moved}.items():
            request.send_header(header, value)
        request.send_header("ETag", etag)
        if status != 304:
            request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if status != 304 and request.command != "HEAD":
            request.wfile.write(body)

    def _headers(self, name: str) -> dict[str, str]:
        if self.origins is None:
            kind = {"Content-Type": hosting.content_type(name)}
            return {**kind, "Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=600"}
        return hosting.headers(name, self.origins) if name else {"Content-Type": "text/plain"}

    def _found(self, path: str) -> tuple[int, str, bytes]:
        name = path.removeprefix(self.path) if path.startswith(self.path) else "404.html"
        file = self.folder / name
        if self.is_clean and not file.exists() and file.with_suffix(".html").exists():
            name, file = f"{name}.html", file.with_suffix(".html")
        if file.is_dir():
            name = f"{name.rstrip('/')}/index.html".removeprefix("/")
            file = self.folder / name
        if file.is_file() and name != "404.html":
            return 200, name, file.read_bytes()
        missing = self.folder / "404.html"
        return 404, "404.html", missing.read_bytes() if missing.is_file() else b"Missing."


def _handler(host: Host, log: list[tuple[str, int]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            host.answer(self, log)

        do_HEAD = do_GET  # noqa: N815  # the base class names it

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it
            pass

    return Handler


@contextmanager
def hosts(count: int, path: str = "/") -> Iterator[list[Host]]:
    """Give so many hosts, which are down until a folder is given to them, and kill all at the end."""
    made = [Host(path) for _ in range(count)]
    try:
        yield made
    finally:
        for host in made:
            host.turn("down")
