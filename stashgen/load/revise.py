"""A loaded site with some of its files exchanged for bytes that are not on the disk yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from stashgen import zones
from stashgen.errors import Problem
from stashgen.load import file, folder, record
from stashgen.load.site import AUTOMATION_FILE, EVENTS, NOTIFICATIONS_FILE, SITE_FILE, Events, Loaded
from stashgen.memo import digest
from stashgen.model import BUILT_IN_STATUSES, Automation, Group, Notifications, Record, Service, Site, Status, Template

_KIND_BY_FOLDER: Final[Mapping[str, tuple[str, type[Record]]]] = {
    "statuses": ("statuses", Status), "groups": ("groups", Group), "services": ("services", Service),
    "templates": ("templates", Template),
}  # fmt: skip


class _Event(NamedTuple):
    path: str
    packed: bytes
    digest: bytes


def revise(root: Path, site: Site, files: Mapping[str, bytes | None]) -> Loaded:
    """Return the site that these files would make, and what is wrong with them; `files` are paths below the root.

    None takes a file away. A file with errors is left out of the site.
    """
    problems: list[Problem] = []
    events: dict[str, _Event | None] = {}
    # Settings come first: the zone in them is the zone of the times in all others.
    for path in sorted(files, key=lambda path: path != SITE_FILE):
        data, value = files[path], None
        if data is not None:
            value, found = _read(root, site, path, data)
            problems += found
        if path.startswith(EVENTS):
            events[_name(path)] = None if value is None or data is None else _event(site, path, value, data)
        else:
            site = _with_record(site, path, value)
    return Loaded(_with_events(site, events) if events else site, tuple(sorted(problems)))


def _read(root: Path, site: Site, path: str, data: bytes) -> record.Reading:
    name = file.shown(root, path)
    if path == SITE_FILE:
        _, problems = record.settings(data, path, name)
        return record.Reading({"data": data}, problems)
    return record.read(data, path, name, zones.find(site.settings.timezone) or dt.UTC)


def _name(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(folder.SUFFIX)


def _event(site: Site, path: str, value: dict[str, Any], data: bytes) -> _Event:
    packed = record.packed(value)
    content = digest(b"events", b"", data)
    return _Event(path, packed, digest(content, site.settings.timezone.encode(), packed))


def _with_events(site: Site, events: Mapping[str, _Event | None]) -> Site:
    assert isinstance(site.events, Events)  # noqa: S101 - narrows the model's Mapping
    assert isinstance(site.label_by_event, Events)  # noqa: S101 - as above
    kept = {name: event for name, event in events.items() if event is not None}
    paths = {name: path for name, path in site.path_by_event.items() if name not in events}
    paths |= {name: event.path for name, event in kept.items()}
    order = sorted(paths, key=paths.__getitem__)
    packed = {name: event.packed for name, event in kept.items()}
    digests = {**site.digest_by_event, **{name: event.digest for name, event in kept.items()}}
    return msgspec.structs.replace(
        site,
        events=site.events.replaced(packed, order),
        label_by_event=site.label_by_event.replaced(packed, order),
        path_by_event={name: paths[name] for name in order},
        digest_by_event={name: digests[name] for name in order},
    )


def _with_record(site: Site, path: str, value: dict[str, Any] | None) -> Site:
    if path == AUTOMATION_FILE:
        automation = Automation() if value is None else msgspec.convert(value, Automation)
        return msgspec.structs.replace(site, automation=automation)
    if path == NOTIFICATIONS_FILE:
        notifications = Notifications() if value is None else msgspec.convert(value, Notifications)
        return msgspec.structs.replace(site, notifications=notifications)
    if path == SITE_FILE:
        if value is None:
            return site
        return msgspec.structs.replace(site, settings=record.settings(value["data"], SITE_FILE, SITE_FILE)[0])
    place, _, file_name = path.partition("/")
    name = file_name.removesuffix(folder.SUFFIX)
    field, kind = _KIND_BY_FOLDER[place]
    records: dict[str, Record] = dict(getattr(site, field))
    records.pop(name, None)
    if value is not None:
        records[name] = msgspec.convert(value, kind, builtin_types=(dt.datetime,))
    elif place == "statuses" and name in BUILT_IN_STATUSES:
        records[name] = BUILT_IN_STATUSES[name]
    return msgspec.structs.replace(site, **{field: records})
