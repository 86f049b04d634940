"""The application: its parts behind one gate."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from flask import Blueprint, Flask, Response, g, request

from stashgen.gateway import addresses, api, auth, health, hooks, problems, stashboard
from stashgen.gateway.gate import Gate
from stashgen.gateway.problems import Refusal
from stashgen.text import printable

PARTS: Final[tuple[Callable[[Gate], Blueprint], ...]] = (api.part, health.part, hooks.part, stashboard.part)
_LONGEST_PATH: Final = 200
_log: Final = logging.getLogger("stashgen.gateway.access")
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def create_app(gate: Gate) -> Flask:
    """Return the WSGI application of a gate."""
    app = Flask("stashgen.gateway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = gate.config.limits.body_bytes
    app.url_map.merge_slashes = False  # `//` is another path, not a redirect in HTML
    app.url_map.strict_slashes = True
    problems.install(app)
    app.before_request(lambda: _admit(gate))
    app.after_request(lambda response: _finish(gate, response))
    for part in PARTS:
        app.register_blueprint(part(gate))
    return app


def _admit(gate: Gate) -> None:
    """Refuse what needs no look at who calls: foreign addresses, foreign names, tokens where logs keep them."""
    gate.admit()
    host = addresses.host_name(request.host)
    if host is None:
        raise Refusal(400, "the header `Host` is no name or address")
    if gate.config.hosts and host not in gate.hosts and request.host.lower() not in gate.hosts:
        raise Refusal(421, "this gateway is not asked by that name")
    if name := auth.leaked(request.args):
        raise Refusal(
            400, f"the query holds a token in `{name}`: send it in the header `Authorization`, and make a new one"
        )


def _finish(gate: Gate, response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    status = str(response.status_code)
    gate.metrics.count("requests_total", operation=request.endpoint or "none", status=status)
    # Neither query nor headers: tokens may have got there by mistake, and logs are read by many.
    path = auth.masked(printable(request.path))[:_LONGEST_PATH]
    facts = (gate.origin().address, g.get("caller", "-") or "-", request.method, path, status)
    _log.info("%s %s %s %s %s", *facts)
    return response
