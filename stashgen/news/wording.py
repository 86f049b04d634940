"""Items -> messages, in the site's language and zone: title, text and address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

from stashgen import markup, urls
from stashgen.derive.board import EventView, UpdateView
from stashgen.model import CLOSING_STATES, Level
from stashgen.news.items import Item
from stashgen.notifiers import Message
from stashgen.outputs import telling
from stashgen.outputs.context import Context

MOST_MESSAGES: Final = 10  # to one channel at a time; more are told in one message
_MOST_LINES: Final = 20
_MOST_CHARACTERS: Final = 1500  # what a chat shows without folding


def message(context: Context, item: Item) -> Message:
    """Return what is said of one item."""
    event = context.board.events[item.event]
    return Message(
        title=headline(context, item),
        text="\n\n".join(filter(None, [*_story(context, event, item), context.board.settings.title])),
        url=_url(context, item),
        level=event.level,
        is_over="ended" in item.tags,
    )


def digest(context: Context, items: Sequence[Item]) -> Message:
    """Return what is said of many items, the oldest first, in one message with the newest first."""
    text, title = context.translator.text, context.board.settings.title
    events = [context.board.events[item.event] for item in items]
    shown = [_line(context, item) for item in items[::-1][:_MOST_LINES]]
    more = len(items) - len(shown)
    return Message(
        title=text("news.digest", count=len(items), site=title),
        text="\n".join([*shown, *([text("news.more", count=more)] if more else [])]),
        url=urls.absolute(context.board.settings.url, urls.HISTORY if context.has("pages") else ""),
        level=max((event.level for event in events), key=lambda level: level.rank, default=Level.NORMAL),
    )


def headline(context: Context, item: Item) -> str:
    """Return state, title and services of what came about, and whether it is an edit, on one line."""
    text = context.translator.text
    event = context.board.events[item.event]
    names = context.translator.names([context.board.services[one.service].record.name for one in event.affected])
    state = text("event.postmortem") if "postmortem" in item.tags else item.state and text(f"state.{item.state}")
    title = text("feed.entry", state=state, title=event.title) if state else event.title
    # Without it the edit of an earlier word, which comes after "Resolved", would look like a relapse.
    edited = text("event.edited", at=_at(context, item.at)) if item.edit_of is not None else ""
    return " · ".join(filter(None, [title, names, edited]))


def _line(context: Context, item: Item) -> str:
    return f"- {context.translator.instant(item.at)} · {headline(context, item)}"


def _story(context: Context, event: EventView, item: Item) -> Iterator[str]:
    text, texts = context.translator.text, context.texts(event.id)
    if "postmortem" in item.tags:
        yield _cut(markup.to_lines(texts.postmortem or ""))
    elif item.update is None:
        yield text("news.ended" if item.state in CLOSING_STATES else "news.started", at=_at(context, item.at))
        yield "\n".join(telling.effects(context, event))
    else:
        update = next(update for update in event.updates if update.index == item.update)
        yield _cut(markup.to_lines(texts.messages[item.update]))
        yield "\n".join(_facts(context, event, update))


def _facts(context: Context, event: EventView, update: UpdateView) -> Iterator[str]:
    """Yield the plan, and the services whose status an update changed; of what is to come, those it will change."""
    translator, board = context.translator, context.board
    if update.planned_start_at and update.planned_end_at and update.state not in CLOSING_STATES:
        yield translator.text("feed.planned", range=translator.span(update.planned_start_at, update.planned_end_at))
    changes = update.changes or ({one.service: one.worst for one in event.affected} if event.is_upcoming else {})
    for service, status in changes.items():
        name = translator.status_name(status, board.statuses[status])
        yield translator.text("feed.status", service=board.services[service].record.name, status=name)


def _at(context: Context, at: dt.datetime) -> str:
    return context.translator.instant(at)


def _url(context: Context, item: Item) -> str | None:
    if not context.has("pages"):
        return urls.absolute(context.board.settings.url, "")
    page = urls.absolute(context.board.settings.url, urls.event_page(item.event))
    return f"{page}#{urls.update_anchor(item.update)}" if page and item.update is not None else page


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1].rstrip()}…"
