"""One file's bytes -> the record in it as plain data, or the problems that keep it from being one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from stashgen import yamlio, zones
from stashgen.errors import Finding, Problem
from stashgen.load import convert
from stashgen.model import (
    BUILT_IN_STATUSES,
    ID_PATTERN,
    Automation,
    Event,
    Group,
    Notifications,
    Record,
    Service,
    Settings,
    Status,
    Template,
)
from stashgen.text import did_you_mean, quoted, slug

RECORD_BY_FOLDER: Final[Mapping[str, type[Record]]] = {
    "": Settings, "statuses": Status, "groups": Group, "services": Service, "templates": Template, "events": Event,
}  # fmt: skip
RECORD_BY_FILE: Final[Mapping[str, type[Record]]] = {
    "automation.yaml": Automation, "notifications.yaml": Notifications,
}  # fmt: skip
_MOST_PROBLEMS: Final = 25  # of one file: the rest is probably the same one


class Reading(NamedTuple):
    """Plain data with its texts, None when there is an error among the problems."""

    data: dict[str, Any] | None
    problems: tuple[Problem, ...]


def read(data: bytes, path: str, name: str, zone: dt.tzinfo) -> Reading:
    """Read the record of a file; `path` is relative to the root, `name` is what problems call it."""
    folder, _, stem = path.removesuffix(".yaml").rpartition("/")
    kind = RECORD_BY_FILE.get(path) or RECORD_BY_FOLDER[folder.partition("/")[0]]
    parsed = yamlio.parse(data, name, convert.shape(kind), zone)
    problems = [*_about_name(stem, name), *parsed.problems]
    value = _completed(parsed.value, kind, stem)
    if value is not None:
        complaints = _complaints(value, kind)
        problems += yamlio.place(data, name, complaints) if complaints else []
    is_broken = any(problem.severity == "error" for problem in problems)
    return Reading(None if is_broken else value, _cut(problems))


def settings(data: bytes, path: str, name: str) -> tuple[Settings, tuple[Problem, ...]]:
    """Read site.yaml; stand-ins take the place of settings that are broken."""
    raw = yamlio.parse(data, name, {}, dt.UTC).value
    timezone = raw.get("timezone") if isinstance(raw, dict) else None
    zone = zones.find(timezone) if isinstance(timezone, str) else None
    value, problems = read(data, path, name, zone or dt.UTC)
    if isinstance(timezone, str) and timezone.strip() and zone is None:
        message = (
            f"{quoted(timezone)} is no time zone{did_you_mean(timezone, zones.names()) or ', such as `Europe/Berlin`'}"
        )
        problems += tuple(yamlio.place(data, name, [Finding(("timezone",), message)]))
        value = None
    if value is None:
        return _sound_settings(data, problems, zone.key if zone else "UTC"), problems
    return msgspec.convert(value, Settings, builtin_types=(dt.datetime,)), problems


def _sound_settings(data: bytes, problems: Iterable[Problem], timezone: str) -> Settings:
    """Return a broken site.yaml without what is broken in it."""
    value = yamlio.parse(data, "", convert.shape(Settings), dt.UTC).value
    wrong = {re.split(r"[.\[]", problem.field)[0] for problem in problems if problem.severity == "error"}
    sound = {key: item for key, item in value.items() if key not in wrong} if isinstance(value, dict) else {}
    try:
        stand_ins = {"title": "Status", **sound, "timezone": timezone}
        return msgspec.convert(stand_ins, Settings, builtin_types=(dt.datetime,))
    except msgspec.ValidationError:
        return Settings(title="Status", timezone=timezone)


def packed(value: dict[str, Any]) -> bytes:
    """Return plain data in MessagePack, without the texts of an event: those are read again when they are shown."""
    light = dict(value)
    if value.get("postmortem") is not None:
        light["postmortem"] = ""
    if "updates" in value:
        light["updates"] = [{**update, "message": ""} for update in value["updates"]]
    return msgspec.msgpack.encode(light)


def _about_name(stem: str, name: str) -> list[Problem]:
    if re.search(ID_PATTERN, stem):
        return []
    remedy = f", such as {quoted(slug(stem) + '.yaml')}" if slug(stem) else ""
    shown = quoted(name.rpartition("/")[2].removesuffix(".yaml"))
    message = f"the file's name is the id, and {shown} is none: small letters, digits and dashes{remedy}"
    return [Problem(path=name, message=message)]


def _completed(value: object, kind: type[Record], stem: str) -> Any:
    """Lay a file that changes a built-in status over what is built in."""
    if kind is Status and isinstance(value, dict) and stem in BUILT_IN_STATUSES:
        return {**msgspec.to_builtins(BUILT_IN_STATUSES[stem]), **value}
    return value


def _complaints(value: object, kind: type[Record]) -> list[Finding]:
    try:
        msgspec.convert(value, kind, builtin_types=(dt.datetime,))
    except msgspec.ValidationError as error:
        return convert.complaints(value, kind) or [Finding((), f"cannot be read: {error}")]
    if isinstance(value, dict) and _is_silent(value):
        return convert.complaints(value, kind)
    return list(_slips(value)) if kind is Status else []


def _slips(status: object) -> Iterator[Finding]:
    if isinstance(status, dict) and status.get("color", "") is None:
        message = "is empty: a colour such as '#d92d20' is put in quotes, because a bare `#` begins a comment"
        yield Finding(("color",), message, severity="warning")


def _is_silent(value: dict[str, Any]) -> bool:
    texts = [update["message"] for update in value.get("updates", ())]
    texts += [value["message"]] if "message" in value else []
    texts += [value["postmortem"]] if value.get("postmortem") is not None else []
    return any(not text or text.isspace() for text in texts)


def _cut(problems: list[Problem]) -> tuple[Problem, ...]:
    if len(problems) <= _MOST_PROBLEMS:
        return tuple(problems)
    more = msgspec.structs.replace(problems[_MOST_PROBLEMS], field="", message="and more problems from here on")
    return (*problems[:_MOST_PROBLEMS], more)
