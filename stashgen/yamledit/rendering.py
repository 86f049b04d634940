"""Values as they are written into a text that is there already: in its style, at its indentation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from stashgen.yamledit.nodes import BLOCK_TEXT, Node
from stashgen.yamlwrite import document, field, flow, items, quoted, scalar

_HEADER: Final = re.compile(r"[|>][-+0-9]*")
_PRINTABLE: Final = re.compile(r"[\x20-\x7e\xa0-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")


def is_collection(value: object) -> bool:
    """Tell whether a value is a map or a list."""
    return isinstance(value, Mapping) or (isinstance(value, Sequence) and not isinstance(value, str))


def pair(key: str, value: Any, indent: int) -> list[str]:
    """Return the lines of a field in block style."""
    return _indented(field(scalar(key), value), indent)


def entry(value: Any, indent: int, gap: int) -> list[str]:
    """Return the lines of an entry of a list in block style; `gap` is how far its content stands from the dash."""
    first, *rest = items([value])
    pad = " " * (gap - 2)
    return _indented([first.replace("- ", f"- {pad}", 1), *(f"{pad}{line}" if line else "" for line in rest)], indent)


def in_flow(key: str, value: Any) -> str:
    """Return a field to stand between brackets."""
    return f"{scalar(key, is_in_flow=True)}: {flow(value)}"


def key_like(old: Node, key: str, *, is_in_flow: bool) -> str:
    """Return a key in the quotes that another has."""
    return _in_quotes(old.style, key) or scalar(key, is_in_flow=is_in_flow)


def value_like(old: Node, value: Any, *, is_in_flow: bool) -> str | None:
    """Return a value on one line, a text in the quotes of the one it takes the place of; None if it wants lines."""
    if is_in_flow:
        return (_in_quotes(old.style, value) if isinstance(value, str) else None) or flow(value)
    if isinstance(value, str) and "\n" not in value:
        return _in_quotes(old.style, value) or scalar(value)
    written = field("k", value)
    return written[0].removeprefix("k: ") if len(written) == 1 else None


def block_like(old: Node, value: Any, text: str, indent: int) -> tuple[str, list[str]]:
    """Return the mark (`|`) and the lines of a text in block style, at the indentation of the one before."""
    mark, *body = field("k", value)
    step = 2
    if old.style in BLOCK_TEXT:
        lines = text[old.start : old.end].splitlines()[1:]
        step = max(min((len(one) - len(one.lstrip(" ")) for one in lines if one.strip()), default=2) - indent, 1)
    return mark.removeprefix("k: "), [" " * (indent + step) + line[2:] if line else "" for line in body]


def collection(value: Any, indent: int) -> list[str]:
    """Return the lines of a map or a list in block style."""
    return _indented(document(value).splitlines() if isinstance(value, Mapping) else items(value), indent)


def block_header(text: str, old: Node) -> tuple[str, str]:
    """Return the mark of a text in block style and what follows on its line: a comment."""
    line = re.split(r"[\r\n]", text[old.start : old.end], maxsplit=1)[0]
    match = _HEADER.match(line)
    mark = match.group() if match else ""
    return mark, line[len(mark) :]


def _in_quotes(style: str, value: str) -> str | None:
    if style == "'" and _PRINTABLE.fullmatch(value):
        return "'" + value.replace("'", "''") + "'"
    return quoted(value) if style in {"'", '"'} else None


def _indented(lines: Sequence[str], indent: int) -> list[str]:
    return [" " * indent + line if line else "" for line in lines]
