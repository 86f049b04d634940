"""A running `stashgen serve`, as tests use it: a real process, real sockets on loopback."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from door import NOW, child_environ

PATIENCE_SECONDS: Final = 60


class Answer(NamedTuple):
    """What the server sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode()


class Served(NamedTuple):
    """A server that runs."""

    url: str
    process: subprocess.Popen[str]
    head: tuple[str, ...]  # the lines it began with

    @property
    def port(self) -> int:
        """Return its port."""
        return urlsplit(self.url).port or 0

    def ask(self, target: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request on a connection of its own; the target goes out as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.putrequest(method, target, skip_host=bool(headers and "Host" in headers))
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def news(self, epoch: int = -1) -> dict[str, Any]:
        """Ask what a page asks: answered as soon as the epoch is another one."""
        told: dict[str, Any] = json.loads(self.ask(f"/__stashgen/news?epoch={epoch}").body)
        return told

    def settled(self, epoch: int) -> dict[str, Any]:
        """Wait for news after an epoch and return them."""
        told = self.news(epoch)
        assert told["epoch"] != epoch, "no news within the patience of the server"
        return told


@contextmanager
def serving(
    project: Path, *args: str, port: int | None = 0, now: str | None = NOW, env: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Run `stashgen serve -C PROJECT ARGS` until the block ends, on a free port; without `now` time passes."""
    command = [sys.executable, "-m", "stashgen", "serve", "-C", str(project), *args]
    command += ["--port", str(port)] if port is not None else []
    command += ["--now", now] if now else []
    with subprocess.Popen(
        command, env=child_environ(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _ready(process)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE_SECONDS)


def _ready(process: subprocess.Popen[str]) -> Served:
    assert process.stdout is not None
    head = []
    for line in process.stdout:
        head.append(line.rstrip("\n"))
        if line.startswith("Serving "):
            return Served(line.split()[1], process, tuple(head))
    assert process.stderr is not None
    raise AssertionError(f"the server did not start: {head} {process.stderr.read()}")
