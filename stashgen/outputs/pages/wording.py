"""Times, durations and figures as markup: machine-readable for scripts, in the site's zone for everybody else."""

from __future__ import annotations

import datetime as dt
from typing import Final

import msgspec
from markupsafe import Markup, escape

from stashgen.i18n import DateStyle, Translator

_TIME: Final = Markup('<time datetime="%s">%s</time>')
_AGEING_TIME: Final = Markup('<time datetime="%s" data-ago>%s</time>')
_SPAN: Final = Markup('<span class="span">%s</span>')
_UNBROKEN: Final = Markup('<span class="n">%s</span>')


class Wording(msgspec.Struct, frozen=True):
    """What templates say times and figures with."""

    translator: Translator

    def text(self, key: str, /, **values: object) -> str:
        """Return a text of the theme's translation."""
        return self.translator.text(key, **values)

    def sentence(self, key: str, /, **values: object) -> Markup:
        """Return a text of the theme's translation with markup in it."""
        return escape(self.translator.text(key, **values))

    def at(self, at: dt.datetime) -> Markup:
        """Return an instant with day, clock time and zone."""
        return _TIME % (machine(at), self.translator.instant(at))

    def ago(self, at: dt.datetime) -> Markup:
        """Return an instant beside which the script puts its age."""
        return _AGEING_TIME % (machine(at), self.translator.instant(at))

    def span(self, start_at: dt.datetime, end_at: dt.datetime) -> Markup:
        """Return a time from-to; within one day the day is said once."""
        words = self.translator
        day = words.day(start_at)
        start = words.calendar.instant(words.date(day, "medium"), words.time(start_at))
        is_one_day = day == words.day(end_at)
        end = f"{words.time(end_at)} {words.zone_name(end_at)}" if is_one_day else words.instant(end_at)
        left, right = _TIME % (machine(start_at), start), _TIME % (machine(end_at), end)
        return _SPAN % self.sentence("event.range", start=left, end=right)

    def date(self, day: dt.date, style: DateStyle = "long") -> Markup:
        """Return a day of the site's zone."""
        return _TIME % (day.isoformat(), self.translator.date(day, style))

    def month(self, year: int, month: int) -> str:
        """Return a month with its year."""
        return self.translator.month(year, month)

    def duration(self, seconds: float) -> Markup:
        """Return a duration that does not wrap."""
        return _UNBROKEN % self.translator.duration(seconds)

    def percent(self, ratio: float | None) -> Markup:
        """Return a share of 1 in percent that does not wrap."""
        return _UNBROKEN % self.translator.percent(ratio)


def machine(at: dt.datetime) -> str:
    """Return an instant in UTC as `<time datetime>` has it."""
    return f"{at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
