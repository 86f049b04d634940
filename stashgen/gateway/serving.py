"""The server: waitress in front of the application, until somebody stops it."""

from __future__ import annotations

from collections.abc import Callable

from waitress.server import create_server

from stashgen.gateway.app import create_app
from stashgen.gateway.gate import Gate


def serve(gate: Gate, listen: str, ready: Callable[[str], None]) -> None:
    """Answer requests until SIGTERM or ^C; `ready` hears of the URL."""
    limits = gate.config.limits
    host, _, port = listen.rpartition(":")
    server = create_server(
        create_app(gate),
        host=host.strip("[]"),
        port=int(port),
        threads=limits.threads,
        connection_limit=limits.connections,
        channel_timeout=limits.idle_seconds,
        cleanup_interval=max(1, limits.idle_seconds // 3),
        max_request_body_size=limits.body_bytes,
        max_request_header_size=32_768,
        ident=None,
        clear_untrusted_proxy_headers=False,
        expose_tracebacks=False,
    )
    ready(f"http://{host}:{server.effective_port}")
    server.run()
