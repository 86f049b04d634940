"""Events that have begun -> the days and months on which they began or were going on."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from stashgen.derive.board import Day, Month
from stashgen.derive.calendar import DAY, day_of, day_start, days_until, month_start, months_since
from stashgen.derive.heard import Heard
from stashgen.derive.ticks import instant, ticks
from stashgen.derive.tracks import open_times

Slots = list[tuple[list[str], list[str]]]  # for each time slot the events that began in it, and those going on


def days(begun: Sequence[Heard], now: dt.datetime, count: int, zone: ZoneInfo) -> tuple[Day, ...]:
    """Return the last days, today first, with their incidents and maintenances; `begun` is newest first."""
    dates = days_until(day_of(now, zone), count, zone)
    bounds = [ticks(day_start(day, zone)) for day in (*dates, dates[-1] + DAY)]
    slots = _slots([event for event in begun if event.kind != "notice"], bounds, ticks(now))
    return tuple(
        Day(day=day, events=tuple(began), ongoing=tuple(ongoing))
        for day, (began, ongoing) in reversed(list(zip(dates, slots, strict=True)))
    )


def months(begun: Sequence[Heard], now: dt.datetime, zone: ZoneInfo) -> tuple[Month, ...]:
    """Return the months with events, the newest first; `begun` is newest first."""
    if not begun:
        return ()
    first_at = instant(begun[-1].start_at)
    names = list(months_since(day_of(first_at, zone), day_of(now, zone)))
    bounds = [ticks(month_start(year, month, zone)) for year, month in names]
    last_year, last_month = names[-1]
    bounds.append(ticks(month_start(last_year, last_month + 1, zone)))
    found = zip(names, _slots(begun, bounds, ticks(now)), strict=True)
    return tuple(
        Month(year=year, month=month, events=tuple(began), ongoing=tuple(ongoing))
        for (year, month), (began, ongoing) in reversed(list(found))
        if began or ongoing
    )


def _slots(begun: Iterable[Heard], bounds: Sequence[int], now: int) -> Slots:
    slots: Slots = [([], []) for _ in bounds[1:]]
    for event in begun:
        first = bisect_right(bounds, event.start_at) - 1
        if first >= 0:
            slots[first][0].append(event.id)
        next_bound = bounds[first + 1]
        if event.kind != "notice" and next_bound <= now and _last_instant(event, now) > next_bound:
            for slot in _later_slots(event, first, bounds, now):
                slots[slot][1].append(event.id)
    return slots


def _last_instant(event: Heard, now: int) -> int:
    return now + 1 if event.stage == "open" else event.track.turns[-1].at


def _later_slots(event: Heard, first: int, bounds: Sequence[int], now: int) -> Iterator[int]:
    """Yield the slots after the first one in which an event was open; times open follow one another."""
    done = first
    for opened_at, closed_at in open_times(event.track, now):
        slot = max(bisect_right(bounds, opened_at) - 1, done + 1)
        while slot < len(bounds) - 1 and bounds[slot] < closed_at and bounds[slot] <= now:
            yield slot
            done = slot
            slot += 1
