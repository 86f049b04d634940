"""What a program asked of a code host's API -> an intent: `{"event_type": ..., "client_payload": {...}}`.

GitHub hands a job the same as `{"action": ..., "client_payload": {...}}`. The fields of the payload are those of the
intent that the type names; a signal is what a monitor says, in our words or, as `payload`, in its own.
https://docs.github.com/en/rest/repos/repos#create-a-repository-dispatch-event
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from stashgen import webhooks
from stashgen.intents import (
    AddUpdate,
    Intent,
    OpenIncident,
    PostNotice,
    Report,
    ScheduleMaintenance,
    SetStatus,
    Signal,
)
from stashgen.model import Event, Site
from stashgen.text import did_you_mean, listed, quoted
from stashgen.webhooks.payload import Fields
from stashgen.webhooks.source import PayloadError, Post

SOURCE: Final = "dispatch"

_PAYLOAD: Final = "client_payload"
_SIGNAL: Final = "signal"
_INTENTS: Final[Mapping[str, type[Any]]] = {
    "status": SetStatus,
    "incident": OpenIncident,
    "update": AddUpdate,
    "maintenance": ScheduleMaintenance,
    "notice": PostNotice,
}
_OVER: Final = ("resolved", "completed", "cancelled")
TYPES: Final = (*_INTENTS, _SIGNAL)
_FIELD_BY_NAME: Final[Mapping[str, str]] = {"note": "is_note", "resolved": "is_resolved"}
_OURS: Final = frozenset({"suffix", *_FIELD_BY_NAME.values()})


def read(event: bytes, site: Site) -> Intent:
    """Return what an event asks for; raise PayloadError for one that asks for nothing we know."""
    fields = _fields(event)
    kind = fields.line("action", "event_type")
    if kind not in TYPES:
        hint = did_you_mean(kind, TYPES) or f": there are {listed(TYPES)}"
        raise PayloadError("event_type", f"there is no type {quoted(kind)}{hint}")
    payload = fields.below(_PAYLOAD)
    if kind == _SIGNAL:
        return Report(signals=_signals(payload, site))
    intent = _converted(payload, _INTENTS[kind])
    return _addressed(intent, site) if isinstance(intent, AddUpdate) else intent


def _fields(event: bytes) -> Fields:
    try:
        values = msgspec.json.decode(event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PayloadError("", f"is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise PayloadError("", "must be a map")
    return Fields(values)


def _signals(payload: Fields, site: Site) -> tuple[Signal, ...]:
    if "payload" in payload.values:
        body = msgspec.json.encode(payload.values["payload"])
        post = Post(body=body, content_type="application/json")
        return tuple(webhooks.read(payload.needed("source"), post, site.automation))
    values = dict(payload.values)
    if "service" in values:
        values["services"] = [values.pop("service")]
    return (_converted(Fields({"source": SOURCE, **values}, payload.path), Signal),)


def _converted(payload: Fields, kind: type[Any]) -> Any:
    known = {name for name in kind.__struct_fields__ if name not in _OURS}
    known |= {name for name, field in _FIELD_BY_NAME.items() if field in kind.__struct_fields__}
    for name in payload.values:
        if name not in known:
            hint = did_you_mean(name, known) or f": there are {listed(sorted(known))}"
            raise PayloadError(payload.place(name), f"is not known{hint}")
    values = {_FIELD_BY_NAME.get(name, name): value for name, value in payload.values.items()}
    try:
        made = msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise PayloadError(payload.path, str(error)) from error
    for name in kind.__struct_fields__:
        value = getattr(made, name)
        if isinstance(value, dt.datetime) and value.tzinfo is None:
            raise PayloadError(payload.place(name), "has no zone: end it with `Z` for UTC, or with an offset")
    return made


def _addressed(intent: AddUpdate, site: Site) -> AddUpdate:
    """Return the update with our id of its event, which whoever opened it may know by an id of their own only."""
    named = [name for name, label in site.label_by_event.items() if label.external_id == intent.event]
    if intent.event not in site.events and named:
        likeliest = max(named, key=lambda name: (_is_open(site.events[name]), site.events[name].updates[0].at))
        intent = msgspec.structs.replace(intent, event=likeliest)
    if intent.state == "resolved" and intent.verb == "update":
        intent = msgspec.structs.replace(intent, verb="resolve")
    return intent


def _is_open(event: Event) -> bool:
    state = next((update.state for update in reversed(event.updates) if update.state), None)
    return state not in _OVER
