"""An S3-compatible store on loopback, and a gate before it that sees every request and can hold or refuse some."""

from __future__ import annotations

import http.client
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from moto.server import ThreadedMotoServer

PATIENCE_SECONDS: Final = 60
KEYS: Final = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
_HOPS: Final = {"connection", "transfer-encoding", "keep-alive", "content-length", "server", "date"}


class Asked(NamedTuple):
    """One request as it came to the gate."""

    method: str
    path: str
    headers: Mapping[str, str]


class Gate:
    """What the gate has seen, and what it does: `refuse` answers with `refusal`, `hold` lets wait until `opened`."""

    def __init__(self, behind: int) -> None:
        self.behind = behind
        self.asked: list[Asked] = []
        self.refuse: Callable[[Asked], bool] = lambda _: False
        self.refusal = 503
        self.hold: Callable[[Asked], bool] = lambda _: False
        self.opened = threading.Event()
        self.is_holding = threading.Event()
        self.port = 0

    def written(self) -> list[str]:
        """Return the keys that were written, in order."""
        return [one.path for one in self.asked if one.method == "PUT"]


class Store(NamedTuple):
    """The store: `direct` is its own port, `gate` stands before it."""

    direct: int
    gate: Gate

    def target(self, bucket: str, prefix: str = "", *, is_gated: bool = False) -> str:
        """Return the target of a bucket."""
        port = self.gate.port if is_gated else self.direct
        return f"s3://{bucket}/{prefix}?endpoint=http://127.0.0.1:{port}&region=us-east-1"

    def make(self, bucket: str) -> str:
        """Make a bucket in which everybody may do all, and return its name."""
        allowed = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{bucket}/*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]}).encode()
        assert self.ask("PUT", f"/{bucket}")[0] == 200
        assert self.ask("PUT", f"/{bucket}?policy", policy)[0] in {200, 204}
        return bucket

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """Speak plain HTTP to the store, as anybody does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.direct, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gate: Gate

    def _pass_on(self) -> None:
        gate, parts = self.gate, urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, unquote(parts.path), dict(self.headers.items()))
        gate.asked.append(asked)
        if gate.refuse(asked):
            self._answer(gate.refusal, {}, b"")
            return
        if gate.hold(asked):
            gate.is_holding.set()
            gate.opened.wait(PATIENCE_SECONDS)
        connection = http.client.HTTPConnection("127.0.0.1", gate.behind, timeout=PATIENCE_SECONDS)
        sent = {name: value for name, value in self.headers.items() if name.lower() not in {"expect", "connection"}}
        connection.request(self.command, self.path, body, sent)
        answer = connection.getresponse()
        self._answer(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in _HOPS:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked is gone

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST = _pass_on  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def store_running() -> Iterator[Store]:
    """Run the store and its gate until the block ends."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    _, port = moto.get_host_and_port()
    try:
        with gated(port) as gate:
            yield Store(port, gate)
    finally:
        moto.stop()


@contextmanager
def gated(behind: int) -> Iterator[Gate]:
    """Run a gate before a port until the block ends."""
    gate = Gate(behind)
    handler = type("Handler", (_Handler,), {"gate": gate})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    gate.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield gate
    finally:
        gate.opened.set()
        server.shutdown()
        server.server_close()


def objects(store: Store, bucket: str, prefix: str = "") -> dict[str, bytes]:
    """Return all objects below a prefix, as plain HTTP gives them."""
    status, _, listing = store.ask("GET", f"/{bucket}?list-type=2&max-keys=5000&prefix={quote(prefix)}")
    assert status == 200
    keys = [unescape(key) for key in re.findall(r"<Key>(.*?)</Key>", listing.decode())]
    return {key.removeprefix(prefix): store.ask("GET", f"/{bucket}/{quote(key)}")[2] for key in keys}
