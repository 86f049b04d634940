"""Instants as plain integers, microseconds since 1970, for the loops that look at every event."""

from __future__ import annotations

import datetime as dt
from typing import Final

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FOREVER: Final = 1 << 62
NEVER: Final = -FOREVER
DAY: Final = 86_400_000_000


def ticks(at: dt.datetime) -> int:
    """Return an aware datetime as microseconds since 1970."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(at: int) -> dt.datetime:
    """Return the datetime in UTC of so many microseconds since 1970."""
    return EPOCH + dt.timedelta(microseconds=at)


def instant_or_none(at: int) -> dt.datetime | None:
    """Return the datetime in UTC, or None for FOREVER."""
    return None if at == FOREVER else instant(at)
