"""The events of a service between two instants, from the months of its complete history.

`start` and `end` are as Stashboard took them: whatever python-dateutil's parser understands, both inclusive.
"""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import Any, Final

from dateutil import parser, tz

from stashgen import urls
from stashgen.stashboard.questions import Library, Question, read_json

_LONGEST_DATE: Final = 100
_FIRST: Final = dt.datetime.min.replace(tzinfo=dt.UTC)
_LAST: Final = dt.datetime.max.replace(tzinfo=dt.UTC)


class DateError(ValueError):
    """A value of `start` or `end` that is no date."""


def events(library: Library, service: str, question: Question) -> Any:
    """Return the events of a service that began from `start` to `end`, the newest first; None for an unknown service.

    Raises DateError.
    """
    start_at = _instant(question, "start") or _FIRST
    end_at = _instant(question, "end") or _LAST
    index = read_json(library, _path(service, "index"))
    if index is None:
        return None
    months = [month["month"] for month in index["months"]]
    wanted = [month for month in months if f"{start_at:%Y-%m}".zfill(7) <= month <= f"{end_at:%Y-%m}".zfill(7)]
    found = [one for month in wanted for one in _events(library, service, month)]
    return {"events": [one for one in found if start_at <= parsedate_to_datetime(one["timestamp"]) <= end_at]}


def event(library: Library, service: str, sid: str) -> Any:
    """Return an event too old to have a file of its own; None for one that never was."""
    index = read_json(library, _path(service, "index")) or {"months": []}
    found = (one for month in index["months"] for one in _events(library, service, month["month"]))
    return next((one for one in found if one["sid"] == sid), None)


def _events(library: Library, service: str, month: str) -> list[dict[str, Any]]:
    document = read_json(library, _path(service, month)) or {}
    found: list[dict[str, Any]] = document.get("events", [])
    return found


def _path(service: str, name: str) -> str:
    return urls.stashboard(urls.STASHBOARD, f"services/{service}/events/{name}")


def _instant(question: Question, name: str) -> dt.datetime | None:
    """Return the instant that a parameter means: what is left out comes from today, no zone means UTC."""
    value = question.value(name)
    if not value:
        return None
    midnight = question.now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    if len(value) > _LONGEST_DATE:
        raise DateError(f"{name} is too long for a date: {value[:_LONGEST_DATE]}...")
    try:
        read = parser.parse(value, default=midnight, tzinfos=_zone)
        return read.replace(tzinfo=dt.UTC) if read.tzinfo is None else read.astimezone(dt.UTC)
    except (ArithmeticError, TypeError, ValueError) as error:  # arithmetic: of more digits than decimals hold
        raise DateError(f"{name} is no date: {value}") from error


def _zone(_: str | None, offset: int | None) -> dt.tzinfo:
    # A name alone is UTC: which zones this machine knows must not change an answer.
    return dt.UTC if offset is None else tz.tzoffset(None, offset)
