"""Calendar days and months of the site's zone as instants in UTC.

A day begins at its midnight, or where clocks skip that, at the instant they jump; so days have 23 to 25 hours at
DST, and a day that a zone skipped altogether (Apia, 30 December 2011) has none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

DAY = dt.timedelta(days=1)


def day_start(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """Return the first instant of a day."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(dt.UTC)


def day_of(at: dt.datetime, zone: ZoneInfo) -> dt.date:
    """Return the day on which an instant falls; once a day has begun, the one before is over.

    (In St. John's clocks went back one minute after midnight, into the day before, until 2011.)
    """
    day = at.astimezone(zone).date()
    return day + DAY if day_start(day + DAY, zone) <= at else day


def next_midnight(now: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the first instant after `now` at which a day begins."""
    day = day_of(now, zone)
    while (at := day_start(day, zone)) <= now:
        day += DAY
    return at


def days_until(today: dt.date, count: int, zone: ZoneInfo) -> tuple[dt.date, ...]:
    """Return the last `count` days up to today, oldest first, without those that the zone skipped."""
    days: list[dt.date] = []
    day = today
    while len(days) < count:
        if day == today or day_start(day, zone) < day_start(day + DAY, zone):
            days.append(day)
        day -= DAY
    return tuple(reversed(days))


def months_since(first: dt.date, last: dt.date) -> Iterator[tuple[int, int]]:
    """Yield (year, month) from the month of one day to that of another, oldest first."""
    for index in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield index // 12, index % 12 + 1


def month_start(year: int, month: int, zone: ZoneInfo) -> dt.datetime:
    """Return the first instant of a month; month 13 is the next January."""
    return day_start(dt.date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1), zone)
