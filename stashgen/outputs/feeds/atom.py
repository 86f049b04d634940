"""Atom (RFC 4287), with archives (RFC 5005)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Final

from markupsafe import Markup

from stashgen import xmlwrite
from stashgen.media_types import ATOM, HTML
from stashgen.outputs.feeds.feed import Archive, Brief, Entry, Feed
from stashgen.xmlwrite import element

_HISTORY: Final = "http://purl.org/syndication/history/1.0"
_LINE: Final = Markup("\n")


def document(feed: Feed, entries: Iterable[Markup], updated_at: dt.datetime) -> bytes:
    """Return a subscription or archive document; `entries` are elements, the newest first."""
    parts = [*_head(feed, updated_at), *entries]
    lines = [part for one in parts for part in (_LINE, one)]
    namespaces = {"xmlns": xmlwrite.ATOM, "xmlns__fh": _HISTORY if feed.within else None, "xml__lang": feed.language}
    return xmlwrite.document(element("feed", *lines, _LINE, **namespaces))


def entry(of: Entry) -> Markup:
    """Return an entry with all it says as an element."""
    labels = (element("category", term=term, label=name if name != term else None) for term, name in of.labels)
    return element("entry", *_facts(of), *labels, element("content", of.html, type="html"))


def brief_entry(of: Brief) -> Markup:
    """Return an entry with a summary as an element."""
    return element("entry", *_facts(of), element("summary", of.summary))


def _facts(of: Brief) -> Iterator[Markup]:
    yield element("id", of.id)
    yield element("title", of.title)
    yield element("link", rel="alternate", type=HTML, href=of.url)
    yield element("published", instant(of.published_at))
    yield element("updated", instant(of.updated_at))


def instant(at: dt.datetime) -> str:
    """Return an instant as RFC 3339 has it, with a fraction of six digits where it has any."""
    return f"{at.replace(tzinfo=None).isoformat()}Z"


def _head(feed: Feed, updated_at: dt.datetime) -> Iterator[Markup]:
    yield element("id", feed.id)
    yield element("title", feed.title)
    yield element("subtitle", feed.about)
    yield element("updated", instant(updated_at))
    yield element("author", element("name", feed.author), element("uri", feed.author_url))
    yield element("generator", "stashgen")
    if feed.icon:
        yield element("icon", feed.icon)
    yield element("link", rel="alternate", type=HTML, href=feed.page)
    if feed.within:
        yield from _place(feed, feed.within)
        return
    yield element("link", rel="self", type=ATOM, href=feed.url)
    if feed.hub:
        yield element("link", rel="hub", href=feed.hub)
    if feed.archive:
        yield element("link", rel="prev-archive", type=ATOM, href=feed.archive)


def _place(feed: Feed, archive: Archive) -> Iterator[Markup]:
    yield element("link", rel="self", type=ATOM, href=archive.url)
    yield element("link", rel="current", type=ATOM, href=feed.url)
    if archive.older:
        yield element("link", rel="prev-archive", type=ATOM, href=archive.older)
    if archive.newer:
        yield element("link", rel="next-archive", type=ATOM, href=archive.newer)
    yield element("fh:archive")
