"""Plain data to YAML that people review: block style, texts as literal blocks, small maps and lists on one line.

Reading it back gives the same data; what could be taken for something else (`no`, `10:30`, `2026-11-23`) is quoted.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

Value = str | int | float | bool | dt.date | None | Mapping[str, "Value"] | Sequence["Value"]

_WIDTH: Final = 100
# Far stricter than YAML: whatever is not plainly a word or a sentence is quoted.
_PLAIN: Final = re.compile(
    r"[A-Za-z](?:[\w ./()'&+;!?%@$^=*<>|~\"`-]|,(?= )|:(?=[^\s,\]}])|(?<=\S)#)*(?<![\s])", re.ASCII
)
_PLAIN_IN_FLOW: Final = re.compile(r"[A-Za-z](?:[\w ./()+-]|:(?=//))*(?<!\s)", re.ASCII)
_RESERVED: Final = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null", "nan", "inf"})
_NOT_IN_A_BLOCK: Final = re.compile(
    r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]"
)


def document(fields: Mapping[str, Value], comment: str = "") -> str:
    """Return a YAML document of these fields in their order, below comment lines (given without `#`)."""
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    return head + "".join(f"{line}\n" for line in _block(fields))


def _block(fields: Mapping[str, Value]) -> list[str]:
    return [line for key, value in fields.items() for line in field(scalar(key), value)]


def field(key: str, value: Value) -> list[str]:
    """Return the lines of a field, `key` as it is to be written."""
    if isinstance(value, str):
        return _text(key, value)
    line = flow(value)
    if not _is_nested(value) or (len(key) + len(line) + 2 <= _WIDTH and not _holds_maps(value)):
        return [f"{key}: {line}"]
    lines = _block(value) if isinstance(value, Mapping) else items(value if isinstance(value, Sequence) else ())
    return [f"{key}:", *(f"  {line}" if line else "" for line in lines)]


def items(values: Sequence[Value]) -> list[str]:
    """Return the lines of a list in block style."""
    lines: list[str] = []
    for value in values:
        if isinstance(value, Mapping) and value:
            first, *rest = _block(value)
            lines += [f"- {first}", *(f"  {line}" if line else "" for line in rest)]
        else:
            lines.append(f"- {flow(value)}")
    return lines


def _text(key: str, text: str) -> list[str]:
    if "\n" not in text or text[0] in " \t\n" or _NOT_IN_A_BLOCK.search(text) or not text.strip("\n"):
        return [f"{key}: {scalar(text)}"]
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    mark = "|-" if ends == 0 else "|" if ends == 1 else "|+"
    return [f"{key}: {mark}", *(f"  {line}" if line else "" for line in body.split("\n")), *[""] * (ends - 1)]


def _is_nested(value: Value) -> bool:
    return isinstance(value, (Mapping, Sequence)) and not isinstance(value, str) and bool(value)


def _holds_maps(value: Value) -> bool:
    if isinstance(value, Mapping):
        return any(isinstance(v, Mapping) and any(isinstance(w, Mapping) for w in v.values()) for v in value.values())
    return isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(v, Mapping) for v in value)


def flow(value: Value) -> str:
    """Return a value on one line, fit to stand between brackets."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key, is_in_flow=True)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value, is_in_flow=True)


def scalar(value: str | float | bool | dt.date | None, *, is_in_flow: bool = False) -> str:
    """Return a single value on one line, plain where it cannot be taken for something else."""
    if isinstance(value, dt.datetime):
        return instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if not isinstance(value, str):
        return json.dumps(value)
    shape = _PLAIN_IN_FLOW if is_in_flow else _PLAIN
    if shape.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return quoted(value)


def quoted(text: str) -> str:
    """Return a text in double quotes."""
    # JSON's quoting is YAML's, but for what YAML takes for a line end or refuses to read.
    return _NOT_IN_A_BLOCK.sub(
        lambda match: f"\\u{ord(match[0]):04x}" if ord(match[0]) < 0x10000 else match[0],
        json.dumps(text, ensure_ascii=False),
    )


def instant(at: dt.datetime) -> str:
    """Return an aware instant as `2026-11-23T10:02:00Z`, with as many digits of a second as it has."""
    text = at.astimezone(dt.UTC).isoformat(timespec="microseconds").removesuffix("+00:00")
    whole, _, fraction = text.partition(".")
    digits = fraction.rstrip("0")
    return f"{whole}.{digits.ljust(3, '0')}Z" if digits else f"{whole}Z"
