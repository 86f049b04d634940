"""calendar.ics with the maintenances and incidents.ics with the incidents, of the site and of each service.

iCalendar by RFC 5545, with the names and addresses of RFC 7986 for calendars that are subscribed to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import msgspec

from stashgen import urls
from stashgen.memo import digest
from stashgen.model import Kind
from stashgen.outputs.calendars.calendar import Entries, encoded
from stashgen.outputs.context import Context, Output
from stashgen.outputs.subscriptions import SITE, Channel, calendar_path, service_channel

KIND_BY_CALENDAR: Final[Mapping[str, Kind]] = {urls.CALENDAR: "maintenance", urls.INCIDENT_CALENDAR: "incident"}
MOST_OF_SITE: Final = 200
MOST_OF_SERVICE: Final = 100


def render(context: Context) -> Iterator[Output]:
    """Yield both calendars of the site and of every service."""
    events_by_place = _events_by_place(context)
    entries = Entries(context)
    for channel in (SITE, *(service_channel(context, service) for service in context.board.services)):
        for calendar, kind in KIND_BY_CALENDAR.items():
            yield _output(entries, channel, calendar, events_by_place.get((channel.service, kind), []))


def _events_by_place(context: Context) -> Mapping[tuple[str | None, Kind], list[str]]:
    """Return the newest events of the site (None) and of each service by kind, the last to begin first."""
    newest: dict[tuple[str | None, Kind], list[str]] = {}
    for event, phase in context.board.phases.items():
        for place in (None, *phase.services):
            events = newest.setdefault((place, phase.kind), [])
            if len(events) < (MOST_OF_SERVICE if place else MOST_OF_SITE):
                events.append(event)
    return newest


def _output(entries: Entries, channel: Channel, calendar: str, events: list[str]) -> Output:
    context = entries.context
    facts = (channel.name, events, context.board.since_at)
    key = digest(context.layout, msgspec.msgpack.encode(facts), *map(context.key_by_event.__getitem__, events))
    path = calendar_path(channel, calendar)
    return Output(path, key, partial(encoded, entries, channel, calendar, tuple(events)))
