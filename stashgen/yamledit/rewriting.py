"""The bytes of a file and the data it shall hold -> new bytes, read again and compared."""

from __future__ import annotations

import codecs
import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from stashgen import yamlio
from stashgen.errors import StashgenError
from stashgen.yamledit import lines, roundtrip
from stashgen.yamledit.aligning import is_same
from stashgen.yamledit.nodes import root
from stashgen.yamledit.patching import OddError, patches
from stashgen.yamlwrite import instant

_BOM: Final = codecs.BOM_UTF8.decode()


class UneditableError(StashgenError):
    """A file that cannot be changed without changing more than was asked for."""


def content(data: bytes) -> dict[str, Any]:
    """Return what a file holds, times as the texts that they are; raise UneditableError if it is no sound map."""
    value = _read(data)
    if not isinstance(value, dict):
        raise UneditableError("the file has errors: `stashgen check` names them, mend them first")
    return value


def rewritten(data: bytes, wanted: Mapping[str, Any]) -> bytes:
    """Return a file that holds what is wanted and is otherwise as it was; raise UneditableError.

    New keys stand behind the key that they follow in `wanted`; a key that stands in the place of another is that key
    renamed. Times are given as instants, or stay the texts that `content` gave.
    """
    old, plain = content(data), _plain(wanted)
    if is_same(old, plain):
        return data
    for attempt in (_patched, _round_trip):
        with suppress(OddError):
            result = attempt(data, old, wanted)
            if is_same(_read(result), plain):
                return result
    raise UneditableError("the file is written in a way that cannot be changed by a program: change it by hand")


def _read(data: bytes) -> object:
    # A text below `|` that ends with the file, without a line end, gets one when something is written below it.
    parsed = yamlio.parse(data if data.endswith((b"\n", b"\r")) else data + b"\n", "", {}, dt.UTC)
    return parsed.value if parsed.is_sound else None


def _patched(data: bytes, old: Mapping[str, Any], wanted: Mapping[str, Any]) -> bytes:
    whole = data.decode()
    text = whole.removeprefix(_BOM)
    top = root(text)
    if top is None or top.kind != "map":
        raise OddError
    line_break = lines.break_of(text)
    parts, place = [], 0
    for splice in patches(text, top, old, wanted):
        if splice.start < place:
            raise OddError
        parts += [text[place : splice.start], splice.text.replace("\n", line_break)]
        place = splice.end
    head = whole[: len(whole) - len(text)]
    return (head + "".join(parts) + text[place:]).encode()


def _round_trip(data: bytes, old: Mapping[str, Any], wanted: Mapping[str, Any]) -> bytes:
    whole = data.decode()
    text = whole.removeprefix(_BOM)
    line_break = lines.break_of(text)
    result = roundtrip.changed(text.replace("\r\n", "\n").replace("\r", "\n"), old, wanted)
    return (whole[: len(whole) - len(text)] + result.replace("\n", line_break)).encode()


def _plain(value: Any) -> Any:
    """Return a value as our reader gives it."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, dt.datetime):
        return instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return [_plain(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else value
