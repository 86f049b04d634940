"""What every part of the gateway asks for: who calls, the site as it is, and a change carried out."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from stashgen import clock
from stashgen.check import Reading
from stashgen.intents import Author, Intent
from stashgen.repository import Applied, Repository, Wishes

Scope = Literal["read", "events", "services", "admin"]


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, by the name of the token or secret, and what that one may do."""

    name: str
    scopes: frozenset[Scope]
    services: frozenset[str] | None = None  # None: all

    def may(self, scope: Scope) -> bool:
        """Return whether the caller has a scope; `admin` holds all others."""
        return scope in self.scopes or "admin" in self.scopes


class Gate:
    """The one way from a request to the repository."""

    def __init__(self, project: Path, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.repository = Repository(project, environ)
        self._lock = threading.RLock()

    def now(self) -> dt.datetime:
        """Return the time."""
        return clock.current(self.environ)

    def reading(self) -> Reading:
        """Return the site as it is now."""
        with self._lock:
            return self.repository.read()

    def caller(self, scope: Scope) -> Caller:
        """Return who sent the current request; abort with 401 or 403 when nobody known, or one who may not."""
        raise NotImplementedError

    def apply(self, intent: Intent, caller: Caller, via: str, key: str = "") -> Applied:
        """Carry an intent out for a caller, if every service it touches is one of the caller's; see there."""
        with self._lock:
            return self.repository.apply(intent, Author(name=caller.name, via=via), Wishes(now=self.now(), key=key))
