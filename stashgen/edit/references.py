"""What refers to a record: found in every file, given another id, or let go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from stashgen.check.event_rules import services_said, statuses_said
from stashgen.edit.change import Ground
from stashgen.edit.naming import is_there
from stashgen.edit.saying import fields_of, written
from stashgen.intents import RecordKind

AUTOMATION: Final = "automation.yaml"
NOTIFICATIONS: Final = "notifications.yaml"
Rename = Callable[[str], str | None]  # an id -> its new one, None to let it go

_GONE: Final = object()


def paths(ground: Ground, kind: RecordKind, name: str) -> list[str]:
    """Return the files below site-data in which something refers to a record."""
    found = {"service": _of_service, "group": _of_group, "status": _of_status, "template": _of_template}[kind]
    return [*found(ground, name)]


def changed(ground: Ground, kind: RecordKind, path: str, name: str, new: str | None) -> bytes:
    """Return a file in which what refers to a record refers to another one, or to none."""
    fields = fields_of(ground, path)

    def rename(one: str) -> str | None:
        return new if one == name else one

    return written(ground, path, _file(kind, path, fields, rename))


def _of_service(ground: Ground, name: str) -> Iterator[str]:
    for event, record in ground.site.events.items():
        if any(service == name for _, service in services_said(record)):
            yield ground.site.path_by_event[event]
    for template, said in ground.site.templates.items():
        if name in said.services:
            yield f"templates/{template}.yaml"
    if any(name in rule.services for rule in ground.site.automation.rules) and is_there(ground, AUTOMATION):
        yield AUTOMATION
    channels = ground.site.notifications.channels
    if any(name in channel.services for channel in channels) and is_there(ground, NOTIFICATIONS):
        yield NOTIFICATIONS


def _of_group(ground: Ground, name: str) -> Iterator[str]:
    for service, record in ground.site.services.items():
        if record.group == name:
            yield f"services/{service}.yaml"
    channels = ground.site.notifications.channels
    if any(name in channel.groups for channel in channels) and is_there(ground, NOTIFICATIONS):
        yield NOTIFICATIONS


def _of_status(ground: Ground, name: str) -> Iterator[str]:
    for event, record in ground.site.events.items():
        if any(status == name for _, status in statuses_said(record)):
            yield ground.site.path_by_event[event]
    for template, said in ground.site.templates.items():
        if name in said.services.values():
            yield f"templates/{template}.yaml"
    automation = ground.site.automation
    tables: list[Mapping[str, str]] = [
        {"": automation.status},
        automation.statuses,
        *(mapped.statuses for mapped in automation.generic.values()),
    ]
    is_named = any(rule.status == name for rule in automation.rules) or any(name in one.values() for one in tables)
    if is_named and is_there(ground, AUTOMATION):
        yield AUTOMATION


def _of_template(ground: Ground, name: str) -> Iterator[str]:
    if any(rule.template == name for rule in ground.site.automation.rules) and is_there(ground, AUTOMATION):
        yield AUTOMATION


def _file(kind: RecordKind, path: str, fields: Mapping[str, Any], rename: Rename) -> dict[str, Any]:
    if path == AUTOMATION:
        return _automation(kind, fields, rename)
    if path == NOTIFICATIONS:
        lists = {f"{kind}s": _keys(rename)}
        return _fields(fields, {"channels": lambda value: [*_narrowed(value, lists)]})
    if kind == "group":
        return _fields(fields, {"group": lambda value: _or_gone(rename(value))})
    one = _keys(rename) if kind == "service" else _values(rename)
    changes = {"services": one, "signals": lambda value: _each(value, {"services": one})}
    return _fields(
        fields, {**changes, "updates": lambda value: [_fields(update, {"services": one}) for update in value]}
    )


def _automation(kind: RecordKind, fields: Mapping[str, Any], rename: Rename) -> dict[str, Any]:
    of_rule: dict[str, Callable[[Any], Any]] = {
        "service": {"services": _keys(rename)},
        "status": {"status": lambda value: _or_gone(rename(value))},
        "template": {"template": lambda value: _or_gone(rename(value))},
        "group": {},
    }[kind]
    changes: dict[str, Callable[[Any], Any]] = {"rules": lambda value: [*_rules(value, of_rule)]}
    if kind == "status":
        changes["status"] = lambda value: _or_gone(rename(value))
        changes["statuses"] = _values(rename)
        changes["generic"] = lambda value: _each(value, {"statuses": _values(rename)})
    return _fields(fields, changes)


def _each(records: Mapping[str, Any], change_by_name: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    return {name: _fields(record, change_by_name) for name, record in records.items()}


def _rules(rules: Sequence[Mapping[str, Any]], of_rule: Mapping[str, Callable[[Any], Any]]) -> Iterator[dict[str, Any]]:
    for rule in rules:
        changed = _fields(rule, of_rule)
        # A rule for services that are gone would else be one for all services.
        if "services" in rule and "services" not in changed:
            continue
        yield changed


def _narrowed(
    channels: Sequence[Mapping[str, Any]], lists: Mapping[str, Callable[[Any], Any]]
) -> Iterator[dict[str, Any]]:
    for channel in channels:
        changed = _fields(channel, lists)
        # As above: what was for some services must not become one for all.
        if channel.keys() & {"services", "groups"} and not changed.keys() & {"services", "groups"}:
            continue
        yield changed


def _fields(fields: Mapping[str, Any], change_by_name: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """Return a map with some of its values changed, or gone; order and all else stay."""
    result = {}
    for name, value in fields.items():
        change = change_by_name.get(name)
        new = change(value) if change is not None and value else value
        if new is not _GONE:
            result[name] = new
    return result


def _keys(rename: Rename) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {new: one for key, one in value.items() if (new := rename(key)) is not None} or _GONE
        return [new for key in value if (new := rename(key)) is not None] or _GONE

    return change


def _values(rename: Rename) -> Callable[[Any], Any]:
    def change(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: new for key, one in value.items() if (new := rename(one)) is not None} or _GONE
        return value

    return change


def _or_gone(value: str | None) -> Any:
    return _GONE if value is None else value
