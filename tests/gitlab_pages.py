"""Hosts on loopback: GitLab Pages with its rule of which deployment counts, and a channel that is told of news."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from stashgen import hosting


class Pages:
    """A page that is served: `deploy` is what GitLab does with the artifact of the job `pages`."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.newest = 0
        self.refused: list[int] = []

    def deploy(self, pipeline: int, public: Path, *, is_head: bool) -> bool:
        """Publish a folder, unless it comes from an older pipeline and not from the newest commit."""
        if pipeline < self.newest and not is_head:
            self.refused.append(pipeline)
            return False
        self.newest = max(self.newest, pipeline)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(public, self.folder)
        return True

    def says(self, text: str) -> bool:
        """Tell whether the dashboard holds a text."""
        return text in (self.folder / "index.html").read_text(encoding="utf-8")

    def facts(self) -> dict[str, Any]:
        """Return status.json."""
        facts: dict[str, Any] = json.loads((self.folder / "status.json").read_bytes())
        return facts

    def change(self, **facts: Any) -> None:
        """Let status.json say something else."""
        (self.folder / "status.json").write_text(json.dumps({**self.facts(), **facts}), encoding="utf-8")


@contextmanager
def pages_host(folder: Path) -> Iterator[Pages]:
    """Serve a folder, with the types and headers that stashgen asks hosts for."""
    with _served(partial(_PageHandler, directory=str(folder))) as url:
        yield Pages(folder, url)


class Channel:
    """Somebody who is told: `heard` are the bodies of what came."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("http:", "json:")
        self.heard: list[str] = []
        self.is_broken = False


@contextmanager
def channel() -> Iterator[Channel]:
    """Serve what Apprise calls json://."""
    heard: list[Channel] = []

    class Handler(_Quiet):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if not heard[0].is_broken:
                heard[0].heard.append(body)
            self.send_response(503 if heard[0].is_broken else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with _served(Handler) as url:
        heard.append(Channel(url))
        yield heard[0]


class _Quiet(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        pass


class _PageHandler(SimpleHTTPRequestHandler, _Quiet):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        pass

    def _path(self) -> str:
        path = urlsplit(self.path).path.lstrip("/")
        return f"{path}index.html" if path.endswith("/") or not path else path

    def guess_type(self, path: Any) -> str:
        return hosting.content_type(self._path())

    def end_headers(self) -> None:
        for name, value in hosting.headers(self._path()).items():
            if name != "Content-Type":
                self.send_header(name, value)
        super().end_headers()


@contextmanager
def _served(handler: Any) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
