"""A service's months: which events touched it in each, and its days one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from markupsafe import Markup, escape

from stashgen import urls
from stashgen.derive.board import ServiceView, Stretch, Uptime
from stashgen.derive.calendar import DAY, day_of, day_start
from stashgen.outputs.pages.cards import Link, event_card
from stashgen.outputs.pages.marks import Mark
from stashgen.outputs.pages.press import Press
from stashgen.outputs.pages.services import event_links, uptime_facts


class ServiceMonth(msgspec.Struct, frozen=True, kw_only=True):
    """One month of one service in which something happened."""

    year: int
    month: int
    uptime: Uptime
    stretches: tuple[Stretch, ...]  # those that reach into the month, whole
    events: tuple[str, ...]  # newest first


class MonthDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day of a service's month on which something happened."""

    anchor: str
    date: Markup
    mark: Mark
    held: Markup
    events: tuple[Link, ...]


def service_months(press: Press, service: ServiceView) -> Mapping[str, ServiceMonth]:
    """Return "2026-11" -> month, for the months in which an event held or began at the service, newest first."""
    stretches = _stretches_by_month(service)
    place_by_event = {event: place for place, event in enumerate(service.events)}
    told: dict[str, ServiceMonth] = {}
    for uptime in service.months:
        pieces = stretches.get(uptime.name, [])
        begun = press.begun_by_month.get((service.id, uptime.name), frozenset())
        events = ({piece.event for piece in pieces} | begun) & place_by_event.keys()
        if events:
            told[uptime.name] = ServiceMonth(
                year=int(uptime.name[:4]),
                month=int(uptime.name[5:]),
                uptime=uptime,
                stretches=tuple(pieces),
                events=tuple(sorted(events, key=place_by_event.__getitem__)),
            )
    return told


def _stretches_by_month(service: ServiceView) -> Mapping[str, list[Stretch]]:
    months = service.months[::-1]
    stretches: dict[str, list[Stretch]] = {}
    first = 0
    for stretch in service.stretches:
        while first < len(months) and months[first].end_at <= stretch.start_at:
            first += 1
        place = first
        while place < len(months) and (stretch.end_at is None or months[place].start_at < stretch.end_at):
            stretches.setdefault(months[place].name, []).append(stretch)
            place += 1
    return stretches


def month_facts(press: Press, month: ServiceMonth) -> tuple[object, ...]:
    """Return what a month's page shows, for its key."""
    events = [press.key_by_event[event] for event in month.events]
    uptime, now = month.uptime, press.context.board.now
    # What still goes on has lasted until now, or until the month was over.
    stretches = [
        (stretch.start_at, min(stretch.end_at or now, uptime.end_at), stretch.status, stretch.event)
        for stretch in month.stretches
    ]
    return (month.year, month.month, uptime_facts(press, uptime), events, stretches)


def month_values(press: Press, service: ServiceView, month: ServiceMonth) -> dict[str, Any]:
    """Return what a month's page shows."""
    root = urls.root(urls.service_month_page(service.id, month.year, month.month))
    views = [press.event(event) for event in month.events]
    return {
        "uptime": press.wording.percent(month.uptime.ratio),
        "downtime": press.wording.duration(month.uptime.down_seconds) if month.uptime.down_seconds else None,
        "days": [*_days(press, root, month)],
        "events": [event_card(press, root, view) for view in views],
        "archive": root + urls.month_page(month.year, month.month),
    }


def _days(press: Press, root: str, month: ServiceMonth) -> Iterator[MonthDay]:
    marks = press.marks(root)
    statuses = press.context.board.statuses
    for day, pieces in sorted(_pieces_by_day(press, month).items(), reverse=True):
        spent: dict[str, float] = {}
        for status, seconds, _ in pieces:
            spent[status] = spent.get(status, 0) + seconds
        ranked = sorted(spent, key=lambda status: (-statuses[status].level.rank, -spent[status], status))
        words = press.wording
        parts = [
            words.sentence("bar.held", status=marks[status].name, duration=words.duration(spent[status]))
            for status in ranked
        ]
        yield MonthDay(
            anchor=urls.day_anchor(day),
            date=words.date(day, "weekday"),
            mark=marks[ranked[0]],
            held=escape(f"{words.text('list.comma')} ").join(parts),
            events=event_links(press, root, dict.fromkeys(event for _, _, event in pieces)),
        )


def _pieces_by_day(press: Press, month: ServiceMonth) -> dict[dt.date, list[tuple[str, float, str]]]:
    zone, now = press.context.translator.zone, press.context.board.now
    pieces: dict[dt.date, list[tuple[str, float, str]]] = {}
    for stretch in month.stretches:
        at = max(stretch.start_at, month.uptime.start_at)
        end_at = min(stretch.end_at or now, month.uptime.end_at)
        while at < end_at:
            day = day_of(at, zone)
            until = min(end_at, day_start(day + DAY, zone))
            pieces.setdefault(day, []).append((stretch.status, (until - at).total_seconds(), stretch.event))
            at = until
    return pieces
