"""status.json: the state of the page now, small enough to be polled, and its JSON Schema."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from stashgen import urls
from stashgen.derive.board import EventView
from stashgen.markup import to_plain
from stashgen.memo import digest
from stashgen.model import Kind, Level, State
from stashgen.outputs.context import Context, Output

VERSION: Final = 1


# fmt: off
class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What page this is."""

    title: Annotated[str, Meta(description="Name of the page.")]
    url: Annotated[str | None, Meta(description="Where the page is published; null when the site has no URL.")]
    language: Annotated[str, Meta(description="Language of names and sentences, as a BCP 47 tag.")]
    timezone: Annotated[str, Meta(description="IANA zone whose days the page shows.")]
    mirrors: Annotated[tuple[str, ...], Meta(description="Other places where the same page is published.")]


class OverallState(msgspec.Struct, frozen=True, kw_only=True):
    """The one sentence and its facts."""

    status: Annotated[str, Meta(description="Worst status over all services, by id.")]
    level: Annotated[Level, Meta(description="Severity of that status.")]
    sentence: Annotated[str, Meta(description="What the page says in its heading.")]
    since_at: Annotated[dt.datetime | None, Meta(description="Since when this level has held; null: for as long as there is data.")]
    services: Annotated[tuple[str, ...], Meta(description="Services in that status; empty when all is normal.")]
    open_incidents: Annotated[int, Meta(description="Incidents that are not resolved.")]


class StatusWord(msgspec.Struct, frozen=True, kw_only=True):
    """A status that a service of this page can be in."""

    id: Annotated[str, Meta(description="Id used wherever a status is named.")]
    name: Annotated[str, Meta(description="Words for readers.")]
    level: Annotated[Level, Meta(description="Severity.")]


class GroupState(msgspec.Struct, frozen=True, kw_only=True):
    """A group of services."""

    id: Annotated[str | None, Meta(description="Null for the services without a group.")]
    name: Annotated[str | None, Meta(description="Null for the services without a group.")]
    status: Annotated[str, Meta(description="Worst status of its services.")]
    services: Annotated[tuple[str, ...], Meta(description="Ids in the order of the page.")]


class ServiceState(msgspec.Struct, frozen=True, kw_only=True):
    """One service now."""

    id: Annotated[str, Meta(description="Stable id.")]
    name: Annotated[str, Meta(description="Name for readers.")]
    status: Annotated[str, Meta(description="Id of its status.")]
    level: Annotated[Level, Meta(description="Severity of its status.")]
    since_at: Annotated[dt.datetime | None, Meta(description="Since when it is in this status; null: for as long as there is data.")]
    event: Annotated[str | None, Meta(description="The event that holds it there.")]
    uptime: Annotated[dict[str, float | None], Meta(description="Uptime from 0 to 1 by window: 24h, 7d, 30d, 90d, 365d; null: no data.")]
    path: Annotated[str, Meta(description="Its page, relative to this file.")]


class EventState(msgspec.Struct, frozen=True, kw_only=True):
    """An open incident, a maintenance that runs or is to come, or a running notice."""

    id: Annotated[str, Meta(description="Stable id.")]
    kind: Annotated[Kind, Meta(description="incident, maintenance or notice.")]
    title: Annotated[str, Meta(description="Headline.")]
    state: Annotated[State | None, Meta(description="Where it stands; null for a notice.")]
    level: Annotated[Level, Meta(description="The worst it has brought so far, or will bring.")]
    started_at: Annotated[dt.datetime, Meta(description="When it began, or is planned to.")]
    updated_at: Annotated[dt.datetime, Meta(description="When it was last spoken of.")]
    planned_start_at: Annotated[dt.datetime | None, Meta(description="Maintenance: planned start.")]
    planned_end_at: Annotated[dt.datetime | None, Meta(description="Maintenance: planned end.")]
    services: Annotated[dict[str, str], Meta(description="Services it holds now, or will hold -> status.")]
    message: Annotated[str, Meta(description="Its newest update as plain text.")]
    path: Annotated[str, Meta(description="Its page, relative to this file.")]


class StatusDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one status page, as published in status.json."""

    version: Annotated[Literal[1], Meta(description="Version of this format; fields may be added within a version.")] = VERSION
    page: Page
    built_at: Annotated[dt.datetime, Meta(description="When this file was made; instants are UTC.")]
    next_change_at: Annotated[dt.datetime, Meta(description="From then on this file is stale: the same site-data give another page.")]
    commit: Annotated[str | None, Meta(description="Commit it was built from; null outside git.")]
    revision: Annotated[str, Meta(description="Changes when the dashboard has something new to say.")]
    overall: OverallState
    statuses: Annotated[tuple[StatusWord, ...], Meta(description="All statuses, the least severe first.")]
    groups: Annotated[tuple[GroupState, ...], Meta(description="Groups in the order of the page.")]
    services: Annotated[tuple[ServiceState, ...], Meta(description="Services in the order of the page.")]
    incidents: Annotated[tuple[EventState, ...], Meta(description="Open incidents, newest first.")]
    maintenances: Annotated[tuple[EventState, ...], Meta(description="Maintenances that run now.")]
    upcoming: Annotated[tuple[EventState, ...], Meta(description="Maintenances to come, the nearest first.")]
    notices: Annotated[tuple[EventState, ...], Meta(description="Running notices, pinned ones first.")]
# fmt: on


def render(context: Context) -> Iterator[Output]:
    """Yield status.json and its schema."""
    data = msgspec.json.format(msgspec.json.encode(document(context)), indent=1) + b"\n"
    yield Output(urls.STATUS_JSON, digest(data), lambda: data, rank=3)
    described = schema()
    yield Output(urls.schema("status"), digest(described), lambda: described)


def schema() -> bytes:
    """Return the JSON Schema (2020-12) of status.json."""
    body = msgspec.json.schema(StatusDocument)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "stashgen status.json"}
    return msgspec.json.format(msgspec.json.encode(head | body), indent=2) + b"\n"


def document(context: Context) -> StatusDocument:
    """Return the whole document for the context's board."""
    board, settings = context.board, context.board.settings
    overall = board.overall
    return StatusDocument(
        page=Page(
            title=settings.title,
            url=settings.url,
            language=settings.language,
            timezone=settings.timezone,
            mirrors=settings.mirrors,
        ),
        built_at=context.built_at,
        next_change_at=board.next_change_at,
        commit=context.commit,
        revision=context.revision,
        overall=OverallState(
            status=overall.status,
            level=overall.level,
            sentence=context.translator.sentence(board),
            since_at=overall.since_at,
            services=overall.services,
            open_incidents=overall.open_incidents,
        ),
        statuses=_status_words(context),
        groups=_groups(context),
        services=_services(context),
        incidents=_events(context, board.incidents),
        maintenances=_events(context, board.maintenances),
        upcoming=_events(context, board.upcoming),
        notices=_events(context, board.notices),
    )


def _status_words(context: Context) -> tuple[StatusWord, ...]:
    by_severity = sorted(context.board.statuses.items(), key=lambda item: (item[1].level.rank, item[0]))
    name = context.translator.status_name
    return tuple(StatusWord(id=key, name=name(key, status), level=status.level) for key, status in by_severity)


def _groups(context: Context) -> tuple[GroupState, ...]:
    return tuple(
        GroupState(
            id=group.id,
            name=group.record.name if group.record else None,
            status=group.status,
            services=group.services,
        )
        for group in context.board.groups
    )


def _services(context: Context) -> tuple[ServiceState, ...]:
    board = context.board
    return tuple(
        ServiceState(
            id=service.id,
            name=service.record.name,
            status=service.status,
            level=board.statuses[service.status].level,
            since_at=service.status_since_at,
            event=service.cause,
            uptime={window.name: _share(window.ratio) for window in service.windows},
            path=urls.service_page(service.id),
        )
        for service in board.services.values()
    )


def _share(ratio: float | None) -> float | None:
    # Rounded down: 1 is said only of a window without any downtime.
    return None if ratio is None else int(ratio * 1_000_000) / 1_000_000


def _events(context: Context, events: tuple[str, ...]) -> tuple[EventState, ...]:
    return tuple(_event(context, context.board.events[event]) for event in events)


def _event(context: Context, event: EventView) -> EventState:
    newest = event.updates[0].index if event.updates else 0
    return EventState(
        id=event.id,
        kind=event.kind,
        title=event.title,
        state=event.state,
        level=event.level,
        started_at=event.started_at,
        updated_at=event.updated_at,
        planned_start_at=event.planned_start_at,
        planned_end_at=event.planned_end_at,
        services={
            one.service: one.worst if event.is_upcoming else one.current or one.worst
            for one in event.affected
            if event.is_upcoming or one.current
        },
        message=to_plain(context.texts(event.id).messages[newest]),
        path=urls.event_page(event.id),
    )
