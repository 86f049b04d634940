"""Push, and when somebody was faster: fetch, carry our changes out once more on theirs, push again."""

from __future__ import annotations

from stashgen.repository.clone import Clone
from stashgen.repository.journal import Row
from stashgen.repository.values import Pending, Pushed


def push(clone: Clone, seconds: float) -> Pushed:
    """Push; see `Repository.push`."""
    done = clone.git.run("push", "--quiet", seconds=seconds, is_apart=True)
    if done.code:
        return Pushed(error=done.words)
    rows = clone.journal.on("committed")
    clone.journal.move((row.change_id for row in rows), "pushed")
    return Pushed(commits=len(rows), is_up_to_date=True)


def pending(clone: Clone) -> list[Pending]:
    """Return what is committed and not pushed."""
    return [_pending(row) for row in clone.journal.on("committed")]


def parked(clone: Clone) -> list[Pending]:
    """Return what is parked."""
    return [_pending(row) for row in clone.journal.on("parked")]


def _pending(row: Row) -> Pending:
    return Pending(commit=row.commit or "", change_id=row.change_id, subject=row.deed.subject, at=row.deed.now)
