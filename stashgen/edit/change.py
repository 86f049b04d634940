"""What an edit is given, and what it gives back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from stashgen.errors import StashgenError
from stashgen.model import Site

Reason = Literal["unknown", "conflict", "invalid"]


class EditError(StashgenError):
    """An intent that cannot be carried out; `field` is the intent's field that is to blame, "" for the whole.

    `reason`: `unknown`, it names what is not there; `conflict`, it does not fit what is there; `invalid`, it is
    wrong whatever is there.
    """

    def __init__(self, reason: Reason, field: str, message: str) -> None:
        self.reason, self.field, self.message = reason, field, message
        # What is wrong by itself is said of a field; the others name the thing.
        super().__init__(f"{field}: {message}" if field and reason == "invalid" else message)


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit stands on: a sound site, the bytes of its files by path below site-data, and the time.

    `read` raises FileNotFoundError for a path without a file. `is_replay` is true for an intent that was accepted and
    committed before: it is refused only if nothing else is possible. What was to be resolved and is resolved already
    gets the words all the same.
    """

    site: Site
    read: Callable[[str], bytes]
    now: dt.datetime
    is_replay: bool = False


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Files to be, and how the commit tells of them.

    `files` are paths below site-data with their new bytes, None for a file to remove; empty means that there is
    nothing to do, and `subject` says why. `record` is the id of the event or record concerned, `update` the name of
    the update that was added (identity.update_names).
    """

    files: Mapping[str, bytes | None] = {}
    subject: str
    body: str = ""
    trailers: tuple[tuple[str, str], ...] = ()
    record: str | None = None
    update: str | None = None
    renamed: Mapping[str, str] = {}  # ids that this change gave another name
