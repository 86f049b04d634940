"""What each badge says: label, message and colour, from the board and in the words of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec

from stashgen import palette
from stashgen.derive.board import ServiceView, Uptime
from stashgen.derive.uptime import mean_ratio
from stashgen.documents.badge import Badge
from stashgen.figures import floored_percent
from stashgen.model import Level
from stashgen.outputs.badges.drawing import INK
from stashgen.outputs.context import Context

WINDOW_BY_NAME: Final[Mapping[str, str]] = {
    "uptime-24h": "24h",
    "uptime-7d": "7d",
    "uptime-30d": "30d",
    "uptime-90d": "90d",
    "uptime-1y": "365d",
}
# Stricter than Upptime's, which calls 96 % bright green: the least percentage of each colour.
_LEVELS: Final = ((99.9, Level.NORMAL), (99.0, Level.WARNING), (95.0, Level.ERROR), (0.0, Level.CRITICAL))
_GREY: Final = "#6c737b"


class Wording(msgspec.Struct, frozen=True, dict=True):
    """Says badges for one board."""

    context: Context

    @cached_property
    def _colors(self) -> dict[str, str]:
        return {}

    def of_site(self) -> Iterator[tuple[str, Badge]]:
        """Yield the badges of the whole page by name."""
        services = self.context.board.services.values()
        yield "status", self._site_status()
        for name, window in WINDOW_BY_NAME.items():
            yield name, self._uptime(window, mean_ratio([_window(service, window) for service in services]))

    def of_service(self, service: ServiceView) -> Iterator[tuple[str, Badge]]:
        """Yield the badges of one service by name."""
        yield "status", self._status(service.record.name, service.status)
        for name, window in WINDOW_BY_NAME.items():
            yield name, self._uptime(window, _window(service, window).ratio)

    def _site_status(self) -> Badge:
        board, translator = self.context.board, self.context.translator
        if not board.services:
            return Badge(label=board.settings.title, message=translator.text("badge.none"), color=_GREY)
        badge = self._status(board.settings.title, board.overall.status)
        count = board.overall.open_incidents
        # As in the page's sentence: "Operational" beside an open incident would contradict it.
        if not count or board.overall.level.rank > Level.MAINTENANCE.rank:
            return badge
        message = translator.text("overall.with_incidents", sentence=badge.message, count=count)
        return msgspec.structs.replace(badge, message=message)

    def _status(self, label: str, status_id: str) -> Badge:
        status = self.context.board.statuses[status_id]
        name = self.context.translator.status_name(status_id, status)
        return Badge(label=label, message=name, color=self._color(status.color or self._level_color(status.level)))

    def _uptime(self, window: str, ratio: float | None) -> Badge:
        translator = self.context.translator
        label = translator.text(f"badge.uptime.{window}")
        if ratio is None:
            return Badge(label=label, message=translator.text("badge.none"), color=_GREY)
        percent = floored_percent(ratio)
        level = next(level for least, level in _LEVELS if percent >= least)
        return Badge(label=label, message=translator.percent(ratio), color=self._color(self._level_color(level)))

    def _level_color(self, level: Level) -> str:
        return self.context.theme.palettes.light[level.value.lower()]

    def _color(self, color: str) -> str:
        if color not in self._colors:
            self._colors[color] = palette.adjusted(color, INK, palette.TEXT_CONTRAST)
        return self._colors[color]


def _window(service: ServiceView, name: str) -> Uptime:
    windows: Sequence[Uptime] = service.windows
    return next(window for window in windows if window.name == name)
