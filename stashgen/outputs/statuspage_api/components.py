"""Services and groups as components: one flat list, each group before its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from stashgen.derive.board import GroupView
from stashgen.derive.calendar import day_of
from stashgen.documents.statuspage import Component
from stashgen.model import StatuspageWord
from stashgen.outputs.statuspage_api.desk import Desk, date
from stashgen.outputs.statuspage_api.words import worst


def rows(desk: Desk) -> tuple[Component, ...]:
    """Return all components as they are; top-level services and groups are numbered together."""
    found: list[Component] = []
    place = 0
    for group in desk.context.board.groups:
        if group.id is None:
            found += [current(desk, service, number) for number, service in enumerate(group.services, 1)]
            place = len(group.services)
            continue
        place += 1
        children = [current(desk, service, number) for number, service in enumerate(group.services, 1)]
        found += [_group(desk, group, children, place), *children]
    return tuple(found)


def current(desk: Desk, service: str, position: int) -> Component:
    """Return the component of a service as it is now."""
    view = desk.context.board.services[service]
    changed_at = view.status_since_at or desk.since_at(service) or desk.updated_at
    return _component(desk, service, Standing(desk.words[view.status], changed_at, position))


class Standing(msgspec.Struct, frozen=True):
    """A status, since when it holds, and the component's place in its list."""

    status: StatuspageWord
    changed_at: dt.datetime
    position: int


def as_left(desk: Desk, service: str, standing: Standing) -> Component:
    """Return the component of a service as an event left it: nothing of it depends on the present."""
    return _component(desk, service, standing)


def full_name(desk: Desk, service: str) -> str:
    """Return the name of a service's component with that of its group before it."""
    record = desk.context.board.services[service].record
    group = desk.context.site.groups.get(record.group or "")
    return f"{group.name} - {record.name}" if group else record.name


def _component(desk: Desk, service: str, standing: Standing) -> Component:
    record = desk.context.board.services[service].record
    since_at = desk.since_at(service)
    created_at = min(since_at or standing.changed_at, standing.changed_at)
    return Component(
        id=desk.component_ids[service],
        name=record.name,
        status=standing.status,
        created_at=date(created_at),
        updated_at=date(standing.changed_at),
        position=standing.position,
        description=record.description or None,
        showcase=True,
        start_date=day_of(since_at, desk.translator.zone).isoformat() if since_at else None,
        group_id=desk.group_ids.get(record.group or ""),
        page_id=desk.page_id,
        group=False,
        only_show_if_degraded=False,
    )


def _group(desk: Desk, group: GroupView, children: Sequence[Component], position: int) -> Component:
    record = group.record
    return Component(
        id=desk.group_ids[group.id or ""],
        name=record.name if record else "",
        status=worst(child.status for child in children),
        created_at=min(child.created_at for child in children),
        updated_at=max(child.updated_at for child in children),
        position=position,
        description=(record.description if record else "") or None,
        showcase=False,
        start_date=None,
        group_id=None,
        page_id=desk.page_id,
        group=True,
        only_show_if_degraded=False,
        components=tuple(child.id for child in children),
    )
