"""Plan a change, carry it out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Self

import msgspec

from stashgen import clock, files, git
from stashgen.check import Reading, read
from stashgen.check.proposal import propose
from stashgen.check.reading import SITE_DATA, Judgement
from stashgen.edit import Change, Ground, edit
from stashgen.errors import DataError
from stashgen.intents import Author, Intent
from stashgen.memo import Memo, cache_file
from stashgen.model import Site

_VIA: Final = "Via"
_BY: Final = "By"


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How a change is to be carried out."""

    has_commit: bool | None = None  # False: files are written, git is not asked
    is_dry_run: bool = False
    now: dt.datetime | None = None  # None: the clock's
    key: str = ""  # names the request: a change with the same key is carried out once, here and on every other clone


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A change that has been checked, and the site before and after it."""

    change: Change
    before: Site
    after: Site
    old: Mapping[str, bytes | None]  # bytes of the files now, by path below site-data
    now: dt.datetime


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that has been carried out; `commit` is None where nothing was committed."""

    plan: Plan
    commit: str | None
    is_repeated: bool = False  # a change with this key was carried out before: this is it
    remarks: tuple[str, ...] = ()


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """How a push ended."""

    error: str | None = None
    remarks: tuple[str, ...] = ()


class Repository:
    """The one writer of a project folder."""

    def __init__(self, project: Path, environ: Mapping[str, str]) -> None:
        self.project, self._environ = project, environ
        self._memo = Memo(cache_file(project, environ))
        self._root = project / SITE_DATA

    def __enter__(self) -> Self:
        """Open it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""

    def read(self) -> Reading:
        """Return the site as it is, with its problems."""
        return read(self.project, self._memo)

    def plan(self, intent: Intent, now: dt.datetime) -> Plan:
        """Return the change that an intent makes, checked; raise EditError, or DataError for problems it would make."""
        reading = self.read()
        change = edit(Ground(site=reading.site, read=self._bytes, now=now), intent)
        before = Judgement(reading.site, reading.problems, self._root, self._memo, now)
        proposal = propose(before, reading.problems, change.files)
        errors = [problem for problem in proposal.problems if problem.severity == "error"]
        if errors:
            raise DataError(errors)
        old = {path: self._old(path) for path in change.files}
        return Plan(change=change, before=reading.site, after=proposal.site, old=old, now=now)

    def apply(
        self,
        intent: Intent,
        author: Author = Author(),  # noqa: B008 - a frozen value
        wishes: Wishes = Wishes(),  # noqa: B008 - as above
        confirm: Callable[[Plan], None] = lambda _: None,
    ) -> Applied:
        """Carry an intent out; `confirm` sees the plan before anything is written, and may raise.

        Raises EditError, DataError for problems that the change would make, StashgenError for git and the disk:
        nothing has changed then.
        """
        plan = self.plan(intent, wishes.now or clock.current(self._environ))
        confirm(plan)
        if wishes.is_dry_run or not plan.change.files:
            return Applied(plan=plan, commit=None)
        for path, data in plan.change.files.items():
            if data is None:
                (self._root / path).unlink(missing_ok=True)
            else:
                files.write_atomic(self._root / path, data)
        if wishes.has_commit is False:
            return Applied(plan=plan, commit=None)
        paths = [f"{SITE_DATA}/{path}" for path in plan.change.files]
        return Applied(plan=plan, commit=git.commit(self.project, paths, _message(plan.change, author), self._environ))

    def push(self) -> Pushed:
        """Push what has been committed, again and again after fetching where the remote was faster."""
        return Pushed()

    def _bytes(self, path: str) -> bytes:
        return (self._root / path).read_bytes()

    def _old(self, path: str) -> bytes | None:
        try:
            return self._bytes(path)
        except FileNotFoundError:
            return None


def _message(change: Change, author: Author) -> str:
    trailers: list[tuple[str, Any]] = [*change.trailers, (_VIA, author.via)]
    trailers += [(_BY, author.name)] if author.name else []
    told = "\n".join(f"{name}: {value}" for name, value in trailers)
    return "\n\n".join(filter(None, [change.subject, change.body, told])) + "\n"
