"""What goes into the repository and what comes out of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

import msgspec

from stashgen.edit import Change
from stashgen.model import Site

Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Show nothing."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """How a change is to be carried out."""

    has_commit: bool | None = None  # False: files are written, git is not asked; True: without git it is refused
    is_dry_run: bool = False
    now: dt.datetime | None = None  # None: the clock's
    key: str = ""  # names the request: a change with the same key is carried out once, here and on every other clone
    progress: Progress = silent  # hears of files written and files to write
    has_suffix: bool = False  # an intent with an empty `suffix` gets one, so that two clones do not make one id


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A change that has been checked, and the site before and after it."""

    change: Change
    before: Site
    after: Site
    old: Mapping[str, bytes | None]  # bytes of the files now, by path below site-data
    now: dt.datetime


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that has been carried out; `commit` is None where nothing was committed.

    `remarks` are sentences that whoever asked should read, such as that HEAD is detached.
    """

    plan: Plan
    commit: str | None
    is_repeated: bool = False  # a change with this key was carried out before: `plan.change` tells what that one made
    change_id: str = ""
    remarks: tuple[str, ...] = ()


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A change that is committed and not pushed."""

    commit: str
    change_id: str
    subject: str


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """How a push ended.

    `error` says in words why the remote does not have everything; what is pending is tried again by the next push.
    """

    commits: int = 0  # new on the remote
    is_up_to_date: bool = False  # the remote has all that there is
    replayed: int = 0  # changes that were carried out once more on what the remote had got meanwhile
    parked: int = 0  # changes that could not be: a ref below refs/stashgen/parked/ keeps each
    error: str | None = None
    remarks: tuple[str, ...] = ()

    @property
    def failure(self) -> str | None:
        """Why a change is not published that was to be."""
        return self.error or ("it does not fit what others have pushed" if self.parked else None)
