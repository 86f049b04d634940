"""Fields that somebody gives, as their record wants them: times as times, and every mistake named with its field."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from stashgen import instants
from stashgen.edit import asked
from stashgen.edit.change import EditError, Ground
from stashgen.load import convert, record
from stashgen.text import did_you_mean, listed, quoted

_DAY: Final = re.compile(instants.DAY_PATTERN)


def typed(
    ground: Ground, fields: Mapping[str, Any], old: Mapping[str, Any], kind: type[msgspec.Struct]
) -> dict[str, Any]:
    """Return fields with their times as instants, in the old writing where they are the same; refuse unknown names."""
    known = kind.__struct_fields__
    for name in fields:
        if name not in known:
            hint = did_you_mean(name, known) or f": the fields are {listed(known)}"
            raise EditError("invalid", name, f"is not a field of it{hint}")
    shape = convert.shape(kind)
    return {name: _typed(ground, value, old.get(name), shape.get(name)) for name, value in fields.items()}


def sound(ground: Ground, path: str, data: bytes, field: str = "") -> None:
    """Refuse a file that could not be read as a record; `field` is the prefix of those that the intent gave."""
    found = record.read(data, path, path, asked.zone(ground))
    for problem in found.problems:
        if problem.severity == "error":
            own = problem.field.removeprefix(field).removeprefix(".")
            raise EditError("invalid", own, problem.message)


def _typed(ground: Ground, value: Any, old: Any, shape: Any) -> Any:
    if isinstance(value, Mapping):
        below = shape if isinstance(shape, Mapping) else {}
        before = old if isinstance(old, Mapping) else {}
        return {name: _typed(ground, one, before.get(name), below.get(name)) for name, one in value.items()}
    if isinstance(value, dt.datetime):
        value = asked.instant(ground, value)
    if isinstance(shape, bool):
        return _time(ground, value, old, is_day=shape)
    return [*value] if isinstance(value, tuple) else value


def _time(ground: Ground, value: Any, old: Any, *, is_day: bool) -> Any:
    at = _read(ground, value, is_day=is_day)
    if at is None:
        return value
    if isinstance(old, str) and _read(ground, old, is_day=is_day) == at:
        return old
    if isinstance(value, str) and is_day and _DAY.fullmatch(value):
        return dt.date.fromisoformat(value)
    return at


def _read(ground: Ground, value: Any, *, is_day: bool) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    if not isinstance(value, str):
        return None
    return instants.read(value, asked.zone(ground), is_day=is_day).at


def one_of(name: str, known: Mapping[str, object], field: str, what: str) -> None:
    """Refuse the id of a record that is not there."""
    if name not in known:
        raise EditError("unknown", field, f"there is no {what} {quoted(name)}{did_you_mean(name, known)}")
