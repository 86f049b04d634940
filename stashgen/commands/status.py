"""stashgen status: the board in the terminal, in the words of the page."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import click

from stashgen import terminal, urls
from stashgen.build import Job, compose, read
from stashgen.commands import options
from stashgen.documents.status import EventState, GroupState, ServiceState, StatusDocument
from stashgen.i18n import Translator
from stashgen.memo import Memo, cache_file
from stashgen.model import Level, Status
from stashgen.outputs import status_json

_WIDEST: Final = 100
_NARROWEST: Final = 24
_MESSAGE_LINES: Final = 4


class View(NamedTuple):
    """What the lines are made of: the document, the page's language, and the columns there are."""

    document: StatusDocument
    translator: Translator
    statuses: dict[str, Status]
    width: int


@click.command
@options.directory
@options.now
@click.option("--json", "is_json", is_flag=True, help="Print what a build writes to status.json.")
@click.option("--exit-code", "has_exit_code", is_flag=True, help="Exit with 1 when anything is worse than maintenance.")
def status(directory: Path, now: dt.datetime, *, is_json: bool, has_exit_code: bool) -> int:
    """Show the board in the terminal.

    The sentence of the page with its level, open incidents with their newest word, maintenance now and to come,
    and every service with its status and since when. Nothing is written.

    In a script: `stashgen status --exit-code >/dev/null || echo trouble`.
    """
    memo = Memo(cache_file(directory, os.environ))
    job = Job(project=directory, output=directory / "build", now=now, memo=memo)
    context, _ = compose(job, read(job))
    document = status_json.document(context)
    if is_json:
        written = {output.path: output for output in status_json.render(context)}
        click.echo(written[urls.STATUS_JSON].make(), nl=False)
    else:
        width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size().columns))
        view = View(document, context.translator, dict(context.board.statuses), width)
        click.echo("\n".join(lines(view)))
    return int(has_exit_code and document.overall.level.rank > Level.MAINTENANCE.rank)


def lines(view: View) -> Iterator[str]:
    """Yield the board, line by line, none wider than the view where words can be broken."""
    document, translator = view.document, view.translator
    yield from _styled(view, document.page.title, bold=True)
    overall = document.overall
    # Behind "1 open incident" the words would tell since when that has been open.
    is_about_incidents = overall.open_incidents and overall.level.rank <= Level.MAINTENANCE.rank
    since = "" if is_about_incidents else _since(view, overall.since_at, overall.level)
    sentence = " ".join(filter(None, [overall.sentence, since]))
    yield from _marked(view, overall.level, sentence, is_bold=True)
    count = len(document.notices)
    for title, events in (
        (translator.text("notices.title", count=count), document.notices),
        (translator.text("incidents.title", count=len(document.incidents)), document.incidents),
        (translator.text("maintenance.running"), document.maintenances),
        (translator.text("maintenance.upcoming"), document.upcoming),
    ):
        if events:
            yield from _section(view, title)
        for event in events:
            yield from _event(view, event)
    for group in document.groups:
        yield from _group(view, group)
    yield ""
    yield from _styled(view, translator.text("footer.next", at=translator.instant(document.next_change_at)), dim=True)


def _section(view: View, title: str) -> Iterator[str]:
    yield ""
    yield from _styled(view, title, bold=True)


def _event(view: View, event: EventState) -> Iterator[str]:
    yield from _marked(view, event.level, event.title)
    name_by_id = {service.id: service.name for service in view.document.services}
    services = view.translator.names([name_by_id.get(service, service) for service in event.services])
    facts = " · ".join(filter(None, [_state(view, event), _times(view, event), services]))
    yield from _styled(view, facts, indent=2, dim=True)
    for line in terminal.wrapped(terminal.fit(event.message), view.width - 2, _MESSAGE_LINES):
        yield f"  {line}"


def _state(view: View, event: EventState) -> str:
    return view.translator.text(f"state.{event.state}") if event.state else ""


def _times(view: View, event: EventState) -> str:
    translator = view.translator
    if event.planned_start_at and event.planned_end_at:
        start, end = translator.instant(event.planned_start_at), translator.instant(event.planned_end_at)
        return translator.text("event.range", start=start, end=end)
    return f"{translator.instant(event.updated_at)} ({_age(view, event.updated_at)})"


def _group(view: View, group: GroupState) -> Iterator[str]:
    yield from _section(view, group.name or view.translator.text("services.title"))
    services = [service for service in view.document.services if service.id in group.services]
    widest = max(terminal.cells(terminal.fit(service.name)) for service in services)
    for service in services:
        yield from _service(view, service, min(widest, view.width // 2))


def _service(view: View, service: ServiceState, column: int) -> Iterator[str]:
    name = terminal.fit(service.name)
    word = view.translator.status_name(service.status, view.statuses[service.status])
    padded = name + " " * (column - terminal.cells(name))
    since = _since(view, service.since_at, service.level)
    if terminal.cells(padded) <= column and terminal.cells(f"? {padded}  {word}  {since}") <= view.width:
        mark, _, rest = terminal.marked(service.level, f"{padded}  {word}").partition(" ")
        yield f"{mark} {rest}" + (f"  {click.style(since, dim=True)}" if since else "")
        return
    yield from _marked(view, service.level, name)
    yield from _styled(view, f"{word} {since}", indent=2, dim=True)


def _since(view: View, at: dt.datetime | None, level: Level) -> str:
    if at is None:
        return ""
    since = view.translator.text("event.since", at=view.translator.instant(at))
    return since if level is Level.NORMAL else f"{since} ({_age(view, at)})"


def _age(view: View, at: dt.datetime) -> str:
    return view.translator.duration((view.document.built_at - at).total_seconds())


def _marked(view: View, level: Level, text: str, *, is_bold: bool = False) -> Iterator[str]:
    first, *rest = terminal.wrapped(terminal.fit(text), view.width - 2)
    yield terminal.marked(level, first, is_bold=is_bold)
    for line in rest:
        yield "  " + click.style(line, fg=terminal.COLORS[level], bold=is_bold)


def _styled(view: View, text: str, *, indent: int = 0, **style: bool) -> Iterator[str]:
    for line in terminal.wrapped(terminal.fit(text), view.width - indent):
        yield " " * indent + click.style(line, **style)
