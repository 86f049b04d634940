"""One event as an incident or a scheduled maintenance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from stashgen.derive.board import EventView
from stashgen.documents.statuspage import (
    LONGEST_NAME,
    Component,
    Incident,
    IncidentUpdate,
    IncidentWord,
    Maintenance,
    MaintenanceUpdate,
)
from stashgen.model import StatuspageWord
from stashgen.outputs.statuspage_api.components import Standing, as_left
from stashgen.outputs.statuspage_api.desk import Desk, date
from stashgen.outputs.statuspage_api.timeline import Entry, chain, entries
from stashgen.outputs.statuspage_api.words import INCIDENT_WORDS, MAINTENANCE_WORDS, impact


def incident(desk: Desk, event: EventView, components: Sequence[Component] | None = None) -> Incident:
    """Return an incident with the components given, or with its own as it left them."""
    told = entries(desk, event)
    updates = _incident_updates(desk, desk.event_id(event.id), told)
    return Incident(
        id=desk.event_id(event.id),
        name=name(event.title),
        status=updates[0].status,
        created_at=told[0].said_at,
        updated_at=max(entry.edited_at for entry in told),
        monitoring_at=next((entry.said_at for entry in told if entry.state == "monitoring"), None),
        resolved_at=_closed_at(event),
        impact=impact([*(tuple(entry.words.values()) for entry in told), _announced(desk, event, told)]),
        shortlink=desk.event_url(event.id),
        started_at=date(event.started_at),
        page_id=desk.page_id,
        incident_updates=updates,
        components=left(desk, told) if components is None else _own(desk, event, components),
    )


def maintenance(desk: Desk, event: EventView, components: Sequence[Component] | None = None) -> Maintenance:
    """Return a maintenance with the components given, or with its own as it left them."""
    told = entries(desk, event)
    updates = _maintenance_updates(desk, desk.event_id(event.id), told)
    return Maintenance(
        id=desk.event_id(event.id),
        name=name(event.title),
        status=updates[0].status,
        created_at=told[0].said_at,
        updated_at=max(entry.edited_at for entry in told),
        resolved_at=_closed_at(event),
        shortlink=desk.event_url(event.id),
        started_at=date(min(told[0].at, event.started_at)),
        page_id=desk.page_id,
        incident_updates=updates,
        components=left(desk, told) if components is None else _own(desk, event, components),
        scheduled_for=date(event.planned_start_at or event.started_at),
        scheduled_until=date(event.planned_end_at or event.started_at),
    )


def _announced(desk: Desk, event: EventView, told: Sequence[Entry]) -> tuple[StatuspageWord, ...]:
    """Return what an incident that was over with its first word held until then: it was written down afterwards."""
    services = desk.context.site.events[event.id].services if told[0].state == "resolved" else {}
    statuses = services if isinstance(services, Mapping) else {}
    return tuple(desk.words[statuses.get(service, desk.context.board.default_status)] for service in told[0].words)


def name(title: str) -> str:
    """Return a headline of the length that is allowed."""
    return title if len(title) <= LONGEST_NAME else f"{title[: LONGEST_NAME - 1]}…"


def left(desk: Desk, told: Sequence[Entry]) -> tuple[Component, ...]:
    """Return the components of an event as it left them, numbered among themselves."""
    return tuple(
        as_left(desk, service, Standing(status, _changed_at(told, service), place))
        for place, (service, status) in enumerate(told[-1].words.items(), 1)
    )


def _changed_at(told: Sequence[Entry], service: str) -> dt.datetime:
    """Return when an event last changed a service; its beginning if it never did."""
    place = len(told) - 1
    while place and told[place].words[service] == told[place - 1].words[service]:
        place -= 1
    return told[place].at


def _own(desk: Desk, event: EventView, components: Sequence[Component]) -> tuple[Component, ...]:
    codes = {desk.component_ids[one.service] for one in event.affected}
    return tuple(component for component in components if component.id in codes)


def _closed_at(event: EventView) -> str | None:
    return date(event.ended_at) if event.ended_at and not event.is_open else None


def _incident_word(entry: Entry) -> IncidentWord:
    return "postmortem" if entry.is_postmortem else INCIDENT_WORDS[entry.state]


def _incident_updates(desk: Desk, event_id: str, told: Sequence[Entry]) -> tuple[IncidentUpdate, ...]:
    newest_last = [
        IncidentUpdate(
            id=entry.id,
            status=_incident_word(entry),
            body=entry.body,
            incident_id=event_id,
            created_at=entry.said_at,
            updated_at=entry.edited_at,
            display_at=entry.said_at,
            affected_components=affected,
            deliver_notifications=entry.is_said,
        )
        for entry, affected in zip(told, chain(desk, told), strict=True)
    ]
    return tuple(reversed(newest_last))


def _maintenance_updates(desk: Desk, event_id: str, told: Sequence[Entry]) -> tuple[MaintenanceUpdate, ...]:
    newest_last = [
        MaintenanceUpdate(
            id=entry.id,
            status=MAINTENANCE_WORDS[entry.state],
            body=entry.body,
            incident_id=event_id,
            created_at=entry.said_at,
            updated_at=entry.edited_at,
            display_at=entry.said_at,
            affected_components=affected,
            deliver_notifications=entry.is_said,
        )
        for entry, affected in zip(told, chain(desk, told), strict=True)
    ]
    return tuple(reversed(newest_last))
