"""Who calls: a name, what it may do, and which services it may speak of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

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
    RetractUpdate,
    ScheduleMaintenance,
    SetStatus,
)
from stashgen.model import Event, Group, Service, Site
from stashgen.repository import Plan
from stashgen.text import quoted

Subject = frozenset[str]  # services; without any it is the page as a whole


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, by the name of the token or secret, and what that one may do."""

    name: str
    scopes: frozenset[Scope]
    services: frozenset[str] | None = None  # None: all

    def may(self, scope: Scope) -> bool:
        """Return whether the caller has a scope; `admin` holds all others."""
        return scope in self.scopes or "admin" in self.scopes


NOBODY = Caller(name="", scopes=frozenset())


def objection(caller: Caller, site: Site, subjects: Iterable[Subject]) -> str:
    """Return why a caller may not speak of some subjects, "" if it may: all must be its own services."""
    if caller.services is None:
        return ""
    named = list(subjects)
    if not all(named):
        return f"{quoted(caller.name)} is limited to some services, and this would speak for all of them"
    own = {current(name, site.services) for name in caller.services}
    beyond = {current(name, site.services) for name in frozenset[str]().union(*named)} - own
    return f"{quoted(caller.name)} may not speak of {', '.join(map(quoted, sorted(beyond)))}" if beyond else ""


def aims(intent: Intent, site: Site) -> Iterator[Subject]:
    """Yield what an intent is about, whatever comes of it: neither a refusal nor an answer may depend on more."""
    match intent:
        case OpenIncident() | ScheduleMaintenance() | PostNotice():
            yield frozenset(intent.services)
        case SetStatus():
            yield frozenset({intent.service})
        case AddUpdate() | EditEvent() | RetractUpdate() | RemoveEvent():
            if intent.event in site.events:
                yield _services_of(site.events[intent.event])
            if isinstance(intent, AddUpdate) and intent.services:
                yield frozenset(intent.services)
        case AddRecord() | EditRecord() | RemoveRecord():
            yield frozenset({intent.id}) if intent.kind == "service" else frozenset()


def touched(plan: Plan) -> Iterator[Subject]:
    """Yield what a change is about, by the files that it makes other ones, however the intent was worded."""
    for path in plan.change.files:
        folder, _, name = path.removesuffix(".yaml").partition("/")
        name = name.rpartition("/")[2]
        if folder == "events":
            versions = (plan.before.events.get(name), plan.after.events.get(name))
            yield from (_services_of(version) for version in versions if version is not None)
        else:
            yield frozenset({name}) if folder == "services" else frozenset()


def current(name: str, known: Mapping[str, Service | Group]) -> str:
    """Return the id that a service or group has now, by that one or one that it had before."""
    return name if name in known else next((one for one, record in known.items() if name in record.aliases), name)


def _services_of(event: Event) -> Subject:
    """Return every service that an event has ever spoken of."""
    told = (name for part in (event.updates, event.signals.values()) for one in part for name in one.services)
    return frozenset({*event.services, *told})
