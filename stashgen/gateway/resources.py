"""What the own API answers: the records of the page's JSON files, with what a writer needs beside it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import Meta

from stashgen.documents.event import EventDocument, Said
from stashgen.model import Group, Level, Service, Status


# fmt: off
class UpdateResource(Said, frozen=True, kw_only=True):
    """One update, with its name in addresses and its words as they were written."""

    id: Annotated[str, Meta(description="Its name within the event: the instant at which it was said.")]
    message: Annotated[str, Meta(description="The message in Markdown.")]


class EventResource(EventDocument, frozen=True, kw_only=True):
    """One event, with all that can be changed of it."""

    updates: Annotated[tuple[UpdateResource, ...], Meta(description="What was said, newest first.")]
    postmortem: Annotated[str | None, Meta(description="The postmortem in Markdown.")]
    source: Annotated[str | None, Meta(description="The system it came from.")]
    external_id: Annotated[str | None, Meta(description="Its id there.")]
    until: Annotated[dt.datetime | None, Meta(description="Notice: when it ends.")]
    pinned: Annotated[bool, Meta(description="Notice: it is kept at the top of the page.")]


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some events, newest first."""

    items: Annotated[tuple[EventResource, ...], Meta(description="The events.")]
    next: Annotated[str | None, Meta(description="Where the next ones are, relative to the host; null: there are none.")]


class ServiceResource(Service, frozen=True, kw_only=True, omit_defaults=False):
    """One service: its settings, and its status now."""

    id: Annotated[str, Meta(description="Stable id.")]
    status: Annotated[str, Meta(description="Id of its status.")]
    level: Annotated[Level, Meta(description="Severity of its status.")]
    status_since_at: Annotated[dt.datetime | None, Meta(description="Since when; null: for as long as there is data, or nobody is told since it is hidden.")]
    event: Annotated[str | None, Meta(description="The event that holds it there.")]


class ServicePage(msgspec.Struct, frozen=True, kw_only=True):
    """All services, in the order of the page; hidden ones last."""

    items: Annotated[tuple[ServiceResource, ...], Meta(description="The services.")]


class GroupResource(Group, frozen=True, kw_only=True, omit_defaults=False):
    """One group."""

    id: Annotated[str, Meta(description="Stable id.")]


class GroupPage(msgspec.Struct, frozen=True, kw_only=True):
    """All groups."""

    items: Annotated[tuple[GroupResource, ...], Meta(description="The groups.")]


class StatusResource(Status, frozen=True, kw_only=True, omit_defaults=False):
    """One status that a service can be in."""

    id: Annotated[str, Meta(description="Stable id.")]


class StatusPage(msgspec.Struct, frozen=True, kw_only=True):
    """All statuses, the built-in ones too."""

    items: Annotated[tuple[StatusResource, ...], Meta(description="The statuses.")]


class StatusOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a service's status."""

    service: Annotated[str, Meta(description="Id of the service.")]
    status: Annotated[str, Meta(description="Id of its status now.")]
    level: Annotated[Level, Meta(description="Severity of its status.")]
    event: Annotated[str | None, Meta(description="The event that was opened, updated or closed for it; null: nothing had to be done.")]
    changed: Annotated[bool, Meta(description="False: nothing had to be done.")]
# fmt: on
