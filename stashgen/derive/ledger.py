"""Events -> tracks, reading only those that are new or changed; the settled ones are kept in short.

With nothing changed no event is read at all, and of old ones not even their tracks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from stashgen.derive.recall import keep, key_of, recall
from stashgen.derive.settled import Settled, settle, without
from stashgen.derive.ticks import DAY
from stashgen.derive.timeline import Claim, claims_by_service
from stashgen.derive.tracks import Track, track
from stashgen.memo import Memo
from stashgen.model import Site

_SETTLED: Final = "derive.settled"
_CLAIMS: Final = "derive.claims"
_OLD_TRACKS: Final = "derive.tracks.settled"
_FRESH_TRACKS: Final = "derive.tracks.fresh"
# Events are settled some time after they have left all bars, and then many at once.
_LEAST_DAYS: Final = 10
_MOST_DAYS: Final = 60
_MOST_CHANGED: Final = 50

Claims = Mapping[str, Sequence[Claim]]  # by service


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """The events of a site: the settled ones in short, the others in full."""

    settled: Settled
    fresh: Mapping[str, Track]
    read_settled_claims: Callable[[Sequence[str]], Claims]  # of some services, over all time


class _KeptTrack(msgspec.Struct, frozen=True, array_like=True, gc=False):
    digest: bytes
    track: Track


class _KeptClaims(msgspec.Struct, frozen=True, array_like=True, gc=False):
    imprint: bytes
    claims: list[Claim]


_Entries = dict[str, _KeptTrack]
_SETTLED_DECODER: Final = msgspec.msgpack.Decoder(Settled)
_ENTRIES_DECODER: Final = msgspec.msgpack.Decoder(_Entries)
_CLAIMS_DECODER: Final = msgspec.msgpack.Decoder(_KeptClaims)


def ledger(site: Site, default_status: str, reach_at: int, memo: Memo | None) -> Ledger:
    """Return the events of a site; those that closed before `reach_at`, in ticks, may be settled."""
    key = key_of(default_status)
    settled = recall(memo, _SETTLED, key, _SETTLED_DECODER)
    changed = _changed(settled, site) if settled else frozenset()
    if settled is None or not _is_usable(settled, changed, reach_at):
        return _settle_anew(site, default_status, reach_at, memo)
    kept = recall(memo, _FRESH_TRACKS, key, _ENTRIES_DECODER) or {}
    left = without(settled, changed)
    entries = _entries(
        site, [event for event in site.events if event not in left.digest_by_event], kept, default_status
    )
    if entries != kept:
        keep(memo, _FRESH_TRACKS, {key: entries})

    def read_claims(services: Sequence[str]) -> Claims:
        claims = _recall_claims(services, settled, default_status, memo)
        if claims is None:
            return claims_by_service(_bare(_entries(site, left.digest_by_event, {}, default_status)))
        return {name: [one for one in of_name if one.event not in changed] for name, of_name in claims.items()}

    return Ledger(settled=left, fresh=_bare(entries), read_settled_claims=read_claims)


def _changed(settled: Settled, site: Site) -> frozenset[str]:
    digests = site.digest_by_event
    return frozenset(event for event, of_file in settled.digest_by_event.items() if digests.get(event) != of_file)


def _is_usable(settled: Settled, changed: frozenset[str], reach_at: int) -> bool:
    is_in_reach = reach_at - _MOST_DAYS * DAY <= settled.before_at <= reach_at
    return is_in_reach and len(changed) <= _MOST_CHANGED and settled.first_event not in changed


def _settle_anew(site: Site, default_status: str, reach_at: int, memo: Memo | None) -> Ledger:
    key = key_of(default_status)
    kept: _Entries = {}
    for step in (_OLD_TRACKS, _FRESH_TRACKS):
        of_step = recall(memo, step, key, _ENTRIES_DECODER)
        kept.update(of_step or {})
    entries = _entries(site, site.events, kept, default_status)
    settled = settle(_bare(entries), site.digest_by_event, reach_at - _LEAST_DAYS * DAY)
    old = {event: entries[event] for event in settled.digest_by_event}
    fresh = {event: entry for event, entry in entries.items() if event not in old}
    claims = claims_by_service(_bare(old))
    kept_claims = {
        key_of(f"{default_status}/{service}"): _KeptClaims(imprint, claims.get(service, []))
        for service, imprint in settled.imprint_by_service.items()
    }
    keep(memo, _CLAIMS, kept_claims)
    keep(memo, _OLD_TRACKS, {key: old})
    keep(memo, _FRESH_TRACKS, {key: fresh})
    keep(memo, _SETTLED, {key: settled})
    return Ledger(settled=settled, fresh=_bare(fresh), read_settled_claims=lambda _: claims)


def _entries(site: Site, events: Iterable[str], kept: _Entries, default_status: str) -> _Entries:
    entries: _Entries = {}
    for event in events:
        entry, of_file = kept.get(event), site.digest_by_event.get(event, b"")
        if entry is None or entry.digest != of_file or not of_file:
            entry = _KeptTrack(of_file, track(site.events[event], default_status))
        entries[event] = entry
    return entries


def _bare(entries: _Entries) -> dict[str, Track]:
    return {event: entry.track for event, entry in entries.items()}


def _recall_claims(services: Sequence[str], settled: Settled, default_status: str, memo: Memo | None) -> Claims | None:
    claims: dict[str, Sequence[Claim]] = {}
    for service in services:
        if service in settled.imprint_by_service:
            kept = recall(memo, _CLAIMS, key_of(f"{default_status}/{service}"), _CLAIMS_DECODER)
            if kept is None or kept.imprint != settled.imprint_by_service[service]:
                return None
            claims[service] = kept.claims
    return claims
