"""Incidents as the policy sees them: which alerts belong to each, who has written in it, what it holds.

One `Stand` is changed by one case after another; what came of all of them is one deed.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Final

from stashgen.automation.cases import Case
from stashgen.automation.judging import default_status, worst
from stashgen.derive.steps import Step, named_services, steps, until_now
from stashgen.derive.ticks import instant, ticks
from stashgen.model import CLOSING_STATES, Alert, Event, Site

_LATEST: Final = 7_258_118_399_000_000  # the end of 2199


class Stand:
    """One incident and where it stands now."""

    def __init__(self, site: Site, name: str | None, event: Event | None, standing: Step | None) -> None:
        self.site, self.name, self.event = site, name, event
        updates = event.updates if event else ()
        self.is_open = event is None or (standing is not None and standing.stage == "open")
        self.last_at = updates[-1].at if updates else None
        self.has_person = any(update.source is None or update.edited_at is not None for update in updates)
        self.is_by_machine = not updates or updates[0].source is not None
        self.held: dict[str, str] = dict(standing.held) if standing else {}
        self.said = _said_by_persons(event) if event else {}
        self.alerts: dict[str, Alert] = {}
        self._firing: dict[str, Counter[str]] = {}  # service -> how many alerts give it which status
        self._going_on: set[str] = set()
        for alert, facts in (event.signals if event else {}).items():
            self._set(alert, facts)
        self.told: list[Case] = []  # the cases that change it
        self.words: list[str] = []  # of persons, in a monitor
        self.changes: dict[str, str] = {}
        self._has_an_end = False

    @property
    def has_ended(self) -> bool:
        """Whether the last alert has ended by what was put here."""
        return self.is_open and self._has_an_end and not self._going_on

    def is_firing(self, name: str) -> bool:
        """Tell whether an alert goes on."""
        return name in self._going_on

    def services(self) -> set[str]:
        """Return the services that it has named."""
        found = {*self.held, *(service for alert in self.alerts.values() for service in alert.services)}
        if self.event is not None:
            found |= {*named_services(self.event), *(one for said in self.event.updates for one in said.services)}
        return found

    def put(self, case: Case, alert: Alert, *, may_touch: bool) -> bool:
        """Give an alert of the incident its new facts; return whether a status changes by it."""
        old = self.alerts.get(case.name, Alert())
        services = {**old.services, **alert.services}
        before = {service: self._explained(service) for service in services}
        self._set(case.name, alert)
        self._has_an_end |= alert.until is not None
        self.told.append(case)
        # Where it stands as neither alerts nor older words explain, a person has said so, and it stays.
        moved = {
            service: status
            for service in services
            if may_touch and (status := self._explained(service)) != before[service] == self._now(service)
        }
        self.changes.update(moved)
        return bool(moved)

    def worst_held(self) -> dict[str, str]:
        """Return the worst status that alerts have given to each service."""
        statuses: dict[str, list[str]] = {}
        for alert in self.alerts.values():
            for service, status in alert.services.items():
                statuses.setdefault(service, []).append(status)
        return {service: worst(self.site, dict.fromkeys(given)) or "" for service, given in statuses.items()}

    def _set(self, name: str, alert: Alert) -> None:
        if name in self._going_on:
            for service, status in self.alerts[name].services.items():
                self._firing[service][status] -= 1
        self.alerts[name] = alert
        self._going_on.discard(name)
        if alert.until is None:
            self._going_on.add(name)
            for service, status in alert.services.items():
                self._firing.setdefault(service, Counter())[status] += 1

    def _now(self, service: str) -> str:
        return self.changes.get(service) or self.held.get(service) or default_status(self.site)

    def _explained(self, service: str) -> str:
        """Return the status that alerts, and what persons said last of it, give to a service."""
        statuses = [status for status, count in self._firing.get(service, Counter[str]()).items() if count]
        said = self.said.get(service)
        return worst(self.site, [default_status(self.site), *([said] if said else []), *statuses]) or ""


def _said_by_persons(event: Event) -> dict[str, str]:
    """Return the status that a person gave last to each service."""
    said: dict[str, str] = {}
    if event.updates[0].source is None:
        said |= {service: status for service, status in named_services(event).items() if status}
    for update in event.updates:
        if update.source is None:
            said |= update.services
    return said


def stands(site: Site, now: dt.datetime) -> list[Stand]:
    """Return the incidents that are open, and the closed ones that alerts belong to; the last to begin first."""
    default = default_status(site)
    found = []
    for name, event in site.events.items():
        is_over = event.updates[-1].state in CLOSING_STATES
        if event.kind != "incident" or (is_over and not event.signals):
            continue
        past = until_now(steps(event, default), ticks(now)) or steps(event, default)[:1]
        if event.signals or past[-1].stage == "open":
            found.append(Stand(site, name, event, past[-1]))
    return sorted(found, key=_begun_at, reverse=True)


def _begun_at(stand: Stand) -> tuple[float, str]:
    return (stand.event.updates[0].at.timestamp() if stand.event else 0, stand.name or "")


def shown(site: Site) -> dict[str, dt.datetime | None]:
    """Return the alerts that go on in an incident, a closed one too, and since when."""
    return {
        name: alert.since
        for event in site.events.values()
        if event.signals
        for name, alert in event.signals.items()
        if alert.until is None
    }


def maintained_until(site: Site, services: Mapping[str, str], now: dt.datetime) -> dt.datetime | None:
    """Return until when every one of some services is under maintenance, None when one is not."""
    if not services:
        return None
    end_by_service: dict[str, dt.datetime] = {}
    default, at = default_status(site), ticks(now)
    for event in site.events.values():
        if event.kind != "maintenance" or event.updates[-1].state in CLOSING_STATES:
            continue
        past = until_now(steps(event, default), at)
        if past and past[-1].stage == "open":
            # One that goes on after its planned end is looked at again in a minute.
            end = max(_end(past[-1]), now + dt.timedelta(minutes=1))
            for service in past[-1].services:
                end_by_service[service] = max(end, end_by_service.get(service, end))
    if not end_by_service.keys() >= services.keys():
        return None
    return min(end_by_service[service] for service in services)


def _end(standing: Step) -> dt.datetime:
    return instant(min(standing.end_at, _LATEST))
