"""The times of a site: against the present, its certificate's end, and sites against one another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from stashgen import figures
from stashgen.live.findings import Finding
from stashgen.live.heads import Head
from stashgen.live.wanted import Wanted

_CLOCKS: Final = dt.timedelta(minutes=5)  # how far two machines' clocks may be apart
_SCHEDULE: Final = dt.timedelta(hours=1)  # how late a schedule may be before somebody should look at it


def about(head: Head, wanted: Wanted) -> Iterator[Finding]:
    """Yield what is wrong with a site's times."""
    if head.status is None:
        if wanted.max_age_seconds is not None:
            yield Finding(kind="old", message="does not say when it was built: its status.json cannot be read")
    else:
        yield from _built(head.status.built_at, wanted)
        if head.status.next_change_at is not None:
            yield from _overdue(head.status.next_change_at, wanted.now)
    if head.certificate_until is not None:
        yield from _certificate(head.certificate_until, wanted)


def behind(heads: Sequence[Head]) -> dict[int, Finding]:
    """Return for each site that is older than another, by its number, what is to be said of that."""
    built = [(head.status.built_at, number) for number, head in enumerate(heads) if head.status is not None]
    if not built:
        return {}
    at, first_number = max(built, key=lambda one: one[0])
    first, found = heads[first_number], {}
    for own, number in built:
        if own < at:
            message = f"was built at {_shown(own)}, {first.visit.url} at {_shown(at)}"
            found[number] = Finding(kind="behind", message=message)
        elif heads[number].manifest != first.manifest:
            message = f"has other files than {first.visit.url}, though both say that they were built at {_shown(at)}"
            found[number] = Finding(kind="behind", message=message)
    return found


def span(delta: dt.timedelta) -> str:
    """Return a duration in words, such as `1 hour 5 minutes`."""
    parts = figures.split(delta.total_seconds())
    return " ".join(f"{count} {unit if count != 1 else unit.removesuffix('s')}" for unit, count in parts)


def _built(built_at: dt.datetime, wanted: Wanted) -> Iterator[Finding]:
    age = wanted.now - built_at
    if wanted.max_age_seconds is not None and age.total_seconds() > wanted.max_age_seconds:
        allowed = span(dt.timedelta(seconds=wanted.max_age_seconds))
        yield Finding(kind="old", message=f"was built {span(age)} ago, more than {allowed}")
    if -age > _CLOCKS:
        yield Finding(kind="future", message=f"says that it was built in {span(-age)}: one of the clocks is wrong")


def _overdue(next_change_at: dt.datetime, now: dt.datetime) -> Iterator[Finding]:
    late = now - next_change_at
    if late > dt.timedelta():
        message = f"should have been built anew {span(late)} ago, at {_shown(next_change_at)}: what it says has changed"
        yield Finding(kind="overdue", message=message, severity="error" if late > _SCHEDULE else "warning")


def _certificate(until: dt.datetime, wanted: Wanted) -> Iterator[Finding]:
    left = until - wanted.now
    if left < dt.timedelta(days=wanted.certificate_days):
        message = f"its certificate ends in {span(left)}, on {_shown(until)}"
        yield Finding(kind="certificate", message=message)


def _shown(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
