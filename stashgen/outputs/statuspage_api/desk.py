"""What all files of the API share, prepared once a build: ids, the page, dates, and keys that tell what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property

import msgspec

from stashgen import identity, urls
from stashgen.documents.statuspage import Page
from stashgen.i18n import Translator
from stashgen.memo import digest
from stashgen.model import Group, Service, StatuspageWord
from stashgen.outputs.context import Context
from stashgen.outputs.statuspage_api.words import word


class Desk(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Knows how this page is told in Statuspage's words."""

    context: Context

    @property
    def translator(self) -> Translator:
        """Words in the site's language."""
        return self.context.translator

    @cached_property
    def page_id(self) -> str:
        """Id of the page."""
        return identity.statuspage_page_id(self.context.site.settings)

    @cached_property
    def page_name(self) -> str:
        """Name of the page, without a `Status` at its end."""
        return identity.statuspage_name(self.context.site.settings.title)

    @cached_property
    def component_ids(self) -> Mapping[str, str]:
        """Id of each visible service's component."""
        services = self.context.board.services.items()
        return {name: _id(identity.COMPONENT, name, view.record) for name, view in services}

    @cached_property
    def group_ids(self) -> Mapping[str, str]:
        """Id of each group's component."""
        groups = self.context.site.groups.items()
        return {name: _id(identity.GROUP, name, group) for name, group in groups}

    @cached_property
    def words(self) -> Mapping[str, StatuspageWord]:
        """Statuspage's word for each status."""
        return {name: word(status) for name, status in self.context.board.statuses.items()}

    @cached_property
    def root_url(self) -> str:
        """URL of the page with a slash at its end."""
        return self.context.public(urls.DASHBOARD)

    def event_id(self, event: str) -> str:
        """Return the id of an incident or maintenance."""
        known = self._event_ids.get(event)
        if known is None:
            label = self.context.site.label_by_event[event]
            known = self._event_ids[event] = identity.statuspage_id(identity.INCIDENT, event, label.external_id)
        return known

    @cached_property
    def _event_ids(self) -> dict[str, str]:
        return {}

    def event_url(self, event: str) -> str:
        """Return the address of an event's page."""
        return self.context.public(urls.event_page(event))

    def page(self, updated_at: str) -> Page:
        """Return what page this is, as of its last change."""
        settings = self.context.site.settings
        return Page(
            id=self.page_id,
            name=self.page_name,
            url=(settings.url or "").rstrip("/"),
            time_zone=settings.timezone,
            updated_at=updated_at,
        )

    @cached_property
    def updated_at(self) -> dt.datetime:
        """When anything changed last, which may be that the data of a service began; now while there are none."""
        board = self.context.board
        begun = (self.since_at(service) for service in board.services)
        return max((at for at in (board.updated_at, *begun) if at is not None), default=board.now)

    @cached_property
    def service_facts(self) -> Mapping[str, bytes]:
        """Digest of what a file of the past says of each service, beyond the service's own record."""
        services, groups = self.context.board.services, self.context.site.groups
        return {
            name: digest(msgspec.msgpack.encode((self.since_at(name), groups.get(view.record.group or ""))))
            for name, view in services.items()
        }

    def since_at(self, service: str) -> dt.datetime | None:
        """Return from when on there is data of a service; None: nobody can tell yet."""
        view, settings = self.context.board.services[service], self.context.site.settings
        since_at = view.record.since or settings.since or view.since_at
        return since_at.astimezone(dt.UTC) if since_at else None

    def key(self, event: str) -> bytes:
        """Return what tells whether an event's record of the past has changed."""
        services = self.context.board.phases[event].services
        facts = [self.service_facts[service] for service in services]
        # All parts are of one length, so they need no borders.
        return digest(b"".join((self.context.layout, self.context.key_by_event[event], *facts)))


def date(at: dt.datetime) -> str:
    """Return an instant in UTC with exactly three digits of a fraction."""
    return f"{at.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def _id(kind: str, name: str, record: Service | Group) -> str:
    return identity.statuspage_id(kind, identity.first_id(name, record.aliases), record.external_id)
