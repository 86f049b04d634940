"""Uptime over windows and months in examples, with the events it names."""

from __future__ import annotations

import pytest
from small_sites import at, incident, maintenance, notice, said, site

from stashgen.derive import derive
from stashgen.derive.board import ServiceView, Uptime
from stashgen.model import Event, Level, Service, Settings, Status

NOW = at("24T00:00")
HOUR = 3600.0


def view(events: dict[str, Event], since: str = "01T00:00", **statuses: Status) -> ServiceView:
    services = {"api": Service(name="API", since=at(since) if since else None)}
    return derive(site(events, services=services, statuses=statuses), NOW).services["api"]


def window(of: ServiceView, name: str) -> Uptime:
    return next(one for one in of.windows if one.name == name)


def causes(of: Uptime) -> list[tuple[str, float]]:
    return [(cause.event, cause.seconds) for cause in of.causes]


def test_each_window_ends_now_and_counts_what_lies_in_it() -> None:
    of_api = view({"a": incident({"api": "down"}, said("22T23:00"), said("23T03:00", "resolved"))})
    assert causes(window(of_api, "24h")) == [("a", 3 * HOUR)]
    assert window(of_api, "24h").ratio == pytest.approx(1 - 3 / 24)
    assert causes(window(of_api, "7d")) == [("a", 4 * HOUR)]
    assert window(of_api, "7d").ratio == pytest.approx(1 - 4 / (7 * 24))


def test_a_window_is_cut_where_the_data_begins() -> None:
    of_api = view({"a": incident({"api": "down"}, said("20T00:00"), said("22T12:00", "resolved"))}, since="22T00:00")
    for name in ("7d", "30d", "90d", "365d"):
        one = window(of_api, name)
        assert (one.start_at, one.end_at, one.covered_seconds) == (at("22T00:00"), NOW, 48 * HOUR)
        assert one.ratio == pytest.approx(0.75)
    assert [(month.name, month.covered_seconds) for month in of_api.months] == [("2026-11", 48 * HOUR)]


def test_a_status_counts_by_its_share_of_downtime() -> None:
    events = {
        "part": incident({"api": "partial"}, said("23T00:00"), said("23T10:00", "resolved")),
        "slow": incident({"api": "warning"}, said("23T12:00"), said("23T20:00", "resolved")),
        "own": incident({"api": "crawling"}, said("23T20:00"), said("23T22:00", "resolved")),
    }
    one = window(view(events, crawling=Status(name="Crawling", level=Level.WARNING, downtime=0.5)), "24h")
    assert causes(one) == [("part", 3 * HOUR), ("own", HOUR)]
    assert one.down_seconds == 4 * HOUR


def test_time_is_down_for_the_event_that_is_shown() -> None:
    events = {
        "part": incident({"api": "partial"}, said("23T00:00"), said("23T10:00", "resolved")),
        "dead": incident({"api": "down"}, said("23T08:00"), said("23T12:00", "resolved")),
    }
    assert causes(window(view(events), "24h")) == [("dead", 4 * HOUR), ("part", 8 * HOUR * 0.3)]


def test_time_held_by_maintenance_alone_is_up() -> None:
    events = {
        "work": maintenance({"api": "down"}, "23T00:00", "23T10:00", said("20T00:00")),
        "more-work": maintenance({"api": "partial"}, "23T02:00", "23T12:00", said("20T00:00")),
        "slow": incident({"api": "warning"}, said("23T04:00"), said("23T05:00", "resolved")),
    }
    # Only while an incident holds the service as well does what is shown count.
    assert causes(window(view(events), "24h")) == [("work", HOUR)]


def test_a_notice_costs_nothing() -> None:
    assert causes(window(view({"n": notice(said("23T00:00"), services=("api",))}), "24h")) == []


def test_months_are_those_of_the_zone_and_add_up() -> None:
    settings = Settings(title="Test", timezone="America/New_York")
    services = {"api": Service(name="API", since=at("01T00:00"))}
    event = incident({"api": "down"}, said("01T03:00"), said("01T06:00", "resolved"))
    months = derive(site({"a": event}, services=services, settings=settings), NOW).services["api"].months
    # In New York it was still October until 04:00 UTC.
    assert [(month.name, month.covered_seconds, causes(month)) for month in months] == [
        ("2026-11", (23 * 24 - 4) * HOUR, [("a", 2 * HOUR)]),
        ("2026-10", 4 * HOUR, [("a", HOUR)]),
    ]


def test_without_data_there_is_no_ratio() -> None:
    of_api = view({}, since="")
    assert (of_api.since_at, of_api.months) == (None, ())
    assert [(one.ratio, one.covered_seconds) for one in of_api.windows] == [(None, 0)] * 5
    later = view({"a": incident({"api": "down"}, said("23T00:00"))}, since="25T00:00")
    assert (later.since_at, later.months, later.status) == (None, (), "down")


def test_data_begins_with_the_first_word_of_the_site_unless_somebody_says_when() -> None:
    events = {"a": incident({"web": "down"}, said("05T10:00")), "b": notice(said("03T10:00"))}
    assert view(events, since="").since_at == at("03T10:00")
    settings = Settings(title="Test", since=at("04T00:00"))
    board = derive(site(events, settings=settings), NOW)
    assert {one.since_at for one in board.services.values()} == {at("04T00:00")}
    assert view(events, since="06T00:00").since_at == at("06T00:00")
