"""The events that have been heard of by `now`: which begun, which are open, what they hold and touch.

Events that closed before all bars and day lists begin are settled: of them only what the archive, the services' lists
and their pasts need is kept (settled.py), so that years of history cost next to nothing.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping

import msgspec

from stashgen.derive.settled import Settled
from stashgen.derive.steps import Stage
from stashgen.derive.ticks import instant
from stashgen.derive.tracks import Row, Track, row, standing
from stashgen.model import Kind


class Heard(msgspec.Struct, frozen=True, gc=False):
    """One event that is not settled, as it stands at `now`."""

    id: str
    kind: Kind
    stage: Stage
    row: Row
    track: Track


def heard(tracks: Mapping[str, Track], now: int) -> list[Heard]:
    """Return the events whose first update has been said, the first to start first."""
    result = [
        Heard(event, track.kind, standing(track, now).stage, row(event, track, now), track)
        for event, track in tracks.items()
        if track.known_at <= now
    ]
    result.sort(key=_row)
    return result


def changes(of: Iterable[Heard], from_at: int, now: int) -> dict[str, dt.datetime]:
    """Return the events about which something has changed since `from_at`, and when last; the newest change first."""
    found = ((event.track.instants[bisect_right(event.track.instants, now) - 1], event.id) for event in of)
    return {event: instant(at) for at, event in sorted(found, reverse=True) if at >= from_at}


def touching_by_service(
    settled: Settled, begun: Iterable[Heard], services: Iterable[str], now: int
) -> dict[str, tuple[str, ...]]:
    """Return the begun events that have touched each service by now, the newest first."""
    places, rows = settled.places_by_service, settled.rows
    touching = {service: [rows[place] for place in places.get(service, ())] for service in services}
    for event in begun:
        for touch in event.track.touches:
            if touch.at <= now and touch.service in touching:
                touching[touch.service].append(event.row)
    return {service: _newest_first(of_service) for service, of_service in touching.items()}


def _newest_first(rows: list[Row]) -> tuple[str, ...]:
    rows.sort(reverse=True)
    return tuple([event for _, event, _ in rows])


def _row(of: Heard) -> Row:
    return of.row
