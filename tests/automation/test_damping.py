"""What flaps is held back, across runs and restarts; what a maintenance explains waits for its end."""

from __future__ import annotations

import json
from collections.abc import Callable

from alert_door import Page, alert, at, payload
from door import Run

MakePage = Callable[..., Page]
MAINTENANCE = """\
title: Database upgrade
kind: maintenance
services: [api]
planned: {start: 2026-11-23T10:00:00Z, end: 2026-11-23T11:00:00Z}
updates:
  - at: 2026-11-22T10:00:00Z
    message: We will upgrade the database.
"""


def test_what_does_not_last_is_never_told_of(page: MakePage) -> None:
    one = page("quiet: 2m\n")
    for minute in range(0, 20, 2):
        since, until = f"10:{minute:02}", f"10:{minute + 1:02}"
        assert one.tell(since, alert("errors", "api", since)) == {"errors": "held"}
        assert one.tell(until, alert("errors", "api", since, until)) == {"errors": "unchanged"}
    assert one.tell("11:00") == {}
    assert one.events() == {}
    assert one.subjects() == []


def test_what_lasts_is_told_of_by_the_next_run(page: MakePage) -> None:
    one = page("quiet: 2m\n")
    assert one.tell("10:02", alert("errors", "api", "10:02")) == {"errors": "held"}
    assert one.tell("10:03", alert("errors", "api", "10:02")) == {"errors": "held"}
    assert one.events() == {}
    assert one.tell("10:05", alert("other", "mail", "10:04")) == {"other": "held"}
    assert one.event().services == {"api": "down"}
    assert one.tell("10:06", alert("third", "web", "10:03")) == {"third": "opened"}, "it has lasted long enough already"


def test_what_is_over_must_stay_so(page: MakePage) -> None:
    one = page("stay: 5m\n")
    one.tell("10:02", alert("errors", "api", "10:02"))
    for minute in (10, 14, 18):
        over = alert("errors", "api", "10:02" if minute == 10 else f"10:{minute - 3}", f"10:{minute}")
        assert one.tell(f"10:{minute}", over) == {"errors": "held"}
        assert one.tell(f"10:{minute + 1}", alert("errors", "api", f"10:{minute + 1}")) == {"errors": "unchanged"}
    assert len(one.event().updates) == 1
    assert one.tell("10:30", alert("errors", "api", "10:19", "10:29")) == {"errors": "held"}
    assert one.tell("10:33", alert("errors", "api", "10:19", "10:29")) == {"errors": "held"}, "waits for no longer"
    one.tell("10:35")
    assert one.event().updates[-1].state == "resolved"


def test_a_rule_has_its_own_times(page: MakePage) -> None:
    one = page("quiet: 10m\nrules:\n  - match: {severity: critical}\n    quiet: 0s\n")
    mild = alert("slow", "web", "10:02", severity="warning")
    assert one.tell("10:03", alert("errors", "api", "10:02"), mild) == {"errors": "opened", "slow": "held"}


def test_whoever_has_patience_waits(page: MakePage, run: Run) -> None:
    one = page("quiet: 2s\n")
    body = json.loads(payload(alert("errors", "api", "10:02")))
    del body["alerts"][0]["startsAt"]
    result = run("ingest", "alertmanager", "-C", one.folder, stdin=json.dumps(body))
    assert result.code == 0
    assert result.err.startswith("Waiting until ")
    assert result.out.startswith("alertmanager errors: opened 20")
    again = run("ingest", "alertmanager", "-C", one.folder, "--no-wait", stdin=json.dumps(body).replace("api", "web"))
    assert again.out.startswith("alertmanager errors: updated"), "the same alert speaks of another service now"


def test_maintenance_explains_what_is_wrong_meanwhile(page: MakePage) -> None:
    one = page(files={"site-data/events/2026/upgrade.yaml": MAINTENANCE})
    told = one.told("10:10", payload(alert("errors", "api", "10:09"), alert("both", "api,web", "10:09")))
    assert (told["errors"]["what"], told["errors"]["detail"]) == ("held", "its services are under maintenance")
    assert told["both"]["what"] == "opened", "the website is under no maintenance"
    assert one.tell("10:20", alert("short", "api", "10:19")) == {"short": "held"}
    assert one.tell("10:30", alert("short", "api", "10:19", "10:29")) == {"short": "unchanged"}
    one.tell("10:59", alert("both", "api,web", "10:09", "10:58"))
    one.tell("11:01")
    (event,) = (event for event in one.events().values() if "alertmanager:errors" in event.signals)
    assert event.services == {"api": "down"}
    assert not any("alertmanager:short" in event.signals for event in one.events().values())


def test_maintenance_that_is_extended_explains_on(page: MakePage) -> None:
    one = page(files={"site-data/events/2026/upgrade.yaml": MAINTENANCE})
    one.tell("10:10", alert("errors", "api", "10:09"))
    one.do("maintenance", "extend", "upgrade", "--until", at("12:00"), "-m", "It takes longer.", now="10:50")
    one.tell("11:05")
    assert len(one.events()) == 1
    one.tell("12:01")
    assert len(one.events()) == 2


def test_maintenance_explains_nothing_where_that_is_wanted(page: MakePage) -> None:
    one = page("maintenance: open\n", {"site-data/events/2026/upgrade.yaml": MAINTENANCE})
    assert one.tell("10:10", alert("errors", "api", "10:09")) == {"errors": "opened"}
