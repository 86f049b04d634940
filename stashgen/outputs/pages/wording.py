"""Times, durations and figures as markup: machine-readable for scripts, in the site's zone for everybody else.

What was said once is kept, because the same instants come up again and again on a page and on its neighbours.
"""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec
from markupsafe import Markup, escape

from stashgen.i18n import DateStyle, Translator

_KEPT: Final = 4096


class Moment(NamedTuple):
    """An instant in the parts that texts are made of."""

    machine: str  # in UTC, as `<time datetime>` has it
    day: dt.date  # in the site's zone
    start: str  # day and clock time
    clock: str  # clock time and zone
    whole: Markup
    ageing: Markup  # the same, with its age put beside it by the script


class Wording(msgspec.Struct, frozen=True, dict=True):
    """What templates say times and figures with."""

    translator: Translator

    @cached_property
    def _moments(self) -> dict[dt.datetime, Moment]:
        return {}

    @cached_property
    def _spans(self) -> dict[tuple[dt.datetime, dt.datetime], Markup]:
        return {}

    @cached_property
    def _durations(self) -> dict[int, Markup]:
        return {}

    def text(self, key: str, /, **values: object) -> str:
        """Return a text of the theme's translation."""
        return self.translator.text(key, **values)

    def sentence(self, key: str, /, **values: object) -> Markup:
        """Return a text of the theme's translation with markup in it."""
        return escape(self.translator.text(key, **values))

    def at(self, at: dt.datetime) -> Markup:
        """Return an instant with day, clock time and zone."""
        return self._moment(at).whole

    def ago(self, at: dt.datetime) -> Markup:
        """Return an instant beside which the script puts its age."""
        return self._moment(at).ageing

    def span(self, start_at: dt.datetime, end_at: dt.datetime) -> Markup:
        """Return a time from-to; within one day the day is said once."""
        if (start_at, end_at) not in self._spans:
            _make_room(self._spans)
            self._spans[start_at, end_at] = self._span(self._moment(start_at), self._moment(end_at))
        return self._spans[start_at, end_at]

    def _span(self, start: Moment, end: Moment) -> Markup:
        last = _time(end.machine, end.clock) if start.day == end.day else end.whole
        said = self.sentence("event.range", start=_time(start.machine, start.start), end=last)
        return Markup(f'<span class="span">{said}</span>')  # noqa: S704  # made of markup

    def date(self, day: dt.date, style: DateStyle = "long") -> Markup:
        """Return a day of the site's zone."""
        return _time(day.isoformat(), self.translator.date(day, style))

    def month(self, year: int, month: int) -> str:
        """Return a month with its year."""
        return self.translator.month(year, month)

    def duration(self, seconds: float) -> Markup:
        """Return a duration that does not wrap."""
        whole = round(seconds)
        if whole not in self._durations:
            _make_room(self._durations)
            self._durations[whole] = _unbroken(self.translator.duration(whole))
        return self._durations[whole]

    def percent(self, ratio: float | None) -> Markup:
        """Return a share of 1 in percent that does not wrap."""
        return _unbroken(self.translator.percent(ratio))

    def _moment(self, at: dt.datetime) -> Moment:
        if at not in self._moments:
            _make_room(self._moments)
            self._moments[at] = self._made(at)
        return self._moments[at]

    def _made(self, at: dt.datetime) -> Moment:
        words = self.translator
        local = at.astimezone(words.zone)
        day, date = local.date(), words.calendar.date(local.date(), "medium")
        time, in_utc = words.calendar.time(local), machine(at)
        clock = f"{time} {words.calendar.zone(local)}"
        whole = words.calendar.instant(date, clock)
        return Moment(
            machine=in_utc,
            day=day,
            start=words.calendar.instant(date, time),
            clock=clock,
            whole=_time(in_utc, whole),
            ageing=_time(in_utc, whole, " data-ago"),
        )


def machine(at: dt.datetime) -> str:
    """Return an instant in UTC as `<time datetime>` has it."""
    return f"{at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def _time(machine_text: str, text: str, attribute: str = "") -> Markup:
    return Markup(f'<time datetime="{machine_text}"{attribute}>{escape(text)}</time>')  # noqa: S704  # made here


def _unbroken(text: str) -> Markup:
    return Markup(f'<span class="n">{escape(text)}</span>')  # noqa: S704  # escaped


def _make_room(kept: dict[Any, Any]) -> None:
    if len(kept) >= _KEPT:
        kept.clear()
