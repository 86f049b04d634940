"""Services and groups ready for print, bars and their text alternatives included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from markupsafe import Markup, escape

from stashgen import bars, urls
from stashgen.derive.board import Bar, DayCell, GroupView, ServiceView, Uptime
from stashgen.model import Level
from stashgen.outputs.pages.cards import Link
from stashgen.outputs.pages.marks import Mark
from stashgen.outputs.pages.press import Press

LISTED_DAYS: Final = 120  # of all bars of a dashboard together; the pages of the services list every day
LEAST_LISTED_DAYS: Final = 3
_BAR_WINDOW: Final = "90d"
_PATH: Final = Markup('<path class="%s" d="%s"/>')
_BAR: Final = Markup('<svg class="bar" viewBox="0 0 %d %d" preserveAspectRatio="none" aria-hidden="true">%s</svg>')


class DayCard(msgspec.Struct, frozen=True, kw_only=True):
    """A day on which something happened, as a bar says it in words."""

    href: str
    date: Markup
    is_today: bool
    held: Markup  # statuses with their durations
    mark: Mark
    events: tuple[Link, ...]


class BarCard(msgspec.Struct, frozen=True, kw_only=True):
    """A bar: its drawing and the same in words, newest day first; `more` days are left to the service's page."""

    first_day: str
    days: int
    svg: Markup
    summary: str
    is_empty: bool
    affected: tuple[DayCard, ...]
    more: int


class ServiceCard(msgspec.Struct, frozen=True, kw_only=True):
    """One service in a list."""

    id: str
    href: str
    name: str
    description: str
    mark: Mark
    uptime: Markup | None
    bar: BarCard


class GroupCard(msgspec.Struct, frozen=True, kw_only=True):
    """A group in a list; without `name`: services that have none."""

    id: str | None
    href: str | None
    name: str | None
    description: str
    mark: Mark
    is_open: bool
    services: tuple[ServiceCard, ...]


def group_cards(press: Press, root: str) -> tuple[GroupCard, ...]:
    """Return the groups of the dashboard."""
    count = len(press.context.board.services)
    listed = max(LEAST_LISTED_DAYS, LISTED_DAYS // max(count, 1))
    return tuple(group_card(press, root, group, listed) for group in press.context.board.groups)


def group_card(press: Press, root: str, group: GroupView, listed: int | None) -> GroupCard:
    """Return one group; its bars say up to `listed` days in words, None: all."""
    services = press.context.board.services
    return GroupCard(
        id=group.id,
        href=root + urls.group_page(group.id) if group.id else None,
        name=group.record.name if group.record else None,
        description=group.record.description if group.record else "",
        mark=press.marks(root)[group.status],
        is_open=group.is_open,
        services=tuple(service_card(press, root, services[service], listed) for service in group.services),
    )


def service_card(press: Press, root: str, service: ServiceView, listed: int | None) -> ServiceCard:
    """Return one service; its bar says up to `listed` days in words, None: all."""
    window = next((window for window in service.windows if window.name == _BAR_WINDOW), None)
    return ServiceCard(
        id=service.id,
        href=root + urls.service_page(service.id),
        name=service.record.name,
        description=service.record.description,
        mark=press.marks(root)[service.status],
        uptime=press.wording.percent(window.ratio) if window and window.ratio is not None else None,
        bar=bar_card(press, root, service, listed),
    )


def bar_card(press: Press, root: str, service: ServiceView, listed: int | None) -> BarCard:
    """Return a service's bar."""
    bar = service.bar
    newest = bar.cells[::-1][:listed]
    return BarCard(
        first_day=bar.first_day.isoformat(),
        days=bar.days,
        svg=_svg(press, bar),
        summary=_summary(press, bar),
        is_empty=bar.data_day is None,
        affected=tuple(day_card(press, root, service.id, cell) for cell in newest),
        more=len(bar.cells) - len(newest),
    )


def day_card(press: Press, root: str, service: str, cell: DayCell) -> DayCard:
    """Return a day of a service in words."""
    month = urls.service_month_page(service, cell.day.year, cell.day.month)
    return DayCard(
        href=f"{root}{month}#{urls.day_anchor(cell.day)}",
        date=press.wording.date(cell.day, "short"),
        is_today=cell.day == press.day(press.context.board.now),
        held=held_words(press, root, cell),
        mark=press.marks(root)[cell.status],
        events=event_links(press, root, cell.events),
    )


def held_words(press: Press, root: str, cell: DayCell) -> Markup:
    """Return the statuses of a day with their durations, the worst first."""
    marks = press.marks(root)
    parts = [
        press.wording.sentence("bar.held", status=marks[status].name, duration=press.wording.duration(seconds))
        for status, seconds in cell.seconds_by_status.items()
    ]
    return escape(f"{press.wording.text('list.comma')} ").join(parts)


def event_links(press: Press, root: str, events: Iterable[str]) -> tuple[Link, ...]:
    """Return events by title."""
    titles = press.context.site.events
    return tuple(Link(title=titles[event].title, href=root + urls.event_page(event)) for event in events)


def bar_facts(press: Press, service: ServiceView) -> tuple[object, ...]:
    """Return what a service in a list is made of, for keys."""
    events = [press.key_by_event[event] for cell in service.bar.cells for event in cell.events]
    uptimes = [uptime_facts(press, window) for window in service.windows if window.name == _BAR_WINDOW]
    return (service.id, service.record, service.status, service.status_since_at, service.bar, events, uptimes)


def uptime_facts(press: Press, uptime: Uptime) -> tuple[object, ...]:
    """Return what is printed of an uptime, for keys: without the ends of the window, which move with the clock."""
    is_over = uptime.end_at < press.context.board.now
    # What still runs changes with each second, and its figure hardly ever.
    shown = uptime.ratio if is_over else press.context.translator.percent(uptime.ratio)
    return (
        uptime.name,
        shown,
        round(uptime.down_seconds),
        [press.key_by_event[cause.event] for cause in uptime.causes],
    )


def _svg(press: Press, bar: Bar) -> Markup:
    drawn = bars.drawing(bar)
    strokes = [
        ("track", drawn.track),
        (f"base s-{press.context.board.default_status}", drawn.base),
        ("today", drawn.today),
        *((f"s-{status}", path) for status, path in drawn.marks.items()),
    ]
    paths = Markup("").join(_PATH % stroke for stroke in strokes if stroke[1])
    return _BAR % (drawn.width, bars.HEIGHT, paths)


def _summary(press: Press, bar: Bar) -> str:
    text = press.wording.text
    if bar.data_day is None:
        return text("bar.empty")
    return " · ".join(_affected(press, bar)) or text("bar.fine", count=bar.days)


def _affected(press: Press, bar: Bar) -> Iterator[str]:
    """Yield on how many days something was wrong, and on how many others there was maintenance alone."""
    levels = [press.context.board.statuses[cell.status].level for cell in bar.cells]
    wrong = sum(level.rank > Level.MAINTENANCE.rank for level in levels)
    maintained = levels.count(Level.MAINTENANCE)
    if wrong:
        yield press.wording.text("bar.affected", count=wrong, days=bar.days)
    if maintained:
        yield press.wording.text("bar.maintained", count=maintained, days=bar.days)
