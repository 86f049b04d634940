"""The records of status.json: the state of the page now."""

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
    path: Annotated[str | None, Meta(description="Its page, relative to this file; null: the site has no pages.")]


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
    path: Annotated[str | None, Meta(description="Its page, relative to this file; null: the site has no pages.")]


class StatusDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one status page, as published in status.json."""

    version: Annotated[Literal[1], Meta(description="Version of this format; fields may be added within a version.")] = VERSION
    page: Page
    built_at: Annotated[dt.datetime, Meta(description="When this file was made; instants are UTC.")]
    next_change_at: Annotated[dt.datetime, Meta(description="From then on this file is stale: the same site-data give another page.")]
    commit: Annotated[str | None, Meta(description="Commit it was built from; null outside git.")]
    faulty_files: Annotated[int, Meta(description="Files with mistakes, which the page was built without, or without a part of; 0: it is whole.")]
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


DOCUMENTS: Final = (
    Document(urls.STATUS_JSON, "status-json", StatusDocument, "status", "The state of the page now."),
)  # fmt: skip
