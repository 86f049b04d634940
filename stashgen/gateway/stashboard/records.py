"""Services and lists: requests to add, change and delete them -> intents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stashgen.gateway.problems import Refusal
from stashgen.gateway.stashboard.orders import Order, Request, missing, one_line, slug
from stashgen.intents import AddRecord, EditRecord, RemoveRecord
from stashgen.outputs.stashboard_api.records import listed_groups
from stashgen.text import quoted


def add_service(request: Request) -> Order:
    """Add a service; its id is made of its name, once."""
    fields = {"name": one_line(request.required("name")), "description": request.required("description")}
    fields |= _group(request)
    name = slug(fields["name"])
    if name in request.shown.site.services:
        raise Refusal(404, f"there is a service with the id {quoted(name)} already")
    intent = AddRecord(kind="service", id=name, fields=fields)
    return Order(intent=intent, resource=f"services/{name}", code=201, conflict=404)


def edit_service(request: Request) -> Order:
    """Change what is given; the id stays. An empty list takes it out of its list."""
    name = _service(request)
    record = request.shown.site.services[name]
    now = {"name": record.name, "description": record.description, "group": record.group}
    group = {"group": None} if request.fields.get("list") == "" else _group(request)
    fields = _changed(now, {**_words(request), **group})
    intent = EditRecord(kind="service", id=name, fields=fields) if fields else None
    return Order(intent=intent, resource=f"services/{name}")


def delete_service(request: Request) -> Order:
    """Delete a service and what was said of it; git keeps both."""
    name = _service(request)
    intent = RemoveRecord(kind="service", id=name, with_references=True)
    return Order(intent=intent, resource=f"services/{name}", answer="before")


def add_list(request: Request) -> Order:
    """Add a list."""
    fields = {"name": one_line(request.required("name")), "description": request.required("description")}
    name = slug(fields["name"])
    if name in request.shown.site.groups:
        raise Refusal(404, f"there is a list with the id {quoted(name)} already")
    intent = AddRecord(kind="group", id=name, fields=fields)
    return Order(intent=intent, resource=f"service-lists/{name}", code=201, conflict=404)


def edit_list(request: Request) -> Order:
    """Change what is given."""
    name = _list(request)
    record = request.shown.site.groups[name]
    fields = _changed({"name": record.name, "description": record.description}, _words(request))
    intent = EditRecord(kind="group", id=name, fields=fields) if fields else None
    return Order(intent=intent, resource=f"service-lists/{name}")


def delete_list(request: Request) -> Order:
    """Delete a list; its services stay."""
    name = _list(request)
    intent = RemoveRecord(kind="group", id=name, with_references=True)
    return Order(intent=intent, resource=f"service-lists/{name}", answer="before")


def _service(request: Request) -> str:
    (name,) = request.names
    if name not in request.shown.context.board.services:
        raise missing("service", name)
    return name


def _list(request: Request) -> str:
    (name,) = request.names
    if name not in listed_groups(request.shown.context):
        raise missing("list", name)
    return name


def _words(request: Request) -> dict[str, str]:
    name, description = request.optional("name"), request.optional("description")
    return ({"name": one_line(name)} if name else {}) | ({"description": description} if description else {})


def _group(request: Request) -> dict[str, str]:
    name = request.optional("list")
    if name is None:
        return {}
    if name not in listed_groups(request.shown.context):
        raise Refusal(400, f"there is no list {quoted(name)}")
    return {"group": name}


def _changed(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in wanted.items() if now[key] != value}
