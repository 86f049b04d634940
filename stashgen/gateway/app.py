"""The application: its parts behind one gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flask import Blueprint, Flask

from stashgen.gateway.gate import Gate

PARTS: Final[tuple[Callable[[Gate], Blueprint], ...]] = ()


def create_app(gate: Gate) -> Flask:
    """Return the WSGI application of a gate."""
    app = Flask("stashgen.gateway", static_folder=None)
    for part in PARTS:
        app.register_blueprint(part(gate))
    return app
