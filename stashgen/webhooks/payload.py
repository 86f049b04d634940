"""Untrusted bodies -> fields that know their path, so that whatever is wrong is named.

Nothing here trusts a type, a length or a depth: monitors differ by version, and anybody may send anything.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping
from email import message_from_bytes
from email.policy import HTTP
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from stashgen import instants
from stashgen.text import quoted
from stashgen.webhooks.source import PayloadError, Post

LINE_LENGTH: Final = 200
TEXT_LENGTH: Final = 4_000
_MOST_LABELS: Final = 100
_MOST_FIELDS: Final = 1_000
_LAST_SECOND: Final = 7_258_118_399  # the end of 2199
_FIRST_MILLISECOND: Final = 100_000_000_000  # seconds until the year 5138, milliseconds from 1973 on
_UNPRINTABLE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


class Fields:
    """A map of a payload, and where in the payload it stands."""

    def __init__(self, values: Mapping[str, Any], path: str = "") -> None:
        self.values, self.path = values, path

    def place(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def text(self, name: str, default: str = "") -> str:
        """Return a field as text, the default where there is none; raise PayloadError for a list or a map."""
        return said(self.values.get(name), self.place(name)) or default

    def line(self, *names: str) -> str:
        """Return the first of these fields that says something, as one line; raise PayloadError as `text` does."""
        return next((found for name in names if (found := line(self.text(name)))), "")

    def needed(self, name: str) -> str:
        """Return a field as one line; raise PayloadError when it says nothing."""
        found = line(self.text(name))
        if not found:
            raise PayloadError(self.place(name), "is missing")
        return found

    def key(self, *names: str) -> str:
        """Return the first of these fields that says something as the key of an alert; raise PayloadError as `text`."""
        return next((found for name in names if (found := key(self.values.get(name), self.place(name)))), "")

    def below(self, name: str) -> Fields:
        """Return the map in a field, an empty one where there is none; raise PayloadError for anything else."""
        value = self.values.get(name)
        if value is None:
            return Fields({}, self.place(name))
        if not isinstance(value, dict):
            raise PayloadError(self.place(name), f"must be a map, not {named(value)}")
        return Fields(value, self.place(name))

    def many(self, name: str) -> list[Fields]:
        """Return the maps in a list, none where there is no list; raise PayloadError for anything else."""
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise PayloadError(self.place(name), f"must be a list, not {named(value)}")
        for index, one in enumerate(value):
            if not isinstance(one, dict):
                raise PayloadError(f"{self.place(name)}[{index}]", f"must be a map, not {named(one)}")
        return [Fields(one, f"{self.place(name)}[{index}]") for index, one in enumerate(value)]

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, or the words of a text with commas; raise PayloadError for anything else."""
        value = self.values.get(name)
        values = value if isinstance(value, list) else str(said(value, self.place(name))).split(",")
        lines = [line(said(one, f"{self.place(name)}[{index}]")) for index, one in enumerate(values)]
        return tuple(dict.fromkeys(one for one in lines if one))

    def at(self, name: str) -> dt.datetime | None:
        """Return an instant, None where there is none; raise PayloadError for what is no instant."""
        return instant(self.values.get(name), self.place(name))

    def labels(self) -> dict[str, str]:
        """Return what is plain of this map, as text."""
        plain = {line(str(name)): value for name, value in self.values.items() if not isinstance(value, (dict, list))}
        kept = {name: line(said(value, "")) for name, value in plain.items() if name and value is not None}
        return dict(list(kept.items())[:_MOST_LABELS])


def json_fields(post: Post) -> Fields:
    """Return the JSON object of a body; raise PayloadError when it is none."""
    value = json_value(post.body)
    if not isinstance(value, dict):
        raise PayloadError("", f"the body must be a JSON object, not {named(value)}")
    return Fields(value)


def json_value(body: bytes) -> Any:
    """Return the JSON of a body; raise PayloadError when it is none."""
    if not body.strip():
        raise PayloadError("", "the body is empty")
    try:
        return msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise PayloadError("", f"the body is not JSON: {line(str(error))}") from error
    except RecursionError as error:
        raise PayloadError("", "the body is nested too deeply") from error


def any_fields(post: Post) -> Fields:
    """Return the fields of a JSON object, a form, or lines `name=value`; those of the query stand behind them."""
    behind = _pairs(post.query)
    if not post.body.strip() and behind:
        return Fields(behind)
    if post.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return Fields({**behind, **json_fields(post).values})
    try:
        text = post.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PayloadError("", "the body is neither JSON nor UTF-8 text") from error
    if "form-urlencoded" in post.content_type:
        return Fields({**behind, **_pairs(text)})
    return Fields({**behind, **_lines(text)})


def form_fields(post: Post) -> Fields:
    """Return the fields of a form in one of its two encodings; raise PayloadError."""
    if not post.content_type.startswith("multipart/form-data"):
        return any_fields(post)
    head = f"Content-Type: {line(post.content_type)}\r\n\r\n".encode("ascii", "replace")
    parts = message_from_bytes(head + post.body, policy=HTTP).walk()
    named = ((part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in parts)
    return Fields(
        {
            name: data.decode("utf-8", "replace")
            for name, data in named
            if isinstance(name, str) and isinstance(data, bytes)
        }
    )


def _pairs(text: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise PayloadError("", f"there are more than {_MOST_FIELDS} fields") from error


def _lines(text: str) -> dict[str, str]:
    lines = [one for one in text.splitlines() if one.strip()]
    if not lines:
        raise PayloadError("", "the body is empty")
    split = [one.partition("=") for one in lines]
    if not split[0][1]:
        raise PayloadError("", f"the body is neither JSON nor lines `name=value`: {quoted(lines[0])}")
    return {name.strip(): value for name, sign, value in split[:_MOST_FIELDS] if sign}


def said(value: object, path: str) -> str:
    """Return a plain value as text; raise PayloadError for a list or a map."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return text(value)
    if isinstance(value, (int, float)):
        return str(value)[:LINE_LENGTH]
    raise PayloadError(path, f"must be text, not {named(value)}")


def named(value: object) -> str:
    """Return what a value is, for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return "a number"
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a map"


def text(value: str) -> str:
    """Return a text without what cannot be printed, cut to a length that a page can bear."""
    cleaned = _UNPRINTABLE.sub("", value[: 2 * TEXT_LENGTH].replace("\r\n", "\n")).strip()
    return cleaned if len(cleaned) <= TEXT_LENGTH else cleaned[: TEXT_LENGTH - 1] + "…"


def line(value: str) -> str:
    """Return a text on one line, cut to a readable length."""
    cleaned = " ".join(text(value).split())
    return cleaned if len(cleaned) <= LINE_LENGTH else cleaned[: LINE_LENGTH - 1] + "…"


def key(value: object, path: str) -> str:
    """Return what an alert is known by: however long, two are never the same for being cut."""
    short = line(said(value, path))
    whole = value if isinstance(value, str) else short
    return short if len(whole) <= LINE_LENGTH else f"{short[: LINE_LENGTH - 17]}~{digest([whole])}"


def digest(parts: Iterable[str]) -> str:
    """Return a short key made of several texts."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def instant(value: object, path: str) -> dt.datetime | None:
    """Return the instant, in whole seconds, of a text or of a number of (milli)seconds since 1970.

    None where there is none, or the year 1 with which Go says so; raise PayloadError for what is no instant.
    """
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value.strip()[:20])
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) >= _FIRST_MILLISECOND else value
        if not 0 <= seconds <= _LAST_SECOND:
            raise PayloadError(path, "is outside the years 1970 to 2199")
        return dt.datetime.fromtimestamp(int(seconds), dt.UTC) if seconds else None
    if value is None or value == "" or (isinstance(value, str) and value.startswith("0001-01-01")):
        return None
    if not isinstance(value, str):
        raise PayloadError(path, f"must be a time, not {named(value)}")
    read = instants.read(value.strip()[:LINE_LENGTH], dt.UTC)
    if read.at is None:
        raise PayloadError(path, f"{quoted(value)} {read.remark}")
    return read.at.astimezone(dt.UTC).replace(microsecond=0)
