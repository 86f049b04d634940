"""The records of events/<id>.json: one event with its whole timeline."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from stashgen import urls
from stashgen.documents.document import Document
from stashgen.model import Kind, Level, State

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
    edited_at: Annotated[dt.datetime | None, Meta(description="When an edit said something new; null: never, or nobody says.")]
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


DOCUMENTS: Final = (
    Document(urls.event_json("{event}"), "event-json", EventDocument, "event", "One event with its whole timeline."),
)  # fmt: skip
