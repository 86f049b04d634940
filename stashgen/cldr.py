"""Dates, times, numbers and plurals of every language but English, from Unicode's CLDR by way of Babel.

Imported only when a site is in such a language: Babel costs more start-up than a whole unchanged build.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name, match_skeleton
from babel.numbers import format_decimal, format_percent

from stashgen.english import abbreviation

# Code point of the digit zero, for numbering systems that languages use by default (CLDR, numberingSystems.xml).
_ZERO_BY_SYSTEM: Final = {"arab": 0x660, "arabext": 0x6F0, "deva": 0x966, "beng": 0x9E6, "mymr": 0x1040, "tibt": 0xF20}


def calendar(tag: str) -> Calendar | None:
    """Return how a language writes dates and numbers; None for one that CLDR does not know."""
    parts = tag.split("-")
    for length in range(len(parts), 0, -1):
        try:
            return Calendar(Locale.parse("-".join(parts[:length]), sep="-"))
        except (ValueError, UnknownLocaleError):
            continue
    return None


class Calendar:
    """How one language writes dates, times and numbers, in the digits CLDR calls its default."""

    def __init__(self, locale: Locale) -> None:
        self._locale = locale
        zero = _ZERO_BY_SYSTEM.get(locale.default_numbering_system)
        self._digits = {ord("0") + digit: zero + digit for digit in range(10)} if zero else {}

    def date(self, day: dt.date, style: str) -> str:
        """Return a day in one of the styles of the translator."""
        match style:
            case "short":
                text = format_skeleton("MMMd", day, locale=self._locale)
            case "medium":
                text = format_skeleton("yMMMd", day, locale=self._locale)
            case "weekday":
                text = format_date(day, self._weekday_pattern(), locale=self._locale)
            case "full":
                text = format_date(day, "full", locale=self._locale)
            case _:
                text = format_date(day, "long", locale=self._locale)
        return text.translate(self._digits)

    def time(self, local: dt.datetime) -> str:
        """Return the clock time, in 12 or 24 hours as the language has it."""
        return format_time(local, "short", tzinfo=local.tzinfo, locale=self._locale).translate(self._digits)

    def zone(self, local: dt.datetime) -> str:
        """Return the language's short name of the zone, the zone's own abbreviation, or its offset."""
        name = get_timezone_name(local, "short", locale=self._locale)
        return abbreviation(local) if name.startswith(("+", "-")) else name

    def instant(self, date: str, time: str) -> str:
        """Join a date and a time."""
        pattern = str(self._locale.datetime_formats["medium"])
        return pattern.replace("'", "").replace("{1}", date).replace("{0}", time)

    def month(self, year: int, month: int) -> str:
        """Return a month with its year."""
        return format_skeleton("yMMMM", dt.date(year, month, 1), locale=self._locale).translate(self._digits)

    def number(self, number: int) -> str:
        """Return a whole number, grouped as the language has it."""
        return format_decimal(number, locale=self._locale, numbering_system="default").translate(self._digits)

    def percent(self, percent: Decimal) -> str:
        """Return a percentage with the decimals it has."""
        decimals = -int(percent.as_tuple().exponent)
        whole = self._locale.percent_formats[None].pattern
        pattern = re.sub(r"#0|##0", rf"\g<0>.{'0' * decimals}", whole, count=1) if decimals else whole
        text = format_percent(percent / 100, pattern, locale=self._locale, numbering_system="default")
        return text.translate(self._digits)

    def plural(self, count: int) -> str:
        """Return the plural form of a whole number: zero, one, two, few, many or other."""
        return self._locale.plural_form(count)

    def _weekday_pattern(self) -> str:
        skeletons = self._locale.datetime_skeletons
        pattern = str(skeletons[match_skeleton("MMMMEd", skeletons) or "MMMEd"].pattern)
        return re.sub(r"(?<!M)MMM(?!M)", "MMMM", re.sub(r"E+|c+", "EEEE", pattern))
