"""When a component was how bad: from the status changes of an incident's updates, else from its impact.

What Statuspage records is not always what was: see docs/importing.md for the rules and the reasons.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from stashgen.importers.statuspage.wire import Incident, Row, Update

UP: Final = "up"
MAINTENANCE: Final = "maintenance"
STATUS_BY_WORD: Final[Mapping[str, str]] = {
    "operational": UP,
    "degraded_performance": "warning",
    "partial_outage": "partial",
    "major_outage": "down",
    "under_maintenance": MAINTENANCE,
}
STATUS_BY_IMPACT: Final[Mapping[str, str]] = {
    "minor": "warning",
    "major": "partial",
    "critical": "down",
    "maintenance": MAINTENANCE,
}
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident does to services: changes by update, oldest first, as service id -> status."""

    changes: tuple[Mapping[str, str], ...]
    unheld: tuple[str, ...]  # services it names without a status that could be believed
    is_guessed: bool  # some status was taken from the impact


class Saying(msgspec.Struct, frozen=True):
    """What one update says of one component, as our statuses."""

    index: int
    before: str
    after: str


def said_at(update: Update) -> dt.datetime:
    """Return when an update was said: `display_at` may be back-dated by its author and wins."""
    return update.display_at or update.created_at or _EPOCH


def ordered(incident: Incident) -> list[Update]:
    """Return the updates oldest first; of equal instants the one that is later in the file comes first."""
    oldest_first = incident.incident_updates[::-1]
    return sorted(oldest_first, key=said_at)


def sayings(
    incident: Incident, updates: Sequence[Update], service_by_code: Mapping[str, str]
) -> dict[str, list[Saying]]:
    """Return what the updates say of each service, in the order of the page; none for one that is only listed."""
    rows = [{row.code: row for row in update.affected_components or ()} for update in updates]
    listed = {component.id for component in incident.components or ()}
    said: dict[str, list[Saying]] = {}
    for code, service in service_by_code.items():
        told = [_saying(index, found[code]) for index, found in enumerate(rows) if code in found]
        if told or code in listed:
            # Two components may be one service: one was made anew under the same name.
            said[service] = sorted([*said.get(service, ()), *told], key=lambda saying: saying.index)
    return said


def hold(said_by_service: Mapping[str, list[Saying]], impact: str, count: int, last: int) -> Hold:
    """Return the holds of an incident of `count` updates, the one with the index `last` ending it (else `count`)."""
    is_lagging = all(saying.before == saying.after for said in said_by_service.values() for saying in said)
    is_told = any(_is_bad(said) for said in said_by_service.values())
    changes: list[dict[str, str]] = [{} for _ in range(count)]
    unheld: list[str] = []
    is_guessed = False
    for service, said in said_by_service.items():
        steps = _steps(said, last) if _is_bad(said) else {}
        if not steps and (is_lagging or not is_told):
            steps = _guess(said, impact, last)
            is_guessed |= bool(steps)
        for index, status in steps.items():
            changes[index][service] = status
        unheld += [] if steps else [service]
    return Hold(changes=tuple(changes), unheld=tuple(unheld), is_guessed=is_guessed)


def maintenance_changes(
    said_by_service: Mapping[str, list[Saying]], states: Sequence[str | None]
) -> tuple[Mapping[str, str], ...]:
    """Return what a running maintenance does to services beyond holding them under maintenance."""
    changes: list[dict[str, str]] = [{} for _ in states]
    for service, said in said_by_service.items():
        current = MAINTENANCE
        for saying in said:
            # Rows that say operational throughout belong to maintenances that do not touch the component's status.
            is_told = saying.after != UP or saying.before != UP
            if states[saying.index] in ("in-progress", "verifying") and is_told and saying.after != current:
                changes[saying.index][service] = current = saying.after
    return tuple(changes)


def _saying(index: int, row: Row) -> Saying:
    after = STATUS_BY_WORD.get(row.new_status or "", UP)
    return Saying(index, STATUS_BY_WORD.get(row.old_status or "", after), after)


def _is_bad(said: Sequence[Saying]) -> bool:
    return any({saying.before, saying.after} != {UP} for saying in said)


def _steps(said: Sequence[Saying], last: int) -> dict[int, str]:
    if said[0].index >= last:
        return {0: said[0].before} if said[0].before != UP else {}
    steps: dict[int, str] = {}
    current = UP
    for saying, following in zip(said, [*said[1:], None], strict=True):
        # Pages driven by API record the old status on both sides; what an update did shows in the next one.
        status = following.before if following else saying.after
        if saying.index < last and status != current:
            steps[saying.index] = current = status
    return steps


def _guess(said: Sequence[Saying], impact: str, last: int) -> dict[int, str]:
    status = STATUS_BY_IMPACT.get(impact)
    start = said[0].index if said and said[0].index < last else 0
    return {start: status} if status else {}
