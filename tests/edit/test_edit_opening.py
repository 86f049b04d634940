"""New events: their files, their ids, what is refused, and what is not said a second time."""

from __future__ import annotations

import datetime as dt

import pytest
from edit_desk import START, Desk, error

from stashgen.intents import AddUpdate, Intent, OpenIncident, PostNotice, ScheduleMaintenance

HOUR = dt.timedelta(hours=1)


def incident(**more: object) -> OpenIncident:
    return OpenIncident(**{"title": "API errors", "message": "We look.", "services": {"api": "down"}, **more})  # type: ignore[arg-type]


def maintenance(**more: object) -> ScheduleMaintenance:
    plan = {"title": "New disks", "message": "We work.", "start": START + HOUR, "end": START + 2 * HOUR}
    return ScheduleMaintenance(**{**plan, **more})  # type: ignore[arg-type]


def notice(**more: object) -> PostNotice:
    return PostNotice(**{"title": "News", "message": "Read.", **more})  # type: ignore[arg-type]


def test_an_incident_is_a_file_that_people_would_write(desk: Desk) -> None:
    message = "We see **5xx**:\r\n\r\n- on a third\n"
    plan = desk.do(incident(message=message, source="nagios", external_id="a\x1b[1mb\n#7", tags=("eu", " ")))
    assert desk.text("events/2026/2026-11-23-api-errors.yaml") == (
        "title: API errors\n"
        "services: {api: down}\n"
        'external_id: "a[1mb #7"\n'
        "source: nagios\n"
        "tags: [eu]\n"
        "updates:\n"
        "  - at: 2026-11-23T10:00:00Z\n"
        "    state: investigating\n"
        "    message: |\n"
        "      We see **5xx**:\n"
        "\n"
        "      - on a third\n"
    )
    change = plan.change
    assert change.subject == "incident 2026-11-23-api-errors: investigating (api: down)"
    assert change.trailers == (("Source", "nagios"), ("External-Id", "a[1mb #7"))
    assert (change.record, change.update) == ("2026-11-23-api-errors", "20261123T100000Z")
    assert not desk.problems()


def test_a_maintenance_and_a_notice_are_files_too(desk: Desk) -> None:
    desk.do(maintenance(services={"api": "", "db": "maintenance"}))
    assert desk.text("events/2026/2026-11-23-new-disks.yaml") == (
        "title: New disks\n"
        "kind: maintenance\n"
        "services: [api, db]\n"
        "planned: {start: 2026-11-23T11:00:00Z, end: 2026-11-23T12:00:00Z}\n"
        "updates:\n"
        "  - at: 2026-11-23T10:00:00Z\n"
        "    message: We work.\n"
    )
    plan = desk.do(notice(services=("api", "api"), pinned=True, until=START + HOUR))
    assert desk.text("events/2026/2026-11-23-news.yaml") == (
        "title: News\n"
        "kind: notice\n"
        "services: [api]\n"
        "pinned: true\n"
        "until: 2026-11-23T11:00:00Z\n"
        "updates:\n"
        "  - at: 2026-11-23T10:00:00.001Z\n"
        "    message: Read.\n"
    ).replace(".001Z", "Z")
    assert plan.change.subject == "notice 2026-11-23-news: posted (api)"
    assert not desk.problems()


def test_the_day_of_an_id_is_the_sites_and_ids_do_not_clash(desk: Desk) -> None:
    at = dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC)
    assert desk.do(incident(at=at)).change.record == "2027-01-01-api-errors"
    assert [*desk.do(incident(at=at)).change.files] == ["events/2027/2027-01-01-api-errors-2.yaml"]
    assert desk.do(incident(at=at, suffix="x7")).change.record == "2027-01-01-api-errors-x7"
    assert desk.do(incident(title="障害", at=at)).change.record == "2027-01-01-event"
    long = desk.do(incident(title="very " * 50, at=at, suffix="0123456789")).change.record
    assert long is not None
    assert len(long) <= 80
    assert long.endswith("-0123456789")


def test_a_file_with_errors_is_not_written_over(desk: Desk) -> None:
    path = desk.project / "site-data" / "events" / "2026" / "2026-11-23-api-errors.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("title: [\n")
    assert desk.do(incident()).change.record == "2026-11-23-api-errors-2"
    assert path.read_text() == "title: [\n"


def test_a_time_without_a_zone_is_in_the_sites(desk: Desk) -> None:
    plan = desk.do(incident(at=START.replace(hour=9, minute=30, tzinfo=None)))
    assert plan.change.update == "20261123T083000Z"


REFUSALS: list[tuple[Intent, tuple[str, str, str]]] = [
    (incident(title=" "), ("invalid", "title", "is blank: say in a few words what it is about")),
    (incident(title="x" * 301), ("invalid", "title", "is longer than 300 characters: put the rest into the message")),
    (incident(message=""), ("invalid", "message", "is blank: say something")),
    (incident(message="\x00\n"), ("invalid", "message", "is blank: say something")),
    (incident(services={"apy": "down"}), ("unknown", "services", "there is no service `apy` (did you mean `api`?)")),
    (incident(services={"api": "dwn"}), ("unknown", "services", "there is no status `dwn` (did you mean `down`?)")),
    (incident(id="API"), ("invalid", "id", "`API` is not an id: small letters, digits and dashes, such as `my-api`")),
    (incident(at=dt.datetime(1912, 1, 1, tzinfo=dt.UTC)), ("invalid", "at", "is outside the years 1970 to 2199")),
    (maintenance(end=START + HOUR), ("invalid", "end", "is not after the start")),
    (maintenance(services={"x": ""}), ("unknown", "services", "there is no service `x`: add services/x.yaml")),
    (notice(until=START), ("invalid", "until", "is not after the notice was posted")),
    (notice(services=("web ",)), ("unknown", "services", "there is no service `web ` (did you mean `web`?)")),
]


@pytest.mark.parametrize(("intent", "told"), REFUSALS)
def test_what_is_wrong_is_refused_with_its_field(desk: Desk, intent: Intent, told: tuple[str, str, str]) -> None:
    assert error(desk, intent) == told


def test_an_id_that_somebody_has_is_refused_and_on_a_replay_another_is_given(desk: Desk) -> None:
    desk.do(incident(id="outage"))
    assert error(desk, incident(id="outage")) == ("conflict", "id", "there is an event `outage` already")
    change = desk.replay(incident(id="outage"))
    assert (change.record, change.renamed) == ("outage-2", {"outage": "outage-2"})


def test_the_same_alert_is_not_told_twice(desk: Desk) -> None:
    first = desk.do(incident(source="nagios", external_id="42")).change.record
    desk.later()
    again = desk.do(incident(source="nagios", external_id="42")).change
    assert (again.files, again.record, again.subject) == ({}, first, f"incident {first}: nothing new")
    worse = desk.do(incident(source="nagios", external_id="42", services={"api": "down", "web": "down"})).change
    assert worse.record == first
    assert desk.status("web") == "down"
    desk.later()
    assert desk.do(incident(source="nagios", external_id="42", message="More words.")).change.record == first
    assert desk.do(incident(source="icinga", external_id="42")).change.record != first
    desk.later()
    over = incident(source="nagios", external_id="42", state="resolved", services={}, message="Over.")
    assert desk.do(over).change.subject == f"incident {first}: resolved"
    desk.later()
    assert desk.do(incident(source="nagios", external_id="42")).change.record == f"{first}-3"
    assert not desk.problems()


def test_the_same_maintenance_gets_its_new_plan(desk: Desk) -> None:
    first = desk.do(maintenance(external_id="m1", services={"api": ""})).change.record
    desk.later()
    assert desk.do(maintenance(external_id="m1", services={"api": ""})).change.files == {}
    moved = desk.do(maintenance(external_id="m1", services={"api": ""}, end=START + 3 * HOUR)).change
    assert (moved.record, moved.subject) == (first, f"maintenance {first}: another plan")
    event = desk.board().events[first or ""]
    assert (event.planned_start_at, event.planned_end_at) == (START + HOUR, START + 3 * HOUR)
    assert desk.do(maintenance(external_id="m1", services={"api": ""}, end=START + 3 * HOUR)).change.files == {}


def test_the_same_notice_gets_its_new_words(desk: Desk) -> None:
    first = desk.do(notice(external_id="n1")).change.record
    desk.later()
    assert desk.do(notice(external_id="n1")).change.files == {}
    assert desk.do(notice(external_id="n1", message="More.", until=START + HOUR)).change.record == first
    assert "until: 2026-11-23T11:00:00Z\nupdates:" in desk.text(f"events/2026/{first}.yaml")
    assert not desk.problems()


def test_an_incident_of_the_past_is_opened_and_resolved(desk: Desk) -> None:
    name = desk.do(incident(at=START - HOUR)).change.record
    desk.do(AddUpdate(event=name or "", verb="resolve", message="It was over.", at=START - HOUR / 2))
    assert desk.status("api") == "up"
    assert not desk.problems()
