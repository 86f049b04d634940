"""services/<id>.json: one service with its past, for programs.

A file keeps its bytes while time alone goes by: what moves with every build is told by what it is measured from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Final, get_args

import msgspec

from stashgen import urls
from stashgen.derive.board import Bar, GroupView, ServiceView, Uptime
from stashgen.documents import compact
from stashgen.documents.badge import BADGES
from stashgen.documents.service import (
    BarDay,
    DayBar,
    Downtime,
    GroupName,
    ServiceDocument,
    ServiceEvent,
    ServiceFiles,
    UptimeSpan,
)
from stashgen.figures import floored_share
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output

_RANK: Final = 2  # before status.json, which is asked first


def render(context: Context) -> Iterator[Output]:
    """Yield a file for every visible service."""
    group_by_service = {service: group for group in context.board.groups for service in group.services}
    for service in context.board.services.values():
        group = group_by_service.get(service.id)
        key = _key(context, service, group)
        yield Output(urls.service_json(service.id), key, partial(_encode, context, service, group), _RANK)


def _encode(context: Context, service: ServiceView, group: GroupView | None) -> bytes:
    return compact(document(context, service, group))


def document(context: Context, service: ServiceView, group: GroupView | None) -> ServiceDocument:
    """Return the document of one service of the context's board."""
    record = service.record
    return ServiceDocument(
        id=service.id,
        name=record.name,
        description=record.description,
        group=_group_name(group),
        url=record.url,
        status=service.status,
        level=context.board.statuses[service.status].level,
        status_since_at=service.status_since_at,
        event=service.cause,
        since_at=service.since_at,
        windows=tuple(_window(service, window) for window in service.windows),
        months=tuple(_months(service)),
        bar=_bar(service.bar),
        events=tuple(_event(context, event) for event in service.events),
        path=context.page(urls.service_page(service.id)),
        files=_files(context, service.id),
    )


def _key(context: Context, service: ServiceView, group: GroupView | None) -> bytes:
    running = msgspec.structs.replace(service, months=service.months[:1])
    moving = [*(_window(service, window) for window in service.windows), *_months(running)]
    facts = (
        (service.id, service.record, _group_name(group), service.status, service.status_since_at, service.cause),
        (service.since_at, service.bar, moving, service.months[1:]),
    )
    events = [context.key_by_event[event] for event in service.events]
    return digest(context.layout, msgspec.msgpack.encode(facts), *events)


def _group_name(group: GroupView | None) -> GroupName | None:
    if group is None or group.id is None or group.record is None:
        return None
    return GroupName(id=group.id, name=group.record.name)


def _window(service: ServiceView, window: Uptime) -> UptimeSpan:
    # It moves along with now, unless the data begin inside it: then it grows.
    is_growing = window.start_at == service.since_at
    return _span(
        window, window.start_at if is_growing else None, None, None if is_growing else int(window.covered_seconds)
    )


def _months(service: ServiceView) -> Iterator[UptimeSpan]:
    for place, month in enumerate(service.months):
        if place == 0:
            yield _span(month, month.start_at, None, None)
        else:
            yield _span(month, month.start_at, month.end_at, int(month.covered_seconds))


def _span(
    uptime: Uptime, start_at: dt.datetime | None, end_at: dt.datetime | None, covered_seconds: int | None
) -> UptimeSpan:
    return UptimeSpan(
        name=uptime.name,
        start_at=start_at,
        end_at=end_at,
        covered_seconds=covered_seconds,
        down_seconds=round(uptime.down_seconds, 3),
        ratio=None if uptime.ratio is None else floored_share(uptime.ratio),
        events=tuple(Downtime(event=cause.event, seconds=round(cause.seconds, 3)) for cause in uptime.causes),
    )


def _bar(bar: Bar) -> DayBar:
    return DayBar(
        first_day=bar.first_day,
        last_day=bar.today,
        data_day=bar.data_day,
        days=tuple(
            BarDay(
                day=cell.day,
                status=cell.status,
                seconds_by_status=dict(cell.seconds_by_status),
                share=floored_share(cell.share),
                events=cell.events,
            )
            for cell in bar.cells
        ),
    )


def _event(context: Context, event: str) -> ServiceEvent:
    record = context.site.events[event]
    return ServiceEvent(
        id=event,
        kind=record.kind,
        title=record.title,
        started_at=context.board.phases[event].started_at,
        path=context.page(urls.event_page(event)),
    )


def _files(context: Context, service: str) -> ServiceFiles:
    folder = f"services/{service}"
    feeds = [urls.feed(folder, kind, form) for kind in get_args(urls.FeedKind) for form in get_args(urls.FeedFormat)]
    calendars = [urls.service_calendar(service, name) for name in (urls.CALENDAR, urls.INCIDENT_CALENDAR)]
    badges = [urls.badge(service, name, "svg") for name in BADGES]
    return ServiceFiles(
        feeds=tuple(feeds) if context.has("feeds") else (),
        calendars=tuple(calendars) if context.has("calendars") else (),
        badges=tuple(badges) if context.has("badges") else (),
    )
