"""What one event holds, and from when to when, in examples: incidents, maintenances, notices."""

from __future__ import annotations

import datetime as dt

import pytest
from small_sites import at, incident, maintenance, notice, said, site

from stashgen.derive import derive
from stashgen.model import Event, Update

END = at("30T00:00")


def holds(event: Event, service: str = "api", now: dt.datetime = END) -> list[tuple[str, str, str]]:
    """Return (status, from, to) as days and times; `now` where it still lasts."""
    board = derive(site({"event": event}), now)
    return [
        (one.status, f"{one.start_at:%dT%H:%M}", f"{one.end_at:%dT%H:%M}" if one.end_at else "now")
        for one in board.services[service].stretches
    ]


def test_an_incident_holds_from_its_first_update_until_it_is_resolved() -> None:
    event = incident(
        {"api": "down", "web": "warning"},
        said("23T10:00"),
        said("23T10:40", "identified", api="warning"),
        said("23T11:05", "resolved"),
        said("23T12:00"),
    )
    assert holds(event) == [("down", "23T10:00", "23T10:40"), ("warning", "23T10:40", "23T11:05")]
    assert holds(event, "web") == [("warning", "23T10:00", "23T11:05")]


def test_an_unresolved_incident_holds_on() -> None:
    assert holds(incident({"api": "down"}, said("02T10:00", "monitoring"))) == [("down", "02T10:00", "now")]


def test_an_incident_may_release_one_service_and_name_another_later() -> None:
    event = incident(
        {"api": "down"}, said("23T10:00"), said("23T11:00", api="up", web="partial"), said("23T12:00", "resolved")
    )
    assert holds(event) == [("down", "23T10:00", "23T11:00")]
    assert holds(event, "web") == [("partial", "23T11:00", "23T12:00")]


def test_an_incident_that_opens_again_holds_what_it_last_held() -> None:
    event = incident(
        {"api": "down"},
        said("23T10:00"),
        said("23T11:00", "resolved"),
        said("23T12:00", "investigating"),
        said("23T13:00", "resolved"),
    )
    assert holds(event) == [("down", "23T10:00", "23T11:00"), ("down", "23T12:00", "23T13:00")]


def test_an_incident_that_was_let_go_bit_by_bit_opens_again_with_the_last_it_held() -> None:
    event = incident(
        {"api": "down"},
        said("23T10:00"),
        said("23T11:00", "monitoring", api="warning"),
        said("23T12:00", api="up"),
        said("23T13:00", "resolved"),
        said("23T14:00", "investigating"),
    )
    assert holds(event)[2:] == [("warning", "23T14:00", "now")]


def test_an_incident_that_opens_again_naming_services_holds_only_these() -> None:
    event = incident(
        {"api": "down"}, said("23T10:00"), said("23T11:00", "resolved"), said("23T12:00", "identified", web="warning")
    )
    assert holds(event) == [("down", "23T10:00", "23T11:00")]
    assert holds(event, "web") == [("warning", "23T12:00", "now")]


def test_a_resolved_incident_holds_nothing_whatever_it_says() -> None:
    event = incident({"api": "down"}, said("23T10:00"), said("23T11:00", "resolved", web="down"), said("23T12:00"))
    assert holds(event) == [("down", "23T10:00", "23T11:00")]
    assert holds(event, "web") == []


def test_a_maintenance_holds_during_its_planned_time() -> None:
    event = maintenance(("api",), "23T10:00", "23T12:00", said("20T09:00"))
    assert holds(event) == [("maintenance", "23T10:00", "23T12:00")]
    assert holds(event, now=at("23T11:00")) == [("maintenance", "23T10:00", "now")]
    assert holds(event, now=at("23T09:59")) == []


def test_a_maintenance_may_say_another_status() -> None:
    event = maintenance({"api": "partial"}, "23T10:00", "23T12:00", said("20T09:00"))
    assert holds(event) == [("partial", "23T10:00", "23T12:00")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([said("23T09:30", "in-progress")], ("23T09:30", "23T12:00"), id="begins early"),
        pytest.param([said("23T10:15", "in-progress")], ("23T10:00", "23T12:00"), id="said to begin late"),
        pytest.param([said("23T11:00", "completed")], ("23T10:00", "23T11:00"), id="done early"),
        pytest.param([said("23T11:00", "cancelled")], ("23T10:00", "23T11:00"), id="given up"),
        pytest.param([said("23T11:00", "resolved")], ("23T10:00", "23T11:00"), id="the other kind's word"),
        pytest.param([said("23T13:00", "completed")], ("23T10:00", "23T12:00"), id="said to be done late"),
        pytest.param([said("23T11:00", end="23T15:00")], ("23T10:00", "23T15:00"), id="prolonged"),
        pytest.param([said("23T11:00", end="23T11:30")], ("23T10:00", "23T11:30"), id="shortened"),
        pytest.param([said("23T11:00", end="23T10:30")], ("23T10:00", "23T11:00"), id="shortened into the past"),
        pytest.param([said("21T11:00", start="23T11:00")], ("23T11:00", "23T12:00"), id="put off in time"),
        pytest.param([said("23T09:00", "in-progress"), said("23T09:30", start="23T11:00")], ("23T09:00", "23T12:00"),
                     id="a new start after it was said to run"),
        pytest.param([said("23T12:00", "in-progress")], ("23T10:00", "now"), id="goes on at its end"),
    ],
)  # fmt: skip
def test_words_change_when_a_maintenance_holds(words: list[Update], expected: tuple[str, str]) -> None:
    event = maintenance(("api",), "23T10:00", "23T12:00", said("20T09:00"), *words)
    assert holds(event) == [("maintenance", *expected)]


def test_a_cancelled_maintenance_never_holds() -> None:
    event = maintenance(("api",), "23T10:00", "23T12:00", said("20T09:00"), said("22T09:00", "cancelled"))
    assert holds(event) == []


def test_what_is_said_to_run_after_its_planned_end_runs_until_more_is_said() -> None:
    event = maintenance(
        ("api",),
        "23T10:00",
        "23T12:00",
        said("23T10:00", "in-progress"),
        said("23T12:20", "verifying"),
        said("23T13:00", "completed"),
    )
    assert holds(event) == [("maintenance", "23T10:00", "23T12:00"), ("maintenance", "23T12:20", "23T13:00")]


def test_a_later_end_said_after_the_planned_one_begins_from_there() -> None:
    event = maintenance(("api",), "23T10:00", "23T12:00", said("20T09:00"), said("23T12:30", end="23T14:00"))
    assert holds(event) == [("maintenance", "23T10:00", "23T12:00"), ("maintenance", "23T12:30", "23T14:00")]


def test_a_maintenance_put_off_while_it_runs_lets_go_until_its_new_start() -> None:
    event = maintenance(
        ("api",),
        "23T10:00",
        "23T12:00",
        said("23T10:00", "in-progress"),
        said("23T10:30", "scheduled", start="25T10:00", end="25T11:00"),
    )
    assert holds(event) == [("maintenance", "23T10:00", "23T10:30"), ("maintenance", "25T10:00", "25T11:00")]
    board = derive(site({"event": event}), at("24T00:00"))
    view = board.events["event"]
    assert board.upcoming == ("event",)
    assert (view.state, view.is_upcoming, view.started_at) == ("scheduled", True, at("25T10:00"))
    after = derive(site({"event": event}), at("26T00:00")).events["event"]
    assert (after.started_at, after.ended_at, after.seconds) == (at("25T10:00"), at("25T11:00"), 3600)


def test_a_maintenance_written_down_afterwards_holds_in_its_time() -> None:
    event = maintenance(("api",), "23T10:00", "23T12:00", said("23T15:00", "completed"))
    assert holds(event) == [("maintenance", "23T10:00", "23T12:00")]
    assert holds(event, now=at("23T11:00")) == []


def test_a_notice_holds_nothing() -> None:
    event = notice(said("23T10:00"), services=("api",))
    assert holds(event) == []
    board = derive(site({"event": event}), END)
    assert board.services["api"].events == ("event",)
    assert [(one.service, one.worst, one.current) for one in board.events["event"].affected] == [("api", "up", None)]


def test_what_is_unknown_holds_nothing() -> None:
    event = incident({"api": "dwon", "wbe": "down", "web": "down"}, said("23T10:00"), said("23T11:00", web="wrong"))
    assert holds(event) == []
    assert holds(event, "web") == [("down", "23T10:00", "23T11:00")]
    board = derive(site({"event": event}), at("23T12:00"))
    assert [one.service for one in board.events["event"].affected] == ["api", "web"]
    assert board.overall.level.value == "NORMAL"


def test_of_two_updates_of_one_instant_the_later_in_the_file_has_the_last_word() -> None:
    event = incident({"api": "down"}, said("23T10:00"), said("23T11:00", api="warning"), said("23T11:00", "resolved"))
    assert holds(event) == [("down", "23T10:00", "23T11:00")]
    view = derive(site({"event": event}), END).events["event"]
    assert [update.index for update in view.updates] == [2, 1, 0]
    assert [one.status for one in view.affected[0].stretches] == ["down"]


def test_updates_out_of_order_are_taken_by_their_times() -> None:
    event = incident({"api": "down"}, said("23T12:00", "resolved"), said("23T10:00"), said("23T11:00", api="warning"))
    assert holds(event) == [("down", "23T10:00", "23T11:00"), ("warning", "23T11:00", "23T12:00")]
    assert [update.index for update in derive(site({"event": event}), END).events["event"].updates] == [0, 2, 1]
