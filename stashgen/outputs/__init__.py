"""The shelf of outputs: each module renders one family of files from the board; one dict lists them all.

A book is a module with `render(context) -> Iterator[Output]`; books never import one another. `outputs:` in
site.yaml switches a family off by its name here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from stashgen.model import Family
from stashgen.outputs import event_json, host_files, pages, static_files, status_json
from stashgen.outputs.context import Book

SHELF: Final[Mapping[Family, Book]] = {
    "event-json": event_json,
    "host-files": host_files,
    "pages": pages,
    "static-files": static_files,
    "status-json": status_json,
}
