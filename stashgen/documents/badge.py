"""The records of badges as shields.io and Upptime name them."""

from __future__ import annotations

from typing import Final

from stashgen.documents.document import Document

DOCUMENTS: Final[tuple[Document, ...]] = ()
