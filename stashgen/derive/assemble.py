"""Put the board together from its parts."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

import msgspec

from stashgen.derive import archive
from stashgen.derive.board import Board, EventView, Phase, ServiceView
from stashgen.derive.calendar import next_midnight
from stashgen.derive.days import reach
from stashgen.derive.events import MadeOnAccess, event_view
from stashgen.derive.heard import Heard, claims_by_service, heard, touching_by_service
from stashgen.derive.overall import overall
from stashgen.derive.recall import Source, pasts, tracks
from stashgen.derive.rules import Rules, rules
from stashgen.derive.services import Facts, group_views, months_of, service_view
from stashgen.derive.ticks import FOREVER, instant, instant_or_none, ticks
from stashgen.derive.tracks import Track, next_instant
from stashgen.memo import Memo
from stashgen.model import Kind, Site


class _Scene(msgspec.Struct, frozen=True, kw_only=True):
    """All that the parts of one board have in common."""

    site: Site
    now: dt.datetime
    zone: ZoneInfo
    rules: Rules
    tracks: Mapping[str, Track]
    heard: Sequence[Heard]  # the last to start first


def derive(site: Site, now: dt.datetime, memo: Memo | None = None) -> Board:
    """Return everything that can be said about a site at `now`; the memo only saves time."""
    memo = memo or Memo()
    site_rules = rules(site)
    of_events = tracks(site, site_rules.default_status, memo)
    scene = _Scene(
        site=site,
        now=now.astimezone(dt.UTC),
        zone=ZoneInfo(site.settings.timezone),
        rules=site_rules,
        tracks=of_events,
        heard=heard(of_events, ticks(now)),
    )
    return _board(scene, memo)


def _board(scene: _Scene, memo: Memo) -> Board:
    events = _event_views(scene)
    services = _service_views(scene, memo)
    begun = [event for event in scene.heard if event.stage != "upcoming"]
    upcoming = [event.id for event in scene.heard if event.stage == "upcoming"]
    incidents = _open(begun, "incident")
    return Board(
        now=scene.now,
        settings=scene.site.settings,
        statuses=scene.rules.statuses,
        default_status=scene.rules.default_status,
        overall=overall(services, len(incidents), scene.now, scene.rules),
        groups=group_views(services, scene.site, scene.rules),
        services=services,
        events=events,
        phases=_phases(scene),
        notices=_notices(begun),
        incidents=incidents,
        maintenances=_open(begun, "maintenance")[::-1],
        upcoming=tuple(reversed(upcoming)),
        recent=archive.days(begun, scene.now, scene.site.settings.recent_days, scene.zone),
        months=archive.months(begun, scene.now, scene.zone),
        since_at=min((view.since_at for view in services.values() if view.since_at), default=None),
        next_change_at=_next_change(scene),
    )


def _service_views(scene: _Scene, memo: Memo) -> dict[str, ServiceView]:
    claims = claims_by_service(scene.heard, scene.rules)
    touching = touching_by_service(scene.heard, scene.rules, ticks(scene.now))
    since = _since_by_service(scene)
    months_by_since = {since_at: months_of(since_at, scene.now, scene.zone) for since_at in since.values()}
    digests = scene.site.digest_by_event
    sources = {
        service: Source(
            claims=of_service,
            digests=[digests.get(claim.event, b"") for claim in of_service],
            since_at=since[service],
            month_starts=months_by_since[since[service]],
        )
        for service, of_service in claims.items()
    }
    over = reach(scene.now, scene.site.settings.history_days, scene.zone)
    views: dict[str, ServiceView] = {}
    for service, past in pasts(sources, scene.rules, memo).items():
        facts = Facts(source=sources[service], past=past, events=tuple(touching[service]))
        views[service] = service_view(service, scene.site.services[service], facts, over, scene.rules)
    return views


def _since_by_service(scene: _Scene) -> dict[str, dt.datetime | None]:
    """Return the first instant with data of each visible service; None when it has none yet."""
    first_word_at = instant_or_none(min((track.known_at for track in scene.tracks.values()), default=FOREVER))
    since: dict[str, dt.datetime | None] = {}
    for service in scene.rules.order_by_service:
        since_at = scene.site.services[service].since or scene.site.settings.since or first_word_at
        since[service] = since_at.astimezone(dt.UTC) if since_at and since_at <= scene.now else None
    return since


def _event_views(scene: _Scene) -> Mapping[str, EventView]:
    def view(event: str) -> EventView:
        return event_view(event, scene.site.events[event], scene.now, scene.rules)

    return MadeOnAccess([event.id for event in scene.heard], view)


def _phases(scene: _Scene) -> Mapping[str, Phase]:
    now = ticks(scene.now)
    order = scene.rules.order_by_service

    def phase(event: str) -> Phase:
        track = scene.tracks[event]
        touched = {touch.service for touch in track.touches if touch.at <= now} & order.keys()
        passed = bisect_right(track.instants, now)
        return Phase(
            services=tuple(sorted(touched, key=order.__getitem__)),
            stands=scene.rules.digest + passed.to_bytes(4, "little"),
        )

    return MadeOnAccess([event.id for event in scene.heard], phase)


def _open(begun: Iterable[Heard], kind: Kind) -> tuple[str, ...]:
    return tuple(event.id for event in begun if event.kind == kind and event.stage == "open")


def _notices(begun: Iterable[Heard]) -> tuple[str, ...]:
    running = [event for event in begun if event.kind == "notice" and event.stage == "open"]
    return tuple(event.id for event in sorted(running, key=lambda event: not event.track.is_pinned))


def _next_change(scene: _Scene) -> dt.datetime:
    now = ticks(scene.now)
    settings = scene.site.settings
    firsts = [settings.since, *(scene.site.services[service].since for service in scene.rules.order_by_service)]
    return min(
        next_midnight(scene.now, scene.zone),
        *(since_at for since_at in firsts if since_at and since_at > scene.now),
        instant(min((next_instant(track, now) for track in scene.tracks.values()), default=FOREVER)),
    )
