"""The shelf of importers: each module reads what another status page left behind; one dict lists them all.

A book is a module with `read(sources, known, wishes) -> Imported`; books never import one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stashgen.importers import statuspage
from stashgen.importers.source import Book

BOOKS: Final[Mapping[str, Book]] = {
    "statuspage": statuspage,
}
