"""GitLab's API on loopback, as far as the jobs of a pipeline use it: pipelines begun, comments of merge requests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

JOB_TOKEN: Final = "glcbt-64_the-job"
NOTE_TOKEN: Final = "glpat-the-note"
BOT: Final = 4711
_A_PAGE: Final = 100


class GitLab:
    """What the API was asked for: `begun` are the branches of pipelines, `notes` comments by their id."""

    def __init__(self, url: str) -> None:
        self.url, self.lock = url, Lock()
        self.begun: list[str] = []
        self.notes: dict[int, dict[str, Any]] = {}
        self.refused: list[str] = []
        self.asked: list[str] = []
        self.takes_pipelines = True

    def say(self, author: int, body: str) -> None:
        """Add a comment, as if somebody wrote it."""
        number = len(self.notes) + 1
        self.notes[number] = {"id": number, "author": {"id": author}, "body": body}


@contextmanager
def gitlab_api() -> Iterator[GitLab]:
    """Serve the API of a GitLab with one project, 7, and one merge request, 3."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    gitlab = GitLab(f"http://127.0.0.1:{server.server_address[1]}/api/v4")
    server.gitlab = gitlab  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield gitlab
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        pass

    def _answer(self, method: str) -> None:
        gitlab: GitLab = self.server.gitlab  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path)
        with gitlab.lock:
            gitlab.asked.append(f"{method} {path.path}")
            if path.path == "/api/v4/projects/7/trigger/pipeline":
                status, answer = _begin(gitlab, method, _form(self.headers, body))
            elif self.headers.get("PRIVATE-TOKEN") != NOTE_TOKEN:
                status, answer = 401, {"message": "401 Unauthorized"}
            else:
                status, answer = _notes(gitlab, f"{method} {path.path}", parse_qs(path.query), body)
            if status >= 400:
                gitlab.refused.append(f"{method} {self.path}: {status}")
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _form(headers: Message, body: bytes) -> dict[str, str]:
    boundary = headers.get_boundary() or ""
    parts = body.decode().split(f"--{boundary}")[1:-1]
    found = (re.search(r'name="([^"]+)"\r\n\r\n(.*)\r\n', part, re.DOTALL) for part in parts)
    return {match[1]: match[2] for match in found if match}


def _begin(gitlab: GitLab, method: str, form: dict[str, str]) -> tuple[int, Any]:
    if method != "POST" or form.keys() != {"token", "ref"} or form["token"] != JOB_TOKEN or not gitlab.takes_pipelines:
        return 403, {"message": "403 Forbidden"}
    gitlab.begun.append(form["ref"])
    return 201, {"id": len(gitlab.begun)}


def _notes(gitlab: GitLab, asked: str, query: dict[str, list[str]], body: bytes) -> tuple[int, Any]:
    """Answer what a token with the role Reporter may ask: to change one's own comments, and nobody else's."""
    if asked == "GET /api/v4/user":
        return 200, {"id": BOT}
    found = re.fullmatch(r"(GET|POST|PUT) /api/v4/projects/7/merge_requests/3/notes(?:/(\d+))?", asked)
    if not found:
        return 404, {"message": "404 Not found"}
    if found[1] == "GET":
        assert (query["sort"], query["order_by"]) == (["asc"], ["created_at"])
        first = (int(query["page"][0]) - 1) * _A_PAGE
        return 200, list(gitlab.notes.values())[first : first + _A_PAGE]
    text = json.loads(body)["body"]
    if found[1] == "POST":
        gitlab.say(BOT, text)
        return 201, {}
    note = gitlab.notes.get(int(found[2]))
    if note is None or note["author"]["id"] != BOT:
        return 403, {"message": "403 Forbidden"}
    note["body"] = text
    return 200, note
