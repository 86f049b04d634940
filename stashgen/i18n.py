"""The page's own words and dates in one language: catalogs and a zone go in, text for readers comes out.

A catalog is flat: dotted key -> text, or -> {zero, one, two, few, many, other: text} chosen by `count`. `{name}`
stands for a value; nothing else in braces means anything. English is the language every other falls back to.
Besides the keys a theme makes up, the translator itself reads `status.*`, `overall.*`, `list.*`, `duration.*`
and `percent.none`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal, Protocol
from zoneinfo import ZoneInfo

import msgspec

from stashgen import bidi, english, figures
from stashgen.errors import SettingError, ThemeError
from stashgen.model import BUILT_IN_STATUSES, Level, Service, Settings, Status
from stashgen.text import did_you_mean

Catalog = Mapping[str, str | Mapping[str, str]]
DateStyle = Literal["short", "medium", "long", "weekday", "full"]

_FALLBACK: Final = "en"
_HOLE: Final = re.compile(r"\{([a-z_]+)\}")


class Calendar(Protocol):
    """How one language writes dates, times and numbers; `english` and `cldr` offer it."""

    def date(self, day: dt.date, style: DateStyle) -> str: ...
    def time(self, local: dt.datetime) -> str: ...
    def zone(self, local: dt.datetime) -> str: ...
    def instant(self, date: str, time: str) -> str: ...
    def month(self, year: int, month: int) -> str: ...
    def number(self, number: int) -> str: ...
    def percent(self, percent: Decimal) -> str: ...
    def plural(self, count: int) -> str: ...


class OverallFacts(Protocol):
    """What the sentence is made of; the board's `Overall`."""

    @property
    def status(self) -> str: ...
    @property
    def services(self) -> tuple[str, ...]: ...
    @property
    def open_incidents(self) -> int: ...


class ServiceFacts(Protocol):
    """A service on the board."""

    @property
    def record(self) -> Service: ...


class BoardFacts(Protocol):
    """What the sentence reads of the board."""

    @property
    def overall(self) -> OverallFacts: ...
    @property
    def statuses(self) -> Mapping[str, Status]: ...
    @property
    def services(self) -> Mapping[str, ServiceFacts]: ...


class Translator(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a page says in its own words, in one language and one zone."""

    language: str  # as a page's `lang` wants it, such as "pt-BR"
    direction: bidi.Direction
    zone: ZoneInfo
    catalog: Catalog  # the language's own texts over the English ones
    calendar: Calendar

    def text(self, key: str, /, **values: object) -> str:
        """Return the text of a key with its values filled in; `count` picks the plural form.

        A value that is markup makes the whole text markup, with everything else escaped.
        """
        entry = self.catalog.get(key)
        if entry is None:
            raise ThemeError(f"translations/{_FALLBACK}.yaml: the key `{key}` is missing")
        if not isinstance(entry, str):
            count = values.get("count")
            form = self.calendar.plural(count) if isinstance(count, int) else "other"
            entry = entry[form] if form in entry else entry["other"]
        return self._fill(key, entry, values) if "{" in entry else entry

    def number(self, number: int) -> str:
        """Return a whole number with the language's digits and grouping."""
        return self.calendar.number(number)

    def date(self, day: dt.date, style: DateStyle = "long") -> str:
        """Return a day.

        short is `23 Nov`, medium has the year, long the whole name of the month; weekday and full begin with the
        weekday's name, the first without a year.
        """
        return self.calendar.date(day, style)

    def day(self, at: dt.datetime) -> dt.date:
        """Return the calendar day of an instant in the site's zone."""
        return at.astimezone(self.zone).date()

    def time(self, at: dt.datetime) -> str:
        """Return the clock time of an instant in the site's zone, such as `11:02`."""
        return self.calendar.time(at.astimezone(self.zone))

    def zone_name(self, at: dt.datetime) -> str:
        """Return the name of the site's zone at an instant, such as `CET`, or `UTC+3` where it has none."""
        return self.calendar.zone(at.astimezone(self.zone))

    def instant(self, at: dt.datetime, style: DateStyle = "medium") -> str:
        """Return day, clock time and zone of an instant, such as `23 Nov 2026, 11:02 CET`."""
        local = at.astimezone(self.zone)
        time = f"{self.calendar.time(local)} {self.calendar.zone(local)}"
        return self.calendar.instant(self.calendar.date(local.date(), style), time)

    def span(self, start_at: dt.datetime, end_at: dt.datetime) -> str:
        """Return a time from-to with the name of the zone; within one day the day is said once."""
        start, end = start_at.astimezone(self.zone), end_at.astimezone(self.zone)
        first = self.calendar.instant(self.calendar.date(start.date(), "medium"), self.calendar.time(start))
        clock = f"{self.calendar.time(end)} {self.calendar.zone(end)}"
        return self.text("event.range", start=first, end=clock if start.date() == end.date() else self.instant(end_at))

    def month(self, year: int, month: int) -> str:
        """Return a month's name with its year, such as `November 2026`."""
        return self.calendar.month(year, month)

    def duration(self, seconds: float) -> str:
        """Return a duration in its two largest units, rounded to the smaller of them: `1 h 12 min`."""
        parts = [self.text(f"duration.{unit}", count=count) for unit, count in figures.split(seconds)]
        if len(parts) == 1:
            return parts[0]
        return self.text("duration.pair", large=parts[0], small=parts[1])

    def percent(self, ratio: float | None) -> str:
        """Return a share of 1 in percent, rounded down: nothing short of the whole is ever called 100 %."""
        if ratio is None:
            return self.text("percent.none")
        return self.calendar.percent(figures.floored_percent(ratio))

    def share(self, ratio: float) -> str:
        """Return a share of 1 in percent with the decimals it needs, for figures that a person has set."""
        return self.calendar.percent(figures.plain_percent(ratio))

    def status_name(self, status_id: str, status: Status) -> str:
        """Return a status' name: a built-in one translated, one of the site's own wording as it is."""
        built_in = BUILT_IN_STATUSES.get(status_id)
        is_ours = built_in is not None and built_in.name == status.name
        return self.text(f"status.{status_id}.name") if is_ours else status.name

    def status_description(self, status_id: str, status: Status) -> str:
        """Return a status' description: a built-in one translated, one of the site's own wording as it is."""
        built_in = BUILT_IN_STATUSES.get(status_id)
        is_ours = built_in is not None and built_in.description == status.description
        return self.text(f"status.{status_id}.description") if is_ours else status.description

    def names(self, names: Sequence[str]) -> str:
        """Return names as a list in a sentence: `API`, `API and Web`, `API, Web and 3 more`."""
        match names:
            case [] | [_]:
                return "".join(names)
            case [first, second]:
                return self.text("list.pair", first=first, second=second)
            case [first, second, third]:
                return self.text("list.three", first=first, second=second, third=third)
            case [first, second, *more]:
                return self.text("list.more", first=first, second=second, count=len(more))
        return ""

    def sentence(self, board: BoardFacts) -> str:
        """Return the one sentence of the page, such as `Major outage: API and Web`."""
        overall = board.overall
        if not board.services:
            return self.text("overall.empty")
        status = board.statuses[overall.status]
        said = self.text("overall.operational")
        if overall.services:
            names = self.names([board.services[service].record.name for service in overall.services])
            said = self.text("overall.trouble", status=self.status_name(overall.status, status), services=names)
        # Worse levels come from incidents anyway; up to maintenance an open incident would go unsaid.
        if overall.open_incidents and status.level.rank <= Level.MAINTENANCE.rank:
            return self.text("overall.with_incidents", sentence=said, count=overall.open_incidents)
        return said

    def _fill(self, key: str, pattern: str, values: Mapping[str, object]) -> str:
        # Whatever class of markup the template engine uses knows how to escape the rest.
        markup: Any = next((type(value) for value in values.values() if hasattr(value, "__html__")), None)

        def fill(hole: re.Match[str]) -> str:
            if hole[1] not in values:
                raise ThemeError(f"translations/{self.language}.yaml: {key}: nothing is known as {hole[0]}")
            value = values[hole[1]]
            shown = self.calendar.number(value) if isinstance(value, int) else value
            return bidi.isolated(str(markup.escape(shown) if markup else shown), self.direction)

        if markup is None:
            return _HOLE.sub(fill, pattern)
        text: str = markup(_HOLE.sub(fill, str(markup.escape(pattern))))
        return text


def translator(settings: Settings, catalogs: Mapping[str, Catalog]) -> Translator:
    """Return the translator of a site; `catalogs` is language -> catalog, read only for the languages needed.

    A tag such as `pt-BR` falls back to `pt`. Raises SettingError for a language that has no catalog.
    """
    tag = settings.language.replace("_", "-")
    name_by_tag = {name.replace("_", "-").lower(): name for name in catalogs}
    found = [name_by_tag[part] for part in _prefixes(tag.lower()) if part in name_by_tag]
    if not found:
        raise SettingError("language", _unknown(settings.language, sorted(catalogs)))
    catalog: dict[str, str | Mapping[str, str]] = {}
    for name in [_FALLBACK, *reversed(found)]:
        catalog.update(catalogs[name])
    return Translator(
        language=tag,
        direction=bidi.direction(tag),
        zone=ZoneInfo(settings.timezone),
        catalog=catalog,
        calendar=_calendar(tag),
    )


def _prefixes(tag: str) -> Iterator[str]:
    parts = tag.split("-")
    for length in range(len(parts), 0, -1):
        yield "-".join(parts[:length])


def _unknown(language: str, known: Sequence[str]) -> str:
    hint = did_you_mean(language, known)
    return f"no translation named `{language}`{hint}; there are {', '.join(known)}"


def _calendar(tag: str) -> Calendar:
    if tag.lower() == _FALLBACK:
        return english.Calendar()
    from stashgen import cldr  # noqa: PLC0415  # Babel is slow to import and an English site never needs it

    return cldr.calendar(tag) or english.Calendar()
