"""JSON Feed 1.1."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from stashgen.documents import compact
from stashgen.documents.feed import Archive, Author, Hub, Item, JsonFeed
from stashgen.outputs.feeds.feed import Entry, Feed


def document(feed: Feed, items: Sequence[Item]) -> bytes:
    """Return a feed; the newest item comes first."""
    return compact(
        JsonFeed(
            title=feed.title,
            home_page_url=feed.page,
            feed_url=feed.url,
            description=feed.about,
            icon=feed.icon or UNSET,
            authors=(Author(name=feed.author, url=feed.author_url),),
            language=feed.language,
            hubs=(Hub(url=feed.hub),) if feed.hub else UNSET,
            extension=Archive(archive=feed.archive),
            items=tuple(items),
        )
    )


def item(entry: Entry) -> Item:
    """Return an entry as an item."""
    return Item(
        id=entry.id,
        url=entry.url,
        title=entry.title,
        content_html=entry.html,
        date_published=entry.published_at,
        date_modified=entry.updated_at,
        tags=tuple(dict.fromkeys(label.name for label in entry.labels)),
    )
