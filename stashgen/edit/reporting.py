"""What monitors say: the policy of automation.yaml decides, and its deeds become files.

One report may open, change and resolve several incidents: they are one change. Decided anew on a replay, an alert
that somebody else has told of meanwhile is nothing new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from stashgen.automation import Deed, Saying, decide
from stashgen.edit.change import Change, Ground
from stashgen.edit.naming import event_id, event_path
from stashgen.edit.saying import Word, entry, fields_of, merged, update_name, written
from stashgen.edit.wording import cut, held, some, subject
from stashgen.intents import Report
from stashgen.model import Alert
from stashgen.yamlwrite import document

_MOST_TOLD: Final = 20  # incidents in a commit's body, and alerts in its trailers
_WIDTH: Final = 400


class _Part(NamedTuple):
    """One incident's share of the change."""

    event: str
    path: str
    data: bytes
    subject: str
    update: str | None


def report(ground: Ground, intent: Report) -> Change:
    """Do what alerts lead to."""
    deeds = decide(ground.site, intent.signals, intent.at or ground.now).deeds
    parts: list[_Part] = []
    for deed in deeds:
        taken = {part.event for part in parts}
        parts.append(_opened(ground, deed, taken) if deed.event is None else _gone_on(ground, deed, deed.event))
    parts = [part for part in parts if part.data != _old(ground, part.path)]
    if not parts:
        return Change(subject="alerts: nothing new", record=next((deed.event for deed in deeds if deed.event), None))
    lone = len(parts) == 1
    return Change(
        files={part.path: part.data for part in parts},
        subject=parts[0].subject if lone else f"alerts: {len(parts)} incidents ({some(part.event for part in parts)})",
        body="" if lone else "\n".join(_listed([part.subject for part in parts])),
        trailers=_trailers(deeds),
        record=parts[0].event,
        update=parts[0].update,
    )


def _opened(ground: Ground, deed: Deed, taken: set[str]) -> _Part:
    first = deed.sayings[0]
    # The same alert makes the same id on every clone; two alerts of one name make two.
    seed = "\n".join([*deed.told[:1], f"{first.at:%Y-%m-%dT%H:%M:%S}"])
    suffix = hashlib.sha256(seed.encode()).hexdigest()[:6]
    name = event_id(ground, None, deed.title, first.at, suffix)
    while name in taken:
        suffix = hashlib.sha256(suffix.encode()).hexdigest()[:6]
        name = event_id(ground, None, deed.title, first.at, suffix)
    fields: dict[str, Any] = {"title": deed.title, "services": dict(first.services), "source": deed.source}
    fields |= {"signals": _map(deed.signals)}
    updates = [
        _entry(msgspec.structs.replace(first, services={}), deed),
        *(_entry(one, deed) for one in deed.sayings[1:]),
    ]
    kept = {key: value for key, value in fields.items() if value}
    what = deed.sayings[-1].state or "investigating"
    return _Part(
        event=name,
        path=event_path(ground, name, first.at),
        data=document({**kept, "updates": updates}).encode(),
        subject=subject("incident", name, what, held(first.services)),
        update=update_name([], 0, first.at),
    )


def _gone_on(ground: Ground, deed: Deed, name: str) -> _Part:
    path = ground.site.path_by_event[name]
    old = fields_of(ground, path)
    updates = [*old["updates"], *(_entry(one, deed) for one in deed.sayings)]
    data = written(ground, path, merged(old, {"signals": _map(deed.signals), "updates": updates}))
    instants = [update.at for update in ground.site.events[name].updates]
    return _Part(
        event=name,
        path=path,
        data=data,
        subject=_subject(name, deed),
        update=update_name(instants, len(instants), deed.sayings[0].at) if deed.sayings else None,
    )


def _subject(name: str, deed: Deed) -> str:
    if deed.sayings:
        last = deed.sayings[-1]
        return subject("incident", name, last.state or "update", held(last.services))
    over = sum(1 for alert in deed.told if deed.signals[alert].until is not None)
    count = len(deed.told)
    what = "over" if over == count else "noted" if not over else f"noted, {over} of them over"
    return subject("incident", name, f"{count} alert{'s' * (count != 1)} {what}")


def _entry(saying: Saying, deed: Deed) -> dict[str, Any]:
    return entry(
        Word(
            at=saying.at,
            message=saying.message,
            state=saying.state,
            services=saying.services,
            source=deed.source,
        )
    )


def _map(signals: Mapping[str, Alert]) -> dict[str, Any]:
    return {name: _facts(alert) for name, alert in signals.items()}


def _facts(alert: Alert) -> dict[str, Any]:
    facts = {"services": dict(alert.services), "since": alert.since, "until": alert.until}
    return {key: value for key, value in facts.items() if value}


def _trailers(deeds: Iterable[Deed]) -> tuple[tuple[str, str], ...]:
    deeds = list(deeds)
    sources = dict.fromkeys(deed.source for deed in deeds)
    alerts = dict.fromkeys(alert for deed in deeds for alert in deed.told)
    told = [*(("Source", source) for source in sources), *(("External-Id", alert) for alert in [*alerts][:_MOST_TOLD])]
    return tuple((name, cut(value, _WIDTH)) for name, value in told)


def _listed(lines: list[str]) -> list[str]:
    more = len(lines) - _MOST_TOLD
    return [*lines[:_MOST_TOLD], *([f"... and {more} more"] if more > 0 else [])]


def _old(ground: Ground, path: str) -> bytes | None:
    try:
        return ground.read(path)
    except FileNotFoundError:
        return None
