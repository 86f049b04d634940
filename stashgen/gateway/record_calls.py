"""Services with their status, groups and statuses: listed, added, changed and taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import msgspec

from stashgen.gateway import bodies
from stashgen.gateway.endpoint import Call, Done, Endpoint, Force
from stashgen.gateway.event_calls import said_at
from stashgen.gateway.problems import FieldError, Refusal
from stashgen.gateway.resources import (
    GroupPage,
    GroupResource,
    ServicePage,
    ServiceResource,
    StatusOutcome,
    StatusPage,
    StatusResource,
)
from stashgen.gateway.views import View
from stashgen.intents import AddRecord, EditRecord, RecordKind, RemoveRecord, SetStatus
from stashgen.model import Record
from stashgen.text import slug


class _Shelf(NamedTuple):
    """How one kind of record is told and changed."""

    folder: str
    page: type[msgspec.Struct]
    answer: type[msgspec.Struct]
    new: type[Record]
    change: type[Record]
    show: Callable[[View, str], msgspec.Struct]
    every: Callable[[View], Sequence[Any]]


_SHELVES: Final[Mapping[RecordKind, _Shelf]] = {
    "service": _Shelf(
        "services", ServicePage, ServiceResource, bodies.NewService, bodies.ServiceChange, View.service, View.services
    ),
    "group": _Shelf(
        "groups", GroupPage, GroupResource, bodies.NewGroup, bodies.GroupChange, View.group,
        lambda view: [view.group(name) for name in sorted(view.site.groups)],
    ),
    "status": _Shelf(
        "statuses", StatusPage, StatusResource, bodies.NewStatusWord, bodies.StatusChange, View.status,
        lambda view: [view.status(name) for name in sorted(view.site.statuses)],
    ),
}  # fmt: skip


def endpoints() -> Sequence[Endpoint]:
    """Return the operations on services, groups and statuses."""
    return [*(endpoint for kind in _SHELVES for endpoint in _of_kind(kind)), *_of_service_status()]


def _of_kind(kind: RecordKind) -> Sequence[Endpoint]:
    shelf = _SHELVES[kind]
    every, one = f"/v1/{shelf.folder}", f"/v1/{shelf.folder}/{{id}}"
    built_in = " What is built in stays; it becomes again what it was before it was changed."
    return [
        Endpoint("GET", every, "read", f"List all {shelf.folder}.", partial(_list, shelf), shelf.page),
        Endpoint(
            "POST", every, "services", f"Add a {kind}.", partial(_add, kind), shelf.answer, shelf.new, status=201
        ),
        Endpoint("GET", one, "read", f"Show a {kind}.", partial(_show, shelf), shelf.answer),
        Endpoint(
            "PATCH", one, "services", f"Change a {kind}.", partial(_change, kind), shelf.answer, shelf.change,
            about="With another `id` all references follow.",
        ),
        Endpoint(
            "DELETE", one, "services", f"Take a {kind} away.", partial(_remove, kind), query=Force, status=204,
            about="Refused while something refers to it, unless `force` says that it shall lose the reference."
            + (built_in if kind == "status" else ""),
        ),
    ]  # fmt: skip


def _of_service_status() -> Sequence[Endpoint]:
    path = "/v1/services/{id}/status"
    about = "Opens, updates or closes whatever is needed for it. POST does the same."
    return [
        Endpoint("GET", path, "read", "Show the status of a service.", _show_status, StatusOutcome),
        Endpoint(
            "PUT", path, "events", "Set the status of a service.", _set, StatusOutcome, bodies.NewStatus, about=about
        ),
        Endpoint("POST", path, "events", "Set the status of a service.", _set, StatusOutcome, bodies.NewStatus),
    ]


def _list(shelf: _Shelf, call: Call) -> Done:
    return Done(shelf.page(items=tuple(shelf.every(call.view()))))


def _show(shelf: _Shelf, call: Call) -> Done:
    return Done(shelf.show(call.view(), call.path["id"]))


def _add(kind: RecordKind, call: Call) -> Done:
    shelf, fields = _SHELVES[kind], dict(call.given)
    name = fields.pop("id", None) or slug(call.record.name)
    if not name:
        detail = "is missing, and the name has no letters to make one of"
        raise Refusal(422, f"`id` {detail}", [FieldError(pointer="/id", detail=detail)])
    call.apply(AddRecord(kind=kind, id=name, fields=fields))
    return Done(shelf.show(call.view(), name), f"/v1/{shelf.folder}/{name}")


def _change(kind: RecordKind, call: Call) -> Done:
    shelf, fields = _SHELVES[kind], dict(call.given)
    name = call.path["id"]
    new = fields.pop("id", None)
    call.apply(EditRecord(kind=kind, id=name, fields=fields, new_id=None if new == name else new))
    return Done(shelf.show(call.view(), new or name))


def _remove(kind: RecordKind, call: Call) -> Done:
    call.apply(RemoveRecord(kind=kind, id=call.path["id"], with_references=call.query.force))
    return Done(None)


def _show_status(call: Call) -> Done:
    view, name = call.view(), call.path["id"]
    return Done(view.outcome(name, view.service(name).event, has_changed=False))


def _set(call: Call) -> Done:
    body: bodies.NewStatus = call.record
    intent = SetStatus(
        service=call.path["id"],
        status=body.status,
        message=body.message,
        is_note=body.note,
        if_changed=body.if_changed,
        title=body.title,
        at=said_at(call),
        source=body.source,
    )
    change = call.apply(intent).plan.change
    return Done(call.view().outcome(call.path["id"], change.record, has_changed=bool(change.files)))
