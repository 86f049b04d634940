"""What notifications.yaml must keep to among the other records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from stashgen.check.event_rules import meant_id
from stashgen.check.site_rules import Place, Scope
from stashgen.errors import Field, Finding
from stashgen.model import NotificationChannel, Site
from stashgen.text import quoted

_FILE: Final = "notifications.yaml"


def names(site: Site, _scope: Scope) -> Iterator[Place]:
    """No two channels share a name: who was told is kept under it."""
    seen: set[str] = set()
    for place, channel in enumerate(site.notifications.channels):
        if channel.name in seen:
            message = f"another channel has the name {quoted(channel.name)}: give this one another"
            yield _FILE, Finding(("channels", place, "name"), message)
        seen.add(channel.name)


def services(site: Site, scope: Scope) -> Iterator[Place]:
    """Every service exists."""
    for field, service in _said(site, "services"):
        if service not in site.services and service not in scope.broken["services"]:
            message = f"there is no service {quoted(service)}{meant_id(service, site.services, 'services')}"
            yield _FILE, Finding(field, message)


def groups(site: Site, scope: Scope) -> Iterator[Place]:
    """Every group exists."""
    for field, group in _said(site, "groups"):
        if group not in site.groups and group not in scope.broken["groups"]:
            message = f"there is no group {quoted(group)}{meant_id(group, site.groups, 'groups')}"
            yield _FILE, Finding(field, message)


def reached(site: Site, _scope: Scope) -> Iterator[Place]:
    """Some event fits a channel."""
    for place, channel in enumerate(site.notifications.channels):
        message = _unreached(channel)
        if message:
            yield _FILE, Finding(("channels", place, "level"), message, severity="warning")


def _unreached(channel: NotificationChannel) -> str:
    rank = channel.level.rank if channel.level is not None else 0
    if rank and channel.kinds == ("notice",):
        return "a notice has no level above NORMAL, so that nothing is ever sent: delete the line"
    return ""


def _said(site: Site, name: str) -> Iterator[tuple[Field, str]]:
    for place, channel in enumerate(site.notifications.channels):
        for index, one in enumerate(getattr(channel, name)):
            yield ("channels", place, name, index), one


RULES: Final[tuple[Callable[[Site, Scope], Iterator[Place]], ...]] = (names, services, groups, reached)


def findings(site: Site, scope: Scope) -> Iterable[Place]:
    """Yield what all rules find."""
    for rule in RULES:
        yield from rule(site, scope)
