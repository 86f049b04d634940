"""A strict client of Statuspage's API: typed after the original's documentation, not after our own records.

It stands in for the clients of the field: an unknown key, an unknown word, a missing key, a date of another form and
keys in another order all fail here, also where no client would notice.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import msgspec

ID: Final = re.compile(r"[a-z0-9]{12}")
DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

Indicator = Literal["none", "minor", "major", "critical", "maintenance"]
Word = Literal["operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance"]
IncidentState = Literal["investigating", "identified", "monitoring", "resolved", "postmortem"]
MaintenanceState = Literal["scheduled", "in_progress", "verifying", "completed"]
EIGHT: Final = (
    "summary", "status", "components", "incidents", "incidents/unresolved", "scheduled-maintenances",
    "scheduled-maintenances/upcoming", "scheduled-maintenances/active",
)  # fmt: skip


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """No key more, none less: no field has a default."""


class Page(Strict):
    id: str
    name: str
    url: str
    time_zone: str
    updated_at: str


class Status(Strict):
    indicator: Indicator
    description: Literal[
        "All Systems Operational", "Service Under Maintenance", "Partially Degraded Service",
        "Degraded System Service", "Minor Service Outage", "Partial System Outage", "Major System Outage",
    ]  # fmt: skip


class Component(Strict):
    id: str
    name: str
    status: Word
    created_at: str
    updated_at: str
    position: int
    description: str | None
    showcase: bool
    start_date: str | None
    group_id: str | None
    page_id: str
    group: bool
    only_show_if_degraded: bool
    components: list[str] | msgspec.UnsetType = msgspec.UNSET


class Affected(Strict):
    code: str
    name: str
    old_status: Word
    new_status: Word


class IncidentUpdate(Strict):
    id: str
    status: IncidentState
    body: str
    incident_id: str
    created_at: str
    updated_at: str
    display_at: str
    affected_components: list[Affected] | None
    deliver_notifications: bool
    custom_tweet: None
    tweet_id: None


class MaintenanceUpdate(Strict):
    id: str
    status: MaintenanceState
    body: str
    incident_id: str
    created_at: str
    updated_at: str
    display_at: str
    affected_components: list[Affected] | None
    deliver_notifications: bool
    custom_tweet: None
    tweet_id: None


class Incident(Strict):
    id: str
    name: str
    status: IncidentState
    created_at: str
    updated_at: str
    monitoring_at: str | None
    resolved_at: str | None
    impact: Literal["none", "minor", "major", "critical"]
    shortlink: str
    started_at: str
    page_id: str
    incident_updates: list[IncidentUpdate]
    components: list[Component]
    reminder_intervals: None


class Maintenance(Strict):
    id: str
    name: str
    status: MaintenanceState
    created_at: str
    updated_at: str
    monitoring_at: None
    resolved_at: str | None
    impact: Literal["maintenance"]
    shortlink: str
    started_at: str
    page_id: str
    incident_updates: list[MaintenanceUpdate]
    components: list[Component]
    reminder_intervals: None
    scheduled_for: str
    scheduled_until: str


class Summary(Strict):
    page: Page
    components: list[Component]
    incidents: list[Incident]
    scheduled_maintenances: list[Maintenance]
    status: Status


class StatusFile(Strict):
    page: Page
    status: Status


class ComponentList(Strict):
    page: Page
    components: list[Component]


class IncidentList(Strict):
    page: Page
    incidents: list[Incident]


class MaintenanceList(Strict):
    page: Page
    scheduled_maintenances: list[Maintenance]


class IncidentFile(Strict):
    page: Page
    incident: Incident


class MaintenanceFile(Strict):
    page: Page
    scheduled_maintenance: Maintenance


class Month(Strict):
    month: str
    count: int
    path: str
    url: str
    first_started_at: str
    last_started_at: str


class MonthIndex(Strict):
    page: Page
    count: int
    months: list[Month]


Event = Incident | Maintenance
Record = TypeVar("Record", bound=Strict)


class Client:
    """Reads the files of a built site."""

    def __init__(self, build: Path) -> None:
        self.build = build
        self.folder = build / "api" / "v2"
        self._known: dict[str, Any] = {}

    def read(self, name: str, kind: type[Record]) -> Record:
        """Return a file's record, after looking at the order of all its keys."""
        if name not in self._known:
            data = (self.folder / f"{name}.json").read_bytes()
            record = msgspec.json.decode(data, type=kind)
            assert disorder(json.loads(data), record) == [], name
            self._known[name] = record
        known = self._known[name]
        assert isinstance(known, kind)
        return known

    def events(self, folder: str) -> list[Event]:
        """Return all events of the complete history, from their own files."""
        names = [f"{folder}/{path.stem}" for path in sorted(self.of_events(folder))]
        if folder == "incidents":
            return [self.read(name, IncidentFile).incident for name in names]
        return [self.read(name, MaintenanceFile).scheduled_maintenance for name in names]

    def of_events(self, folder: str) -> Iterator[Path]:
        """Yield the files of single events."""
        return (path for path in (self.folder / folder).glob("*.json") if ID.fullmatch(path.stem))

    def months(self, folder: str) -> list[str]:
        """Return the months of the history that have a file."""
        stems = (path.stem for path in (self.folder / folder).glob("*.json"))
        return sorted(stem for stem in stems if re.fullmatch(r"\d{4}-\d\d", stem))


def disorder(value: Any, record: Any, place: str = "$") -> list[str]:
    """Return the places where keys do not stand in the order of the record's fields."""
    if isinstance(value, list):
        both = enumerate(zip(value, record, strict=True))
        return [one for number, pair in both for one in disorder(*pair, f"{place}[{number}]")]
    if not isinstance(value, dict):
        return []
    found = [] if list(value) == [name for name in record.__struct_fields__ if name in value] else [place]
    return found + [
        one for key, part in value.items() for one in disorder(part, getattr(record, key), f"{place}.{key}")
    ]


def instant(text: str) -> dt.datetime:
    """Read a date as clients do; anything but three digits of a fraction fails."""
    assert DATE.fullmatch(text), text
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")


def rolled_up(words: Sequence[str]) -> tuple[str, str]:
    """Return what the page's components come to, by the published chain."""
    count = len(words)
    amount = {word: words.count(word) for word in set(words)}
    chain: list[tuple[bool, str, str]] = [
        (0 < amount.get("major_outage", 0) == count, "critical", "Major System Outage"),
        (0 < amount.get("partial_outage", 0) == count, "major", "Partial System Outage"),
        (amount.get("major_outage", 0) > 0, "major", "Partial System Outage"),
        (amount.get("partial_outage", 0) > 0, "minor", "Minor Service Outage"),
        (1 < amount.get("degraded_performance", 0) == count, "minor", "Degraded System Service"),
        (amount.get("degraded_performance", 0) > 0, "minor", "Partially Degraded Service"),
        (amount.get("under_maintenance", 0) > 0, "maintenance", "Service Under Maintenance"),
        (True, "none", "All Systems Operational"),
    ]
    return next((indicator, text) for holds, indicator, text in chain if holds)


def pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key of a document with its value."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield key, part
            yield from pairs(part)
    elif isinstance(value, list):
        for part in value:
            yield from pairs(part)
