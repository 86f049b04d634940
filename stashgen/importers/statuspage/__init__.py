"""Reads Statuspage JSON: incidents and maintenances to events, components to services and groups."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from stashgen.errors import Problem
from stashgen.importers.source import Imported, Known, Source, Wishes
from stashgen.importers.statuspage.directory import Directory, directory
from stashgen.importers.statuspage.events import Mapped, mapped
from stashgen.importers.statuspage.ids import assigned, slug
from stashgen.importers.statuspage.wire import Incident, Item, Page, items
from stashgen.model import Settings

_DEFAULT_ZONE: Final = "UTC"
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def read(sources: Iterable[Source], known: Known, wishes: Wishes) -> Imported:
    """Return the records that these files make; see docs/importing.md for what becomes what."""
    found = [item for source in sources for item in items(source)]
    things = [item for item in found if isinstance(item, Item)]
    problems = [item for item in found if isinstance(item, Problem)]
    settings, doubts = _settings(things)
    zone = ZoneInfo(known.timezone or settings.timezone)
    services = directory(things, known, wishes, zone)
    events = _events(things, services, wishes)
    names = {code: _name(code, event, zone) for code, event in events.items()}
    ids = assigned(names, known.events, known.taken_events)
    return Imported(
        settings=settings,
        groups=services.groups,
        services=services.services,
        events={ids[code]: event.event for code, event in events.items()},
        problems=(*problems, *doubts, *services.problems, *(p for event in events.values() for p in event.problems)),
        remarks=tuple(_remarks(list(events.values()))),
    )


def _settings(things: Sequence[Item]) -> tuple[Settings, list[Problem]]:
    pages = [(item.source, item.value) for item in things if isinstance(item.value, Page)]
    if not pages:
        return Settings(title="Status", timezone=_DEFAULT_ZONE), []
    source, page = max(pages, key=lambda entry: entry[1].updated_at or _EPOCH)
    name = " ".join((page.name or "").split())
    zone = _zone(page.time_zone)
    doubts = [] if zone else [f"`{page.time_zone}` is no time zone by IANA's names: the site gets {_DEFAULT_ZONE}"]
    settings = Settings(
        title=name if "status" in name.casefold() else f"{name} Status".strip(),
        url=page.url.rstrip("/") if page.url and _is_web_address(page.url) else None,
        timezone=zone or _DEFAULT_ZONE,
        external_id=page.id or None,
    )
    return settings, [Problem(path=source, field="page.time_zone", message=d, severity="warning") for d in doubts]


def _zone(name: str | None) -> str | None:
    try:
        return ZoneInfo(name or _DEFAULT_ZONE).key
    except (ValueError, OSError):  # unknown names raise a KeyError of their own or an OSError, by their shape
        return None
    except KeyError:
        return None


def _is_web_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in url)


def _events(things: Sequence[Item], services: Directory, wishes: Wishes) -> dict[str, Mapped]:
    """Return events by the incident's id, oldest first, each from the newest of its copies."""
    newest: dict[str, tuple[dt.datetime, str, Incident]] = {}
    for item in things:
        if isinstance(item.value, Incident):
            at = item.value.updated_at or _EPOCH
            if item.value.id not in newest or at > newest[item.value.id][0]:
                newest[item.value.id] = (at, item.source, item.value)
    made = {
        code: mapped(source, incident, services.service_by_code, has_split_timelines=wishes.has_split_timelines)
        for code, (_, source, incident) in newest.items()
    }
    return dict(sorted(made.items(), key=lambda entry: (entry[1].at, entry[0])))


def _name(code: str, event: Mapped, zone: ZoneInfo) -> str:
    return f"{event.at.astimezone(zone):%Y-%m-%d} {slug(event.event.title, code)}"


def _remarks(events: Sequence[Mapped]) -> list[str]:
    counts: Mapping[str, int] = {
        "take a service's status from the incident's impact, as no update tells it": sum(e.is_guessed for e in events),
        "hold their timeline as a list inside a single update (--split-timelines makes updates of it)": sum(
            e.is_folded for e in events
        ),
    }
    return [f"{count:,} incidents {what}" for what, count in counts.items() if count]
