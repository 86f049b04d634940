"""What a Statuspage says, bytes to typed values: pages, components and incidents from any of its JSON shapes.

The shapes are those of the public API (`/api/v2/*.json`, https://support.atlassian.com/statuspage/) and of the
management API (`/v1/pages/<id>/incidents` and its sisters), which answers with bare lists.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import Meta

from stashgen.errors import Problem
from stashgen.importers.source import Source

Instant = Annotated[dt.datetime, Meta(tz=True)]
Name = Annotated[str, Meta(min_length=1)]

_ONE: Final = {"page": "page", "incident": "incident", "scheduled_maintenance": "incident", "component": "component"}
_MANY: Final = {
    "incidents": "incident",
    "scheduled_maintenances": "incident",
    "components": "component",
    "component_groups": "component",
}
_EXPECTED: Final = (
    "expected an object with `page`, `incident(s)`, `scheduled_maintenance(s)` or `components`, a single incident, "
    "or a list of incidents or components"
)
# msgspec: "Expected `str`, got `int` - at `$.incident_updates[0].body`"
_PLACE: Final = re.compile(r" - at `\$\.?(.*)`$")
_BYTE: Final = re.compile(r" \(byte (\d+)\)$")


class Page(msgspec.Struct, frozen=True):
    """The page itself."""

    id: str | None = None
    name: str | None = None
    url: str | None = None
    time_zone: str | None = None
    updated_at: Instant | None = None


class Component(msgspec.Struct, frozen=True):
    """A component or, with `group`, a group of them, in its state at the time of the file."""

    id: Name
    name: Name
    position: int | None = None
    description: str | None = None
    start_date: str | None = None
    group_id: str | None = None
    group: bool | None = None
    updated_at: Instant | None = None


class Row(msgspec.Struct, frozen=True):
    """One element of an update's `affected_components`; `name` may be `Group - Child`."""

    code: Name
    name: str = ""
    old_status: str | None = None
    new_status: str | None = None


class Update(msgspec.Struct, frozen=True):
    """One entry of `incident_updates`."""

    status: str | None = None
    body: str | None = None
    display_at: Instant | None = None
    created_at: Instant | None = None
    affected_components: tuple[Row, ...] | None = None


class Incident(msgspec.Struct, frozen=True):
    """An incident or a scheduled maintenance."""

    id: Name
    name: str
    incident_updates: Annotated[tuple[Update, ...], Meta(min_length=1)]
    status: str | None = None
    impact: str | None = None
    started_at: Instant | None = None
    updated_at: Instant | None = None
    resolved_at: Instant | None = None
    scheduled_for: Instant | None = None
    scheduled_until: Instant | None = None
    postmortem_body: str | None = None
    components: tuple[Component, ...] | None = None


class Item(NamedTuple):
    """Something found in a source; `seen_at` is when the page last changed before the file was made."""

    source: str
    seen_at: dt.datetime | None
    value: Page | Component | Incident


class _Raw(NamedTuple):
    kind: str
    field: str
    value: Any


_TYPES: Final[Mapping[str, type[Page | Component | Incident]]] = {
    "page": Page,
    "component": Component,
    "incident": Incident,
}


def items(source: Source) -> Iterator[Item | Problem]:
    """Yield what one file holds; a part that cannot be read gives a problem, and the other parts still count."""
    try:
        document = msgspec.json.decode(source.data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        yield _malformed(source, str(error))
        return
    raws = list(_raws(document))
    if not raws and not _is_empty(document):
        yield Problem(path=source.name, message=f"this is not Statuspage JSON: {_EXPECTED}")
    seen_at: dt.datetime | None = None
    for raw in raws:
        item = _item(source.name, raw, seen_at)
        if isinstance(item, Item) and isinstance(item.value, Page):
            seen_at = item.value.updated_at
        yield item


def _malformed(source: Source, text: str) -> Problem:
    found = _BYTE.search(text)
    line = source.data.count(b"\n", 0, int(found[1])) + 1 if found else 0
    what = _BYTE.sub("", text).removeprefix("JSON is malformed: ")
    return Problem(path=source.name, line=line, message=f"this is not valid JSON: {what}; fetch or export it again")


def _is_empty(document: object) -> bool:
    # A page without incidents answers with an empty list, bare or below its key.
    return document == [] or (isinstance(document, dict) and bool(_MANY.keys() & document.keys()))


def _raws(document: object) -> Iterator[_Raw]:
    """Yield the parts of a document, the page first."""
    if isinstance(document, list):
        for index, value in enumerate(document):
            yield _Raw(_kind(value), f"[{index}]", value)
    elif isinstance(document, dict) and "incident_updates" in document:
        yield _Raw("incident", "", document)
    elif isinstance(document, dict):
        yield from (_Raw(kind, key, document[key]) for key, kind in _ONE.items() if key in document)
        for key in (key for key in _MANY if key in document):
            yield from _listed(_MANY[key], key, document[key])


def _listed(kind: str, key: str, values: object) -> Iterator[_Raw]:
    if not isinstance(values, list):
        yield _Raw("list", key, values)
        return
    for index, value in enumerate(values):
        yield _Raw(kind, f"{key}[{index}]", value)


def _kind(value: object) -> str:
    if isinstance(value, dict) and not ("incident_updates" in value or "impact" in value):
        return "component" if {"position", "group_id", "components"} & value.keys() else "unknown"
    return "incident"


def _item(name: str, raw: _Raw, seen_at: dt.datetime | None) -> Item | Problem:
    if raw.kind not in _TYPES:
        expected = "expected a list" if raw.kind == "list" else _EXPECTED
        return Problem(path=name, field=raw.field, message=f"this is not Statuspage JSON: {expected}")
    value = raw.value
    if isinstance(value, dict) and raw.kind == "component" and isinstance(value.get("components"), list):
        value = {**value, "group": True}  # the management API's groups do not say so
    try:
        value = msgspec.convert(value, _TYPES[raw.kind])
    except msgspec.ValidationError as error:
        found = _PLACE.search(str(error))
        field = ".".join(filter(None, (raw.field, found[1] if found else "")))
        return Problem(path=name, field=field.replace(".[", "["), message=f"{_PLACE.sub('', str(error))}; left out")
    untimed = isinstance(value, Incident) and any(not (u.display_at or u.created_at) for u in value.incident_updates)
    if untimed:
        message = "an update has neither `display_at` nor `created_at`; left out"
        return Problem(path=name, field=raw.field, message=message)
    return Item(name, seen_at, value)
