"""The only module that asks what time it is; everybody else takes `now` as an argument."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping
from typing import Final

from stashgen.errors import StashgenError

_LAST_SECOND: Final = 7_258_118_399  # the end of 2199, as for the times in site-data


def current(environ: Mapping[str, str]) -> dt.datetime:
    """Return now in UTC, whole seconds; SOURCE_DATE_EPOCH (reproducible-builds.org) wins over the clock."""
    epoch = environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return dt.datetime.now(dt.UTC).replace(microsecond=0)
    if not epoch.isdecimal() or int(epoch) > _LAST_SECOND:
        raise StashgenError(f"SOURCE_DATE_EPOCH is {epoch!r}: give whole seconds since 1970, such as 1767225600")
    return dt.datetime.fromtimestamp(int(epoch), dt.UTC)


def monotonic() -> float:
    """Return seconds on a clock that never goes back, for durations and deadlines only."""
    return time.monotonic()


def file_time_ns() -> int:
    """Return the machine's time as file systems count it, only to be compared with the times of files."""
    return time.time_ns()


def sleep(seconds: float) -> None:
    """Wait for that many seconds."""
    time.sleep(seconds)
