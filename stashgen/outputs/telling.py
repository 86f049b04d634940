"""The facts of the dashboard as plain words, for whoever tells them without HTML: terminal, text and Markdown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final, NamedTuple

from stashgen import urls
from stashgen.derive.board import EventView, ServiceView
from stashgen.markup import to_plain
from stashgen.model import Level
from stashgen.outputs.context import Context

BAR_WINDOW: Final = "90d"  # the uptime that stands beside a service


class Section(NamedTuple):
    """Events of the present below their heading."""

    title: str
    events: tuple[str, ...]


def sections(context: Context) -> list[Section]:
    """Return what is going on and what is to come, in the order of the page; none that is empty."""
    board, translator = context.board, context.translator
    found = [
        Section(translator.text("notices.title", count=len(board.notices)), board.notices),
        Section(translator.text("incidents.title", count=len(board.incidents)), board.incidents),
        Section(translator.text("maintenance.running"), board.maintenances),
        Section(translator.text("maintenance.upcoming"), board.upcoming),
    ]
    return [section for section in found if section.events]


def level_since(context: Context) -> dt.datetime | None:
    """Return since when the page's level has held; None where the sentence is about something else."""
    overall = context.board.overall
    # Behind "1 open incident" the words would tell since when that has been open.
    is_about_incidents = overall.open_incidents and overall.level.rank <= Level.MAINTENANCE.rank
    return None if is_about_incidents else overall.since_at


def state(context: Context, event: EventView) -> str:
    """Return where an event stands, or nothing for a notice."""
    return context.translator.text(f"state.{event.state}") if event.state else ""


def names(context: Context, event: EventView) -> str:
    """Return the services that an event holds, or will hold; those it held when it is over."""
    touched = [one for one in event.affected if one.current or not event.is_open or event.is_upcoming]
    return context.translator.names([context.board.services[one.service].record.name for one in touched])


def effects(context: Context, event: EventView) -> Iterator[str]:
    """Yield each service with the status that the event holds it at; with the worst it held it at once it does not."""
    board, translator = context.board, context.translator
    for one in event.affected:
        status = one.current if event.is_open and one.current else one.worst
        name = translator.status_name(status, board.statuses[status])
        yield translator.text("feed.status", service=board.services[one.service].record.name, status=name)


def times(context: Context, event: EventView) -> str:
    """Return when an event was or is planned to be, or since when it has lasted."""
    translator = context.translator
    if event.is_open and event.planned_start_at and event.planned_end_at:
        return translator.span(event.planned_start_at, event.planned_end_at)
    if event.ended_at is None:
        return translator.text("event.since", at=translator.instant(event.started_at))
    span = translator.span(event.started_at, event.ended_at)
    return f"{span} ({translator.duration(event.seconds or 0)})"


def newest_message(context: Context, event: EventView) -> str:
    """Return what was said last, as one line of plain text."""
    return to_plain(context.texts(event.id).messages[event.updates[0].index])


def status_word(context: Context, service: ServiceView) -> str:
    """Return the name of a service's status."""
    return context.translator.status_name(service.status, context.board.statuses[service.status])


def uptime(context: Context, service: ServiceView) -> str:
    """Return a service's uptime in words, or that there is no data."""
    ratio = next(window.ratio for window in service.windows if window.name == BAR_WINDOW)
    percent = context.translator.percent(ratio)
    return percent if ratio is None else context.translator.text("services.uptime", percent=percent)


def address(context: Context, path: str) -> str:
    """Return the URL of an output path, or the path itself for a site without a URL: enough for files at its root."""
    return urls.absolute(context.board.settings.url, path) or path


def links(context: Context) -> Iterator[tuple[str, str]]:
    """Yield label and path of where to read on, of the families that the site has."""
    text = context.translator.text
    if context.has("pages"):
        yield text("page.current"), urls.DASHBOARD
        yield text("page.history"), urls.HISTORY
    if context.has("status-json"):
        yield text("footer.data"), urls.STATUS_JSON
