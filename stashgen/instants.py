"""A time as people write it in YAML -> an aware UTC datetime, with a remark where it can be read in two ways.

Forms: `2026-11-23T10:02:00Z`, `2026-11-23 11:02 +01:00`, seconds and their fraction optional, the zone optional
(then it is the site's), and a day alone where the field allows it. Fractions are kept to milliseconds.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, NamedTuple

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
# The same forms for JSON Schema: a pattern over the written text (ECMA-262).
DAY_PATTERN: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
INSTANT_PATTERN: Final = DAY_PATTERN + (
    r"[Tt ] *[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)? *(Z|z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)?"
)
EXAMPLE: Final = "2026-11-23T10:02:00Z"

YEARS: Final = f"is outside the years {FIRST_YEAR} to {LAST_YEAR}"
_DAY: Final = re.compile(f"({DAY_PATTERN})")
_INSTANT: Final = re.compile(
    rf"({DAY_PATTERN})[Tt ] *([0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]{{1,9}})?)?)"
    r" *(?:(Z|z|UTC)|([+-])([0-9]{2}):?([0-9]{2})?)?"
)


class Reading(NamedTuple):
    """What a text was read as: with `at` None the remark says what is wrong, else it is a warning or empty."""

    at: dt.datetime | None
    remark: str = ""


def read(text: str, zone: dt.tzinfo, *, is_day: bool = False) -> Reading:
    """Return the instant that a text means; a text without a zone is in `zone`, a day alone is its midnight there."""
    match = _INSTANT.fullmatch(text)
    if match is None:
        return _day(text, zone) if is_day else Reading(None, _complaint(text))
    day, clock, is_utc, sign, hours, minutes = match.groups()
    offset = "+00:00" if is_utc else f"{sign}{hours}:{minutes or '00'}" if sign else ""
    try:
        at = dt.datetime.fromisoformat(f"{day}T{clock}{offset}")
    except ValueError:
        return Reading(None, "is no day and time of the calendar")
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        return Reading(None, YEARS)
    if at.microsecond:
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    if is_utc:
        return Reading(at)
    return _in_years(at.astimezone(dt.UTC)) if offset else _local(at, zone)


def _in_years(at: dt.datetime, remark: str = "") -> Reading:
    return Reading(at, remark) if FIRST_YEAR <= at.year <= LAST_YEAR else Reading(None, YEARS)


def _local(wall: dt.datetime, zone: dt.tzinfo) -> Reading:
    first = wall.replace(tzinfo=zone)
    offset, later = first.utcoffset(), first.replace(fold=1).utcoffset()
    at = first.astimezone(dt.UTC)
    if offset == later or offset is None or later is None:
        return _in_years(at)
    if offset > later:
        remark = f"happens twice in {zone}, where clocks go back that night"
    else:
        remark = f"does not exist in {zone}, where clocks go forward then"
    taken = at.astimezone(zone).isoformat(" ", "minutes").replace("+", " +")
    return _in_years(at, f"{remark}; read as {taken}: write the zone to say which you mean")


def _day(text: str, zone: dt.tzinfo) -> Reading:
    if _DAY.fullmatch(text) is None:
        return Reading(None, f"is not a day or a time: write it like {EXAMPLE[:10]} or {EXAMPLE}")
    try:
        midnight = dt.datetime.fromisoformat(text)
    except ValueError:
        return Reading(None, "is no day of the calendar")
    if not FIRST_YEAR <= midnight.year <= LAST_YEAR:
        return Reading(None, YEARS)
    return _in_years(midnight.replace(tzinfo=zone).astimezone(dt.UTC))


def _complaint(text: str) -> str:
    if _DAY.fullmatch(text):
        return f"is a day without a time: write it like {text}T10:02:00Z"
    return f"is not a time: write it like {EXAMPLE} or 2026-11-23 11:02 +01:00"
