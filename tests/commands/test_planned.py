"""Maintenances and notices from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from changing_site import NOW, SITE, count, event_text, repository, subject
from door import Result, Run


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return repository(tmp_path / "site", SITE)


def schedule(site: Path, invoke: Run, *args: str) -> Result:
    return invoke("maintenance", "schedule", "Database", "-m", "Slow.", "-s", "api", *args, "--now", NOW, cwd=site)


@pytest.mark.parametrize(
    ("args", "planned"),
    [
        (("--start", "tomorrow 22:00", "--for", "2h"), "2026-11-24T21:00:00Z, end: 2026-11-24T23:00:00Z"),
        (("--start", "10:00", "--end", "12:00"), "2026-11-24T09:00:00Z, end: 2026-11-24T11:00:00Z"),
        (("--start", "22:00", "--end", "01:00"), "2026-11-23T21:00:00Z, end: 2026-11-24T00:00:00Z"),
        (("--start", "in 2h", "--for", "1h30m"), "2026-11-23T12:30:00Z, end: 2026-11-23T14:00:00Z"),
        (
            ("--start", "2026-12-01T08:00Z", "--end", "2026-12-02 10:00"),
            "2026-12-01T08:00:00Z, end: 2026-12-02T09:00:00Z",
        ),
    ],
)
def test_a_maintenance_is_scheduled(site: Path, invoke: Run, args: tuple[str, ...], planned: str) -> None:
    result = schedule(site, invoke, *args)
    assert result.code == 0, result.err
    assert f"planned: {{start: {planned}}}" in event_text(site)
    assert "kind: maintenance" in event_text(site)


def test_it_begins_takes_longer_and_ends(site: Path, invoke: Run) -> None:
    assert schedule(site, invoke, "--start", "in 1h", "--for", "1h").code == 0
    started = invoke("maintenance", "start", "-m", "Now.", "--now", "2026-11-23T11:20:00Z", cwd=site)
    assert started.code == 0, started.err
    assert "API: Operational → Under maintenance" in started.out
    longer = invoke("maintenance", "extend", "--by", "30m", "-m", "Longer.", "--now", "2026-11-23T12:00:00Z", cwd=site)
    assert longer.code == 0, longer.err
    assert "planned: {end: 2026-11-23T13:00:00Z}" in event_text(site)
    word = invoke(
        "maintenance", "update", "--state", "verifying", "-s", "web", "-m", "So far.",
        "--now", "2026-11-23T12:10:00Z", cwd=site,
    )  # fmt: skip
    assert word.code == 0, word.err
    ended = invoke("maintenance", "complete", "-m", "Done.", "--now", "2026-11-23T12:30:00Z", cwd=site)
    assert ended.code == 0, ended.err
    assert "→ All services operational" in ended.out
    assert subject(site).endswith("completed")
    assert count(site) == 5


def test_it_is_called_off(site: Path, invoke: Run) -> None:
    assert schedule(site, invoke, "--start", "in 1h", "--for", "1h").code == 0
    moved = invoke("maintenance", "edit", "--end", "18:00", "--now", NOW, cwd=site)
    assert moved.code == 0, moved.err
    assert "end: 2026-11-23T17:00:00Z" in event_text(site)
    assert invoke("maintenance", "cancel", "-m", "Not now.", "--now", NOW, cwd=site).code == 0
    listed = invoke("maintenance", "list", "--now", NOW, cwd=site, env={"COLUMNS": "100"})
    assert "Cancelled" in listed.out
    assert invoke("maintenance", "cancel", "-m", "x", "--now", NOW, cwd=site).code == 1


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("--start", "in 2h", "--end", "in 1h", "--for", "1h"), 2),
        (("--start", "in 2h", "--end", "2026-11-23T10:00Z"), 1),
        (("--start", "whenever", "--for", "1h"), 2),
        (("--start", "in 1h", "--for", "long"), 2),
    ],
)
def test_a_plan_that_cannot_be_is_refused(site: Path, invoke: Run, args: tuple[str, ...], code: int) -> None:
    assert schedule(site, invoke, *args).code == code
    assert count(site) == 0


def test_a_notice_is_posted_and_ends(site: Path, invoke: Run) -> None:
    posted = invoke(
        "notice", "post", "Closed on Friday", "--for", "3d", "--pinned", "-s", "web", "-m", "See you.",
        "--now", NOW, cwd=site,
    )  # fmt: skip
    assert posted.code == 0, posted.err
    assert "until: 2026-11-26T10:30:00Z" in event_text(site)
    assert "pinned: true" in event_text(site)
    assert "As before: All services operational" in posted.out
    later = ("--now", "2026-11-24T08:00:00Z")
    unpinned = invoke("notice", "edit", "--no-pinned", "--until", "2026-11-30 12:00", *later, cwd=site)
    assert unpinned.code == 0, unpinned.err
    assert "pinned" not in event_text(site)
    assert invoke("notice", "expire", *later, cwd=site).code == 0
    assert "until: 2026-11-24T08:00:00Z" in event_text(site)
    assert invoke("notice", "list", "--open", *later, cwd=site).out.startswith("There are no notices")


def test_a_kind_is_not_taken_for_another(site: Path, invoke: Run) -> None:
    assert invoke("notice", "post", "Closed", "-m", "x", "--now", NOW, cwd=site).code == 0
    result = invoke("incident", "resolve", "2026-11-23-closed", "-m", "x", "--now", NOW, cwd=site)
    assert "is of kind notice: use `stashgen notice`" in result.err
    assert result.code == 1
