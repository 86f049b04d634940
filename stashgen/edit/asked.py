"""What an intent asks for, checked against the site: services, statuses, texts and times, with the field to blame."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Final

from stashgen import instants, zones
from stashgen.check.event_rules import meant_id
from stashgen.edit.change import EditError, Ground
from stashgen.model import ID_PATTERN, Event
from stashgen.text import did_you_mean, listed, quoted

# What our reader refuses, and an editor would not show.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_TITLE_LENGTH: Final = 300


def zone(ground: Ground) -> dt.tzinfo:
    """Return the time zone of the site."""
    return zones.find(ground.site.settings.timezone) or dt.UTC


def instant(ground: Ground, at: dt.datetime, field: str = "at") -> dt.datetime:
    """Return an instant as files hold it: in UTC, whole milliseconds; one without a zone is in the site's."""
    aware = at if at.tzinfo is not None else at.replace(tzinfo=zone(ground))
    if not instants.FIRST_YEAR < aware.year <= instants.LAST_YEAR:
        raise EditError("invalid", field, instants.YEARS)
    exact = aware.astimezone(dt.UTC)
    return exact.replace(microsecond=exact.microsecond // 1000 * 1000)


def moment(ground: Ground, at: dt.datetime | None, last: dt.datetime | None) -> dt.datetime:
    """Return when something is said: `at`, or now in whole seconds, unless something was said (`last`) in this one."""
    if at is not None:
        return instant(ground, at)
    now = instant(ground, ground.now)
    second = now.replace(microsecond=0)
    return now if last is not None and second <= last <= now else second


def event(ground: Ground, name: str) -> Event:
    """Return the event of that id, without its texts."""
    found = ground.site.events.get(name)
    if found is None:
        hint = did_you_mean(name, ground.site.events)
        raise EditError("unknown", "event", f"there is no event {quoted(name)}{hint}")
    return found


def service(ground: Ground, name: str, field: str = "service") -> str:
    """Return the id of a service, which may be asked for by a former id; refuse one that is not there."""
    known = ground.site.services
    if name in known:
        return name
    renamed = next((one for one, record in known.items() if name in record.aliases), None)
    if renamed is None:
        hint = meant_id(name, known, "services")
        raise EditError("unknown", field, f"there is no service {quoted(name)}{hint}")
    return renamed


def status(ground: Ground, name: str, field: str = "status") -> None:
    """Refuse a status that is not there."""
    statuses = ground.site.statuses
    if name not in statuses:
        same = [one for one, record in statuses.items() if name in {record.statuspage, record.name}]
        hint = f" (did you mean {quoted(same[0])}?)" if same else did_you_mean(name, statuses)
        hint = hint or f": there are {listed(statuses)}"
        raise EditError("unknown", field, f"there is no status {quoted(name)}{hint}")


def statuses(ground: Ground, services: Mapping[str, str], field: str = "services") -> dict[str, str]:
    """Return statuses by service; refuse what is not there."""
    for given in services.values():
        status(ground, given, field)
    return {service(ground, name, field): given for name, given in services.items()}


def services(ground: Ground, names: Iterable[str], field: str = "services") -> list[str]:
    """Return services without doubles; refuse what is not there."""
    return [*dict.fromkeys(service(ground, name, field) for name in names)]


def message(text: str, field: str = "message") -> str:
    """Return a message as it is kept: without control characters; refuse one that says nothing."""
    kept = _clean(text).strip("\n")
    if not kept.strip():
        raise EditError("invalid", field, "is blank: say something")
    return kept + "\n" * ("\n" in kept)


def title(text: str, field: str = "title") -> str:
    """Return a title on one line; refuse one that says nothing."""
    kept = " ".join(_clean(text).split())
    if not kept:
        raise EditError("invalid", field, "is blank: say in a few words what it is about")
    if len(kept) > _TITLE_LENGTH:
        raise EditError("invalid", field, f"is longer than {_TITLE_LENGTH} characters: put the rest into the message")
    return kept


def line(text: str | None) -> str | None:
    """Return a short text on one line, None if it says nothing."""
    return " ".join(_clean(text or "").split()) or None


def identifier(text: str, field: str = "id") -> str:
    """Return an id; refuse what is none."""
    if not re.search(ID_PATTERN, text):
        form = "an id: small letters, digits and dashes, such as `my-api`"
        raise EditError("invalid", field, f"{quoted(text)} is not {form}")
    return text


def _clean(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n"))
