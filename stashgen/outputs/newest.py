"""What was said last among some events: the newest updates, without looking at every event.

A word may be said late, of an event long past. Those of the days of the bars are all found by the board's
`changed_at_by_event`; older ones are taken from the events that began last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from heapq import heappush, heappushpop
from typing import NamedTuple

from stashgen.derive.board import EventView, UpdateView
from stashgen.outputs.context import Context


class Word(NamedTuple):
    """An update and whose it is."""

    event: EventView
    update: UpdateView


def newest_updates(context: Context, events: Sequence[str], count: int) -> list[Word]:
    """Return the newest updates among those of `candidates`, the newest first."""
    views = _views(context, events, count, lambda event: [update.at for update in event.updates])
    words = [Word(event, update) for event in views for update in event.updates]
    # Of two at the same instant the one that stands later in its file is the newer.
    words.sort(key=lambda word: (word.update.at, word.event.id, word.update.index), reverse=True)
    return words[:count]


def newest_events(context: Context, events: Sequence[str], count: int) -> list[EventView]:
    """Return those among `candidates` that were spoken of last, the newest word first."""
    views = _views(context, events, count, lambda event: [event.updated_at])
    views.sort(key=lambda event: (event.updated_at, event.id), reverse=True)
    return views[:count]


def candidates(context: Context, count: int, events: Sequence[str]) -> list[str]:
    """Return those among some events, the last to start first, that the newest `count` updates are of."""
    changed_at = context.board.changed_at_by_event
    changed: list[str] = []
    rest: list[str] = []
    for event in events:
        if event in changed_at:
            changed.append(event)
        elif len(rest) < count:
            rest.append(event)
    changed.sort(key=lambda event: (changed_at[event], event), reverse=True)
    return [*changed, *rest]


def _views(
    context: Context, events: Sequence[str], count: int, instants: Callable[[EventView], list[dt.datetime]]
) -> list[EventView]:
    """Return the views of as many candidates as it takes: nothing that was said of the others is new enough."""
    changed_at = context.board.changed_at_by_event
    long_ago = min(changed_at.values(), default=None)
    views: list[EventView] = []
    newest: list[dt.datetime] = []  # a heap of the newest `count`, the oldest of them first
    for name in events:
        last_at = changed_at.get(name, long_ago)
        if len(newest) == count and last_at is not None and last_at < newest[0]:
            break
        view = context.board.events[name]
        views.append(view)
        for at in instants(view):
            if len(newest) < count:
                heappush(newest, at)
            else:
                heappushpop(newest, at)
    return views
