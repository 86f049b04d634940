"""The own API: the table of its operations, and how a request becomes a call of one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import msgspec
from flask import Blueprint, Response, request

from stashgen.errors import StashgenError
from stashgen.gateway import event_calls, keys, oauth, openapi, record_calls, strictjson
from stashgen.gateway.endpoint import Call, Done, Endpoint
from stashgen.gateway.gate import Gate
from stashgen.gateway.keys import Kept, Keys
from stashgen.gateway.problems import FieldError, Refusal, refusal
from stashgen.load import convert
from stashgen.model import Record

_log: Final = logging.getLogger("stashgen.gateway")
JSON: Final = "application/json"
ENDPOINTS: Final[Sequence[Endpoint]] = [*event_calls.endpoints(), *record_calls.endpoints()]
_DESCRIPTION: Final = "/openapi.json"


def part(gate: Gate) -> Blueprint:
    """Return the own API and its description."""
    blueprint = Blueprint("api", __name__)
    kept = Keys(gate)
    for endpoint in ENDPOINTS:
        view = partial(_answer, gate, kept, endpoint)
        rule = endpoint.path.replace("{", "<").replace("}", ">")
        blueprint.add_url_rule(rule, endpoint.name, view, methods=[endpoint.method])
    blueprint.add_url_rule(_DESCRIPTION, "openapi", partial(_describe, gate), methods=["GET"])
    return blueprint


def _describe(gate: Gate) -> Response:
    gate.guard.caller("read", is_public=True)
    return Response(openapi.document(ENDPOINTS, gate.guard.base_url()), content_type=JSON)


def _answer(gate: Gate, known: Keys, endpoint: Endpoint, **path: str) -> Response:
    caller = gate.guard.caller(endpoint.scope, is_public=not endpoint.is_write and gate.config.public_read)
    _check_accept()
    query = _query(endpoint.query)
    data = _data() if endpoint.body else b""
    body = strictjson.read(data, endpoint.body) if endpoint.body else None
    call = Call(gate, caller, path, (query, body))
    header = keys.read(request.headers.get(keys.HEADER)) if endpoint.is_write else ""
    if not header:
        return _response(_run(endpoint, call))
    call.key = f"{caller.name}/{header}"
    with known.hold(call.key):
        return _once(known, endpoint, call, data)


def _once(known: Keys, endpoint: Endpoint, call: Call, data: bytes) -> Response:
    target = request.full_path.encode("utf-8", "surrogateescape")
    before, call.is_retry = known.begin(call.key, endpoint.method.encode(), target, data)
    if before.status:
        return _response(before)
    try:
        made = _run(endpoint, call)
    except Refusal:
        known.forget(call.key)
        raise
    try:
        known.end(call.key, msgspec.structs.replace(made, digest=before.digest))
    except StashgenError as error:
        # The change is made. Sent again, the repository knows it by the key, and the answer is made anew.
        _log.warning("an answer could not be kept: %s", error)
    return _response(made)


def _run(endpoint: Endpoint, call: Call) -> Kept:
    try:
        return _kept(endpoint, call, endpoint.run(call))
    except (Refusal, StashgenError, OSError) as error:
        if call.applied is not None and call.applied.commit is not None:
            # What is committed must not be denied, even if it cannot be shown any more: others go on writing.
            _log.warning("a change was made, and could not be shown: %s", error)
            return _kept(endpoint, call, Done(None))
        if isinstance(error, Refusal):
            raise
        raise refusal(error) from error


def _kept(endpoint: Endpoint, call: Call, done: Done) -> Kept:
    headers = [("Location", call.gate.guard.base_url() + done.location)] if done.location else []
    if call.applied is not None:
        headers += call.gate.told(call.applied)
    body = b"" if done.body is None else msgspec.json.encode(done.body) + b"\n"
    return Kept(digest="", status=endpoint.status, headers=tuple(headers), body=body)


def _response(kept: Kept) -> Response:
    response = Response(kept.body, kept.status, list(kept.headers))
    if kept.body:
        response.content_type = JSON
    else:
        del response.headers["Content-Type"]
    return response


def _check_accept() -> None:
    accepted = request.accept_mimetypes
    if accepted and accepted.quality(JSON) <= 0:
        raise Refusal(406, f"answers are {JSON}, which the header `Accept` does not allow")


def _data() -> bytes:
    kind, parameters = request.mimetype, request.mimetype_params
    if kind != JSON or parameters.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Refusal(415, f"bodies are {JSON} in UTF-8: say so in `Content-Type`", headers={"Accept": JSON})
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refusal(415, "bodies are not compressed", headers={"Accept-Encoding": "identity"})
    return request.get_data()


def _query(kind: type[Record]) -> Any:
    """Return the parameters of the query; each may stand there once."""
    # The keys of an old client may stand there too; whether they are right has been looked at.
    texts = {name: request.args.getlist(name) for name in request.args if not name.startswith(oauth.PREFIX)}
    doubles = [FieldError(parameter=name, detail="stands there twice") for name, all_ in texts.items() if len(all_) > 1]
    plain = {name: _typed(kind, name, all_[0]) for name, all_ in texts.items()}
    errors = [
        FieldError(parameter=str(finding.field[0]), detail=finding.message)
        for finding in convert.complaints(plain, kind)
    ]
    if doubles or errors:
        raise Refusal(400, "the query is not what is asked for here", [*doubles, *errors])
    return msgspec.convert(plain, kind)


def _typed(kind: type[Record], name: str, text: str) -> object:
    """Return a parameter as a number or a truth value where one is asked for and it is one."""
    default = next((field.default for field in msgspec.structs.fields(kind) if field.name == name), None)
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(text, text)
    if isinstance(default, int) and text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    return text
