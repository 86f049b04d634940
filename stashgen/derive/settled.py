"""Tracks of settled events -> the little that later boards need of them.

An event is settled when it closed, and nothing was said of it, since an instant that lies before every bar and day
list. It then only stands in the archive, in the lists of the services it touched, and in their pasts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

import msgspec

from stashgen.derive.ticks import FOREVER
from stashgen.derive.tracks import Row, Spans, Track, open_times, row
from stashgen.memo import digest
from stashgen.model import Kind

_WRAP = 1 << 128


class Settled(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What settled events leave behind; instants are ticks."""

    before_at: int  # they closed before
    digest_by_event: dict[str, bytes]  # of their files
    rows: list[Row]  # ascending
    spans_by_event: dict[str, Spans]  # when it was open, for an event that was more often than once from its start
    places_by_service: dict[str, list[int]]  # the events that touch it, as places in `rows`, ascending
    imprint_by_service: dict[str, bytes]  # of the events that touch it
    kind_by_event: dict[str, Kind]  # of those that are no incidents
    first_event: str  # that was heard of first, and when; empty without any
    known_at: int


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
    known_at, first_event = min(((track.known_at, event) for event, track in members.items()), default=(FOREVER, ""))
    return Settled(
        before_at=before_at,
        digest_by_event={event: digest_by_event[event] for event in members},
        rows=rows,
        spans_by_event=spans_by_event(members, before_at),
        places_by_service=places,
        imprint_by_service=imprints(members, digest_by_event),
        kind_by_event={event: track.kind for event, track in members.items() if track.kind != "incident"},
        first_event=first_event,
        known_at=known_at,
    )


def spans_by_event(tracks: Mapping[str, Track], now: int) -> dict[str, Spans]:
    """Return when events were open that may have been so more than once, or not from their start."""
    return {
        event: list(open_times(track, now))
        for event, track in tracks.items()
        if len(track.turns) > 2 or track.turns[0].stage == "closed"
    }


def without(settled: Settled, events: frozenset[str]) -> Settled:
    """Return what is left when some of the events are taken out; the first of all may not be among them."""
    if not events:
        return settled
    gone = [place for place, (_, event, _) in enumerate(settled.rows) if event in events]
    numbers = {place: _number(settled.rows[place][1], settled.digest_by_event) for place in gone}
    places: dict[str, list[int]] = {}
    imprint_by_service: dict[str, bytes] = {}
    for service, of_service in settled.places_by_service.items():
        places[service] = [place - bisect_left(gone, place) for place in of_service if place not in numbers]
        taken = sum(numbers[place] for place in of_service if place in numbers)
        total = int.from_bytes(settled.imprint_by_service[service], "little")
        imprint_by_service[service] = _imprint(total - taken)
    return Settled(
        before_at=settled.before_at,
        digest_by_event={event: one for event, one in settled.digest_by_event.items() if event not in events},
        rows=[row for row in settled.rows if row[1] not in events],
        spans_by_event={event: spans for event, spans in settled.spans_by_event.items() if event not in events},
        places_by_service=places,
        imprint_by_service=imprint_by_service,
        kind_by_event={event: kind for event, kind in settled.kind_by_event.items() if event not in events},
        first_event=settled.first_event,
        known_at=settled.known_at,
    )


def imprints(tracks: Mapping[str, Track], digest_by_event: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return 16 bytes for each service that tell which files of which events touch it, in whatever order."""
    sums: dict[str, int] = {}
    for event, track in tracks.items():
        if track.touches:
            has_digest = digest_by_event.get(event)
            number = _number(event, digest_by_event if has_digest else {event: msgspec.msgpack.encode(track)})
            for touch in track.touches:
                sums[touch.service] = sums.get(touch.service, 0) + number
    return {service: _imprint(total) for service, total in sums.items()}


def total_imprint(imprint_maps: Iterable[Mapping[str, bytes]], service: str) -> bytes:
    """Return the imprint of a service over several sets of events."""
    return _imprint(sum(int.from_bytes(one.get(service, b""), "little") for one in imprint_maps))


def _number(event: str, digest_by_event: Mapping[str, bytes]) -> int:
    return int.from_bytes(digest(event.encode(), digest_by_event[event]), "little")


def _imprint(total: int) -> bytes:
    return (total % _WRAP).to_bytes(16, "little")
