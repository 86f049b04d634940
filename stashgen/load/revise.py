"""A loaded site with some of its files exchanged for bytes that are not on the disk yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from stashgen import zones
from stashgen.errors import Problem
from stashgen.load import file, folder, record
from stashgen.load.site import AUTOMATION_FILE, EVENTS, SITE_FILE, Events, Loaded
from stashgen.memo import digest
from stashgen.model import BUILT_IN_STATUSES, Automation, Group, Record, Service, Site, Status, Template

_KIND_BY_FOLDER: Final[Mapping[str, tuple[str, type[Record]]]] = {
    "statuses": ("statuses", Status), "groups": ("groups", Group), "services": ("services", Service),
    "templates": ("templates", Template),
}  # fmt: skip


def revise(root: Path, site: Site, files: Mapping[str, bytes | None]) -> Loaded:
    """Return the site that these files would make, and what is wrong with them; `files` are paths below the root.

    None takes a file away. A file with errors is left out of the site.
    """
    problems: list[Problem] = []
    for path, data in files.items():
        value = None
        if data is not None:
            value, found = _read(root, site, path, data)
            problems += found
        site = _event(site, path, value, data) if path.startswith(EVENTS) else _record(site, path, value)
    return Loaded(site, tuple(sorted(problems)))


def _read(root: Path, site: Site, path: str, data: bytes) -> record.Reading:
    name = file.shown(root, path)
    if path == SITE_FILE:
        _, problems = record.settings(data, path, name)
        return record.Reading({"data": data}, problems)
    return record.read(data, path, name, zones.find(site.settings.timezone) or dt.UTC)


def _event(site: Site, path: str, value: dict[str, Any] | None, data: bytes | None) -> Site:
    name = path.rpartition("/")[2].removesuffix(folder.SUFFIX)
    assert isinstance(site.events, Events)  # noqa: S101 - narrows the model's Mapping
    assert isinstance(site.label_by_event, Events)  # noqa: S101 - as above
    paths, digests = dict(site.path_by_event), dict(site.digest_by_event)
    packed = None if value is None or data is None else record.packed(value)
    if packed is None or data is None:
        paths.pop(name, None)
        digests.pop(name, None)
    else:
        content = digest(b"events", b"", data)
        paths[name], digests[name] = path, digest(content, site.settings.timezone.encode(), packed)
    order = sorted(paths, key=paths.__getitem__)
    return msgspec.structs.replace(
        site,
        events=site.events.replaced(name, packed, order),
        label_by_event=site.label_by_event.replaced(name, packed, order),
        path_by_event={event: paths[event] for event in order},
        digest_by_event={event: digests[event] for event in order},
    )


def _record(site: Site, path: str, value: dict[str, Any] | None) -> Site:
    if path == AUTOMATION_FILE:
        automation = Automation() if value is None else msgspec.convert(value, Automation)
        return msgspec.structs.replace(site, automation=automation)
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
