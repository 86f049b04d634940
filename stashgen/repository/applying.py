"""Carry an intent out once: look whether it was before, plan, confirm, write, commit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from stashgen import clock
from stashgen.edit import EditError
from stashgen.errors import StashgenError
from stashgen.git import Git
from stashgen.intents import Author, Intent
from stashgen.repository.clone import Clone
from stashgen.repository.committing import commit, touched, write_only
from stashgen.repository.journal import Deed, Row
from stashgen.repository.message import change_head, change_id, suffix
from stashgen.repository.planning import Desk
from stashgen.repository.recovery import recover
from stashgen.repository.repeats import repeated
from stashgen.repository.values import Applied, Plan, Wishes

Confirm = Callable[[Plan], None]
_MOST_ASKED: Final = 3


class Request(NamedTuple):
    """An intent, who has it and how it is to be carried out."""

    intent: Intent
    author: Author
    wishes: Wishes
    confirm: Confirm | None


def apply(clone: Clone, request: Request) -> Applied:
    """Carry a request out; see `Repository.apply`."""
    head = change_head(clone.prefix, request.wishes.key)
    change = change_id(head, request.intent)
    request = request._replace(intent=_suffixed(request, change))
    desk = Desk(clone.project, clone.memo)
    seen = None
    if request.wishes.is_dry_run or request.confirm:
        # A person may think for as long as it takes: the lock is for those who write.
        now = request.wishes.now or clock.current(clone.environ)
        request = request._replace(wishes=msgspec.structs.replace(request.wishes, now=now))
        seen = desk.plan(request.intent, now)
        if request.confirm:
            request.confirm(seen)
        if request.wishes.is_dry_run:
            return Applied(plan=seen, commit=None, change_id=change)
    for _ in range(_MOST_ASKED):
        with clone.lock() as program:
            # Asked under the lock: what is said later stands later.
            now = request.wishes.now or clock.current(clone.environ)
            remarks = recover(clone, program)
            applied = repeated(clone, program, desk, (head, change, now)) if request.wishes.key else None
            if applied:
                return _told(applied, remarks)
            plan = desk.plan(request.intent, now)
            if seen is None or plan.change.files == seen.change.files:
                return _told(_carry_out(clone, program, plan, request, change), remarks)
        seen = plan
        if request.confirm:
            request.confirm(plan)
    raise EditError("conflict", "", "others change the same files faster than this can be confirmed; try again")


def _carry_out(clone: Clone, program: Git, plan: Plan, request: Request, change: str) -> Applied:
    has_commit = request.wishes.has_commit is not False
    if clone.layout is None and request.wishes.has_commit:
        raise StashgenError(f"{clone.folder} is not in a git repository: `git init` makes one, --no-commit needs none")
    deed = Deed(
        prefix=clone.prefix, intent=_dated(request.intent, plan.now), author=request.author, now=plan.now,
        files=touched(plan), has_commit=has_commit and clone.layout is not None,
        subject=plan.change.subject, record=plan.change.record, update=plan.change.update,
    )  # fmt: skip
    row = Row(change_id=change, stage="prepared", commit=None, deed=deed)
    if not plan.change.files:
        if request.wishes.key:
            clone.journal.write(msgspec.structs.replace(row, stage="void"))
        return Applied(plan=plan, commit=None, change_id=change)
    if not deed.has_commit:
        write_only(clone, plan, row)
        remarks = () if clone.layout or not has_commit else (_WITHOUT_GIT,)
        return Applied(plan=plan, commit=None, change_id=change, remarks=remarks)
    row, told = commit(clone, program, plan, row)
    return Applied(plan=plan, commit=row.commit, change_id=change, remarks=tuple(told))


def _suffixed(request: Request, change: str) -> Intent:
    wanted = request.wishes.has_suffix and getattr(request.intent, "suffix", None) == ""
    return msgspec.structs.replace(request.intent, suffix=suffix(change)) if wanted else request.intent


def _dated(intent: Intent, now: dt.datetime) -> Intent:
    # Carried out once more on newer files it must tell the same time.
    is_open = "at" in intent.__struct_fields__ and getattr(intent, "at", None) is None
    return msgspec.structs.replace(intent, at=now) if is_open else intent


def _told(applied: Applied, remarks: list[str]) -> Applied:
    return msgspec.structs.replace(applied, remarks=(*remarks, *applied.remarks)) if remarks else applied


_WITHOUT_GIT: Final = "site-data is not in a git repository: the files are written, and nothing keeps what they were"
