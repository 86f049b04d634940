"""Where each event stands at `now`, told without reading it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Final

from stashgen.derive.board import Phase
from stashgen.derive.events import MadeOnAccess
from stashgen.derive.heard import Heard
from stashgen.derive.rules import Rules
from stashgen.derive.settled import Settled
from stashgen.derive.ticks import instant

_ALL_PASSED: Final = b"\xff\xff\xff\xff"


def phases(settled: Settled, heard: Sequence[Heard], rules: Rules, now: int) -> Mapping[str, Phase]:
    """Return the phase of every event that has been heard of, the last to start first."""
    fresh = {event.id: event for event in heard}
    touched: dict[str, list[str]] = {}
    rows = sorted([*settled.rows, *(event.row for event in heard)], reverse=True)
    start_by_event = {event: start for start, event, _ in rows}

    def phase(event: str) -> Phase:
        if event in fresh:
            return _fresh_phase(fresh[event], rules, now)
        if not touched:
            touched.update(_touched(settled, rules))
        first_at, last_at = settled.reach_by_event[event]
        return Phase(
            kind=settled.kind_by_event.get(event, "incident"),
            started_at=instant(start_by_event[event]),
            first_at=instant(first_at),
            last_at=instant(last_at),
            services=tuple(touched.get(event, ())),
            stands=rules.digest + _ALL_PASSED,
        )

    return MadeOnAccess([*start_by_event], phase, len(start_by_event))


def _fresh_phase(of: Heard, rules: Rules, now: int) -> Phase:
    order = rules.order_by_service
    services = {touch.service for touch in of.track.touches if touch.at <= now} & order.keys()
    instants, count = of.track.instants, bisect_right(of.track.instants, now)
    has_all_passed = of.stage == "closed" and count == len(instants)
    passed = _ALL_PASSED if has_all_passed else count.to_bytes(4, "little")
    return Phase(
        kind=of.kind,
        started_at=instant(of.row[0]),
        first_at=instant(instants[0]),
        last_at=instant(instants[count - 1]),
        services=tuple(sorted(services, key=order.__getitem__)),
        stands=rules.digest + passed,
    )


def _touched(settled: Settled, rules: Rules) -> dict[str, list[str]]:
    """Return the services that each settled event touches, in page order."""
    touched: dict[str, list[str]] = {"": []}  # never empty, so that it is made once
    for service in rules.order_by_service:
        for place in settled.places_by_service.get(service, ()):
            touched.setdefault(settled.rows[place][1], []).append(service)
    return touched
