"""An event -> its entries: what was said and what changed by it, in the site's language, as titles and safe HTML.

`updated` of an entry is the instant of its newest word or edit, with a fraction of a second that is a checksum of
what the entry says: whoever edits title, state or text changes it, and nothing has to be remembered for that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

import msgspec
from markupsafe import escape

from stashgen import markup, urls
from stashgen.derive.board import EventView, UpdateView
from stashgen.identity import update_names
from stashgen.memo import digest
from stashgen.model import CLOSING_STATES, State
from stashgen.outputs import telling
from stashgen.outputs.context import Context
from stashgen.outputs.feeds.feed import Brief, Entry, Label

_LINE: Final = "<br>"
_SUMMARY_LENGTH: Final = 140
_MICROSECONDS: Final = 1_000_000  # of a second: of so many edits one may go unseen


class Reporter(msgspec.Struct, frozen=True, dict=True):
    """Writes entries in the words of a context."""

    context: Context

    @cached_property
    def _root(self) -> str:
        return self.context.public("")

    @cached_property
    def _status_names(self) -> Mapping[str, str]:
        statuses = self.context.board.statuses
        return {name: self.context.translator.status_name(name, status) for name, status in statuses.items()}

    def updates(self, event_id: str) -> Iterator[Entry]:
        """Yield an entry for each update, the newest first."""
        event = self.context.board.events[event_id]
        labels = {state: tuple(self._labels(event, state)) for state in {update.state for update in event.updates}}
        page = self._page(event)
        for update, (message, facts) in zip(event.updates, self._words(event), strict=True):
            html = self._message(message, page) + _paragraph(self._facts(event, update))
            yield Entry(**facts, html=self._around(html), labels=labels[update.state])

    def brief_updates(self, event_id: str) -> Iterator[Brief]:
        """Yield the same with the beginnings of the messages."""
        for message, facts in self._words(self.context.board.events[event_id]):
            yield Brief(**facts, summary=_beginning(markup.to_plain(message)))

    def _words(self, event: EventView) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the message of each update, and what all forms of its entry have in common."""
        names = update_names(event.updates)
        messages = self.context.texts(event.id).messages
        page = self._page(event)
        for update in event.updates:
            message = messages[update.index]
            plan = (update.planned_start_at, update.planned_end_at)
            said = (event.title, update.state, tuple(update.changes.items()), plan, message)
            yield (
                message,
                {
                    "id": self._id(f"{event.id}/{names[update.index]}"),
                    "url": f"{page}#{urls.update_anchor(update.index)}",
                    "title": self._title(event, update.state),
                    "published_at": update.at,
                    "updated_at": _stamped(update.at, update.said_at, said),
                    "place": (event.id, update.index),
                },
            )

    def whole(self, event_id: str) -> Iterator[Entry]:
        """Yield the one entry with all updates of an event, the newest first."""
        event = self.context.board.events[event_id]
        html = self._around("".join(self._story(event)))
        yield Entry(**self._whole(event), html=html, labels=tuple(self._labels(event, event.state)))

    def brief_whole(self, event_id: str) -> Iterator[Brief]:
        """Yield the same with a line on where the event stands and whom it touches."""
        event = self.context.board.events[event_id]
        summary = " · ".join([*self._standing(event), *self._touched(event)])
        yield Brief(**self._whole(event), summary=summary)

    def _whole(self, event: EventView) -> dict[str, Any]:
        texts, first_at = self.context.texts(event.id), event.updates[-1].at
        words = [(update.at, update.state, tuple(update.changes.items())) for update in event.updates]
        messages = [texts.messages[update.index] for update in event.updates]
        plan = (event.planned_start_at, event.planned_end_at)
        said = (event.title, event.state, plan, words, messages, texts.postmortem)
        return {
            "id": self._id(event.id),
            "url": self._page(event),
            "title": self._title(event, event.state),
            "published_at": first_at,
            "updated_at": _stamped(first_at, event.said_at, said),
            "place": (event.id, 0),
        }

    @cached_property
    def _all_ids(self) -> str:
        return urls.tag(self.context.board.settings.url, "")

    def _id(self, name: str) -> str:
        # Where ids are no UUIDs they all begin alike, and the URL need not be taken apart each time.
        is_uuid = self._all_ids.startswith("urn:")
        return urls.tag(self.context.board.settings.url, name) if is_uuid else self._all_ids + name

    def _title(self, event: EventView, state: State | None) -> str:
        text = self.context.translator.text
        return text("feed.entry", state=text(f"state.{state}"), title=event.title) if state else event.title

    def _page(self, event: EventView) -> str:
        return self.context.public(urls.event_page(event.id))

    def _message(self, message: str, page: str) -> str:
        html = markup.absolute(message, self._root, page)
        # What is ASCII runs from left to right in any case.
        is_plain = html.isascii() and self.context.translator.direction == "ltr"
        return html if is_plain else f'<div dir="auto">{html}</div>'

    def _around(self, html: str) -> str:
        words = self.context.translator
        return (
            html if words.direction == "ltr" else f'<div lang="{words.language}" dir="{words.direction}">{html}</div>'
        )

    def _facts(self, event: EventView, update: UpdateView) -> Iterator[str]:
        """Yield what an update said beside its message, in plain text."""
        text, services = self.context.translator.text, self.context.board.services
        if update.state:
            yield text(f"state.{update.state}")
        if update.planned_start_at and update.planned_end_at and update.state not in CLOSING_STATES:
            yield text("feed.planned", range=self._range(update.planned_start_at, update.planned_end_at))
        for service, status in update.changes.items():
            yield text("feed.status", service=services[service].record.name, status=self._status_names[status])
        if update.state == "scheduled":
            yield from self._touched(event)

    def _story(self, event: EventView) -> Iterator[str]:
        page, texts = self._page(event), self.context.texts(event.id)
        yield _paragraph([*self._standing(event), *telling.effects(self.context, event)])
        for update in event.updates:
            message = texts.messages[update.index]
            head = [*self._facts(event, update)]
            when = escape(self.context.translator.instant(update.at))
            state = f"<strong>{escape(head.pop(0))}</strong> · " if update.state else ""
            yield f"<p>{state}{when}</p>{self._message(message, page)}{_paragraph(head)}"
        if texts.postmortem is not None:
            heading = escape(self.context.translator.text("event.postmortem"))
            yield f"<h2>{heading}</h2>{self._message(texts.postmortem, page)}"

    def _standing(self, event: EventView) -> Iterator[str]:
        words = self.context.translator
        if event.state:
            yield words.text(f"state.{event.state}")
        if event.planned_start_at and event.planned_end_at:
            yield words.text("feed.planned", range=self._range(event.planned_start_at, event.planned_end_at))
        if not event.is_planned_only:
            yield self._when(event)

    def _when(self, event: EventView) -> str:
        words = self.context.translator
        if event.ended_at is not None:
            return self._range(event.started_at, event.ended_at)
        return words.text("event.since", at=words.instant(event.started_at))

    def _touched(self, event: EventView) -> Iterator[str]:
        names = [self.context.board.services[one.service].record.name for one in event.affected]
        if names:
            words = self.context.translator
            yield words.text("feed.services", services=f"{words.text('list.comma')} ".join(names))

    def _range(self, start_at: dt.datetime, end_at: dt.datetime) -> str:
        words = self.context.translator
        is_one_day = words.day(start_at) == words.day(end_at)
        end = f"{words.time(end_at)} {words.zone_name(end_at)}" if is_one_day else words.instant(end_at)
        return words.text("event.range", start=words.instant(start_at), end=end)

    def _labels(self, event: EventView, state: State | None) -> Iterator[Label]:
        text = self.context.translator.text
        yield Label(event.kind, text(f"kind.{event.kind}"))
        if state:
            yield Label(state, text(f"state.{state}"))
        for one in event.affected:
            yield Label(one.service, self.context.board.services[one.service].record.name)
        for tag in event.tags:
            yield Label(tag, tag)


def _beginning(text: str) -> str:
    return text if len(text) <= _SUMMARY_LENGTH else f"{text[: _SUMMARY_LENGTH - 1].rstrip()}…"


def _paragraph(lines: Iterable[str]) -> str:
    html = _LINE.join(str(escape(line)) for line in lines)
    return f"<p>{html}</p>" if html else ""


def _stamped(published_at: dt.datetime, said_at: dt.datetime, said: object) -> dt.datetime:
    """Return the second in which something was last said, with a checksum in its fraction; never before publication."""
    checksum = int.from_bytes(digest(msgspec.msgpack.encode(said))[:8]) % _MICROSECONDS
    at = said_at.replace(microsecond=checksum)
    return at if at >= published_at else at + dt.timedelta(seconds=1)
