"""`stashgen set`: one line at 3 a.m., and what it opens, updates and closes."""

from __future__ import annotations

from pathlib import Path

import pytest
from changing_site import INCIDENT, NOW, SITE, count, event_text, repository, subject
from door import Run
from pseudo_terminal import stashgen


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return repository(tmp_path / "site", SITE)


def test_a_service_goes_down_gets_better_and_is_up_again(site: Path, invoke: Run) -> None:
    down = invoke("set", "api", "down", "-m", "No answers.", "--now", NOW, cwd=site)
    assert down.code == 0, down.err
    assert "All services operational → Major outage: API" in down.out
    slow = invoke("set", "API", "warning", "-m", "Slow.", "--now", "2026-11-23T10:40:00Z", cwd=site)
    assert "API: Major outage → Degraded performance" in slow.out
    over = invoke("set", "api", "up", "-m", "Well.", "--at", "11:45", "--now", "2026-11-23T11:00:00Z", cwd=site)
    assert over.code == 0, over.err
    assert event_text(site).endswith("  - at: 2026-11-23T10:45:00Z\n    state: resolved\n    message: Well.\n")
    assert count(site) == 3


def test_nothing_happens_if_nothing_changes(site: Path, invoke: Run) -> None:
    assert invoke("set", "api", "down", "--if-changed", "-m", "x", "--now", NOW, cwd=site).code == 0
    again = invoke("set", "api", "down", "--if-changed", "-m", "x", "--now", NOW, cwd=site)
    assert again.code == 0
    assert again.out.startswith("Nothing to do: ")
    assert count(site) == 1


def test_a_note_changes_no_status(site: Path, invoke: Run) -> None:
    noted = invoke("set", "api", "--note", "-m", "Keys expire in June.", "--now", NOW, cwd=site)
    assert noted.code == 0, noted.err
    assert "As before: All services operational" in noted.out
    assert invoke("set", "api", "down", "--note", "-m", "x", cwd=site).code == 2


def test_a_headline_and_a_template_are_taken(site: Path, invoke: Run) -> None:
    folder = site / "site-data" / "templates"
    folder.mkdir()
    (folder / "out.yaml").write_text("title: Out\nmessage: '{{ service }} is out. {{ text }}'\n", encoding="utf-8")
    assert invoke("set", "web", "down", "--template", "out", "-m", "*Soon*.", "--now", NOW, cwd=site).code == 0
    assert "title: Out\n" in event_text(site)
    assert "message: Web site is out. *Soon*." in event_text(site).replace('"', "")
    titled = invoke("set", "api", "down", "--title", "No API", "-m", "x", "--now", NOW, cwd=site)
    assert titled.code == 0
    assert "no-api" in subject(site)


def test_it_works_from_elsewhere_and_fits_a_phone(tmp_path: Path) -> None:
    site = repository(tmp_path / "site", {**SITE, **INCIDENT})
    keys = 'stashgen set api up -m "ok"'
    assert len(keys) <= 27
    terminal = stashgen("set", "api", "up", "-m", "ok", "-C", str(site), cwd=tmp_path, columns=30)
    assert terminal.end() == 0, terminal.text
    board = terminal.text.partition("✓")[2]
    assert "API: Major outage →" in board
    assert event_text(site).endswith("message: ok\n")


@pytest.mark.parametrize(
    ("at", "written"),
    [
        ("11:02", "2026-11-23T10:02:00Z"),
        ("23:50", "2026-11-22T22:50:00Z"),
        ("15m ago", "2026-11-23T10:15:00Z"),
        ("-1h30m", "2026-11-23T09:00:00Z"),
        ("yesterday 20:00", "2026-11-22T19:00:00Z"),
        ("2026-11-23 11:02", "2026-11-23T10:02:00Z"),
        ("2026-11-23T10:02:00+02:00", "2026-11-23T08:02:00Z"),
        ("2026-11-23T10:02Z", "2026-11-23T10:02:00Z"),
        ("now", NOW),
    ],
)
def test_it_may_have_been_earlier(site: Path, invoke: Run, at: str, written: str) -> None:
    result = invoke("set", "api", "down", "-m", "x", "--at", at, "--now", NOW, cwd=site)
    assert result.code == 0, result.err
    assert f"  - at: {written}\n" in event_text(site)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("+1h", "still to come"),
        ("tomorrow 10:00", "still to come"),
        ("25:00", "no time of the day"),
        ("2026-02-30T10:00Z", "no day and time of the calendar"),
        ("2026-11-23", "a time is written like"),
        ("soon", "a time is written like"),
        ("-soon", "a time is written like"),
        ("-9999999d", "a time is written like"),
        ("", "a time is written like"),
    ],
)
def test_a_time_that_cannot_be_is_told(site: Path, invoke: Run, at: str, told: str) -> None:
    result = invoke("set", "api", "down", "-m", "x", "--at", at, "--now", NOW, cwd=site)
    assert told in " ".join(result.err.split())
    assert (result.code, count(site)) == (2, 0)


def test_a_time_that_happens_twice_is_told(site: Path, invoke: Run) -> None:
    result = invoke("set", "api", "down", "-m", "x", "--at", "2026-10-25 02:30", "--now", NOW, cwd=site)
    assert result.code == 0
    assert "happens twice in Europe/Berlin" in result.err


def test_an_unknown_service_is_told_with_the_one_that_was_meant(site: Path, invoke: Run) -> None:
    result = invoke("set", "apo", "down", "-m", "x", cwd=site)
    assert "there is no service `apo` (did you mean `api`?)" in result.err
    assert result.code == 1
