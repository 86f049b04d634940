"""The application: its parts behind one gate."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from flask import Blueprint, Flask, Response, g, request

from stashgen.gateway import api, auth, health, hooks, problems, stashboard
from stashgen.gateway.gate import Gate
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
    app.url_map.merge_slashes = False  # `//` is another path, not a redirect in HTML
    app.url_map.strict_slashes = True
    problems.install(app)
    app.before_request(lambda: _admit(gate))
    app.after_request(lambda response: _finish(gate, response))
    for part in PARTS:
        app.register_blueprint(part(gate))
    return app


def _admit(gate: Gate) -> None:
    request.max_content_length = gate.config.limits.body_bytes
    gate.guard.admit()


def _finish(gate: Gate, response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    status = str(response.status_code)
    gate.metrics.count("requests_total", operation=request.endpoint or "none", status=status)
    # Neither query nor headers: tokens may have got there by mistake, and logs are read by many.
    path = auth.masked(printable(request.path))[:_LONGEST_PATH]
    facts = (gate.guard.origin().address, g.get("caller", "-") or "-", request.method, path, status)
    _log.info("%s %s %s %s %s", *facts)
    return response
