"""One calendar: its own properties, and its events, the last to begin first."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

import msgspec

from stashgen import icswrite, urls
from stashgen.outputs.calendars.entry import entry
from stashgen.outputs.context import Context
from stashgen.outputs.subscriptions import Channel, calendar_path, calendar_title, full_name

_REFRESH_MINUTES: Final = 60
_KEPT_EVENTS: Final = 1024
# A calendar must have at least one component (RFC 5545, section 3.6): one without events has its time zone.
_ONLY_A_ZONE: Final = (
    "BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000", "TZNAME:UTC", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


class Entry(NamedTuple):
    """An event as it stands in calendars, and when it was last spoken of."""

    said_at: dt.datetime
    body: bytes


class Entries(msgspec.Struct, frozen=True, dict=True):
    """The events as calendars show them, mostly made once: that of the site and those of its services share them."""

    context: Context

    @cached_property
    def _made(self) -> OrderedDict[str, Entry]:
        return OrderedDict()

    def __call__(self, event: str) -> Entry:
        """Return an event by its id."""
        if event not in self._made:
            if len(self._made) >= _KEPT_EVENTS:
                self._made.popitem(last=False)
            view = self.context.board.events[event]
            lines = icswrite.component("VEVENT", entry(self.context, view))
            self._made[event] = Entry(view.said_at, icswrite.folded(lines))
        return self._made[event]


def encoded(entries: Entries, channel: Channel, calendar: str, events: Sequence[str]) -> bytes:
    """Return the bytes of CALENDAR or INCIDENT_CALENDAR with these events."""
    shown = [entries(event) for event in events]
    head = icswrite.folded(_head(entries.context, channel, calendar, shown))
    body = b"".join(one.body for one in shown) or icswrite.folded(_ONLY_A_ZONE)
    return icswrite.folded(["BEGIN:VCALENDAR"]) + head + body + icswrite.folded(["END:VCALENDAR"])


def _head(context: Context, channel: Channel, calendar: str, entries: Sequence[Entry]) -> Iterator[str]:
    yield "VERSION:2.0"
    yield "PRODID:-//stashgen//status page//EN"
    yield "CALSCALE:GREGORIAN"
    yield from _names(context, channel, calendar)
    refresh = icswrite.minutes(_REFRESH_MINUTES)
    yield f"REFRESH-INTERVAL;VALUE=DURATION:{refresh}"
    yield f"X-PUBLISHED-TTL:{refresh}"
    if entries:
        yield f"LAST-MODIFIED:{icswrite.instant(max(one.said_at for one in entries))}"


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
