"""JSON Schemas of the JSON files (draft 2020-12, https://json-schema.org/draft/2020-12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from stashgen.documents.document import Document

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schemas(documents: Sequence[Document]) -> Mapping[str, bytes]:
    """Return the schema of each kind of file by its name, as JSON."""
    return {document.schema: _encoded(document) for document in documents}


def _encoded(document: Document) -> bytes:
    body: dict[str, Any] = msgspec.json.schema(document.record)
    head = {"$schema": _DIALECT, "title": f"stashgen {document.schema}"}
    return msgspec.json.format(msgspec.json.encode(head | body), indent=2) + b"\n"
