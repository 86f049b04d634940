"""2xx means committed: over kills, full disks, a remote that is down, and other writers."""

from __future__ import annotations

import http.client
import os
import re
import resource
import threading
import time
from pathlib import Path
from typing import Any

from door import git
from gateway_door import Answer, Gateway, gateway, make_clone, subjects
from prometheus_client.parser import text_string_to_metric_families

INCIDENT = {"title": "Slow API", "message": "We look.", "services": {"api": "warning"}}
PATIENCE_SECONDS = 60


def titled(number: int) -> dict[str, Any]:
    return {**INCIDENT, "title": f"Number {number}"}


def metrics(one: Gateway) -> dict[str, float]:
    """Return the samples of /metrics by name and labels, read by Prometheus' own parser."""
    answer = one.ask("GET", "/metrics", token="reader")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = list(text_string_to_metric_families(answer.body.decode()))
    assert all(family.documentation and family.type in ("counter", "gauge") for family in families)
    return {
        sample.name.removeprefix("stashgen_gateway_")
        + "".join(f" {k}={v}" for k, v in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def await_push(one: Gateway) -> None:
    """Wait until the remote has everything."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while one.ask("GET", "/healthz", token=None).json["pending"]:
        assert time.monotonic() < deadline, one.log()
        time.sleep(0.05)


def await_metric(one: Gateway, name: str, least: float) -> None:
    """Wait until a number is large enough."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while metrics(one)[name] < least:
        assert time.monotonic() < deadline, one.log()


def test_a_commit_reaches_the_remote(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        answer = one.ask("POST", "/v1/incidents", INCIDENT)
        assert answer.headers["stashgen-push"] == "pending"
        await_push(one)
        assert answer.headers["stashgen-commit"] == git(tmp_path / "remote.git", "rev-parse", "main").strip()
        again = one.ask("POST", "/v1/incidents", INCIDENT, headers={"Idempotency-Key": "a"})
        await_push(one)
        assert again.headers["stashgen-push"] == "pending"
        await_metric(one, "last_push_timestamp_seconds", 1e9)
        found = metrics(one)
        assert found["changes_total via=rest"] == 2
        assert found["pending_commits"] == found["parked_changes"] == found["push_failures_total"] == 0
        assert found["requests_total operation=api.post_incidents status=201"] == 2
        assert found["ready"] == 1


def test_while_the_remote_is_down_changes_wait_over_a_kill(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        away = tmp_path / "away.git"
        (tmp_path / "remote.git").rename(away)
        ids = [one.ask("POST", "/v1/incidents", titled(number)).json["id"] for number in range(3)]
        health = one.ask("GET", "/healthz", token=None)
        assert (health.status, health.json["ready"], health.json["pending"]) == (200, True, 3)
        one.kill()
        one.start()
        assert one.ask("GET", "/healthz", token=None).json["pending"] == 3
        await_metric(one, "push_failures_total", 1)
        away.rename(tmp_path / "remote.git")
        await_push(one)
        names = git(tmp_path / "remote.git", "ls-tree", "-r", "--name-only", "main")
        assert all(name in names for name in ids)


def test_what_others_push_is_seen(tmp_path: Path) -> None:
    with gateway(tmp_path, {"pull_seconds": 5}) as one:
        other = make_clone(tmp_path / "remote.git", tmp_path / "other")
        (other / "site-data/services/search.yaml").write_text("name: Search\n", encoding="utf-8")
        git(other, "add", "-A")
        git(other, "commit", "--quiet", "-m", "Add search")
        git(other, "push", "--quiet")
        answer = one.ask("POST", "/v1/incidents", INCIDENT)
        # Somebody was faster, and is in: our change is carried out on top of it.
        deadline = time.monotonic() + PATIENCE_SECONDS
        while one.ask("GET", "/v1/services/search").status != 200:
            assert time.monotonic() < deadline, one.log()
        await_push(one)
        assert one.ask("GET", f"/v1/incidents/{answer.json['id']}").status == 200
        assert "Add search" in subjects(tmp_path / "remote.git", "main")


def persist(one: Gateway, number: int, told: dict[int, str]) -> None:
    """Send a request under its key until it is answered with 201, as a client should."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = one.ask("POST", "/v1/incidents", titled(number), headers={"Idempotency-Key": f"key-{number}"})
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
            continue
        if answer.status == 201:
            told[number] = answer.json["id"]
            return
        assert answer.status in (409, 503), answer


def test_a_kill_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        told: dict[int, str] = {}
        threads = [threading.Thread(target=persist, args=(one, number, told)) for number in range(12)]
        for thread in threads:
            thread.start()
        for _ in range(4):
            time.sleep(0.15)
            one.kill()
            one.start()
        for thread in threads:
            thread.join()
        await_push(one)
        for place, ref in ((one.project, "HEAD"), (tmp_path / "remote.git", "main")):
            names = re.findall(r"([^/]+-number-\S+)\.yaml", git(place, "ls-tree", "-r", "--name-only", ref))
            assert sorted(names) == sorted(told.values())
            assert len(subjects(place, ref)) == 1 + len(told) == 13
            git(place, "fsck", "--strict")
        assert git(one.project, "status", "--porcelain") == ""


def test_a_full_disk_refuses_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        assert one.process is not None
        number, (soft, hard) = one.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
        head = git(one.project, "rev-parse", "HEAD")
        # From here on no file grows, neither the gateway's nor that of a git it starts.
        resource.prlimit(number, resource.RLIMIT_FSIZE, (0, hard))
        for headers in ({}, {"Idempotency-Key": "a"}):
            answer = one.ask("POST", "/v1/incidents", INCIDENT, headers=headers)
            assert answer.status in (503, 507), answer
            assert answer.headers["content-type"] == "application/problem+json"
            assert "retry-after" in answer.headers
        resource.prlimit(number, resource.RLIMIT_FSIZE, (soft, hard))
        assert git(one.project, "status", "--porcelain") == ""
        assert git(one.project, "rev-parse", "HEAD") == head
        assert one.ask("POST", "/v1/incidents", INCIDENT, headers={"Idempotency-Key": "a"}).status == 201
        assert len(subjects(one.project)) == 2
        git(one.project, "fsck", "--strict")


def test_a_stale_lock_of_a_dead_git_does_not_stop_the_news(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        lock = one.project / ".git/index.lock"
        lock.write_bytes(b"")
        old = time.time_ns() - 3600 * 10**9
        os.utime(lock, ns=(old, old))
        answer = one.ask("POST", "/v1/incidents", INCIDENT)
        assert answer.status == 201, answer
        assert not lock.exists()


def test_two_gateways_and_one_remote(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        other = Gateway(make_clone(tmp_path / "remote.git", tmp_path / "other"), {})
        other.start()
        answers: list[Answer] = []

        def write(gate: Gateway, start: int) -> None:
            answers.extend(gate.ask("POST", "/v1/incidents", titled(start + number)) for number in range(4))

        threads = [
            threading.Thread(target=write, args=(gate, 4 * place)) for place, gate in enumerate((one, other, one))
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for gate in (one, other):
                await_push(gate)
        finally:
            other.stop()
        assert [answer.status for answer in answers] == [201] * 12
        names = git(tmp_path / "remote.git", "ls-tree", "-r", "--name-only", "main")
        assert all(names.count(f"/{answer.json['id']}.yaml") == 1 for answer in answers)
        assert len(subjects(tmp_path / "remote.git", "main")) == 13
        git(tmp_path / "remote.git", "fsck", "--strict")


def test_health_tells_why_nothing_can_be_done(tmp_path: Path) -> None:
    with gateway(tmp_path) as one:
        assert one.ask("GET", "/healthz/live", token=None).json == {"live": True}
        (one.project / "site-data").rename(tmp_path / "kept")
        answer = one.ask("GET", "/healthz", token=None)
        assert (answer.status, answer.json["ready"]) == (503, False)
        assert "site-data" in answer.json["detail"]
        assert metrics(one)["ready"] == 0
        refused = one.ask("POST", "/v1/incidents", INCIDENT)
        assert refused.status == 503
        assert one.ask("GET", "/v1/services").status == 503
        (tmp_path / "kept").rename(one.project / "site-data")
        assert one.ask("GET", "/healthz", token=None).status == 200
