"""The geometry of bars: a service's days become a few SVG paths. Days on which nothing happened cost no bytes.

A day is a column eight units wide, the mark in it six; strokes of that width draw track and marks, so that a whole
bar is one element for its days, one for its baseline and one for each status that occurred. Days run from left to
right; a style sheet turns the drawing round for languages that run the other way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import msgspec

from stashgen.derive.board import Bar, DayCell

PITCH: Final = 8
MARK: Final = 6
HEIGHT: Final = 32
LOWEST_MARK: Final = 9
_BASELINE: Final = 4


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """One bar as paths: `track` and `base` are dashed strokes, `today` an outline, `marks` strokes by status."""

    width: int
    track: str
    base: str
    today: str
    marks: Mapping[str, str]


def drawing(bar: Bar) -> Drawing:
    """Return the paths of a bar; a bar without data has empty ones."""
    width = bar.days * PITCH
    if bar.data_day is None:
        return Drawing(width=width, track="", base="", today="", marks={})
    first = max(0, (bar.data_day - bar.first_day).days) * PITCH
    last = width - PITCH
    is_quiet_today = not bar.cells or bar.cells[-1].day != bar.today
    return Drawing(
        width=width,
        track=f"M{first} {HEIGHT // 2}H{last}" if first < last else "",
        base=f"M{first} {HEIGHT - _BASELINE // 2}H{last + (MARK if is_quiet_today else 0)}" if first <= last else "",
        today=f"M{last}.5 .5h{MARK - 1}v{HEIGHT - 1}h-{MARK - 1}z",
        marks=_marks(bar),
    )


def offset(bar: Bar, cell: DayCell) -> int:
    """Return the place of a day in its bar, 0 for the oldest."""
    return (cell.day - bar.first_day).days


def mark_height(share: float) -> int:
    """Return the height of a mark: two minutes can be seen, and do not look like a day.

    The root of the share spreads the minutes and hours in which most outages end.
    """
    return LOWEST_MARK + round((HEIGHT - LOWEST_MARK) * math.sqrt(min(max(share, 0.0), 1.0)))


def _marks(bar: Bar) -> dict[str, str]:
    paths: dict[str, list[str]] = {}
    for cell in bar.cells:
        x = offset(bar, cell) * PITCH + MARK // 2
        paths.setdefault(cell.status, []).append(f"M{x} {HEIGHT}v-{mark_height(cell.share)}")
    return {status: "".join(parts) for status, parts in sorted(paths.items())}
