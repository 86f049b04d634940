"""stashgen maintenance: schedule planned work, and say how it goes."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal, NamedTuple

import click
import msgspec

from stashgen.commands.changing import asking, moments, naming, verbs, wording
from stashgen.commands.changing.carrying import carry
from stashgen.commands.changing.desk import Desk
from stashgen.commands.changing.editing import edit_command, retract_command
from stashgen.commands.changing.looking import list_command, show_command
from stashgen.commands.changing.naming import Stands, Wanted
from stashgen.commands.changing.terms import Terms, Words, gathered, terms, words
from stashgen.commands.changing.verbs import New
from stashgen.errors import StashgenError
from stashgen.intents import AddUpdate, ScheduleMaintenance
from stashgen.model import MaintenanceState

_DEFAULT: Final = "maintenance"

_start = click.option("--start", metavar="TIME", help="When it begins, such as `tomorrow 22:00` or 2026-11-23T22:00Z.")
_end = click.option("--end", metavar="TIME", help="When it ends.")


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """From when until when, or how long."""

    start: str | None
    end: str | None
    length: str | None


_for = click.option("--for", "length", metavar="DURATION", help="How long it takes, instead of its end: 2h, 90m.")
_by = click.option("--by", "length", metavar="DURATION", help="How much later than planned it ends, such as 30m.")


@click.command
@verbs.new(verbs.held("A service that is concerned; its status is `maintenance` if none is given."))
@words
@gathered(Span, "span", [_start, _end, _for])
@terms
def schedule(new: New, words: Words, span: Span, terms: Terms) -> int:
    """Schedule a maintenance with the headline TITLE.

    \b
        stashgen maintenance schedule "Database upgrade" --start "tomorrow 22:00" --for 2h -s api \\
          -m "The API may be slow, and is away for a few minutes."
    """  # noqa: D301 - Click's mark for lines that it must not fill
    if span.end is not None and span.length is not None:
        raise click.UsageError("--end and --for exclude each other")
    with Desk(terms) as desk:
        services = naming.services(desk, new.held, _DEFAULT)
        template = wording.template(desk, words, wording.Facts("maintenance", services, new.title or ""))
        title = wording.title(desk, new.title, template)
        start, end = _window(desk, span)
        return carry(
            desk,
            ScheduleMaintenance(
                at=wording.at(desk, words),
                title=title,
                message=wording.message(desk, words, wording.prepared(template)),
                start=start,
                end=end,
                services={**(template.services if template else {}), **services} or naming.asked(desk, _DEFAULT),
                id=new.name,
                tags=new.tags,
            ),
        )


def _window(desk: Desk, span: Span) -> tuple[dt.datetime, dt.datetime]:
    start, length = span.start, span.length
    if start is None:
        asking.require("--start", "say when it begins, such as --start 'tomorrow 22:00'")
        start = desk.ask("Begins at")
    start_at = moments.read(start, desk.moment(is_ahead=True), "--start")
    if span.end is not None:
        # A clock time alone is the next one after the start.
        return start_at, moments.read(span.end, desk.moment(is_ahead=True)._replace(now=start_at), "--end")
    if length is None:
        asking.require("--end", "say when it ends, with --end TIME or --for 2h")
        length = desk.ask("For how long (such as 2h)")
    return start_at, start_at + moments.length(length, "--for")


class _Verb(NamedTuple):
    """One word about a maintenance that changes where it stands."""

    name: Literal["start", "complete", "cancel"]
    state: MaintenanceState
    stands: Stands
    text: str


_VERBS: Final = (
    _Verb("start", "in-progress", "upcoming", "Say that EVENT has begun, when it is not at its planned time."),
    _Verb("complete", "completed", "running", "Say that EVENT is done; its services are what they were before."),
    _Verb("cancel", "cancelled", "upcoming", "Call EVENT off."),
)


def _verb_command(verb: _Verb) -> click.Command:
    @click.command(
        verb.name, help=f"{verb.text}\n\nEVENT is an id or a part of one; the only one that fits if left out."
    )
    @verbs.event("maintenance", verb.stands)
    @words
    @terms
    def command(event: str | None, words: Words, terms: Terms) -> int:
        with Desk(terms) as desk:
            name = naming.event(desk, event, Wanted("maintenance", verb.stands))
            update = AddUpdate(
                at=wording.at(desk, words),
                event=name,
                message=_message(desk, words, name),
                verb=verb.name,
                state=verb.state,
            )
            return carry(desk, update)

    return command


@click.command
@verbs.event("maintenance", "open")
@words
@gathered(Span, "span", [_start, _end, _by])
@terms
def extend(event: str | None, words: Words, span: Span, terms: Terms) -> int:
    """Give EVENT another plan: a later end, or a new start before it has begun.

    \b
        stashgen maintenance extend --by 30m -m "The last table takes longer than we thought."
    """  # noqa: D301 - as above
    if span.end is not None and span.length is not None:
        raise click.UsageError("--end and --by exclude each other")
    with Desk(terms) as desk:
        name = naming.event(desk, event, Wanted("maintenance"))
        start, end = _plan(desk, name, span)
        update = AddUpdate(
            at=wording.at(desk, words),
            event=name,
            message=_message(desk, words, name),
            verb="extend",
            start=start,
            end=end,
        )
        return carry(desk, update)


def _plan(desk: Desk, event: str, span: Span) -> tuple[dt.datetime | None, dt.datetime | None]:
    moment, length = desk.moment(is_ahead=True), span.length
    if span.start is None and span.end is None and length is None:
        asking.require("--by", "say how much later it ends, such as --by 30m, or when, with --end")
        length = desk.ask("How much longer (such as 30m)")
    start_at = None if span.start is None else moments.read(span.start, moment, "--start")
    if length is not None:
        return start_at, _planned_end(desk, event) + moments.length(length, "--by")
    return start_at, None if span.end is None else moments.read(span.end, moment, "--end")


@click.command("update")
@verbs.event("maintenance", "open")
@words
@verbs.held("A service and the status that it has from now on.")
@click.option("--state", type=click.Choice(["verifying"]), help="Where it stands.  [default: as before]")
@terms
def update(event: str | None, words: Words, held: tuple[str, ...], state: MaintenanceState | None, terms: Terms) -> int:
    """Add a word to EVENT, which is the only one that is not over if left out."""
    with Desk(terms) as desk:
        name = naming.event(desk, event, Wanted("maintenance"))
        services = naming.services(desk, held, _DEFAULT)
        at = wording.at(desk, words)
        message = _message(desk, words, name)
        return carry(desk, AddUpdate(event=name, message=message, state=state, services=services, at=at))


def _message(desk: Desk, words: Words, event: str) -> str:
    return wording.message(desk, words, wording.prepared(wording.template(desk, words, wording.of_event(desk, event))))


def _planned_end(desk: Desk, event: str) -> dt.datetime:
    view = desk.board.events.get(event)
    if view is None or view.planned_end_at is None:
        raise StashgenError(f"{event} has no planned end yet: give one with --end")
    return view.planned_end_at


_start_command, _complete_command, _cancel_command = map(_verb_command, _VERBS)
maintenance = verbs.group(
    "maintenance",
    "Schedule planned work, and say how it goes.",
    schedule,
    update,
    _start_command,
    extend,
    _complete_command,
    _cancel_command,
    list_command("maintenance"),
    show_command("maintenance"),
    edit_command("maintenance"),
    retract_command("maintenance"),
)
