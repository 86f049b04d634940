"""One page an event: its facts, its timeline, what it did to which service, its postmortem.

A page of the past says nothing that moves with the clock, so its bytes stay the same for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from markupsafe import Markup

from stashgen import markup, urls
from stashgen.derive.board import EventView
from stashgen.outputs.context import Output
from stashgen.outputs.pages.cards import affected_cards, event_card, update_cards
from stashgen.outputs.pages.outline import outlined
from stashgen.outputs.pages.press import Page, Press

RANK_OF_THE_OPEN: Final = 1
_BELOW_POSTMORTEM: Final = 3  # its own heading is of level 2


def outputs(press: Press) -> Iterator[Output]:
    """Yield the pages of all events."""
    board = press.context.board
    live = {*board.incidents, *board.maintenances, *board.upcoming, *board.notices}
    for event, key in press.key_by_event.items():
        rank = RANK_OF_THE_OPEN if event in live else 0
        yield Output(urls.event_page(event), key, lambda event=event: press.printed(page(press, event)), rank)  # type: ignore[misc]  # binds now


def page(press: Press, event: str) -> Page:
    """Return the page of an event with its values."""
    view = press.context.board.events[event]
    path = urls.event_page(event)
    root = urls.root(path)
    postmortem = press.context.texts(event).postmortem
    card = event_card(press, root, view)
    values = {
        "event": card,
        "updates": update_cards(press, root, view),
        "affected": affected_cards(press, root, view) if card.effects or view.is_open else (),
        "postmortem": _article(postmortem, root) if postmortem else None,
    }
    return Page(
        path=path, template="event.html", title=view.title, description=_description(press, view), values=values,
        level=view.level.value.lower() if view.is_open else "normal", is_live=view.is_open,
    )  # fmt: skip


def _article(postmortem: str, root: str) -> Markup:
    html = outlined(markup.relocate(postmortem, root), _BELOW_POSTMORTEM)
    return Markup(html)  # noqa: S704  # made safe by stashgen.markup


def _description(press: Press, view: EventView) -> str:
    text = press.wording.text
    state = text(f"state.{view.state}") if view.state else text(f"kind.{view.kind}")
    names = [press.context.board.services[one.service].record.name for one in view.affected]
    return " · ".join(part for part in (state, press.context.translator.names(names)) if part)
