"""Events ready for print: what the board says of them, in words, with links from the site's root."""

from __future__ import annotations

import datetime as dt

import msgspec
from markupsafe import Markup

from stashgen import urls
from stashgen.derive.board import Affected, EventView, Stretch, UpdateView
from stashgen.outputs.pages.marks import SHAPE_BY_LEVEL, Mark
from stashgen.outputs.pages.press import Press


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A service in a status."""

    name: str
    path: str
    mark: Mark


class EventCard(msgspec.Struct, frozen=True, kw_only=True):
    """One event in a few words."""

    id: str
    path: str
    title: str
    kind: str  # incident, maintenance, notice
    kind_word: str
    state: str | None
    state_word: str  # the kind's word for a notice
    level: str
    icon: Markup
    is_open: bool
    is_upcoming: bool
    is_pinned: bool
    when: Markup  # since, from-to, or planned
    planned: Markup | None  # maintenance: the planned from-to where `when` says something else
    duration: Markup | None
    services: tuple[Held, ...]
    has_postmortem: bool
    tags: tuple[str, ...]


class UpdateCard(msgspec.Struct, frozen=True, kw_only=True):
    """One update of a timeline."""

    anchor: str
    at: Markup
    state_word: str | None
    is_state_new: bool
    changes: tuple[Held, ...]
    html: Markup


class HoldCard(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time in one status."""

    mark: Mark
    when: Markup
    duration: Markup | None


class AffectedCard(msgspec.Struct, frozen=True, kw_only=True):
    """One service of an event and what it went through."""

    service: Held
    holds: tuple[HoldCard, ...]


def event_card(press: Press, root: str, event: EventView) -> EventCard:
    """Return an event in a few words."""
    text = press.wording.text
    level = event.level.value.lower()
    return EventCard(
        id=event.id,
        path=urls.event_page(event.id),
        title=event.title,
        kind=event.kind,
        kind_word=text(f"kind.{event.kind}"),
        state=event.state,
        state_word=text(f"state.{event.state}") if event.state else text(f"kind.{event.kind}"),
        level=level,
        icon=press.icons.icon(_shape(event), f"l-{level}"),
        is_open=event.is_open,
        is_upcoming=event.is_upcoming,
        is_pinned=event.is_pinned,
        when=_when(press, event),
        planned=_planned(press, event),
        duration=None if event.seconds is None or event.kind == "notice" else press.wording.duration(event.seconds),
        services=tuple(_held(press, root, one) for one in event.affected),
        has_postmortem=event.has_postmortem,
        tags=event.tags,
    )


def update_cards(press: Press, root: str, event: EventView) -> tuple[UpdateCard, ...]:
    """Return the timeline of an event, newest first."""
    messages = press.context.texts(event.id).messages
    return tuple(update_card(press, root, update, messages[update.index]) for update in event.updates)


def update_card(press: Press, root: str, update: UpdateView, message: str) -> UpdateCard:
    """Return one update of a timeline."""
    board = press.context.board
    marks = press.marks(root)
    return UpdateCard(
        anchor=urls.update_anchor(update.index),
        at=press.wording.ago(update.at),
        state_word=press.wording.text(f"state.{update.state}") if update.state else None,
        is_state_new=update.is_state_new,
        changes=tuple(
            Held(name=board.services[service].record.name, path=urls.service_page(service), mark=marks[status])
            for service, status in update.changes.items()
        ),
        html=Markup(message),  # noqa: S704  # made safe by stashgen.markup
    )


def affected_cards(press: Press, root: str, event: EventView) -> tuple[AffectedCard, ...]:
    """Return the services of an event, each with what it held them at and when."""
    return tuple(
        AffectedCard(
            service=_held(press, root, one), holds=tuple(hold_card(press, root, stretch) for stretch in one.stretches)
        )
        for one in event.affected
    )


def hold_card(press: Press, root: str, stretch: Stretch) -> HoldCard:
    """Return a stretch of time in one status."""
    wording = press.wording
    if stretch.end_at is None:
        when, duration = _since(press, stretch.start_at), None
    else:
        when = wording.span(stretch.start_at, stretch.end_at)
        duration = wording.duration((stretch.end_at - stretch.start_at).total_seconds())
    return HoldCard(mark=press.marks(root)[stretch.status], when=when, duration=duration)


def _held(press: Press, root: str, one: Affected) -> Held:
    name = press.context.board.services[one.service].record.name
    return Held(name=name, path=urls.service_page(one.service), mark=press.marks(root)[one.worst])


def _shape(event: EventView) -> str:
    if event.kind == "notice":
        return "info"
    if event.kind == "maintenance":
        return "wrench"
    return SHAPE_BY_LEVEL[event.level] if event.affected else "info"


def _when(press: Press, event: EventView) -> Markup:
    wording = press.wording
    if event.is_upcoming and event.planned_start_at and event.planned_end_at:
        return wording.span(event.planned_start_at, event.planned_end_at)
    if event.ended_at is None:
        return wording.at(event.started_at) if event.kind == "notice" else _since(press, event.started_at)
    return wording.span(event.started_at, event.ended_at)


def _since(press: Press, at: dt.datetime) -> Markup:
    return press.wording.sentence("event.since", at=press.wording.ago(at))


def _planned(press: Press, event: EventView) -> Markup | None:
    if event.is_upcoming or event.planned_start_at is None or event.planned_end_at is None:
        return None
    if (event.planned_start_at, event.planned_end_at) == (event.started_at, event.ended_at):
        return None
    return press.wording.span(event.planned_start_at, event.planned_end_at)
