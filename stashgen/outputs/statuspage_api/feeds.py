"""history.atom and history.rss as Statuspage writes them: an item an event, with all its updates in its body.

Words and dates are English in every language, since readers look for them. Items link to the event's page here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from email.utils import format_datetime
from functools import cached_property, partial
from itertools import chain, islice, zip_longest
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup

from stashgen import media_types, urls
from stashgen.documents.statuspage import Incident, IncidentUpdate, Maintenance, MaintenanceUpdate
from stashgen.english import abbreviation
from stashgen.memo import digest
from stashgen.outputs.context import Output
from stashgen.outputs.statuspage_api.desk import Desk
from stashgen.outputs.statuspage_api.incidents import incident, maintenance
from stashgen.xmlwrite import ATOM, DUBLIN_CORE, document, element

MOST: Final = 25
# Of events that nothing was said of for as long as bars reach, the newest words are sought in this many.
_OLDER: Final = 4 * MOST
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Item(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One event of a feed."""

    event: Incident | Maintenance
    zone: ZoneInfo

    @cached_property
    def at(self) -> dt.datetime:
        """When it was last spoken of; of a maintenance to come when it begins."""
        planned = self.planned
        return _instant(planned.scheduled_for if planned else self.event.incident_updates[0].display_at)

    @property
    def planned(self) -> Maintenance | None:
        """The event if it is a maintenance that is still to come."""
        return self.event if isinstance(self.event, Maintenance) and self.event.status == "scheduled" else None

    @property
    def html(self) -> str:
        """What its body says."""
        return (_announcement(self.planned, self.zone) if self.planned else "") + "".join(_paragraphs(self))


def outputs(desk: Desk) -> Iterator[Output]:
    """Yield both feeds."""
    events = _candidates(desk)
    facts = msgspec.msgpack.encode((desk.updated_at, len(desk.context.board.upcoming)))
    key = digest(desk.context.layout, facts, *(desk.key(event) for event in events))
    yield Output(urls.STATUSPAGE_ATOM, key, partial(_atom, desk, events), rank=2)
    yield Output(urls.STATUSPAGE_RSS, key, partial(_rss, desk, events), rank=2)


def _candidates(desk: Desk) -> list[str]:
    """Return events among which those of the feed are, each once."""
    board = desk.context.board
    upcoming = board.upcoming[-MOST:]
    set_apart = {*board.upcoming, *board.changed_at_by_event}
    found = _spoken_of(desk)
    if len(found) < MOST:
        begun = chain.from_iterable(month.events for month in board.months)
        older = (event for event in begun if event not in set_apart and board.phases[event].kind != "notice")
        found += islice(older, _OLDER)
    return [*upcoming, *found]


def _spoken_of(desk: Desk) -> list[str]:
    """Return what changed during the days of the bars, until none of the rest can have been spoken of later.

    An edit is a change, but the item keeps its date.
    """
    board = desk.context.board
    said_at: dict[str, dt.datetime] = {}
    for event, changed_at in board.changed_at_by_event.items():
        if sum(at >= changed_at for at in said_at.values()) >= MOST:
            break
        if event not in board.upcoming and board.phases[event].kind != "notice":
            view = board.events[event]
            said_at[event] = max([view.updated_at, *(turn.at for turn in view.turns[:1])])
    return [*said_at]


def _items(desk: Desk, events: Sequence[str]) -> list[Item]:
    views = [desk.context.board.events[event] for event in events]
    told = [maintenance(desk, view, ()) if view.kind == "maintenance" else incident(desk, view, ()) for view in views]
    items = [Item(event=one, zone=desk.translator.zone) for one in told]
    items.sort(key=lambda item: (item.at, item.event.id), reverse=True)
    return items[:MOST]


def _atom(desk: Desk, events: Sequence[str]) -> bytes:
    settings = desk.context.site.settings
    host = urls.host(settings.url or "") or "localhost"
    root = element(
        "feed",
        element("id", f"tag:{host},2005:{urls.base_path(settings.url)}history"),
        element("link", rel="alternate", type=media_types.HTML, href=desk.root_url),
        element("link", rel="self", type=media_types.ATOM, href=desk.context.public(urls.STATUSPAGE_ATOM)),
        element("title", _title(desk)),
        element("updated", _seconds(desk.updated_at)),
        element("author", element("name", desk.page_name)),
        *(_entry(item, host) for item in _items(desk, events)),
        xml__lang="en-US",
        xmlns=ATOM,
    )
    return document(root)


def _entry(item: Item, host: str) -> Markup:
    return element(
        "entry",
        element("id", f"tag:{host},2005:Incident/{item.event.id}"),
        element("published", _seconds(item.at)),
        element("updated", _seconds(_instant(item.event.updated_at))),
        element("link", rel="alternate", type=media_types.HTML, href=item.event.shortlink),
        element("title", item.event.name),
        element("content", item.html, type="html"),
    )


def _rss(desk: Desk, events: Sequence[str]) -> bytes:
    channel = element(
        "channel",
        element("title", _title(desk)),
        element("link", desk.root_url),
        element("description", "Statuspage"),
        element("pubDate", _rfc822(desk.updated_at, desk.translator.zone)),
        *(_rss_item(item) for item in _items(desk, events)),
    )
    return document(element("rss", channel, version="2.0", xmlns__dc=DUBLIN_CORE))


def _rss_item(item: Item) -> Markup:
    planned = item.planned
    ends = [element("maintenanceEndDate", _rfc822(_instant(planned.scheduled_until), item.zone))] if planned else []
    return element(
        "item",
        element("title", item.event.name),
        element("description", f"\n{item.html}    "),
        element("pubDate", _rfc822(item.at, item.zone)),
        *ends,
        element("link", item.event.shortlink),
        element("guid", item.event.shortlink),
    )


def _title(desk: Desk) -> str:
    return f"{desk.page_name} Status - Incident History"


def _announcement(planned: Maintenance, zone: ZoneInfo) -> str:
    start = _instant(planned.scheduled_for).astimezone(zone)
    end = _instant(planned.scheduled_until).astimezone(zone)
    until = _time(end) if end.date() == start.date() else f"{_day(end)}, {_time(end)}"
    when = f"{_day(start)}, {_time(start)} - {until} {abbreviation(end)}"
    return f"<p><strong>THIS IS A SCHEDULED EVENT {when}</strong></p>"


def _paragraphs(item: Item) -> Iterator[str]:
    updates: Sequence[IncidentUpdate | MaintenanceUpdate] = item.event.incident_updates
    for update, older in zip_longest(updates, updates[1:]):
        at = _instant(update.display_at).astimezone(item.zone)
        is_same = older is not None and older.status == update.status
        label = "Update" if is_same else update.status.replace("_", " ").capitalize()
        when = f"{_day(at)}, {_time(at)} {abbreviation(at)}"
        yield f"<p><small>{when}</small><br><strong>{label}</strong> - {update.body}</p>"


def _day(local: dt.datetime) -> str:
    return f"{_MONTHS[local.month - 1]} <var data-var='date'>{local.day:>2}</var>"


def _time(local: dt.datetime) -> str:
    return f"<var data-var='time'>{local:%H:%M}</var>"


def _instant(date: str) -> dt.datetime:
    return dt.datetime.fromisoformat(date)


def _seconds(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def _rfc822(at: dt.datetime, zone: ZoneInfo) -> str:
    return format_datetime(at.astimezone(zone))
