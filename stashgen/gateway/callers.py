"""Who calls: a name, what it may do, and which services it may speak of."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from stashgen.automation import touched
from stashgen.gateway.config import Scope
from stashgen.intents import (
    AddRecord,
    AddUpdate,
    EditEvent,
    EditRecord,
    Intent,
    OpenIncident,
    PostNotice,
    RemoveEvent,
    RemoveRecord,
    Report,
    RetractUpdate,
    ScheduleMaintenance,
    SetStatus,
)
from stashgen.model import Event, Site
from stashgen.text import quoted


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, by the name of the token or secret, and what that one may do."""

    name: str
    scopes: frozenset[Scope]
    services: frozenset[str] | None = None  # None: all

    def may(self, scope: Scope) -> bool:
        """Return whether the caller has a scope; `admin` holds all others."""
        return scope in self.scopes or "admin" in self.scopes


NOBODY = Caller(name="", scopes=frozenset())


def objection(caller: Caller, site: Site, intent: Intent) -> str:
    """Return why a caller may not make a change, "" if it may: it must touch nothing but the caller's services.

    What touches no service at all, such as a notice for everybody or another name of a group, is for callers without
    a limit.
    """
    if caller.services is None:
        return ""
    touched = set(_touched(site, intent))
    if not touched:
        return f"{quoted(caller.name)} is limited to some services, and this would speak for all of them"
    beyond = sorted(touched - caller.services)
    return f"{quoted(caller.name)} may not speak of {', '.join(map(quoted, beyond))}" if beyond else ""


def _touched(site: Site, intent: Intent) -> Iterator[str]:
    match intent:
        case OpenIncident() | ScheduleMaintenance() | PostNotice():
            yield from intent.services
            yield from _known_by(site, intent.external_id)
        case AddUpdate() | EditEvent() | RetractUpdate() | RemoveEvent():
            yield from _of_event(site, intent.event)
            yield from _named(intent)
        case SetStatus():
            yield intent.service
        case AddRecord() | EditRecord() | RemoveRecord():
            yield from _of_record(intent)
        case Report():
            yield from touched(site, intent.signals)


def _named(intent: AddUpdate | EditEvent | RetractUpdate | RemoveEvent) -> Iterator[str]:
    if isinstance(intent, AddUpdate):
        yield from intent.services
    if isinstance(intent, EditEvent):
        for fields in (intent.fields, intent.update_fields):
            yield from fields.get("services") or ()
            for alert in (fields.get("signals") or {}).values():
                yield from alert.get("services") or ()
    if isinstance(intent, RetractUpdate) and intent.service is not None:
        yield intent.service


def _known_by(site: Site, external_id: str | None) -> Iterator[str]:
    """Yield the services of events that have an id already: opening one more would update them instead."""
    if external_id is not None:
        for event in site.events.values():
            if event.external_id == external_id:
                yield from services_of(event)


def _of_event(site: Site, event: str) -> Iterator[str]:
    record = site.events.get(event)
    if record is not None:
        yield from services_of(record)


def services_of(event: Event) -> Iterator[str]:
    """Yield every service that an event has ever spoken of."""
    yield from event.services
    for update in event.updates:
        yield from update.services
    for alert in event.signals.values():
        yield from alert.services


def _of_record(intent: AddRecord | EditRecord | RemoveRecord) -> Iterator[str]:
    # Groups, statuses and templates belong to nobody: a caller with a limit leaves them alone.
    if intent.kind == "service":
        yield intent.id
        if isinstance(intent, EditRecord) and intent.new_id is not None:
            yield intent.new_id
