"""JSON of any shape, as `generic` of automation.yaml maps it."""

from __future__ import annotations

import re
from typing import Any, Final

from stashgen.intents import Signal
from stashgen.model import Mapped
from stashgen.text import listed, quoted
from stashgen.webhooks.payload import any_fields, instant, json_value, key, line, said, text
from stashgen.webhooks.source import PayloadError, Post

RESOLVED: Final = "resolved"
_STEP: Final = re.compile(r"\.?([^.\[\]\"]+)|\[(-?[0-9]{1,6})\]|\[\"([^\"]+)\"\]")


def read(source: str, mapped: Mapped, post: Post) -> list[Signal]:
    """Return the signals of a payload; raise PayloadError."""
    is_json = post.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    whole = json_value(post.body) if is_json else any_fields(post).values
    if mapped.items is None:
        return [_signal(source, mapped, whole, "")]
    items = at_path(whole, mapped.items)
    if not isinstance(items, list):
        raise PayloadError(mapped.items, "is not a list")
    return [_signal(source, mapped, item, f"{mapped.items}[{index}]") for index, item in enumerate(items)]


def _signal(source: str, mapped: Mapped, item: Any, place: str) -> Signal:
    def found(path: str | None) -> Any:
        return None if path is None else at_path(item, path)

    def named(path: str | None) -> str:
        return f"{place}.{path}" if place else path or ""

    own, word = key(found(mapped.key), named(mapped.key)), line(said(found(mapped.status), named(mapped.status)))
    if not own or not word:
        raise PayloadError(named(mapped.status if own else mapped.key), "is missing")
    status = next((one for name, one in mapped.statuses.items() if name.casefold() == word.casefold()), None)
    if status is None:
        known = listed(quoted(name) for name in mapped.statuses)
        raise PayloadError(named(mapped.status), f"{quoted(word)} is none of the words in `statuses`: {known}")
    services = found(mapped.services)
    several = services if isinstance(services, list) else str(said(services, named(mapped.services))).split(",")
    labels = {name: line(said(found(path), named(path))) for name, path in mapped.labels.items()}
    return Signal(
        source=source,
        key=own,
        services=tuple(dict.fromkeys(filter(None, (line(said(one, named(mapped.services))) for one in several)))),
        status="" if status == RESOLVED else status,
        title=line(said(found(mapped.title), named(mapped.title))),
        text=text(said(found(mapped.text), named(mapped.text))),
        is_resolved=status == RESOLVED,
        at=instant(found(mapped.at), named(mapped.at)),
        labels={name: value for name, value in labels.items() if value},
    )


def at_path(value: Any, path: str) -> Any:
    """Return what stands at a path such as `alert.labels.name`, `items[0].id` or `["a key.with dots"]`; else None."""
    if path == ".":
        return value
    for name, place, in_quotes in _STEP.findall(path.removeprefix("$.")):
        if place:
            is_there = isinstance(value, list) and -len(value) <= int(place) < len(value)
            value = value[int(place)] if is_there else None
        else:
            value = value.get(name or in_quotes) if isinstance(value, dict) else None
    return value
