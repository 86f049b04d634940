"""Services at `now` -> the one sentence's facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge

from stashgen.derive.board import Overall, ServiceView, Stretch
from stashgen.derive.rules import Rules
from stashgen.model import Level


def overall(services: Mapping[str, ServiceView], open_incidents: int, now: dt.datetime, rules: Rules) -> Overall:
    """Return the worst status over the visible services and since when that level has held."""
    status = rules.worst(view.status for view in services.values())
    level = rules.level(status)
    is_normal = level == Level.NORMAL
    return Overall(
        status=rules.default_status if is_normal else status,
        level=level,
        services=() if is_normal else tuple(key for key, view in services.items() if view.status == status),
        since_at=_level_since(services.values(), level.rank, now, rules),
        open_incidents=open_incidents,
    )


def _level_since(views: Iterable[ServiceView], rank: int, now: dt.datetime, rules: Rules) -> dt.datetime | None:
    """Walk back from now over the stretches of all services, the last to end first, until the level was another."""
    since_at = now if rank else None
    newest_first = merge(*(_backwards(view, now) for view in views), key=lambda entry: entry[0], reverse=True)
    for end_at, stretch in newest_first:
        stretch_rank = rules.rank_by_status[stretch.status]
        if since_at is not None and end_at < since_at:
            break
        if stretch_rank > rank:
            return end_at
        if stretch_rank == rank and since_at is not None:
            since_at = min(since_at, stretch.start_at)
    return since_at


def _backwards(view: ServiceView, now: dt.datetime) -> Iterator[tuple[dt.datetime, Stretch]]:
    for stretch in reversed(view.stretches):
        yield stretch.end_at or now, stretch
