"""What the three formats print: a feed and its entries, in no format yet."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import msgspec


class Label(NamedTuple):
    """What an entry is about: a service, a state, a kind, or a tag."""

    term: str  # its id
    name: str  # its words for readers


class Brief(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An update, or a whole event, in a line. Instants are UTC."""

    id: str  # a URI, the same for ever
    url: str
    title: str
    published_at: dt.datetime
    updated_at: dt.datetime  # its fraction of a second is a checksum of what the entry says
    place: tuple[str, int]  # between entries of one instant the greater is the newer
    summary: str = ""  # plain text


class Entry(Brief, frozen=True, kw_only=True, gc=False):
    """An update, or a whole event, with all that was said."""

    html: str  # safe, with absolute links
    labels: tuple[Label, ...]


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """Where an archive document stands among the others."""

    url: str
    newer: str | None
    older: str | None


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a feed itself."""

    id: str  # a URI, the same for ever and in all its documents
    url: str  # of the subscription document in this format
    page: str
    title: str
    about: str
    author: str
    author_url: str
    language: str
    icon: str | None
    hub: str | None  # that tells subscribers of news at once (WebSub)
    archive: str | None  # the newest archive document
    within: Archive | None  # for an archive document
