"""The body of a request -> a record, or every reason why it is none.

JSON as RFC 8259 has it and nothing looser: UTF-8, no key twice, no NaN, no half of a surrogate pair, a bounded depth.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from stashgen import instants
from stashgen.errors import Field, Finding
from stashgen.gateway.problems import FieldError, Refusal
from stashgen.load import convert
from stashgen.model import Record
from stashgen.text import quoted

DEEPEST: Final = 32
_ZONED: Final = re.compile(r"(?:[Zz]|UTC|[+-][0-9]{2}(?::?[0-9]{2})?)$")
_DAY: Final = re.compile(instants.DAY_PATTERN)
# Line ends and tabs are text; other control characters show as something else than they are.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_STAND_IN: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # for an instant that has been complained of

AnyRecord = TypeVar("AnyRecord", bound=Record)


class Body(NamedTuple):
    """A record, and which of its fields were given."""

    record: Record
    given: Mapping[str, Any]


def parse(data: bytes) -> Any:
    """Return the plain data of a JSON text; raise Refusal with 400 for anything else."""
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_without_doubles, parse_constant=_no_number, parse_float=_finite
        )
    except UnicodeDecodeError:
        raise Refusal(400, "the body is not UTF-8") from None
    except RecursionError:
        raise Refusal(400, f"the body is nested deeper than {DEEPEST} levels") from None
    except ValueError as error:
        raise Refusal(400, f"the body is not JSON: {error}" if data.strip() else "the body is empty") from None
    if _depth(value) > DEEPEST:
        raise Refusal(400, f"the body is nested deeper than {DEEPEST} levels")
    return value


def read(data: bytes, kind: type[AnyRecord]) -> Body:
    """Return the record that a body holds; raise Refusal with 400 for no JSON, with 422 for another record."""
    plain = parse(data)
    findings = [*_controls(plain, ())]
    if not findings:
        plain, findings = _with_instants(plain, convert.shape(kind), ())
        findings += convert.complaints(plain, kind)
    if findings:
        errors = [FieldError(pointer=pointer(finding.field), detail=finding.message) for finding in findings]
        raise Refusal(422, "the body is not what is asked for here", errors)
    try:
        return Body(msgspec.convert(plain, kind, builtin_types=(dt.datetime,)), plain)
    except msgspec.ValidationError as error:
        raise Refusal(422, f"the body is not what is asked for here: {error}") from None


def pointer(field: Field) -> str:
    """Return a JSON Pointer (https://www.rfc-editor.org/rfc/rfc6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in field)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        double = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {quoted(double)} stands twice in one object")
    return made


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large")
    return number


def _depth(value: object, level: int = 1) -> int:
    if level > DEEPEST or not isinstance(value, (dict, list)):
        return level
    inside = value.values() if isinstance(value, dict) else value
    return max((_depth(one, level + 1) for one in inside), default=level)


def _controls(value: object, field: Field) -> Iterator[Finding]:
    if isinstance(value, str):
        if match := _CONTROL.search(value):
            yield Finding(field, f"holds the character U+{ord(match[0]):04X}, which no text needs")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _controls(key, field)
            yield from _controls(one, (*field, key))
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _controls(one, (*field, place))


def _with_instants(value: Any, shape: Mapping[str, Any], field: Field) -> tuple[Any, list[Finding]]:
    """Return plain data with its instants read, and what is wrong with them."""
    if isinstance(value, list):
        made = [_with_instants(one, shape, (*field, place)) for place, one in enumerate(value)]
        return [one for one, _ in made], [finding for _, findings in made for finding in findings]
    if not isinstance(value, dict):
        return value, []
    filled, found = dict(value), []
    for name, below in shape.items():
        if name in value and isinstance(below, bool):
            filled[name], findings = _instant(value[name], (*field, name), is_day=below)
            found += findings
        elif name in value:
            filled[name], findings = _with_instants(value[name], below, (*field, name))
            found += findings
    return filled, found


def _instant(value: object, field: Field, *, is_day: bool) -> tuple[object, list[Finding]]:
    if not isinstance(value, str):
        return value, []
    reading = instants.read(value, dt.UTC, is_day=is_day)
    if reading.at is None:
        return _STAND_IN, [Finding(field, f"{quoted(value)} {reading.remark}")]
    if not _ZONED.search(value) and not (is_day and _DAY.fullmatch(value)):
        return _STAND_IN, [Finding(field, f"{quoted(value)} has no zone: end it with `Z` for UTC, or with an offset")]
    return reading.at, []
