"""New events: the files of incidents, maintenances and notices.

A machine may tell the same thing again: an event that is not over and has the same `external_id` and `source` is
not opened a second time. It gets an update with what is new, or nothing at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec

from stashgen.edit import asked
from stashgen.edit.change import Change, EditError, Ground
from stashgen.edit.naming import event_id, event_path
from stashgen.edit.saying import Word, added, entry, fields_of, update_name
from stashgen.edit.standing import default_status, standing
from stashgen.edit.wording import held, some, subject, trailers
from stashgen.intents import OpenIncident, PostNotice, ScheduleMaintenance
from stashgen.model import Event, Kind
from stashgen.yamlwrite import document

_Opening = OpenIncident | ScheduleMaintenance | PostNotice


def incident(ground: Ground, intent: OpenIncident) -> Change:
    """Open an incident, or tell the open one with this external id what is new."""
    services = asked.statuses(ground, intent.services)
    word = first_word(ground, intent, intent.state)
    same = _same(ground, intent, "incident", word.at)
    if same is None:
        return made(ground, intent, "incident", word, {"services": services})
    step = standing(ground, ground.site.events[same], word.at)
    now_held = step.services if step else {}
    default = default_status(ground)
    changes = {one: status for one, status in services.items() if now_held.get(one, default) != status}
    state = intent.state if step is None or step.state != intent.state else None
    # An incident that is told of again is not taken back to its beginning.
    state = None if state == "investigating" else state
    changes = {} if state == "resolved" else changes
    return _told(ground, same, msgspec.structs.replace(word, state=state, services=changes))


def maintenance(ground: Ground, intent: ScheduleMaintenance) -> Change:
    """Plan a maintenance, or tell the one with this external id what is new."""
    start, end = asked.instant(ground, intent.start, "start"), asked.instant(ground, intent.end, "end")
    if end <= start:
        raise EditError("invalid", "end", "is not after the start")
    given = {one: status or "maintenance" for one, status in intent.services.items()}
    services = asked.statuses(ground, given)
    word = first_word(ground, intent, None)
    same = _same(ground, intent, "maintenance", word.at)
    if same is None:
        is_list = all(status == "maintenance" for status in services.values())
        fields = {"services": [*services] if is_list else services, "planned": {"start": start, "end": end}}
        return made(ground, intent, "maintenance", word, fields)
    step = standing(ground, ground.site.events[same], word.at)
    changes = {one: status for one, status in services.items() if step is None or step.services.get(one) != status}
    plan = _plan(ground.site.events[same])
    new_start, new_end = (start if start != plan[0] else None), (end if end != plan[1] else None)
    return _told(ground, same, msgspec.structs.replace(word, services=changes, start=new_start, end=new_end))


def notice(ground: Ground, intent: PostNotice) -> Change:
    """Post a notice, or tell the running one with this external id what is new."""
    services = asked.services(ground, intent.services)
    word = first_word(ground, intent, None)
    until = asked.instant(ground, intent.until, "until") if intent.until else None
    if until is not None and until <= word.at:
        raise EditError("invalid", "until", "is not after the notice was posted")
    same = _same(ground, intent, "notice", word.at)
    if same is None:
        return made(ground, intent, "notice", word, {"services": services, "pinned": intent.pinned, "until": until})
    event = ground.site.events[same]
    header: dict[str, Any] = {"until": until} if until is not None and until != event.until else {}
    header |= {"pinned": True} if intent.pinned and not event.pinned else {}
    return _told(ground, same, word, header)


def first_word(ground: Ground, intent: _Opening, state: Any) -> Word:
    """Return the first word of a new event."""
    at = asked.moment(ground, intent.at, last_heard(ground, ground.now))
    return Word(at=at, message=asked.message(intent.message), state=state)


def made(ground: Ground, intent: _Opening, kind: Kind, word: Word, own: Mapping[str, Any]) -> Change:
    """Return the change that writes a new event."""
    title = asked.title(intent.title)
    name = event_id(ground, intent.id, title, word.at, intent.suffix)
    source, external_id = asked.line(intent.source), asked.line(intent.external_id)
    tags = [tag for one in intent.tags if (tag := asked.line(one))]
    fields: dict[str, Any] = {"title": title, "kind": None if kind == "incident" else kind, **own}
    fields |= {"external_id": external_id, "source": source, "tags": tags}
    kept = {key: value for key, value in fields.items() if value}
    services = own.get("services") or {}
    detail = held(services) if isinstance(services, Mapping) else some(services)
    what = word.state or ("scheduled" if kind == "maintenance" else "posted")
    return Change(
        files={event_path(ground, name, word.at): document({**kept, "updates": [entry(word)]}).encode()},
        subject=subject(kind, name, what, detail),
        trailers=trailers(source, external_id),
        record=name,
        update=update_name([], 0, word.at),
        renamed={intent.id: name} if intent.id is not None and intent.id != name else {},
    )


def last_heard(ground: Ground, day: dt.datetime) -> dt.datetime | None:
    """Return when something was last said in the events that were opened on that day."""
    head = f"{day.astimezone(asked.zone(ground)):%Y-%m-%d}-"
    names = [name for name in ground.site.path_by_event if name.startswith(head)]
    return max((ground.site.events[name].updates[-1].at for name in names), default=None)


def _same(ground: Ground, intent: _Opening, kind: Kind, at: dt.datetime) -> str | None:
    """Return the event that tells of the same thing and is not over."""
    external_id = asked.line(intent.external_id)
    if external_id is None:
        return None
    for name, label in ground.site.label_by_event.items():
        if label.external_id != external_id:
            continue
        event = ground.site.events[name]
        step = standing(ground, event, max(at, event.updates[0].at))
        if (
            event.kind == kind
            and event.source == asked.line(intent.source)
            and (step is None or step.stage != "closed")
        ):
            return name
    return None


def _told(ground: Ground, name: str, word: Word, header: Mapping[str, Any] | None = None) -> Change:
    event = ground.site.events[name]
    word = msgspec.structs.replace(word, at=max(word.at, event.updates[0].at))
    is_new = bool(word.state or word.services or word.start or word.end or header)
    said = fields_of(ground, ground.site.path_by_event[name])["updates"]
    if not is_new and any(one.get("message", "").strip() == word.message.strip() for one in said):
        return Change(subject=f"{event.kind} {name}: nothing new", record=name)
    return added(ground, name, word, header)


def _plan(event: Event) -> tuple[dt.datetime | None, dt.datetime | None]:
    start, end = (event.planned.start, event.planned.end) if event.planned else (None, None)
    for update in event.updates:
        if update.planned is not None:
            start, end = update.planned.start or start, update.planned.end or end
    return start, end
