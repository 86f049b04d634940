"""Rss.xml, for the page and for each service: the feed of Stashboard, which has one entry an event.

The format is RSS 2.0 (https://www.rssboard.org/rss-specification); the texts of channel and entries are Stashboard's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from html import escape
from typing import Final

import msgspec
from markupsafe import Markup

from stashgen import urls
from stashgen.media_types import RSS
from stashgen.memo import digest
from stashgen.outputs.context import Context, Output
from stashgen.outputs.stashboard_api.histories import post_key
from stashgen.outputs.stashboard_api.posts import Post
from stashgen.outputs.stashboard_api.records import Tree, timestamp
from stashgen.xmlwrite import ATOM, document, element

ENTRIES: Final = 50


def rss_outputs(tree: Tree) -> Iterator[Output]:
    """Yield the feed of the page and that of every service."""
    journal = tree.journal
    services = journal.context.board.services
    names = msgspec.msgpack.encode([view.record.name for view in services.values()])
    newest = journal.newest(ENTRIES)
    key = digest(names, journal.context.layout, *(post_key(journal.context, post) for post in newest))
    yield Output(urls.STASHBOARD_RSS, key, partial(_encode, tree, urls.STASHBOARD_RSS, None), rank=1)
    for service, view in services.items():
        path, name = urls.stashboard_rss(service), view.record.name.encode()
        key = digest(name, journal.key_by_service[service])
        yield Output(path, key, partial(_encode, tree, path, service), rank=1)


def _encode(tree: Tree, path: str, service: str | None) -> bytes:
    context, posts = tree.context, tree.journal.newest(ENTRIES, service)
    services = context.board.services
    named = [view.record.name for view in services.values()] if service is None else [services[service].record.name]
    words, title = context.translator, context.site.settings.title
    about = words.text("stashboard.feed_about", count=len(posts), services=words.names(named), title=title)
    channel = element(
        "channel",
        element("title", words.text("stashboard.feed_title", title=title)),
        element("link", context.public(urls.DASHBOARD)),
        element("description", about),
        element("language", words.language),
        _self_link(context, path),
        *(_item(tree, post) for post in posts),
    )
    return document(element("rss", channel, version="2.0", xmlns__atom=ATOM))


def _self_link(context: Context, path: str) -> Markup:
    # A feed that does not know where it is published cannot name itself.
    if context.site.settings.url is None:
        return Markup()
    return element("atom:link", rel="self", type=RSS, href=context.public(path))


def _item(tree: Tree, post: Post) -> Markup:
    context, message = tree.context, tree.journal.message(post)
    name = context.board.services[post.service].record.name
    status = tree.status_by_id[post.status].name
    line = " ".join(message.split())
    return element(
        "item",
        element("title", f"[{name} - {status}] {line}"),
        element("link", context.public(urls.service_page(post.service))),
        # A description is HTML, and what was said is plain text here.
        element("description", escape(message, quote=False)),
        element("category", name),
        element("pubDate", timestamp(post.at)),
        element("guid", tree.url(f"services/{post.first_id}/events/{post.sid}"), isPermaLink="false"),
    )
