"""What is said of each kind of file: its path, what it is, and which family of outputs writes it."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from stashgen.model import ID_PATTERN, Family

MONTH_PATTERN: Final = "^[0-9]{4}-(0[1-9]|1[0-2])$"
_SHORT_ID_PATTERN: Final = "^[a-z0-9]{12}$"


class Document(NamedTuple):
    """One kind of JSON file; `path` may have holes, such as `events/{event}.json`.

    `schema` names its JSON Schema: several paths with the same record share one.
    """

    path: str
    family: Family
    record: type[msgspec.Struct]
    schema: str
    summary: str


class Hole(NamedTuple):
    """What stands in a hole of a path."""

    description: str
    pattern: str


# By the names that holes have in the paths of all documents.
HOLES: Final[Mapping[str, Hole]] = MappingProxyType(
    {
        "badge": Hole("Name of a badge, such as `status` or `uptime-30d`.", ID_PATTERN),
        "event": Hole("Id of an event.", ID_PATTERN),
        "group": Hole("Id of a group.", ID_PATTERN),
        "incident": Hole("Id of an incident in the Statuspage API.", _SHORT_ID_PATTERN),
        "list": Hole("Id of a group; Stashboard calls it a list.", ID_PATTERN),
        "maintenance": Hole("Id of a maintenance in the Statuspage API.", _SHORT_ID_PATTERN),
        "month": Hole("Month of the year, `01` to `12`.", "^(0[1-9]|1[0-2])$"),
        "period": Hole("A calendar month such as `2026-11`, or a year.", "^[0-9]{4}(-(0[1-9]|1[0-2]))?$"),
        "schema": Hole("Name of a JSON Schema.", ID_PATTERN),
        "service": Hole("Id of a service.", ID_PATTERN),
        "sid": Hole("Id of an event in Stashboard's API.", "^[a-z0-9]+$"),
        "status": Hole("Id of a status.", ID_PATTERN),
        "year": Hole("A calendar year.", "^[0-9]{4}$"),
    }
)
_ANYTHING: Final = Hole("A name in the path.", "^[^/]+$")


def holes(path: str) -> Mapping[str, Hole]:
    """Return the holes of a path by name, in the order of the path."""
    names = [name for _, name, _, _ in Formatter().parse(path) if name]
    return {name: HOLES.get(name, _ANYTHING) for name in names}
