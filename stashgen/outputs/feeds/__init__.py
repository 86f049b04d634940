"""Atom, RSS and JSON feeds of the site, its groups and its services, and archives of all that was ever said.

Each channel has two kinds of feed: `updates` with an entry an update, `events` with an entry an event. Feeds are
bounded; the archives are slices by the month or year in which events began (RFC 5005), and a slice of the past
keeps its bytes for as long as nothing is said of its events.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final, get_args

from markupsafe import Markup

from stashgen import urls
from stashgen.documents.feed import Item
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output
from stashgen.outputs.feeds import atom, json_feed, rss
from stashgen.outputs.feeds.desk import Desk, Slice, Source
from stashgen.outputs.feeds.feed import Archive, Feed
from stashgen.urls import FeedFormat, FeedKind

RANK: Final = 1
_KINDS: Final[tuple[FeedKind, ...]] = get_args(FeedKind)
_FORMS: Final[tuple[FeedFormat, ...]] = get_args(FeedFormat)


def render(context: Context) -> Iterator[Output]:
    """Yield the feeds of every channel and their archives."""
    desk = Desk(context)
    for source in desk.sources:
        for kind in _KINDS:
            yield from _subscriptions(desk, source, kind)
            yield from _archives(desk, source, kind)


def fingerprints(context: Context) -> dict[str, str]:
    """Return folder -> what tells whether its feeds say the same as before, whatever else changed on the page."""
    desk = Desk(context)
    return {source.channel.folder: _fingerprint(desk, source) for source in desk.sources}


def _fingerprint(desk: Desk, source: Source) -> str:
    entries = [desk.entries(place.event, kind)[place.number] for kind in _KINDS for place in desk.newest(source, kind)]
    return digest(*(f"{entry.id} {entry.updated_at.isoformat()}".encode() for entry in entries))[:8].hex()


def addresses(context: Context, folder: str) -> list[str]:
    """Return the URLs of a channel's feeds."""
    return [context.public(urls.feed(folder, kind, form)) for kind in _KINDS for form in _FORMS]


def _subscriptions(desk: Desk, source: Source, kind: FeedKind) -> Iterator[Output]:
    key = desk.key(source, desk.candidates(source, kind), source.slices[:1])
    for form in _FORMS:
        yield Output(urls.feed(source.channel.folder, kind, form), key, partial(_made, desk, source, kind, form), RANK)


def _made(desk: Desk, source: Source, kind: FeedKind, form: FeedFormat) -> bytes:
    feed = desk.feed(source, kind, form)
    entries = desk.printed(desk.newest(source, kind), kind, form)
    bodies = [entry.body for entry in entries]
    match form:
        case "atom":
            return atom.document(feed, _markups(bodies), desk.updated_at(entries))
        case "rss":
            return rss.document(feed, _markups(bodies), desk.updated_at(entries))
        case "json":
            return json_feed.document(feed, [body for body in bodies if isinstance(body, Item)])


def _markups(bodies: list[Markup | Item]) -> list[Markup]:
    return [body for body in bodies if isinstance(body, Markup)]


def _archives(desk: Desk, source: Source, kind: FeedKind) -> Iterator[Output]:
    for place, one in enumerate(source.slices):
        path = urls.feed_archive(source.channel.folder, kind, one.period)
        newer = source.slices[place - 1] if place else None
        older = source.slices[place + 1] if place + 1 < len(source.slices) else None
        neighbours = [near for near in (newer, older) if near]
        key = digest(kind.encode(), desk.key(source, one.events, neighbours))
        # Slices of one year tell of the same events, those of the site, its groups and its services.
        near = f"feeds/{one.period[:4]}"
        yield Output(path, key, partial(_archived, desk, source, kind, (newer, one, older)), near=near)


def _archived(desk: Desk, source: Source, kind: FeedKind, slices: tuple[Slice | None, Slice, Slice | None]) -> bytes:
    newer, one, older = (slice_ and desk.archive_url(source, kind, slice_) for slice_ in slices)
    feed: Feed = desk.feed(source, kind, "atom", Archive(url=one or "", newer=newer, older=older))
    articles = desk.archived(source, slices[1], kind)
    return atom.document(feed, [article.xml for article in articles], max(article.updated_at for article in articles))
