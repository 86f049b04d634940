"""What all events hold one service at -> its stretches: a sweep over the sorted instants where holds begin or end.

At any instant the highest level wins; between equal levels the event that began last, then the greater id.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

import msgspec

from stashgen.derive.board import Stretch
from stashgen.derive.rules import Rules
from stashgen.derive.ticks import FOREVER, instant, instant_or_none
from stashgen.derive.tracks import Hold, Track


class Claim(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A hold and whose it is."""

    event: str
    is_maintenance: bool
    hold: Hold


class _Piece(NamedTuple):
    """What is shown from one instant on."""

    status: str
    event: str
    downtime: float


def claims_by_service(tracks: Mapping[str, Track]) -> dict[str, list[Claim]]:
    """Return what holds each service, over all time."""
    claims: dict[str, list[Claim]] = {}
    for event, track in tracks.items():
        for hold in track.holds:
            claims.setdefault(hold.service, []).append(Claim(event, track.kind == "maintenance", hold))
    return claims


def stretches(claims: Iterable[Claim], rules: Rules) -> list[Stretch]:
    """Return when a service was in other than the default status, over all time, oldest first."""
    result: list[Stretch] = []
    shown: _Piece | None = None
    since = 0
    for at, piece in _sweep([claim for claim in claims if claim.hold.status in rules.rank_by_status], rules):
        if piece == shown:
            continue
        if shown is not None:
            result.append(_stretch(since, at, shown))
        shown, since = piece, at
    if shown is not None:
        result.append(_stretch(since, FOREVER, shown))
    return result


def _stretch(start_at: int, end_at: int, piece: _Piece) -> Stretch:
    return Stretch(
        start_at=instant(start_at),
        end_at=instant_or_none(end_at),
        status=piece.status,
        event=piece.event,
        downtime=piece.downtime,
    )


def _sweep(claims: Sequence[Claim], rules: Rules) -> Iterator[tuple[int, _Piece | None]]:
    rank = rules.rank_by_status
    ranked = sorted(claims, key=lambda claim: (rank[claim.hold.status], claim.hold.begun_at, claim.event))
    waiting = sorted((claim.hold.start_at, -place) for place, claim in enumerate(ranked))
    bounds = {claim.hold.start_at for claim in claims} | {claim.hold.end_at for claim in claims}
    incidents = _Crowd([claim.hold for claim in claims if not claim.is_maintenance])
    holding: list[int] = []  # a heap of places in `ranked`, negative so that the highest comes first
    joined = 0
    for at in sorted(bounds - {FOREVER}):
        while joined < len(waiting) and waiting[joined][0] <= at:
            heappush(holding, waiting[joined][1])
            joined += 1
        while holding and ranked[-holding[0]].hold.end_at <= at:
            heappop(holding)
        yield at, _piece(ranked[-holding[0]], at, incidents, rules) if holding else None


class _Crowd:
    """Tells whether any of some holds is on at an instant."""

    def __init__(self, holds: Sequence[Hold]) -> None:
        self._starts = sorted(hold.start_at for hold in holds)
        self._ends = sorted(hold.end_at for hold in holds)

    def is_there(self, at: int) -> bool:
        return bisect_right(self._starts, at) > bisect_right(self._ends, at)


def _piece(winner: Claim, at: int, incidents: _Crowd, rules: Rules) -> _Piece:
    status = winner.hold.status
    downtime = rules.statuses[status].downtime
    if winner.is_maintenance and downtime and not incidents.is_there(at):
        # Time that maintenance alone holds counts as up, whatever its status.
        downtime = 0.0
    return _Piece(status, winner.event, downtime)
