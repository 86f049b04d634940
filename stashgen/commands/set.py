"""stashgen set: the status of a service, by opening, updating or closing whatever is needed for it."""

from __future__ import annotations

import click

from stashgen.commands.changing import completing, naming, wording
from stashgen.commands.changing.carrying import carry
from stashgen.commands.changing.desk import Desk
from stashgen.commands.changing.terms import Terms, Words, terms, words
from stashgen.intents import SetStatus


@click.command("set")
@click.argument("service", required=False, shell_complete=completing.services)
@click.argument("status", required=False, shell_complete=completing.statuses)
@words
@click.option("--title", metavar="TEXT", help="Headline, if an incident has to be opened.")
@click.option("--note", "is_note", is_flag=True, help="Only say something about the service; its status stays.")
@click.option("--if-changed", is_flag=True, help="Do nothing if the service has that status already.")
@terms
def set_(  # noqa: PLR0913 - one parameter an option
    service: str | None,
    status: str | None,
    words: Words,
    title: str | None,
    terms: Terms,
    *,
    is_note: bool,
    if_changed: bool,
) -> int:
    """Set the status of SERVICE to STATUS, and tell readers why.

    A service in trouble gets an incident, or an update of the one that it has; one that is fine again resolves it.
    What is missing is asked for on a terminal.

    \b
        stashgen set api down -m "No answers; we are looking into it."
        stashgen set api warning -m "Back, but slow." --at 10:02
        stashgen set api up -m "All is well again." --push
        stashgen set api --note -m "Keys from before May stop working in June."
    """  # noqa: D301 - Click's mark for lines that it must not fill
    if is_note and (status is not None or if_changed):
        raise click.UsageError("--note says something and changes no status: leave STATUS and --if-changed out")
    with Desk(terms) as desk:
        name = naming.service(desk, service)
        wanted = None if is_note else naming.status(desk, status)
        prepared = wording.template(
            desk, words, wording.Facts("incident", {name: wanted} if wanted else {}, title or "")
        )
        is_end = wanted is not None and desk.site.statuses[wanted].default
        return carry(
            desk,
            SetStatus(
                at=wording.at(desk, words),
                service=name,
                status=wanted,
                message=wording.message(desk, words, wording.prepared(prepared, is_end=is_end)),
                is_note=is_note,
                if_changed=if_changed,
                title=wording.line(title, "--title") if title else prepared.title if prepared else None,
            ),
        )
