"""A state of a site -> all that there has been to tell of it lately, each thing under a name that stays the same.

What is new between two states is what the later one has and the earlier one had not: see `fresh` in ledger.py.
A name follows from the event and the instant: who corrects a word, a title or a status makes nothing new, who says
so by a later `edited_at` does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from stashgen.check.event_rules import services_said
from stashgen.derive.board import EventView, PlannedTurn, UpdateView
from stashgen.identity import update_names
from stashgen.memo import digest
from stashgen.model import CLOSING_STATES, Event, News, State
from stashgen.outputs.context import Context

HORIZON: Final = dt.timedelta(hours=48)  # what came about before is history, whenever it is heard of
MEMORY: Final = dt.timedelta(days=60)  # so long after its last word an event's postmortem is still news
_TAG_BY_TURN: Final[dict[State, News]] = {"in-progress": "started", "completed": "ended"}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell; without tags there is nothing to tell, only that the event is there."""

    key: str  # the same for ever, and no other's
    event: str
    at: dt.datetime  # when it came about
    tags: tuple[News, ...]
    state: State | None = None
    update: int | None = None  # its place in the file, for words of somebody
    edit_of: str | None = None  # the key of what was edited
    said: str = ""  # digest of the words of what came about within the horizon


def items(context: Context) -> list[Item]:
    """Return what there has been to tell by now, the oldest first."""
    board = context.board
    since_at = board.now - MEMORY
    found = [
        item
        for event, phase in board.phases.items()
        if phase.last_at >= since_at and is_public(context.site.events[event], context)
        for item in _of_event(context, board.events[event])
    ]
    return sorted(found, key=lambda item: (item.at, item.event, item.update if item.update is not None else -1))


def is_public(event: Event, context: Context) -> bool:
    """Tell whether an event is about anything that readers know: not if all its services are hidden."""
    services = {service for _, service in services_said(event)}
    return not services or not services.isdisjoint(context.board.services)


def _of_event(context: Context, event: EventView) -> Iterator[Item]:
    yield Item(key=event.id, event=event.id, at=event.said_at, tags=())
    yield from _updates(context, event)
    for turn in event.turns:
        if turn.state in _TAG_BY_TURN:
            yield _turn(event, turn)
    if event.has_postmortem:
        yield Item(key=f"{event.id}/postmortem", event=event.id, at=event.said_at, tags=("postmortem",))


def _updates(context: Context, event: EventView) -> Iterator[Item]:
    names = update_names(event.updates)
    oldest = event.updates[-1]
    for update in event.updates:
        key = f"{event.id}/{names[update.index]}"
        said = _said(context, event, update) if update.said_at >= context.board.now - HORIZON else ""
        item = Item(
            key=key,
            event=event.id,
            at=update.at,
            tags=_tags(update, is_first=update is oldest),
            state=update.state,
            update=update.index,
            said=said,
        )
        yield item
        if update.edited_at is not None and update.edited_at > update.at:
            at = update.edited_at
            yield replace(item, key=f"{key}/edited-{_name(at)}", at=at, tags=("updated",), edit_of=key)


def _tags(update: UpdateView, *, is_first: bool) -> tuple[News, ...]:
    tags: list[News] = ["opened"] if is_first else []
    if update.state in CLOSING_STATES and update.is_state_new:
        tags.append("ended")
    elif update.state == "in-progress" and update.is_state_new:
        tags.append("started")
    return tuple(tags) or ("updated",)


def _turn(event: EventView, turn: PlannedTurn) -> Item:
    key = f"{event.id}/{turn.state}-{_name(turn.at)}"
    return Item(key=key, event=event.id, at=turn.at, tags=(_TAG_BY_TURN[turn.state],), state=turn.state)


def _said(context: Context, event: EventView, update: UpdateView) -> str:
    message = context.texts(event.id).messages[update.index]
    return digest((update.state or "").encode(), message.encode())[:6].hex()


def _name(at: dt.datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"
