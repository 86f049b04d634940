"""Events ready for print: what the board says of them, in words, with links as seen from the page."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec
from markupsafe import Markup

from stashgen import markup, urls
from stashgen.derive.board import Affected, EventView, Stretch, UpdateView
from stashgen.model import Level
from stashgen.outputs.pages.marks import Mark
from stashgen.outputs.pages.outline import outlined
from stashgen.outputs.pages.press import Press
from stashgen.theme import SHAPE_BY_LEVEL

_BELOW_UPDATE: Final = 4  # an update stands below a heading of level 3


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A service in a status."""

    name: str
    href: str
    mark: Mark


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A title and where it leads."""

    title: str
    href: str


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """The services that an event holds, or held at worst, at one status."""

    mark: Mark
    services: tuple[Link, ...]


class EventCard(msgspec.Struct, frozen=True, kw_only=True):
    """One event in a few words."""

    id: str
    href: str
    title: str
    kind: str  # incident, maintenance, notice
    kind_word: str
    state: str | None
    state_word: str  # the kind's word for a notice
    css: str  # class of its colour
    icon: Markup
    is_open: bool
    is_upcoming: bool
    is_pinned: bool
    when: Markup  # since, from-to, or planned
    planned: Markup | None  # maintenance: the planned from-to where `when` says something else
    duration: Markup | None
    effects: tuple[Effect, ...]  # the worst first
    has_postmortem: bool
    tags: tuple[str, ...]


class UpdateCard(msgspec.Struct, frozen=True, kw_only=True):
    """One update of a timeline."""

    anchor: str
    at: Markup
    edited: Markup | None  # when it was edited
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
    css = _css(press, event)
    return EventCard(
        id=event.id,
        href=root + urls.event_page(event.id),
        title=event.title,
        kind=event.kind,
        kind_word=text(f"kind.{event.kind}"),
        state=event.state,
        state_word=text(f"state.{event.state}") if event.state else text(f"kind.{event.kind}"),
        css=css,
        icon=press.icons.icon(_shape(event, css), css),
        is_open=event.is_open,
        is_upcoming=event.is_upcoming,
        is_pinned=event.is_pinned,
        when=_when(press, event),
        planned=_planned(press, event),
        duration=press.wording.duration(event.seconds or 0) if _has_duration(event) else None,
        effects=_effects(press, root, event),
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
        edited=_edited(press, update),
        state_word=press.wording.text(f"state.{update.state}") if update.state else None,
        is_state_new=update.is_state_new,
        changes=tuple(
            Held(name=board.services[service].record.name, href=root + urls.service_page(service), mark=marks[status])
            for service, status in update.changes.items()
        ),
        html=Markup(outlined(markup.relocate(message, root), _BELOW_UPDATE)),  # noqa: S704  # made safe by stashgen.markup
    )


def _edited(press: Press, update: UpdateView) -> Markup | None:
    if update.edited_at is None:
        return None
    return press.wording.sentence("event.edited", at=press.wording.at(update.edited_at))


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
    return Held(name=name, href=root + urls.service_page(one.service), mark=press.marks(root)[one.worst])


def _effects(press: Press, root: str, event: EventView) -> tuple[Effect, ...]:
    """Return the services by status: as they are while the event is open, else the worst that each went through."""
    is_running = event.is_open and not event.is_upcoming
    services_by_status: dict[str, list[Link]] = {}
    for one in event.affected:
        status = one.current if is_running else one.worst
        if status is not None and status != press.context.board.default_status:
            name = press.context.board.services[one.service].record.name
            services_by_status.setdefault(status, []).append(
                Link(title=name, href=root + urls.service_page(one.service))
            )
    statuses = press.context.board.statuses
    ranked = sorted(services_by_status, key=lambda status: (-statuses[status].level.rank, status))
    marks = press.marks(root)
    return tuple(Effect(mark=marks[status], services=tuple(services_by_status[status])) for status in ranked)


def _css(press: Press, event: EventView) -> str:
    """Return the class of an event's colour: as bad as it is while it is open, as bad as it was afterwards."""
    if event.kind == "maintenance":
        return "l-maintenance"
    statuses = press.context.board.statuses
    held = [statuses[one.current].level for one in event.affected if one.current] if event.is_open else []
    level = max(held, key=lambda level: level.rank, default=event.level)
    return f"l-{level.value.lower()}" if level is not Level.NORMAL else "l-none"


def _shape(event: EventView, css: str) -> str:
    if event.kind == "maintenance":
        return SHAPE_BY_LEVEL[Level.MAINTENANCE]
    return next((shape for level, shape in SHAPE_BY_LEVEL.items() if css == f"l-{level.value.lower()}"), "info")


def _has_duration(event: EventView) -> bool:
    return event.seconds is not None and event.kind != "notice" and not event.is_planned_only


def _when(press: Press, event: EventView) -> Markup:
    wording = press.wording
    if event.is_planned_only and event.planned_start_at and event.planned_end_at:
        return wording.span(event.planned_start_at, event.planned_end_at)
    if event.ended_at is None:
        return wording.at(event.started_at) if event.kind == "notice" else _since(press, event.started_at)
    return wording.span(event.started_at, event.ended_at)


def _since(press: Press, at: dt.datetime) -> Markup:
    return press.wording.sentence("event.since", at=press.wording.ago(at))


def _planned(press: Press, event: EventView) -> Markup | None:
    if event.is_planned_only or event.planned_start_at is None or event.planned_end_at is None:
        return None
    if (event.planned_start_at, event.planned_end_at) == (event.started_at, event.ended_at):
        return None
    return press.wording.span(event.planned_start_at, event.planned_end_at)
