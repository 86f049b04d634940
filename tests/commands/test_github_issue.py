"""Issues as incidents: the workflow that reads them, with GitHub's answers about who may push, in a real clone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest
from code_hosts import Ran, Remote, copied, documents, evaluated, events, first_remote, run_github, statuses
from door import git
from hostile_words import EVERYTHING, pwned

PERMISSIONS: Final = {"octo-cat": "write", "boss": "admin", "reader": "read"}


class GitHub:
    """What the workflow asks of GitHub's API: who may push, and to say something in an issue."""

    def __init__(self) -> None:
        self.comments: list[tuple[str, str]] = []
        github = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                assert self.headers["Authorization"] == "Bearer the-token"
                _, repos, owner, name, what, login, last = self.path.split("/")
                assert (repos, owner, name, what, last) == ("repos", "acme", "status", "collaborators", "permission")
                self.answer(200, {"permission": PERMISSIONS[login]}) if login in PERMISSIONS else self.answer(404, {})

            def do_POST(self) -> None:
                assert self.headers["Authorization"] == "Bearer the-token"
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                github.comments.append((self.path, body["body"]))
                self.answer(201, {})

            def answer(self, status: int, body: object) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_remote(tmp_path_factory.mktemp("github"), "github")


@pytest.fixture
def remote(first: Path, tmp_path: Path) -> Remote:
    return copied(first, tmp_path)


@pytest.fixture
def github() -> Iterator[GitHub]:
    made = GitHub()
    yield made
    made.close()


def form(clone: Path, services: str, status: str, message: str) -> str:
    """Return the body that GitHub makes of a filled-in form."""
    (shape,) = documents(clone / ".github" / "ISSUE_TEMPLATE" / "incident.yml")
    fields = {field["id"]: field["attributes"] for field in shape["body"] if field["type"] != "markdown"}
    answers = {"services": services, "status": status, "message": message}
    assert set(services.split(", ")) <= set(fields["services"]["options"])
    assert status in fields["status"]["options"]
    return "\r\n\r\n".join(f"### {fields[name]['label']}\r\n\r\n{answer}" for name, answer in answers.items())


def event(body: str, action: str = "opened", by: str = "octo-cat", **facts: Any) -> dict[str, Any]:
    """Return the payload of an issue event, or with `comment` of a comment, as of members who hide that they are."""
    comment = facts.pop("comment", None)
    issue = {
        "number": 12, "title": "Checkout is slow", "body": body, "state": "closed" if action == "closed" else "open",
        "labels": [], "user": {"login": "octo-cat", "type": "User"}, "author_association": "NONE",
        "html_url": "https://github.com/acme/status/issues/12", "created_at": "2026-11-23T10:00:00Z",
        "updated_at": "2026-11-23T10:00:00Z", **facts,
    }  # fmt: skip
    made: dict[str, Any] = {"action": action, "issue": issue, "sender": {"login": by, "type": "User"}}
    if comment is not None:
        user = {"login": by, "type": "User"}
        made["comment"] = {"id": 99, "body": comment, "user": user, "author_association": "NONE"}
        made["comment"]["created_at"] = "2026-11-23T10:05:00Z"
    return made


def run(clone: Path, github: GitHub, payload: Mapping[str, Any]) -> Ran | None:
    """Run the workflow; return what became of the job that may write, None if it did not start."""
    (workflow,) = documents(clone / ".github" / "workflows" / "status-issue.yml")
    actor = payload["sender"]["login"]
    context: dict[str, Any] = {"github": {"event": payload, "token": "the-token"}}
    environ = {
        "GITHUB_ACTOR": actor, "GITHUB_ACTOR_ID": "1", "GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": "acme/status",
    }  # fmt: skip
    jobs = workflow["jobs"]
    if not evaluated(jobs["who"]["if"], context):
        return None
    who = run_github(clone, jobs["who"], context, environ)
    assert "permissions" not in jobs["who"]
    if who.code:
        return None
    context["needs"] = {"who": {"outputs": who.outputs["ask"]}}
    return run_github(clone, jobs["change"], context, environ) if evaluated(jobs["change"]["if"], context) else None


def test_an_issue_lives_on_the_page(remote: Remote, github: GitHub) -> None:
    clone = remote.clone("one")
    body = form(clone, "api, website", "warning", "Payments take **30 seconds**.\r\n\r\nWe look into it.")
    opened = run(clone, github, event(body))
    assert opened is not None
    assert opened.code == 0, opened.err
    assert statuses(remote, "opened") == {"api": "warning", "website": "warning", "sign-in": "up"}
    (incident,) = events(remote, "first").values()
    assert incident["title"] == "Checkout is slow"
    assert "Payments take **30 seconds**.\n\nWe look into it." in incident["updates"][0]["message"]
    told = run(remote.clone("two"), github, event(body, "created", "boss", comment="A query lost its index."))
    assert told is not None
    assert told.code == 0, told.err
    (incident,) = events(remote, "second").values()
    assert incident["updates"][-1]["message"].strip() == "A query lost its index."
    assert git(remote.bare, "log", "-1", "--format=%an", "main").strip() == "boss"
    closed = run(remote.clone("three"), github, event(body, "closed", closed_at="2026-11-23T10:30:00Z"))
    assert closed is not None
    assert closed.code == 0, closed.err
    assert set(statuses(remote, "closed").values()) == {"up"}
    assert len(remote.subjects()) == 4
    assert github.comments == []


@pytest.mark.parametrize("by", ["reader", "nobody"])
def test_only_who_may_push_is_heard(remote: Remote, github: GitHub, by: str) -> None:
    clone = remote.clone("one")
    body = form(clone, "api", "down", "It is broken.")
    for number, payload in enumerate(
        [
            event(body, by=by, user={"login": by}),
            event(body, "closed", by),
            event(body, "created", by, comment="Nonsense."),
            event(body, "labeled", by, labels=[{"name": "incident"}]),
        ]
    ):
        assert run(remote.clone(f"clone{number}"), github, payload) is None
    assert len(remote.subjects()) == 1


def test_a_strangers_issue_counts_when_somebody_gives_it_the_label(remote: Remote, github: GitHub) -> None:
    facts = {
        "user": {"login": "nobody"}, "author_association": "NONE", "labels": [{"name": "incident"}],
        "title": "Your API is down",
    }  # fmt: skip
    clone = remote.clone("one")
    body = form(clone, "api", "down", "It is broken.")
    spam = event(body, "labeled", "boss", **{**facts, "labels": [{"name": "spam"}]})
    assert run(clone, github, {**spam, "label": {"name": "spam"}}) is not None
    assert len(remote.subjects()) == 1
    ran = run(clone, github, {**event(body, "labeled", "boss", **facts), "label": {"name": "incident"}})
    assert ran is not None
    assert ran.code == 0, ran.err
    assert statuses(remote, "after")["api"] == "down"


def test_what_an_issue_says_is_only_ever_text(remote: Remote, github: GitHub, tmp_path: Path, home: Path) -> None:
    clone = remote.clone("job")
    ran = run(clone, github, event(form(clone, "api", "down", EVERYTHING), title="$(touch pwned) `touch pwned`"))
    assert ran is not None
    assert ran.code == 0, ran.err
    (incident,) = events(remote, "after").values()
    assert incident["updates"][0]["message"].strip() == EVERYTHING
    assert incident["title"] == "$(touch pwned) `touch pwned`"
    assert pwned(tmp_path, home) == []


def test_the_issue_is_told_what_went_wrong(remote: Remote, github: GitHub) -> None:
    clone = remote.clone("job")
    body = form(clone, "api", "down", "It is broken.").replace("\napi\r", "\napii\r")
    ran = run(clone, github, event(body))
    assert ran is not None
    assert ran.code == 1
    ((path, said),) = github.comments
    assert path == "/repos/acme/status/issues/12/comments"
    assert said.startswith("This is not on the status page:\n\n    ")
    assert "apii" in said, said
    assert len(remote.subjects()) == 1
