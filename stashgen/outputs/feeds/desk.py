"""Where feeds are put together: what each channel has to tell, and every event's entries made once."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple, TypeVar

import msgspec
from markupsafe import Markup

from stashgen import urls
from stashgen.documents.feed import Item
from stashgen.memo import digest
from stashgen.outputs.context import Context
from stashgen.outputs.feeds import atom, json_feed, rss
from stashgen.outputs.feeds.entries import Reporter
from stashgen.outputs.feeds.feed import Archive, Brief, Entry, Feed
from stashgen.outputs.newest import candidates, newest_events, newest_updates
from stashgen.outputs.subscriptions import SITE, Channel, channels, feed_title, full_name
from stashgen.urls import FeedFormat, FeedKind

# Entries of a feed; there may be a thousand services, and each has six feeds.
MOST_BY_KIND: Final[Mapping[FeedKind, int]] = {"updates": 50, "events": 25}
MOST_OF_SERVICE_BY_KIND: Final[Mapping[FeedKind, int]] = {"updates": 25, "events": 10}
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_KEPT_EVENTS: Final = 256
_KEPT_BRIEFS: Final = 4096  # events of a year, five kilobytes each

Made = TypeVar("Made")
Kept = OrderedDict[tuple[str, ...], Made]


class Slice(NamedTuple):
    """The events of a channel that began in a month or a year, the last to begin first."""

    period: str  # 2026-11, or 2026
    events: tuple[str, ...]


class Source(NamedTuple):
    """A channel and what it has to tell: its events, the last to begin first, and the same in slices."""

    channel: Channel
    events: Sequence[str]
    slices: Sequence[Slice]


class Place(NamedTuple):
    """An entry by its event, and its number among the event's entries."""

    event: str
    number: int


class Printed(NamedTuple):
    """An entry in a format."""

    updated_at: dt.datetime
    body: Markup | Item


class Article(NamedTuple):
    """An entry as it stands in archives."""

    published_at: dt.datetime
    place: tuple[str, int]
    updated_at: dt.datetime
    xml: Markup


class Desk(msgspec.Struct, frozen=True, dict=True):
    """Makes feeds out of a context."""

    context: Context

    @cached_property
    def sources(self) -> list[Source]:
        """Return every channel with its events."""
        return [self._source(channel) for channel in channels(self.context)]

    @cached_property
    def _reporter(self) -> Reporter:
        return Reporter(self.context)

    @cached_property
    def _month_by_event(self) -> dict[str, str]:
        """Return event -> the month of the site's zone in which it began or is planned to, the last to begin first."""
        board = self.context.board
        known = {event: month.name for month in board.months for event in month.events}
        return {event: known.get(event) or self._month(event) for event in board.phases}

    def _month(self, event: str) -> str:
        return f"{self.context.translator.day(self.context.board.phases[event].started_at):%Y-%m}"

    @cached_property
    def _events_by_service(self) -> dict[str, list[str]]:
        events: dict[str, list[str]] = {}
        for event, phase in self.context.board.phases.items():
            for service in phase.services:
                events.setdefault(service, []).append(event)
        return events

    def _source(self, channel: Channel) -> Source:
        period_length = len("2026-11" if channel is SITE else "2026")
        events = self._events(channel)
        slices: dict[str, list[str]] = {}
        for event in events:
            slices.setdefault(self._month_by_event[event][:period_length], []).append(event)
        return Source(channel, events, [Slice(period, tuple(of_it)) for period, of_it in slices.items()])

    def _events(self, channel: Channel) -> Sequence[str]:
        if channel.services is None:
            return list(self._month_by_event)
        if channel.service is not None:
            return self._events_by_service.get(channel.service, ())
        members = frozenset(channel.services)
        phases = self.context.board.phases
        return [event for event in self._month_by_event if not members.isdisjoint(phases[event].services)]

    def candidates(self, source: Source, kind: FeedKind) -> list[str]:
        """Return the events among which those of a feed are."""
        return candidates(self.context, _most(source, kind), source.events)

    def key(self, source: Source, events: Sequence[str], near: Sequence[Slice]) -> bytes:
        """Return the key of a document that tells of these events and names these slices."""
        facts = (source.channel.name, self.context.board.since_at, [one.period for one in near])
        keys = (self.context.key_by_event[event] for event in events)
        return digest(self.context.layout, msgspec.msgpack.encode(facts), *keys)

    def newest(self, source: Source, kind: FeedKind) -> list[Place]:
        """Return where the entries of a feed stand among those of their events, the newest first."""
        events = self.candidates(source, kind)
        if kind == "events":
            return [Place(view.id, 0) for view in newest_events(self.context, events, _most(source, kind))]
        words = newest_updates(self.context, events, _most(source, kind))
        return [Place(word.event.id, word.event.updates.index(word.update)) for word in words]

    def printed(self, places: Sequence[Place], kind: FeedKind, form: FeedFormat) -> list[Printed]:
        """Return entries as a format has them, each made once: many feeds tell of the same event."""
        return [self._printed(place.event, kind, form)[place.number] for place in places]

    def _printed(self, event: str, kind: FeedKind, form: FeedFormat) -> tuple[Printed, ...]:
        return _kept(
            self._prints,
            (event, kind, form),
            _KEPT_EVENTS,
            lambda: tuple(Printed(entry.updated_at, self._print(entry, form)) for entry in self.entries(event, kind)),
        )

    def _print(self, entry: Entry, form: FeedFormat) -> Markup | Item:
        match form:
            case "atom":
                return atom.entry(entry)
            case "rss":
                return rss.item(entry, self.context.board.settings.title)
            case "json":
                return json_feed.item(entry)

    def updated_at(self, entries: Sequence[Printed]) -> dt.datetime:
        """Return when a feed last had something new; an empty one never had since the page has data."""
        return max((entry.updated_at for entry in entries), default=self.context.board.since_at or EPOCH)

    def archived(self, source: Source, of: Slice, kind: FeedKind) -> list[Article]:
        """Return all entries of a slice, the newest first.

        The whole text of an update stands in the site's archives; those of groups and services, where the same
        entries come up again and again, have its beginning.
        """
        is_whole = source.channel is SITE and kind == "updates"
        tell = self._whole_articles if is_whole else self._brief_articles
        articles = [article for event in of.events for article in tell(event, kind)]
        return sorted(articles, key=lambda article: article[:2], reverse=True)

    def entries(self, event: str, kind: FeedKind) -> tuple[Entry, ...]:
        """Return the entries of an event, the newest first."""
        make = self._reporter.updates if kind == "updates" else self._reporter.whole
        return _kept(self._entries, (event, kind), _KEPT_EVENTS, lambda: tuple(make(event)))

    def _whole_articles(self, event: str, kind: FeedKind) -> tuple[Article, ...]:
        make = self._reporter.updates if kind == "updates" else self._reporter.whole
        return tuple(_article(entry, atom.entry(entry)) for entry in make(event))

    def _brief_articles(self, event: str, kind: FeedKind) -> tuple[Article, ...]:
        make = self._reporter.brief_updates if kind == "updates" else self._reporter.brief_whole
        return _kept(
            self._briefs,
            (event, kind),
            _KEPT_BRIEFS,
            lambda: tuple(_article(entry, atom.brief_entry(entry)) for entry in make(event)),
        )

    @cached_property
    def _entries(self) -> Kept[tuple[Entry, ...]]:
        return OrderedDict()

    @cached_property
    def _prints(self) -> Kept[tuple[Printed, ...]]:
        return OrderedDict()

    @cached_property
    def _briefs(self) -> Kept[tuple[Article, ...]]:
        return OrderedDict()

    def feed(self, source: Source, kind: FeedKind, form: FeedFormat, within: Archive | None = None) -> Feed:
        """Return what is said of a feed itself."""
        context, channel = self.context, source.channel
        settings = context.board.settings
        name = full_name(context, channel)
        about = settings.description if channel is SITE else ""
        return Feed(
            id=urls.tag(settings.url, f"{channel.folder}/{kind}"),
            url=context.public(urls.feed(channel.folder, kind, form)),
            page=context.public(channel.page),
            title=feed_title(context, channel, kind),
            about=about or context.translator.text("feed.about", name=name),
            author=settings.title,
            author_url=context.public(urls.DASHBOARD),
            language=context.translator.language,
            icon=context.public(urls.static_file(settings.logo)) if settings.logo in context.static else None,
            hub=settings.hub,
            archive=self.archive_url(source, kind, source.slices[0]) if source.slices else None,
            within=within,
        )

    def archive_url(self, source: Source, kind: FeedKind, of: Slice) -> str:
        """Return the address of an archive document."""
        return self.context.public(urls.feed_archive(source.channel.folder, kind, of.period))


def _most(source: Source, kind: FeedKind) -> int:
    return (MOST_OF_SERVICE_BY_KIND if source.channel.service else MOST_BY_KIND)[kind]


def _article(entry: Brief, xml: Markup) -> Article:
    return Article(entry.published_at, entry.place, entry.updated_at, xml)


def _kept(kept: Kept[Made], key: tuple[str, ...], most: int, make: Callable[[], Made]) -> Made:
    """Return what was made before; only so much is kept."""
    if key not in kept:
        if len(kept) >= most:
            kept.popitem(last=False)
        kept[key] = make()
    return kept[key]
