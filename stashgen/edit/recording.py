"""Services, groups, statuses and templates: added, edited, renamed, removed.

A new id moves the file, and everything that refers to the record follows. Services and groups keep the ids that they
had before as `aliases`, so that old addresses lead to the new ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from stashgen.edit import asked, references
from stashgen.edit.change import Change, EditError, Ground
from stashgen.edit.naming import is_there
from stashgen.edit.proving import one_of, sound, typed
from stashgen.edit.saying import fields_of, written
from stashgen.edit.wording import cut, some
from stashgen.intents import AddRecord, EditRecord, RecordKind, RemoveRecord
from stashgen.model import BUILT_IN_STATUSES, Group, Record, Service, Status, Template
from stashgen.text import did_you_mean, quoted
from stashgen.yamlwrite import document

_FOLDER_BY_KIND: Final[Mapping[RecordKind, str]] = {
    "service": "services", "group": "groups", "status": "statuses", "template": "templates",
}  # fmt: skip
_RECORD_BY_KIND: Final[Mapping[RecordKind, type[Record]]] = {
    "service": Service, "group": Group, "status": Status, "template": Template,
}  # fmt: skip
_WITH_ALIASES: Final[frozenset[RecordKind]] = frozenset({"service", "group"})


def add(ground: Ground, intent: AddRecord) -> Change:
    """Add a record."""
    name, path = asked.identifier(intent.id), _path(intent.kind, intent.id)
    if is_there(ground, path):
        if ground.is_replay and name in _known(ground, intent.kind):
            # Two people added it at once: what the second said of it counts.
            return edit(ground, EditRecord(kind=intent.kind, id=name, fields=intent.fields))
        raise EditError("conflict", "id", f"there is a {intent.kind} {quoted(name)} already")
    _is_free(ground, intent.kind, name, "id")
    fields = {key: value for key, value in _typed(ground, intent.kind, intent.fields, {}).items() if value is not None}
    data = document(fields).encode() if fields else b"{}\n"
    sound(ground, path, data)
    files = {path: data, **_other_defaults(ground, intent)}
    return Change(files=files, subject=_subject(intent.kind, name, "added"), record=name)


def edit(ground: Ground, intent: EditRecord) -> Change:
    """Give a record other fields, or another id."""
    name = _found(ground, intent.kind, intent.id)
    if name != intent.id:
        intent = msgspec.structs.replace(intent, id=name)
    path = _path(intent.kind, name)
    old = fields_of(ground, path) if is_there(ground, path) else {}
    fields = _changed(old, _typed(ground, intent.kind, intent.fields, old))
    if intent.new_id is None or intent.new_id == intent.id:
        data = _data(ground, path, old, fields)
        if not intent.fields or (old and data == ground.read(path)):
            return Change(subject=_subject(intent.kind, intent.id, "nothing to change"), record=intent.id)
        sound(ground, path, data)
        what, files = f"edited ({some(intent.fields)})", {path: data, **_other_defaults(ground, intent)}
        return Change(files=files, subject=_subject(intent.kind, intent.id, what), record=intent.id)
    return _renamed(ground, intent, asked.identifier(intent.new_id, "new_id"), fields)


def remove(ground: Ground, intent: RemoveRecord) -> Change:
    """Take a record away, and with `with_references` what refers to it."""
    if ground.is_replay and intent.id not in _known(ground, intent.kind):
        return Change(subject=_subject(intent.kind, intent.id, "removed already"), record=intent.id)
    path = _path(intent.kind, _found(ground, intent.kind, intent.id))
    if not is_there(ground, path):
        raise EditError("conflict", "id", f"{quoted(intent.id)} is built in: there is no file to remove")
    # Without its file a built-in status is again what it was.
    is_left = intent.kind == "status" and intent.id in BUILT_IN_STATUSES
    referring = [] if is_left else sorted(references.paths(ground, intent.kind, intent.id))
    if referring and not intent.with_references:
        count = f"{len(referring)} file{'s' * (len(referring) > 1)}"
        raise EditError("conflict", "id", f"{quoted(intent.id)} is named in {count}: {some(referring)}")
    files: dict[str, bytes | None] = {
        one: references.changed(ground, intent.kind, one, intent.id, None) for one in referring
    }
    subject = _subject(intent.kind, intent.id, "removed")
    return Change(files={**files, path: None}, subject=subject, body=_told(files), record=intent.id)


def _renamed(ground: Ground, intent: EditRecord, new_id: str, fields: Mapping[str, Any]) -> Change:
    kind, old_id = intent.kind, intent.id
    path, new_path = _path(kind, old_id), _path(kind, new_id)
    if kind == "status" and old_id in BUILT_IN_STATUSES:
        raise EditError("conflict", "new_id", f"{quoted(old_id)} is built in and keeps its id: give it another `name`")
    if is_there(ground, new_path) or new_id in _known(ground, kind):
        raise EditError("conflict", "new_id", f"there is a {kind} {quoted(new_id)} already")
    _is_free(ground, kind, new_id, "new_id", but=old_id)
    if kind in _WITH_ALIASES:
        # The first stays the first: what other programs know the record by is made of it.
        fields = {**fields, "aliases": [*dict.fromkeys([*fields.get("aliases", ()), old_id])]}
    data = written(ground, path, fields)
    sound(ground, new_path, data)
    referring = references.paths(ground, kind, old_id)
    files: dict[str, bytes | None] = {one: references.changed(ground, kind, one, old_id, new_id) for one in referring}
    return Change(
        files={**files, path: None, new_path: data},
        subject=_subject(kind, old_id, f"renamed to {new_id}"),
        body=_told(files),
        record=new_id,
        renamed={old_id: new_id},
    )


def _other_defaults(ground: Ground, intent: AddRecord | EditRecord) -> dict[str, bytes]:
    """Return the files of the statuses that are the default no more, because another one shall be."""
    if intent.kind != "status" or intent.fields.get("default") is not True:
        return {}
    others = [name for name, status in ground.site.statuses.items() if status.default and name != intent.id]
    return {_path("status", name): _no_default(ground, _path("status", name)) for name in others}


def _no_default(ground: Ground, path: str) -> bytes:
    old = fields_of(ground, path) if is_there(ground, path) else {}
    return _data(ground, path, old, {**old, "default": False})


def _path(kind: RecordKind, name: str) -> str:
    return f"{_FOLDER_BY_KIND[kind]}/{name}.yaml"


def _known(ground: Ground, kind: RecordKind) -> Mapping[str, Record]:
    known: Mapping[str, Record] = getattr(ground.site, _FOLDER_BY_KIND[kind])
    return known


def _found(ground: Ground, kind: RecordKind, name: str) -> str:
    """Return the id of a record, which may be asked for by a former one; refuse a record that is not there."""
    known = _known(ground, kind)
    if name in known:
        return name
    for other, record in known.items():
        if isinstance(record, Service | Group) and name in record.aliases:
            return other
    raise EditError("unknown", "id", f"there is no {kind} {quoted(name)}{did_you_mean(name, known)}")


def _is_free(ground: Ground, kind: RecordKind, name: str, field: str, but: str = "") -> None:
    """Refuse an id that another record of the kind has had: its addresses lead there."""
    if kind not in _WITH_ALIASES:
        return
    for other, record in _known(ground, kind).items():
        if other != but and isinstance(record, Service | Group) and name in record.aliases:
            raise EditError("conflict", field, f"{quoted(name)} was the id of {quoted(other)}: its `aliases` say so")


def _typed(ground: Ground, kind: RecordKind, fields: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    found = typed(ground, fields, old, _RECORD_BY_KIND[kind])
    if kind == "service" and isinstance(found.get("group"), str):
        groups = ground.site.groups
        former = (name for name, group in groups.items() if found["group"] in group.aliases)
        found["group"] = found["group"] if found["group"] in groups else next(former, found["group"])
        one_of(found["group"], groups, "group", "group")
    return found


def _changed(old: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: changes.get(key, value) for key, value in old.items() if changes.get(key, "") is not None}
    return kept | {key: value for key, value in changes.items() if key not in old and value is not None}


def _data(ground: Ground, path: str, old: Mapping[str, Any], fields: Mapping[str, Any]) -> bytes:
    if old:
        return written(ground, path, fields)
    return document(fields).encode()


def _subject(kind: RecordKind, name: str, what: str) -> str:
    return cut(f"{kind} {name}: {what}", 100)


def _told(files: Mapping[str, bytes | None]) -> str:
    return f"What named it follows: {some(files)}." if files else ""
