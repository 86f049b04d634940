"""The records of services/<id>.json: one service with its past."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from stashgen import urls
from stashgen.documents.document import Document
from stashgen.model import Kind, Level

VERSION: Final = 1
SPAN_PATTERN: Final = "^(24h|7d|30d|90d|365d|[0-9]{4}-(0[1-9]|1[0-2]))$"

Share = Annotated[float, Meta(ge=0, le=1)]


# fmt: off
class GroupName(msgspec.Struct, frozen=True, kw_only=True):
    """The group of the service."""

    id: Annotated[str, Meta(description="Stable id.")]
    name: Annotated[str, Meta(description="Name for readers.")]


class Downtime(msgspec.Struct, frozen=True, kw_only=True):
    """An event that cost uptime."""

    event: Annotated[str, Meta(description="Id of the event; `events` has its title.")]
    seconds: Annotated[float, Meta(ge=0, description="Downtime it brought, weighted as `down_seconds` is.")]


class UptimeSpan(msgspec.Struct, frozen=True, kw_only=True):
    """Uptime over one window that ends now, or over one calendar month of the page's zone."""

    name: Annotated[str, Meta(description="24h, 7d, 30d, 90d or 365d; or a month such as 2026-11.", pattern=SPAN_PATTERN)]
    start_at: Annotated[dt.datetime | None, Meta(description="From when it has data; null: for as long before the page was built as its name says.")]
    end_at: Annotated[dt.datetime | None, Meta(description="Until when; null: until the page was built (`built_at` in status.json).")]
    covered_seconds: Annotated[int | None, Meta(description="Seconds of it that have data; null where that still grows, from `start_at` until the page was built.")]
    down_seconds: Annotated[float, Meta(ge=0, description="Downtime in it: time by the share of each status that counts as down; the sum over `events`.")]
    ratio: Annotated[Share | None, Meta(description="Uptime from 0 to 1, rounded down to six digits; null: no data.")]
    events: Annotated[tuple[Downtime, ...], Meta(description="What the downtime came from, the worst first.")]


class BarDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day on which the service was not in its default status all the time."""

    day: Annotated[dt.date, Meta(description="Calendar day of the page's zone.")]
    status: Annotated[str, Meta(description="Worst status of the day, by id.")]
    seconds_by_status: Annotated[dict[str, int], Meta(description="Seconds in each status but the default one; up to now for today.")]
    share: Annotated[Share, Meta(description="Share of the day's length that these are; a day has 23 to 25 hours.")]
    events: Annotated[tuple[str, ...], Meta(description="Ids of the events that held the service then, the oldest first.")]


class DayBar(msgspec.Struct, frozen=True, kw_only=True):
    """The days of the service's bar. Days that are not listed were in the default status from `data_day` on, and have no data before."""

    first_day: Annotated[dt.date, Meta(description="The oldest day.")]
    last_day: Annotated[dt.date, Meta(description="Today, which is not over.")]
    data_day: Annotated[dt.date | None, Meta(description="First of these days with data; null: no data yet.")]
    days: Annotated[tuple[BarDay, ...], Meta(description="Days on which something happened, the oldest first.")]


class ServiceEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that has touched the service. Its own file, events/<id>.json, says the rest."""

    id: Annotated[str, Meta(description="Stable id.")]
    kind: Annotated[Kind, Meta(description="incident, maintenance or notice.")]
    title: Annotated[str, Meta(description="Headline.")]
    started_at: Annotated[dt.datetime, Meta(description="When it began.")]
    path: Annotated[str | None, Meta(description="Its page, relative to the page's root; null: the site has no pages.")]


class ServiceFiles(msgspec.Struct, frozen=True, kw_only=True):
    """Other files about the service, relative to the page's root; empty where the site does not write them."""

    feeds: Annotated[tuple[str, ...], Meta(description="Feeds of its updates and of its events: Atom, RSS and JSON Feed.")]
    calendars: Annotated[tuple[str, ...], Meta(description="Its maintenances and its incidents as calendars.")]
    badges: Annotated[tuple[str, ...], Meta(description="Its status and its uptime as pictures.")]


class ServiceDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One service of a status page with its whole past. It changes only when there is something new to say of the service, or a day is over."""

    version: Annotated[Literal[1], Meta(description="Version of this format; fields may be added within a version.")] = VERSION
    id: Annotated[str, Meta(description="Stable id.")]
    name: Annotated[str, Meta(description="Name for readers.")]
    description: Annotated[str, Meta(description="One sentence: what it is; may be empty.")]
    group: Annotated[GroupName | None, Meta(description="Its group; null: none.")]
    url: Annotated[str | None, Meta(description="Where the service itself is found.")]
    status: Annotated[str, Meta(description="Id of its status; status.json has the names.")]
    level: Annotated[Level, Meta(description="Severity of its status.")]
    status_since_at: Annotated[dt.datetime | None, Meta(description="Since when it is in this status; null: for as long as there is data.")]
    event: Annotated[str | None, Meta(description="The event that holds it there.")]
    since_at: Annotated[dt.datetime | None, Meta(description="First instant with data; null: no data.")]
    windows: Annotated[tuple[UptimeSpan, ...], Meta(description="Uptime over the windows that end now, the shortest first.")]
    months: Annotated[tuple[UptimeSpan, ...], Meta(description="Uptime of every month with data, the newest first.")]
    bar: Annotated[DayBar, Meta(description="The last days, one by one.")]
    events: Annotated[tuple[ServiceEvent, ...], Meta(description="Every event that has touched it and has begun, the newest first.")]
    path: Annotated[str | None, Meta(description="Its page, relative to the page's root; null: the site has no pages.")]
    files: Annotated[ServiceFiles, Meta(description="Its feeds, calendars and badges.")]
# fmt: on


DOCUMENTS: Final = (
    Document(urls.service_json("{service}"), "service-json", ServiceDocument, "service", "One service with its past."),
)  # fmt: skip
