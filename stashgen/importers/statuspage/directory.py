"""Components to services and groups: which there are, what they are called and which id each has here."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from stashgen.errors import Problem
from stashgen.importers.source import Known, Wishes
from stashgen.importers.statuspage.ids import assigned
from stashgen.importers.statuspage.wire import Component, Incident, Item
from stashgen.model import Group, Service
from stashgen.unmark import printable

_LAST: Final = 1000
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# A component that only points readers elsewhere: "Visit www.example.com for more information".
_HINT: Final = re.compile(
    r"\s*(?:please|visit|see|check|go to|follow|read|click|subscribe|more info\w*|for (?:more|further|the latest))\b"
    r".*\b[a-z0-9-]+\.[a-z]{2,}\b",
    re.IGNORECASE,
)


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """The services and groups of a page, by their ids here; `service_by_code` leads there from a component's id."""

    groups: Mapping[str, Group]
    services: Mapping[str, Service]
    service_by_code: Mapping[str, str]
    problems: tuple[Problem, ...]


class _Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """What a source says of a component; `is_full` False: an old update only names it."""

    source: str
    at: dt.datetime
    is_full: bool
    component: Component


def directory(items: Sequence[Item], known: Known, wishes: Wishes, zone: ZoneInfo) -> Directory:
    """Return the services and groups that the items speak of.

    A service or group that is known already and that no file describes in full is left as it is.
    """
    sightings = [sighting for item in items for sighting in _sightings(item)]
    groups = _groups(sightings)
    described = {seen.component.id for seen in sightings if seen.is_full}
    newest = _newest(sightings, groups)
    kept = {code: seen for code, seen in newest.items() if not _is_skipped(seen.component, known, wishes)}
    twins = _twins(kept, known)
    names = _names({code: seen for code, seen in kept.items() if code not in twins}, groups, known)
    yours = {
        code: known.service_by_name[name.casefold()]
        for code, name in names.items()
        if _is_yours(kept[code], name, known)
    }
    service_ids = assigned({c: n for c, n in names.items() if c not in yours}, known.services, known.taken_services)
    used = {seen.component.group_id for seen in kept.values()}
    group_ids = assigned({c: g.name for c, g in groups.items() if c in used}, known.groups, known.taken_groups)
    service_by_code = service_ids | yours
    service_by_code |= {code: service_by_code[twin] for code, twin in twins.items()}
    return Directory(
        groups={id_: _group(groups[c]) for c, id_ in group_ids.items() if c in described or c not in known.groups},
        services={
            id_: _service(names[code], kept[code].component, group_ids.get(kept[code].component.group_id or ""), zone)
            for code, id_ in service_ids.items()
            if kept[code].is_full or code not in known.services
        },
        service_by_code={code: service_by_code[code] for code in kept},
        problems=tuple(_remarks(newest, service_by_code, set(yours) | set(twins), wishes)),
    )


def _sightings(item: Item) -> Iterator[_Sighting]:
    value = item.value
    if isinstance(value, Component):
        yield _full(item, value)
    if not isinstance(value, Incident):
        return
    for component in value.components or ():
        yield _full(item, component)
    for update in value.incident_updates:
        for row in update.affected_components or ():
            at = update.display_at or update.created_at or _EPOCH
            component = Component(id=row.code, name=_one_line(row.name) or row.code)
            yield _Sighting(source=item.source, at=at, is_full=False, component=component)


def _full(item: Item, component: Component) -> _Sighting:
    at = item.seen_at or component.updated_at or _EPOCH
    named = msgspec.structs.replace(component, name=_one_line(component.name) or component.id)
    return _Sighting(source=item.source, at=at, is_full=True, component=named)


def _one_line(name: str) -> str:
    return " ".join(printable(name).split())


def _groups(sightings: Sequence[_Sighting]) -> dict[str, Component]:
    """Return groups by id: those described, and those that only show in names such as `Group - Child`."""
    full = {s.component.id: s.component for s in sorted(sightings, key=_age) if s.is_full}
    told: dict[str, Component] = {}
    for sighting in sightings:
        child = full.get(sighting.component.id)
        name, found, _ = sighting.component.name.rpartition(f" - {child.name}" if child else "\0")
        if child and child.group_id and found and name:
            told[child.group_id] = Component(id=child.group_id, name=name, group=True)
    return told | {code: component for code, component in sorted(full.items()) if component.group}


def _newest(sightings: Sequence[_Sighting], groups: Mapping[str, Component]) -> dict[str, _Sighting]:
    """Return the newest sighting of each component that is no group, in the order of the page."""
    newest = {s.component.id: s for s in sorted(sightings, key=_age) if s.component.id not in groups}
    placed = {code: seen if seen.is_full else _in_group(seen, groups) for code, seen in newest.items()}
    return dict(sorted(placed.items(), key=lambda entry: (entry[1].component.position or _LAST, entry[0])))


def _age(sighting: _Sighting) -> tuple[bool, dt.datetime]:
    return sighting.is_full, sighting.at


def _in_group(sighting: _Sighting, groups: Mapping[str, Component]) -> _Sighting:
    component = sighting.component
    for code, group in groups.items():
        name = component.name.removeprefix(f"{group.name} - ")
        if name and name != component.name:
            return msgspec.structs.replace(sighting, component=Component(id=component.id, name=name, group_id=code))
    return sighting


def _is_skipped(component: Component, known: Known, wishes: Wishes) -> bool:
    if _words(component) & wishes.skipped:
        return True
    return component.id not in known.services and bool(_HINT.match(component.name))


def _words(component: Component) -> set[str]:
    return {component.id.casefold(), component.name.casefold()}


def _twins(kept: Mapping[str, _Sighting], known: Known) -> dict[str, str]:
    """Return components that only old updates name, by the one of today that has their name: it was made anew."""
    today: dict[tuple[str | None, str], list[str]] = {}
    for code, seen in kept.items():
        if seen.is_full:
            today.setdefault(_place(seen), []).append(code)
    return {
        code: today[_place(seen)][0]
        for code, seen in kept.items()
        if not seen.is_full and code not in known.services and len(today.get(_place(seen), ())) == 1
    }


def _place(seen: _Sighting) -> tuple[str | None, str]:
    return seen.component.group_id, seen.component.name.casefold()


def _is_yours(seen: _Sighting, name: str, known: Known) -> bool:
    service = known.service_by_name.get(name.casefold())
    if service is None or seen.component.id in known.services:
        return False
    return not seen.is_full or service not in known.services.values()


def _names(kept: Mapping[str, _Sighting], groups: Mapping[str, Component], known: Known) -> dict[str, str]:
    """Return a name for each component that no other has: no two services share one here."""
    names = {code: seen.component.name for code, seen in kept.items()}
    others = {service for code, service in known.services.items() if code not in kept}
    taken = {name for name, service in known.service_by_name.items() if service in others}
    for attempt in (_with_group, _with_code):
        counts = Counter(name.casefold() for name in names.values())
        names = {
            code: attempt(name, kept[code].component, groups)
            if counts[name.casefold()] > 1 or (kept[code].is_full and name.casefold() in taken)
            else name
            for code, name in names.items()
        }
    return names


def _with_group(name: str, component: Component, groups: Mapping[str, Component]) -> str:
    group = groups.get(component.group_id or "")
    return f"{group.name} - {name}" if group else name


def _with_code(name: str, component: Component, groups: Mapping[str, Component]) -> str:  # noqa: ARG001 - as above
    return f"{name} ({component.id})"


def _group(component: Component) -> Group:
    return Group(
        name=component.name,
        description=_one_line(component.description or ""),
        order=component.position or 0,
        external_id=component.id,
    )


def _service(name: str, component: Component, group: str | None, zone: ZoneInfo) -> Service:
    return Service(
        name=name,
        description=_one_line(component.description or ""),
        group=group,
        order=component.position or _LAST,
        since=_midnight(component.start_date or "", zone),
        external_id=component.id,
    )


def _midnight(day: str, zone: ZoneInfo) -> dt.datetime | None:
    try:
        return dt.datetime.combine(dt.date.fromisoformat(day[:10]), dt.time(), zone)
    except ValueError:
        return None


def _remarks(
    newest: Mapping[str, _Sighting], service_by_code: Mapping[str, str], adopted: Collection[str], wishes: Wishes
) -> Iterator[Problem]:
    for code, seen in newest.items():
        name = seen.component.name
        if code in adopted:
            what = f"component {name!r} ({code}) is taken for the service `{service_by_code[code]}`, which has its name"
        elif code in service_by_code and not seen.is_full:
            what = f"component {name!r} ({code}) is only named in old updates; hide its service if it is gone"
        elif code not in service_by_code and not _words(seen.component) & wishes.skipped:
            what = f"component {name!r} ({code}) reads like a hint, not a service, and is left out"
        else:
            continue
        yield Problem(path=seen.source, message=what, severity="warning")
    found = (_words(seen.component) for seen in newest.values())
    for wish in sorted(wishes.skipped.difference(*found)):
        yield Problem(path="--skip-component", message=f"there is no component {wish!r}", severity="warning")
