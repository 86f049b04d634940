"""Dates, times, numbers and plurals in English, without a library: most sites need no other, and start faster."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Calendar:
    """How English writes dates, times and numbers: day first, 24 hours, `99.99 %`."""

    def date(self, day: dt.date, style: str) -> str:
        """Return a day in one of the styles of the translator."""
        month = _MONTHS[day.month - 1]
        weekday = _WEEKDAYS[day.weekday()]
        match style:
            case "short":
                return f"{day.day} {month[:3]}"
            case "medium":
                return f"{day.day} {month[:3]} {day.year}"
            case "weekday":
                return f"{weekday}, {day.day} {month}"
            case "full":
                return f"{weekday}, {day.day} {month} {day.year}"
            case _:
                return f"{day.day} {month} {day.year}"

    def time(self, local: dt.datetime) -> str:
        """Return the clock time, such as `11:02`."""
        return f"{local:%H:%M}"

    def zone(self, local: dt.datetime) -> str:
        """Return the zone's abbreviation, or its offset where it has none."""
        return abbreviation(local)

    def instant(self, date: str, time: str) -> str:
        """Join a date and a time."""
        return f"{date}, {time}"

    def month(self, year: int, month: int) -> str:
        """Return a month with its year."""
        return f"{_MONTHS[month - 1]} {year}"

    def number(self, number: int) -> str:
        """Return a whole number with groups of three."""
        return f"{number:,}"

    def percent(self, percent: Decimal) -> str:
        """Return a percentage with the decimals it has."""
        return f"{percent} %"

    def plural(self, count: int) -> str:
        """Return the plural form of a whole number."""
        return "one" if count == 1 else "other"


def abbreviation(local: dt.datetime) -> str:
    """Return the abbreviation of a local time's zone, or `UTC+5:30` for zones that have only an offset."""
    name = local.tzname() or ""
    if name.isalpha():
        return name
    minutes = round((local.utcoffset() or dt.timedelta()).total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    hours, minutes = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}:{minutes:02}" if minutes else f"UTC{sign}{hours}"
