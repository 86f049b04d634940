"""One service's past and what holds it -> its view at `now`; services in page order -> groups."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from stashgen.derive.board import GroupView, ServiceView, Stretch, Uptime
from stashgen.derive.calendar import day_of, month_start, months_since
from stashgen.derive.days import Reach, bar
from stashgen.derive.pasts import MonthStart, Past, Source
from stashgen.derive.rules import Rules
from stashgen.derive.timeline import Claim
from stashgen.derive.uptime import uptime, windows
from stashgen.model import Level, Service, Site

# A page with more services folds the groups that are fine, unless a group says otherwise.
MANY_SERVICES: Final = 30


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a service's view is made of."""

    source: Source
    past: Past
    recent_claims: Sequence[Claim]  # of all events that may stand in the bar
    events: tuple[str, ...]  # that have touched it


def months_of(since_at: dt.datetime | None, now: dt.datetime, zone: ZoneInfo) -> tuple[MonthStart, ...]:
    """Return the months from the one with the first data to the current one, the oldest first."""
    if since_at is None:
        return ()
    names = months_since(day_of(since_at, zone), day_of(now, zone))
    return tuple((f"{year:04}-{month:02}", month_start(year, month, zone)) for year, month in names)


def service_view(service: str, record: Service, facts: Facts, over: Reach, rules: Rules) -> ServiceView:
    """Return the view of one service."""
    shown = tuple(_until(facts.past.stretches, over.now))
    since_at = facts.source.since_at
    current = shown[-1] if shown and shown[-1].end_at is None else None
    return ServiceView(
        id=service,
        record=record,
        status=current.status if current else rules.default_status,
        status_since_at=_status_since(shown, current, since_at),
        cause=current.event if current else None,
        since_at=since_at,
        bar=bar(shown, facts.recent_claims, since_at, over, rules),
        windows=windows(shown, since_at, over.now),
        months=tuple(_newest_first(facts, shown, over.now)),
        stretches=shown,
        events=facts.events,
    )


def group_views(services: Mapping[str, ServiceView], site: Site, rules: Rules) -> tuple[GroupView, ...]:
    """Return the groups with visible services, services without a group first."""
    has_many = len(services) > MANY_SERVICES
    views = []
    for group, members in rules.sections:
        status = rules.worst(services[service].status for service in members)
        record = site.groups[group] if group is not None else None
        is_folded = record is not None and (has_many if record.collapsed is None else record.collapsed)
        is_open = not is_folded or rules.level(status) != Level.NORMAL
        views.append(GroupView(id=group, record=record, status=status, is_open=is_open, services=members))
    return tuple(views)


def _until(stretches: Sequence[Stretch], now: dt.datetime) -> Iterator[Stretch]:
    count = bisect_right(stretches, now, key=lambda stretch: stretch.start_at)
    yield from stretches[: max(count - 1, 0)]
    if count:
        last = stretches[count - 1]
        lasts = last.end_at is not None and last.end_at > now
        yield msgspec.structs.replace(last, end_at=None) if lasts else last


def _status_since(
    shown: Sequence[Stretch], current: Stretch | None, since_at: dt.datetime | None
) -> dt.datetime | None:
    if current is None:
        free_at = shown[-1].end_at if shown else None
        return free_at if free_at and since_at and free_at > since_at else None
    start_at = current.start_at
    for stretch in reversed(shown):
        if stretch.status != current.status or stretch.end_at not in (None, start_at):
            break
        start_at = stretch.start_at
    return start_at


def _newest_first(facts: Facts, shown: Sequence[Stretch], now: dt.datetime) -> Iterator[Uptime]:
    if facts.source.since_at is not None:
        name, start_at = facts.source.month_starts[-1]
        yield uptime(name, shown, max(start_at, facts.source.since_at), now)
        yield from reversed(facts.past.months)
