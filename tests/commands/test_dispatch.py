"""stashgen ingest dispatch: what a program asks of GitHub's API, as the job of the workflow hands it on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from code_hosts import Ran, Remote, copied, documents, events, first_remote, run_github, statuses
from door import NOW, Run, git
from hostile_words import EVERYTHING, pwned

PERSON: Final = {"GITHUB_ACTOR": "deploy-bot", "GITHUB_ACTOR_ID": "7", "GITHUB_RUN_ID": "4711"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_remote(tmp_path_factory.mktemp("github"), "github")


@pytest.fixture
def remote(first: Path, tmp_path: Path) -> Remote:
    return copied(first, tmp_path)


@pytest.fixture
def site(remote: Remote) -> Path:
    return remote.clone("site")


def dispatched(clone: Path, kind: str, run_id: str = "4711", **payload: Any) -> Ran:
    """Run the workflow as GitHub does after a repository dispatch."""
    (workflow,) = documents(clone / ".github" / "workflows" / "status-change.yml")
    assert kind in workflow["on"]["repository_dispatch"]["types"]
    event = {"action": kind, "branch": "main", "client_payload": payload, "sender": {"login": "deploy-bot"}}
    context = {"github": {"event_name": "repository_dispatch", "ref_type": "branch", "event": event}, "inputs": {}}
    return run_github(clone, workflow["jobs"]["change"], context, {**PERSON, "GITHUB_RUN_ID": run_id})


def ingest(invoke: Run, site: Path, event: object, *options: str) -> tuple[int, str]:
    """Give an event to the command; return its code and all that it said."""
    text = event if isinstance(event, str) else json.dumps(event)
    result = invoke("ingest", "dispatch", "--now", NOW, *options, cwd=site, stdin=text)
    return result.code, result.out + result.err


def asked(kind: str, **payload: Any) -> dict[str, Any]:
    return {"event_type": kind, "client_payload": payload}


def test_a_life_of_an_incident_told_by_programs(remote: Remote) -> None:
    opened = dispatched(
        remote.clone("one"), "incident", title="Deployment 4711 went wrong", message="We are rolling back.",
        services={"api": "warning", "website": "down"}, external_id="deployment-4711",
    )  # fmt: skip
    assert opened.code == 0, opened.err
    assert statuses(remote, "opened") == {"api": "warning", "website": "down", "sign-in": "up"}
    told = dispatched(
        remote.clone("two"), "update", "2", event="deployment-4711", message="Nearly.", services={"website": "up"},
        state="monitoring",
    )  # fmt: skip
    assert told.code == 0, told.err
    assert statuses(remote, "told")["website"] == "up"
    ended = dispatched(
        remote.clone("three"), "update", "3", event="deployment-4711", state="resolved", message="The old one is back."
    )
    assert ended.code == 0, ended.err
    assert set(statuses(remote, "ended").values()) == {"up"}
    (event,) = events(remote, "events").values()
    assert [update.get("state") for update in event["updates"]] == ["investigating", "monitoring", "resolved"]
    body = git(remote.bare, "log", "-1", "--format=%B", "main")
    assert "By: deploy-bot" in body
    assert "Via: ingest" in body


def test_a_run_that_is_started_again_says_nothing_twice(remote: Remote) -> None:
    facts = {"service": "api", "status": "down", "message": "No answers."}
    assert dispatched(remote.clone("one"), "status", **facts).code == 0
    again = dispatched(remote.clone("two"), "status", **facts)
    assert (again.code, len(remote.subjects())) == (0, 2), again
    assert "Done before" in again.out
    assert dispatched(remote.clone("three"), "status", "4712", **facts).code == 0


def test_what_a_program_sends_is_only_ever_text(remote: Remote, tmp_path: Path, home: Path) -> None:
    ran = dispatched(remote.clone("job"), "status", service="api", status="down", message=EVERYTHING)
    assert ran.code == 0, ran.err
    (event,) = events(remote, "after").values()
    assert event["updates"][0]["message"].strip() == EVERYTHING
    assert pwned(tmp_path, home) == []


def test_programs_at_the_same_time_are_all_heard(remote: Remote) -> None:
    services = ("api", "website", "sign-in")
    clones = [remote.clone(name) for name in services]
    with ThreadPoolExecutor(len(services)) as pool:
        rans = list(
            pool.map(
                lambda pair: dispatched(pair[0], "status", pair[1], service=pair[1], status="down", message="x"),
                zip(clones, services, strict=True),
            )
        )
    assert [ran.err for ran in rans if ran.code] == []
    assert set(statuses(remote, "after").values()) == {"down"}


def test_maintenance_and_notices(site: Path, invoke: Run) -> None:
    planned = asked(
        "maintenance", title="Database upgrade", message="No sign-in for a while.", services={"sign-in": "maintenance"},
        start="2026-12-01T22:00:00Z", end="2026-12-02T00:00:00+01:00",
    )  # fmt: skip
    assert ingest(invoke, site, planned)[0] == 0
    assert ingest(invoke, site, asked("notice", title="Keys end", message="In June.", services=["api"]))[0] == 0
    subjects = git(site, "log", "-2", "--format=%s")
    assert "maintenance" in subjects
    assert "notice" in subjects
    assert invoke("check", "--strict", "--now", NOW, cwd=site).code == 0


def test_a_signal_in_our_words_or_the_monitors_own(site: Path, invoke: Run) -> None:
    probe = {"key": "probe-17", "service": "api", "status": "down", "title": "No answer"}
    assert ingest(invoke, site, asked("signal", **probe))[0] == 0
    shown = json.loads(invoke("status", "--json", "--now", NOW, cwd=site).out)
    assert {one["id"]: one["status"] for one in shown["services"]}["api"] == "down"
    assert ingest(invoke, site, asked("signal", **probe, resolved=True))[0] == 0
    kuma = {
        "heartbeat": {"monitorID": 3, "status": 0, "msg": "timeout", "time": "2026-11-23 10:29:00"},
        "monitor": {"id": 3, "name": "website"}, "msg": "[website] [Down] timeout",
    }  # fmt: skip
    code, said = ingest(invoke, site, asked("signal", source="uptime-kuma", payload=kuma))
    assert code == 0, said
    shown = json.loads(invoke("status", "--json", "--now", NOW, cwd=site).out)
    status_by_service = {one["id"]: one["status"] for one in shown["services"]}
    assert status_by_service["api"] == "up"
    assert status_by_service["website"] != "up"


def test_a_note_and_a_dry_run(site: Path, invoke: Run) -> None:
    note = asked("status", service="api", message="Keys from before May stop working.", note=True)
    code, said = ingest(invoke, site, note, "--dry-run")
    assert code == 0
    assert "dry run" in said
    assert git(site, "status", "--porcelain") == ""
    code, said = ingest(invoke, site, note, "--json")
    assert (code, json.loads(said)["pushed"]) == (0, None)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("", "is not JSON"),
        ("[]", "must be a map"),
        ("{" * 100_000, "is not JSON"),
        ({}, "there is no type"),
        (asked("statsu", service="api"), "did you mean `status`"),
        ({"event_type": "status", "client_payload": []}, "client_payload: must be a map"),
        ({"event_type": "status"}, "missing required field `service`"),
        (asked("status", service="api", status="down", mesage="x"), "did you mean `message`"),
        (asked("status", service="api", status="down", message="x", suffix="x"), "client_payload.suffix"),
        (asked("status", service="api", status="down", message=["x"]), "`$.message`"),
        (asked("status", service="apii", status="down", message="x"), "did you mean `api`"),
        (asked("status", service="api", status="downn", message="x"), "did you mean `down`"),
        (asked("status", service="api", status="down", message=" "), "message"),
        (asked("status", service="api", status="down", message="x", at="2026-11-23T10:00:00"), "has no zone"),
        (asked("update", event="nobody-knows-it", message="x"), "nobody-knows-it"),
        (asked("maintenance", title="x", message="x", start="soon", end="later"), "start"),
        (asked("signal", source="nagioss", payload={}), "did you mean `nagios`"),
        (asked("signal", service="api", status="down"), "missing required field `key`"),
    ],
)
def test_what_cannot_be_done_is_named_and_changes_nothing(site: Path, invoke: Run, event: Any, said: str) -> None:
    text = event if isinstance(event, str) else json.dumps(event)
    code, words = ingest(invoke, site, text.encode("utf-8", "replace").decode())
    assert code == 1, words
    assert said in words
    assert "Traceback" not in words
    assert git(site, "status", "--porcelain") == ""
    assert len(git(site, "log", "--format=%h").split()) == 1


def test_an_id_of_their_own_means_the_newest_event_that_has_it(site: Path, invoke: Run) -> None:
    facts: Mapping[str, Any] = {"title": "Slow", "message": "x", "services": {"api": "warning"}, "external_id": "d-1"}
    assert ingest(invoke, site, asked("incident", **facts))[0] == 0
    assert ingest(invoke, site, asked("update", event="d-1", message="Over.", state="resolved"))[0] == 0
    assert ingest(invoke, site, asked("incident", **{**facts, "title": "Slow again"}))[0] == 0
    code, said = ingest(invoke, site, asked("update", event="d-1", message="Over again.", verb="resolve"))
    assert code == 0, said
    shown = json.loads(invoke("status", "--json", "--now", NOW, cwd=site).out)
    assert {one["status"] for one in shown["services"]} == {"up"}
