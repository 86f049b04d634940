"""A site -> what the API says of it, derived for one moment as a build would."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import msgspec

from stashgen import load
from stashgen.derive import derive
from stashgen.derive.board import Board, UpdateView
from stashgen.documents.event import EventDocument
from stashgen.gateway.callers import current
from stashgen.gateway.problems import Refusal
from stashgen.gateway.resources import (
    EventResource,
    GroupResource,
    ServiceResource,
    StatusOutcome,
    StatusResource,
    UpdateResource,
)
from stashgen.i18n import translator
from stashgen.identity import update_names
from stashgen.load import SITE_DATA
from stashgen.memo import Memo
from stashgen.model import Event, Kind, Settings, Site
from stashgen.outputs import event_json
from stashgen.outputs.context import Context
from stashgen.text import quoted
from stashgen.texts import TextReader
from stashgen.theme import load_theme


class View:
    """A site at a moment; nothing is derived before it is asked for. Without `has_hidden` it is what the page shows."""

    def __init__(self, project: Path, site: Site, now: dt.datetime, memo: Memo, *, has_hidden: bool) -> None:
        self.site, self.now, self._has_hidden = site, now, has_hidden
        self._project, self._memo, self._root = project, memo, project / SITE_DATA

    @cached_property
    def board(self) -> Board:
        """The board of that moment."""
        return derive(self.site, self.now, self._memo)

    def event(self, name: str, kind: Kind) -> EventResource:
        """Return an event of a kind; raise Refusal with 404 when there is none."""
        record = self.record(name, kind)
        context = self._context
        if name not in context.board.phases:
            # Nothing has been said of it yet, as far as readers are concerned: told as of its first word.
            first = min(update.at for update in record.updates)
            then = max(first, self.now)
            return View(self._project, self.site, then, self._memo, has_hidden=self._has_hidden).event(name, kind)
        return _resource(event_json.document(context, name), self._full(name), context.board.events[name].updates)

    def record(self, name: str, kind: Kind) -> Event:
        """Return the record of an event of a kind, without its texts; raise Refusal with 404 when there is none."""
        record = self.site.events.get(name)
        if record is None or record.kind != kind:
            raise Refusal(404, f"there is no {kind} {quoted(name)}")
        return record

    def events(self, kind: Kind, state: str) -> Iterator[str]:
        """Yield the ids of events of a kind, newest first: `open`, `closed` or `all`."""
        board = self.board
        is_open = {*board.incidents, *board.maintenances, *board.upcoming, *board.notices}
        for name, phase in board.phases.items():
            if phase.kind == kind and (state == "all" or (name in is_open) == (state == "open")):
                yield name

    def service(self, name: str) -> ServiceResource:
        """Return a service by its id, or one that it had before; raise Refusal with 404 when there is none."""
        name = current(name, self.site.services)
        record = self.site.services.get(name)
        if record is None or (record.hidden and not self._has_hidden):
            raise Refusal(404, f"there is no service {quoted(name)}")
        view = self.board.services.get(name)
        status = view.status if view else self.board.default_status
        return ServiceResource(
            **msgspec.structs.asdict(record),
            id=name,
            status=status,
            level=self.board.statuses[status].level,
            status_since_at=view.status_since_at if view else None,
            event=view.cause if view else None,
        )

    def services(self) -> tuple[ServiceResource, ...]:
        """Return all services, in the order of the page; hidden ones last."""
        hidden = [name for name in self.site.services if name not in self.board.services] if self._has_hidden else []
        return tuple(self.service(name) for name in (*self.board.services, *hidden))

    def outcome(self, service: str, event: str | None, *, has_changed: bool) -> StatusOutcome:
        """Return what became of a service's status."""
        now = self.service(service)
        return StatusOutcome(service=now.id, status=now.status, level=now.level, event=event, changed=has_changed)

    def group(self, name: str) -> GroupResource:
        """Return a group, likewise; raise Refusal with 404 when there is none."""
        name = current(name, self.site.groups)
        if name not in self.site.groups:
            raise Refusal(404, f"there is no group {quoted(name)}")
        return GroupResource(**msgspec.structs.asdict(self.site.groups[name]), id=name)

    def status(self, name: str) -> StatusResource:
        """Return a status; raise Refusal with 404 when there is none."""
        if name not in self.site.statuses:
            raise Refusal(404, f"there is no status {quoted(name)}")
        return StatusResource(**msgspec.structs.asdict(self.site.statuses[name]), id=name)

    def _full(self, name: str) -> Event:
        return load.read_event(self._root, self.site, name)

    @cached_property
    def _context(self) -> Context:
        # The words of the page are not asked for: any theme and language will do, and the packaged ones are sound.
        theme = load_theme("default", self._project / SITE_DATA)
        words = translator(Settings(title="Status"), theme.catalogs)
        return Context(
            site=self.site,
            board=self.board,
            theme=theme,
            translator=words,
            texts=TextReader(self._root, self.site, self._memo),
            memo=self._memo,
            built_at=self.now,
            commit=None,
            static={},
            revision="",
            layout=b"",
        )


def _resource(document: EventDocument, record: Event, views: tuple[UpdateView, ...]) -> EventResource:
    names = update_names(views)
    facts = msgspec.structs.asdict(document)
    places = [view.index for view in views]
    facts["updates"] = tuple(
        UpdateResource(**msgspec.structs.asdict(said), id=names[place], message=record.updates[place].message)
        for said, place in zip(document.updates, places, strict=True)
    )
    return EventResource(
        **facts,
        postmortem=record.postmortem,
        source=record.source,
        external_id=record.external_id,
        until=record.until,
        pinned=record.pinned,
    )
