"""The records of services/<id>.json: one service with its past."""

from __future__ import annotations

from typing import Final

from stashgen.documents.document import Document

DOCUMENTS: Final[tuple[Document, ...]] = ()
