"""api/<service>/uptime-day.json and so on: the ten badge files that Upptime publishes for each site it watches.

A README that shows them through shields.io changes only the host's name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import msgspec

from stashgen import urls
from stashgen.derive.board import ServiceView
from stashgen.derive.uptime import whole_ratio
from stashgen.documents import compact
from stashgen.documents.badge import (
    LABEL_BY_RESPONSE_TIME,
    LABEL_BY_UPTIME,
    ResponseTimeBadge,
    UptimeBadge,
    UptimeColor,
    UptimeLabel,
)
from stashgen.figures import floored_percent
from stashgen.memo import digest, edition
from stashgen.outputs.context import Context, Output

_WINDOW_BY_NAME: Final[Mapping[str, str]] = {
    "uptime-day": "24h",
    "uptime-week": "7d",
    "uptime-month": "30d",
    "uptime-year": "365d",
}
_ABOVE: Final[tuple[tuple[int, UptimeColor], ...]] = (
    (95, "brightgreen"),
    (90, "green"),
    (85, "yellowgreen"),
    (80, "yellow"),
    (75, "orange"),
)


def render(context: Context) -> Iterator[Output]:
    """Yield ten files for every service."""
    for service in context.board.services.values():
        ratios = _ratios(service)
        for name, label in LABEL_BY_UPTIME.items():
            yield _output(urls.upptime_badge(service.id, name), _badge(label, ratios[name]))
        for name, response_label in LABEL_BY_RESPONSE_TIME.items():
            yield _output(urls.upptime_badge(service.id, name), ResponseTimeBadge(label=response_label))


def _ratios(service: ServiceView) -> Mapping[str, float | None]:
    ratio_by_window = {window.name: window.ratio for window in service.windows}
    ratios = {name: ratio_by_window[window] for name, window in _WINDOW_BY_NAME.items()}
    return {**ratios, "uptime": whole_ratio(service.months)}


def _badge(label: UptimeLabel, ratio: float | None) -> UptimeBadge:
    if ratio is None:
        return UptimeBadge(label=label, message="no data", color="lightgrey")
    percent = floored_percent(ratio)
    color: UptimeColor = next((color for above, color in _ABOVE if percent > above), "red")
    return UptimeBadge(label=label, message=f"{percent:.2f}%", color=color)


def _output(path: str, badge: msgspec.Struct) -> Output:
    return Output(path, digest(edition(), msgspec.msgpack.encode(badge)), partial(compact, badge))
