"""One calendar: its own properties, and its events, the last to begin first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from stashgen import icswrite, urls
from stashgen.derive.board import EventView
from stashgen.outputs.calendars.entry import entry
from stashgen.outputs.context import Context
from stashgen.outputs.subscriptions import Channel, calendar_path, calendar_title, full_name

_REFRESH_MINUTES: Final = 60
# A calendar must have at least one component (RFC 5545, section 3.6): one without events has its time zone.
_ONLY_A_ZONE: Final = (
    "BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000", "TZNAME:UTC", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


def encoded(context: Context, channel: Channel, calendar: str, events: Sequence[str]) -> bytes:
    """Return the bytes of CALENDAR or INCIDENT_CALENDAR with these events."""
    views = [context.board.events[event] for event in events]
    return icswrite.document(icswrite.component("VCALENDAR", _lines(context, channel, calendar, views)))


def said_at(event: EventView) -> dt.datetime:
    """Return when an event was last spoken of, or a word on it edited."""
    return max(update.edited_at or update.at for update in event.updates)


def _lines(context: Context, channel: Channel, calendar: str, events: Sequence[EventView]) -> Iterator[str]:
    yield "VERSION:2.0"
    yield "PRODID:-//stashgen//status page//EN"
    yield "CALSCALE:GREGORIAN"
    yield from _names(context, channel, calendar)
    refresh = icswrite.minutes(_REFRESH_MINUTES)
    yield f"REFRESH-INTERVAL;VALUE=DURATION:{refresh}"
    yield f"X-PUBLISHED-TTL:{refresh}"
    if events:
        yield f"LAST-MODIFIED:{icswrite.instant(max(map(said_at, events)))}"
        for event in events:
            yield from icswrite.component("VEVENT", entry(context, event, said_at(event)))
    else:
        yield from _ONLY_A_ZONE


def _names(context: Context, channel: Channel, calendar: str) -> Iterator[str]:
    title = icswrite.text(calendar_title(context, channel, calendar))
    about = icswrite.text(context.translator.text("feed.about", name=full_name(context, channel)))
    path = calendar_path(channel, calendar)
    yield f"UID:{urls.calendar_uid(context.board.settings.url, path)}"
    yield f"NAME:{title}"
    yield f"X-WR-CALNAME:{title}"
    yield f"DESCRIPTION:{about}"
    yield f"X-WR-CALDESC:{about}"
    if context.board.settings.url is not None:
        yield f"SOURCE;VALUE=URI:{context.public(path)}"
        yield f"URL:{context.public(channel.page)}"
