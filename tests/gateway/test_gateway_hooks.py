"""Webhooks at the real gateway: who may send, what is answered, what survives a kill, and a storm."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from door import child_environ, git
from gateway_door import PATIENCE_SECONDS, SITE, Answer, Gateway, gateway, make_clone, subjects

from stashgen import clock
from stashgen.gateway import tokens

SECRET: Final = "a-secret-of-the-monitor"
PAYLOADS: Final = Path(__file__).resolve().parent.parent / "payloads"
TOKEN: Final = tokens.new()
LIMITED: Final = {"sha256": tokens.digest(TOKEN), "scopes": ["events"], "services": ["web"]}
CONFIG: Final = {
    "tokens": {"limited": LIMITED},
    "webhooks": {"pagerduty": {"secret": {"env": "SECRET"}}, "github": {"secret": {"env": "SECRET"}}},
    "limits": {"requests_per_minute": 100_000, "burst": 10_000, "failures_per_minute": 1_000},
}
ENVIRON: Final = {"SECRET": SECRET}
FILES: Final = {
    **SITE,
    "site-data/automation.yaml": (
        "rules:\n  - match: {alertname: Patient}\n    quiet: 3s\n"
        "generic:\n  own: {key: id, status: state, statuses: {bad: down, good: resolved}, services: of}\n"
    ),
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Yield a gateway for the tests that use alerts and services of their own."""
    with gateway(tmp_path_factory.mktemp("hooks"), CONFIG, FILES, ENVIRON) as one:
        yield one


def alert(key: str, service: str, status: str = "firing", name: str = "Errors") -> dict[str, Any]:
    """Return one alert of Alertmanager."""
    labels = {"alertname": name, "service": service, "severity": "critical"}
    return {"status": status, "labels": labels, "annotations": {}, "fingerprint": key}


def tell(one: Gateway, *alerts: dict[str, Any], token: str = "writer") -> Answer:
    """Send alerts as Alertmanager does."""
    return one.ask("POST", "/hooks/alertmanager", {"version": "4", "alerts": alerts}, token=token)


def whats(answer: Answer) -> list[str]:
    """Return what became of each alert."""
    return [outcome["what"] for outcome in answer.json["outcomes"]]


def events(one: Gateway) -> list[str]:
    """Return the files of all events in HEAD."""
    return git(one.project, "ls-tree", "-r", "--name-only", "HEAD", "--", "site-data/events").splitlines()


def wait_for(one: Gateway, text: str) -> None:
    """Wait until a commit's subject holds a text."""
    deadline = clock.monotonic() + PATIENCE_SECONDS
    while not any(text in subject for subject in subjects(one.project)):
        assert clock.monotonic() < deadline, subjects(one.project)
        clock.sleep(0.1)


def test_an_alert_is_a_commit(shared: Gateway) -> None:
    answer = tell(shared, alert("first", "api"))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    (outcome,) = answer.json["outcomes"]
    assert outcome["what"] == "opened"
    message = git(shared.project, "log", "-1", "--format=%B")
    assert f"incident {outcome['event']}: investigating (api: down)" in message
    assert "External-Id: alertmanager:first\nVia: webhook\nBy: writer\n" in message
    assert whats(tell(shared, alert("first", "api"))) == ["unchanged"]
    assert whats(tell(shared, alert("first", "api", "resolved"))) == ["resolved"]


def test_an_unknown_service_is_refused_and_the_rest_is_done(shared: Gateway) -> None:
    answer = tell(shared, alert("known", "mail"), alert("unknown", "mial"))
    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    assert whats(answer) == ["opened", "refused"]
    assert answer.json["errors"][0]["detail"] == "there is no service `mial` (did you mean `mail`?)"
    assert whats(tell(shared, alert("known", "mail", "resolved"))) == ["resolved"]


@pytest.mark.parametrize(("source", "body", "status", "field"), [
    ("alertmanager", b"{", 400, ""), ("alertmanager", b'{"alerts":{}}', 422, "/alerts"),
    ("alertmanager", b'{"alerts":[{"labels":{"a":"b"}}]}', 422, "/alerts/0/status"), ("alertmanger", b"{}", 404, ""),
    ("own", b'{"id":"a"}', 422, "/state"), ("own", b"\xff\xff", 400, ""),
])  # fmt: skip
def test_what_cannot_be_read_is_a_problem(shared: Gateway, source: str, body: bytes, status: int, field: str) -> None:
    answer = shared.ask("POST", f"/hooks/{source}", body)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    if field:
        assert answer.json["errors"][0]["pointer"] == field


def test_who_sends_must_be_known(shared: Gateway) -> None:
    body = {"id": "x", "state": "good", "of": "web"}
    assert shared.ask("POST", "/hooks/own", body, token=None).status == 401
    assert shared.ask("POST", "/hooks/own", body, token="stashgen_unknown").status == 401
    assert shared.ask("POST", "/hooks/own", body, token="reader").status == 403
    assert shared.ask("POST", "/hooks/own", body).status == 200
    password = base64.b64encode(f"robot:{shared.tokens['writer']}".encode()).decode()
    assert (
        shared.ask("POST", "/hooks/own", body, token=None, headers={"Authorization": f"Basic {password}"}).status == 200
    )
    assert shared.ask("GET", "/hooks/own").status == 405
    assert shared.ask("POST", f"/hooks/own?access_token={shared.tokens['writer']}", body, token=None).status == 400


def test_a_token_for_some_services_moves_no_others(shared: Gateway) -> None:
    assert tell(shared, alert("theirs", "api")).status == 200
    head = git(shared.project, "rev-parse", "HEAD")
    for one in (alert("mine", "api"), alert("mine", "web,api"), alert("theirs", "web", "resolved")):
        assert tell(shared, one, token=TOKEN).status == 403, one
    assert git(shared.project, "rev-parse", "HEAD") == head
    assert whats(tell(shared, alert("mine", "web"), token=TOKEN)) == ["opened"]
    assert whats(tell(shared, alert("mine", "web", "resolved"), token=TOKEN)) == ["resolved"]
    assert whats(tell(shared, alert("theirs", "api", "resolved"))) == ["resolved"]


def signed(source: str, body: bytes, secret: str = SECRET) -> dict[str, str]:
    """Return the header with which a monitor signs a body."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if source == "pagerduty":
        return {"X-PagerDuty-Signature": f"v1={'0' * 64},v1={digest}"}
    return {"X-Hub-Signature-256": f"sha256={digest}", "X-GitHub-Event": "issues"}


@pytest.mark.parametrize(("source", "name"), [("pagerduty", "triggered.json"), ("github", "opened-by-a-form.json")])
def test_a_signature_lets_a_monitor_in(shared: Gateway, source: str, name: str) -> None:
    body = (PAYLOADS / source / name).read_bytes().replace(b"Website", b"api")
    head = git(shared.project, "rev-parse", "HEAD")
    other = body.replace(b"api", b"web")
    wrong = [{}, signed(source, other), signed(source, body, "guess"), {"X-Hub-Signature-256": "sha256="}]
    wrong.append({"X-PagerDuty-Signature": "v1=", "Authorization": f"Bearer {shared.tokens['reader']}"})
    for headers in wrong:
        answer = shared.ask("POST", f"/hooks/{source}", body, token=None, headers=headers)
        # A reader may not write; but whoever signs, and wrongly, is not asked for more.
        is_reader = "Authorization" in headers and source != "pagerduty"
        assert answer.status == (403 if is_reader else 401), headers
    assert git(shared.project, "rev-parse", "HEAD") == head
    answer = shared.ask("POST", f"/hooks/{source}", body, token=None, headers=signed(source, body))
    assert (answer.status, whats(answer)) in [(200, ["opened"]), (200, ["joined"])]
    assert f"By: {source}\n" in git(shared.project, "log", "-1", "--format=%B")


def test_what_must_last_is_held_and_told_by_itself(tmp_path: Path) -> None:
    with gateway(tmp_path, CONFIG, FILES, ENVIRON) as one:
        answer = tell(one, alert("slow", "api", name="Patient"))
        assert (answer.status, whats(answer)) == (202, ["held"])
        assert events(one) == []
        short = alert("short", "web", name="Patient")
        assert whats(tell(one, short)) == ["held"]
        assert whats(tell(one, {**short, "status": "resolved"})) == ["unchanged"]
        one.kill()
        one.start()
        wait_for(one, "investigating (api: down)")
        assert len(events(one)) == 1


def post_many(one: Gateway, bodies: list[bytes], answers: list[int]) -> None:
    """Send bodies one after the other on one connection."""
    connection = http.client.HTTPConnection(urlsplit(one.url).netloc, timeout=PATIENCE_SECONDS)
    headers = {"Authorization": f"Bearer {one.tokens['writer']}", "Content-Type": "application/json"}
    for body in bodies:
        connection.request("POST", "/hooks/alertmanager", body, headers)
        response = connection.getresponse()
        response.read()
        answers.append(response.status)
    connection.close()


def test_many_posts_at_once_share_commits_and_none_is_lost(tmp_path: Path) -> None:
    count = 160
    bodies = [
        json.dumps({"version": "4", "alerts": [alert(f"a{n}", ("api", "web")[n % 2])]}).encode() for n in range(count)
    ]
    answers: list[int] = []
    with gateway(tmp_path, CONFIG, FILES, ENVIRON) as one:
        threads = [threading.Thread(target=post_many, args=(one, bodies[n::8], answers)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(answers) <= {200, 202}
        assert len(answers) == count
        deadline = clock.monotonic() + PATIENCE_SECONDS
        while (found := known(one)) != Counter(f"alertmanager:a{n}" for n in range(count)):
            assert clock.monotonic() < deadline, len(found)
            clock.sleep(0.2)
        assert len(events(one)) == 2
        assert len(subjects(one.project)) < count / 2
        git(one.project, "fsck", "--strict")


def known(one: Gateway) -> Counter[str]:
    """Return how often each alert stands in the files of HEAD."""
    texts = [git(one.project, "show", f"HEAD:{path}") for path in events(one)]
    return Counter(name for text in texts for name in re.findall(r"^  (alertmanager:\w+):", text, re.MULTILINE))


def test_two_gateways_that_hear_the_same_make_one_incident(tmp_path: Path) -> None:
    with gateway(tmp_path, {**CONFIG, "push": False}, FILES, ENVIRON) as one:
        other = Gateway(make_clone(tmp_path / "remote.git", tmp_path / "other"), {**CONFIG, "push": False}, ENVIRON)
        other.start()
        try:
            same = {**alert("same", "api"), "startsAt": "2026-11-01T10:00:00Z"}
            assert whats(tell(one, same)) == whats(tell(other, same)) == ["opened"]
            assert whats(tell(other, alert("more", "api"))) == ["joined"]
        finally:
            other.stop()
        push(one.project)
        push(other.project)
        git(one.project, "pull", "--quiet", "--ff-only")
        assert len(events(one)) == 1
        assert known(one) == Counter(["alertmanager:same", "alertmanager:more"])


def push(project: Path) -> None:
    """Push a clone by the program."""
    code = "import sys,os,pathlib\nfrom stashgen.repository import Repository\n"
    code += "pushed = Repository(pathlib.Path(sys.argv[1]), os.environ).push()\nassert pushed.error is None, pushed\n"
    subprocess.run([sys.executable, "-c", code, str(project)], check=True, env=child_environ({}))
