"""Times as people write them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stashgen import instants, zones

UTC: Final = dt.UTC


def berlin() -> dt.tzinfo:
    """Return a zone with summer time."""
    zone = zones.find("Europe/Berlin")
    assert zone is not None
    return zone


@pytest.mark.parametrize(("text", "iso"), [
    ("2026-11-23T10:02:00Z", "2026-11-23T10:02:00+00:00"),
    ("2026-11-23 11:02 +01:00", "2026-11-23T10:02:00+00:00"),
    ("2026-11-23t10:02z", "2026-11-23T10:02:00+00:00"),
    ("2026-11-23 10:02 UTC", "2026-11-23T10:02:00+00:00"),
    ("2026-11-23T10:02:03.4567Z", "2026-11-23T10:02:03.456000+00:00"),
    ("2026-11-23T10:02:03.123456789Z", "2026-11-23T10:02:03.123000+00:00"),
    ("2026-11-23T05:02-0500", "2026-11-23T10:02:00+00:00"),
    ("2026-11-23T15:32+05:30", "2026-11-23T10:02:00+00:00"),
    ("2026-11-23T11:02+01", "2026-11-23T10:02:00+00:00"),
    ("2026-11-23 11:02", "2026-11-23T10:02:00+00:00"),
    ("2026-07-23 12:02", "2026-07-23T10:02:00+00:00"),
    ("1970-01-01T00:00Z", "1970-01-01T00:00:00+00:00"),
    ("2199-12-31T23:59:59.999Z", "2199-12-31T23:59:59.999000+00:00"),
])  # fmt: skip
def test_every_form_gives_an_instant(text: str, iso: str) -> None:
    assert instants.read(text, berlin()) == (dt.datetime.fromisoformat(iso), "")


@pytest.mark.parametrize("text", [
    "", "now", "10:02", "2026-11-23", "2026-11-23T", "20261123T100200Z", "2026-W48-1T10:02:00Z", "2026-1-2T10:02Z",
    "2026-02-29T10:02Z", "2026-11-31 10:02", "2026-11-23T24:00Z", "2026-11-23T10:60Z", "2026-11-23T10:02:60Z",
    "1969-12-31T23:59Z", "1970-01-01T00:30+01:00", "2200-01-01T00:00Z", "2199-12-31T23:59-01:00", "0001-01-01T00:00Z",
    "9999-12-31T23:59-10:00", "2026-11-23T10:02+24:00", "2026-11-23T10:02Z ", "\u0662\u0660\u0662\u0666-11-23T10:02Z",
    "2026-11-23T10:02\n", "2026-11-23T10:02 CET",
])  # fmt: skip
def test_everything_else_is_told_what_is_wrong(text: str) -> None:
    at, remark = instants.read(text, UTC)
    assert at is None
    assert remark.startswith("is ")


def test_a_day_is_its_midnight_where_it_is_allowed() -> None:
    assert instants.read("2026-07-01", berlin(), is_day=True).at == dt.datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert instants.read("2026-07-01T12:00Z", berlin(), is_day=True).at == dt.datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert instants.read("2026-02-30", berlin(), is_day=True) == (None, "is no day of the calendar")
    assert instants.read("2026-07-01", berlin()).at is None


def test_a_midnight_that_does_not_exist_is_the_first_moment_of_its_day() -> None:
    beirut = zones.find("Asia/Beirut")
    assert beirut is not None
    assert instants.read("2024-03-31", beirut, is_day=True) == (dt.datetime(2024, 3, 30, 22, tzinfo=UTC), "")


def test_summer_time_is_read_one_way_and_said() -> None:
    twice, none = instants.read("2026-10-25 02:30", berlin()), instants.read("2026-03-29 02:30", berlin())
    assert twice.at == dt.datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "happens twice in Europe/Berlin" in twice.remark
    assert "read as 2026-10-25 02:30 +02:00" in twice.remark
    assert none.at == dt.datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert "does not exist in Europe/Berlin" in none.remark
    assert "read as 2026-03-29 03:30 +02:00" in none.remark


@given(st.integers(86_400_000, 7_258_000_000_000), st.integers(-14 * 60, 14 * 60))
def test_an_offset_is_taken_at_its_word(milliseconds: int, minutes: int) -> None:
    epoch = dt.datetime(1970, 1, 1, tzinfo=UTC)
    at = (epoch + dt.timedelta(milliseconds=milliseconds)).astimezone(dt.timezone(dt.timedelta(minutes=minutes)))
    assert instants.read(at.isoformat(timespec="milliseconds"), berlin()) == (at, "")


@given(st.from_regex(instants.INSTANT_PATTERN, fullmatch=True))
def test_the_pattern_for_editors_lets_nothing_through_but_wrong_numbers(text: str) -> None:
    found = instants.read(text, UTC)
    assert found.at is not None or re.search("calendar|years", found.remark)
