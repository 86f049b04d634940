"""The records of Stashboard's API, version 1."""

from __future__ import annotations

from typing import Final

from stashgen.documents.document import Document

DOCUMENTS: Final[tuple[Document, ...]] = ()
