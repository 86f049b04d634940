"""Built sites on a loopback server of their own, for a real browser."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO, Final

import pytest
from rich_site import RichSite, Serve, builder

BASE: Final = "/live"  # the path of the rich site's own address, which the page for unknown addresses counts on


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for the browser's delayed acknowledgement

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix(BASE))

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        # Its only validator counts whole seconds: two builds within one would pass for the same page.
        del self.headers["If-Modified-Since"]
        return super().send_head()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it
        pass


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> RichSite:
    """Return a function (language, theme) -> output folder of the rich site."""
    return builder(tmp_path_factory.mktemp("rich"))


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Return a function that serves a folder on loopback and returns its address, without a slash at the end."""
    servers: dict[Path, ThreadingHTTPServer] = {}

    def served(folder: Path) -> str:
        if folder not in servers:
            server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            servers[folder] = server
        return f"http://127.0.0.1:{servers[folder].server_address[1]}{BASE}"

    yield served
    for server in servers.values():
        server.shutdown()
        server.server_close()
