"""The records of api/index.json: where everything is that a program can read."""

from __future__ import annotations

from typing import Final

from stashgen.documents.document import Document

DOCUMENTS: Final[tuple[Document, ...]] = ()
