"""What a record's types say about plain data: where instants stand, and every reason why it does not fit.

msgspec converts, but stops at its first complaint. Data that it refused is walked a second time here, along the
same types, to say everything at once, in words and with the remedy.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec import inspect

from stashgen import instants
from stashgen.errors import Field, Finding
from stashgen.text import did_you_mean, listed, nearest, quoted
from stashgen.yamlio import Shape

_MOST_COMPLAINTS: Final = 100
# It is never said again: what is printed here may stand in a public log.
_PRIVATE: Final = "PRIVATE KEY"
_LEAKED: Final = (
    "THIS IS A PRIVATE KEY. Whoever has seen it can sign in your name: take it away, make another one, and write "
    "here the one line of its file `.pub`"
)


def complaints(data: object, record: type[msgspec.Struct]) -> list[Finding]:
    """Return the reasons why plain data is not such a record: all, or the first hundred."""
    return list(islice(_walk(inspect.type_info(record), data, (), {}), _MOST_COMPLAINTS))


@cache
def shape(record: type[msgspec.Struct]) -> Shape:
    """Return where a record holds instants, as yamlio wants to know it."""
    return _shape(inspect.type_info(record))


def _shape(node: inspect.Type) -> dict[str, Any]:
    match node:
        case inspect.StructType(fields=fields):
            below = {field.encode_name: _below(field.type, is_day=False) for field in fields}
            return {name: value for name, value in below.items() if value is not None}
    return {}


def _below(node: inspect.Type, *, is_day: bool) -> bool | dict[str, Any] | None:
    match node:
        case inspect.Metadata(type=inner, extra=extra):
            return _below(inner, is_day=is_day or bool((extra or {}).get("is_day")))
        case inspect.UnionType(types=types):
            return next((found for one in types if (found := _below(one, is_day=is_day)) is not None), None)
        case inspect.DateTimeType():
            return is_day
        case inspect.VarTupleType(item_type=item):
            return _shape(item) or None
        case inspect.DictType(value_type=value):
            below = _below(value, is_day=False)
            return None if below is None else _AnyKey(below)
    return _shape(node) or None


class _AnyKey(dict[str, Any]):
    """The shape of a map by names that nobody knows before: what stands under each has the same shape."""

    def __init__(self, below: bool | dict[str, Any]) -> None:
        self._below = below
        super().__init__()

    def __bool__(self) -> bool:
        return True

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ARG002 - a dict's signature
        """Return the same for every key."""
        return self._below


_Extra = Mapping[str, Any]


def _walk(node: inspect.Type, value: object, field: Field, extra: _Extra) -> Iterator[Finding]:
    if isinstance(node, inspect.Metadata):
        yield from _walk(node.type, value, field, {**extra, **(node.extra or {})})
    elif isinstance(node, inspect.UnionType):
        yield from _union(node, value, field, extra)
    elif isinstance(node, inspect.StructType):
        yield from _struct(node, value, field)
    elif isinstance(node, inspect.DictType):
        yield from _dict(node, value, field)
    elif isinstance(node, inspect.VarTupleType):
        yield from _list(node, value, field)
    else:
        complaint = _SCALARS[type(node)](node, value, extra) if type(node) in _SCALARS else ""
        if complaint:
            yield Finding(field, complaint)


def _union(node: inspect.UnionType, value: object, field: Field, extra: _Extra) -> Iterator[Finding]:
    choices = [choice for choice in node.types if not isinstance(choice, inspect.NoneType)]
    if value is None and len(choices) < len(node.types):
        return
    fitting = [choice for choice in choices if isinstance(value, _PLAIN.get(type(choice), object))]
    if fitting or len(choices) == 1:
        yield from _walk((fitting or choices)[0], value, field, extra)
    else:
        yield Finding(field, f"must be a map of `service: status`, or a list of services, not {_named(value)}")


def _struct(node: inspect.StructType, value: object, field: Field) -> Iterator[Finding]:
    names = [one.encode_name for one in node.fields]
    if not isinstance(value, dict):
        yield Finding(field, f"must be a map with {listed(f'`{name}`' for name in names)}, not {_named(value)}")
        return
    missing = [name for name in names if name not in value]
    meant = set()  # a misspelt required field is said once
    for key in value:
        if key not in names:
            meant.add(nearest(key, missing))
            hint = did_you_mean(key, missing) or f": the fields are {listed(names)}"
            yield Finding((*field, key), f"is not a field here{hint}", is_key=True)
    for one in node.fields:
        here = (*field, one.encode_name)
        if one.encode_name in value:
            yield from _walk(one.type, value[one.encode_name], here, {})
        elif one.required and one.encode_name not in meant:
            yield Finding(here, f"is missing: {_description(one.type)}")


def _dict(node: inspect.DictType, value: object, field: Field) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield Finding(field, f"must be a map of `key: value`, not {_named(value)}")
        return
    for key, one in value.items():
        for finding in _walk(node.key_type, key, (*field, key), {}):
            yield finding._replace(is_key=True)
        yield from _walk(node.value_type, one, (*field, key), {})


def _list(node: inspect.VarTupleType, value: object, field: Field) -> Iterator[Finding]:
    if not isinstance(value, list):
        leaked = isinstance(value, str) and _PRIVATE in value
        yield Finding(field, _LEAKED if leaked else f"must be a list, each entry after `- `, not {_named(value)}")
        return
    if len(value) < (node.min_length or 0):
        yield Finding(field, "is empty: it needs at least one entry")
    for index, one in enumerate(value):
        yield from _walk(node.item_type, one, (*field, index), {})


def _text(node: inspect.StrType, value: object, extra: _Extra) -> str:
    if not isinstance(value, str):
        return _not_text(value)
    if extra.get("is_said") and not value.strip():
        return "is blank: say something, or delete the entry"
    if node.pattern is None or re.search(node.pattern, value):
        return ""
    if not value.strip():
        return "is blank: write a text"
    if _PRIVATE in value:
        return _LEAKED
    # What was put in the place of a secret's name may be the secret: a report in public does not repeat it.
    shown = "what stands here" if extra.get("is_secret") else quoted(value)
    return f"{shown} is not {extra.get('form', 'of the right form')}"


def _not_text(value: object) -> str:
    if value is None:
        return "is empty: write a text, or delete the line"
    if isinstance(value, (bool, int, float)):
        return f"must be text, and {_named(value)} is none: put it in quotes"
    return f"must be text, not {_named(value)}"


def _instant(_node: inspect.DateTimeType, value: object, extra: _Extra) -> str:
    if isinstance(value, dt.datetime):
        return ""
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        remark = instants.read(str(value), dt.UTC, is_day=bool(extra.get("is_day"))).remark
        return f"{quoted(value)} {remark or 'is not a time: write it without quotes'}"
    return f"must be a time such as {instants.EXAMPLE}, not {_named(value)}"


def _whole(node: inspect.IntType, value: object, _extra: _Extra) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return f"must be a whole number, not {_named(value)}"
    return _range(node, value)


def _number(node: inspect.FloatType, value: object, _extra: _Extra) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return f"must be a number, not {_named(value)}"
    return _range(node, value)


def _range(node: inspect.IntType | inspect.FloatType, value: float) -> str:
    low, high = node.ge, node.le
    if (low is None or value >= low) and (high is None or value <= high):
        return ""
    return f"must be between {low:g} and {high:g}, not {value}"


def _switch(_node: inspect.BoolType, value: object, _extra: _Extra) -> str:
    return "" if isinstance(value, bool) else f"must be true or false, not {_named(value)}"


def _literal(node: inspect.LiteralType, value: object, _extra: _Extra) -> str:
    return _choice([str(choice) for choice in node.values], value)


def _enum(node: inspect.EnumType, value: object, _extra: _Extra) -> str:
    return _choice([member.value for member in node.cls], value)


def _choice(choices: list[str], value: object) -> str:
    if isinstance(value, str) and value in choices:
        return ""
    if not isinstance(value, str):
        return f"must be one of {listed(choices)}, not {_named(value)}"
    return f"{quoted(value)} is none of {listed(choices)}{did_you_mean(value, choices)}"


_PLAIN: Final[Mapping[type[inspect.Type], type]] = {
    inspect.DictType: dict, inspect.StructType: dict, inspect.VarTupleType: list, inspect.StrType: str,
}  # fmt: skip
_SCALARS: Final[Mapping[type[inspect.Type], Callable[[Any, object, _Extra], str]]] = {
    inspect.StrType: _text, inspect.IntType: _whole, inspect.FloatType: _number, inspect.BoolType: _switch,
    inspect.DateTimeType: _instant, inspect.LiteralType: _literal, inspect.EnumType: _enum,
}  # fmt: skip


def _named(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (int, float)):
        return f"the number {quoted(value)}"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, dt.datetime):
        return "a time"
    return "a list" if isinstance(value, list) else "a map"


def _description(node: inspect.Type) -> str:
    return str((node.extra_json_schema or {}).get("description", "")) if isinstance(node, inspect.Metadata) else ""
