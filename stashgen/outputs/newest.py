"""What was said last: the newest updates of the page, of a group or of a service, without looking at every event.

A word may be said late, of an event long past. Those of the days of the bars are all found by the board's
`changed_at_by_event`; older ones are taken from the events that began last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain
from typing import NamedTuple

from stashgen.derive.board import EventView, UpdateView
from stashgen.outputs.context import Context

Services = Collection[str] | None  # None: all


class Word(NamedTuple):
    """An update and whose it is."""

    event: EventView
    update: UpdateView


def newest_updates(context: Context, count: int, services: Services = None) -> list[Word]:
    """Return the newest updates of all events, or of those that touch one of some services, the newest first."""
    words = [
        Word(event, update)
        for event in (context.board.events[name] for name in candidates(context, count, services))
        for update in event.updates
    ]
    # Of two at the same instant the one that stands later in its file is the newer.
    words.sort(key=lambda word: (word.update.at, word.event.id, word.update.index), reverse=True)
    return words[:count]


def newest_events(context: Context, count: int, services: Services = None) -> list[EventView]:
    """Return the events that were spoken of last, the newest word first."""
    events = [context.board.events[name] for name in candidates(context, count, services)]
    events.sort(key=lambda event: (event.updated_at, event.id), reverse=True)
    return events[:count]


def candidates(context: Context, count: int, services: Services = None) -> list[str]:
    """Return the ids of events among which the newest `count` updates are, each once."""
    changed = [event for event in context.board.changed_at_by_event if _touches(context, event, services)]
    rest: list[str] = []
    known = set(changed)
    for event in _newest_first(context, services):
        if len(rest) == count:
            break
        if event not in known:
            rest.append(event)
            known.add(event)
    return [*changed, *rest]


def _newest_first(context: Context, services: Services) -> Iterator[str]:
    board = context.board
    if services is None:
        yield from chain.from_iterable(month.events for month in board.months)
    elif len(services) == 1:
        yield from board.services[next(iter(services))].events
    else:
        events = {event for service in services for event in board.services[service].events}
        yield from sorted(events, key=lambda event: (board.phases[event].started_at, event), reverse=True)


def _touches(context: Context, event: str, services: Services) -> bool:
    return services is None or any(service in services for service in context.board.phases[event].services)
