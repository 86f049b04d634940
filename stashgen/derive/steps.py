"""One event record -> its steps: where it stands from which instant on, by its words and by its planned times.

A step depends only on the file's header and on updates said until then, so the past never changes when
something is said later. The order of the rules is that of docs/derivation.md.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from stashgen.derive.ticks import FOREVER, NEVER, ticks
from stashgen.model import CLOSING_STATES, INCIDENT_STATES, MAINTENANCE_STATES, Event, Kind, State, Update

Stage = Literal["upcoming", "open", "closed"]
BY_PLAN: Final = -1
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

_WORDS_BY_KIND: Final[Mapping[Kind, frozenset[str]]] = {
    "incident": CLOSING_STATES | set(INCIDENT_STATES),
    "maintenance": CLOSING_STATES | set(MAINTENANCE_STATES),
    "notice": frozenset(),
}


class Step(msgspec.Struct, frozen=True, gc=False):
    """Where an event stands from `at` on, until its next step."""

    at: int
    update: int  # place in the file of the update that made this step; BY_PLAN: a planned time did
    state: State | None
    stage: Stage
    begun_at: int | None  # None: not yet
    ended_at: int | None  # None: not closed
    start_at: int  # the plan in force; for a notice its first update and `until`
    end_at: int
    services: Mapping[str, str]  # status by service, as it holds them while it is open

    @property
    def held(self) -> Mapping[str, str]:
        """Return what it holds from here on."""
        return self.services if self.stage == "open" else NOTHING


class _Said(msgspec.Struct, frozen=True, gc=False):
    """All that has been said so far: the newest word on the state and when, the plan, the services."""

    word: State | None
    word_at: int
    start_at: int
    end_at: int
    services: Mapping[str, str]
    last_services: Mapping[str, str]  # the last that were any, for an event that opens again


_Moment = tuple[int, int, _Said]  # instant, place of the update or BY_PLAN, all that has been said by then


def steps(event: Event, default_status: str) -> list[Step]:
    """Return an event's steps, oldest first: one for each update, and one for each planned time that takes effect."""
    result: list[Step] = []
    before: Step | None = None
    word: State | None = None
    for at, update, said in _moments(event, default_status):
        state, stage = _stand(event.kind, said, at)
        if update == BY_PLAN and before is not None and before.stage == stage and before.state == state:
            continue
        begun_at, ended_at = (before.begun_at, before.ended_at) if before else (None, None)
        if stage == "upcoming":
            begun_at = ended_at = None
        elif begun_at is None:
            begun_at = at
        if stage == "open":
            ended_at = None
        elif stage == "closed" and (ended_at is None or _is_closing(word, said.word)):
            ended_at = at
        before = Step(at, update, state, stage, begun_at, ended_at, said.start_at, said.end_at, said.services)
        word = said.word
        result.append(before)
    return result


def spoken(event: Event) -> list[tuple[int, int, Update]]:
    """Return (instant, place in the file, update) in the order of time."""
    # No two places are equal, so updates themselves are never compared.
    return sorted((ticks(update.at), place, update) for place, update in enumerate(event.updates))


def named_services(event: Event) -> Mapping[str, str | None]:
    """Return the services of an event's header with their status; None where neither file nor kind gives one."""
    if isinstance(event.services, Mapping):
        return event.services
    status = "maintenance" if event.kind == "maintenance" else None
    return dict.fromkeys(event.services, status)


def _is_closing(word: State | None, next_word: State | None) -> bool:
    return next_word in CLOSING_STATES and word not in CLOSING_STATES


def _moments(event: Event, default_status: str) -> Iterator[_Moment]:
    updates = spoken(event)
    said = _header(event, updates[0][0], default_status)
    has_plan = event.kind != "incident"
    if has_plan:
        yield from _planned_moments(said, NEVER, updates[0][0])
    for position, (at, place, update) in enumerate(updates, 1):
        if update.state or update.services or update.planned:
            said = _hear(said, event.kind, update, at, default_status)
        yield at, place, said
        if has_plan:
            yield from _planned_moments(said, at, updates[position][0] if position < len(updates) else FOREVER)


def _planned_moments(said: _Said, after: int, before: int) -> Iterator[_Moment]:
    for at in sorted((said.start_at, said.end_at)):
        if after < at < before:
            yield at, BY_PLAN, said


def _header(event: Event, first_at: int, default_status: str) -> _Said:
    services = _held(named_services(event), default_status) if event.kind != "notice" else NOTHING
    start_at, end_at = first_at, FOREVER
    if event.kind == "maintenance" and event.planned is not None:
        start_at, end_at = ticks(event.planned.start), ticks(event.planned.end)
    elif event.kind == "notice" and event.until is not None:
        end_at = max(ticks(event.until), first_at)
    return _Said(None, NEVER, start_at, end_at, services, services)


def _hear(said: _Said, kind: Kind, update: Update, at: int, default_status: str) -> _Said:
    word, word_at = said.word, said.word_at
    if update.state is not None and update.state in _WORDS_BY_KIND[kind]:
        word, word_at = update.state, at
    services = said.services
    if kind != "notice" and word not in CLOSING_STATES:
        services = _change(said, update.services, default_status)
    start_at, end_at = said.start_at, said.end_at
    if update.planned is not None and kind == "maintenance":
        start_at = _moved(update.planned.start, start_at)
        end_at = _moved(update.planned.end, end_at)
    return _Said(word, word_at, start_at, end_at, services, services or said.last_services)


def _change(said: _Said, changes: Mapping[str, str], default_status: str) -> Mapping[str, str]:
    is_reopened = said.word in CLOSING_STATES
    if not changes:
        return (said.services or said.last_services) if is_reopened else said.services
    return _held(changes if is_reopened else {**said.services, **changes}, default_status)


def _held(services: Mapping[str, str | None], default_status: str) -> Mapping[str, str]:
    return {service: status for service, status in services.items() if status and status != default_status}


def _moved(to: dt.datetime | None, planned_at: int) -> int:
    return planned_at if to is None else ticks(to)


def _stand(kind: Kind, said: _Said, at: int) -> tuple[State | None, Stage]:
    if kind == "notice":
        return None, "open" if at < said.end_at else "closed"
    if said.word in CLOSING_STATES:
        return said.word, "closed"
    if kind == "incident":
        return said.word or "investigating", "open"
    return _stand_in_maintenance(said, at)


def _stand_in_maintenance(said: _Said, at: int) -> tuple[State | None, Stage]:
    if said.word in {"in-progress", "verifying"}:
        # What is said to go on at its planned end or later goes on until somebody says more.
        is_running = at < said.end_at or said.end_at <= said.word_at
        return (said.word, "open") if is_running else ("completed", "closed")
    if at < said.end_at:
        return ("scheduled", "upcoming") if at < said.start_at else ("in-progress", "open")
    return "completed", "closed"


def until_now(past: Sequence[Step], now: int) -> Sequence[Step]:
    """Return the steps made by now."""
    return past[: bisect_right(past, now, key=_at)]


def _at(step: Step) -> int:
    return step.at
