"""`list` and `show` of events: columns that fit the terminal, or JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from stashgen import terminal
from stashgen.columns import cells, cut, fit, wrapped
from stashgen.commands import options
from stashgen.commands.changing import naming, verbs
from stashgen.commands.changing.desk import Desk
from stashgen.commands.changing.naming import Wanted
from stashgen.commands.changing.showing import width
from stashgen.commands.changing.terms import Terms
from stashgen.derive.board import EventView, UpdateView
from stashgen.edit.saying import names
from stashgen.model import Event, Kind

_FEW: Final = 20
_LEAST_TITLE: Final = 16


def list_command(kind: Kind) -> click.Command:
    """Return the command that lists events of a kind."""

    @click.command("list", help=f"List {_many(kind)}, the newest first: those that are open, and the last {_FEW}.")
    @click.option("--open", "is_open", is_flag=True, help="Only those that are not over.")
    @click.option("--all", "is_all", is_flag=True, help="All that there have ever been.")
    @options.directory
    @options.now
    @click.option("--json", "is_json", is_flag=True, help="Print them as JSON.")
    def command(directory: Path, now: dt.datetime, *, is_open: bool, is_all: bool, is_json: bool) -> None:
        if is_open and is_all:
            raise click.UsageError("--open and --all exclude each other")
        with Desk(Terms(directory=directory, now=now)) as desk:
            views = list(_views(desk, kind, is_open=is_open, most=None if is_all else _FEW))
            if is_json:
                echo_json({"version": 1, "events": [_facts(view) for view in views]})
                return
            if not views:
                click.echo(f"There are no {_many(kind)}{' that are open' if is_open else ''}.")
            for line in _rows(desk, views):
                click.echo(line)

    return command


def show_command(kind: Kind) -> click.Command:
    """Return the command that shows one event of a kind."""

    @click.command("show", help="Show EVENT with all that was said, and the names of its updates.")
    @verbs.event(kind, "any")
    @options.directory
    @options.now
    @click.option("--json", "is_json", is_flag=True, help="Print it as JSON, its texts in Markdown.")
    def command(event: str | None, directory: Path, now: dt.datetime, *, is_json: bool) -> None:
        with Desk(Terms(directory=directory, now=now)) as desk:
            name = naming.event(desk, event, Wanted(kind, "any"))
            if is_json:
                record = desk.event(name)
                named = zip(update_names(record), record.updates, strict=True)
                updates = [{"name": said, **_plain(one)} for said, one in named]
                echo_json({"version": 1, "id": name, "path": _path(desk, name), **_plain(record), "updates": updates})
                return
            for line in _page(desk, name):
                click.echo(line)

    return command


def update_names(event: Event) -> list[str]:
    """Return the name of each update of an event, in the order of the file."""
    return [*names(update.at for update in event.updates).values()]


def echo_json(facts: object) -> None:
    """Print facts as JSON that people can read too."""
    click.echo(msgspec.json.format(msgspec.json.encode(facts), indent=2))


def _many(kind: Kind) -> str:
    return f"{kind}s"


def _plain(record: Any) -> dict[str, Any]:
    return dict(msgspec.to_builtins(record))


def _path(desk: Desk, name: str) -> str:
    return f"site-data/{desk.site.path_by_event[name]}"


def _views(desk: Desk, kind: Kind, *, is_open: bool, most: int | None) -> Iterator[EventView]:
    current = naming.standing(desk.board, Wanted(kind))
    yield from (desk.board.events[name] for name in current)
    if not is_open:
        others = (name for name, phase in desk.board.phases.items() if phase.kind == kind and name not in current)
        yield from (desk.board.events[name] for name in islice(others, most))


def _facts(view: EventView) -> dict[str, Any]:
    return {
        "id": view.id,
        "title": view.title,
        "kind": view.kind,
        "state": view.state,
        "level": view.level.value,
        "is_open": view.is_open,
        "started_at": view.started_at,
        "ended_at": view.ended_at,
        "updated_at": view.updated_at,
        "services": {one.service: one.current or one.worst for one in view.affected},
    }


def _rows(desk: Desk, views: list[EventView]) -> Iterator[str]:
    columns = width()
    heads = [(view.id, _state(desk, view), _date(desk, view)) for view in views]
    widths = [max(map(cells, column)) for column in zip(*heads, strict=True)] if heads else []
    room = columns - sum(widths) - 2 * (len(widths) + 1)
    for view, head in zip(views, heads, strict=True):
        title = fit(view.title)
        if room >= _LEAST_TITLE:
            padded = "  ".join(f"{text}{' ' * (most - cells(text))}" for text, most in zip(head, widths, strict=True))
            yield terminal.marked(view.level, f"{padded}  {cut(title, room)}")
        else:
            yield terminal.marked(view.level, cut(head[0], columns - 2))
            yield "  " + cut(" · ".join(filter(None, [*head[1:], title])), columns - 2)


def _state(desk: Desk, view: EventView) -> str:
    if view.state:
        return desk.translator.text(f"state.{view.state}")
    return "" if view.is_open else desk.translator.text("event.ended", at=_date(desk, view, is_end=True))


def _date(desk: Desk, view: EventView, *, is_end: bool = False) -> str:
    at = view.ended_at if is_end and view.ended_at else view.started_at
    return desk.translator.date(desk.translator.day(at), "medium")


def _page(desk: Desk, name: str) -> Iterator[str]:
    event, columns = desk.event(name), width()
    view = desk.board.events.get(name)
    if view is not None:
        yield from _head(desk, view, columns)
    else:
        yield click.style(fit(event.title), bold=True)
    yield click.style(_path(desk, name), dim=True)
    said = {update.index: update for update in view.updates} if view else {}
    for index, update_name in enumerate(update_names(event)):
        yield ""
        update = event.updates[index]
        state = _update_state(desk, said.get(index))
        facts = [str(index + 1), update_name, desk.translator.instant(update.at), state]
        yield from (click.style(line, bold=True) for line in wrapped(" · ".join(filter(None, facts)), columns))
        changes = ", ".join(f"{service}: {status}" for service, status in update.services.items())
        yield from (click.style(line, dim=True) for line in wrapped(changes, columns) if changes)
        yield from _text(update.message, columns)
    if event.postmortem:
        yield ""
        yield click.style(desk.translator.text("event.postmortem"), bold=True)
        yield from _text(event.postmortem, columns)


def _head(desk: Desk, view: EventView, columns: int) -> Iterator[str]:
    first, *rest = wrapped(fit(view.title), columns - 2)
    yield terminal.marked(view.level, first, is_bold=True)
    yield from (f"  {line}" for line in rest)
    services = [f"{one.service}: {one.current or one.worst}" for one in view.affected]
    facts = [_state(desk, view), desk.translator.instant(view.started_at), ", ".join(services), *view.tags]
    yield from wrapped(fit(" · ".join(filter(None, facts))), columns)


def _update_state(desk: Desk, update: UpdateView | None) -> str:
    return desk.translator.text(f"state.{update.state}") if update and update.state else ""


def _text(text: str, columns: int) -> Iterator[str]:
    for line in text.rstrip().splitlines():
        yield from (f"  {part}" for part in wrapped(fit(line.expandtabs()), columns - 2))
