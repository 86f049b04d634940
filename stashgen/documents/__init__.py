"""The records of every JSON file that a site writes, and how they are encoded.

What stands here is the contract with programs: the outputs fill it in, openapi.json and the JSON Schemas describe it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from stashgen.documents import badge, event, feed, index, service, stashboard, status, statuspage
from stashgen.documents.document import Document

__all__ = ["DOCUMENTS", "Document", "compact", "readable"]

DOCUMENTS: Final[tuple[Document, ...]] = (
    *index.DOCUMENTS,
    *status.DOCUMENTS,
    *service.DOCUMENTS,
    *event.DOCUMENTS,
    *feed.DOCUMENTS,
    *statuspage.DOCUMENTS,
    *stashboard.DOCUMENTS,
    *badge.DOCUMENTS,
)


def readable(record: msgspec.Struct) -> bytes:
    """Return the JSON of a record as people like to read it: files that are looked at by hand."""
    return msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"


def compact(record: msgspec.Struct) -> bytes:
    """Return the JSON of a record without needless space: files that may be large."""
    return msgspec.json.encode(record) + b"\n"
