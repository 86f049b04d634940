"""Stashboard's view: a row per service, how it is now and how its past days were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec
from markupsafe import Markup

from stashgen import urls
from stashgen.derive.board import ServiceView
from stashgen.derive.calendar import DAY
from stashgen.model import Level
from stashgen.outputs.pages.images import image_paths
from stashgen.outputs.pages.marks import Mark
from stashgen.outputs.pages.press import Press


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A status with the path of its picture."""

    mark: Mark
    image: str


class GridCell(msgspec.Struct, frozen=True, kw_only=True):
    """A past day of a service: its worst status, None where there is no data, and where more is said of it."""

    shown: Shown | None
    href: str


class GridRow(msgspec.Struct, frozen=True, kw_only=True):
    """A service: its status now, and its past days, yesterday first."""

    id: str
    name: str
    href: str
    shown: Shown
    cells: tuple[GridCell, ...]


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """The days of the columns, yesterday first, a row per service in the order of the page, and every status."""

    days: tuple[Markup, ...]
    rows: tuple[GridRow, ...]
    legend: tuple[Shown, ...]


def grid(press: Press, days: int) -> Grid:
    """Return the grid of the dashboard over the past days, no more than a bar has."""
    board = press.context.board
    today = press.day(board.now)
    past = [today - DAY * ago for ago in range(1, min(days, board.settings.history_days - 1) + 1)]
    images, marks = image_paths(press.context), press.marks("")
    shown = {status: Shown(mark=mark, image=images[status]) for status, mark in marks.items()}
    return Grid(
        days=tuple(press.wording.date(day, "short") for day in past),
        rows=tuple(_row(press, service, past, shown) for service in board.services.values()),
        legend=tuple(sorted(shown.values(), key=lambda one: (Level[one.mark.level.upper()].rank, one.mark.id))),
    )


def _row(press: Press, service: ServiceView, past: list[dt.date], shown: Mapping[str, Shown]) -> GridRow:
    return GridRow(
        id=service.id,
        name=service.record.name,
        href=urls.service_page(service.id),
        shown=shown[service.status],
        cells=tuple(_cell(press, service, day, shown) for day in past),
    )


def _cell(press: Press, service: ServiceView, day: dt.date, shown: Mapping[str, Shown]) -> GridCell:
    bar = service.bar
    month = urls.service_month_page(service.id, day.year, day.month)
    held = next((cell for cell in reversed(bar.cells) if cell.day == day), None)
    if held is not None:
        return GridCell(shown=shown[held.status], href=f"{month}#{urls.day_anchor(day)}")
    # A quiet day is not on the month's page, and a quiet month has none.
    is_month_told = any((cell.day.year, cell.day.month) == (day.year, day.month) for cell in bar.cells)
    has_data = bar.data_day is not None and bar.data_day <= day
    return GridCell(
        shown=shown[press.context.board.default_status] if has_data else None,
        href=month if is_month_told else urls.service_page(service.id),
    )
