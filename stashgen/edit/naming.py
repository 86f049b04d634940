"""Ids and paths of new events."""

from __future__ import annotations

import datetime as dt
from typing import Final

from stashgen.edit import asked
from stashgen.edit.change import EditError, Ground
from stashgen.text import quoted, slug

_LENGTH: Final = 80
_ROOM: Final = len("-9999")


def event_id(ground: Ground, wanted: str | None, title: str, at: dt.datetime, suffix: str) -> str:
    """Return the id of a new event: the one wanted, or one made of day and title that nobody has."""
    if wanted is not None:
        name = asked.identifier(wanted)
        if not ground.is_replay or not _is_taken(ground, name, at):
            if _is_taken(ground, name, at):
                raise EditError("conflict", "id", f"there is an event {quoted(name)} already")
            return name
        return _free(ground, name, at)
    day = f"{at.astimezone(asked.zone(ground)):%Y-%m-%d}"
    tail = f"-{asked.identifier(suffix, 'suffix')}" if suffix else ""
    words = (slug(title) or "event")[: _LENGTH - len(day) - 1 - len(tail) - _ROOM].strip("-")
    return _free(ground, f"{day}-{words}{tail}", at)


def event_path(ground: Ground, name: str, at: dt.datetime) -> str:
    """Return where a new event's file goes, below site-data."""
    return f"events/{at.astimezone(asked.zone(ground)):%Y}/{name}.yaml"


def is_there(ground: Ground, path: str) -> bool:
    """Tell whether there is a file, be it sound or not."""
    try:
        ground.read(path)
    except FileNotFoundError:
        return False
    return True


def _free(ground: Ground, stem: str, at: dt.datetime) -> str:
    name, number = stem, 2
    while _is_taken(ground, name, at):
        name, number = f"{stem[: _LENGTH - _ROOM]}-{number}", number + 1
    return name


def _is_taken(ground: Ground, name: str, at: dt.datetime) -> bool:
    # A file with errors is no event of the site, and must not be written over all the same.
    return name in ground.site.path_by_event or is_there(ground, event_path(ground, name, at))
