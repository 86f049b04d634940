"""How often somebody may ask: a bucket of requests for each, filled steadily."""

from __future__ import annotations

import threading
from collections import OrderedDict
from math import ceil
from typing import Final

from stashgen import clock

_MOST: Final = 10_000  # buckets kept; the one longest unused goes first, and it is full again by then


class Buckets:
    """Buckets by name, safe to be used by several threads."""

    def __init__(self, per_minute: int, burst: int) -> None:
        self._rate, self._size = per_minute / 60, float(burst)
        self._level_by_name: OrderedDict[str, tuple[float, float]] = OrderedDict()  # name -> level, when
        self._lock = threading.Lock()

    def take(self, name: str) -> int:
        """Take one request out of a bucket; return 0, or the seconds to wait when it is empty."""
        with self._lock:
            level, at = self._level(name)
            taken = level - 1 if level >= 1 else level
            self._put(name, taken, at)
            return 0 if level >= 1 else self._wait(level)

    def wait(self, name: str) -> int:
        """Return the seconds until there is a request in a bucket, without taking it."""
        with self._lock:
            level, _ = self._level(name)
            return 0 if level >= 1 else self._wait(level)

    def _level(self, name: str) -> tuple[float, float]:
        now = clock.monotonic()
        level, at = self._level_by_name.get(name, (self._size, now))
        return min(self._size, level + (now - at) * self._rate), now

    def _put(self, name: str, level: float, at: float) -> None:
        self._level_by_name[name] = level, at
        self._level_by_name.move_to_end(name)
        while len(self._level_by_name) > _MOST:
            self._level_by_name.popitem(last=False)

    def _wait(self, level: float) -> int:
        return max(1, ceil((1 - level) / self._rate))
