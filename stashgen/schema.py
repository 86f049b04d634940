"""JSON Schema of each record, for editors, and for whoever writes the YAML with a program.

Draft 2020-12 (https://json-schema.org/draft/2020-12). What a schema cannot say, such as that a service exists,
`stashgen check` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from stashgen.model import Automation, Event, Group, Notifications, Record, Service, Settings, Status, Template

RECORDS: Final[Mapping[str, type[Record]]] = {
    "site": Settings, "status": Status, "group": Group, "service": Service, "event": Event,
    "template": Template, "automation": Automation, "notifications": Notifications,
}  # fmt: skip
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_A_MAINTENANCE: Final = {"properties": {"kind": {"const": "maintenance"}}, "required": ["kind"]}
# What follows from a field's value, or from the file's name.
_CHANGES: Final[Mapping[str, Mapping[str, Any]]] = {
    # A file with a built-in's id changes only what it names, and a schema does not see the file's name.
    "status": {"required": []},
    "event": {"if": _A_MAINTENANCE, "then": {"required": ["planned"]}},
}


def schema(record: str) -> dict[str, Any]:
    """Return the schema of a record by its name: such as site, service or event."""
    kind = RECORDS[record]
    parts: dict[str, dict[str, Any]] = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")[1]
    body = parts.pop(kind.__name__)
    head = {"$schema": _DIALECT, "$id": f"urn:stashgen:schema:{record}"}
    definitions = {"$defs": parts} if parts else {}
    return {**head, **body, "title": record, **_CHANGES.get(record, {}), **definitions}


def document(record: str) -> bytes:
    """Return the schema of a record as a JSON file."""
    return msgspec.json.format(msgspec.json.encode(schema(record)), indent=2) + b"\n"


def documents() -> dict[str, bytes]:
    """Return the JSON files of all records by name."""
    return {record: document(record) for record in RECORDS}
