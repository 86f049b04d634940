"""Which channels an item goes to."""

from __future__ import annotations

from stashgen.model import NotificationChannel, Site
from stashgen.news.items import Item
from stashgen.outputs.context import Context


def owed(context: Context, item: Item) -> list[str]:
    """Return the names of the channels that want an item."""
    return [channel.name for channel in context.site.notifications.channels if _wants(channel, context, item)]


def _wants(channel: NotificationChannel, context: Context, item: Item) -> bool:
    event = context.board.events[item.event]
    return (
        (not channel.news or not set(channel.news).isdisjoint(item.tags))
        and (not channel.kinds or event.kind in channel.kinds)
        and (channel.level is None or event.level.rank >= channel.level.rank)
        and _is_about(channel, context.site, {one.service for one in event.affected})
    )


def _is_about(channel: NotificationChannel, site: Site, services: set[str]) -> bool:
    if not channel.services and not channel.groups:
        return True
    groups = {site.services[service].group for service in services}
    return not services.isdisjoint(channel.services) or not groups.isdisjoint(channel.groups)
