"""One more update in the file of an event, in the place that its time gives it."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from stashgen.edit import asked
from stashgen.edit.change import Change, EditError, Ground
from stashgen.edit.wording import held, subject, trailers
from stashgen.identity import update_names
from stashgen.instants import read
from stashgen.model import Event, State
from stashgen.yamledit import UneditableError, content, rewritten


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What an update says."""

    at: dt.datetime
    message: str
    state: State | None = None
    services: Mapping[str, str] = {}
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    source: str | None = None  # the monitor that says it; None: a person


class _Said(msgspec.Struct, frozen=True):
    index: int
    at: dt.datetime


def added(ground: Ground, name: str, word: Word, header: Mapping[str, Any] | None = None) -> Change:
    """Return the change that adds an update to an event, and gives it other header fields (None takes one away)."""
    event, path = ground.site.events[name], ground.site.path_by_event[name]
    place = bisect_right([update.at for update in event.updates], word.at)
    old = fields_of(ground, path)
    updates = [*old["updates"][:place], entry(word), *old["updates"][place:]]
    files = {path: written(ground, path, merged(old, {**(header or {}), "updates": updates}))}
    return Change(
        files=files,
        subject=subject(event.kind, name, word.state or _what(word, event), held(word.services)),
        trailers=trailers(event.source, event.external_id),
        record=name,
        update=update_name([one.at for one in event.updates], place, word.at),
    )


def entry(word: Word) -> dict[str, Any]:
    """Return an update as its file holds it."""
    planned = {"start": word.start, "end": word.end}
    fields: dict[str, Any] = {"at": word.at, "state": word.state, "services": dict(word.services)}
    fields["planned"] = {key: value for key, value in planned.items() if value}
    fields["source"] = word.source
    return {key: value for key, value in fields.items() if value} | {"message": word.message}


def fields_of(ground: Ground, path: str) -> dict[str, Any]:
    """Return what a file holds, times as the texts that they are."""
    try:
        return content(ground.read(path))
    except UneditableError as error:
        raise EditError("conflict", "", f"{path}: {error}") from error


def written(ground: Ground, path: str, fields: Mapping[str, Any]) -> bytes:
    """Return a file with other content, otherwise as it is."""
    try:
        return rewritten(ground.read(path), fields)
    except UneditableError as error:
        raise EditError("conflict", "", f"{path}: {error}") from error


def in_order(ground: Ground, data: bytes) -> bytes:
    """Return a sound file with its updates in the order of their times, each as it is written."""
    fields, zone = content(data), asked.zone(ground)
    updates = sorted(fields["updates"], key=lambda one: read(one["at"], zone).at or ground.now)
    return rewritten(data, {**fields, "updates": updates})


def merged(old: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields with others (None takes one away); new ones stand before `updates`, which is the last key."""
    kept = {key: changes.get(key, value) for key, value in old.items() if changes.get(key, "") is not None}
    new = {key: value for key, value in changes.items() if key not in old and value is not None}
    if [*kept][-1:] != ["updates"]:
        return kept | new
    updates = kept.pop("updates")
    return {**kept, **new, "updates": updates}


def update_name(instants: Sequence[dt.datetime], place: int, at: dt.datetime) -> str:
    """Return the name of an update that is put at a place of a timeline."""
    return names([*instants[:place], at, *instants[place:]])[place]


def names(instants: Iterable[dt.datetime]) -> Mapping[int, str]:
    """Return the names of updates by their place in the file."""
    return update_names(_Said(index, at) for index, at in enumerate(instants))


def _what(word: Word, event: Event) -> str:
    if (word.start or word.end) and event.kind == "maintenance":
        return "another plan"
    return "update"
