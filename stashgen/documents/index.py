"""The records of api/index.json: where everything is that a program can read."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from stashgen import urls
from stashgen.documents.document import MONTH_PATTERN, Document
from stashgen.model import Family

VERSION: Final = 1

Month = Annotated[str, Meta(pattern=MONTH_PATTERN)]


# fmt: off
class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One file, or many of one kind."""

    path: Annotated[str, Meta(description="Path relative to the page's root. `{service}` and the like stand for an id: see `holes`.")]
    url: Annotated[str, Meta(description="The same as a full URL; from the host's root for a site without a URL.")]
    type: Annotated[str, Meta(description="Media type with which it is to be sent, without its charset.")]
    holes: Annotated[tuple[str, ...], Meta(description="What is to be put into the path; empty: it is one file.")]
    schema: Annotated[str | None, Meta(description="Path of its JSON Schema; null: it has none.")]
    summary: Annotated[str, Meta(description="What it is.")]


class FamilyEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A family of files that the site writes; site.yaml can switch it off by its name."""

    name: Annotated[Family, Meta(description="Its name.")]
    summary: Annotated[str, Meta(description="What it is for.")]
    files: Annotated[tuple[Entry, ...], Meta(description="What belongs to it.")]


class GroupEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A group, as it stands in place of `{group}`."""

    id: Annotated[str, Meta(description="Stable id.")]
    name: Annotated[str, Meta(description="Name for readers.")]


class ServiceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A service, as it stands in place of `{service}`."""

    id: Annotated[str, Meta(description="Stable id.")]
    name: Annotated[str, Meta(description="Name for readers.")]
    group: Annotated[str | None, Meta(description="Id of its group; null: none.")]


class IndexDocument(msgspec.Struct, frozen=True, kw_only=True):
    """All that a program can read of a status page. It changes only with the site's settings, services and months."""

    version: Annotated[Literal[1], Meta(description="Version of this format; fields may be added within a version.")] = VERSION
    title: Annotated[str, Meta(description="Name of the page.")]
    url: Annotated[str | None, Meta(description="Where the page is published; null when the site has no URL.")]
    mirrors: Annotated[tuple[str, ...], Meta(description="Other places where the same page is published.")]
    language: Annotated[str, Meta(description="Language of names and sentences, as a BCP 47 tag.")]
    timezone: Annotated[str, Meta(description="IANA zone whose days and months the page shows.")]
    families: Annotated[tuple[FamilyEntry, ...], Meta(description="The families of files, by name.")]
    groups: Annotated[tuple[GroupEntry, ...], Meta(description="Groups in the order of the page.")]
    services: Annotated[tuple[ServiceEntry, ...], Meta(description="Services in the order of the page.")]
    months: Annotated[tuple[Month, ...], Meta(description="Months in which events began, the newest first.")]
# fmt: on


DOCUMENTS: Final = (
    Document(urls.API_INDEX, "api-description", IndexDocument, "index", "Where everything is that a program can read."),
)  # fmt: skip
