"""The thread that brings commits to the remote, and what others have pushed into the clone.

A push follows each commit at once. One that fails is tried again, each time after twice as long and a bit of chance,
so that many gateways do not come back together. What is pending when the gateway starts is pushed then.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import threading
from collections.abc import Callable
from typing import Final

from stashgen.errors import StashgenError
from stashgen.gateway.metrics import Metrics
from stashgen.repository import Pushed, Repository

_FIRST_SECONDS: Final = 1.0
_LONGEST_SECONDS: Final = 300.0
_log: Final = logging.getLogger("stashgen.gateway")


class Pusher:
    """Pushes in a thread of its own until it is stopped."""

    def __init__(self, repository: Repository, metrics: Metrics, now: Callable[[], dt.datetime]) -> None:
        self._repository, self._metrics, self._now = repository, metrics, now
        self._wake = threading.Event()
        self._is_stopping = False
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name="pusher", daemon=True)
        self.pull_seconds = _LONGEST_SECONDS
        self.last_push_at: dt.datetime | None = None
        self.error: str | None = None

    def start(self) -> None:
        """Begin, with what is pending from before."""
        self._thread.start()

    def wake(self) -> None:
        """Tell that there is a new commit: it is pushed at once, unless the remote is known to be down."""
        if not self._failures:
            self._wake.set()

    def stop(self, seconds: float) -> None:
        """Stop, after a push that is under way or waits, but no later than in so many seconds."""
        self._is_stopping = True
        self._wake.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            self._turn()
            if self._is_stopping:
                return
            self._wake.wait(self._pause())
            self._wake.clear()

    def _turn(self) -> None:
        try:
            self._told(self._repository.push())
        except (StashgenError, OSError) as error:
            self._told(Pushed(error=str(error)))
        except Exception:  # noqa: BLE001 - see below
            # The thread must outlive a bug: what is committed waits for it.
            _log.exception("a push failed: this is a bug in stashgen")
            self._told(Pushed(error="the push failed: the log says why"))

    def _told(self, pushed: Pushed) -> None:
        if pushed.error is not None:
            self._failures += 1
            self._metrics.count("push_failures_total")
            if pushed.error != self.error:
                _log.warning("not pushed, and tried again: %s", pushed.error)
        else:
            if self._failures:
                _log.warning("the remote is back")
            self._failures = 0
            self._count(pushed)
        self.error = pushed.error

    def _count(self, pushed: Pushed) -> None:
        if pushed.commits:
            self.last_push_at = self._now()
            self._metrics.count("pushes_total")
            self._metrics.set("last_push_timestamp_seconds", self.last_push_at.timestamp())
        else:
            self._metrics.count("pulls_total")
        for remark in pushed.remarks:
            _log.warning("%s", remark)

    def _pause(self) -> float:
        if not self._failures:
            return self.pull_seconds
        longest = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2.0 ** min(self._failures - 1, 20))
        return longest * random.uniform(0.5, 1)  # noqa: S311 - to be spread, not to be secret
