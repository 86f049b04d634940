"""The HTTP server: sockets, one thread a connection, and who may ask; what is answered stands in answers.py."""

from __future__ import annotations

import errno
import socket
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from stashgen import urls
from stashgen.errors import StashgenError
from stashgen.serve.answers import OWN_PATH, Place, Request, answer, plain
from stashgen.stashboard import Reply
from stashgen.stashboard.questions import READABLE

DEFAULT_PORT: Final = 8000
_IDLE_SECONDS: Final = 60


class Server(ThreadingHTTPServer):
    """Holds one address and answers there, each connection in its own thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, place: Place) -> None:
        self.place = place
        self.is_private = urls.is_loopback(host)
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Return where a browser on this machine finds it."""
        host = str(self.server_address[0])
        name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read here, not bound
        return f"http://[{name}]:{self.server_port}/" if ":" in name else f"http://{name}:{self.server_port}/"

    def start(self) -> None:
        """Begin to answer, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Give the address up; open connections end with the process."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()

    def server_bind(self) -> None:
        # The library's own version asks the name service who we are.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet about a browser that hung up; print the trace of a bug."""
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    server: Server

    # The library calls methods by these names.
    def do_GET(self) -> None:
        self._send(self._answered())

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815 - see above

    def version_string(self) -> str:
        """Return what the server calls itself: no version numbers for strangers."""
        return "stashgen"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
        pass

    def _answered(self) -> Reply:
        if self.command not in READABLE:
            self.close_connection = True  # a body that nobody reads may follow
        host = self.headers.get("Host", "")
        # Every browser names a host; a program that speaks HTTP/1.0 need not.
        if self.server.is_private and host and not is_own_host(host):
            return plain(403, "this server answers on this machine only: ask for localhost or 127.0.0.1")
        origin = f"http://{host}" if host else self.server.url.removesuffix("/")
        return answer(
            self.server.place, Request(self.command, self.path, origin, self.headers.get("If-None-Match", ""))
        )

    def _is_shared(self, response: Reply) -> bool:
        """Tell whether pages of other origins may read the answer, as they may on a host: data, not pages.

        On loopback only pages of this machine may: what is not yet published is nobody else's to read.
        """
        is_data = not response.content_type.startswith("text/html") and not self.path.startswith(OWN_PATH)
        origin = self.headers.get("Origin", "")
        is_stranger = self.server.is_private and origin and not is_own_host(origin.rpartition("//")[2])
        return is_data and not is_stranger

    def _send(self, response: Reply) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("X-Content-Type-Options", "nosniff")
        if self._is_shared(response):
            self.send_header("Access-Control-Allow-Origin", "*")
        for name, value in response.headers:
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)


@contextmanager
def listening(host: str, port: int | None, place: Place) -> Iterator[Server]:
    """Hold an address; its requests are answered from `start()` on. No port given: 8000, or a free one if taken.

    Raises StashgenError when the address cannot be had.
    """
    server = _bound(host, port, place)
    try:
        yield server
    finally:
        place.stage.close()
        server.stop()


def is_own_host(header: str) -> bool:
    """Tell whether a Host header names this machine.

    A page elsewhere can point its own name at 127.0.0.1 and then read what is served here (DNS rebinding); it
    cannot choose the Host that the browser sends along.
    """
    name = header.rpartition(":")[0] if header.rpartition(":")[2].isdecimal() else header
    return urls.is_loopback(name.strip("[]").rstrip(".").lower())


def _bound(host: str, port: int | None, place: Place) -> Server:
    try:
        return Server(host, DEFAULT_PORT if port is None else port, place)
    except OSError as error:
        if port is None and error.errno == errno.EADDRINUSE:
            return _bound(host, 0, place)
        remedy = "; --port 0 takes a free one" if error.errno == errno.EADDRINUSE else ""
        raise StashgenError(f"cannot serve on {host} port {port}: {error.strerror}{remedy}") from error
    except OverflowError:
        raise StashgenError(f"there is no port {port}: give 0 to 65535") from None
