"""The lines of docs/without-a-server.md: each is run against a server that wants what the hosts document.

What a line asks for goes through the jobs that `init` writes, or is committed, and the page has to say it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final
from urllib.parse import unquote

import pytest
from code_hosts import Ran, Remote, copied, documents, events, first_remote, run_github, run_gitlab, statuses
from door import child_environ, git

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "without-a-server.md"
EPOCH: Final = "1795429800"  # 2026-11-23T10:30:00Z, for `date` and for stashgen
ALERT: Final = {
    "version": "4", "status": "firing", "alerts": [{
        "status": "firing", "fingerprint": "c0ffee", "startsAt": "2026-11-23T10:00:00Z",
        "labels": {"alertname": "ApiDown", "service": "api", "severity": "critical"},
        "annotations": {"summary": "No answer from api.example.com"},
    }],
}  # fmt: skip


class Host:
    """GitHub's and GitLab's API as far as the page uses them, in front of one repository."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.asked: list[tuple[str, Any]] = []  # path, body of what starts a job
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"host": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def file(self, address: str) -> tuple[int, object]:
        """GET /repos/{owner}/{repo}/contents/{path}."""
        path = address.removeprefix("/repos/acme/status/contents/")
        data = git(self.remote.bare, "show", f"main:{path}").encode()
        # GitHub breaks the lines of what it sends.
        return 200, {"path": path, "sha": _sha(data), "content": base64.encodebytes(data).decode()}

    def put(self, address: str, body: Mapping[str, str]) -> tuple[int, object]:
        """PUT /repos/{owner}/{repo}/contents/{path}: with `sha` for a file that is there."""
        path = address.removeprefix("/repos/acme/status/contents/")
        assert body.keys() <= {"message", "content", "sha", "branch"}
        data = base64.b64decode(body["content"], validate=True)
        return self._commit(path, data, body["message"], body.get("sha"))

    def create(self, address: str, body: Mapping[str, str]) -> tuple[int, object]:
        """POST /projects/:id/repository/files/:path."""
        path = address.removeprefix("/projects/123456/repository/files/")
        assert body.keys() == {"branch", "commit_message", "content"}
        return self._commit(path, body["content"].encode(), body["commit_message"], None)

    def _commit(self, path: str, data: bytes, message: str, sha: str | None) -> tuple[int, object]:
        clone = self.remote.clone(f"commit{len(self.remote.subjects())}")
        file = clone / path
        if (_sha(file.read_bytes()) if file.exists() else None) != sha:
            return 409, {"message": f"{path} does not match {sha}"}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", f"--message={message}")
        git(clone, "push", "--quiet")
        return 201, {}


class Handler(BaseHTTPRequestHandler):
    """Holds a request to what the hosts document."""

    host: Host

    def do_GET(self) -> None:
        self._check_github()
        self._answer(*self.host.file(unquote(self.path)))

    def do_PUT(self) -> None:
        self._check_github()
        self._answer(*self.host.put(unquote(self.path), self._json()))

    def do_POST(self) -> None:
        if self.path.startswith("/repos/"):
            self._check_github()
            self.host.asked.append((self.path, self._json()))
            self._answer(204, None)
        elif self.path.endswith("/trigger/pipeline"):
            self.host.asked.append((self.path, self._form()))
            self._answer(201, {"id": 1})
        else:
            assert self.headers["PRIVATE-TOKEN"] == "the-token"
            assert self.headers["Content-Type"] == "application/json"
            assert "/" not in self.path.partition("/repository/files/")[2], "GitLab wants %2F in it"
            self._answer(*self.host.create(unquote(self.path), self._json()))

    def _check_github(self) -> None:
        assert self.headers["Authorization"] == "Bearer the-token"
        assert self.headers["Accept"] == "application/vnd.github+json"
        assert self.command == "GET" or self.headers["X-GitHub-Api-Version"] == "2022-11-28"

    def _data(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _json(self) -> Any:
        return json.loads(self._data())

    def _form(self) -> dict[str, str]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = message_from_bytes(head + self._data()).get_payload()
        assert isinstance(parts, list)
        return {_name(part): _payload(part) for part in parts}

    def _answer(self, status: int, body: object) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _sha(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _name(part: Any) -> str:
    name = part.get_param("name", header="content-disposition")
    assert part.get_filename() is None, "GitLab takes no files"
    return str(name)


def _payload(part: Any) -> str:
    data = part.get_payload(decode=True)
    assert isinstance(data, bytes)
    return data.decode()


def blocks(heading: str) -> list[str]:
    """Return the shell blocks below a heading of the page, without those that only set variables."""
    text = PAGE.read_text(encoding="utf-8")
    section = re.split(r"^#{2,3} ", text.partition(f"# {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    found = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return [block for block in found if not block.startswith("export ")]


def test_no_line_of_the_page_is_left_out() -> None:
    text = PAGE.read_text(encoding="utf-8")
    tried = [block for heading in HEADINGS for block in blocks(heading)]
    assert sum(block.count("curl ") for block in tried) == len(re.findall(r"^ *curl -|\| *curl -", text, re.MULTILINE))


HEADINGS: Final = (
    "An event", "The form, by program", "A file through the API", "A pipeline", "A file through GitLab's API",
)  # fmt: skip


@pytest.fixture(scope="module", params=["github", "gitlab"])
def first(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    return request.param, first_remote(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture
def remote(first: tuple[str, Path], tmp_path: Path) -> Remote:
    return copied(first[1], tmp_path)


@pytest.fixture
def host(remote: Remote) -> Iterator[Host]:
    made = Host(remote)
    yield made
    made.close()


@pytest.fixture
def shell(host: Host, tmp_path: Path) -> Callable[[str], None]:
    """Return a function that runs a block as a reader would, with the variables that the page sets."""
    programs = tmp_path / "clocks"
    programs.mkdir()
    date = programs / "date"
    date.write_text(f'#!/bin/sh\nPATH=/usr/bin:/bin exec date -d @{EPOCH} "$@"\n')
    date.chmod(0o755)
    folder = tmp_path / "reader"
    folder.mkdir()
    (folder / "alert.json").write_text(json.dumps(ALERT))
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    variables = {"API": host.url, "REPO": "acme/status", "PROJECT": "123456", "TOKEN": "the-token", "PATH": path}

    def run(block: str) -> None:
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", block], cwd=folder, env=child_environ(variables),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, ""), done

    return run


def carried_out(host: Host) -> Iterator[Ran]:
    """Run the jobs that were asked for, one after another, and forget them."""
    for number, (path, body) in enumerate(host.asked):
        clone = host.remote.clone(f"job{number}")
        if path.endswith("/trigger/pipeline"):
            assert path == "/projects/123456/trigger/pipeline"
            yield gitlab_job(host.remote, clone, body)
        else:
            yield github_job(clone, path, body)
    host.asked.clear()


def github_job(clone: Path, path: str, body: Mapping[str, Any]) -> Ran:
    (workflow,) = documents(clone / ".github" / "workflows" / "status-change.yml")
    wanted = workflow["on"]
    if path == "/repos/acme/status/dispatches":
        assert body.keys() == {"event_type", "client_payload"}
        assert body["event_type"] in wanted["repository_dispatch"]["types"]
        assert len(body["client_payload"]) <= 10
        event = {"action": body["event_type"], "client_payload": body["client_payload"]}
        name, inputs = "repository_dispatch", {}
    else:
        assert path == "/repos/acme/status/actions/workflows/status-change.yml/dispatches"
        assert body["ref"] == "main"
        name, inputs, event = "workflow_dispatch", body["inputs"], {"inputs": body["inputs"]}
        fields = wanted["workflow_dispatch"]["inputs"]
        assert {field for field, facts in fields.items() if facts.get("required") == "true"} <= inputs.keys()
        assert all(value in fields[field].get("options", [value]) for field, value in inputs.items())
    context = {"github": {"event_name": name, "ref_type": "branch", "event": event}, "inputs": inputs}
    environ = {"GITHUB_ACTOR": "octo-cat", "GITHUB_ACTOR_ID": "1", "SOURCE_DATE_EPOCH": EPOCH}
    return run_github(clone, workflow["jobs"]["change"], context, environ)


def gitlab_job(remote: Remote, clone: Path, form: Mapping[str, str]) -> Ran:
    assert (form["token"], form["ref"]) == ("the-token", "main")
    header, jobs = documents(clone / ".gitlab-ci.yml")
    inputs = {name: facts["default"] for name, facts in header["spec"]["inputs"].items()}
    given = {name[len("inputs[") : -1]: value for name, value in form.items() if name not in ("token", "ref")}
    assert given.keys() <= inputs.keys()
    environ = {
        "GITLAB_USER_NAME": "Tanuki", "GITLAB_USER_EMAIL": "tanuki@example.com", "CI_COMMIT_BRANCH": "main",
        "CI_REPOSITORY_URL": str(remote.bare), "SOURCE_DATE_EPOCH": EPOCH,
    }  # fmt: skip
    return run_gitlab(clone, jobs["change"], {**inputs, **given}, environ)


def test_the_page_tells_the_truth(host: Host, shell: Callable[[str], None], first: tuple[str, Path]) -> None:
    told: list[dict[str, str]] = []
    headings = HEADINGS[:3] if first[0] == "github" else HEADINGS[3:]
    for heading in headings:
        for block in blocks(heading):
            shell(block)
            for ran in carried_out(host):
                assert ran.code == 0, (block, ran.err)
            told.append(statuses(host.remote, f"told{len(told)}"))
    assert [one["api"] for one in told] == EXPECTED[first[0]]
    git(host.remote.bare, "fsck", "--strict")
    assert all(event["updates"] for event in events(host.remote, "after").values())


# What the API is in after each block.
EXPECTED: Final = {
    "github": ["down", "down", "down", "up", "warning", "up"],
    "gitlab": ["down", "down", "down", "down"],
}
