"""The server: waitress in front of the application, until it is told to stop, and then until what has begun is done."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import msgspec
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher

from stashgen import clock
from stashgen.errors import DataError, StashgenError
from stashgen.gateway.app import create_app
from stashgen.gateway.config import Limits, Setup
from stashgen.gateway.gate import Gate
from stashgen.gateway.problems import MEDIA_TYPE, ProblemDetails

_STOP_SECONDS: Final = 30.0
_PUSH_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 1.0
_LARGEST_HEADERS: Final = 30_000
_log: Final = logging.getLogger("stashgen.gateway")


class _Parser(HTTPRequestParser):  # type: ignore[misc] # waitress is not typed
    def parse_header(self, header_plus: bytes) -> None:
        """Refuse a body with two lengths: a proxy may have gone by the other one, and see other requests than we do."""
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise ParsingError("Content-Length is invalid") from error
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length stands beside Transfer-Encoding")


class _ProblemTask(ErrorTask):  # type: ignore[misc] # as above
    """What waitress refuses before the application sees it is a problem like any other."""

    def execute(self) -> None:
        error = self.request.error
        details = ProblemDetails(title=error.reason, status=error.code, detail=error.body, instance="")
        body = msgspec.json.encode(details)
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", MEDIA_TYPE))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc] # as above
    parser_class = _Parser
    error_task_class = _ProblemTask
    begun_at: float | None = None  # since when a request is being received

    def received(self, data: bytes) -> Any:
        done = super().received(data)
        if self.request is None:
            self.begun_at = None
        elif self.begun_at is None:
            self.begun_at = clock.monotonic()
        return done


class _Server(TcpWSGIServer):  # type: ignore[misc] # as above
    channel_class = _Channel

    def maintenance(self, now: float) -> None:
        """Close connections that are idle, and those that send a request too slowly ever to end it."""
        super().maintenance(now)
        cutoff = clock.monotonic() - 2 * self.adj.channel_timeout
        for channel in self.active_channels.values():
            if channel.begun_at is not None and channel.begun_at < cutoff:
                channel.will_close = True


class _Service:
    """Servers on all addresses of one name, and what signals ask for."""

    def __init__(self, gate: Gate, listen: str, reread: Callable[[], Setup]) -> None:
        self._gate, self._reread = gate, reread
        self._map: dict[int, Any] = {}
        self._is_stopping = self._is_reloading = False
        adjustments = _adjustments(gate.config.limits, listen)
        self._dispatcher = ThreadedTaskDispatcher()
        self._dispatcher.set_thread_count(adjustments.threads)
        app = create_app(gate)
        try:
            self._servers = [
                _Server(app, self._map, dispatcher=self._dispatcher, adj=adjustments, sockinfo=info)
                for info in adjustments.listen
            ]
        except OSError as error:
            raise StashgenError(f"cannot listen on {listen}: {error.strerror or error}") from error

    @property
    def port(self) -> int:
        """The port that was asked for, or found free."""
        return int(self._servers[0].effective_port)

    def run(self) -> None:
        """Answer until a signal says to stop, then finish what has begun."""
        while not self._is_stopping:
            wasyncore.loop(timeout=_LOOK_SECONDS, use_poll=True, map=self._map, count=1)
            if self._is_reloading:
                self._is_reloading = False
                self._reload()
        self._finish()

    def heed(self) -> None:
        """Listen to signals from now on."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._hear)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self._is_reloading = True
        else:
            self._is_stopping = True
            signal.signal(number, signal.default_int_handler)  # whoever asks twice does not want to wait
        self._servers[0].pull_trigger()

    def _reload(self) -> None:
        try:
            setup = self._reread()
        except (DataError, OSError) as error:
            _log.error("the config was not read again; the old one stays: %s", error)
            return
        self._gate.configure(setup)
        _log.warning("the config was read again")

    def _finish(self) -> None:
        for server in self._servers:
            server.del_channel()
            server.socket.close()
        deadline = clock.monotonic() + _STOP_SECONDS
        while self._is_busy() and clock.monotonic() < deadline:
            wasyncore.loop(timeout=0.05, use_poll=True, map=self._map, count=1)
        self._dispatcher.shutdown(timeout=_LOOK_SECONDS)
        wasyncore.close_all(self._map)

    def _is_busy(self) -> bool:
        channels = [channel for server in self._servers for channel in server.active_channels.values()]
        return any(channel.requests or channel.total_outbufs_len for channel in channels)


def serve(gate: Gate, listen: str, reread: Callable[[], Setup], ready: Callable[[str], None]) -> None:
    """Answer requests until SIGTERM or ^C; `ready` hears of the URL, `reread` is called at SIGHUP.

    Raises StashgenError when the address is taken, or the project is in no repository.
    """
    service = _Service(gate, listen, reread)
    service.heed()
    gate.start()
    try:
        ready(f"http://{listen.rpartition(':')[0]}:{service.port}")
        service.run()
    finally:
        gate.stop(_PUSH_SECONDS)


def _adjustments(limits: Limits, listen: str) -> Adjustments:
    return Adjustments(
        listen=listen,
        threads=limits.threads,
        connection_limit=limits.connections,
        channel_timeout=limits.idle_seconds,
        cleanup_interval=max(1, limits.idle_seconds // 3),
        max_request_body_size=max(limits.body_bytes, limits.payload_bytes),
        max_request_header_size=_LARGEST_HEADERS,
        ident=None,
        # Who may speak for others is looked at for each request: see addresses.
        clear_untrusted_proxy_headers=False,
        expose_tracebacks=False,
        log_socket_errors=False,
    )
