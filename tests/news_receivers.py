"""Those who are told, as tests use them: a webhook, a hub and a mail server on loopback that keep what they get."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast
from urllib.parse import parse_qs

PATIENCE_SECONDS: Final = 60.0


class Receiver(ThreadingHTTPServer):
    """A webhook: `bodies` are what it took. It answers with `status`; after `held_from` messages, when `gate` opens."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[bytes] = []
        self.refused = 0
        self.status = 200
        self.page = b""  # what it answers to who reads
        self.failures = 0  # so many requests are answered with 500 first
        self.unwanted = b""  # what holds these words is answered with 400
        self.is_silent = False  # it takes what comes and hangs up
        self.held_from = 1_000_000
        self.gate = threading.Event()
        self.came = threading.Condition()

    @property
    def url(self) -> str:
        """Return its address as a hub or a page has it."""
        return f"http://127.0.0.1:{self.server_port}/"

    @property
    def apprise(self) -> str:
        """Return its address as Apprise has it, with a secret in it."""
        return f"json://user:s3cr3t-t0ken@127.0.0.1:{self.server_port}/s3cr3t-path"

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Return the messages that it took."""
        return [json.loads(body) for body in self.bodies]

    @property
    def titles(self) -> list[str]:
        """Return their titles."""
        return [message["title"] for message in self.messages]

    @property
    def pings(self) -> list[dict[str, list[str]]]:
        """Return the forms that it took."""
        return [parse_qs(body.decode()) for body in self.bodies]

    def wait_for(self, count: int) -> None:
        """Wait until so many messages have come."""
        with self.came:
            assert self.came.wait_for(lambda: len(self.bodies) >= count, PATIENCE_SECONDS)

    def handle_error(self, request: object, client_address: object) -> None:
        """Bear with clients that are killed."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        page = cast("Receiver", self.server).page
        self.send_response(200 if self.path == "/status.json" else 404)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def do_POST(self) -> None:
        server = cast("Receiver", self.server)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with server.came:
            status = server.status if server.failures == 0 else 500
            if server.unwanted and server.unwanted in body:
                status = 400
            is_refused = status >= 300
            server.failures = max(0, server.failures - 1)
            if is_refused:
                server.refused += 1
            else:
                server.bodies.append(body)
            is_held = len(server.bodies) > server.held_from
            server.came.notify_all()
        if is_held:
            server.gate.wait(PATIENCE_SECONDS)
        if server.is_silent:
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Be quiet."""


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is given."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []


class _Mail(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast("MailServer", self.server)
        self._say("220 here")
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                self._say("354 go on")
                data = b"".join(iter(self.rfile.readline, b".\r\n"))
                server.mails.append(message_from_bytes(data, policy=policy.default))
            elif verb == b"RCPT":
                server.recipients.append(line.decode().strip().partition(":")[2].strip("<>"))
            self._say("221 bye" if verb == b"QUIT" else "250 yes")
            if verb == b"QUIT":
                return

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a webhook until the block ends."""
    with Receiver() as server, _serving(server):
        yield server
        server.gate.set()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server until the block ends."""
    with MailServer() as server, _serving(server):
        yield server


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
