"""Subjects and trailers of commits, as a person would write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from stashgen.text import printable

_WIDTH: Final = 100
_TRAILER: Final = 400  # a trailer is no place for a monitor's novel


def subject(kind: str, name: str, what: str, detail: str = "") -> str:
    """Return a line such as `incident api-errors: identified (api: warning)`, cut to a readable length."""
    return cut(f"{kind} {name}: {what}" + (f" ({detail})" if detail else ""), _WIDTH)


def held(services: Mapping[str, str]) -> str:
    """Return statuses by service on one line."""
    return ", ".join(f"{service}: {status}" for service, status in services.items())


def trailers(source: str | None, external_id: str | None) -> tuple[tuple[str, str], ...]:
    """Return the trailers that tell where an event came from."""
    told = (("Source", source), ("External-Id", external_id))
    return tuple((name, cut(value.strip(), _TRAILER)) for name, value in told if value and value.strip())


def some(words: Iterable[str], count: int = 3) -> str:
    """Return the first few words, and how many there are beside them."""
    every = list(words)
    more = [f"{len(every) - count} more"] if len(every) > count else []
    return ", ".join([*every[:count], *more])


def cut(text: str, width: int) -> str:
    """Return a text on one line without control characters, cut where it is too long."""
    line = printable(text)
    return line if len(line) <= width else line[: width - 1] + "…"
