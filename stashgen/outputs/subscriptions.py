"""What can be subscribed to: feeds and calendars of the site, of its groups and of its services, and their names.

The pages link to them, the books `feeds` and `calendars` write them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from stashgen import urls
from stashgen.derive.board import GroupView
from stashgen.documents.resources import TYPE_BY_FEED_FORMAT
from stashgen.identity import statuspage_name
from stashgen.media_types import ATOM, CALENDAR, RSS
from stashgen.outputs.context import Context
from stashgen.urls import FeedKind


class Channel(NamedTuple):
    """The site, a group or a service as something of which there is news."""

    folder: str  # below which its feeds lie
    page: str
    name: str | None  # None: the site's own
    services: tuple[str, ...] | None  # None: all there are
    service: str | None = None  # its id, for a service


class Subscription(NamedTuple):
    """A feed or a calendar: its path in the output, its media type, its name."""

    path: str
    type: str
    title: str


SITE: Final = Channel("feeds", urls.DASHBOARD, None, None)


def service_channel(context: Context, service: str) -> Channel:
    """Return the channel of a service."""
    page = urls.service_page(service)
    return Channel(f"services/{service}", page, context.board.services[service].record.name, (service,), service)


def group_channel(group: GroupView) -> Channel | None:
    """Return the channel of a group; None for the services without one."""
    if group.id is None or group.record is None:
        return None
    return Channel(f"groups/{group.id}", urls.group_page(group.id), group.record.name, group.services)


def channels(context: Context) -> Iterator[Channel]:
    """Yield the site, every group and every service."""
    yield SITE
    for group in context.board.groups:
        channel = group_channel(group)
        if channel is not None:
            yield channel
    for service in context.board.services:
        yield service_channel(context, service)


def full_name(context: Context, channel: Channel) -> str:
    """Return what a channel is called among those of other sites."""
    title = context.board.settings.title
    return title if channel.name is None else context.translator.text("page.title", page=channel.name, site=title)


def feed_title(context: Context, channel: Channel, kind: FeedKind) -> str:
    """Return the name of a channel's feed."""
    return context.translator.text(f"feed.{kind}", name=full_name(context, channel))


def calendar_title(context: Context, channel: Channel, calendar: str) -> str:
    """Return the name of a channel's CALENDAR or INCIDENT_CALENDAR."""
    key = "feed.calendar" if calendar == urls.CALENDAR else "feed.incidents"
    return context.translator.text(key, name=full_name(context, channel))


def has_calendars(channel: Channel) -> bool:
    """Tell whether there are calendars of a channel: the site and the services have them."""
    return channel is SITE or channel.service is not None


def calendar_path(channel: Channel, calendar: str) -> str:
    """Return the path of CALENDAR or INCIDENT_CALENDAR of the site or a service."""
    return urls.service_calendar(channel.service, calendar) if channel.service else calendar


def subscriptions(context: Context, channel: Channel) -> Iterator[Subscription]:
    """Yield what a page announces of a channel, what most readers want first; only what the site has."""
    if context.has("feeds"):
        title = feed_title(context, channel, "updates")
        for form, media_type in TYPE_BY_FEED_FORMAT.items():
            yield Subscription(urls.feed(channel.folder, "updates", form), media_type, title)
        path = urls.feed(channel.folder, "events", "atom")
        yield Subscription(path, ATOM, feed_title(context, channel, "events"))
    if channel is SITE and context.has("statuspage-api"):
        yield from _statuspage(context)
    if context.has("calendars") and has_calendars(channel):
        for calendar in (urls.CALENDAR, urls.INCIDENT_CALENDAR):
            title = calendar_title(context, channel, calendar)
            yield Subscription(calendar_path(channel, calendar), CALENDAR, title)


def _statuspage(context: Context) -> Iterator[Subscription]:
    # In Statuspage's own words, which the name of a page there goes before.
    name = f"{statuspage_name(context.board.settings.title)} Status"
    yield Subscription(urls.STATUSPAGE_ATOM, ATOM, f"{name} History - Atom Feed")
    yield Subscription(urls.STATUSPAGE_RSS, RSS, f"{name} History - RSS Feed")
