"""The eight files of the present, by the names that every client knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import chain, islice
from typing import Final

import msgspec

from stashgen import urls
from stashgen.documents import compact
from stashgen.documents.statuspage import (
    Component,
    ComponentList,
    Incident,
    IncidentList,
    Maintenance,
    MaintenanceList,
    Page,
    Rollup,
    StatusFile,
    Summary,
)
from stashgen.memo import digest
from stashgen.model import Kind
from stashgen.outputs.context import Output
from stashgen.outputs.statuspage_api.components import rows
from stashgen.outputs.statuspage_api.desk import Desk, date
from stashgen.outputs.statuspage_api.incidents import incident, maintenance
from stashgen.outputs.statuspage_api.words import rollup

MOST: Final = 50


class Present(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What is shared by the files of the present."""

    desk: Desk

    @cached_property
    def page(self) -> Page:
        """The page as of its last change."""
        return self.desk.page(date(self.desk.updated_at))

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """All components as they are."""
        return rows(self.desk)

    @cached_property
    def rollup(self) -> Rollup:
        """The state of the page, over services and not their groups."""
        return rollup([component.status for component in self.components if not component.group])

    @cached_property
    def key(self) -> bytes:
        """What tells whether page or components have changed."""
        return digest(self.desk.context.layout, msgspec.msgpack.encode((self.page, self.components)))

    def incidents(self, events: Sequence[str]) -> tuple[Incident, ...]:
        """Return incidents, the last to be created first."""
        views = [self.desk.context.board.events[event] for event in events]
        made = [incident(self.desk, view, self.components) for view in views]
        return tuple(sorted(made, key=lambda one: (one.created_at, one.id), reverse=True))

    def maintenances(self, events: Sequence[str]) -> tuple[Maintenance, ...]:
        """Return maintenances, the latest planned start first."""
        views = [self.desk.context.board.events[event] for event in events]
        made = [maintenance(self.desk, view, self.components) for view in views]
        return tuple(sorted(made, key=lambda one: (one.scheduled_for, one.id), reverse=True))


def outputs(desk: Desk) -> Iterator[Output]:
    """Yield the eight files."""
    present = Present(desk=desk)
    board = desk.context.board
    active, upcoming = board.maintenances, board.upcoming
    planned = [*active, *upcoming]

    def summary() -> Summary:
        return Summary(
            page=present.page,
            components=present.components,
            incidents=present.incidents(board.incidents),
            scheduled_maintenances=present.maintenances(planned),
            status=present.rollup,
        )

    def incidents(events: Sequence[str]) -> Callable[[], IncidentList]:
        return lambda: IncidentList(page=present.page, incidents=present.incidents(events))

    def maintenances(events: Sequence[str]) -> Callable[[], MaintenanceList]:
        return lambda: MaintenanceList(page=present.page, scheduled_maintenances=present.maintenances(events))

    newest, latest = _newest(desk, "incident"), [*upcoming[::-1], *_newest(desk, "maintenance")][:MOST]
    yield _output(present, "summary", [*board.incidents, *planned], summary)
    yield _output(present, "status", (), lambda: StatusFile(page=present.page, status=present.rollup))
    yield _output(present, "components", (), lambda: ComponentList(page=present.page, components=present.components))
    yield _output(present, "incidents", newest, incidents(newest))
    yield _output(present, "incidents/unresolved", board.incidents, incidents(board.incidents))
    yield _output(present, "scheduled-maintenances", latest, maintenances(latest))
    yield _output(present, "scheduled-maintenances/upcoming", upcoming, maintenances(upcoming))
    yield _output(present, "scheduled-maintenances/active", active, maintenances(active))


def _output(present: Present, name: str, events: Sequence[str], make: Callable[[], msgspec.Struct]) -> Output:
    key = digest(present.key, *(present.desk.key(event) for event in events))
    return Output(urls.statuspage(name), key, lambda: compact(make()), rank=2)


def _newest(desk: Desk, kind: Kind) -> list[str]:
    """Return the events of a kind that began last; an incident begins when it is created."""
    phases = desk.context.board.phases
    begun = chain.from_iterable(month.events for month in desk.context.board.months)
    return [*islice((event for event in begun if phases[event].kind == kind), MOST)]
