"""events/<id>.json: one event for programs, its whole timeline included, and its JSON Schema."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from stashgen import urls
from stashgen.derive.board import Affected, EventView
from stashgen.memo import digest
from stashgen.model import Kind, Level, State
from stashgen.outputs.context import Context, Output

VERSION: Final = 1


# fmt: off
class HeldStretch(msgspec.Struct, frozen=True, kw_only=True):
    """A time during which the event held the service in one status."""

    status: Annotated[str, Meta(description="Id of the status.")]
    start_at: Annotated[dt.datetime, Meta(description="From when.")]
    end_at: Annotated[dt.datetime | None, Meta(description="Until when; null: no end is known.")]


class TouchedService(msgspec.Struct, frozen=True, kw_only=True):
    """A service that the event touches."""

    id: Annotated[str, Meta(description="Id of the service.")]
    name: Annotated[str, Meta(description="Its name.")]
    worst: Annotated[str, Meta(description="Worst status the event has held it at.")]
    current: Annotated[str | None, Meta(description="Status it is held at; null: not any more, or not yet.")]
    stretches: Annotated[tuple[HeldStretch, ...], Meta(description="What the event held it at, oldest first.")]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One update."""

    at: Annotated[dt.datetime, Meta(description="When it was said.")]
    state: Annotated[State | None, Meta(description="Where the event stands from here on; null for a notice.")]
    services: Annotated[dict[str, str], Meta(description="Statuses that changed, by service.")]
    html: Annotated[str, Meta(description="The message as safe HTML; links to static/ are relative to the page's root.")]
    path: Annotated[str, Meta(description="Its permalink, relative to the page's root.")]


class EventDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a status page."""

    version: Annotated[Literal[1], Meta(description="Version of this format.")] = VERSION
    id: Annotated[str, Meta(description="Stable id.")]
    kind: Annotated[Kind, Meta(description="incident, maintenance or notice.")]
    title: Annotated[str, Meta(description="Headline.")]
    state: Annotated[State | None, Meta(description="Where it stands; null for a notice.")]
    level: Annotated[Level, Meta(description="The worst it has brought, or will bring.")]
    is_open: Annotated[bool, Meta(description="Not resolved, completed, cancelled or ended.")]
    started_at: Annotated[dt.datetime, Meta(description="When it began, or is planned to.")]
    ended_at: Annotated[dt.datetime | None, Meta(description="When it ended; null while it is open.")]
    planned_start_at: Annotated[dt.datetime | None, Meta(description="Maintenance: planned start.")]
    planned_end_at: Annotated[dt.datetime | None, Meta(description="Maintenance: planned end.")]
    tags: Annotated[tuple[str, ...], Meta(description="Free labels.")]
    services: Annotated[tuple[TouchedService, ...], Meta(description="Services it touches, in the order of the page.")]
    updates: Annotated[tuple[Said, ...], Meta(description="What was said, newest first.")]
    postmortem_html: Annotated[str | None, Meta(description="The postmortem as safe HTML.")]
    path: Annotated[str, Meta(description="Its page, relative to the page's root.")]
# fmt: on


def render(context: Context) -> Iterator[Output]:
    """Yield a file for every event that has been spoken of, and the schema."""
    described = schema()
    yield Output(urls.schema("event"), digest(described), lambda: described)
    for event, key in context.key_by_event.items():
        yield Output(urls.event_json(event), context.layout + key, partial(_encode, context, event))


def schema() -> bytes:
    """Return the JSON Schema (2020-12) of an event's file."""
    body = msgspec.json.schema(EventDocument)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "stashgen event"}
    return msgspec.json.format(msgspec.json.encode(head | body), indent=2) + b"\n"


def _encode(context: Context, event: str) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document(context, event)), indent=1) + b"\n"


def document(context: Context, event_id: str) -> EventDocument:
    """Return the document of one event of the context's board."""
    event, texts = context.board.events[event_id], context.texts(event_id)
    return EventDocument(
        id=event.id,
        kind=event.kind,
        title=event.title,
        state=event.state,
        level=event.level,
        is_open=event.is_open,
        started_at=event.started_at,
        ended_at=event.ended_at,
        planned_start_at=event.planned_start_at,
        planned_end_at=event.planned_end_at,
        tags=event.tags,
        services=tuple(_touched(context, affected) for affected in event.affected),
        updates=_said(event, texts.messages),
        postmortem_html=texts.postmortem,
        path=urls.event_page(event.id),
    )


def _touched(context: Context, affected: Affected) -> TouchedService:
    return TouchedService(
        id=affected.service,
        name=context.board.services[affected.service].record.name,
        worst=affected.worst,
        current=affected.current,
        stretches=tuple(
            HeldStretch(status=stretch.status, start_at=stretch.start_at, end_at=stretch.end_at)
            for stretch in affected.stretches
        ),
    )


def _said(event: EventView, messages: tuple[str, ...]) -> tuple[Said, ...]:
    return tuple(
        Said(
            at=update.at,
            state=update.state,
            services=dict(update.changes),
            html=messages[update.index],
            path=f"{urls.event_page(event.id)}#{urls.update_anchor(update.index)}",
        )
        for update in event.updates
    )
