"""Which of several holds is shown, and since when."""

from __future__ import annotations

import datetime as dt

from small_sites import at, incident, maintenance, said, site

from stashgen.derive import derive
from stashgen.derive.board import Board
from stashgen.model import Event, Level, Service, Status

NOW = at("24T00:00")


def shown(events: dict[str, Event], statuses: dict[str, Status] | None = None) -> list[tuple[str, str, str, str]]:
    """Return (status, event, from, to) of the service api."""
    return [
        (one.status, one.event, f"{one.start_at:%H:%M}", f"{one.end_at:%H:%M}" if one.end_at else "now")
        for one in derive(site(events, statuses=statuses), NOW).services["api"].stretches
    ]


def test_the_highest_level_is_shown() -> None:
    events = {
        "slow": incident({"api": "warning"}, said("23T10:00"), said("23T14:00", "resolved")),
        "dead": incident({"api": "down"}, said("23T11:00"), said("23T12:00", "resolved")),
    }
    assert shown(events) == [
        ("warning", "slow", "10:00", "11:00"),
        ("down", "dead", "11:00", "12:00"),
        ("warning", "slow", "12:00", "14:00"),
    ]


def test_maintenance_never_hides_a_worse_outage() -> None:
    events = {
        "outage": incident({"api": "warning"}, said("23T10:00"), said("23T13:00", "resolved")),
        "work": maintenance(("api",), "23T11:00", "23T14:00", said("20T10:00")),
    }
    assert shown(events) == [("warning", "outage", "10:00", "13:00"), ("maintenance", "work", "13:00", "14:00")]


def test_between_equal_levels_the_event_that_began_last_is_shown() -> None:
    events = {
        "z-first": incident({"api": "down"}, said("23T10:00"), said("23T13:00", "resolved")),
        "a-second": incident({"api": "down"}, said("23T11:00"), said("23T12:00", "resolved")),
    }
    assert [(event, start) for _, event, start, _ in shown(events)] == [
        ("z-first", "10:00"),
        ("a-second", "11:00"),
        ("z-first", "12:00"),
    ]


def test_the_event_counts_from_its_beginning_not_from_its_hold() -> None:
    events = {
        "older": incident({}, said("23T10:00"), said("23T12:00", api="down")),
        "newer": incident({"api": "down"}, said("23T11:00"), said("23T14:00", "resolved")),
    }
    assert [(event, start) for _, event, start, _ in shown(events)] == [("newer", "11:00"), ("older", "14:00")]


def test_of_events_that_began_together_the_greater_id_is_shown() -> None:
    twin = incident({"api": "down"}, said("23T10:00"))
    assert shown({"b": twin, "c": twin, "a": twin}) == [("down", "c", "10:00", "now")]


def test_a_status_of_level_normal_is_shown_while_nothing_worse_is() -> None:
    events = {
        "beta": incident({"api": "beta"}, said("23T10:00"), said("23T13:00", "resolved")),
        "slow": incident({"api": "warning"}, said("23T11:00"), said("23T12:00", "resolved")),
    }
    statuses = {"beta": Status(name="Beta", level=Level.NORMAL)}
    assert [status for status, *_ in shown(events, statuses)] == ["beta", "warning", "beta"]


def test_one_stretch_goes_on_while_status_and_event_stay() -> None:
    events = {
        "dead": incident({"api": "down"}, said("23T10:00"), said("23T11:00", api="down"), said("23T12:00", web="down")),
        "slow": incident({"api": "warning"}, said("23T10:30"), said("23T11:30", "resolved")),
    }
    assert shown(events) == [("down", "dead", "10:00", "now")]


def since(events: dict[str, Event], when: dt.datetime = NOW) -> tuple[Board, dict[str, dt.datetime | None]]:
    services = {"api": Service(name="API", since=at("01T00:00")), "web": Service(name="Web", since=at("01T00:00"))}
    board = derive(site(events, services=services), when)
    return board, {name: view.status_since_at for name, view in board.services.items()}


def test_a_status_lasts_since_it_was_shown_whoever_brought_it() -> None:
    events = {
        "one": incident({"api": "down"}, said("23T10:00"), said("23T12:00", "resolved")),
        "two": incident({"api": "down"}, said("23T11:00")),
    }
    assert since(events)[1] == {"api": at("23T10:00"), "web": None}


def test_a_status_that_was_left_and_came_back_lasts_since_it_came_back() -> None:
    events = {
        "one": incident({"api": "down"}, said("23T10:00"), said("23T11:00", "resolved")),
        "two": incident({"api": "down"}, said("23T12:00")),
    }
    assert since(events)[1] == {"api": at("23T12:00"), "web": None}


def test_a_well_service_is_so_since_its_last_trouble() -> None:
    events = {"one": incident({"api": "down"}, said("23T10:00"), said("23T12:00", "resolved"))}
    assert since(events)[1] == {"api": at("23T12:00"), "web": None}


def test_the_overall_level_lasts_across_services_and_statuses() -> None:
    events = {
        "one": incident({"api": "down"}, said("23T10:00"), said("23T12:00", "resolved")),
        "two": incident({"web": "down"}, said("23T12:00")),
        "three": incident({"web": "warning"}, said("22T12:00"), said("23T11:00", "resolved")),
    }
    board, _ = since(events)
    assert (board.overall.level, board.overall.since_at) == (Level.CRITICAL, at("23T10:00"))
    assert since(events, at("23T09:00"))[0].overall.since_at == at("22T12:00")
    assert since(events, at("22T09:00"))[0].overall.since_at is None
    well, _ = since({**events, "two": incident({"web": "down"}, said("23T12:00"), said("23T13:00", "resolved"))})
    assert (well.overall.level, well.overall.since_at) == (Level.NORMAL, at("23T13:00"))
