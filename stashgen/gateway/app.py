"""The application: its parts behind one gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Flask, Response, request

from stashgen.gateway import addresses, api, auth, problems
from stashgen.gateway.gate import Gate
from stashgen.gateway.problems import Refusal

PARTS: Final[tuple[Callable[[Gate], Blueprint], ...]] = (api.part,)
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
    app.after_request(_finish)
    for part in PARTS:
        app.register_blueprint(part(gate))
    return app


def _admit(gate: Gate) -> None:
    """Refuse what needs no look at who calls: foreign addresses, foreign names, tokens where logs keep them."""
    if gate.allowed and not addresses.contains(gate.allowed, gate.origin().address):
        raise Refusal(403, "your address is not allowed here")
    if (
        gate.config.hosts
        and request.host.rpartition(":")[0] not in gate.config.hosts
        and request.host not in gate.config.hosts
    ):
        raise Refusal(421, "this gateway is not asked by that name")
    if name := auth.leaked(request.args):
        raise Refusal(
            400, f"the query holds a token in `{name}`: send it in the header `Authorization`, and make a new one"
        )


def _finish(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
