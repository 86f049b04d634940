"""Refusals as problem details (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457): one shape for all that goes wrong."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from flask import Flask, Response, request
from msgspec import Meta
from werkzeug.exceptions import HTTPException, NotFound

from stashgen.edit import EditError
from stashgen.errors import DataError, StashgenError

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 5
_STATUS_BY_REASON: Final[Mapping[str, int]] = {"unknown": 404, "conflict": 409, "invalid": 422}
# What the own API names in its paths; anything else that is not there was named by the body.
_IN_PATHS: Final = frozenset({"", "event", "id", "service", "update"})
_OUR_NAMES: Final = {"new_id": "id", "is_note": "note"}  # fields of intents that bodies call otherwise
_log: Final = logging.getLogger("stashgen.gateway")
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


# fmt: off
class FieldError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong in one place of the request, or of a file."""

    pointer: Annotated[str, Meta(description="JSON Pointer of the field in the body, such as `/services/api`; empty: the whole body.")] = ""
    parameter: Annotated[str, Meta(description="Parameter of the query, or header, that is to blame.")] = ""
    place: Annotated[str, Meta(description="Place in site-data, such as `site-data/services/api.yaml:3`, where a file is to blame.")] = ""
    detail: Annotated[str, Meta(description="What is wrong, and what to do.")]


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Why a request was refused (RFC 9457)."""

    type: Annotated[str, Meta(description="Kind of problem; `about:blank`: the status says it all.")] = "about:blank"
    title: Annotated[str, Meta(description="The status in words.")]
    status: Annotated[int, Meta(ge=400, le=599, description="HTTP status.")]
    detail: Annotated[str, Meta(description="What is wrong, for a person.")]
    instance: Annotated[str, Meta(description="Path of the request.")]
    errors: Annotated[tuple[FieldError, ...], Meta(description="All that is wrong, one by one.")] = ()
# fmt: on


class Refusal(Exception):  # noqa: N818 - not an error of ours
    """A request that is answered with a problem."""

    def __init__(
        self, status: int, detail: str, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        self.status, self.detail, self.errors, self.headers = status, detail, tuple(errors), dict(headers or {})
        super().__init__(detail)


def details(refusal: Refusal) -> ProblemDetails:
    """Return what the current request is told of a refusal."""
    return ProblemDetails(
        title=HTTPStatus(refusal.status).phrase,
        status=refusal.status,
        detail=refusal.detail,
        instance=request.path,
        errors=refusal.errors,
    )


def answer(refusal: Refusal) -> Response:
    """Return the answer to the current request that a refusal is."""
    return Response(msgspec.json.encode(details(refusal)), refusal.status, refusal.headers, content_type=MEDIA_TYPE)


def refusal(error: StashgenError | OSError) -> Refusal:
    """Return how a change is refused that could not be carried out."""
    if isinstance(error, EditError):
        return _edit(error)
    if isinstance(error, DataError):
        return Refusal(422, "the change would make problems in site-data", [_placed(one) for one in error.problems])
    if _is_full(error):
        return Refusal(507, "the disk is full; nothing has changed", headers=_retry(RETRY_SECONDS * 12))
    return Refusal(503, f"nothing has changed: {error}", headers=_retry(RETRY_SECONDS))


def _is_full(error: BaseException | None) -> bool:
    if error is None:
        return False
    is_full = isinstance(error, OSError) and error.errno in _FULL
    return is_full or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or _is_full(error.__cause__)


def _edit(error: EditError) -> Refusal:
    is_of_body = error.reason == "unknown" and error.field not in _IN_PATHS
    status = 422 if is_of_body or error.field == "key" else _STATUS_BY_REASON[error.reason]
    first, *rest = error.field.split(".")
    field = ".".join([_OUR_NAMES.get(first, first), *rest])
    detail = f"`{field}` {error.message}" if field and not is_of_body and field not in _IN_PATHS else error.message
    return Refusal(
        status, detail, [FieldError(pointer="/" + field.replace(".", "/") if field else "", detail=error.message)]
    )


def _placed(problem: object) -> FieldError:
    place, _, detail = str(problem).partition(": ")
    return FieldError(place=place, detail=detail)


def _retry(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}


def install(app: Flask) -> None:
    """Let an application answer with problems, whatever goes wrong in it."""
    app.register_error_handler(Refusal, answer)
    app.register_error_handler(StashgenError, lambda error: answer(refusal(error)))
    app.register_error_handler(OSError, lambda error: answer(refusal(error)))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def _http(error: HTTPException) -> Response:
    detail = "there is nothing here" if isinstance(error, NotFound) else error.description
    response = answer(Refusal(error.code or 500, detail or "the request cannot be answered"))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _bug(error: Exception) -> Response:
    # The log has the traceback; the client learns nothing of how we are made.
    _log.error("a request failed: this is a bug in stashgen", exc_info=error)
    return answer(Refusal(500, "the gateway failed: its log says why"))
