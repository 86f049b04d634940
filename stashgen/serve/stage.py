"""What the threads of the server share: which edition of the site is on show, and whether a newer one is due.

The watcher only calls `touch`; the build loop waits, builds and shows; requests wait while a build is due or
running, so that nobody sees half a site; a browser asks for news and is answered when there are some.
"""

from __future__ import annotations

import threading
from typing import Any, Final

import msgspec

from stashgen import clock, urls

SETTLE_SECONDS: Final = 0.1
_LONGEST_SETTLE_SECONDS: Final = 1.0


class Edition(msgspec.Struct, frozen=True, kw_only=True):
    """One state of the site on show."""

    epoch: int = 0  # grows with every build that told something new
    page: int = 0  # grows with every build that changed a file; 0: there has been no site yet
    problems: tuple[str, ...] = ()  # why the newest files are not on show; empty: they are
    url: str | None = None  # the site's own

    @property
    def base(self) -> str:
        """Return the path of the site's own URL, with a slash at both ends."""
        return urls.base_path(self.url)


class Stage:
    """The edition on show, under one condition variable."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted = 0
        self._built = 0
        self._touched_at = 0.0
        self._edition = Edition()
        self._is_closed = False

    def touch(self) -> None:
        """Tell that files have changed: the edition on show is out of date."""
        with self._changed:
            self._wanted += 1
            self._touched_at = clock.monotonic()
            self._changed.notify_all()

    def await_touch(self, seconds: float | None) -> bool:
        """Return True once files have changed and then rested for a moment, False after `seconds` without that."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._wanted > self._built, seconds):
                return False
            latest = clock.monotonic() + _LONGEST_SETTLE_SECONDS
            while (rest := min(self._touched_at + SETTLE_SECONDS, latest) - clock.monotonic()) > 0:
                self._changed.wait(rest)
            return True

    def begin(self) -> int:
        """Return what is wanted now: the number to give back to `show` when it has been built."""
        with self._changed:
            return self._wanted

    def show(self, wanted: int, url: str | None, *, is_changed: bool) -> None:
        """Put a site on show: the one that was built after `begin` gave `wanted`."""
        with self._changed:
            is_news = is_changed or bool(self._edition.problems)
            self._replace(wanted, is_news=is_news, page=self._edition.page + is_changed, problems=(), url=url)

    def fail(self, wanted: int, problems: tuple[str, ...]) -> None:
        """Keep the site that is on show and tell why there is no newer one."""
        with self._changed:
            self._replace(wanted, is_news=problems != self._edition.problems, problems=problems)

    def current(self) -> Edition:
        """Return the edition on show, after the build that is due, if one is."""
        with self._changed:
            wanted = self._wanted
            self._changed.wait_for(lambda: self._built >= wanted or self._is_closed)
            return self._edition

    def news(self, epoch: int, seconds: float) -> Edition:
        """Return the edition on show as soon as its epoch is another one, or as it is after `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self._edition.epoch != epoch or self._is_closed, seconds)
            return self._edition

    def close(self) -> None:
        """Let everybody go who waits."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _replace(self, wanted: int, *, is_news: bool, **facts: Any) -> None:
        self._edition = msgspec.structs.replace(self._edition, epoch=self._edition.epoch + is_news, **facts)
        self._built = wanted
        self._changed.notify_all()
