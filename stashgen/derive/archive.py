"""Events that have begun -> the days and months on which they began or were going on."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from stashgen.derive.board import Day, Month
from stashgen.derive.calendar import DAY, day_of, day_start, days_until, month_start, months_since
from stashgen.derive.ticks import instant, ticks
from stashgen.derive.tracks import Row, Spans

Slot = tuple[tuple[str, ...], tuple[str, ...]]  # the events that began in it, and those going on; newest first


def days(
    rows: Sequence[Row], spans_by_event: Mapping[str, Spans], dates: Sequence[dt.date], zone: ZoneInfo
) -> tuple[Day, ...]:
    """Return some days, the newest first, with the events of `rows`, which are ascending."""
    bounds = [ticks(day_start(day, zone)) for day in (*dates, dates[-1] + DAY)]
    slots = _slots(rows, spans_by_event, bounds)
    return tuple(
        Day(day=day, events=began, ongoing=ongoing)
        for day, (began, ongoing) in reversed(list(zip(dates, slots, strict=True)))
    )


def months(
    rows: Sequence[Row], spans_by_event: Mapping[str, Spans], now: dt.datetime, zone: ZoneInfo
) -> tuple[Month, ...]:
    """Return the months with events, the newest first; `rows` are ascending."""
    if not rows:
        return ()
    names = list(months_since(day_of(instant(rows[0][0]), zone), day_of(now, zone)))
    last_year, last_month = names[-1]
    bounds = [ticks(month_start(year, month, zone)) for year, month in (*names, (last_year, last_month + 1))]
    found = zip(names, _slots(rows, spans_by_event, bounds), strict=True)
    return tuple(
        Month(year=year, month=month, events=began, ongoing=ongoing)
        for (year, month), (began, ongoing) in reversed(list(found))
        if began or ongoing
    )


def last_days(now: dt.datetime, count: int, zone: ZoneInfo) -> tuple[dt.date, ...]:
    """Return the last days up to today, the oldest first."""
    return days_until(day_of(now, zone), count, zone)


def _slots(rows: Sequence[Row], spans_by_event: Mapping[str, Spans], bounds: Sequence[int]) -> list[Slot]:
    """Return what began and what was going on between each bound and the next."""
    places = [0, *(bisect_left(rows, bound, key=_start) for bound in bounds)]
    ongoing: list[list[str]] = [[] for _ in bounds]
    for slot, bound in enumerate(bounds[:-1]):
        # Those that began in the slot before this one (or before all) and lasted into it.
        for start_at, event, closed_at in rows[places[slot] : places[slot + 1]]:
            if closed_at > bound:
                for later in _slots_of(spans_by_event.get(event) or [(start_at, closed_at)], slot, bounds):
                    ongoing[later].append(event)
    began = [tuple(event for _, event, _ in reversed(rows[i:j])) for i, j in pairwise(places[1:])]
    return [(events, tuple(reversed(others))) for events, others in zip(began, ongoing, strict=False)]


def _start(row: Row) -> int:
    return row[0]


def _slots_of(spans: Spans, first: int, bounds: Sequence[int]) -> Iterator[int]:
    """Yield the slots from `first` on in which one of the spans lies."""
    for start_at, end_at in spans:
        slot = max(bisect_right(bounds, start_at) - 1, first)
        while slot < len(bounds) - 1 and bounds[slot] < end_at:
            yield slot
            slot += 1
        first = slot
