"""What was said, as Stashboard counts it: each update once for every service that its event touches by then.

A maintenance that begins or ends by its plan, without a word, is posted too: otherwise the newest event of a
service would tell another status than the page.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from heapq import heappush, heappushpop
from typing import Final, NamedTuple

import msgspec

from stashgen.derive.board import Stretch
from stashgen.derive.steps import BY_PLAN, NOTHING, Step, named_services, steps, until_now
from stashgen.derive.ticks import instant, ticks
from stashgen.documents.stashboard import SID_LENGTH
from stashgen.identity import first_id, short_id, update_names
from stashgen.markup import to_lines
from stashgen.memo import digest
from stashgen.model import Event
from stashgen.outputs.context import Context

_KEPT_EVENTS: Final = 2_048
_KEPT_MESSAGES: Final = 2_000


class Post(NamedTuple):
    """One event in Stashboard's sense; posts sort by time, and no two have the same first four fields."""

    at: dt.datetime
    event: str
    update: int  # place in the file; BY_PLAN: a planned time took effect
    service: str
    name: str  # of the update within the event, the same for ever
    status: str  # of the service from then on, whatever else holds it
    is_informational: bool  # the status stayed as it was, and nobody said that it does
    is_open: bool  # the event is open from then on
    first_id: str  # of the service, before it was renamed

    @property
    def sid(self) -> str:
        """Return its id: opaque, and the same for ever."""
        return short_id("stashboard-event", f"{self.event}/{self.name}/{self.first_id}", SID_LENGTH)


class _Said(msgspec.Struct, frozen=True):
    index: int
    at: dt.datetime


class Journal(msgspec.Struct, frozen=True, dict=True):
    """The posts of a board, made event by event when they are asked for."""

    context: Context

    @cached_property
    def events(self) -> Sequence[str]:
        """Events by when they were last spoken of, the newest first."""
        phases = self.context.board.phases
        return sorted(phases, key=lambda event: (phases[event].last_at, event), reverse=True)

    @cached_property
    def events_by_service(self) -> Mapping[str, Sequence[str]]:
        """The events that touch a service, the last spoken of first."""
        events: dict[str, list[str]] = {service: [] for service in self.context.board.services}
        for event in self.events:
            for service in self.context.board.phases[event].services:
                events[service].append(event)
        return events

    @cached_property
    def key_by_service(self) -> Mapping[str, bytes]:
        """What tells whether anything that was ever said of a service is another."""
        services, key_by_event = self.context.board.services, self.context.key_by_event
        return {
            service: digest(
                self.context.layout,
                b"".join([key_by_event[event] for event in events]),
                msgspec.msgpack.encode(services[service].stretches),
            )
            for service, events in self.events_by_service.items()
        }

    @cached_property
    def _kept(self) -> OrderedDict[str, tuple[Post, ...]]:
        return OrderedDict()

    @cached_property
    def _messages(self) -> dict[tuple[str, int], str]:
        return {}

    def posts(self, event: str) -> tuple[Post, ...]:
        """Return the posts of an event for all services that are not hidden."""
        if event not in self._kept:
            if len(self._kept) >= _KEPT_EVENTS:
                self._kept.popitem(last=False)
            self._kept[event] = tuple(_posts(self.context, event))
        return self._kept[event]

    def newest(self, count: int, service: str | None = None) -> list[Post]:
        """Return the newest posts of the page or of a service, the newest first."""
        phases = self.context.board.phases
        found: list[Post] = []  # a heap: the oldest of the newest is on top
        for event in self.events if service is None else self.events_by_service[service]:
            if len(found) == count and found[0].at > phases[event].last_at:
                break
            for post in self.posts(event):
                if service not in (None, post.service):
                    continue
                if len(found) < count:
                    heappush(found, post)
                else:
                    heappushpop(found, post)
        return sorted(found, reverse=True)

    def current(self, service: str) -> Post | None:
        """Return the newest post of a service; its status is the service's."""
        return next(iter(self.newest(1, service)), None)

    def message(self, post: Post) -> str:
        """Return what was said as plain text."""
        if post.update == BY_PLAN:
            key = "stashboard.began" if post.is_open else "stashboard.ended"
            return self.context.translator.text(key, title=self.context.site.events[post.event].title)
        place = post.event, post.update
        if place not in self._messages:
            if len(self._messages) >= _KEPT_MESSAGES:
                self._messages.clear()
            self._messages[place] = to_lines(self.context.texts(post.event).messages[post.update])
        return self._messages[place]


def status_at(stretches: Sequence[Stretch], at: dt.datetime, default_status: str) -> str:
    """Return the status of a service from an instant on."""
    place = bisect_right(stretches, at, key=_start) - 1
    end_at = stretches[place].end_at if place >= 0 else at
    return stretches[place].status if end_at is None or end_at > at else default_status


def status_before(stretches: Sequence[Stretch], at: dt.datetime, default_status: str) -> str:
    """Return the status of a service up to an instant."""
    place = bisect_left(stretches, at, key=_start) - 1
    if place < 0:
        return default_status
    end_at = stretches[place].end_at
    return stretches[place].status if end_at is None or end_at >= at else default_status


def _posts(context: Context, event_id: str) -> Iterator[Post]:
    board, event = context.board, context.site.events[event_id]
    past = until_now(steps(event, board.default_status), ticks(board.now))
    held = NOTHING
    for step, name, services in zip(past, _names(past), _spoken_of(event, past), strict=True):
        at = instant(step.at)
        for service in services:
            if service not in board.services:
                continue
            stretches = board.services[service].stretches
            status = status_at(stretches, at, board.default_status)
            is_same = held.get(service) == step.held.get(service)
            is_same = is_same or status == status_before(stretches, at, board.default_status)
            yield Post(
                at=at,
                event=event_id,
                update=step.update,
                service=service,
                name=name,
                status=status,
                is_informational=is_same and not _says(event, step, service, status),
                is_open=step.stage == "open",
                first_id=first_id(service, board.services[service].record.aliases),
            )
        held = step.held


def _says(event: Event, step: Step, service: str, status: str) -> bool:
    """Tell whether an update itself says what status the service is in: "still down" is no mere note."""
    if step.update == BY_PLAN:
        return False
    said = event.updates[step.update].services.get(service)
    if said is None and event.kind == "incident" and step.begun_at == step.at:
        said = named_services(event).get(service)
    return said == status


def _names(past: Sequence[Step]) -> Iterator[str]:
    said = update_names(_Said(step.update, instant(step.at)) for step in past if step.update != BY_PLAN)
    for step in past:
        planned = _Said(BY_PLAN, instant(step.at))
        yield f"plan-{update_names([planned])[BY_PLAN]}" if step.update == BY_PLAN else said[step.update]


def _spoken_of(event: Event, past: Sequence[Step]) -> Iterator[list[str]]:
    """Yield the services that each step says something of: a word all that are touched by then, a plan those it moves.

    A service that joins later is not told what was said before: that would change its past.
    """
    touched = dict.fromkeys(named_services(event))
    held = NOTHING
    for step in past:
        if step.update == BY_PLAN:
            yield [service for service in touched if held.get(service) != step.held.get(service)]
        else:
            touched |= dict.fromkeys(event.updates[step.update].services)
            yield [*touched]
        held = step.held


def _start(stretch: Stretch) -> dt.datetime:
    return stretch.start_at
