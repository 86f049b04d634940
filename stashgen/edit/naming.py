"""Ids and paths of new events."""

from __future__ import annotations

import datetime as dt

from stashgen.edit.change import EditError, Ground
from stashgen.text import slug


def event_id(ground: Ground, wanted: str | None, title: str, at: dt.datetime, suffix: str) -> str:
    """Return the id of a new event: the one wanted, or one made of day and title that nobody has."""
    if wanted is not None:
        if wanted in ground.site.path_by_event:
            raise EditError("conflict", "id", f"there is an event `{wanted}` already")
        return wanted
    stem = "-".join(filter(None, [f"{at:%Y-%m-%d}", slug(title) or "event", suffix]))
    taken, number = ground.site.path_by_event, 2
    name = stem
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    return name


def event_path(name: str, at: dt.datetime) -> str:
    """Return where a new event's file goes, below site-data."""
    return f"events/{at:%Y}/{name}.yaml"
