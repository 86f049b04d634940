"""A service's stretches -> its bar: one cell for each of the last days on which something happened."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec

from stashgen.derive.board import Bar, DayCell, Stretch
from stashgen.derive.calendar import DAY, day_of, day_start
from stashgen.derive.rules import Rules
from stashgen.derive.ticks import ticks
from stashgen.derive.timeline import Claim

_SECOND = dt.timedelta(seconds=1)


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """The days of all bars of a page: `bounds` are their first instants and the end of today."""

    first_day: dt.date
    today: dt.date
    bounds: tuple[dt.datetime, ...]
    now: dt.datetime


def reach(now: dt.datetime, days: int, zone: ZoneInfo) -> Reach:
    """Return the last days up to the one of `now`."""
    today = day_of(now, zone)
    first_day = today - (days - 1) * DAY
    bounds = tuple(day_start(first_day + number * DAY, zone) for number in range(days + 1))
    return Reach(first_day=first_day, today=today, bounds=bounds, now=now)


def bar(
    past: Sequence[Stretch], claims: Iterable[Claim], since_at: dt.datetime | None, over: Reach, rules: Rules
) -> Bar:
    """Return the bar of a service from what it was shown at and what held it."""
    days = len(over.bounds) - 1
    if since_at is None or since_at > over.now:
        return Bar(first_day=over.first_day, today=over.today, days=days, data_day=None, cells=())
    from_at = max(since_at, over.bounds[0])
    events_by_day = _events_by_day(claims, from_at, over, rules)
    cells = tuple(
        _cell(number, spent, events_by_day[number], over, rules)
        for number, spent in _spent_by_day(past, from_at, over).items()
    )
    data_day = over.first_day + _number(from_at, over) * DAY
    return Bar(first_day=over.first_day, today=over.today, days=days, data_day=data_day, cells=cells)


def _number(at: dt.datetime, over: Reach) -> int:
    return bisect_right(over.bounds, at) - 1


def _slices(start_at: dt.datetime, end_at: dt.datetime, over: Reach) -> Iterator[tuple[int, dt.timedelta]]:
    number = _number(start_at, over)
    while start_at < end_at:
        until = min(end_at, over.bounds[number + 1])
        if start_at < until:
            yield number, until - start_at
            start_at = until
        number += 1


def _spent_by_day(past: Sequence[Stretch], from_at: dt.datetime, over: Reach) -> dict[int, dict[str, dt.timedelta]]:
    spent: dict[int, dict[str, dt.timedelta]] = {}
    for stretch in past[_first_after(past, from_at) :]:
        end_at = min(stretch.end_at or over.now, over.now)
        for number, time in _slices(max(stretch.start_at, from_at), end_at, over):
            of_day = spent.setdefault(number, {})
            of_day[stretch.status] = of_day.get(stretch.status, dt.timedelta()) + time
    return spent


def _first_after(past: Sequence[Stretch], at: dt.datetime) -> int:
    place = bisect_left(past, at, key=lambda stretch: stretch.start_at)
    return max(place - 1, 0)


def _events_by_day(
    claims: Iterable[Claim], from_at: dt.datetime, over: Reach, rules: Rules
) -> dict[int, dict[str, None]]:
    """Return the events that held on each day, in the order in which they began."""
    first, now = ticks(from_at), ticks(over.now)
    bounds = [ticks(at) for at in over.bounds]
    events: dict[int, dict[str, None]] = {}
    within = [
        claim
        for claim in claims
        if claim.hold.end_at > first and claim.hold.start_at < now and claim.hold.status in rules.rank_by_status
    ]
    for claim in sorted(within, key=lambda claim: (claim.hold.begun_at, claim.event)):
        number = bisect_right(bounds, max(claim.hold.start_at, first)) - 1
        end_at = min(claim.hold.end_at, now)
        while number < len(bounds) - 1 and bounds[number] < end_at:
            events.setdefault(number, {})[claim.event] = None
            number += 1
    return events


def _cell(number: int, spent: dict[str, dt.timedelta], events: Iterable[str], over: Reach, rules: Rules) -> DayCell:
    ranked = sorted(spent, key=lambda status: (-rules.rank_by_status[status], -spent[status], status))
    length = over.bounds[number + 1] - over.bounds[number]
    return DayCell(
        day=over.first_day + number * DAY,
        status=ranked[0],
        seconds_by_status={status: spent[status] // _SECOND for status in ranked},
        share=sum(spent.values(), dt.timedelta()) / length,
        events=tuple(events),
    )
