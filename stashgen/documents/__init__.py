"""The records of every JSON file that a site writes, and how they are encoded.

What stands here is the contract with programs: the outputs fill it in, openapi.json and the JSON Schemas describe it.
"""

from __future__ import annotations

import json
from typing import Final

import msgspec

from stashgen.documents import badge, event, feed, index, missing, service, stashboard, status, statuspage
from stashgen.documents.document import Document
from stashgen.documents.missing import NOT_FOUND

__all__ = ["DOCUMENTS", "NOT_FOUND", "Document", "compact", "escaped", "readable"]

DOCUMENTS: Final[tuple[Document, ...]] = (
    *index.DOCUMENTS,
    *status.DOCUMENTS,
    *service.DOCUMENTS,
    *event.DOCUMENTS,
    *feed.DOCUMENTS,
    *statuspage.DOCUMENTS,
    *stashboard.DOCUMENTS,
    *badge.DOCUMENTS,
    *missing.DOCUMENTS,
)


def readable(record: msgspec.Struct) -> bytes:
    """Return the JSON of a record as people like to read it: files that are looked at by hand."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def compact(record: msgspec.Struct) -> bytes:
    """Return the JSON of a record without needless space: files that may be large."""
    return msgspec.json.encode(record) + b"\n"


def escaped(record: msgspec.Struct) -> bytes:
    """Return the compact JSON of a record in ASCII, for old clients that are told no encoding."""
    data = compact(record)
    return data if data.isascii() else json.dumps(json.loads(data), separators=(",", ":")).encode() + b"\n"
