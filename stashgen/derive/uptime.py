"""A service's stretches -> its uptime over windows and calendar months, with the events that cost it."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from stashgen.derive.board import Cause, Stretch, Uptime

WINDOWS: Final[Mapping[str, dt.timedelta]] = MappingProxyType(
    {
        "24h": dt.timedelta(hours=24),
        "7d": dt.timedelta(days=7),
        "30d": dt.timedelta(days=30),
        "90d": dt.timedelta(days=90),
        "365d": dt.timedelta(days=365),
    }
)


def uptime(name: str, past: Sequence[Stretch], start_at: dt.datetime, end_at: dt.datetime) -> Uptime:
    """Return the uptime from one instant to another, both within the time that has data."""
    causes = _causes(past, start_at, end_at) if start_at < end_at else ()
    covered_seconds = (end_at - start_at).total_seconds()
    down_seconds = sum((cause.seconds for cause in causes), 0.0)  # a float also where there are none
    return Uptime(
        name=name,
        start_at=start_at,
        end_at=end_at,
        covered_seconds=covered_seconds,
        down_seconds=down_seconds,
        ratio=max(0.0, 1 - down_seconds / covered_seconds) if covered_seconds else None,
        causes=causes,
    )


def windows(past: Sequence[Stretch], since_at: dt.datetime | None, now: dt.datetime) -> tuple[Uptime, ...]:
    """Return the uptime over each window that ends now, the shortest first."""
    first_at = now if since_at is None else min(since_at, now)
    return tuple(uptime(name, past, max(first_at, now - length), now) for name, length in WINDOWS.items())


def months(
    past: Sequence[Stretch], starts: Sequence[tuple[str, dt.datetime]], since_at: dt.datetime
) -> Iterator[Uptime]:
    """Yield the uptime of each month but the last of `starts`, which closes the one before; oldest first."""
    for (name, start_at), (_, end_at) in pairwise(starts):
        yield uptime(name, past, max(start_at, since_at), end_at)


def mean_ratio(uptimes: Iterable[Uptime]) -> float | None:
    """Return the uptime of a page: the mean over its services that have data, None when none has.

    Each service counts the same, whatever it is and for how long it has been watched.
    """
    ratios = [one.ratio for one in uptimes if one.ratio is not None]
    return sum(ratios) / len(ratios) if ratios else None


def whole_ratio(parts: Iterable[Uptime]) -> float | None:
    """Return the uptime over adjacent times together, such as all months of a service; None without data."""
    covered_seconds = down_seconds = 0.0
    for part in parts:
        covered_seconds += part.covered_seconds
        down_seconds += part.down_seconds
    return max(0.0, 1 - down_seconds / covered_seconds) if covered_seconds else None


def _causes(past: Sequence[Stretch], start_at: dt.datetime, end_at: dt.datetime) -> tuple[Cause, ...]:
    seconds_by_event: dict[str, float] = {}
    for place in range(max(bisect_right(past, start_at, key=_start) - 1, 0), len(past)):
        stretch = past[place]
        if stretch.start_at >= end_at:
            break
        if not stretch.downtime:
            continue
        until = end_at if stretch.end_at is None else min(stretch.end_at, end_at)
        time = until - max(stretch.start_at, start_at)
        if time > _NO_TIME:
            down = time.total_seconds() * stretch.downtime
            seconds_by_event[stretch.event] = seconds_by_event.get(stretch.event, 0.0) + down
    ranked = sorted(seconds_by_event.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(Cause(event=event, seconds=seconds) for event, seconds in ranked)


_NO_TIME: Final = dt.timedelta()


def _start(stretch: Stretch) -> dt.datetime:
    return stretch.start_at
