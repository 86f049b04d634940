"""The archive: a page of all months, and one a month with its days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

import msgspec
from markupsafe import Markup

from stashgen import urls
from stashgen.derive.board import EventView, Month
from stashgen.derive.calendar import DAY, day_start, months_since
from stashgen.outputs.context import Output
from stashgen.outputs.pages.cards import EventCard, Link, event_card
from stashgen.outputs.pages.press import Page, Press
from stashgen.outputs.pages.services import event_links

NOT_FOUND_TEMPLATE: Final = "404.html"


class MonthCard(msgspec.Struct, frozen=True, kw_only=True):
    """One month in the list of months."""

    name: str
    href: str
    count: int


class YearCard(msgspec.Struct, frozen=True, kw_only=True):
    """One year of months, newest first."""

    year: int
    months: tuple[MonthCard, ...]


class ArchiveDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day with its events, or a run of days on which none began: `anchors` are the fragments of all of them."""

    anchors: tuple[str, ...]
    date: Markup
    last_date: Markup | None
    events: tuple[EventCard, ...]
    ongoing: tuple[Link, ...] = ()  # began earlier and went on


def outputs(press: Press) -> Iterator[Output]:
    """Yield the index of the archive, its months, and the page for unknown addresses."""
    months = _months(press)
    counts = [(month.year, month.month, len(month.events)) for month in months]
    since = press.context.board.since_at
    yield Output(
        urls.HISTORY, press.key("history", counts, since), lambda: press.printed(_index(press, months)), rank=1
    )
    for place, month in enumerate(months):
        events = [press.key_by_event[event] for event in (*month.events, *month.ongoing)]
        is_newest, is_oldest = place == 0, place == len(months) - 1
        last_day = _last_day(press, month).isoformat()
        key = press.key("month", month.year, month.month, events, last_day, is_newest, is_oldest)
        yield Output(
            urls.month_page(month.year, month.month),
            key,
            lambda month=month, ends=(is_newest, is_oldest): press.printed(_month(press, month, ends)),  # type: ignore[misc]  # binds now
        )
    missing = Page(path=urls.NOT_FOUND, template=NOT_FOUND_TEMPLATE, title=press.wording.text("missing.title"))
    yield press.output(missing, press.key("missing"))


def _months(press: Press) -> list[Month]:
    """Return every month on record, newest first, also those without events: any day has its place."""
    board = press.context.board
    by_name = {(month.year, month.month): month for month in board.months}
    today = press.day(board.now)
    firsts = [dt.date(month.year, month.month, 1) for month in board.months]
    if board.since_at:
        firsts.append(press.day(board.since_at))
    lasts = [*firsts, today]
    names = months_since(min(lasts), max(lasts))
    return [by_name.get(name, Month(year=name[0], month=name[1], events=())) for name in reversed([*names])]


def _index(press: Press, months: list[Month]) -> Page:
    by_year: dict[int, list[MonthCard]] = {}
    for month in months:
        card = MonthCard(
            name=press.wording.month(month.year, month.month),
            href=urls.root(urls.HISTORY) + urls.month_page(month.year, month.month),
            count=len(month.events),
        )
        by_year.setdefault(month.year, []).append(card)
    since = press.context.board.since_at
    values = {
        "years": [YearCard(year=year, months=tuple(cards)) for year, cards in by_year.items()],
        "records": press.wording.date(press.day(since)) if since else None,
    }
    return Page(path=urls.HISTORY, template="history.html", title=press.wording.text("history.title"), values=values)


def _month(press: Press, month: Month, ends: tuple[bool, bool]) -> Page:
    path = urls.month_page(month.year, month.month)
    is_newest, is_oldest = ends
    values = {
        "days": [*_days(press, month)],
        "newer": None if is_newest else _neighbour(press, month, 1),
        "older": None if is_oldest else _neighbour(press, month, -1),
    }
    return Page(path=path, template="month.html", title=press.wording.month(month.year, month.month), values=values)


def _neighbour(press: Press, month: Month, step: int) -> Link:
    index = month.year * 12 + month.month - 1 + step
    year, number = index // 12, index % 12 + 1
    href = urls.root(urls.month_page(year, number)) + urls.month_page(year, number)
    return Link(title=press.wording.month(year, number), href=href)


def _last_day(press: Press, month: Month) -> dt.date:
    """Return the last day of the month, or today within it."""
    index = month.year * 12 + month.month
    return min(dt.date(index // 12, index % 12 + 1, 1) - DAY, press.day(press.context.board.now))


def _days(press: Press, month: Month) -> Iterator[ArchiveDay]:
    root = urls.root(urls.month_page(month.year, month.month))
    events_by_day: dict[dt.date, list[EventCard]] = {}
    for event in month.events:
        view = press.event(event)
        events_by_day.setdefault(press.day(view.started_at), []).append(event_card(press, root, view))
    views = [press.event(event) for event in (*month.ongoing, *month.events)]
    quiet: list[dt.date] = []
    ongoing: tuple[str, ...] = ()
    last = max([_last_day(press, month), *events_by_day])
    for number in range(last.day, 0, -1):
        day = dt.date(month.year, month.month, number)
        begun_before = () if day in events_by_day else _ongoing(press, views, day)
        if quiet and (day in events_by_day or begun_before != ongoing):
            yield _quiet(press, quiet, event_links(press, root, ongoing))
            quiet = []
        if day not in events_by_day:
            quiet.append(day)
            ongoing = begun_before
            continue
        date = press.wording.date(day, "weekday")
        yield ArchiveDay(anchors=(urls.day_anchor(day),), date=date, last_date=None, events=tuple(events_by_day[day]))
    if quiet:
        yield _quiet(press, quiet, event_links(press, root, ongoing))


def _ongoing(press: Press, views: list[EventView], day: dt.date) -> tuple[str, ...]:
    """Return the incidents and maintenances that were open when a day began."""
    at = day_start(day, press.context.translator.zone)
    return tuple(
        view.id
        for view in views
        if view.kind != "notice" and view.started_at < at and (view.ended_at is None or view.ended_at > at)
    )


def _quiet(press: Press, days: list[dt.date], ongoing: tuple[Link, ...]) -> ArchiveDay:
    newest, oldest = days[0], days[-1]
    return ArchiveDay(
        anchors=tuple(urls.day_anchor(day) for day in days),
        date=press.wording.date(oldest, "weekday" if newest == oldest else "short"),
        last_date=press.wording.date(newest, "short") if newest != oldest else None,
        events=(),
        ongoing=ongoing,
    )
