"""Make a plan of an intent: edited, checked, with what is there now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from stashgen.check import Reading, read
from stashgen.check.proposal import propose
from stashgen.check.reading import Judgement
from stashgen.edit import Change, Ground, edit
from stashgen.errors import DataError
from stashgen.intents import Intent
from stashgen.load import SITE_DATA
from stashgen.memo import Memo
from stashgen.repository.values import Plan


class Desk:
    """A project folder as plans are made for it."""

    def __init__(self, project: Path, memo: Memo) -> None:
        self._project, self._memo = project, memo
        self._root = project / SITE_DATA

    def read(self) -> Reading:
        """Return the site as it is, with its problems."""
        return read(self._project, self._memo)

    def plan(self, intent: Intent, now: dt.datetime, *, is_replay: bool = False) -> Plan:
        """Return the change that an intent makes, checked; raise EditError, or DataError for problems it would make."""
        return self.checked(lambda ground: edit(ground, intent), now, is_replay=is_replay)

    def checked(self, make: Callable[[Ground], Change], now: dt.datetime, *, is_replay: bool = False) -> Plan:
        """Return any change, checked."""
        reading = self.read()
        change = make(Ground(site=reading.site, read=self._bytes, now=now, is_replay=is_replay))
        before = Judgement(reading.site, reading.problems, self._root, self._memo, now)
        proposal = propose(before, reading.problems, change.files)
        errors = [problem for problem in proposal.problems if problem.severity == "error"]
        if errors:
            raise DataError(errors)
        old = {path: self._old(path) for path in change.files}
        # What is the same already is no change: git would have nothing to commit.
        change = replace(change, files={path: data for path, data in change.files.items() if data != old[path]})
        return Plan(change=change, before=reading.site, after=proposal.site, old=old, now=now)

    def _bytes(self, path: str) -> bytes:
        return (self._root / path).read_bytes()

    def _old(self, path: str) -> bytes | None:
        try:
            return self._bytes(path)
        except FileNotFoundError:
            return None
