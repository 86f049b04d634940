"""stashgen postmortem: what happened and what was learnt, written in an editor."""

from __future__ import annotations

from typing import Final

import click

from stashgen.commands.changing import asking, naming, terms, verbs, wording
from stashgen.commands.changing.carrying import carry
from stashgen.commands.changing.desk import Desk
from stashgen.commands.changing.naming import Wanted
from stashgen.commands.changing.terms import Terms, Words, gathered
from stashgen.intents import EditEvent

_BEGUN: Final = "## What happened\n\n\n## Why\n\n\n## What we change\n\n"


@click.command
@verbs.event(None, "over")
@gathered(Words, "words", [terms.message, terms.file])
@terms.terms
def postmortem(event: str | None, words: Words, terms: Terms) -> int:
    """Write the postmortem of EVENT in your editor, or give it with -m or -F.

    The editor opens with the text that there is, or with headings to fill in. An empty or unchanged text changes
    nothing; if the change is refused, your text is kept in a file.

    \b
        stashgen postmortem api-errors
        stashgen postmortem api-errors -F report.md --push
    """  # noqa: D301 - Click's mark for lines that it must not fill
    with Desk(terms) as desk:
        name = naming.event(desk, event, Wanted(None, "over"))
        old = desk.event(name).postmortem
        text = wording.spoken(words)
        if not text:
            if words.messages or words.file:
                raise click.UsageError("the text says nothing: leave it out to write it in your editor")
            asking.require("the text", "give it with -m TEXT, or -F FILE")
            text = desk.draft("postmortem", old or _BEGUN)
            if not text.strip() or text.strip() == (old or _BEGUN).strip():
                click.echo("Nothing was written: nothing has changed.", err=True)
                return 0
            desk.is_asked = False  # who closes the editor has seen the text
        return carry(desk, EditEvent(event=name, fields={"postmortem": wording.said(text) + "\n"}))
