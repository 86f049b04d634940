"""Bars, day lists and the archive in examples: days of the zone, DST nights, year ends, outages that carry over."""

from __future__ import annotations

import datetime as dt

import pytest
from small_sites import at, incident, maintenance, notice, said, site

from stashgen.derive import derive
from stashgen.derive.board import Bar
from stashgen.model import Event, Service, Settings, Update


def outage(start: str, end: str = "", status: str = "down") -> Event:
    """Return an incident that holds the service api between two instants."""
    updates = [Update(at=dt.datetime.fromisoformat(start), message="Said.")]
    if end:
        updates.append(Update(at=dt.datetime.fromisoformat(end), state="resolved", message="Said."))
    return incident({"api": status}, *updates)


def bar(events: dict[str, Event], now: str, zone: str = "UTC", days: int = 90, since: str | None = None) -> Bar:
    settings = Settings(title="Test", timezone=zone, history_days=days)
    services = {"api": Service(name="API", since=dt.datetime.fromisoformat(since) if since else None)}
    board = derive(site(events, settings=settings, services=services), dt.datetime.fromisoformat(now))
    return board.services["api"].bar


def cells(of: Bar) -> list[tuple[str, float]]:
    """Return (day, hours in other than the default status)."""
    return [(f"{cell.day}", sum(cell.seconds_by_status.values()) / 3600) for cell in of.cells]


def test_a_bar_ends_today_and_stores_only_days_with_trouble() -> None:
    one = bar({"a": outage("2026-11-20T10:00Z", "2026-11-20T12:00Z")}, "2026-11-23T10:30Z", days=5)
    assert (f"{one.first_day}", f"{one.today}", one.days, f"{one.data_day}") == (
        "2026-11-19",
        "2026-11-23",
        5,
        "2026-11-20",
    )
    assert cells(one) == [("2026-11-20", 2)]
    assert one.cells[0].share == pytest.approx(2 / 24)


def test_an_outage_carries_over_every_day_until_it_ends() -> None:
    one = bar({"a": outage("2025-12-30T22:00Z", "2026-01-02T03:00Z")}, "2026-01-05T00:00Z")
    assert cells(one) == [("2025-12-30", 2), ("2025-12-31", 24), ("2026-01-01", 24), ("2026-01-02", 3)]
    assert {cell.events for cell in one.cells} == {("a",)}


def test_today_counts_up_to_now_against_the_whole_day() -> None:
    one = bar({"a": outage("2026-11-22T18:00Z")}, "2026-11-23T06:00Z")
    assert cells(one) == [("2026-11-22", 6), ("2026-11-23", 6)]
    assert one.cells[1].share == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-10-25", 25),
        ("Europe/Berlin", "2026-03-29", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Africa/Casablanca", "2026-02-15", 25),
        ("Africa/Casablanca", "2026-03-22", 23),
        ("America/Sao_Paulo", "2018-11-04", 23),
        ("America/Sao_Paulo", "2018-02-17", 25),
        ("America/St_Johns", "2010-11-07", 25),
        ("UTC", "2026-10-25", 24),
    ],
)
def test_a_day_has_the_hours_it_has_in_its_zone(zone: str, day: str, hours: float) -> None:
    date = dt.date.fromisoformat(day)
    start, end = date - dt.timedelta(days=2), date + dt.timedelta(days=2)
    one = bar({"a": outage(f"{start}T00:00Z", f"{end}T00:00Z")}, f"{end}T00:00Z", zone)
    found = {f"{cell.day}": cell for cell in one.cells}
    assert found[day].seconds_by_status == {"down": hours * 3600}
    assert found[day].share == 1


def test_a_day_that_a_zone_skipped_has_no_time() -> None:
    one = bar({"a": outage("2011-12-29T00:00Z", "2011-12-31T00:00Z")}, "2012-01-02T00:00Z", "Pacific/Apia")
    assert [day for day, _ in cells(one)] == ["2011-12-28", "2011-12-29", "2011-12-31"]
    assert sum(hours for _, hours in cells(one)) == 48
    settings = Settings(title="Test", timezone="Pacific/Apia", recent_days=3)
    board = derive(site({}, settings=settings), dt.datetime.fromisoformat("2011-12-31T10:00Z"))
    assert [f"{day.day}" for day in board.recent] == ["2012-01-01", "2011-12-31", "2011-12-29"]
    before = derive(site({}, settings=settings), dt.datetime.fromisoformat("2011-12-30T09:00Z"))
    assert f"{before.next_change_at}" == "2011-12-30 10:00:00+00:00"


def test_a_day_that_has_begun_goes_on_when_clocks_go_back_across_midnight() -> None:
    settings = Settings(title="Test", timezone="America/St_Johns", history_days=2)
    event = outage("2010-11-07T02:00Z")
    # One minute into the 7th clocks went back to 23:01 of the 6th.
    board = derive(site({"a": event}, settings=settings), dt.datetime.fromisoformat("2010-11-07T02:45Z"))
    assert f"{board.recent[0].day}" == f"{board.services['api'].bar.today}" == "2010-11-07"
    assert cells(board.services["api"].bar) == [("2010-11-06", 0.5), ("2010-11-07", 0.25)]
    assert f"{board.next_change_at}" == "2010-11-08 03:30:00+00:00"


def test_a_cell_shows_the_worst_of_its_day_and_everybody_who_held_the_service() -> None:
    events = {
        "slow": incident({"api": "warning"}, said("20T08:00"), said("20T20:00", "resolved")),
        "dead": incident({"api": "down"}, said("20T09:00"), said("20T10:00", "resolved")),
        "hidden": maintenance(("api",), "20T09:10", "20T09:20", said("19T00:00")),
    }
    (cell,) = derive(site(events), at("23T00:00")).services["api"].bar.cells
    assert (cell.status, dict(cell.seconds_by_status)) == ("down", {"down": 3600, "warning": 11 * 3600})
    assert cell.events == ("slow", "dead", "hidden")


def test_before_there_is_data_a_bar_is_empty() -> None:
    events = {"a": outage("2026-11-20T10:00Z", "2026-11-21T12:00Z")}
    one = bar(events, "2026-11-23T10:00Z", days=10, since="2026-11-21T06:00Z")
    assert (f"{one.data_day}", cells(one)) == ("2026-11-21", [("2026-11-21", 6)])
    none = bar(events, "2026-11-23T10:00Z", since="2026-12-01T00:00Z")
    assert (none.data_day, none.cells) == (None, ())
    long = bar(events, "2026-11-23T10:00Z", days=3, since="2020-01-01T00:00Z")
    assert f"{long.data_day}" == "2026-11-21"


def test_days_list_what_began_and_what_went_on() -> None:
    events = {
        "long": incident({"api": "down"}, said("20T22:00"), said("22T01:00", "resolved")),
        "short": incident({}, said("22T10:00"), said("22T11:00", "resolved")),
        "again": incident(
            {},
            said("20T03:00"),
            said("20T04:00", "resolved"),
            said("23T05:00", "investigating"),
            said("23T06:00", "resolved"),
            said("23T07:00", "investigating"),
        ),
        "work": maintenance(("web",), "21T23:00", "22T01:00", said("10T00:00")),
        "coming": maintenance(("web",), "23T23:00", "24T01:00", said("10T00:00")),
        "dropped": maintenance(("web",), "24T23:00", "25T01:00", said("10T00:00"), said("22T12:00", "cancelled")),
        "news": notice(said("21T10:00")),
    }
    settings = Settings(title="Test", recent_days=4)
    board = derive(site(events, settings=settings), at("23T12:00"))
    assert [(day.day.day, day.events, day.ongoing) for day in board.recent] == [
        (23, (), ("again",)),
        (22, ("dropped", "short"), ("work", "long")),
        (21, ("work",), ("long",)),
        (20, ("long", "again"), ()),
    ]


def test_the_archive_lists_months_by_beginning_and_what_went_on() -> None:
    events = {
        "old": outage("2025-12-30T22:00Z", "2026-02-02T03:00Z"),
        "new": outage("2026-02-10T22:00Z", "2026-02-10T23:00Z"),
        "news": notice(Update(at=dt.datetime.fromisoformat("2026-01-31T23:30Z"), message="Said.")),
        "coming": maintenance(("api",), "29T00:00", "29T01:00", said("10T00:00")),
    }
    settings = Settings(title="Test", timezone="Europe/Berlin")
    months = derive(site(events, settings=settings), at("23T12:00")).months
    # In Berlin the notice was said in February.
    assert [(month.year, month.month, month.events, month.ongoing) for month in months] == [
        (2026, 2, ("new", "news"), ("old",)),
        (2026, 1, (), ("old",)),
        (2025, 12, ("old",), ()),
    ]
