"""stashgen incident: open, update, resolve, look at and mend incidents."""

from __future__ import annotations

from typing import Final

import click

from stashgen.commands.changing import naming, verbs, wording
from stashgen.commands.changing.carrying import carry
from stashgen.commands.changing.desk import Desk
from stashgen.commands.changing.editing import edit_command, retract_command
from stashgen.commands.changing.looking import list_command, show_command
from stashgen.commands.changing.naming import Wanted
from stashgen.commands.changing.terms import Option, Terms, Words, terms, words
from stashgen.commands.changing.verbs import New
from stashgen.intents import AddUpdate, OpenIncident
from stashgen.model import INCIDENT_STATES, IncidentState

_OPEN_STATES: Final = INCIDENT_STATES[:-1]


def _state(default: str) -> Option:
    return click.option("--state", type=click.Choice(_OPEN_STATES), help=f"Where it stands.  [default: {default}]")


@click.command("open")
@verbs.new(verbs.held("A service and the status that it has; may be given more than once."))
@words
@_state("investigating")
@terms
def open_(new: New, words: Words, state: IncidentState | None, terms: Terms) -> int:
    """Open an incident with the headline TITLE.

    \b
        stashgen incident open "Elevated error rates" -s api=down -s web=warning \\
          -m "We see **5xx** on a third of requests."
        stashgen incident open --template database -s api=down --set ticket=4711
    """  # noqa: D301 - Click's mark for lines that it must not fill
    with Desk(terms) as desk:
        services = naming.services(desk, new.held)
        template = wording.template(desk, words, wording.Facts("incident", services, new.title or ""))
        begun = template.state if template else None
        return carry(
            desk,
            OpenIncident(
                at=wording.at(desk, words),
                title=wording.title(desk, new.title, template),
                message=wording.message(desk, words, wording.prepared(template)),
                services={**(template.services if template else {}), **services} or naming.asked(desk),
                state=state or begun or "investigating",
                id=new.name,
                tags=new.tags,
            ),
        )


@click.command
@verbs.event("incident", "open")
@words
@verbs.held("A service and the status that it has from now on.")
@_state("as before")
@terms
def update(event: str | None, words: Words, held: tuple[str, ...], state: IncidentState | None, terms: Terms) -> int:
    """Add an update to EVENT, which is the only open incident if left out.

    EVENT is an id, or a part of one.

    \b
        stashgen incident update -m "A bad deploy; rolling back." --state identified -s api=warning
    """  # noqa: D301 - as above
    with Desk(terms) as desk:
        name = naming.event(desk, event, Wanted("incident"))
        return carry(
            desk,
            AddUpdate(
                at=wording.at(desk, words),
                event=name,
                message=_message(desk, words, name),
                state=state,
                services=naming.services(desk, held),
            ),
        )


@click.command
@verbs.event("incident", "open")
@words
@terms
def resolve(event: str | None, words: Words, terms: Terms) -> int:
    """Resolve EVENT, which is the only open incident if left out: its services are what they were before it.

    \b
        stashgen incident resolve -m "Back to normal since 11:05." --at 11:05
    """  # noqa: D301 - as above
    with Desk(terms) as desk:
        name = naming.event(desk, event, Wanted("incident"))
        at = wording.at(desk, words)
        message = _message(desk, words, name, is_end=True)
        return carry(desk, AddUpdate(event=name, message=message, verb="resolve", state="resolved", at=at))


@click.command
@verbs.event("incident", "over")
@words
@verbs.held("A service and the status that it has now; none: as before the incident was resolved.")
@_state("investigating")
@terms
def reopen(event: str | None, words: Words, held: tuple[str, ...], state: IncidentState | None, terms: Terms) -> int:
    """Open EVENT again, which was resolved too soon.

    \b
        stashgen incident reopen api-errors -s api=warning -m "The errors are back."
    """  # noqa: D301 - as above
    with Desk(terms) as desk:
        name = naming.event(desk, event, Wanted("incident", "over"))
        return carry(
            desk,
            AddUpdate(
                at=wording.at(desk, words),
                event=name,
                message=_message(desk, words, name),
                verb="reopen",
                state=state or "investigating",
                services=naming.services(desk, held),
            ),
        )


def _message(desk: Desk, words: Words, event: str, *, is_end: bool = False) -> str:
    template = wording.template(desk, words, wording.of_event(desk, event))
    return wording.message(desk, words, wording.prepared(template, is_end=is_end))


incident = verbs.group(
    "incident",
    "Open, update, resolve, look at and mend incidents.",
    open_,
    update,
    resolve,
    reopen,
    list_command("incident"),
    show_command("incident"),
    edit_command("incident"),
    retract_command("incident"),
)
