"""openapi.json: every JSON file of a site as an operation (OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.0)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from stashgen.documents.document import Document, holes
from stashgen.documents.resources import SUMMARY_BY_FAMILY, media_type
from stashgen.documents.schemas import Record, components

VERSION: Final = "1"
_REFERENCE: Final = "#/components/schemas/{name}"
_PACKAGE: Final = f"{__package__}."
_TEXT: Final[Mapping[str, Any]] = {"type": "string"}
_HEADERS: Final[Mapping[str, Any]] = {
    "ETag": {"description": "Tag of these bytes, for `If-None-Match`.", "schema": _TEXT},
    "Last-Modified": {"description": "When the host got these bytes, for `If-Modified-Since`.", "schema": _TEXT},
    "Cache-Control": {"description": "How long a copy may be used.", "schema": _TEXT},
    "Access-Control-Allow-Origin": {"description": "`*`: pages of other sites may read it.", "schema": _TEXT},
}
_CONDITIONS: Final[Mapping[str, Any]] = {
    "IfNoneMatch": {"name": "If-None-Match", "in": "header", "description": "The `ETag` of the copy that you have.", "schema": _TEXT},
    "IfModifiedSince": {"name": "If-Modified-Since", "in": "header", "description": "The `Last-Modified` of the copy that you have.", "schema": _TEXT},
}  # fmt: skip
_DESCRIPTION: Final = (
    "Every JSON file of this status page. All are plain files: they need no key and take no parameters. Ask again with "
    "`If-None-Match`, once a minute at most; which headers a file comes with is up to the host."
)


class About(NamedTuple):
    """What is said of the site."""

    title: str
    servers: tuple[str, ...]  # URLs of the page and of its mirrors; "." is where the description lies


def openapi(documents: Sequence[Document], about: About) -> bytes:
    """Return the description of these documents as JSON."""
    name_by_record, schemas = _components(documents)
    families = dict.fromkeys(document.family for document in documents)
    body = {
        "openapi": "3.1.0",
        "info": {"title": about.title, "version": VERSION, "description": _DESCRIPTION},
        "security": [],  # said outright, because tools take silence for something forgotten
        "servers": [{"url": server.rstrip("/")} for server in about.servers],
        "tags": [{"name": family, "description": SUMMARY_BY_FAMILY[family]} for family in families],
        "paths": {f"/{document.path}": _path_item(document, name_by_record[document.record]) for document in documents},
        "components": {
            "schemas": schemas,
            "parameters": _CONDITIONS,
            "headers": _HEADERS,
            "responses": {
                "NotModified": {
                    "description": "Your copy is still right.",
                    "headers": _references("headers", _HEADERS),
                },
                "NotFound": {"description": "There is no such file."},
            },
        },
    }
    return msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n"


def _components(documents: Sequence[Document]) -> tuple[Mapping[Record, str], Mapping[str, Mapping[str, Any]]]:
    """Return component names by record, and all components: each named by its module too, since records share names."""
    records_by_module: dict[str, dict[Record, None]] = defaultdict(dict)
    for document in documents:
        records_by_module[document.record.__module__.removeprefix(_PACKAGE)][document.record] = None
    name_by_record: dict[Record, str] = {}
    schemas: dict[str, Mapping[str, Any]] = {}
    for module, records in records_by_module.items():
        names, parts = components(tuple(records), _REFERENCE.format(name=f"{module}.{{name}}"))
        name_by_record |= {record: f"{module}.{name}" for record, name in names.items() if record in records}
        schemas |= {f"{module}.{name}": part for name, part in parts.items()}
    return name_by_record, schemas


def _path_item(document: Document, component: str) -> dict[str, Any]:
    operation = {
        "operationId": "".join(_words(document.path)),
        "summary": document.summary,
        "tags": [document.family],
        "parameters": list(_references("parameters", _CONDITIONS).values()),
        "responses": {
            "200": {
                "description": document.summary,
                "headers": _references("headers", _HEADERS),
                "content": {media_type(document.path): {"schema": {"$ref": _REFERENCE.format(name=component)}}},
            },
            "304": {"$ref": "#/components/responses/NotModified"},
            "404": {"$ref": "#/components/responses/NotFound"},
        },
    }
    parameters = _parameters(document.path)
    return {"parameters": parameters, "get": operation} if parameters else {"get": operation}


def _parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": hole.description,
            "schema": {"type": "string", "pattern": hole.pattern},
        }
        for name, hole in holes(path).items()
    ]


def _references(kind: str, entries: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/{kind}/{name}"} for name in entries}


def _words(path: str) -> Iterator[str]:
    """Yield the parts of an operation's name: `events/{event}.json` is getEventsByEvent."""
    yield "get"
    for part in re.split(r"[/.]", path.removesuffix(".json").replace("{", "by-")):
        yield "".join(word.strip("}").capitalize() for word in re.split("[-_]", part))
