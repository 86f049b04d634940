"""Calendars as an independent parser reads them: when, how sure, and what changed since."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Final

import icalendar
import pytest
from door import NOW, MakeProject, Run
from hypothesis import given
from hypothesis import strategies as st

from stashgen import icswrite

URL: Final = "https://example.com/status"
PLAN: Final = "planned: {start: 2026-12-05T22:00:00Z, end: 2026-12-06T01:00:00Z}\n"
ANNOUNCED: Final = "  - at: 2026-11-21T10:00:00Z\n    message: We upgrade; the *database*, mostly.\n"
UPGRADE: Final = "site-data/events/2026-12-05-upgrade.yaml"
HEAD: Final = f"title: Upgrade, of A & B; <soon>\nkind: maintenance\nservices: [mail, secret]\n{PLAN}updates:\n"
SITE: Final = {
    "site-data/site.yaml": f"title: Ex\u00e4mple & Co\nurl: {URL}\ntimezone: Europe/Berlin\n",
    "site-data/services/api.yaml": "name: API, v2\nsince: 2026-01-01\n",
    "site-data/services/mail.yaml": "name: Mail\nsince: 2026-01-01\n",
    "site-data/services/secret.yaml": "name: Secret\nhidden: true\n",
    UPGRADE: HEAD + ANNOUNCED,
}


def built(site: Path, run: Run, now: str = NOW) -> Path:
    result = run("build", "-C", site, "--now", now)
    assert result.code == 0, result.err
    return site / "build"


def calendar(path: Path) -> Any:
    data = path.read_bytes()
    assert data.endswith(b"END:VCALENDAR\r\n")
    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    for line in lines:
        line.decode()  # no character is cut
    parsed: Any = icalendar.Calendar.from_ical(data)
    assert not parsed.errors
    return parsed


def events(path: Path) -> Any:
    found = calendar(path).walk("VEVENT")
    for event in found:
        assert not event.errors
        for name in ("UID", "DTSTAMP", "DTSTART", "SEQUENCE", "STATUS", "SUMMARY", "LAST-MODIFIED"):
            assert name in event
        assert event["TRANSP"] == "TRANSPARENT"
    return found


def told(project: MakeProject, run: Run, updates: str, now: str = NOW) -> Any:
    """Return the one maintenance after these updates, as the calendar shows it."""
    (event,) = events(built(project({**SITE, UPGRADE: HEAD + updates}), run, now) / "calendar.ics")
    return event


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def times(event: Any) -> tuple[Any, Any]:
    return event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None


def test_a_maintenance_to_come_is_planned(project: MakeProject, invoke: Run) -> None:
    event = told(project, invoke, ANNOUNCED)
    assert event["UID"] == "status/2026-12-05-upgrade@example.com"
    assert times(event) == (at("2026-12-05T22:00:00Z"), at("2026-12-06T01:00:00Z"))
    assert (event["SEQUENCE"], event["STATUS"]) == (0, "CONFIRMED")
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == at("2026-11-21T10:00:00Z")
    assert event["SUMMARY"] == "Upgrade, of A & B; <soon>"
    assert event["URL"] == f"{URL}/events/2026-12-05-upgrade/"
    assert "We upgrade; the database, mostly." in event["DESCRIPTION"]
    assert [str(one) for one in event["CATEGORIES"].cats] == ["Maintenance", "Mail"]
    assert not event.walk("VALARM")


MOVED: Final = (
    "  - at: 2026-11-22T10:00:00Z\n    message: Later.\n"
    "    planned: {start: 2026-12-06T22:00:00Z, end: 2026-12-07T01:00:00Z}\n"
)
STARTED: Final = "  - at: 2026-12-05T21:50:00Z\n    state: in-progress\n    message: Go.\n"
DONE: Final = "  - at: 2026-12-06T00:30:00Z\n    state: completed\n    message: Done.\n"
CANCELLED: Final = "  - at: 2026-11-22T12:00:00Z\n    state: cancelled\n    message: Not now.\n"


@pytest.mark.parametrize(
    ("updates", "now", "expected"),
    [
        (MOVED, NOW, ("2026-12-06T22:00:00Z", "2026-12-07T01:00:00Z", "CONFIRMED", 1)),
        (CANCELLED, NOW, ("2026-12-05T22:00:00Z", "2026-12-06T01:00:00Z", "CANCELLED", 1)),
        (MOVED + CANCELLED, NOW, ("2026-12-06T22:00:00Z", "2026-12-07T01:00:00Z", "CANCELLED", 2)),
        ("", "2026-12-05T23:00:00Z", ("2026-12-05T22:00:00Z", "2026-12-06T01:00:00Z", "CONFIRMED", 0)),
        ("", "2026-12-07T23:00:00Z", ("2026-12-05T22:00:00Z", "2026-12-06T01:00:00Z", "CONFIRMED", 0)),
        (STARTED, "2026-12-05T23:00:00Z", ("2026-12-05T21:50:00Z", "2026-12-06T01:00:00Z", "CONFIRMED", 1)),
        (STARTED + DONE, "2026-12-07T00:00:00Z", ("2026-12-05T21:50:00Z", "2026-12-06T00:30:00Z", "CONFIRMED", 2)),
        (
            STARTED + "  - at: 2026-12-06T02:00:00Z\n    state: in-progress\n    message: It takes longer.\n",
            "2026-12-06T08:00:00Z", ("2026-12-05T21:50:00Z", "2026-12-06T02:00:00Z", "TENTATIVE", 1),
        ),
    ],
    ids=["moved", "cancelled", "moved-cancelled", "begun", "ended", "early", "done", "over-time"],
)  # fmt: skip
def test_what_becomes_of_a_maintenance(
    project: MakeProject, invoke: Run, updates: str, now: str, expected: tuple[str, str, str, int]
) -> None:
    start, end, status, sequence = expected
    event = told(project, invoke, ANNOUNCED + updates, now)
    assert times(event) == (at(start), at(end))
    assert (event["STATUS"], event["SEQUENCE"]) == (status, sequence)
    assert event["UID"] == "status/2026-12-05-upgrade@example.com"
    assert str(event["SUMMARY"]).startswith("[Cancelled] ") == (status == "CANCELLED")


INCIDENT: Final = (
    "title: Errors\nservices: {api: down}\nupdates:\n  - at: 2026-11-20T10:00:00.500Z\n    message: Bad.\n"
    "  - at: 2026-11-20T11:00:00Z\n    message: Still.\n"
)
OVER: Final = "  - at: 2026-11-20T12:00:00Z\n    state: resolved\n    message: Good.\n"


def test_an_open_incident_reaches_until_its_newest_word(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, "site-data/events/errors.yaml": INCIDENT})
    (event,) = events(built(site, invoke) / "incidents.ics")
    assert times(event) == (at("2026-11-20T10:00:00Z"), at("2026-11-20T11:00:00Z"))
    assert event["STATUS"] == "TENTATIVE"
    before = (site / "build/incidents.ics").read_bytes()
    assert (built(site, invoke, "2026-11-23T18:00:00Z") / "incidents.ics").read_bytes() == before
    (site / "site-data/events/errors.yaml").write_text(INCIDENT + OVER)
    (event,) = events(built(site, invoke) / "incidents.ics")
    assert times(event)[1] == at("2026-11-20T12:00:00Z")
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 1)


def test_an_incident_of_one_word_is_a_point(project: MakeProject, invoke: Run) -> None:
    short = (
        "title: Blip\nservices: {api: down}\nupdates:\n"
        "  - at: 2026-11-20T10:00:00Z\n    state: resolved\n    message: Over.\n"
    )
    (event,) = events(built(project({**SITE, "site-data/events/blip.yaml": short}), invoke) / "incidents.ics")
    assert times(event) == (at("2026-11-20T10:00:00Z"), None)


def test_services_have_their_own(project: MakeProject, invoke: Run) -> None:
    build = built(project({**SITE, "site-data/events/errors.yaml": INCIDENT}), invoke)
    whole = {event["UID"] for name in ("calendar", "incidents") for event in events(build / f"{name}.ics")}
    assert [event["UID"] for event in events(build / "services/mail/calendar.ics")] == [
        "status/2026-12-05-upgrade@example.com"
    ]
    assert [event["UID"] for event in events(build / "services/api/incidents.ics")] == ["status/errors@example.com"]
    assert whole == {"status/2026-12-05-upgrade@example.com", "status/errors@example.com"}
    named = calendar(build / "services/api/incidents.ics")
    # The parser knows neither name, so it leaves them as they are written.
    assert named["NAME"] == named["X-WR-CALNAME"] == "API\\, v2 \u00b7 Ex\u00e4mple & Co: incidents"
    assert named["SOURCE"] == f"{URL}/services/api/incidents.ics"
    assert named["REFRESH-INTERVAL"].dt == dt.timedelta(hours=1)


def test_a_calendar_without_events_is_valid(project: MakeProject, invoke: Run) -> None:
    build = built(project(SITE), invoke)
    empty = calendar(build / "services/api/calendar.ics")
    assert [part.name for part in empty.subcomponents] == ["VTIMEZONE"]
    assert [part.name for part in calendar(build / "calendar.ics").subcomponents] == ["VEVENT"]


@pytest.mark.parametrize(("minutes", "trigger"), [(30, dt.timedelta(minutes=-30)), (0, dt.timedelta())])
def test_an_alarm_rings_before_what_is_to_come(
    project: MakeProject, invoke: Run, minutes: int, trigger: dt.timedelta
) -> None:
    settings = f"{SITE['site-data/site.yaml']}calendar_alarm_minutes: {minutes}\n"
    site = project({**SITE, "site-data/site.yaml": settings})
    (event,) = events(built(site, invoke) / "calendar.ics")
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == trigger
    assert alarm["ACTION"] == "DISPLAY"
    (event,) = events(built(site, invoke, "2026-12-05T23:00:00Z") / "calendar.ics")
    assert not event.walk("VALARM")


def test_calendars_are_bounded_and_the_newest_stay(project: MakeProject, invoke: Run) -> None:
    files = dict(SITE)
    for number in range(220):
        day = dt.date(2026, 11, 22) - dt.timedelta(days=number)
        files[f"site-data/events/e{number}.yaml"] = (
            f"title: Trouble {number}\nservices: {{api: down}}\nupdates:\n"
            f"  - at: {day}T10:00:00Z\n    state: resolved\n    message: Over.\n"
        )
    build = built(project(files), invoke)
    for path, most in (("incidents.ics", 200), ("services/api/incidents.ics", 100)):
        found = events(build / path)
        assert [str(event["SUMMARY"]) for event in found] == [f"Trouble {number}" for number in range(most)]


def test_a_site_without_a_url_has_calendars_too(project: MakeProject, invoke: Run) -> None:
    site = project({**SITE, "site-data/site.yaml": "title: T\n"})
    (event,) = events(built(site, invoke) / "calendar.ics")
    assert len(str(event["UID"])) == 36
    assert "URL" not in event


@given(value=st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\\;,:\"'\U0001f525\u0634")))
def test_any_text_comes_back_as_it_was(value: str) -> None:
    lines = ["VERSION:2.0", "PRODID:x", *icswrite.component("VEVENT", [f"SUMMARY:{icswrite.text(value)}"])]
    data = icswrite.folded(icswrite.component("VCALENDAR", lines))
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    parsed: Any = icalendar.Calendar.from_ical(data)
    (event,) = parsed.walk("VEVENT")
    assert event["SUMMARY"] == value


@given(value=st.text(st.characters(categories=["Cc"]), min_size=1))
def test_control_characters_never_reach_a_calendar(value: str) -> None:
    assert set(icswrite.text(value)) <= {"\t", "\\", "n", "\ufffd", *map(chr, range(0x80, 0xA0))}
