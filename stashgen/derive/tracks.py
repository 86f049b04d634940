"""One event record -> its track: what it holds, touches and counts as, over all time, in plain integers.

A track depends on nothing but the event and on which status is the default one, so it can be kept by the
digest of the event's file. Instants are ticks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from stashgen.derive.steps import BY_PLAN, NOTHING, Stage, Step, named_services, steps
from stashgen.derive.ticks import FOREVER, ticks
from stashgen.model import Event, Kind


class Hold(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """From when to when one event holds one service at one status; it ends before `end_at`."""

    service: str
    status: str
    start_at: int
    end_at: int
    begun_at: int  # when the event itself began: between equals the newest wins


class Turn(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An instant from which an event is upcoming, open or closed."""

    at: int
    stage: Stage
    start_at: int  # when it began, or while it is upcoming is planned to


class Touch(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When an event first named a service."""

    service: str
    at: int


Spans = list[tuple[int, int]]  # from when to when
Row = tuple[int, str, int]  # start, event, and until when it was open, FOREVER if it is


class Track(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All of an event that other records or the day's date can depend on."""

    kind: Kind
    is_pinned: bool
    known_at: int  # first update: before, the event has not been heard of
    instants: tuple[int, ...]  # at which something about it changes
    turns: tuple[Turn, ...]
    holds: tuple[Hold, ...]
    touches: tuple[Touch, ...]


def track(event: Event, default_status: str) -> Track:
    """Return the track of an event."""
    past = steps(event, default_status)
    known_at = next(step.at for step in past if step.update != BY_PLAN)
    instants = {step.at for step in past}
    # An edit says something new of an update: like every other change it makes other files from its instant on.
    instants.update(ticks(update.edited_at) for update in event.updates if update.edited_at is not None)
    return Track(
        event.kind,
        event.pinned,
        known_at,
        tuple(sorted(instants)),
        tuple(_turns(past)),
        tuple(holds(past)),
        tuple(_touches(event, known_at)),
    )


def holds(past: Iterable[Step]) -> list[Hold]:
    """Return what an event's steps hold, in the order in which it is let go; what it never lets go ends at FOREVER."""
    result: list[Hold] = []
    held: Mapping[str, str] = NOTHING
    start_by_service: dict[str, int] = {}
    begun_at = 0
    for step in past:
        after = step.held
        if after is not held:
            result += _released(held, after, start_by_service, step.at, begun_at)
            held, begun_at = after, step.begun_at or 0
    result += _released(held, NOTHING, start_by_service, FOREVER, begun_at)
    return result


def standing(of: Track, now: int) -> Turn:
    """Return how an event stands at an instant when it has been heard of."""
    turn = of.turns[-1]
    return turn if turn.at <= now else of.turns[bisect_right(of.turns, now, key=_turn_at) - 1]


def row(event: str, of: Track, now: int) -> Row:
    """Return an event that has been heard of as a row of the archive; a notice goes on for nobody."""
    turn = standing(of, now)
    if of.kind == "notice":
        return turn.start_at, event, turn.start_at
    return turn.start_at, event, turn.at if turn.stage == "closed" else FOREVER


def open_times(of: Track, now: int) -> Iterator[tuple[int, int]]:
    """Yield from when to when an event was open, as known at `now`; what is open then ends at FOREVER."""
    opened_at: int | None = None
    for turn in of.turns:
        if turn.at > now:
            break
        if turn.stage == "open":
            opened_at = turn.at if opened_at is None else opened_at
        elif opened_at is not None:
            yield opened_at, turn.at
            opened_at = None
    if opened_at is not None:
        yield opened_at, FOREVER


def next_instant(of: Track, now: int) -> int:
    """Return the first instant after `now` at which something about an event changes; FOREVER when nothing will."""
    if of.known_at > now:
        return of.known_at
    if of.instants[-1] <= now:
        return FOREVER
    return of.instants[bisect_right(of.instants, now)]


def _turn_at(turn: Turn) -> int:
    return turn.at


def _turns(past: Iterable[Step]) -> Iterator[Turn]:
    before: tuple[Stage, int] | None = None
    for step in past:
        here = (step.stage, step.start_at if step.begun_at is None else step.begun_at)
        if here != before:
            before = here
            yield Turn(step.at, *here)


def _released(
    held: Mapping[str, str], after: Mapping[str, str], start_by_service: dict[str, int], at: int, begun_at: int
) -> Iterator[Hold]:
    """Yield the holds that end at an instant, and note in `start_by_service` which begin there."""
    for service, status in held.items():
        if after.get(service) != status:
            start_at = start_by_service.pop(service)
            if start_at < at:
                yield Hold(service, status, start_at, at, begun_at)
    for service in after:
        start_by_service.setdefault(service, at)


def _touches(event: Event, known_at: int) -> list[Touch]:
    at_by_service = dict.fromkeys(named_services(event), known_at)
    for update in event.updates:
        for service in update.services:
            at = ticks(update.at)
            at_by_service[service] = min(at, at_by_service.get(service, at))
    return [Touch(service, at) for service, at in at_by_service.items()]
