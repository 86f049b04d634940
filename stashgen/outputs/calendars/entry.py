"""An event as it stands in calendars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise

from stashgen import icswrite, markup, urls
from stashgen.derive.board import EventView
from stashgen.outputs import telling
from stashgen.outputs.context import Context


def entry(context: Context, event: EventView) -> Iterator[str]:
    """Yield the lines of a VEVENT; nothing in them moves with the clock."""
    settings = context.board.settings
    stamp = icswrite.instant(event.said_at)
    yield f"UID:{urls.calendar_uid(settings.url, event.id)}"
    yield f"DTSTAMP:{stamp}"
    yield f"CREATED:{icswrite.instant(event.updates[-1].at)}"
    yield f"LAST-MODIFIED:{stamp}"
    yield f"SEQUENCE:{sequence(event)}"
    yield from _times(event)
    yield f"STATUS:{_status(event)}"
    yield "TRANSP:TRANSPARENT"
    yield f"SUMMARY:{icswrite.text(_summary(context, event))}"
    yield f"DESCRIPTION:{icswrite.text(_description(context, event))}"
    yield f"CATEGORIES:{icswrite.texts(_categories(context, event))}"
    if settings.url is not None:
        yield f"URL:{context.public(urls.event_page(event.id))}"
    if event.is_upcoming and settings.calendar_alarm_minutes is not None:
        yield from icswrite.component("VALARM", _alarm(event, settings.calendar_alarm_minutes))


def sequence(event: EventView) -> int:
    """Return how often an update has changed the state or the plan: it only grows while words are added."""
    facts = [(update.state, update.planned_start_at, update.planned_end_at) for update in event.updates]
    return sum(newer != older for newer, older in pairwise(facts))


def times(event: EventView) -> tuple[dt.datetime, dt.datetime]:
    """Return from when to when an event shows: as planned until it has begun, then as it really was.

    What is open reaches until its planned end, or until its newest word where that is later or nothing is planned.
    """
    if event.is_planned_only and event.planned_start_at and event.planned_end_at:
        return event.planned_start_at, event.planned_end_at
    return event.started_at, event.ended_at or max(event.planned_end_at or event.updated_at, event.updated_at)


def _times(event: EventView) -> Iterator[str]:
    start_at, end_at = (at.replace(microsecond=0) for at in times(event))
    yield f"DTSTART:{icswrite.instant(start_at)}"
    # An end has to be later than the start (RFC 5545, section 3.6.1); without one the event is a point in time.
    if end_at > start_at:
        yield f"DTEND:{icswrite.instant(end_at)}"


def _status(event: EventView) -> str:
    if event.state == "cancelled":
        return "CANCELLED"
    is_over_plan = event.planned_end_at is None or event.planned_end_at < event.updated_at
    # Of what is open beyond any plan nobody knows the end.
    return "TENTATIVE" if event.is_open and is_over_plan else "CONFIRMED"


def _summary(context: Context, event: EventView) -> str:
    # Not every program shows the status of an event in a calendar that is subscribed to.
    if event.state != "cancelled":
        return event.title
    text = context.translator.text
    return text("feed.entry", state=text("state.cancelled"), title=event.title)


def _description(context: Context, event: EventView) -> str:
    words, messages = context.translator, context.texts(event.id).messages
    blocks = ["\n".join(telling.effects(context, event))]
    # What was said last and first: the whole story is on the event's page.
    for update in event.updates if len(event.updates) == 1 else (event.updates[0], event.updates[-1]):
        state = f"{words.text(f'state.{update.state}')} · " if update.state else ""
        blocks.append(f"{state}{words.instant(update.at)}\n{markup.to_plain(messages[update.index])}")
    if context.board.settings.url is not None:
        blocks.append(context.public(urls.event_page(event.id)))
    return "\n\n".join(block for block in blocks if block)


def _categories(context: Context, event: EventView) -> list[str]:
    kind = context.translator.text(f"kind.{event.kind}")
    return [kind, *(context.board.services[one.service].record.name for one in event.affected)]


def _alarm(event: EventView, minutes: int) -> Iterator[str]:
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{icswrite.text(event.title)}"
    yield f"TRIGGER:-{icswrite.minutes(minutes)}"
