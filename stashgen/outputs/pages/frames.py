"""embed/ and embed/compact/: the state in a frame on somebody else's page, as a card and as one line.

They are complete without the script, which only keeps them fresh. Everything leads to the page itself, in a tab of
its own: a frame is no place to read in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from markupsafe import Markup

from stashgen import urls
from stashgen.derive.board import EventView
from stashgen.outputs.context import Output
from stashgen.outputs.pages.cards import EventCard, event_card
from stashgen.outputs.pages.dashboard import RANK, banner
from stashgen.outputs.pages.press import Page, Press

TEMPLATE_BY_SIZE: Final = {"": "embed.html", "compact": "embed-compact.html"}


class FrameEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An open event and when it was last spoken of."""

    event: EventCard
    spoken: Markup


def outputs(press: Press) -> Iterator[Output]:
    """Yield the pages for frames where site.yaml wants embeds."""
    context, board = press.context, press.context.board
    if not context.has("embeds"):
        return
    events = [*board.incidents, *board.maintenances]
    facts = (board.overall, context.translator.sentence(board), [press.key_by_event[event] for event in events])
    key = press.key("frames", facts, _style(press), context.revision, board.next_change_at)
    for size in TEMPLATE_BY_SIZE:
        yield Output(urls.embed_page(size), key, lambda size=size: press.printed(page(press, size)), RANK)  # type: ignore[misc]  # binds now


def page(press: Press, size: str) -> Page:
    """Return the page of one size with its values."""
    board = press.context.board
    path = urls.embed_page(size)
    root = urls.root(path)
    sentence = press.context.translator.sentence(board)
    values: dict[str, Any] = {
        "style": root + _style(press),
        "banner": banner(press, sentence),
        "events": tuple(_event(press, root, press.event(event)) for event in (*board.incidents, *board.maintenances)),
    }
    return Page(
        path=path, template=TEMPLATE_BY_SIZE[size], title=press.wording.text("embed.label"), values=values,
        level=board.overall.level.value.lower(), is_live=True,
        is_summary=True,
    )  # fmt: skip


def _style(press: Press) -> str:
    style = press.assets.frame_style
    return style.path if style else ""


def _event(press: Press, root: str, event: EventView) -> FrameEvent:
    return FrameEvent(event=event_card(press, root, event), spoken=press.wording.ago(event.updated_at))
