"""A request that comes again: what the first one made is told, whichever clone it was sent to."""

from __future__ import annotations

import datetime as dt
import os

from stashgen.edit import Change, EditError
from stashgen.git import Git
from stashgen.repository.clone import Clone
from stashgen.repository.history import is_in, learn
from stashgen.repository.planning import Desk
from stashgen.repository.values import Applied, Plan


def repeated(clone: Clone, program: Git, desk: Desk, request: tuple[str, str, dt.datetime]) -> Applied | None:
    """Return what a request made before, None for a new one; (how its change ids begin, its own, now).

    Raises EditError when the same key was used for something else.
    """
    head, change, now = request
    row = clone.journal.starting(head)
    if row and row.stage != "prepared":
        _same(row.change_id, change)
        told = Change(subject=row.deed.subject, record=row.deed.record, update=row.deed.update)
        return _applied(desk, told, (change, row.commit, now))
    found = _in_history(clone, program, head)
    if not found:
        return None
    _same(found[0], change)
    return _applied(desk, _made_by(program, clone.prefix, found[1]), (change, found[1], now))


def _in_history(clone: Clone, program: Git, head: str) -> tuple[str, str] | None:
    now = program.run("rev-parse", "--verify", "--quiet", "HEAD").text if clone.layout else ""
    if not now:
        return None
    learn(clone, program, now)
    found = clone.journal.known(head)
    return found if found and is_in(program, found[1], now) else None


def _same(first: str, second: str) -> None:
    if first != second:
        raise EditError("conflict", "key", "this key was used for another request before: give each request its own")


def _applied(desk: Desk, change: Change, request: tuple[str, str | None, dt.datetime]) -> Applied:
    name, commit, now = request
    site = desk.read().site
    plan = Plan(change=change, before=site, after=site, old={}, now=now)
    return Applied(plan=plan, commit=commit, is_repeated=True, change_id=name)


def _made_by(program: Git, prefix: str, commit: str) -> Change:
    """Tell from a commit of another clone what it was about."""
    subject = program.ask("log", "-1", "--no-show-signature", "--format=%s", commit)
    data = program.data("diff-tree", "-r", "-z", "--root", "--no-commit-id", "--name-only", "--diff-filter=d", commit)
    paths = [path.removeprefix(prefix) for path in os.fsdecode(data).split("\0") if path.startswith(prefix) and path]
    if len(paths) != 1:
        return Change(subject=subject)
    return Change(subject=subject, record=paths[0].rpartition("/")[2].removesuffix(".yaml"))
