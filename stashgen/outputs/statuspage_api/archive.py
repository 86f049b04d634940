"""The complete history: a file a month, an index of the months, and a file an event.

A file of the past says nothing of the present: its page was updated when the newest word in it was said, and components
stand as the event left them. So it keeps its bytes for as long as nothing is said of what it holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from stashgen import urls
from stashgen.documents import compact
from stashgen.documents.statuspage import (
    IncidentFile,
    IncidentList,
    MaintenanceFile,
    MaintenanceList,
    MonthEntry,
    MonthIndex,
)
from stashgen.memo import digest
from stashgen.model import Kind
from stashgen.outputs.context import Output
from stashgen.outputs.statuspage_api.desk import Desk, date
from stashgen.outputs.statuspage_api.incidents import incident, maintenance

INCIDENTS: Final = "incidents"
MAINTENANCES: Final = "scheduled-maintenances"
_Make = Callable[[Desk, Sequence[str]], msgspec.Struct]


class Slice(NamedTuple):
    """The events of a kind that began in one month, or are to begin in it, the last to start first."""

    month: str
    events: tuple[str, ...]


def outputs(desk: Desk) -> Iterator[Output]:
    """Yield months, indexes and events."""
    incidents = _slices(desk, "incident", ())
    maintenances = _slices(desk, "maintenance", desk.context.board.upcoming)
    yield from _shelf(desk, INCIDENTS, incidents, (_incident, _incidents))
    yield from _shelf(desk, MAINTENANCES, maintenances, (_maintenance, _maintenances))


def _slices(desk: Desk, kind: Kind, upcoming: Sequence[str]) -> list[Slice]:
    """Return the months with events of a kind, the newest first."""
    phases = desk.context.board.phases
    events_by_month: dict[str, list[str]] = {}
    for event in reversed(upcoming):
        day = desk.translator.day(phases[event].started_at)
        events_by_month.setdefault(f"{day:%Y-%m}", []).append(event)
    for month in desk.context.board.months:
        events = [event for event in month.events if phases[event].kind == kind]
        if events:
            events_by_month.setdefault(month.name, []).extend(events)
    return [Slice(month, tuple(events)) for month, events in sorted(events_by_month.items(), reverse=True)]


def _shelf(desk: Desk, folder: str, slices: Sequence[Slice], makes: tuple[_Make, _Make]) -> Iterator[Output]:
    make_one, make_many = makes
    key_by_event: dict[str, bytes] = {}
    for _, events in slices:
        for event in events:
            key_by_event[event] = key = desk.key(event)
            path = urls.statuspage(f"{folder}/{desk.event_id(event)}")
            yield _output(path, key, make_one, desk, (event,))
    for month, events in slices:
        key = digest(b"month", *(key_by_event[event] for event in events))
        yield _output(urls.statuspage(f"{folder}/{month}"), key, make_many, desk, events)
    index = compact(_index(desk, folder, slices))
    yield Output(urls.statuspage(f"{folder}/index"), digest(index), lambda: index, rank=1)


def _output(path: str, key: bytes, make: _Make, desk: Desk, events: Sequence[str]) -> Output:
    return Output(path, key, lambda: compact(make(desk, events)))


def _incident(desk: Desk, events: Sequence[str]) -> IncidentFile:
    made = incident(desk, desk.context.board.events[events[0]])
    return IncidentFile(page=desk.page(made.updated_at), incident=made)


def _maintenance(desk: Desk, events: Sequence[str]) -> MaintenanceFile:
    made = maintenance(desk, desk.context.board.events[events[0]])
    return MaintenanceFile(page=desk.page(made.updated_at), scheduled_maintenance=made)


def _incidents(desk: Desk, events: Sequence[str]) -> IncidentList:
    made = [incident(desk, desk.context.board.events[event]) for event in events]
    made.sort(key=lambda one: (one.created_at, one.id), reverse=True)
    return IncidentList(page=desk.page(max(one.updated_at for one in made)), incidents=tuple(made))


def _maintenances(desk: Desk, events: Sequence[str]) -> MaintenanceList:
    made = [maintenance(desk, desk.context.board.events[event]) for event in events]
    made.sort(key=lambda one: (one.scheduled_for, one.id), reverse=True)
    return MaintenanceList(page=desk.page(max(one.updated_at for one in made)), scheduled_maintenances=tuple(made))


def _index(desk: Desk, folder: str, slices: Sequence[Slice]) -> MonthIndex:
    started_at = {event: desk.context.board.phases[event].started_at for one in slices for event in one.events}
    return MonthIndex(
        page=desk.page(date(desk.updated_at)),
        count=len(started_at),
        months=tuple(_month(desk, folder, one, started_at) for one in slices),
    )


def _month(desk: Desk, folder: str, of: Slice, started_at: Mapping[str, dt.datetime]) -> MonthEntry:
    path = urls.statuspage(f"{folder}/{of.month}")
    return MonthEntry(
        month=of.month,
        count=len(of.events),
        path=path,
        url=desk.context.public(path),
        first_started_at=date(min(started_at[event] for event in of.events)),
        last_started_at=date(max(started_at[event] for event in of.events)),
    )
