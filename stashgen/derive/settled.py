"""Tracks of settled events -> the little that later boards need of them.

An event is settled when it closed, and nothing was said of it, since an instant that lies before every bar and day
list. It then only stands in the archive, in the lists of the services it touched, and in their pasts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from stashgen.derive.ticks import FOREVER
from stashgen.derive.tracks import Row, Spans, Track, open_times, row
from stashgen.memo import digest

_WRAP = 1 << 128


class Settled(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What settled events leave behind; instants are ticks."""

    before_at: int  # they closed before
    digest_by_event: dict[str, bytes]  # of their files
    rows: list[Row]  # ascending
    spans_by_event: dict[str, Spans]  # when it was open, for an event that was more often than once from its start
    places_by_service: dict[str, list[int]]  # the events that touch it, as places in `rows`, ascending
    imprint_by_service: dict[str, bytes]  # of the events that hold it
    known_at: int  # the first word of all


def settle(tracks: Mapping[str, Track], digest_by_event: Mapping[str, bytes], before_at: int) -> Settled:
    """Return what the events leave behind that are settled before an instant."""
    members = {
        event: track
        for event, track in tracks.items()
        if track.turns[-1].stage == "closed" and track.instants[-1] < before_at and digest_by_event.get(event)
    }
    rows = sorted(row(event, track, before_at) for event, track in members.items())
    places: dict[str, list[int]] = {}
    for place, (_, event, _) in enumerate(rows):
        for touch in members[event].touches:
            places.setdefault(touch.service, []).append(place)
    return Settled(
        before_at=before_at,
        digest_by_event={event: digest_by_event[event] for event in members},
        rows=rows,
        spans_by_event=spans_by_event(members, before_at),
        places_by_service=places,
        imprint_by_service=imprints(members, digest_by_event),
        known_at=min((track.known_at for track in members.values()), default=FOREVER),
    )


def spans_by_event(tracks: Mapping[str, Track], now: int) -> dict[str, Spans]:
    """Return when events were open that may have been so more than once, or not from their start."""
    return {
        event: list(open_times(track, now))
        for event, track in tracks.items()
        if len(track.turns) > 2 or track.turns[0].stage == "closed"
    }


def imprints(tracks: Mapping[str, Track], digest_by_event: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return 16 bytes for each service that tell which files of which events hold it, in whatever order."""
    sums: dict[str, int] = {}
    for event, track in tracks.items():
        if track.holds:
            of_file = digest_by_event.get(event) or msgspec.msgpack.encode(track)
            number = int.from_bytes(digest(event.encode(), of_file), "little")
            for service in {hold.service for hold in track.holds}:
                sums[service] = sums.get(service, 0) + number
    return {service: (total % _WRAP).to_bytes(16, "little") for service, total in sums.items()}


def total_imprint(imprint_maps: Iterable[Mapping[str, bytes]], service: str) -> bytes:
    """Return the imprint of a service over several sets of events."""
    total = sum(int.from_bytes(imprint_by_service.get(service, b""), "little") for imprint_by_service in imprint_maps)
    return (total % _WRAP).to_bytes(16, "little")
