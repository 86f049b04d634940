"""The board's services, statuses, groups and posts as the records of Stashboard's API below one of its bases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from email.utils import format_datetime
from functools import cached_property
from typing import Final

import msgspec

from stashgen import urls
from stashgen.documents.stashboard import (
    StashboardEvent,
    StashboardEvents,
    StashboardImage,
    StashboardImages,
    StashboardLevel,
    StashboardList,
    StashboardLists,
    StashboardService,
    StashboardServices,
    StashboardStatus,
    StashboardStatuses,
)
from stashgen.model import Group, Level
from stashgen.outputs.context import Context
from stashgen.outputs.stashboard_api.images import images, status_image
from stashgen.outputs.stashboard_api.posts import Journal, Post

# Old clients know four levels. A service under maintenance does not work as always, so they shall say so.
_LEVEL_BY_LEVEL: Final[Mapping[Level, StashboardLevel]] = {
    Level.NORMAL: "NORMAL",
    Level.MAINTENANCE: "WARNING",
    Level.WARNING: "WARNING",
    Level.ERROR: "ERROR",
    Level.CRITICAL: "CRITICAL",
}


class Tree(msgspec.Struct, frozen=True, dict=True):
    """The API below one base: both bases say the same, and each links to itself."""

    base: str
    journal: Journal

    @property
    def context(self) -> Context:
        """What the site is made of."""
        return self.journal.context

    def url(self, resource: str) -> str:
        """Return the URL of a resource as Stashboard wrote it: without a suffix."""
        return self.context.public(f"{self.base}/{resource}")

    @cached_property
    def status_by_id(self) -> Mapping[str, StashboardStatus]:
        """All statuses, by name."""
        board, words = self.context.board, self.context.translator
        statuses = [
            StashboardStatus(
                name=words.status_name(name, status),
                id=name,
                description=words.status_description(name, status),
                url=self.url(f"statuses/{name}"),
                image=self.context.public(status_image(self.context, name)),
                level=_LEVEL_BY_LEVEL[status.level],
                default=name == board.default_status,
            )
            for name, status in board.statuses.items()
        ]
        return {status.id: status for status in sorted(statuses, key=lambda status: (status.name, status.id))}

    @cached_property
    def list_by_id(self) -> Mapping[str, StashboardList]:
        """All groups that have a service to show, or none yet, by name."""
        lists = [self._list(name, group) for name, group in listed_groups(self.context).items()]
        return {of.id: of for of in sorted(lists, key=lambda of: (of.name, of.id))}

    def statuses(self) -> StashboardStatuses:
        """Return all statuses."""
        return StashboardStatuses(statuses=tuple(self.status_by_id.values()))

    def lists(self) -> StashboardLists:
        """Return all groups."""
        return StashboardLists(lists=tuple(self.list_by_id.values()))

    def images(self) -> StashboardImages:
        """Return all pictures."""
        found = [
            StashboardImage(name=image.name, icon_set=image.icon_set, url=self.context.public(image.path))
            for image in images(self.context)
        ]
        return StashboardImages(images=tuple(found))

    def services(self) -> StashboardServices:
        """Return all services, by name."""
        services = map(self.service, self.context.board.services)
        return StashboardServices(services=tuple(sorted(services, key=lambda service: (service.name, service.id))))

    def service(self, service: str) -> StashboardService:
        """Return one service."""
        record = self.context.board.services[service].record
        current = self.journal.current(service)
        return StashboardService(
            name=record.name,
            id=service,
            description=record.description,
            url=self.url(f"services/{service}"),
            current_event=None if current is None else self.event(current),
            member_of=self.list_by_id.get(record.group or ""),
        )

    def events(self, posts: Iterable[Post]) -> StashboardEvents:
        """Return some posts."""
        return StashboardEvents(events=tuple(map(self.event, posts)))

    def event(self, post: Post) -> StashboardEvent:
        """Return one post."""
        return StashboardEvent(
            sid=post.sid,
            timestamp=timestamp(post.at),
            message=self.journal.message(post),
            url=self.url(f"services/{post.service}/events/{post.sid}"),
            status=self.status_by_id[post.status],
            informational=post.is_informational,
        )

    def _list(self, name: str, group: Group) -> StashboardList:
        url = self.url(f"service-lists/{name}")
        return StashboardList(name=group.name, id=name, description=group.description, url=url)


def listed_groups(context: Context) -> Mapping[str, Group]:
    """Return the groups that are told of: not those of hidden services alone."""
    shown = {service.record.group for service in context.board.services.values()}
    taken = {service.group for service in context.site.services.values()}
    return {name: group for name, group in context.site.groups.items() if name in shown or name not in taken}


def timestamp(at: dt.datetime) -> str:
    """Return an instant in UTC as RFC 1123 writes it, such as `Sat, 05 Mar 2011 09:07:00 GMT`."""
    return format_datetime(at.replace(tzinfo=dt.UTC), usegmt=True)


def trees(journal: Journal) -> tuple[Tree, Tree]:
    """Return the API below both of its bases; the public one first."""
    return Tree(urls.STASHBOARD, journal), Tree(urls.STASHBOARD_ADMIN, journal)
