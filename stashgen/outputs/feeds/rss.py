"""RSS 2.0 (https://www.rssboard.org/rss-specification), with the parts of Atom and Dublin Core that it lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from email.utils import format_datetime
from typing import Final

from markupsafe import Markup

from stashgen import xmlwrite
from stashgen.media_types import ATOM, RSS
from stashgen.outputs.feeds import atom
from stashgen.outputs.feeds.feed import Entry, Feed
from stashgen.xmlwrite import element

_MINUTES: Final = "5"  # that readers may wait before they ask again
_LINE: Final = Markup("\n")


def document(feed: Feed, items: Sequence[Markup], updated_at: dt.datetime) -> bytes:
    """Return a feed; the newest item comes first."""
    parts = [*_head(feed, updated_at), *items]
    channel = element("channel", *(part for one in parts for part in (_LINE, one)), _LINE)
    namespaces = {"xmlns__atom": xmlwrite.ATOM, "xmlns__dc": xmlwrite.DUBLIN_CORE}
    return xmlwrite.document(element("rss", channel, version="2.0", **namespaces))


def _head(feed: Feed, updated_at: dt.datetime) -> Iterator[Markup]:
    yield element("title", feed.title)
    yield element("link", feed.page)
    yield element("description", feed.about)
    yield element("language", feed.language)
    yield element("lastBuildDate", _date(updated_at))
    yield element("generator", "stashgen")
    yield element("docs", "https://www.rssboard.org/rss-specification")
    yield element("ttl", _MINUTES)
    yield element("dc:creator", feed.author)
    yield element("atom:link", rel="self", type=RSS, href=feed.url)
    if feed.hub:
        yield element("atom:link", rel="hub", href=feed.hub)
    if feed.archive:
        yield element("atom:link", rel="prev-archive", type=ATOM, href=feed.archive)


def item(entry: Entry, author: str) -> Markup:
    """Return an entry as an element."""
    return element(
        "item",
        element("guid", entry.id, isPermaLink="false"),
        element("title", entry.title),
        element("link", entry.url),
        element("pubDate", _date(entry.published_at)),
        element("atom:updated", atom.instant(entry.updated_at)),
        element("dc:creator", author),
        *(element("category", label.name) for label in entry.labels),
        element("description", entry.html),
    )


def _date(at: dt.datetime) -> str:
    return format_datetime(at, usegmt=True)
