"""What a client sent along: parameters of the query, of a form, or of a JSON object, as texts by name."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import flask

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
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"the body is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise Refusal(400, "the body is no JSON object")
    return {name: _text(name, value) for name, value in found.items() if value is not None}


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise Refusal(400, f"{name} is no text")
