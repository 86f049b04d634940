"""What a person wrote is never overridden: not the words, not the statuses, not the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from alert_door import Page, alert, at, payload

MakePage = Callable[..., Page]
BY_HAND = """\
# Ask Ann before you close this.
title: 'The API is slow'   # her words
services: {api: warning}
updates:
  - at: 2026-11-23T10:00:00Z
    state: identified
    message: >-
      A bad deploy.
"""


def file(page: Page) -> Path:
    """Return the file of the only event."""
    (path,) = (page.folder / "site-data" / "events").rglob("*.yaml")
    return path


def test_an_alert_is_absorbed_by_a_persons_incident(page: MakePage) -> None:
    one = page(files={"site-data/events/2026/slow.yaml": BY_HAND})
    assert one.tell("10:05", alert("errors", "api", "10:04")) == {"errors": "joined"}
    head, _, tail = BY_HAND.partition("updates:")
    text = file(one).read_text(encoding="utf-8")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert "alertmanager:errors" in text
    assert one.statuses("10:06") == {"api": "warning"}
    assert one.tell("10:20", alert("errors", "api", "10:04", "10:19")) == {"errors": "ended"}
    assert len(one.event().updates) == 1
    assert one.statuses("10:21") == {"api": "warning"}


def test_an_alert_may_worsen_and_mend_what_a_person_said(page: MakePage) -> None:
    one = page("human: update\n", {"site-data/events/2026/slow.yaml": BY_HAND})
    assert one.tell("10:05", alert("errors", "api,web", "10:04")) == {"errors": "updated"}
    assert one.statuses("10:06") == {"api": "down", "web": "down"}
    assert one.tell("10:20", alert("errors", "api,web", "10:04", "10:19")) == {"errors": "updated"}
    assert one.statuses("10:21") == {"api": "warning"}
    assert one.event().updates[-1].state is None
    assert file(one).read_text(encoding="utf-8").startswith(BY_HAND.partition("updates:")[0])


def test_an_alert_may_leave_a_persons_incident_alone(page: MakePage) -> None:
    one = page("human: separate\n", {"site-data/events/2026/slow.yaml": BY_HAND})
    assert one.tell("10:05", alert("errors", "api", "10:04")) == {"errors": "opened"}
    assert (one.folder / "site-data/events/2026/slow.yaml").read_text(encoding="utf-8") == BY_HAND
    assert one.tell("10:20", alert("errors", "api", "10:04", "10:19")) == {"errors": "resolved"}
    assert one.statuses("10:21") == {"api": "warning"}


def test_who_writes_in_a_monitors_incident_takes_it_over(page: MakePage) -> None:
    one = page()
    one.tell("10:03", alert("errors", "api", "10:02"))
    one.do("incident", "update", "-m", "Only logins fail.", "-s", "api=warning", "--state", "identified", now="10:10")
    assert one.tell("10:11", alert("more", "api", "10:10")) == {"more": "joined"}
    assert one.statuses("10:12") == {"api": "warning"}
    one.tell("10:20", alert("errors", "api", "10:02", "10:19"))
    assert one.tell("10:21", alert("more", "api", "10:10", "10:20")) == {"more": "ended"}
    event = one.event()
    assert [update.state for update in event.updates] == ["investigating", "identified", None]
    assert event.updates[-1].message == "Our monitoring sees no problem any more."
    assert one.statuses("10:22") == {"api": "warning"}


def test_a_persons_status_wins_over_what_alerts_did_before(page: MakePage) -> None:
    one = page("human: update\n")
    one.tell("10:03", alert("errors", "api", "10:02", severity="warning"))
    one.do("incident", "update", "-m", "Nobody can log in.", "-s", "api=partial", now="10:10")
    assert one.tell("10:20", alert("errors", "api", "10:02", "10:19", severity="warning")) == {"errors": "ended"}
    assert one.statuses("10:21") == {"api": "partial"}


def test_a_status_changed_by_hand_in_the_file_stays(page: MakePage) -> None:
    one = page()
    one.tell("10:03", alert("errors", "api", "10:02"))
    path = file(one)
    text = path.read_text(encoding="utf-8").replace("services: {api: down}\nsource", "services: {api: partial}\nsource")
    one.write({path.relative_to(one.folder).as_posix(): text})
    assert one.tell("10:05", alert("slow", "api", "10:04", severity="warning")) == {"slow": "joined"}
    assert one.tell("10:06", alert("errors", "api", "10:02", "10:05")) == {"errors": "ended"}
    assert one.statuses("10:07") == {"api": "partial"}


def test_what_a_person_resolved_stays_resolved(page: MakePage) -> None:
    one = page()
    one.tell("10:03", alert("errors", "api", "10:02"))
    one.do("incident", "resolve", "-m", "A false alarm.", now="10:10")
    for minute in (11, 30, 50):
        assert one.tell(f"10:{minute}", alert("errors", "api", "10:02")) == {"errors": "muted"}
    assert len(one.subjects()) == 2
    assert one.tell("10:55", alert("errors", "api", "10:02", "10:54")) == {"errors": "ended"}
    assert len(one.event().updates) == 2
    told = one.told("11:12", payload(alert("errors", "api", "11:04")))["errors"]
    assert told["what"] == "opened"
    old, new = sorted(one.events(), key=lambda name: one.events()[name].updates[0].at)
    assert told["event"] == new != old


def test_an_end_that_got_lost_does_not_mute_for_ever(page: MakePage) -> None:
    one = page()
    one.tell("10:03", alert("errors", "api", "10:02"))
    one.do("incident", "resolve", "-m", "A false alarm.", now="10:10")
    later = one.do_at("2026-12-01T10:00:00Z", alert("errors", "api", "10:02"))
    assert later == {"errors": "opened"}
    assert one.do_at("2026-12-01T11:00:00Z", alert("errors", "api", "10:02")) == {"errors": "unchanged"}


def test_another_alert_of_the_service_is_news_again(page: MakePage) -> None:
    one = page()
    one.tell("10:03", alert("errors", "api", "10:02"))
    one.do("incident", "resolve", "-m", "A false alarm.", now="10:10")
    assert one.tell("10:12", alert("slow", "api", "10:11")) == {"slow": "opened"}


@pytest.mark.parametrize("human", ["absorb", "update", "separate"])
def test_only_a_person_closes_what_a_person_wrote(page: MakePage, human: str) -> None:
    one = page(f"human: {human}\n", {"site-data/events/2026/slow.yaml": BY_HAND})
    one.tell("10:05", alert("errors", "api", "10:04"))
    one.tell("10:20", alert("errors", "api", "10:04", "10:19"))
    assert [update.state for update in one.events()["slow"].updates if update.state] == ["identified"]


def test_a_file_that_no_program_may_change_keeps_nothing_else_back(page: MakePage) -> None:
    broken = BY_HAND.replace("services: {api: warning}", "services: {api: wrning}")
    one = page(files={"site-data/events/2026/slow.yaml": broken})
    assert one.tell("10:05", alert("errors", "api", "10:04"), alert("late", "mail", "10:04")) == {
        "errors": "opened",
        "late": "opened",
    }
    one.write({"site-data/events/2026/slow.yaml": BY_HAND})


def test_reopening_by_hand_lets_the_alert_speak_again(page: MakePage) -> None:
    one = page()
    one.tell("10:03", alert("errors", "api", "10:02"))
    one.do("incident", "resolve", "-m", "A false alarm.", now="10:10")
    (name,) = one.events()
    one.do("incident", "reopen", name, "-m", "It was none.", now="10:15")
    assert one.tell("10:16", alert("errors", "api", "10:02")) == {"errors": "unchanged"}
    assert one.tell("10:20", alert("errors", "api", "10:02", "10:19")) == {"errors": "ended"}
    assert at("10:20") in file(one).read_text(encoding="utf-8")
