"""JSON that a stranger wrote: a record, or nothing; and of status.json what everybody who looks at a site needs."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final, TypeVar

import msgspec

Record = TypeVar("Record")
Instant = Annotated[dt.datetime, msgspec.Meta(tz=True)]
_FIRST_YEAR: Final = 1970  # at the ends of the calendar, times of other zones cannot be told


class Page(msgspec.Struct, frozen=True):
    """Where a site says that it is published."""

    url: str | None = None
    mirrors: tuple[str, ...] = ()


class Status(msgspec.Struct, frozen=True):
    """What is read of status.json; a site of another version of stashgen may say more."""

    built_at: Instant
    next_change_at: Instant | None = None
    commit: str | None = None
    page: Page = Page()


def read(data: bytes, record: type[Record]) -> Record | None:
    """Return the record that some bytes hold, None where they hold none: not UTF-8, or nested without an end, too."""
    try:
        return msgspec.json.decode(data, type=record)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def status(data: bytes | None) -> Status | None:
    """Read a status.json; None where it is none, or tells times without a zone, or at the ends of the calendar."""
    said = read(data or b"", Status)
    times = [at for at in (said.built_at, said.next_change_at) if at is not None] if said else []
    return said if all(_FIRST_YEAR <= at.year < dt.MAXYEAR for at in times) else None
