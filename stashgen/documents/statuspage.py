"""The records of Statuspage's API, version 2."""

from __future__ import annotations

from typing import Final

from stashgen.documents.document import Document

DOCUMENTS: Final[tuple[Document, ...]] = ()
