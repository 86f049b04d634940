"""openapi.json, the JSON Schemas, and an index of all that programs can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import get_args

from stashgen import urls
from stashgen.documents import DOCUMENTS, Document, readable
from stashgen.documents.document import holes
from stashgen.documents.index import Entry, FamilyEntry, GroupEntry, IndexDocument, ServiceEntry
from stashgen.documents.openapi import About, openapi
from stashgen.documents.resources import RESOURCES, SUMMARY_BY_FAMILY, Resource, media_type
from stashgen.documents.schemas import schema
from stashgen.memo import digest
from stashgen.model import Family, Settings
from stashgen.outputs.context import Context, Output


def render(context: Context) -> Iterator[Output]:
    """Yield the files, which speak only of the families that are on."""
    settings = context.site.settings
    described = [document for document in DOCUMENTS if context.has(document.family)]
    data = readable(index(context))
    yield Output(urls.API_INDEX, digest(data), lambda: data)
    yield _output(context, urls.OPENAPI, partial(openapi, described, _about(settings)))
    for document in {document.schema: document for document in described}.values():
        yield _output(context, urls.schema(document.schema), partial(schema, document, settings.url))


def _output(context: Context, path: str, make: Callable[[], bytes]) -> Output:
    # All that it reads is in the layout: our code and the site's settings.
    return Output(path, digest(context.layout, path.encode()), make)


def _about(settings: Settings) -> About:
    return About(settings.title, (settings.url or ".", *settings.mirrors))


def index(context: Context) -> IndexDocument:
    """Return the index of all that programs can read."""
    board, settings = context.board, context.board.settings
    group_by_service = {service: group.id for group in board.groups for service in group.services}
    return IndexDocument(
        title=settings.title,
        url=settings.url,
        mirrors=settings.mirrors,
        language=settings.language,
        timezone=settings.timezone,
        families=tuple(_families(context)),
        groups=tuple(
            GroupEntry(id=group.id, name=group.record.name) for group in board.groups if group.id and group.record
        ),
        services=tuple(
            ServiceEntry(id=service.id, name=service.record.name, group=group_by_service.get(service.id))
            for service in board.services.values()
        ),
        months=tuple(month.name for month in board.months),
    )


def _families(context: Context) -> Iterator[FamilyEntry]:
    described = {document.path for document in DOCUMENTS}
    entries_by_family: Mapping[Family, list[Entry]] = {family: [] for family in sorted(get_args(Family))}
    for document in DOCUMENTS:
        entries_by_family[document.family].append(_document_entry(context, document))
    for resource in RESOURCES:
        if resource.path not in described:
            entries_by_family[resource.family].append(_entry(context, resource, None))
    for family, entries in entries_by_family.items():
        if entries and context.has(family):
            yield FamilyEntry(name=family, summary=SUMMARY_BY_FAMILY[family], files=tuple(entries))


def _document_entry(context: Context, document: Document) -> Entry:
    resource = Resource(document.path, document.family, media_type(document.path), document.summary)
    return _entry(context, resource, urls.schema(document.schema))


def _entry(context: Context, resource: Resource, schema_path: str | None) -> Entry:
    return Entry(
        path=resource.path,
        url=context.public(resource.path),
        type=resource.type,
        holes=tuple(holes(resource.path)),
        schema=schema_path,
        summary=resource.summary,
    )
