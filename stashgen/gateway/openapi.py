"""openapi.json of the own API (OpenAPI 3.1): made of the table of operations and of the records they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from msgspec import NODEFAULT, inspect

from stashgen import __version__
from stashgen.documents.schemas import components
from stashgen.gateway import keys, problems
from stashgen.gateway.endpoint import Endpoint, Nothing
from stashgen.gateway.problems import ProblemDetails
from stashgen.model import ID_PATTERN, Record

_JSON: Final = "application/json"
_REFERENCE: Final = "#/components/schemas/{name}"
_UPDATE_PATTERN: Final = "^[0-9]{8}T[0-9]{6}(\\.[0-9]{3})?Z(-[0-9]+)?$"
_TEXT: Final = {"type": "string"}
_DESCRIPTION: Final = """\
Changes a status page. Every change that is answered with 2xx is one commit in the gateway's clone of the repository; \
the header `Stashgen-Push` says whether the remote has it already.

Instants are written as `2026-11-23T10:02:00Z`, with any offset. Whatever is refused is answered with problem details \
(RFC 9457), and has changed nothing. Send an `Idempotency-Key` with every write, and send both again until there is \
an answer.
"""
_WHY: Final[Mapping[int, str]] = {
    400: "The request cannot be read.",
    401: "Nobody known sent it.",
    403: "Whoever sent it may not.",
    404: "There is no such thing.",
    405: "There is no such operation here.",
    406: "The header `Accept` does not allow the answer.",
    409: "It does not fit what is there, or a request with the same key is being answered right now.",
    413: "The body is too large.",
    415: "The body is not JSON in UTF-8.",
    421: "The gateway is not asked by that name.",
    422: "The body is not what is asked for here, or the change would make problems in site-data.",
    429: "Too many requests: wait as long as `Retry-After` says.",
    431: "The headers are too large.",
    500: "The gateway failed.",
    503: "It cannot be done now: ask again when `Retry-After` says.",
    507: "The disk is full.",
}
_WRITE_ONLY: Final = frozenset({409, 413, 415, 422, 507})
_RETRY: Final = frozenset({409, 429, 503, 507})
_HEADERS: Final[Mapping[str, Any]] = {
    "Location": {"description": "Where the new thing is found.", "schema": {**_TEXT, "format": "uri"}},
    "Stashgen-Commit": {
        "description": "The commit that holds the change; missing when nothing had to be changed.",
        "schema": {**_TEXT, "pattern": "^[0-9a-f]{40,64}$"},
    },
    "Stashgen-Push": {
        "description": "`pending`: the remote will get the commit; `done`: it has it; `none`: nothing is pushed.",
        "schema": {"enum": ["pending", "done", "none"]},
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}},
    "WWW-Authenticate": {"description": "How to log in.", "schema": _TEXT},
    "Allow": {"description": "Methods that there are.", "schema": _TEXT},
}
_KEY: Final = {
    "name": keys.HEADER,
    "in": "header",
    "description": "Names the request, such as a UUID: sent again with the same key it is answered again and changes "
    "nothing. Keys are kept for seven days.",
    "schema": {**_TEXT, "pattern": keys.PATTERN},
}


def document(endpoints: Sequence[Endpoint], url: str) -> bytes:
    """Return the description of these operations at a URL as JSON."""
    schemas = _schemas(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        item = paths.setdefault(endpoint.path, _item(endpoint.path))
        item[endpoint.method.lower()] = _operation(endpoint)
        if links := _links(endpoint, endpoints):
            item[endpoint.method.lower()]["responses"][str(endpoint.status)]["links"] = links
    body = {
        "openapi": "3.1.0",
        "info": {"title": "stashgen gateway", "version": __version__, "description": _DESCRIPTION},
        "servers": [{"url": url}],
        "security": [{"bearer": []}, {"basic": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(map(_tag, endpoints))],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": {"IdempotencyKey": _KEY},
            "headers": _HEADERS,
            "responses": {str(status): _refusal(status) for status in _WHY},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A token of the gateway."},
                "basic": {"type": "http", "scheme": "basic", "description": "Any user, a token as the password."},
            },
        },
    }
    return msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n"


def _schemas(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    named: list[type[msgspec.Struct]] = [ProblemDetails]
    for endpoint in endpoints:
        named += filter(None, [endpoint.body, endpoint.answer])
    _, schemas = components(tuple(dict.fromkeys(named)), _REFERENCE)
    return dict(sorted(schemas.items()))


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": " ".join(filter(None, [endpoint.about, f"Needs the scope `{endpoint.scope}`."])),
        "tags": [_tag(endpoint)],
        "parameters": [*_query(endpoint.query), *_key(endpoint)],
        "responses": {
            str(endpoint.status): _success(endpoint),
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in _refusals(endpoint)},
        },
    }
    if endpoint.body is not None:
        operation["requestBody"] = {"required": True, "content": {_JSON: {"schema": _reference(endpoint.body)}}}
    return operation


def _success(endpoint: Endpoint) -> dict[str, Any]:
    names = ["Stashgen-Commit", "Stashgen-Push"] if endpoint.is_write else []
    names += ["Location"] if endpoint.status == HTTPStatus.CREATED else []
    answer: dict[str, Any] = {"description": endpoint.summary}
    if names:
        answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    if endpoint.answer is not None:
        answer["content"] = {_JSON: {"schema": _reference(endpoint.answer)}}
    return answer


def _links(endpoint: Endpoint, endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Return what can be done with what an operation made, for clients that find their way by themselves."""
    if endpoint.status != HTTPStatus.CREATED:
        return {}
    hole = "update" if endpoint.path.endswith("/updates") else "id"
    parameters = (
        {"id": "$request.path.id", "update": "$response.body#/id"} if hole == "update" else {"id": "$response.body#/id"}
    )
    places = (f"{endpoint.path}/{{{hole}}}", *([] if hole == "update" else [f"{endpoint.path}/{{id}}/updates"]))
    return {
        other.name: {"operationId": other.name, "parameters": parameters} for other in endpoints if other.path in places
    }


def _refusals(endpoint: Endpoint) -> Iterator[int]:
    for status in _WHY:
        if status not in _WRITE_ONLY or endpoint.is_write:
            yield status


def _refusal(status: int) -> dict[str, Any]:
    names = ["Retry-After"] if status in _RETRY else []
    names += {401: ["WWW-Authenticate"], 405: ["Allow"]}.get(status, [])
    return {
        "description": _WHY[status],
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {problems.MEDIA_TYPE: {"schema": _reference(ProblemDetails)}},
    }


def _item(path: str) -> dict[str, Any]:
    names = re.findall(r"\{(\w+)\}", path)
    patterns = {"id": ("Id.", ID_PATTERN), "update": ("Id of an update of the event.", _UPDATE_PATTERN)}
    parameters = [
        {"name": name, "in": "path", "required": True, "description": said, "schema": {**_TEXT, "pattern": pattern}}
        for name in names
        for said, pattern in [patterns[name]]
    ]
    return {"parameters": parameters} if parameters else {}


def _query(kind: type[Record]) -> Iterator[dict[str, Any]]:
    if kind is Nothing:
        return
    (reference,), parts = msgspec.json.schema_components([kind], ref_template="{name}")
    properties = parts[reference["$ref"]]["properties"]
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)  # noqa: S101 - for the type checker
    for field in info.fields:
        schema = dict(properties[field.encode_name])
        said = schema.pop("description", "")
        if field.default is None or field.default is NODEFAULT:
            schema = next(one for one in schema["anyOf"] if one != {"type": "null"})
        yield {"name": field.encode_name, "in": "query", "description": said, "schema": schema}


def _key(endpoint: Endpoint) -> list[dict[str, Any]]:
    return [{"$ref": "#/components/parameters/IdempotencyKey"}] if endpoint.is_write else []


def _reference(record: type[msgspec.Struct]) -> dict[str, Any]:
    return {"$ref": _REFERENCE.format(name=record.__name__)}


def _tag(endpoint: Endpoint) -> str:
    return endpoint.path.split("/")[2]
