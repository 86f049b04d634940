"""Which changes the remote has, and where it was when it was last seen."""

from __future__ import annotations

from typing import Final

from stashgen.git import Git
from stashgen.repository.clone import Clone
from stashgen.repository.history import commits, is_in, learn, span
from stashgen.repository.journal import Row
from stashgen.repository.routes import Route, route
from stashgen.repository.values import Pending

_KIND: Final = "remote"
_MOST_REMEMBERED: Final = 8


def branch(program: Git) -> str | None:
    """Return the full name of the branch that HEAD is on; None when it is detached."""
    return program.run("symbolic-ref", "--quiet", "HEAD").text or None


def head(program: Git) -> str:
    """Return the commit that HEAD is on, empty before the first."""
    return program.run("rev-parse", "--verify", "--quiet", "HEAD").text


def settle(clone: Clone, remote_head: str) -> tuple[int, list[str]]:
    """Note which changes are in a commit that the remote has; return how many are newly there, and remarks."""
    rows = clone.journal.on("committed")
    if not rows:
        return 0, []
    missing = _missing(clone.git, [row.commit or "" for row in rows], remote_head)
    there = {row.change_id for row in rows if row.commit not in missing}
    others = [row for row in rows if row.change_id not in there]
    remarks: list[str] = []
    if others:
        now = head(clone.git)
        there |= {row.change_id for row in others if _is_known(clone, row, remote_head)}
        gone = [row for row in others if row.change_id not in there and not _is_here(clone, row, now)]
        remarks = [f"{row.deed.subject}: somebody took this commit off the branch, {row.commit}" for row in gone]
        for row in gone:
            clone.journal.forget(row.change_id)
    clone.journal.move(there, "pushed")
    return len(there), remarks


def remember(clone: Clone, way: Route, commit: str) -> None:
    """Note where the remote was seen; where it was rewritten, what it had before is remembered too."""
    names = [name for name in _noted(clone, way) if not is_in(clone.git, name, commit)][-_MOST_REMEMBERED:]
    clone.store.keep(_KIND, f"{way.remote} {way.ref}", " ".join([*names, commit]).encode())


def remembered(clone: Clone, way: Route) -> list[str]:
    """Return where the remote has been seen, by us or else by git."""
    asked = (clone.git.run("rev-parse", "--verify", "--quiet", f"{one}^{{commit}}") for one in _noted(clone, way))
    return [done.text for done in asked if done.code == 0]


def _noted(clone: Clone, way: Route) -> list[str]:
    found = clone.store.recall(_KIND, f"{way.remote} {way.ref}")
    return found.decode().split() if found else [way.tracking]


def pending(clone: Clone) -> list[Pending]:
    """Return what is committed and not on the remote; nothing where there is no remote."""
    if clone.layout is None:
        return []
    name, unknown = branch(clone.git), []
    if name is not None:
        way = route(clone.git, name)
        if way is None:
            return []
        seen = clone.git.run("rev-parse", "--verify", "--quiet", f"{way.tracking}^{{commit}}").text
        if seen:
            settle(clone, seen)
            # Somebody may have taken the journal away.
            ours = [one for one in commits(clone.git, *span(seen, head(clone.git))) if one.changes]
            unknown = [one for one in ours if not any(map(clone.journal.find, one.changes))]
    return [
        *(Pending(commit=one.id, change_id=one.changes[0], subject=one.subject) for one in unknown),
        *(told(row) for row in clone.journal.on("committed")),
    ]


def told(row: Row) -> Pending:
    """Return a row as others see it."""
    return Pending(commit=row.commit or "", change_id=row.change_id, subject=row.deed.subject)


def _missing(program: Git, ids: list[str], remote_head: str) -> set[str]:
    given = "\n".join([*ids, f"^{remote_head}", ""]).encode()
    return set(program.ask("rev-list", "--ignore-missing", "--stdin", stdin=given).split())


def _is_known(clone: Clone, row: Row, commit: str) -> bool:
    learn(clone, clone.git, commit)
    found = clone.journal.known(row.change_id)
    return found is not None and is_in(clone.git, found[1], commit)


def _is_here(clone: Clone, row: Row, now: str) -> bool:
    if now and (is_in(clone.git, row.commit or "", now) or _is_known(clone, row, now)):
        return True
    # Somebody may have switched to another branch.
    done = clone.git.run("for-each-ref", "--count=1", "--contains", row.commit or "", "refs/heads")
    return done.code == 0 and bool(done.out)
