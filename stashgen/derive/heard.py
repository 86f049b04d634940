"""The events that have been heard of by `now`: what each holds, touches and counts as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from stashgen.derive.rules import Rules
from stashgen.derive.steps import Stage
from stashgen.derive.timeline import Claim
from stashgen.derive.tracks import Track, standing
from stashgen.model import Kind


class Heard(msgspec.Struct, frozen=True, gc=False):
    """One event as it stands at `now`."""

    id: str
    kind: Kind
    stage: Stage
    start_at: int  # ticks; when it began, or while it is upcoming is planned to
    track: Track


def heard(tracks: Mapping[str, Track], now: int) -> list[Heard]:
    """Return the events whose first update has been said; the last to start first."""
    result = []
    for event, track in tracks.items():
        if track.known_at <= now:
            turn = standing(track, now)
            result.append(Heard(event, track.kind, turn.stage, turn.start_at, track))
    result.sort(key=_start_and_id, reverse=True)
    return result


def _start_and_id(of: Heard) -> tuple[int, str]:
    return of.start_at, of.id


def claims_by_service(events: Sequence[Heard], rules: Rules) -> dict[str, list[Claim]]:
    """Return what holds each visible service, over all time."""
    claims: dict[str, list[Claim]] = {service: [] for service in rules.order_by_service}
    for event in events:
        is_maintenance = event.kind == "maintenance"
        for hold in event.track.holds:
            if hold.service in claims and hold.status in rules.rank_by_status:
                claims[hold.service].append(Claim(event.id, is_maintenance, hold))
    return claims


def touching_by_service(events: Sequence[Heard], rules: Rules, now: int) -> dict[str, list[str]]:
    """Return the events that have begun and have touched each visible service by now, the newest first."""
    touching: dict[str, list[str]] = {service: [] for service in rules.order_by_service}
    for event in events:
        if event.stage != "upcoming":
            for touch in event.track.touches:
                if touch.at <= now and touch.service in touching:
                    touching[touch.service].append(event.id)
    return touching
