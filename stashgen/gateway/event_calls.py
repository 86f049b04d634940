"""Incidents, maintenances and notices: listed, opened, told of, corrected and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Final, Literal
from urllib.parse import urlencode

import msgspec

from stashgen.gateway import bodies
from stashgen.gateway.endpoint import Call, Done, Endpoint, Page
from stashgen.gateway.problems import FieldError, Refusal
from stashgen.gateway.resources import EventPage, EventResource, UpdateResource
from stashgen.intents import (
    AddUpdate,
    EditEvent,
    OpenIncident,
    PostNotice,
    RemoveEvent,
    RetractUpdate,
    ScheduleMaintenance,
)
from stashgen.model import Kind, Record
from stashgen.text import quoted

_SKEW: Final = dt.timedelta(minutes=1)  # a clock that is ahead by no more than this means now
FOLDER_BY_KIND: Final[Mapping[Kind, str]] = {
    "incident": "incidents", "maintenance": "maintenances", "notice": "notices",
}  # fmt: skip
_NEW_BY_KIND: Final[Mapping[Kind, type[Record]]] = {
    "incident": bodies.NewIncident, "maintenance": bodies.NewMaintenance, "notice": bodies.NewNotice,
}  # fmt: skip
_UPDATE_BY_KIND: Final[Mapping[Kind, type[Record]]] = {
    "incident": bodies.NewIncidentUpdate, "maintenance": bodies.NewMaintenanceUpdate, "notice": bodies.NewNoticeUpdate,
}  # fmt: skip
_CHANGE_BY_KIND: Final[Mapping[Kind, type[Record]]] = {
    "incident": bodies.IncidentChange, "maintenance": bodies.MaintenanceChange, "notice": bodies.NoticeChange,
}  # fmt: skip
_OPEN_VERB: Final[Mapping[Kind, str]] = {"incident": "Open", "maintenance": "Schedule", "notice": "Post"}


def endpoints() -> Sequence[Endpoint]:
    """Return the operations on events."""
    return [endpoint for kind in FOLDER_BY_KIND for endpoint in _of_kind(kind)]


def _of_kind(kind: Kind) -> Sequence[Endpoint]:
    every = f"/v1/{FOLDER_BY_KIND[kind]}"
    one, updates = f"{every}/{{id}}", f"{every}/{{id}}/updates"
    update = f"{updates}/{{update}}"
    a = "an" if kind == "incident" else "a"
    return [
        Endpoint("GET", every, "read", f"List {kind}s, newest first.", partial(_list, kind), EventPage, query=Page),
        Endpoint(
            "POST", every, "events", f"{_OPEN_VERB[kind]} {a} {kind}.", partial(_open, kind), EventResource,
            _NEW_BY_KIND[kind], status=201,
        ),
        Endpoint("GET", one, "read", f"Show {a} {kind}.", partial(_show, kind), EventResource),
        Endpoint(
            "PATCH", one, "events", f"Correct fields of {a} {kind}.", partial(_correct, kind), EventResource,
            _CHANGE_BY_KIND[kind], about="For what was wrong from the start; what is new is an update.",
        ),
        Endpoint(
            "DELETE", one, "events", f"Take {a} {kind} away.", partial(_remove, kind), status=204,
            about="It is gone from the page; git keeps it.",
        ),
        Endpoint(
            "POST", updates, "events", f"Say more of {a} {kind}.", partial(_tell, kind), UpdateResource,
            _UPDATE_BY_KIND[kind], status=201,
        ),
        Endpoint("GET", update, "read", "Show an update.", partial(_show_update, kind), UpdateResource),
        Endpoint(
            "PATCH", update, "events", "Correct an update.", partial(_correct_update, kind), UpdateResource,
            bodies.UpdateChange,
        ),
        Endpoint(
            "DELETE", update, "events", "Take an update back.", partial(_retract, kind), status=204,
            about="With its last update the event goes too.",
        ),
    ]  # fmt: skip


def _list(kind: Kind, call: Call) -> Done:
    query: Page = call.query
    view = call.view()
    names = view.events(kind, query.state)
    if query.after is not None:
        view.record(query.after, kind)
        # An event that has been resolved meanwhile is not among the open ones any more: its place is.
        everyone = list(view.events(kind, "all"))
        place = everyone.index(query.after) if query.after in everyone else len(everyone)
        beyond = set(everyone[place + 1 :])
        names = (name for name in names if name in beyond)
    found = [*islice(names, query.limit + 1)]
    items = tuple(view.event(name, kind) for name in found[: query.limit])
    return Done(EventPage(items=items, next=_next(kind, query, items) if len(found) > query.limit else None))


def _next(kind: Kind, query: Page, items: Sequence[EventResource]) -> str:
    asked = {"state": query.state, "limit": query.limit, "after": items[-1].id}
    return f"/v1/{FOLDER_BY_KIND[kind]}?{urlencode(asked)}"


def _show(kind: Kind, call: Call) -> Done:
    return Done(call.view().event(call.path["id"], kind))


def _show_update(kind: Kind, call: Call) -> Done:
    return Done(_update(call, kind, call.path["id"], call.path["update"]))


def _open(kind: Kind, call: Call) -> Done:
    facts = msgspec.structs.asdict(call.record) | {"at": said_at(call)}
    if kind == "incident":
        applied = call.apply(OpenIncident(**facts))
    elif kind == "notice":
        applied = call.apply(PostNotice(**facts))
    else:
        held = facts["services"]
        facts["services"] = held if isinstance(held, dict) else dict.fromkeys(held, "maintenance")
        applied = call.apply(ScheduleMaintenance(**facts))
    name = applied.plan.change.record or ""
    return Done(call.view().event(name, kind), f"/v1/{FOLDER_BY_KIND[kind]}/{name}")


def _tell(kind: Kind, call: Call) -> Done:
    event = call.path["id"]
    record = call.view().record(event, kind)
    facts = msgspec.structs.asdict(call.record) | {"at": said_at(call)}
    verb = facts.pop("action", "update")
    if kind == "incident":
        is_resolved = next((one.state for one in reversed(record.updates) if one.state), None) == "resolved"
        verb = _incident_verb(facts["state"], is_resolved=is_resolved)
    applied = call.apply(AddUpdate(event=event, verb=verb, **facts))
    name = applied.plan.change.update or ""
    place = f"/v1/{FOLDER_BY_KIND[kind]}/{event}/updates/{name}"
    return Done(_update(call, kind, event, name), place)


def _incident_verb(state: str | None, *, is_resolved: bool) -> Literal["update", "resolve", "reopen"]:
    if state == "resolved":
        return "resolve"
    return "reopen" if is_resolved and state is not None else "update"


def _correct(kind: Kind, call: Call) -> Done:
    event = call.path["id"]
    call.view().record(event, kind)
    call.apply(EditEvent(event=event, fields=dict(call.given)))
    return Done(call.view().event(event, kind))


def _correct_update(kind: Kind, call: Call) -> Done:
    event, update = call.path["id"], call.path["update"]
    _update(call, kind, event, update)
    fields = {name: value for name, value in call.given.items() if name != "tells_again"}
    call.apply(EditEvent(event=event, update=update, update_fields=fields, tells_again=call.record.tells_again))
    return Done(_update(call, kind, event, update))


def _remove(kind: Kind, call: Call) -> Done:
    if not call.is_retry:
        call.view().record(call.path["id"], kind)
    call.apply(RemoveEvent(event=call.path["id"]))
    return Done(None)


def _retract(kind: Kind, call: Call) -> Done:
    event, update = call.path["id"], call.path["update"]
    if not call.is_retry:
        _update(call, kind, event, update)
    call.apply(RetractUpdate(event=event, update=update))
    return Done(None)


def _update(call: Call, kind: Kind, event: str, name: str) -> UpdateResource:
    for update in call.view().event(event, kind).updates:
        if update.id == name:
            return update
    raise Refusal(404, f"the {kind} {quoted(event)} has no update {quoted(name)}")


def said_at(call: Call) -> dt.datetime | None:
    """Return when a word of the body was said, None for now; raise Refusal with 422 for the future."""
    at: dt.datetime | None = call.record.at
    now = call.gate.now()
    if at is None or at <= now:
        return at
    if at - now <= _SKEW:
        return now
    detail = "lies in the future: what is to come is a maintenance, or is said when it comes"
    raise Refusal(422, f"`at` {detail}", [FieldError(pointer="/at", detail=detail)])
