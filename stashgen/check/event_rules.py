"""What a single event must keep to. A rule sees the event without its texts and yields findings about its fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from stashgen.errors import Field, Finding
from stashgen.model import CLOSING_STATES, INCIDENT_STATES, MAINTENANCE_STATES, Event, Group, Service, Status
from stashgen.text import did_you_mean, listed, nearest, quoted, slug


class Scope(NamedTuple):
    """What an event's rules may know of the site."""

    statuses: Mapping[str, Status]
    broken: frozenset[str]  # ids of statuses whose file has errors
    default_status: str


Rule = Callable[[Event, Scope], Iterator[Finding]]

_STATES_BY_KIND: Final = {"incident": INCIDENT_STATES, "maintenance": MAINTENANCE_STATES, "notice": ()}
# The word that the other kind has for the same thing.
_COUNTERPARTS: Final = {
    "investigating": "in-progress", "identified": "in-progress", "monitoring": "verifying", "resolved": "completed",
    "scheduled": "investigating", "in-progress": "identified", "verifying": "monitoring", "completed": "resolved",
    "cancelled": "resolved",
}  # fmt: skip


def window(event: Event, _scope: Scope) -> Iterator[Finding]:
    """A maintenance has a window, nothing else has, and the window ends after it starts."""
    if event.kind == "maintenance" and event.planned is None:
        yield Finding(("planned",), "is missing: a maintenance says when, `planned: {start: ..., end: ...}`")
    elif event.kind != "maintenance" and event.planned is not None:
        yield Finding(("planned",), _unplanned(event), is_key=True)
    elif event.planned is not None and event.planned.end <= event.planned.start:
        yield Finding(("planned", "end"), f"is not after the start ({_at(event.planned.start)})")


def new_windows(event: Event, _scope: Scope) -> Iterator[Finding]:
    """A change of plan leaves the end after the start, and only a maintenance has plans."""
    start, end = (event.planned.start, event.planned.end) if event.planned else (None, None)
    for index, update in enumerate(event.updates):
        if update.planned is None:
            continue
        field: Field = ("updates", index, "planned")
        if event.kind != "maintenance":
            yield Finding(field, _unplanned(event), is_key=True)
            continue
        start, end = update.planned.start or start, update.planned.end or end
        if update.planned.start is None and update.planned.end is None:
            yield Finding(field, "says neither a new start nor a new end")
        elif start is not None and end is not None and end <= start:
            part, other = ("end", f"start ({_at(start)})") if update.planned.end else ("start", f"end ({_at(end)})")
            yield Finding(
                (*field, part), f"leaves the maintenance with an end that is not after its start: see the {other}"
            )


def states(event: Event, _scope: Scope) -> Iterator[Finding]:
    """A state is one of the event's kind; a notice has none."""
    allowed = _STATES_BY_KIND[event.kind]
    for index, update in enumerate(event.updates):
        if update.state is None or update.state in allowed:
            continue
        field: Field = ("updates", index, "state")
        if not allowed:
            yield Finding(field, "a notice has no state: delete it, or give the event another `kind`", is_key=True)
            continue
        counterpart = _COUNTERPARTS.get(update.state)
        hint = f" (did you mean `{counterpart}`?)" if counterpart in allowed else ""
        yield Finding(field, f"{quoted(update.state)} is no state of {_a(event.kind)}{hint}: {listed(allowed)}")


def start_services(event: Event, _scope: Scope) -> Iterator[Finding]:
    """An incident says which status its services have; a list names a service once."""
    if isinstance(event.services, Mapping):
        return
    if event.kind == "incident" and event.services:
        example = f"`services: {{{event.services[0]}: down}}`"
        yield Finding(("services",), f"an incident says which status each service has: write {example}")
    for index, service in enumerate(event.services):
        if service in event.services[:index]:
            yield Finding(("services", index), f"{quoted(service)} stands twice: keep one", severity="warning")


def notices(event: Event, scope: Scope) -> Iterator[Finding]:
    """Only a notice is pinned or ends by `until`, and it never changes a status."""
    if event.kind != "notice":
        if event.pinned:
            yield Finding(("pinned",), f"only a notice is pinned, and this is {_a(event.kind)}: delete it", is_key=True)
        if event.until is not None:
            yield Finding(
                ("until",), f"only a notice has `until`, and this is {_a(event.kind)}: delete it", is_key=True
            )
        return
    if event.until is not None and event.until <= event.updates[0].at:
        yield Finding(("until",), f"is not after the first update ({_at(event.updates[0].at)})")
    for field, status in statuses_said(event):
        if status != scope.default_status:
            yield Finding(field, "a notice never changes a status: list its services as `services: [a, b]`")


def known_statuses(event: Event, scope: Scope) -> Iterator[Finding]:
    """Every status exists."""
    for field, status in statuses_said(event):
        if status not in scope.statuses and status not in scope.broken:
            yield Finding(field, f"there is no status {quoted(status)}{meant_status(status, scope.statuses)}")


def times(event: Event, _scope: Scope) -> Iterator[Finding]:
    """Updates stand in the order of their times."""
    instants = [update.at for update in event.updates]
    if len(instants) > 2 and all(later < earlier for earlier, later in pairwise(instants)):
        yield Finding(("updates",), "times out of order: the newest update stands first, and the oldest must")
        return
    newest = instants[0]
    for index, at in enumerate(instants):
        if at < newest:
            yield Finding(("updates", index, "at"), f"times out of order: an update above it is later ({_at(newest)})")
        newest = max(newest, at)


def edits(event: Event, _scope: Scope) -> Iterator[Finding]:
    """Nothing is edited before it was said."""
    for index, update in enumerate(event.updates):
        if update.edited_at is not None and update.edited_at < update.at:
            remedy = "say when it was edited, or delete the line"
            yield Finding(
                ("updates", index, "edited_at"), f"is before the update was said ({_at(update.at)}): {remedy}"
            )


def closing(event: Event, scope: Scope) -> Iterator[Finding]:
    """An event that is over holds no service."""
    closed_by: int | None = None
    for index, update in enumerate(event.updates):
        if update.state is not None:
            closed_by = index if update.state in CLOSING_STATES else None
        if closed_by is None or event.kind == "notice":
            continue
        for service, status in update.services.items():
            if status != scope.default_status:
                yield Finding(("updates", index, "services", service), _left(event, index, closed_by, scope))


def alerts(event: Event, _scope: Scope) -> Iterator[Finding]:
    """Only an incident has alerts, and none ends before it began."""
    if event.signals and event.kind != "incident":
        yield Finding(
            ("signals",), f"only an incident has alerts, and this is {_a(event.kind)}: delete it", is_key=True
        )
    for name, alert in event.signals.items():
        if alert.since is not None and alert.until is not None and alert.until < alert.since:
            yield Finding(("signals", name, "until"), f"is before the alert began ({_at(alert.since)})")


def statuses_said(event: Event) -> Iterator[tuple[Field, str]]:
    """Yield (field, status) for every status the event gives to a service."""
    if isinstance(event.services, Mapping):
        yield from ((("services", service), status) for service, status in event.services.items())
    for index, update in enumerate(event.updates):
        yield from ((("updates", index, "services", service), status) for service, status in update.services.items())
    for key, alert in event.signals.items():
        yield from ((("signals", key, "services", service), status) for service, status in alert.services.items())


def services_said(event: Event) -> Iterator[tuple[Field, str]]:
    """Yield (field, service) for every service the event names."""
    if isinstance(event.services, Mapping):
        yield from ((("services", service), service) for service in event.services)
    else:
        yield from ((("services", index), service) for index, service in enumerate(event.services))
    for index, update in enumerate(event.updates):
        yield from ((("updates", index, "services", service), service) for service in update.services)
    for key, alert in event.signals.items():
        yield from ((("signals", key, "services", service), service) for service in alert.services)


def unknown_services(event: Event, known: Mapping[str, Service], broken: frozenset[str]) -> Iterator[Finding]:
    """Every service exists; this looks at the site, so it is no part of an event's own verdict."""
    for field, service in services_said(event):
        if service not in known and service not in broken:
            hint = meant_id(service, known, "services")
            yield Finding(field, f"there is no service {quoted(service)}{hint}", is_key=True)


def edits_said(event: Event) -> Iterator[tuple[int, dt.datetime]]:
    """Yield (place of the update, when it was edited) for every edit the event tells of."""
    for index, update in enumerate(event.updates):
        if update.edited_at is not None:
            yield index, update.edited_at


def future_edits(said: Iterable[tuple[int, dt.datetime]], now: dt.datetime) -> Iterator[Finding]:
    """An edit in the future is probably a slip; this looks at the clock, so it is no part of an event's own verdict."""
    for index, edited_at in said:
        if edited_at > now:
            message = "lies in the future: until then readers see no edit"
            yield Finding(("updates", index, "edited_at"), message, severity="warning")


RULES: Final[tuple[Rule, ...]] = (
    window, new_windows, states, start_services, notices, known_statuses, times, edits, closing, alerts,
)  # fmt: skip


def findings(event: Event, scope: Scope) -> Iterable[Finding]:
    """Yield what all rules find."""
    for rule in RULES:
        yield from rule(event, scope)


def meant_id(word: str, known: Mapping[str, Group] | Mapping[str, Service], folder: str) -> str:
    """Say which id was meant by a word that is none: one like it, that of a record so named, or a new one."""
    id_by_name = {record.name: name for name, record in known.items()}
    meant = nearest(word, known) or id_by_name.get(nearest(word, id_by_name) or "")
    return f" (did you mean `{meant}`?)" if meant else f": add {folder}/{slug(word) or '<id>'}.yaml"


def meant_status(word: str, statuses: Mapping[str, Status]) -> str:
    """Say which status was meant by a word that is none: one that Statuspage calls so, one like it, or all."""
    same = [name for name, status in statuses.items() if status.statuspage == word]
    hint = f" (did you mean `{same[0]}`?)" if same else did_you_mean(word, statuses)
    return hint or f": there are {listed(statuses)}"


def _unplanned(event: Event) -> str:
    return f"only a maintenance is planned, and this is {_a(event.kind)}: set `kind: maintenance`, or delete it"


def _left(event: Event, index: int, closed_by: int, scope: Scope) -> str:
    state = event.updates[closed_by].state
    if index == closed_by:
        remedy = f"leave the service out, or set it to `{scope.default_status}`"
        return f"the event is {state} here, and yet the service is not well: {remedy}"
    return f"the event is {state} since updates[{closed_by}]: give this update a state that opens it again"


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _at(at: dt.datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"
