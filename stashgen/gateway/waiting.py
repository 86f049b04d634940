"""The thread that does what falls due: alerts that have lasted, or been over, for long enough."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from typing import Final

from stashgen.errors import StashgenError

_LONGEST_SECONDS: Final = 30.0  # the clock may be set, and another process may keep something
_FIRST_SECONDS: Final = 1.0
_log: Final = logging.getLogger("stashgen.gateway")


class Waiter:
    """Calls `settle`, which returns when it wants to be called again (None: not yet), until it is stopped."""

    def __init__(self, settle: Callable[[], dt.datetime | None], now: Callable[[], dt.datetime]) -> None:
        self._settle, self._now = settle, now
        self._wake = threading.Event()
        self._is_stopping = False
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name="waiter", daemon=True)

    def start(self) -> None:
        """Begin with what has fallen due while nobody was there."""
        self._thread.start()

    def wake(self) -> None:
        """Tell that something else may be due first."""
        self._wake.set()

    def stop(self, seconds: float) -> None:
        """Stop, after a change that is under way."""
        self._is_stopping = True
        self._wake.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.wait(self._turn())
            self._wake.clear()

    def _turn(self) -> float:
        try:
            next_at = self._settle()
        except (StashgenError, OSError) as error:
            return self._failed("alerts that are due wait on: %s", error)
        except Exception as error:  # noqa: BLE001 - the thread must outlive a bug: what is kept waits for it
            _log.exception("what is due failed: this is a bug in stashgen")
            return self._failed("alerts that are due wait on: %s", error)
        self._failures = 0
        if next_at is None:
            return _LONGEST_SECONDS
        return min(max((next_at - self._now()).total_seconds(), _FIRST_SECONDS / 10), _LONGEST_SECONDS)

    def _failed(self, message: str, error: Exception) -> float:
        self._failures += 1
        if self._failures == 1:
            _log.warning(message, error)
        return min(_FIRST_SECONDS * (1 << min(self._failures, 8)), _LONGEST_SECONDS)
