"""The two costly steps of a derivation, remembered: event -> track, and a service's tracks -> its past.

Each is kept under a key that names the step and what all its entries share, and carries the digest of what it was
made of; an entry whose digest is another, or that cannot be read, is made anew. With nothing changed no event is
read at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from stashgen.derive.board import Stretch, Uptime
from stashgen.derive.rules import Rules
from stashgen.derive.timeline import Claim, stretches
from stashgen.derive.tracks import Track, track
from stashgen.derive.uptime import months
from stashgen.memo import Memo, digest
from stashgen.model import Site

# Raise it whenever a rule or the shape of what is kept changes.
EDITION: Final = b"1"
_TRACKS: Final = "derive.tracks"
_PASTS: Final = "derive.pasts"

T = TypeVar("T")
MonthStart = tuple[str, dt.datetime]


class Past(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What does not depend on `now`: a service's stretches over all time, and its complete months with data."""

    made_of: bytes
    stretches: tuple[Stretch, ...]
    months: tuple[Uptime, ...]


class _KeptTrack(msgspec.Struct, frozen=True, array_like=True, gc=False):
    digest: bytes
    track: Track


_TRACKS_DECODER: Final = msgspec.msgpack.Decoder(dict[str, _KeptTrack])
_PAST_DECODER: Final = msgspec.msgpack.Decoder(Past)


def tracks(site: Site, default_status: str, memo: Memo) -> dict[str, Track]:
    """Return the track of every event, reading only the events whose file is new or another."""
    key = digest(EDITION, default_status.encode())
    kept = _read(_TRACKS_DECODER, memo.recall(_TRACKS, key)) or {}
    entries: dict[str, _KeptTrack] = {}
    has_news = len(kept) != len(site.events)
    for event in site.events:
        entry, of_file = kept.get(event), site.digest_by_event.get(event, b"")
        if entry is None or entry.digest != of_file or not of_file:
            entry = _KeptTrack(of_file, track(site.events[event], default_status))
            has_news = True
        entries[event] = entry
    if has_news:
        memo.keep(_TRACKS, [(key, msgspec.msgpack.encode(entries))])
    return {event: entry.track for event, entry in entries.items()}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a service's past is made of."""

    claims: Sequence[Claim]
    digests: Iterable[bytes]  # of the events that hold it
    since_at: dt.datetime | None
    month_starts: Sequence[MonthStart]  # of the months with data, the last of which is the current one


def pasts(source_by_service: Mapping[str, Source], rules: Rules, memo: Memo) -> dict[str, Past]:
    """Return the past of every service, making only those that changed."""
    result: dict[str, Past] = {}
    news: list[tuple[bytes, bytes]] = []
    for service, source in source_by_service.items():
        key, made_of = digest(EDITION, service.encode()), _made_of(source, rules)
        past = _read(_PAST_DECODER, memo.recall(_PASTS, key))
        if past is None or past.made_of != made_of:
            past = _past(source, made_of, rules)
            news.append((key, msgspec.msgpack.encode(past)))
        result[service] = past
    if news:
        memo.keep(_PASTS, news)
    return result


def _read(decoder: msgspec.msgpack.Decoder[T], kept: bytes | None) -> T | None:
    if kept is None:
        return None
    try:
        return decoder.decode(kept)
    except msgspec.DecodeError:
        return None


def _made_of(source: Source, rules: Rules) -> bytes:
    facts = msgspec.msgpack.encode((source.since_at, source.month_starts, [claim.event for claim in source.claims]))
    return digest(rules.digest, facts, b"".join(source.digests))


def _past(source: Source, made_of: bytes, rules: Rules) -> Past:
    of_all_time = tuple(stretches(source.claims, rules))
    since_at = source.since_at
    complete = tuple(months(of_all_time, source.month_starts, since_at)) if since_at else ()
    return Past(made_of=made_of, stretches=of_all_time, months=complete)
