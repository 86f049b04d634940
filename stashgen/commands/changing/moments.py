"""Times as somebody types them in a hurry -> instants.

`10:02` · `15m ago` · `-15m` · `+2h` · `in 2h` · `now` · `tomorrow 22:00` · `2026-11-23 10:02` in the site's zone · any
instant with its zone.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final, NamedTuple

import click

from stashgen import instants
from stashgen.commands import options

EXAMPLES: Final = "10:02, 15m ago, +2h, tomorrow 22:00, 2026-11-23 10:02 or 2026-11-23T10:02:00Z"
_AGO: Final = re.compile(r"-\s*(?P<minus>\S.*)|(?P<ago>\S.*?)\s+ago", re.IGNORECASE)
_AHEAD: Final = re.compile(r"\+\s*(?P<plus>\S.*)|in\s+(?P<ahead>\S.*)", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?:(today|tomorrow|yesterday)\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?", re.IGNORECASE)
_DAYS: Final = {"today": 0, "tomorrow": 1, "yesterday": -1}


class Moment(NamedTuple):
    """The present and the place of whoever types a time."""

    now: dt.datetime
    zone: dt.tzinfo
    is_ahead: bool = False  # a clock time alone is the next one, not the last


def read(text: str, moment: Moment, option: str) -> dt.datetime:
    """Return the instant that a text means, in whole seconds of UTC; a text that means none is a usage error."""
    at = _relative(text.strip(), moment) or _clock(text.strip(), moment, option)
    if at is None:
        at = _written(text.strip(), moment, option)
    at = at.astimezone(dt.UTC).replace(microsecond=0)
    if not instants.FIRST_YEAR <= at.year <= instants.LAST_YEAR:
        raise _bad(f"{text!r} {instants.YEARS}", option)
    return at


def past(text: str, moment: Moment, option: str) -> dt.datetime:
    """Return an instant that is not still to come."""
    at = read(text, moment, option)
    if at > moment.now:
        shown = at.astimezone(moment.zone).isoformat(" ", "minutes")
        raise _bad(f"{text!r} is {shown}, which is still to come: nothing can be said before its time", option)
    return at


def day(text: str, moment: Moment, option: str) -> str:
    """Return a day or an instant as site-data holds it."""
    if instants.read(text, moment.zone, is_day=True).at is not None and len(text) == len("2026-11-23"):
        return text
    return read(text, moment, option).isoformat()


def length(text: str, option: str) -> dt.timedelta:
    """Return a duration; a text that is none is a usage error."""
    try:
        return dt.timedelta(seconds=options.duration(text))
    except (click.BadParameter, OverflowError) as error:
        raise _bad(str(error), option) from error


def _relative(text: str, moment: Moment) -> dt.datetime | None:
    if text.lower() == "now":
        return moment.now
    for pattern, sign in ((_AGO, -1), (_AHEAD, 1)):
        match = pattern.fullmatch(text)
        if match:
            try:
                return moment.now + sign * dt.timedelta(seconds=options.duration(match[1] or match[2]))
            except (click.BadParameter, OverflowError):
                return None
    return None


def _clock(text: str, moment: Moment, option: str) -> dt.datetime | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    day, *parts = match.groups()
    local = moment.now.astimezone(moment.zone)
    try:
        hour, minute, second = (int(part or 0) for part in parts)
        clock = dt.time(hour, minute, second)
    except ValueError:
        raise _bad(f"{text!r} is no time of the day", option) from None
    date = local.date() + dt.timedelta(days=_DAYS[day.lower()] if day else 0)
    at = _on(date, clock, moment, option)
    if day or (at > moment.now) == moment.is_ahead:
        return at
    return _on(date + dt.timedelta(days=1 if moment.is_ahead else -1), clock, moment, option)


def _on(date: dt.date, clock: dt.time, moment: Moment, option: str) -> dt.datetime:
    return _written(f"{date.isoformat()}T{clock.isoformat()}", moment, option)


def _written(text: str, moment: Moment, option: str) -> dt.datetime:
    reading = instants.read(text, moment.zone)
    if reading.at is None:
        raise _bad(f"{text!r} {reading.remark.partition(':')[0]}; a time is written like {EXAMPLES}", option)
    if reading.remark:
        click.echo(f"{option}: {text} {reading.remark}", err=True)
    return reading.at


def _bad(message: str, option: str) -> click.BadParameter:
    return click.BadParameter(message, param_hint=f"'{option}'")
