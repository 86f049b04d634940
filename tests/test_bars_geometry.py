"""Bars: what a day's mark says, and where it stands."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from stashgen import bars
from stashgen.derive.board import Bar, DayCell

TODAY = dt.date(2026, 11, 23)


def bar(cells: tuple[DayCell, ...] = (), data_day: dt.date | None = TODAY - dt.timedelta(days=89)) -> Bar:
    return Bar(first_day=TODAY - dt.timedelta(days=89), today=TODAY, days=90, data_day=data_day, cells=cells)


def cell(ago: int, share: float, status: str = "down") -> DayCell:
    day = TODAY - dt.timedelta(days=ago)
    return DayCell(day=day, status=status, seconds_by_status={status: round(share * 86400)}, share=share, events=("a",))


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_longer_outage_is_never_lower(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert bars.LOWEST_MARK <= bars.mark_height(low) <= bars.mark_height(high) <= bars.HEIGHT


def test_two_minutes_are_seen_and_do_not_look_like_a_day() -> None:
    assert bars.mark_height(2 / 1440) < bars.HEIGHT / 2 < bars.mark_height(0.5) < bars.HEIGHT
    assert bars.mark_height(1) == bars.HEIGHT


def test_marks_of_one_status_are_one_path() -> None:
    drawn = bars.drawing(bar((cell(89, 1), cell(10, 0.25), cell(0, 1, "warning"))))
    assert drawn.marks == {"down": "M3 32v-32M635 32v-21", "warning": "M715 32v-32"}


def test_before_the_first_day_there_is_nothing() -> None:
    drawn = bars.drawing(bar(data_day=TODAY - dt.timedelta(days=9)))
    assert (drawn.track, drawn.base) == ("M640 16H712", "M640 30H718")
    empty = bars.drawing(bar(data_day=None))
    assert (empty.track, empty.base, empty.today, empty.marks) == ("", "", "", {})


def test_today_is_an_outline_and_not_part_of_the_track() -> None:
    drawn = bars.drawing(bar())
    assert drawn.track == "M0 16H712"
    assert drawn.today.startswith("M712.5 ")
    only_today = bars.drawing(bar(data_day=TODAY))
    assert (only_today.track, only_today.base) == ("", "M712 30H718")
