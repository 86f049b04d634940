"""What every output is given, and what it gives back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from stashgen import urls
from stashgen.derive.board import Board
from stashgen.i18n import Translator
from stashgen.memo import Memo, digest, edition
from stashgen.model import Family, Settings, Site, Status
from stashgen.texts import Texts
from stashgen.theme import Theme


class Context(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything an output may print."""

    site: Site
    board: Board
    theme: Theme
    translator: Translator
    texts: Callable[[str], Texts]  # event id -> its texts
    memo: Memo  # for large files that change in few places: their parts are kept
    built_at: dt.datetime
    commit: str | None  # full hash of the source commit; None outside git
    static: dict[str, Path]  # path below static/ -> the file, which the output has at static/<path>; empty if it is not
    revision: str  # tells whether two dashboards say the same, whenever they were built
    faulty: int = 0  # files with mistakes that the page was built without, or without a part of
    layout: bytes  # digest of what all pages show or depend on: theme, settings, statuses, static files

    def has(self, family: Family) -> bool:
        """Return whether the site has this family of files."""
        return self.site.settings.outputs.get(family, True)

    def public(self, path: str) -> str:
        """Return the public URL of an output path; its path from the host's root for a site without a URL."""
        return urls.public(self.site.settings.url, path)

    def page(self, path: str) -> str | None:
        """Return the path of a page, or None for a site that has no pages."""
        return path if self.has("pages") else None

    @cached_property
    def key_by_event(self) -> Mapping[str, bytes]:
        """Return for every event that has been spoken of what tells whether anything said of it has changed.

        A key digests the event's id and file, where it stands now, and the records of the services it touches: that
        costs microseconds, so that ten thousand pages can be found unchanged in no time.
        """
        services = self.board.services.items()
        record_by_service = {
            service: digest(service.encode(), msgspec.msgpack.encode(view.record)) for service, view in services
        }
        return {event: _event_key(self, event, record_by_service) for event in self.board.phases}


class Output(NamedTuple):
    """One file to be.

    `key` digests everything `make` reads, so an equal key means equal bytes; `path` is relative to the output
    folder. Files of rank 0 are put in place first, the pages that tell the news last. Outputs that share what they
    print have the same `near`: they are made one after another, so that little has to be kept in memory for it.
    """

    path: str
    key: bytes
    make: Callable[[], bytes]
    rank: int = 0
    near: str = ""


class Book(Protocol):
    """What each module on the shelf offers."""

    def render(self, context: Context) -> Iterator[Output]:
        """Yield the family's files."""
        ...


def layout_digest(theme: bytes, settings: Settings, statuses: dict[str, Status], static: dict[str, Path]) -> bytes:
    """Return a digest of what every page depends on: our code, theme, settings, statuses and names of static files."""
    facts = (settings, sorted(statuses.items()), sorted(static))
    return digest(edition(), theme, msgspec.msgpack.encode(facts))


def _event_key(context: Context, event: str, record_by_service: Mapping[str, bytes]) -> bytes:
    phase = context.board.phases[event]
    touched = [record_by_service[service] for service in phase.services]
    return digest(event.encode(), context.site.digest_by_event[event], phase.stands, *touched)
