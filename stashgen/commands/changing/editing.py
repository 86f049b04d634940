"""`edit` and `retract` of events: other words or facts for what has been said, or taking it back."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import click
import msgspec

from stashgen.commands.changing import asking, moments, naming, terms, verbs, wording
from stashgen.commands.changing.asking import Choice
from stashgen.commands.changing.carrying import carry
from stashgen.commands.changing.desk import Desk
from stashgen.commands.changing.looking import update_names
from stashgen.commands.changing.naming import Wanted
from stashgen.commands.changing.terms import Option, Terms, Words
from stashgen.errors import StashgenError
from stashgen.intents import EditEvent, RemoveEvent, RetractUpdate
from stashgen.model import INCIDENT_STATES, MAINTENANCE_STATES, Event, Kind
from stashgen.text import did_you_mean, quoted

_NEWEST: Final = "newest"
_REMOVABLE: Final = ("tags", "until", "postmortem", "external_id", "source", "services", "pinned")
_STATES: Final = {"incident": INCIDENT_STATES, "maintenance": MAINTENANCE_STATES, "notice": ()}


class Edits(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be another."""

    title: str | None
    held: tuple[str, ...]
    tags: tuple[str, ...]
    unset: tuple[str, ...]
    update: str | None
    messages: tuple[str, ...]
    file: str | None
    at: str | None
    tells_again: bool
    state: str | None = None
    start: str | None = None
    end: str | None = None
    until: str | None = None
    is_pinned: bool | None = None

    @property
    def words(self) -> Words:
        """The options of a message."""
        return Words(messages=self.messages, file=self.file)

    @property
    def is_about_update(self) -> bool:
        """Whether any option is about one update."""
        return any([self.update, self.messages, self.file, self.at, self.state, self.tells_again])

    @property
    def is_about_event(self) -> bool:
        """Whether any option is about the event itself."""
        header = (self.title, self.start, self.end, self.until, self.is_pinned)
        return any(value is not None for value in header) or any([self.held, self.tags, self.unset])


def edit_command(kind: Kind) -> click.Command:
    """Return the command that edits an event of a kind."""

    @click.command("edit", help=_EDIT_HELP.format(kind=kind))
    @verbs.event(kind, "any")
    @terms.gathered(Edits, "edits", _options(kind))
    @terms.terms
    def command(event: str | None, edits: Edits, terms: Terms) -> int:
        with Desk(terms) as desk:
            name = naming.event(desk, event, Wanted(kind, "any"))
            record = desk.event(name)
            update: str | None = None
            update_fields: dict[str, Any] = {}
            if edits.is_about_update or not edits.is_about_event:
                index = _index(desk, record, edits.update)
                update = update_names(record)[index]
                update_fields = _update_fields(desk, record, index, edits)
            fields = _fields(desk, record, edits)
            if not fields and not update_fields:
                raise StashgenError("nothing was edited: nothing has changed")
            return carry(
                desk,
                EditEvent(
                    event=name,
                    fields=fields,
                    update=update,
                    update_fields=update_fields,
                    tells_again=edits.tells_again,
                ),
            )

    return command


def retract_command(kind: Kind) -> click.Command:
    """Return the command that takes something back."""

    @click.command("retract", help=_RETRACT_HELP.format(kind=kind))
    @verbs.event(kind, "any")
    @click.option("--update", metavar="UPDATE", help="Which update: its name, its number, or `newest`.")
    @click.option("--service", metavar="SERVICE", help="Take back only what the update says about this service.")
    @click.option("--all", "is_all", is_flag=True, help=f"Take the whole {kind} away.")
    @terms.terms
    def command(event: str | None, update: str | None, service: str | None, terms: Terms, *, is_all: bool) -> int:
        if is_all and (update or service):
            raise click.UsageError("--all takes everything away: leave --update and --service out")
        with Desk(terms) as desk:
            name = naming.event(desk, event, Wanted(kind, "any"))
            desk.ask_before()
            if is_all:
                return carry(desk, RemoveEvent(event=name))
            record = desk.event(name)
            said = update_names(record)[_index(desk, record, update or _NEWEST)]
            about = None if service is None else naming.service(desk, service)
            return carry(desk, RetractUpdate(event=name, update=said, service=about))

    return command


_EDIT_HELP: Final = """Edit EVENT: its title, services or other facts, or the words of one update.

Without any option the words of an update are opened in your editor. With `--update` the options -m, -F, --at and
--state are about that update; without, about the only one that there is. Git keeps what was said before.

\b
    stashgen {kind} edit --title "A better headline"
    stashgen {kind} edit --update newest -m "Without the typo."
"""
_RETRACT_HELP: Final = """Take back the newest update of EVENT, another one, or all of it.

On a terminal you see what would change and are asked. An event without any update left goes away. Git keeps
everything: `git revert` brings it back.

\b
    stashgen {kind} retract
    stashgen {kind} retract --all
"""


def _options(kind: Kind) -> list[Option]:
    found: list[Option] = [
        click.option("--title", metavar="TEXT", help="Another headline."),
        verbs.held("Another status for a service from the start, or `SERVICE=` for none; the others stay."),
        click.option(
            "--tag", "tags", multiple=True, metavar="TAG", help="Other labels, in place of all that there are."
        ),
        click.option(
            "--unset",
            multiple=True,
            type=click.Choice(_REMOVABLE),
            help="Take a field away; may be given more than once.",
        ),
    ]
    if kind == "maintenance":
        found.append(click.option("--start", metavar="TIME", help="Another planned start, as if it had always been."))
        found.append(click.option("--end", metavar="TIME", help="Another planned end, as if it had always been."))
    if kind == "notice":
        found.append(click.option("--until", metavar="TIME", help="Another end."))
        found.append(click.option("--pinned/--no-pinned", "is_pinned", default=None, help="Pin it, or not."))
    found.append(
        click.option("--update", metavar="UPDATE", help="The update to edit: its name, its number, or `newest`.")
    )
    if kind != "notice":
        state = click.Choice(_STATES[kind])
        found.append(click.option("--state", type=state, help="Another state that the update gives."))
    again = "Tell subscribers of feeds again: the edit says something new."
    found += [terms.message, terms.file, terms.at]
    found.append(click.option("--tell-again/--no-tell-again", "tells_again", default=False, help=again))
    return found


def _index(desk: Desk, event: Event, text: str | None) -> int:
    names = update_names(event)
    if text is None:
        if len(names) == 1:
            return 0
        asking.require("--update", f"there are {len(names)}: name one, such as --update {_NEWEST}")
        shown = [_first_words(update.message) for update in event.updates]
        return names.index(desk.choose("Update", [Choice(*pair) for pair in zip(names, shown, strict=True)]))
    if text == _NEWEST:
        return max(range(len(names)), key=lambda index: (event.updates[index].at, index))
    if text in names:
        return names.index(text)
    if text.isdecimal() and 1 <= int(text) <= len(names):
        return int(text) - 1
    meant = did_you_mean(text, names) or f": there are {len(names)}, `show` tells their names"
    raise StashgenError(f"there is no update {quoted(text)}{meant}")


def _first_words(text: str) -> str:
    return text.strip().partition("\n")[0]


def _update_fields(desk: Desk, event: Event, index: int, edits: Edits) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    said = event.updates[index]
    if edits.at is not None:
        fields["at"] = moments.past(edits.at, desk.moment(), "--at")
    if edits.state is not None:
        fields["state"] = edits.state
    if edits.messages or edits.file:
        fields["message"] = wording.message(desk, edits.words)
    elif not fields and not edits.tells_again:
        asking.require("what to edit", "give -m TEXT, -F FILE, --title or another option")
        text = wording.said(desk.draft("update", said.message))
        if not text:
            raise StashgenError("the text is empty: `retract` takes an update back; nothing has changed")
        if text != wording.said(said.message):
            fields["message"] = text
    return fields


def _fields(desk: Desk, event: Event, edits: Edits) -> dict[str, Any]:
    fields: dict[str, Any] = dict.fromkeys(edits.unset)
    if edits.title is not None:
        fields["title"] = wording.line(edits.title, "--title")
    if edits.held:
        fields["services"] = _services(desk, event, edits.held)
    if edits.tags:
        fields["tags"] = [wording.line(tag, "--tag") for tag in edits.tags]
    if edits.start is not None or edits.end is not None:
        fields["planned"] = _planned(desk, event, edits)
    if edits.until is not None:
        fields["until"] = moments.read(edits.until, desk.moment(is_ahead=True), "--until")
    if edits.is_pinned is not None:
        fields["pinned"] = edits.is_pinned or None
    return fields


def _services(desk: Desk, event: Event, held: tuple[str, ...]) -> dict[str, str] | list[str]:
    services = event.services if isinstance(event.services, dict) else dict.fromkeys(event.services, "maintenance")
    gone = {naming.service(desk, text[:-1]) for text in held if text.endswith("=")}
    given = naming.services(
        desk,
        [text for text in held if not text.endswith("=")],
        None if event.kind == "incident" else "maintenance",
    )
    left = {name: status for name, status in {**services, **given}.items() if name not in gone}
    return list(left) if event.kind == "notice" else left


def _planned(desk: Desk, event: Event, edits: Edits) -> dict[str, dt.datetime]:
    given = {"start": edits.start, "end": edits.end}
    old = {"start": event.planned.start, "end": event.planned.end} if event.planned else {}
    moment = desk.moment(is_ahead=True)
    return old | {name: moments.read(text, moment, f"--{name}") for name, text in given.items() if text is not None}
