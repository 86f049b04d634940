"""Servers on loopback for workflows: the parts of GitHub's API that they ask, and the host of the live page."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from door import git

from stashgen import hosting

Answer = tuple[int, bytes]


class _Handler(BaseHTTPRequestHandler):
    """Hands every request to a function of method, target and body."""

    respond: Callable[[str, str, bytes], Answer]
    lead = ""

    def do_GET(self) -> None:
        self._answer("GET", b"")

    def do_POST(self) -> None:
        self._answer("POST", self.rfile.read(int(self.headers["Content-Length"])))

    def do_PATCH(self) -> None:
        self._answer("PATCH", self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, method: str, body: bytes) -> None:
        if self.lead and self.headers["Authorization"] != self.lead:
            status, data = 401, b"{}"
        else:
            status, data = type(self).respond(method, self.path, body)
        self.send_response(status)
        for name, value in self.facts().items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def facts(self) -> Mapping[str, str]:
        """Return the headers of the answer."""
        return {"Content-Type": "application/json"}

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _PageHandler(_Handler):
    def facts(self) -> Mapping[str, str]:
        return hosting.headers(_path(self.path))


@contextmanager
def _serving(kind: type[_Handler], respond: Callable[[str, str, bytes], Answer], lead: str = "") -> Iterator[str]:
    handler = type("Handler", (kind,), {"respond": staticmethod(respond), "lead": lead})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Live:
    """A host of pages: serves a folder, with the headers that are right."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url, self.asked = folder, "", 0

    @contextmanager
    def running(self) -> Iterator[Live]:
        """Serve until the block ends."""
        with _serving(_PageHandler, self._respond) as self.url:
            yield self

    def status(self) -> dict[str, Any]:
        """Return what the live page says."""
        told: dict[str, Any] = json.loads((self.folder / "status.json").read_text(encoding="utf-8"))
        return told

    def _respond(self, _: str, target: str, __: bytes) -> Answer:
        self.asked += 1
        path = self.folder / _path(target)
        return (200, path.read_bytes()) if path.is_file() else (404, b"Not here.")


class GitHub:
    """The API of one repository, with what a test puts there; whoever has no token is refused."""

    def __init__(self, bare: Path) -> None:
        self.bare, self.url = bare, ""
        self.runs: list[dict[str, Any]] = []
        self.jobs: dict[str, list[dict[str, Any]]] = {}  # by run
        self.pulls: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.change: bytes | None = None
        self.settings = ""  # what site.yaml says; else the remote's is told

    @contextmanager
    def running(self) -> Iterator[GitHub]:
        """Answer until the block ends."""
        with _serving(_Handler, self._respond, "Bearer the-token") as self.url:
            yield self

    def _respond(self, method: str, target: str, body: bytes) -> Answer:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        assert path.startswith("/repos/acme/status/"), path
        path = path.removeprefix("/repos/acme/status/")
        if method != "GET":
            return self._written(method, path, json.loads(body)["body"])
        if path == "contents/site-data/site.yaml":
            return 200, (self.settings or git(self.bare, "show", f"{query['ref'][0]}:site-data/site.yaml")).encode()
        return self._told(path, query)

    def _told(self, path: str, query: Mapping[str, list[str]]) -> Answer:
        if path == "actions/artifacts/5/zip":
            return 200, self._zip()
        if path == "pulls":
            owner, _, branch = query["head"][0].partition(":")
            fits = [pull for pull in self.pulls if (pull["owner"], pull["branch"]) == (owner, branch)]
            return 200, json.dumps(fits).encode()
        if re.fullmatch(r"issues/\d+/comments", path):
            start = (int(query["page"][0]) - 1) * 100
            return 200, json.dumps(self.comments[start : start + 100]).encode()
        artifacts = [] if self.change is None else [{"id": 5, "name": "change", "expired": False}]
        answers = {
            "actions/workflows/status-page.yml/runs": {"workflow_runs": self.runs},
            "actions/runs/77/artifacts": {"artifacts": artifacts},
            **{f"actions/runs/{run}/jobs": {"jobs": jobs} for run, jobs in self.jobs.items()},
        }
        return (200, json.dumps(answers[path]).encode()) if path in answers else (404, b"{}")

    def _written(self, method: str, path: str, body: str) -> Answer:
        if method == "PATCH":
            (one,) = [one for one in self.comments if path == f"issues/comments/{one['id']}"]
            one["body"] = body
            return 200, b"{}"
        assert re.fullmatch(r"issues/\d+/comments", path)
        self.comments.append({"id": 1000 + len(self.comments), "user": {"login": "github-actions[bot]"}, "body": body})
        return 201, b"{}"

    def _zip(self) -> bytes:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../../pwned", "")
            archive.writestr("change.md", self.change or b"")
        return data.getvalue()


def _path(target: str) -> str:
    path = urlsplit(target).path.lstrip("/")
    return path + "index.html" if not path or path.endswith("/") else path
