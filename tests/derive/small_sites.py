"""Small sites for examples: everything happens in November 2026, named by day and time such as `23T10:00`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from stashgen.memo import digest
from stashgen.model import (
    BUILT_IN_STATUSES,
    Event,
    Group,
    Replan,
    Service,
    Settings,
    Site,
    State,
    Status,
    Update,
    Window,
)

Holding = Mapping[str, str] | tuple[str, ...]


def at(text: str) -> dt.datetime:
    """Return an instant of November 2026 in UTC, from `23T10:00`."""
    return dt.datetime.fromisoformat(f"2026-11-{text}+00:00")


def said(when: str, state: State | None = None, *, start: str = "", end: str = "", **services: str) -> Update:
    """Return an update; `start` and `end` move the plan."""
    planned = Replan(start=at(start) if start else None, end=at(end) if end else None) if start or end else None
    return Update(at=at(when), state=state, planned=planned, services=services, message="Said.")


def incident(services: Holding, *updates: Update) -> Event:
    return Event(title="Incident", services=_of_record(services), updates=updates)


def maintenance(services: Holding, start: str, end: str, *updates: Update) -> Event:
    return Event(
        title="Maintenance",
        kind="maintenance",
        services=_of_record(services),
        planned=Window(start=at(start), end=at(end)),
        updates=updates,
    )


def notice(*updates: Update, until: str = "", pinned: bool = False, services: tuple[str, ...] = ()) -> Event:
    return Event(
        title="Notice",
        kind="notice",
        services=services,
        until=at(until) if until else None,
        pinned=pinned,
        updates=updates,
    )


def site(
    events: Mapping[str, Event],
    *,
    services: Mapping[str, Service] | None = None,
    groups: Mapping[str, Group] | None = None,
    statuses: Mapping[str, Status] | None = None,
    settings: Settings | None = None,
) -> Site:
    """Return a site with the services `api` and `web` unless others are given."""
    return Site(
        settings=settings or Settings(title="Test"),
        statuses={**BUILT_IN_STATUSES, **(statuses or {})},
        groups=groups or {},
        services=services or {"api": Service(name="API"), "web": Service(name="Web")},
        events=events,
        path_by_event={},
        digest_by_event={name: digest(repr(event).encode()) for name, event in events.items()},
    )


def _of_record(services: Holding) -> dict[str, str] | tuple[str, ...]:
    return dict(services) if isinstance(services, Mapping) else services
