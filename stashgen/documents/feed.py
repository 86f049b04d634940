"""The records of JSON feeds: JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from stashgen import urls
from stashgen.documents.document import Document
from stashgen.urls import FeedKind

_FOLDERS: Final = ("feeds", "groups/{group}", "services/{service}")
_SUMMARY_BY_KIND: Final = {"updates": "What was said last.", "events": "The events that were spoken of last."}


# fmt: off
class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes the feed."""

    name: Annotated[str, Meta(description="Name of the page.")]
    url: Annotated[str, Meta(description="Address of the page.")]


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """What stashgen adds to JSON Feed."""

    archive: Annotated[str | None, Meta(description="The newest document of the complete history, in Atom (RFC 5005); null: nothing was said yet.")]


class Hub(msgspec.Struct, frozen=True, kw_only=True):
    """Where to subscribe, so as to hear of news at once."""

    type: Annotated[Literal["WebSub"], Meta(description="What it speaks.")] = "WebSub"
    url: Annotated[str, Meta(description="Its address.")]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An update, or an event with all its updates."""

    id: Annotated[str, Meta(description="A URI, the same for ever; also in the Atom and RSS feeds.")]
    url: Annotated[str, Meta(description="Where it stands on the page.")]
    title: Annotated[str, Meta(description="State and headline.")]
    content_html: Annotated[str, Meta(description="What was said, as safe HTML with absolute links.")]
    date_published: Annotated[dt.datetime, Meta(description="When it was said.")]
    date_modified: Annotated[dt.datetime, Meta(description="When it was last edited; its fraction of a second is a checksum of what it says.")]
    tags: Annotated[tuple[str, ...], Meta(description="Services, state, kind and the event's own tags.")]


class JsonFeed(msgspec.Struct, frozen=True, kw_only=True, rename={"extension": "_stashgen"}):
    """A feed of the site, of a group or of a service."""

    version: Annotated[Literal["https://jsonfeed.org/version/1.1"], Meta(description="Version of JSON Feed.")] = "https://jsonfeed.org/version/1.1"
    title: Annotated[str, Meta(description="Name of the feed.")]
    home_page_url: Annotated[str, Meta(description="The page that it tells of.")]
    feed_url: Annotated[str, Meta(description="Its own address, by which readers know it.")]
    description: Annotated[str, Meta(description="What it tells.")]
    icon: Annotated[str | UnsetType, Meta(description="Logo of the page.")] = UNSET
    authors: Annotated[tuple[Author, ...], Meta(description="The page.")]
    language: Annotated[str, Meta(description="Language of names and sentences, as a BCP 47 tag.")]
    hubs: Annotated[tuple[Hub, ...] | UnsetType, Meta(description="Hubs that tell subscribers of news.")] = UNSET
    extension: Archive
    items: Annotated[tuple[Item, ...], Meta(description="The newest first.")]
# fmt: on


DOCUMENTS: Final = tuple(
    Document(urls.feed(folder, kind, "json"), "feeds", JsonFeed, "feed", _SUMMARY_BY_KIND[kind])
    for folder in _FOLDERS
    for kind in get_args(FeedKind)
)
