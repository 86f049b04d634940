"""The first page: the sentence, what is open, what is planned, every service, the past days."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from markupsafe import Markup

from stashgen import urls
from stashgen.derive.board import Day, EventView
from stashgen.model import Level
from stashgen.outputs.context import Output
from stashgen.outputs.pages.cards import EventCard, Link, UpdateCard, event_card, update_card
from stashgen.outputs.pages.grid import grid
from stashgen.outputs.pages.press import Page, Press
from stashgen.outputs.pages.services import bar_facts, event_links, group_cards

RANK = 2
_SHORT_HASH = 7


class OpenCard(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the present with its newest word; `updates` counts all that has been said."""

    event: EventCard
    newest: UpdateCard
    updates: int


class DayEvents(msgspec.Struct, frozen=True, kw_only=True):
    """One of the past days: what began on it, and what went on from before."""

    anchor: str
    date: Markup
    href: str
    events: tuple[EventCard, ...]
    ongoing: tuple[Link, ...]


class Banner(msgspec.Struct, frozen=True, kw_only=True):
    """The one sentence with its icon and since when."""

    sentence: str
    level: str
    icon: Markup
    since: Markup | None


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """How new the page is and where it came from."""

    built: Markup
    commit: str | None
    commit_url: str | None
    next_change: Markup
    faulty: str | None  # that files were left out


def outputs(press: Press) -> Iterator[Output]:
    """Yield the dashboard."""
    board = press.context.board
    services = [bar_facts(press, service) for service in board.services.values()]
    events = [press.key_by_event[event] for event in _shown_events(press)]
    facts = (board.overall, board.groups, services, events, board.recent, board.since_at, board.next_change_at)
    key = press.key("dashboard", facts, press.context.built_at, press.context.commit, press.context.revision)
    yield Output(urls.DASHBOARD, key, lambda: press.printed(page(press)), RANK)


def _shown_events(press: Press) -> Iterator[str]:
    board = press.context.board
    yield from (*board.notices, *board.incidents, *board.maintenances, *board.upcoming)
    for day in board.recent:
        yield from (*day.events, *day.ongoing)


def page(press: Press) -> Page:
    """Return the dashboard with its values."""
    board = press.context.board
    sentence = press.context.translator.sentence(board)
    values = {
        "banner": banner(press, sentence),
        "pinned": _open(press, tuple(event for event in board.notices if press.event(event).is_pinned)),
        "notices": _open(press, tuple(event for event in board.notices if not press.event(event).is_pinned)),
        "incidents": _open(press, board.incidents),
        "maintenances": _open(press, board.maintenances),
        "upcoming": _open(press, board.upcoming),
        "groups": group_cards(press, ""),
        "grid": lambda days: grid(press, days),
        "service_count": len(board.services),
        "bar_days": board.settings.history_days,
        "recent": tuple(_day(press, day) for day in board.recent),
        "records": press.wording.date(press.day(board.since_at)) if board.since_at else None,
        "statuses": _legend(press),
        "freshness": freshness(press),
        "status_json": press.status_json(""),
    }
    return Page(
        path=urls.DASHBOARD,
        template="dashboard.html",
        title=sentence,
        values=values,
        level=board.overall.level.value.lower(),
        is_live=True,
        is_dashboard=True,
    )


def banner(press: Press, sentence: str) -> Banner:
    """Return the sentence with its icon and since when."""
    overall = press.context.board.overall
    mark = press.marks("")[overall.status]
    return Banner(sentence=sentence, level=mark.level, icon=mark.icon, since=_since(press))


def _since(press: Press) -> Markup | None:
    overall = press.context.board.overall
    is_calm = overall.level is Level.NORMAL
    # "No disruption since ..." would contradict an incident that holds no service.
    if overall.since_at is None or (is_calm and overall.open_incidents):
        return None
    return press.wording.sentence("banner.calm" if is_calm else "banner.since", at=press.wording.ago(overall.since_at))


def freshness(press: Press) -> Freshness:
    """Return when the page was built and from what."""
    context = press.context
    repository = context.board.settings.repository
    return Freshness(
        built=press.wording.ago(context.built_at),
        commit=context.commit[:_SHORT_HASH] if context.commit else None,
        commit_url=f"{repository.rstrip('/')}/commit/{context.commit}" if repository and context.commit else None,
        next_change=press.wording.at(context.board.next_change_at),
        faulty=context.translator.text("footer.faulty", count=context.faulty) if context.faulty else None,
    )


def _legend(press: Press) -> tuple[object, ...]:
    board = press.context.board
    marks = press.marks("")
    ranked = sorted(board.statuses, key=lambda status: (board.statuses[status].level.rank, status))
    return tuple(marks[status] for status in ranked)


def _open(press: Press, events: tuple[str, ...]) -> tuple[OpenCard, ...]:
    return tuple(_open_card(press, press.event(event)) for event in events)


def _open_card(press: Press, event: EventView) -> OpenCard:
    update = event.updates[0]
    message = press.context.texts(event.id).messages[update.index]
    return OpenCard(
        event=event_card(press, "", event),
        newest=update_card(press, "", update, message),
        updates=len(event.updates),
    )


def _day(press: Press, day: Day) -> DayEvents:
    return DayEvents(
        anchor=urls.day_anchor(day.day),
        date=press.wording.date(day.day, "weekday"),
        href=urls.month_page(day.day.year, day.day.month),
        events=tuple(event_card(press, "", press.event(event)) for event in day.events),
        ongoing=event_links(press, "", day.ongoing),
    )
