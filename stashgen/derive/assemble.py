"""Put the board together from its parts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from stashgen.derive import archive
from stashgen.derive.board import Board, Day, EventView, Month, ServiceView
from stashgen.derive.calendar import day_start, next_midnight
from stashgen.derive.days import Reach, reach
from stashgen.derive.events import MadeOnAccess, event_view
from stashgen.derive.heard import Heard, changes, heard, touching_by_service
from stashgen.derive.ledger import Ledger, ledger
from stashgen.derive.overall import overall
from stashgen.derive.pasts import Source, pasts
from stashgen.derive.phases import phases
from stashgen.derive.rules import Rules, rules
from stashgen.derive.services import Facts, group_views, months_of, service_view
from stashgen.derive.settled import imprints, spans_by_event, total_imprint
from stashgen.derive.ticks import FOREVER, NEVER, instant, instant_or_none, ticks
from stashgen.derive.timeline import Claim, claims_by_service
from stashgen.derive.tracks import next_instant
from stashgen.memo import Memo
from stashgen.model import Kind, Site

_KEPT_VIEWS: Final = 2048  # five kilobytes each


class _Scene(msgspec.Struct, frozen=True, kw_only=True):
    """All that the parts of one board have in common."""

    site: Site
    now: dt.datetime
    zone: ZoneInfo
    rules: Rules
    over: Reach  # days of the bars
    dates: Sequence[dt.date]  # days of the day list
    ledger: Ledger
    heard: Sequence[Heard]  # that are not settled, the first to start first


def derive(site: Site, now: dt.datetime, memo: Memo | None = None) -> Board:
    """Return everything that can be said about a site at `now`; the memo only saves time."""
    scene = _scene(site, now.astimezone(dt.UTC), memo)
    begun = [event for event in scene.heard if event.stage != "upcoming"]
    upcoming = tuple(event.id for event in scene.heard if event.stage == "upcoming")
    services = _service_views(scene, begun, memo)
    incidents = _open(begun, "incident")[::-1]
    recent, months = _archive(scene, begun)
    views = _event_views(scene)
    changed = changes(scene.heard, ticks(scene.over.bounds[0]), ticks(scene.now))
    return Board(
        now=scene.now,
        settings=site.settings,
        statuses=scene.rules.statuses,
        default_status=scene.rules.default_status,
        overall=overall(services, len(incidents), scene.now, scene.rules),
        groups=group_views(services, site, scene.rules),
        services=services,
        events=views,
        phases=phases(scene.ledger.settled, scene.heard, scene.rules, ticks(scene.now)),
        notices=_notices(begun),
        incidents=incidents,
        maintenances=_open(begun, "maintenance"),
        upcoming=upcoming,
        recent=recent,
        months=months,
        since_at=min((view.since_at for view in services.values() if view.since_at), default=None),
        changed_at_by_event=changed,
        updated_at=_updated_at(scene, changed),
        next_change_at=_next_change(scene),
    )


def _scene(site: Site, now: dt.datetime, memo: Memo | None) -> _Scene:
    zone = ZoneInfo(site.settings.timezone)
    over = reach(now, site.settings.history_days, zone)
    dates = archive.last_days(now, site.settings.recent_days, zone)
    reach_at = min(over.bounds[0], day_start(dates[0], zone))
    site_rules = rules(site)
    of_site = ledger(site, site_rules.default_status, ticks(reach_at), memo)
    return _Scene(
        site=site,
        now=now,
        zone=zone,
        rules=site_rules,
        over=over,
        dates=dates,
        ledger=of_site,
        heard=heard(of_site.fresh, ticks(now)),
    )


def _service_views(scene: _Scene, begun: Sequence[Heard], memo: Memo | None) -> dict[str, ServiceView]:
    now = ticks(scene.now)
    sources = _sources(scene)

    recent_claims = claims_by_service({event.id: event.track for event in scene.heard})

    def read_claims(services: Sequence[str]) -> Mapping[str, Sequence[Claim]]:
        old = scene.ledger.read_settled_claims(services)
        return {service: [*old.get(service, ()), *recent_claims.get(service, ())] for service in services}

    past_by_service = pasts(sources, read_claims, scene.rules, memo)
    touching = touching_by_service(scene.ledger.settled, begun, sources, now)
    views: dict[str, ServiceView] = {}
    for service, source in sources.items():
        facts = Facts(
            source=source,
            past=past_by_service[service],
            recent_claims=recent_claims.get(service, ()),
            events=touching[service],
        )
        views[service] = service_view(service, scene.site.services[service], facts, scene.over, scene.rules)
    return views


def _sources(scene: _Scene) -> dict[str, Source]:
    since = _since_by_service(scene)
    months_by_since = {since_at: months_of(since_at, scene.now, scene.zone) for since_at in set(since.values())}
    fresh = imprints({event.id: event.track for event in scene.heard}, scene.site.digest_by_event)
    both = (scene.ledger.settled.imprint_by_service, fresh)
    return {
        service: Source(imprint=total_imprint(both, service), since_at=since_at, month_starts=months_by_since[since_at])
        for service, since_at in since.items()
    }


def _since_by_service(scene: _Scene) -> dict[str, dt.datetime | None]:
    """Return the first instant with data of each visible service; None when it has none yet."""
    known = (track.known_at for track in scene.ledger.fresh.values())
    first_word_at = instant_or_none(min((scene.ledger.settled.known_at, *known)))
    since: dict[str, dt.datetime | None] = {}
    for service in scene.rules.order_by_service:
        since_at = scene.site.services[service].since or scene.site.settings.since or first_word_at
        since[service] = since_at.astimezone(dt.UTC) if since_at and since_at <= scene.now else None
    return since


def _archive(scene: _Scene, begun: Sequence[Heard]) -> tuple[tuple[Day, ...], tuple[Month, ...]]:
    settled = scene.ledger.settled
    spans = spans_by_event({event.id: event.track for event in begun}, ticks(scene.now))
    of_days = [event.row for event in begun if event.kind != "notice"]
    of_months = sorted([*settled.rows, *(event.row for event in begun)])
    return (
        archive.days(of_days, spans, scene.dates, scene.zone),
        archive.months(of_months, {**settled.spans_by_event, **spans}, scene.now, scene.zone),
    )


def _event_views(scene: _Scene) -> Mapping[str, EventView]:
    rows = sorted([*scene.ledger.settled.rows, *(event.row for event in scene.heard)], reverse=True)

    def view(event: str) -> EventView:
        return event_view(event, scene.site.events[event], scene.now, scene.rules)

    return MadeOnAccess([event for _, event, _ in rows], view, _KEPT_VIEWS)


def _updated_at(scene: _Scene, changed: Mapping[str, dt.datetime]) -> dt.datetime | None:
    if not changed:
        # Nothing has while the bars reach back: the last change may be one of an event that began long before others.
        older = (last_at for _, last_at in scene.ledger.settled.reach_by_event.values())
        of_open = changes(scene.heard, NEVER, ticks(scene.now))
        return max([*of_open.values(), *map(instant, older)], default=None)
    return next(iter(changed.values()))


def _open(begun: Iterable[Heard], kind: Kind) -> tuple[str, ...]:
    return tuple(event.id for event in begun if event.kind == kind and event.stage == "open")


def _notices(begun: Sequence[Heard]) -> tuple[str, ...]:
    running = [event for event in reversed(begun) if event.kind == "notice" and event.stage == "open"]
    return tuple(event.id for event in sorted(running, key=lambda event: not event.track.is_pinned))


def _next_change(scene: _Scene) -> dt.datetime:
    now = ticks(scene.now)
    settings = scene.site.settings
    firsts = [settings.since, *(scene.site.services[service].since for service in scene.rules.order_by_service)]
    return min([
        next_midnight(scene.now, scene.zone),
        *(since_at for since_at in firsts if since_at and since_at > scene.now),
        *(instant(at) for track in scene.ledger.fresh.values() if (at := next_instant(track, now)) != FOREVER),
    ])  # fmt: skip
