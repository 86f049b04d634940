"""The events of services as files: the newest, the current one, each of the newest alone, and months of all time."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

import msgspec

from stashgen import urls
from stashgen.derive.board import Stretch
from stashgen.documents import escaped
from stashgen.documents.stashboard import StashboardMonth, StashboardMonths
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output
from stashgen.outputs.stashboard_api.posts import Journal, Post
from stashgen.outputs.stashboard_api.records import Tree

# Lists grow with every word, so they end somewhere; the months never do.
LISTED: Final = 300
# Files of one event each, over the whole page: those that a list of today can lead to.
SINGLE: Final = 2_000


class Month(NamedTuple):
    """A calendar month, UTC."""

    year: int
    month: int

    @property
    def name(self) -> str:
        """Return it as files are named."""
        return f"{self.year:04}-{self.month:02}"

    @property
    def start_at(self) -> dt.datetime:
        """Return its first instant."""
        return dt.datetime(self.year, self.month, 1, tzinfo=dt.UTC)

    @property
    def next(self) -> Month:
        """Return the month after it."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)


def single_outputs(trees: Sequence[Tree], journal: Journal) -> Iterator[Output]:
    """Yield a file for each of the newest posts of the page, and for the current one of every service."""
    newest = journal.newest(SINGLE)
    current = filter(None, map(journal.current, journal.context.board.services))
    for post in dict.fromkeys(chain(newest, current)):
        key = post_key(journal.context, post)
        resource = f"services/{post.service}/events/{post.sid}"
        for tree in trees:
            path = urls.stashboard(tree.base, resource)
            yield Output(path, key, partial(_encode_post, tree, post))


def list_outputs(trees: Sequence[Tree], journal: Journal, service: str) -> Iterator[Output]:
    """Yield the newest events of a service and its current one; a service without events has no current one."""
    key = journal.key_by_service[service]
    current = journal.current(service)
    for tree in trees:
        folder = f"services/{service}/events"
        yield Output(urls.stashboard(tree.base, folder), key, partial(_encode_newest, tree, service), rank=1)
        if current is not None:
            path = urls.stashboard(tree.base, f"{folder}/current")
            yield Output(path, post_key(journal.context, current), partial(_encode_post, tree, current), rank=1)


def month_outputs(tree: Tree, journal: Journal) -> Iterator[Output]:
    """Yield every month of every service's events, and for each service the list of these months."""
    for service, events_by_month in _events_by_month(journal).items():
        folder = f"services/{service}/events"
        for month, events in events_by_month.items():
            path = urls.stashboard(tree.base, f"{folder}/{month.name}")
            make = partial(_encode_month, tree, service, month, events)
            yield Output(path, _month_key(journal, service, month, events), make)
        path = urls.stashboard(tree.base, f"{folder}/index")
        newest_first = sorted(events_by_month, reverse=True)
        yield Output(path, journal.key_by_service[service], partial(_encode_index, tree, service, newest_first))


def post_key(context: Context, post: Post) -> bytes:
    """Return what tells whether a post says something else than before."""
    facts = (post.service, post.first_id, post.name, post.status, post.is_informational)
    return digest(context.layout, context.key_by_event[post.event], msgspec.msgpack.encode(facts))


def _events_by_month(journal: Journal) -> Mapping[str, Mapping[Month, list[str]]]:
    """Return by service the months in which something may have been said of it, and by which events."""
    phases = journal.context.board.phases
    result: dict[str, dict[Month, list[str]]] = {service: {} for service in journal.context.board.services}
    for event in journal.events:
        phase = phases[event]
        month, last = (Month(at.year, at.month) for at in (phase.first_at, phase.last_at))
        while month <= last:
            for service in phase.services:
                result[service].setdefault(month, []).append(event)
            month = month.next
    return result


def _month_key(journal: Journal, service: str, month: Month, events: Sequence[str]) -> bytes:
    context = journal.context
    held = _held(context.board.services[service].stretches, month.start_at, month.next.start_at)
    keys = b"".join([context.key_by_event[event] for event in events])
    return digest(context.layout, service.encode(), keys, msgspec.msgpack.encode(held))


def _held(
    stretches: Sequence[Stretch], start_at: dt.datetime, end_at: dt.datetime
) -> list[tuple[dt.datetime | None, str, dt.datetime | None]]:
    """Return when the service was in which status between two instants; None: since before, or for longer."""
    first = bisect_left(stretches, start_at, key=_end_or_never)
    last = bisect_right(stretches, end_at, key=lambda stretch: stretch.start_at)
    return [
        (
            stretch.start_at if stretch.start_at >= start_at else None,
            stretch.status,
            stretch.end_at if stretch.end_at and stretch.end_at <= end_at else None,
        )
        for stretch in stretches[first:last]
    ]


_NEVER: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


def _end_or_never(stretch: Stretch) -> dt.datetime:
    return stretch.end_at or _NEVER


def _encode_post(tree: Tree, post: Post) -> bytes:
    return escaped(tree.event(post))


def _encode_newest(tree: Tree, service: str) -> bytes:
    return escaped(tree.events(tree.journal.newest(LISTED, service)))


def _encode_month(tree: Tree, service: str, month: Month, events: Sequence[str]) -> bytes:
    posts = chain.from_iterable(map(tree.journal.posts, events))
    start_at, end_at = month.start_at, month.next.start_at
    said = [post for post in posts if post.service == service and start_at <= post.at < end_at]
    return escaped(tree.events(sorted(said, reverse=True)))


def _encode_index(tree: Tree, service: str, months: Sequence[Month]) -> bytes:
    journal = tree.journal
    posts = chain.from_iterable(map(journal.posts, journal.events_by_service[service]))
    counts = Counter(Month(post.at.year, post.at.month) for post in posts if post.service == service)
    folder = f"services/{service}/events"
    return escaped(
        StashboardMonths(
            months=tuple(
                StashboardMonth(
                    month=month.name,
                    count=counts[month],
                    url=tree.context.public(urls.stashboard(tree.base, f"{folder}/{month.name}")),
                )
                for month in months
            )
        )
    )
