"""What is said of each kind of JSON file: its path, the record it is, and which family of outputs writes it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from stashgen.model import Family


class Document(NamedTuple):
    """One kind of JSON file; `path` may have holes, such as `events/{event}.json`.

    `schema` names its JSON Schema: several paths with the same record share one.
    """

    path: str
    family: Family
    record: type[msgspec.Struct]
    schema: str
    summary: str
