"""JSON that a stranger wrote: a record, or nothing."""

from __future__ import annotations

from typing import TypeVar

import msgspec

Record = TypeVar("Record")


def read(data: bytes, record: type[Record]) -> Record | None:
    """Return the record that some bytes hold, None where they hold none: not UTF-8, or nested without an end, too."""
    try:
        return msgspec.json.decode(data, type=record)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
