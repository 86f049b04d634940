"""What a client sent along: parameters of the query, of a form, or of a JSON object, as texts by name."""

from __future__ import annotations

from urllib.parse import parse_qs

import flask

from stashgen.gateway import strictjson
from stashgen.gateway.problems import Refusal
from stashgen.gateway.stashboard.orders import Fields


def fields(request: flask.Request) -> Fields:
    """Return the parameters of a request, those of the query first; raise Refusal with 400 for JSON that is none."""
    # Read once and kept: a signature is checked over the same bytes.
    data = request.get_data(cache=True)
    return {**_body(request, data), **request.args.to_dict()}


def _body(request: flask.Request, data: bytes) -> dict[str, str]:
    if request.is_json and data.strip():
        return _json(data)
    if not request.mimetype:
        # A client that does not say what it sends sends a form, as it did with Stashboard.
        return _form(data)
    return request.form.to_dict()


def _form(data: bytes) -> dict[str, str]:
    found = parse_qs(data.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in found.items()}


def _json(data: bytes) -> dict[str, str]:
    found = strictjson.parse(data)
    if not isinstance(found, dict):
        raise Refusal(400, "the body is no JSON object")
    # What is no text is nothing that is known here, and so ignored.
    return {name: _text(value) for name, value in found.items() if isinstance(value, (str, int, float))}


def _text(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
