"""The board as lines of text, for the terminal and for index.txt: what stands in them, not how it is coloured."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from stashgen.columns import MARKS, cells, fit, wrapped
from stashgen.derive.board import Day, EventView, GroupView, ServiceView
from stashgen.model import Level
from stashgen.outputs import telling
from stashgen.outputs.context import Context

_MESSAGE_LINES: Final = 4

Weight = Literal["plain", "bold", "dim"]


class Line(NamedTuple):
    """One line: `level` colours it, and its mark stands before it where `is_marked`; `tail` is said more softly."""

    text: str
    indent: int = 0
    weight: Weight = "plain"
    level: Level | None = None
    is_marked: bool = False
    tail: str = ""


class View(NamedTuple):
    """What lines are made of: the board, and the columns there are.

    What is looked at now tells ages; a file, which may be read later, tells instants alone, and uptime.
    """

    context: Context
    width: int
    is_file: bool = False


def plain(line: Line) -> str:
    """Return a line without colours."""
    mark = f"{MARKS[line.level]} " if line.level and line.is_marked else " " * line.indent
    return f"{mark}{line.text}  {line.tail}".rstrip()


def board(view: View) -> Iterator[Line]:
    """Yield the present: title and sentence, events, services; none wider than the view where words can be broken."""
    context = view.context
    yield from _said(view, context.board.settings.title, weight="bold")
    overall = context.board.overall
    since = _since(view, telling.level_since(context), overall.level)
    sentence = " ".join(filter(None, [context.translator.sentence(context.board), since]))
    yield from _marked(view, overall.level, sentence, weight="bold")
    for section in telling.sections(context):
        yield from heading(view, section.title)
        for event in section.events:
            yield from _event(view, context.board.events[event])
    for group in context.board.groups:
        yield from _group(view, group)


def recent(view: View) -> Iterator[Line]:
    """Yield the past days."""
    days = view.context.board.recent
    yield from heading(view, view.context.translator.text("recent.title", count=len(days)))
    for day in days:
        yield from _day(view, day)


def heading(view: View, title: str) -> Iterator[Line]:
    """Yield a title after an empty line."""
    yield Line("")
    yield from _said(view, title, weight="bold")


def note(view: View, text: str, indent: int = 0) -> Iterator[Line]:
    """Yield something said by the way."""
    yield from _said(view, text, indent=indent, weight="dim")


def _event(view: View, event: EventView) -> Iterator[Line]:
    context = view.context
    yield from _marked(view, event.level, event.title)
    facts = [telling.state(context, event), _times(view, event), telling.names(context, event)]
    yield from note(view, " · ".join(filter(None, facts)), indent=2)
    message = telling.newest_message(context, event)
    if view.is_file:
        message = f"{context.translator.instant(event.updated_at)}: {message}"
    for line in wrapped(fit(message), view.width - 2, None if view.is_file else _MESSAGE_LINES):
        yield Line(line, indent=2)


def _times(view: View, event: EventView) -> str:
    is_planned = event.planned_start_at and event.planned_end_at
    if view.is_file or is_planned:
        return telling.times(view.context, event)
    return f"{view.context.translator.instant(event.updated_at)} ({_age(view, event.updated_at)})"


def _group(view: View, group: GroupView) -> Iterator[Line]:
    context = view.context
    yield from heading(view, group.record.name if group.record else context.translator.text("services.title"))
    services = [context.board.services[service] for service in group.services]
    names = max(cells(fit(service.record.name)) for service in services)
    words = max(cells(fit(telling.status_word(context, service))) for service in services)
    for service in services:
        yield from _service(view, service, min(names, view.width // 2), words)


def _service(view: View, service: ServiceView, names: int, words: int) -> Iterator[Line]:
    context = view.context
    level = context.board.statuses[service.status].level
    name, word = fit(service.record.name), fit(telling.status_word(context, service))
    is_worth_a_time = level is not Level.NORMAL or not view.is_file
    since = _since(view, service.status_since_at, level) if is_worth_a_time else ""
    uptime = telling.uptime(context, service) if view.is_file else ""
    tail = " · ".join(filter(None, [uptime, since]))
    text = f"{_padded(name, names)}  {_padded(word, words) if tail else word}"
    if cells(name) <= names and cells(f"? {text}  {tail}".rstrip()) <= view.width:
        yield Line(text, level=level, is_marked=True, tail=tail)
        return
    yield from _marked(view, level, name)
    yield from note(view, f"{word} · {tail}" if tail else word, indent=2)


def _day(view: View, day: Day) -> Iterator[Line]:
    context = view.context
    translator, board = context.translator, context.board
    date = translator.date(day.day, "weekday")
    if not day.events and not day.ongoing:
        yield from note(view, f"{date}: {translator.text('recent.none')}")
        return
    yield from _said(view, date)
    for event in (board.events[name] for name in day.events):
        yield from _marked(view, event.level, event.title)
        facts = [telling.state(context, event), telling.times(context, event), telling.names(context, event)]
        yield from note(view, " · ".join(filter(None, facts)), indent=2)
    if day.ongoing:
        titles = translator.names([board.events[name].title for name in day.ongoing])
        yield from note(view, translator.text("recent.ongoing", events=titles), indent=2)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def _since(view: View, at: dt.datetime | None, level: Level) -> str:
    if at is None:
        return ""
    translator = view.context.translator
    since = translator.text("event.since", at=translator.instant(at))
    return since if level is Level.NORMAL or view.is_file else f"{since} ({_age(view, at)})"


def _age(view: View, at: dt.datetime) -> str:
    return view.context.translator.duration((view.context.built_at - at).total_seconds())


def _marked(view: View, level: Level, text: str, *, weight: Weight = "plain") -> Iterator[Line]:
    for number, line in enumerate(wrapped(fit(text), view.width - 2)):
        yield Line(line, indent=2, weight=weight, level=level, is_marked=not number)


def _said(view: View, text: str, *, indent: int = 0, weight: Weight = "plain") -> Iterator[Line]:
    for line in wrapped(fit(text), view.width - indent):
        yield Line(line, indent=indent, weight=weight)
