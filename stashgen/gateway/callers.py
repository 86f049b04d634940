"""Who calls: a name, what it may do, and which services it may speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from stashgen.gateway.config import Scope
from stashgen.intents import AddUpdate, Intent, OpenIncident, PostNotice, ScheduleMaintenance, SetStatus
from stashgen.model import Event, Group, Service
from stashgen.repository import Plan
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


def objection(caller: Caller, plan: Plan, intent: Intent) -> str:
    """Return why a caller may not make a change, "" if it may: it must touch nothing but the caller's services.

    Looked at is what the change makes of the files, however the intent was worded: an event that speaks of another
    service too is not the caller's. What touches no service at all, such as a notice for everybody or another name of
    a group, is for callers without a limit.
    """
    if caller.services is None:
        return ""
    known = plan.before.services
    touched = {current(name, known) for name in _named(intent)}
    for path in plan.change.files:
        services = _touched(plan, path)
        if not services:
            return f"{quoted(caller.name)} is limited to some services, and this would speak for all of them"
        touched |= services
    beyond = sorted(touched - {current(name, known) for name in caller.services})
    return f"{quoted(caller.name)} may not speak of {', '.join(map(quoted, beyond))}" if beyond else ""


def current(name: str, known: Mapping[str, Service | Group]) -> str:
    """Return the id that a service or group has now, by that one or one that it had before."""
    return name if name in known else next((one for one, record in known.items() if name in record.aliases), name)


def _touched(plan: Plan, path: str) -> set[str]:
    """Return the services that a changed file is about; none for what is about the page as a whole."""
    folder, _, name = path.removesuffix(".yaml").partition("/")
    name = name.rpartition("/")[2]
    if folder == "services":
        return {name}
    if folder != "events":
        return set()
    versions = (plan.before.events.get(name), plan.after.events.get(name))
    return {service for version in versions if version is not None for service in _services_of(version)}


def _services_of(event: Event) -> Iterator[str]:
    """Yield every service that an event has ever spoken of."""
    yield from event.services
    for update in event.updates:
        yield from update.services
    for alert in event.signals.values():
        yield from alert.services


def _named(intent: Intent) -> Iterator[str]:
    # What an intent names counts even if nothing would change: a refusal must not depend on that.
    match intent:
        case OpenIncident() | ScheduleMaintenance() | PostNotice() | AddUpdate():
            yield from intent.services
        case SetStatus():
            yield intent.service
