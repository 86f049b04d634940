"""Write iCalendar (RFC 5545): lines folded at 75 octets, escaped texts, UTC times."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Final

_OCTETS: Final = 75
_CONTINUED: Final = 0b10  # the first two bits of an octet inside a character of UTF-8
# https://www.rfc-editor.org/rfc/rfc5545#section-3.1: no control characters but the tab
_UNSPEAKABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LINE_END: Final = re.compile(r"\r\n?|\n")


def text(value: str) -> str:
    """Return a value of type TEXT."""
    escaped = _UNSPEAKABLE.sub("\ufffd", value).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return _LINE_END.sub(r"\\n", escaped)


def texts(values: Iterable[str]) -> str:
    """Return a list of values of type TEXT."""
    return ",".join(map(text, values))


def instant(at: dt.datetime) -> str:
    """Return a value of type DATE-TIME in UTC."""
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%S}Z"


def minutes(count: int) -> str:
    """Return a value of type DURATION."""
    return f"PT{count}M"


def component(name: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a component."""
    yield f"BEGIN:{name}"
    yield from lines
    yield f"END:{name}"


def folded(lines: Iterable[str]) -> bytes:
    """Return the bytes of lines."""
    return b"".join(octets + b"\r\n" for line in lines for octets in _folded(line.encode()))


def _folded(line: bytes) -> Iterator[bytes]:
    """Yield a line in pieces of at most 75 octets, the space before all but the first counted, no character cut."""
    lead = b""
    while len(lead) + len(line) > _OCTETS:
        end = _OCTETS - len(lead)
        while line[end] >> 6 == _CONTINUED:
            end -= 1
        yield lead + line[:end]
        line, lead = line[end:], b" "
    yield lead + line
