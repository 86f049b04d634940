"""stashgen notice: something to say that changes no status."""

from __future__ import annotations

import datetime as dt
from typing import Final

import click
import msgspec

from stashgen.commands.changing import completing, moments, naming, verbs, wording
from stashgen.commands.changing.carrying import carry
from stashgen.commands.changing.desk import Desk
from stashgen.commands.changing.editing import edit_command, retract_command
from stashgen.commands.changing.looking import list_command, show_command
from stashgen.commands.changing.naming import Wanted
from stashgen.commands.changing.terms import Terms, Words, gathered, terms, words
from stashgen.commands.changing.verbs import New
from stashgen.intents import AddUpdate, PostNotice


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Until when, or how long."""

    until: str | None
    length: str | None


_SPAN: Final = (
    click.option("--until", metavar="TIME", help="When it ends.  [default: it stays]"),
    click.option("--for", "length", metavar="DURATION", help="How long it stays, instead, such as 3d."),
)
_services = click.option(
    "-s",
    "--service",
    "held",
    multiple=True,
    metavar="SERVICE",
    shell_complete=completing.services,
    help="A service that it is about; may be given more than once.",
)


@click.command
@verbs.new(_services)
@words
@gathered(Span, "span", _SPAN)
@click.option("--pinned/--no-pinned", "is_pinned", default=False, help="Keep it above the others, or not.")
@terms
def post(new: New, words: Words, span: Span, terms: Terms, *, is_pinned: bool) -> int:
    """Post a notice with the headline TITLE.

    \b
        stashgen notice post "Office closed on Friday" --until "2026-12-25 18:00" -m "Support answers on Monday."
    """  # noqa: D301 - Click's mark for lines that it must not fill
    if span.until is not None and span.length is not None:
        raise click.UsageError("--until and --for exclude each other")
    with Desk(terms) as desk:
        services = [naming.service(desk, service) for service in new.held]
        template = wording.template(desk, words, wording.Facts("notice", dict.fromkeys(services, ""), new.title or ""))
        notice = PostNotice(
            at=wording.at(desk, words),
            until=_until(desk, span),
            title=wording.title(desk, new.title, template),
            message=wording.message(desk, words, wording.prepared(template)),
            services=tuple(services) or (tuple(template.services) if template else ()),
            pinned=is_pinned,
            id=new.name,
            tags=new.tags,
        )
        return carry(desk, notice)


def _until(desk: Desk, span: Span) -> dt.datetime | None:
    if span.length is not None:
        return desk.now + moments.length(span.length, "--for")
    return None if span.until is None else moments.read(span.until, desk.moment(is_ahead=True), "--until")


@click.command
@verbs.event("notice", "open")
@words
@terms
def expire(event: str | None, words: Words, terms: Terms) -> int:
    """End EVENT, which is the only running notice if left out. A last word is welcome and not needed."""
    with Desk(terms) as desk:
        name = naming.event(desk, event, Wanted("notice"))
        template = wording.template(desk, words, wording.of_event(desk, name))
        message = wording.prepared(template, is_end=True) or wording.spoken(words)
        return carry(desk, AddUpdate(event=name, message=message, verb="expire", at=wording.at(desk, words)))


notice = verbs.group(
    "notice",
    "Post what is to be said and changes no status.",
    post,
    expire,
    list_command("notice"),
    show_command("notice"),
    edit_command("notice"),
    retract_command("notice"),
)
