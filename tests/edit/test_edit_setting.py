"""What `set` does, row by row of the table in stashgen/edit/setting.py and docs/changing.md."""

from __future__ import annotations

import datetime as dt

import pytest
from edit_desk import Desk, error

from stashgen.intents import AddUpdate, OpenIncident, PostNotice, ScheduleMaintenance, SetStatus


def put(service: str, status: str | None, message: str = "Word.", **more: object) -> SetStatus:
    return SetStatus(service=service, status=status, message=message, **more)  # type: ignore[arg-type]


def opened(desk: Desk, title: str, **services: str) -> str:
    plan = desk.do(OpenIncident(title=title, message="It began.", services=services))
    desk.later()
    assert plan.change.record is not None
    return plan.change.record


def test_nothing_is_open_and_an_incident_is_opened(desk: Desk) -> None:
    plan = desk.do(put("api", "down", "It does not answer."))
    assert plan.change.subject == "incident 2026-11-23-api-major-outage: investigating (api: down)"
    assert desk.text("events/2026/2026-11-23-api-major-outage.yaml") == (
        'title: "API: Major outage"\n'
        "services: {api: down}\n"
        "updates:\n"
        "  - at: 2026-11-23T10:00:00Z\n"
        "    state: investigating\n"
        "    message: It does not answer.\n"
    )
    assert desk.status("api") == "down"


def test_the_incident_that_holds_the_service_is_updated_then_resolved(desk: Desk) -> None:
    name = opened(desk, "Slow", api="warning")
    plan = desk.do(put("api", "down"))
    assert (plan.change.record, plan.change.update) == (name, "20261123T100100Z")
    assert desk.status("api") == "down"
    desk.later()
    plan = desk.do(put("api", "up", "Well again."))
    assert plan.change.subject == f"incident {name}: resolved"
    assert desk.board().incidents == ()
    assert desk.status("api") == "up"


def test_the_incident_stays_open_while_it_holds_another(desk: Desk) -> None:
    name = opened(desk, "Slow", api="warning", web="down")
    desk.do(put("api", "up"))
    assert (desk.status("api"), desk.status("web"), desk.board().incidents) == ("up", "down", (name,))
    desk.later()
    plan = desk.do(put("web", "up"))
    assert plan.change.subject.endswith(": resolved")


def test_a_service_joins_the_incident_that_named_it(desk: Desk) -> None:
    name = opened(desk, "Slow", api="warning", web="down")
    desk.do(put("api", "up"))
    desk.later()
    assert desk.do(put("api", "partial")).change.record == name
    assert desk.status("api") == "partial"


def test_words_go_to_an_incident_that_named_it_and_holds_others(desk: Desk) -> None:
    name = opened(desk, "Slow", api="warning", web="down")
    desk.do(put("api", "up"))
    desk.later()
    assert desk.do(put("api", "up", "Still fine.")).change.record == name
    assert desk.board().incidents == (name,)


def test_an_incident_that_holds_nothing_any_more_is_resolved(desk: Desk) -> None:
    name = opened(desk, "Slow", api="warning")
    desk.do(AddUpdate(event=name, state="monitoring", services={"api": "up"}, message="Seems well."))
    desk.later()
    assert desk.do(put("api", "up", "Is well.")).change.subject == f"incident {name}: resolved"


def test_two_incidents_are_lowered_and_closed_together(desk: Desk) -> None:
    first, second = opened(desk, "One", api="down"), opened(desk, "Two", api="down", web="warning")
    plan = desk.do(put("api", "warning", "Lower."))
    assert plan.change.subject == f"service api: warning ({second}, {first})"
    assert desk.status("api") == "warning"
    desk.later()
    desk.do(put("api", "down"))
    assert desk.status("api") == "down"
    desk.later()
    desk.do(put("api", "up", "Closed."))
    assert (desk.status("api"), desk.board().incidents) == ("up", (second,))
    one, two = (desk.text(f"events/2026/{name}.yaml") for name in (first, second))
    # What was said is found once; the other incident says where.
    assert [(one + two).count(said) for said in ("Lower.", "Closed.", "See “Two”.", "See “")] == [1, 1, 2, 2]


def test_a_lighter_incident_is_left_alone(desk: Desk) -> None:
    light, heavy = opened(desk, "Light", api="warning"), opened(desk, "Heavy", api="down")
    before = desk.text(f"events/2026/{light}.yaml")
    assert desk.do(put("api", "partial")).change.record == heavy
    assert desk.text(f"events/2026/{light}.yaml") == before


def test_planned_work_goes_on_when_a_service_is_said_to_be_well(desk: Desk) -> None:
    start, end = desk.now, desk.now + dt.timedelta(hours=1)
    plan = desk.do(ScheduleMaintenance(title="Work", message="We work.", start=start, end=end, services={"api": ""}))
    desk.later()
    assert plan.change.record is not None
    change = desk.do(put("api", "up")).change
    assert (change.record, desk.status("api")) == (plan.change.record, "maintenance")
    assert change.body == f"The maintenance {plan.change.record} goes on, and holds api until it is completed."
    assert desk.do(put("api", "up", if_changed=True)).change.files == {}
    desk.later()
    desk.do(put("api", "maintenance", "Still at it."))
    assert desk.board().incidents == ()
    desk.do(put("api", "down", "Worse than planned."))
    assert (desk.status("api"), len(desk.board().incidents)) == ("down", 1)


def test_a_word_on_record_where_all_is_well(desk: Desk) -> None:
    change = desk.do(put("api", "up", "We looked: nothing.")).change
    assert change.subject == "incident 2026-11-23-api-operational: resolved (api: up)"
    assert (desk.board().incidents, desk.status("api")) == ((), "up")
    assert desk.do(put("api", "up", if_changed=True)).change.files == {}


def test_nothing_happens_if_nothing_would_change(desk: Desk) -> None:
    opened(desk, "Slow", api="warning")
    change = desk.do(put("api", "warning", if_changed=True)).change
    assert (change.files, change.subject) == ({}, "service api: warning already")
    assert desk.do(put("api", "down", if_changed=True)).change.files
    assert len(desk.replay(put("api", "down", "Said twice.", if_changed=True)).files) == 1


def test_a_note_goes_where_something_is_open(desk: Desk) -> None:
    notice = desk.do(put("api", None, "We deploy.")).change.record
    assert notice is not None
    assert desk.board().notices == (notice,)
    desk.later()
    assert desk.do(put("api", "down", "We deployed.", is_note=True)).change.record == notice
    assert desk.status("api") == "up"
    incident = opened(desk, "Slow", api="warning")
    assert desk.do(put("api", None, "Note.")).change.record == incident
    desk.later(60 * 25)
    assert desk.board().notices == ()


def test_what_is_not_there_is_named_with_what_was_meant(desk: Desk) -> None:
    assert error(desk, put("apo", "down")) == ("unknown", "service", "there is no service `apo` (did you mean `api`?)")
    assert error(desk, put("api", "dwon")) == ("unknown", "status", "there is no status `dwon` (did you mean `down`?)")
    assert error(desk, put("api", "major_outage"))[2].endswith("(did you mean `down`?)")
    assert error(desk, put("api", "down", " \n")) == ("invalid", "message", "is blank: say something")


def test_two_words_in_one_second_keep_their_order(desk: Desk) -> None:
    desk.now += dt.timedelta(milliseconds=100)
    desk.do(put("api", "down", "One."))
    desk.now += dt.timedelta(milliseconds=300)
    desk.do(put("api", "up", "Two."))
    desk.now += dt.timedelta(milliseconds=300)
    desk.do(put("api", "warning", "Three."))
    assert desk.status("api") == "warning"


@pytest.mark.parametrize("status", ["down", "up"])
def test_a_notice_does_not_count_as_something_open(desk: Desk, status: str) -> None:
    desk.do(PostNotice(title="News", message="Read.", services=("api",)))
    desk.later()
    assert desk.do(put("api", status)).change.subject.startswith("incident ")


def test_back_dating_opens_in_the_past(desk: Desk) -> None:
    at = desk.now - dt.timedelta(hours=20)
    change = desk.do(put("api", "down", at=at)).change
    assert change.record == "2026-11-22-api-major-outage"
