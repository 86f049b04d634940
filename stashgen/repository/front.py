"""The front of the repository: what commands and the gateway call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

from stashgen import clock
from stashgen.check import Reading
from stashgen.intents import Author, Intent
from stashgen.repository import applying, pushing, settling
from stashgen.repository.clone import Clone
from stashgen.repository.planning import Desk
from stashgen.repository.recovery import recover
from stashgen.repository.replay import PARKED
from stashgen.repository.state import State
from stashgen.repository.values import Applied, Pending, Plan, Pushed, Wishes

PUSH_SECONDS = 60.0


class Repository:
    """The one writer of a project folder; safe to use from several threads and beside other processes."""

    def __init__(self, project: Path, environ: Mapping[str, str]) -> None:
        self.project = project
        self._clone = Clone(project, environ)
        self._desk = Desk(project, self._clone.memo)

    def __enter__(self) -> Self:
        """Open it; nothing is touched before something is to be written."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._clone.close()

    def read(self) -> Reading:
        """Return the site as it is, with its problems."""
        return self._desk.read()

    def plan(self, intent: Intent, now: dt.datetime) -> Plan:
        """Return the change that an intent makes, checked; raise EditError, or DataError for problems it would make."""
        return self._desk.plan(intent, now)

    def apply(
        self,
        intent: Intent,
        author: Author = Author(),  # noqa: B008 - a frozen value
        wishes: Wishes = Wishes(),  # noqa: B008 - as above
        confirm: Callable[[Plan], None] | None = None,
    ) -> Applied:
        """Carry an intent out; `confirm` sees the plan before anything is written, and may raise.

        When this returns the commit is on the disk. Raises EditError, DataError for problems that the change would
        make, StashgenError for git and the disk: nothing has changed then.
        """
        return applying.apply(self._clone, applying.Request(intent, author, wishes, confirm))

    def push(self, seconds: float = PUSH_SECONDS) -> Pushed:
        """Push what has been committed; where the remote was faster, our changes are carried out on what it has.

        It takes about `seconds` at most, and others may write meanwhile. What goes wrong is told, not raised.
        """
        return pushing.push(self._clone, seconds)

    def commit_of(self, change_id: str) -> str | None:
        """Return the commit that carries a change now: a push may have carried it out anew on what the remote has."""
        row = self._clone.journal.find(change_id)
        return row.commit if row else None

    def pending(self) -> list[Pending]:
        """Return the changes that are committed and that the remote does not have, oldest first."""
        return settling.pending(self._clone)

    def parked(self) -> list[Pending]:
        """Return the changes that could not be carried out on what the remote has, while a ref keeps their commits.

        Whoever has looked after one deletes its ref.
        """
        rows = self._clone.journal.on("parked")
        kept = self._clone.git.ask("for-each-ref", "--format=%(refname)", PARKED).splitlines() if rows else []
        return [settling.told(row) for row in rows if PARKED + row.change_id in kept]

    def recover(self) -> list[str]:
        """Settle what a killed process left half done, as every apply and push does first; return remarks."""
        with self._clone.lock() as program:
            return recover(self._clone, program)

    @cached_property
    def state(self) -> State:
        """Return what others keep over restarts."""
        return State(lambda: self._clone.store, lambda: clock.current(self._clone.environ))
