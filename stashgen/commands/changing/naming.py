"""What somebody calls an event, a service or a status -> its id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final, Literal, NamedTuple

import click

from stashgen.commands.changing import asking
from stashgen.commands.changing.asking import Choice
from stashgen.commands.changing.desk import Desk
from stashgen.derive.board import Board
from stashgen.errors import StashgenError
from stashgen.intents import RecordKind
from stashgen.model import Group, Kind, Level, Service, Site
from stashgen.text import did_you_mean, listed, printable, quoted

Stands = Literal["open", "running", "upcoming", "over", "any"]

_MOST_NAMED: Final = 8
_MOST_RECALLED: Final = 9
_STANDING: Final[Mapping[Stands, str]] = {
    "open": "open", "running": "running", "upcoming": "to come", "over": "over", "any": "there",
}  # fmt: skip


class Wanted(NamedTuple):
    """What event a command is for: a kind (None: any), and where it stands if nobody names it."""

    kind: Kind | None
    stands: Stands = "open"

    @property
    def word(self) -> str:
        """What it is called."""
        return self.kind or "event"


def event(desk: Desk, text: str | None, wanted: Wanted) -> str:
    """Return the id of the event that is meant: by id, by a part of it, or the only one that it can be."""
    if text is None:
        return _unnamed(desk, wanted)
    if text in desk.site.events:
        return _of_kind(desk.site, text, wanted)
    all_names = [name for name in desk.site.events if wanted.kind in (None, desk.site.events[name].kind)]
    is_current = wanted.stands not in ("over", "any")
    there = standing(desk.board, wanted)
    current = _fitting(text, there) if is_current else []
    found = current or _fitting(text, sorted(all_names, reverse=True))
    if not found:
        meant = did_you_mean(text, all_names) or (there and f"; {_STANDING[wanted.stands]}: {_named(there)}") or ""
        raise StashgenError(f"there is no {wanted.word} {quoted(text)}{meant}")
    if len(found) > 1:
        none = f", none of them {_STANDING[wanted.stands]}" if is_current and not current else ""
        raise StashgenError(f"{quoted(text)} may be one of {len(found)}{none}: {_named(found)}")
    desk.remark(f"{desk.site.events[found[0]].kind} {found[0]}")
    return found[0]


def standing(board: Board, wanted: Wanted) -> list[str]:
    """Return the events that stand as wanted, the newest first; of those that are over, only the last few."""
    running = {"incident": board.incidents, "maintenance": board.maintenances, "notice": board.notices}
    names = [name for kind, some in running.items() if wanted.kind in (None, kind) for name in some]
    upcoming = list(board.upcoming) if wanted.kind in (None, "maintenance") else []
    match wanted.stands:
        case "running":
            return names
        case "upcoming":
            return upcoming
        case "open":
            return names + upcoming
    spoken = (name for name, phase in board.phases.items() if wanted.kind in (None, phase.kind))
    is_over = wanted.stands == "over"
    return [*islice((name for name in spoken if not (is_over and board.events[name].is_open)), _MOST_RECALLED)]


def service(desk: Desk, text: str | None) -> str:
    """Return the id of a service, by id or name; ask for it where nothing is given."""
    services = desk.site.services
    if text is None:
        asking.require("SERVICE", f"name one of {_named(services)}")
        return desk.choose("Service", [Choice(name, _standing(desk, name)) for name in services])
    return record("service", text, services)


def status(desk: Desk, text: str | None) -> str:
    """Return the id of a status, by id or name; ask for it where nothing is given."""
    statuses = desk.site.statuses
    if text is None:
        asking.require("STATUS", f"name one of {_named(statuses)}")
        ordered = sorted(statuses, key=lambda name: statuses[name].level.rank)
        return desk.choose("Status", [Choice(name, statuses[name].name) for name in ordered])
    return record("status", text, statuses)


def services(desk: Desk, texts: Iterable[str], default: str | None = None) -> dict[str, str]:
    """Return `service=status` of an option as a map; a service alone gets the default, if there is one."""
    found: dict[str, str] = {}
    for text in texts:
        name, separator, word = text.partition("=") if "=" in text else text.partition(":")
        if not separator and default is None:
            raise click.BadParameter(f"{text!r} names no status: write {text}=down", param_hint="'--service'")
        found[service(desk, name.strip())] = status(desk, word.strip()) if separator else str(default)
    return found


def asked(desk: Desk, default: str | None = None) -> dict[str, str]:
    """Let somebody who is being asked anyway say which services are concerned."""
    found: dict[str, str] = {}
    if not desk.is_asked:
        return found
    while (left := [name for name in desk.site.services if name not in found]) and desk.agrees(
        "Is another service concerned?" if found else "Is a service concerned?"
    ):
        name = desk.choose("Service", [Choice(name, _standing(desk, name)) for name in left])
        found[name] = default or status(desk, None)
    return found


def worst(site: Site, statuses: Iterable[str]) -> str | None:
    """Return the status of the highest level."""
    known = [name for name in statuses if name in site.statuses]
    return max(known, key=lambda name: site.statuses[name].level.rank, default=None)


def level(site: Site, status_id: str) -> Level:
    """Return the level of a status."""
    return site.statuses[status_id].level if status_id in site.statuses else Level.NORMAL


def record(kind: RecordKind, text: str, records: Mapping[str, Any]) -> str:
    """Return the id of a record, by id, by one that it had before, or by name."""
    if text in records:
        return text
    former = [name for name, one in records.items() if isinstance(one, Service | Group) and text in one.aliases]
    named = former or [name for name, one in records.items() if one.name.casefold() == text.casefold()]
    if len(named) == 1:
        return named[0]
    meant = did_you_mean(text, records) or f": name one of {_named(records)}"
    raise StashgenError(f"there is no {kind} {quoted(text)}{meant}")


def _standing(desk: Desk, name: str) -> str:
    view = desk.board.services.get(name)
    record = desk.site.services[name].name
    if view is None:
        return record
    return f"{record}: {desk.translator.status_name(view.status, desk.board.statuses[view.status])}"


def _unnamed(desk: Desk, wanted: Wanted) -> str:
    names = standing(desk.board, wanted)
    if wanted.stands == "any" and len(current := standing(desk.board, Wanted(wanted.kind))) == 1:
        names = current
    if not names:
        raise StashgenError(f"no {wanted.word} is {_STANDING[wanted.stands]}: name the one that you mean")
    if len(names) == 1 and wanted.stands != "over":
        desk.remark(f"{desk.board.events[names[0]].kind} {names[0]}")
        return names[0]
    asking.require("EVENT", f"{len(names)} are {_STANDING[wanted.stands]}, name one: {_named(names)}")
    return desk.choose(wanted.word.capitalize(), [Choice(name, desk.board.events[name].title) for name in names])


def _of_kind(site: Site, name: str, wanted: Wanted) -> str:
    found = site.events[name].kind
    if wanted.kind not in (None, found):
        raise StashgenError(f"{name} is of kind {found}: use `stashgen {found}`")
    return name


def _fitting(text: str, names: Sequence[str]) -> list[str]:
    wanted = text.casefold()
    beginning = [name for name in names if name.startswith(wanted)]
    return beginning or [name for name in names if wanted and wanted in name]


def _named(names: Iterable[str]) -> str:
    first = [printable(name) for name in names]
    more = f" and {len(first) - _MOST_NAMED} more" if len(first) > _MOST_NAMED else ""
    return listed(first[:_MOST_NAMED]) + more
