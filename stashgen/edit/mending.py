"""Other words or facts for what has been said already, and things taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from stashgen.edit import asked
from stashgen.edit.change import Change, EditError, Ground
from stashgen.edit.proving import sound, typed
from stashgen.edit.saying import fields_of, in_order, merged, names, written
from stashgen.edit.standing import Open, standing
from stashgen.edit.wording import cut, some, subject, trailers
from stashgen.intents import EditEvent, RemoveEvent, RetractUpdate
from stashgen.model import Event, Update
from stashgen.text import did_you_mean, quoted

_TEXTS: Final = frozenset({"message", "postmortem"})
_REQUIRED: Final = frozenset({"title", "message", "at"})


def edit(ground: Ground, intent: EditEvent) -> Change:
    """Give an event other header fields, or one of its updates other fields."""
    event = asked.event(ground, intent.event)
    path = ground.site.path_by_event[intent.event]
    old = fields_of(ground, path)
    if "updates" in intent.fields:
        raise EditError("invalid", "updates", "is changed one update at a time: name the `update`")
    header = _asked(ground, intent.fields, old, Event)
    fields = merged(old, header)
    is_about_update = bool(intent.update is not None or intent.update_fields or intent.tells_again)
    index = _index(event, intent.update) if is_about_update else -1
    if is_about_update:
        fields = {**fields, "updates": _with(ground, intent, old, index)}
    data = written(ground, path, fields)
    if data == ground.read(path):
        return Change(subject=f"{event.kind} {intent.event}: nothing to change", record=intent.event)
    sound(ground, path, data, f"updates[{index}]" if is_about_update and not header else "")
    data = in_order(ground, data) if "at" in intent.update_fields else data
    changed = [*header, *intent.update_fields] or ["told again"]
    what = "postmortem" if [*header] == ["postmortem"] and not is_about_update else "edited"
    detail = "" if what == "postmortem" else some(changed)
    return Change(
        files={path: data},
        subject=subject(event.kind, intent.event, what, detail),
        trailers=trailers(event.source, event.external_id),
        record=intent.event,
        update=intent.update,
    )


def retract(ground: Ground, intent: RetractUpdate) -> Change:
    """Take an update back, or what it says about one service."""
    if ground.is_replay and _is_gone(ground, intent):
        return Change(subject=cut(f"event {intent.event}: retracted already", 100), record=intent.event)
    event = asked.event(ground, intent.event)
    path = ground.site.path_by_event[intent.event]
    index = _index(event, intent.update)
    old = fields_of(ground, path)
    touched = _touched(ground, intent.event, event)
    service = asked.service(ground, intent.service) if intent.service is not None else None
    if service is not None and service not in touched:
        raise EditError("unknown", "service", f"{quoted(intent.event)} says nothing about {quoted(service)}")
    if service is not None and touched != {service}:
        return _silenced(ground, intent, old, index, service)
    if len(event.updates) == 1:
        return remove(ground, RemoveEvent(event=intent.event))
    updates = [one for place, one in enumerate(old["updates"]) if place != index]
    return Change(
        files={path: written(ground, path, {**old, "updates": updates})},
        subject=subject(event.kind, intent.event, "update retracted", intent.update),
        trailers=trailers(event.source, event.external_id),
        record=intent.event,
    )


def remove(ground: Ground, intent: RemoveEvent) -> Change:
    """Take a whole event away."""
    if ground.is_replay and intent.event not in ground.site.path_by_event:
        return Change(subject=cut(f"event {intent.event}: removed already", 100), record=intent.event)
    event = asked.event(ground, intent.event)
    return Change(
        files={ground.site.path_by_event[intent.event]: None},
        subject=subject(event.kind, intent.event, "removed"),
        trailers=trailers(event.source, event.external_id),
        record=intent.event,
    )


def _is_gone(ground: Ground, intent: RetractUpdate) -> bool:
    event = ground.site.events.get(intent.event)
    return event is None or intent.update not in names(update.at for update in event.updates).values()


def _index(event: Event, name: str | None) -> int:
    """Return the place of the update of that name; without a name the newest."""
    if name is None:
        return len(event.updates) - 1
    index_by_name = {said: index for index, said in names(update.at for update in event.updates).items()}
    if name not in index_by_name:
        hint = did_you_mean(name, index_by_name)
        raise EditError("unknown", "update", f"there is no update {quoted(name)} in it{hint}")
    return index_by_name[name]


def _asked(ground: Ground, fields: Mapping[str, Any], old: Mapping[str, Any], kind: type[Any]) -> dict[str, Any]:
    for name, value in fields.items():
        if value is None and name in _REQUIRED:
            raise EditError("invalid", name, "cannot be taken away")
    found = typed(ground, fields, old, kind)
    for name, value in found.items():
        if name in _TEXTS and isinstance(value, str):
            found[name] = _as_before(asked.message(value, name), old.get(name))
        elif name == "title" and isinstance(value, str):
            found[name] = asked.title(value)
    return found


def _as_before(text: str, old: Any) -> str:
    # A line end at the end says nothing.
    return old if isinstance(old, str) and old.rstrip("\n") == text.rstrip("\n") else text


def _with(ground: Ground, intent: EditEvent, old: Mapping[str, Any], index: int) -> list[Any]:
    updates = [*old["updates"]]
    changes = _asked(ground, intent.update_fields, updates[index], Update)
    if intent.tells_again:
        changes["edited_at"] = asked.moment(ground, intent.at, ground.site.events[intent.event].updates[-1].at)
    one = merged(updates[index], changes)
    # The message stands last: it is the longest.
    updates[index] = {key: value for key, value in one.items() if key != "message"} | {"message": one["message"]}
    return updates


def _touched(ground: Ground, name: str, event: Event) -> set[str]:
    step = standing(ground, event, event.updates[-1].at)
    return Open(name, event, step).services if step is not None else set()


def _silenced(ground: Ground, intent: RetractUpdate, old: Mapping[str, Any], index: int, service: str) -> Change:
    """Take back what an update says about one of several services."""
    event, path = ground.site.events[intent.event], ground.site.path_by_event[intent.event]
    updates, header = [*old["updates"]], old.get("services")
    says = service in event.updates[index].services
    begins = index == 0 and service in (header or ())
    if not says and not begins:
        what = "the update says nothing of its own about it, but its words are for all services of the event"
        raise EditError("conflict", "service", f"{what}: retract it as a whole")
    fields = dict(old)
    if says:
        left = {one: status for one, status in updates[index]["services"].items() if one != service}
        updates[index] = merged(updates[index], {"services": left or None})
        fields["updates"] = updates
    if begins:
        fields = merged(fields, {"services": without(header, service)})
    return Change(
        files={path: written(ground, path, fields)},
        subject=subject(event.kind, intent.event, "update retracted", f"{intent.update} about {service}"),
        trailers=trailers(event.source, event.external_id),
        record=intent.event,
    )


def without(services: Any, service: str) -> Any:
    """Return a map or a list of services without one; None if none is left."""
    if isinstance(services, Mapping):
        return {one: status for one, status in services.items() if one != service} or None
    return [one for one in services or () if one != service] or None
