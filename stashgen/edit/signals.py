"""What the policy of automation needs of files: incidents with the alerts that fire, and several changes as one.

change = signals.opened(ground, OpenIncident(...), {"key": {"api": "down"}})
change = signals.retold(ground, "2026-11-23-api", {}, Word(at=..., message=..., state="resolved"))
ground = signals.after(ground, change)          # the next decision sees what this one made
return signals.together([change, other], "signals of alertmanager: 2 incidents")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from stashgen.edit import asked, opening
from stashgen.edit.change import Change, Ground
from stashgen.edit.saying import Word, added, fields_of, merged, written
from stashgen.edit.wording import cut, some, subject, trailers
from stashgen.intents import OpenIncident
from stashgen.load.revise import revise

Signals = Mapping[str, Mapping[str, str]]  # key of an alert -> the status it gives to services

_ROOT: Final = Path("site-data")


def opened(ground: Ground, intent: OpenIncident, signals: Signals) -> Change:
    """Open an incident that knows which alerts it is about."""
    word = opening.first_word(ground, intent, intent.state)
    services = asked.statuses(ground, intent.services)
    return opening.made(ground, intent, "incident", word, {"services": services, "signals": _kept(ground, signals)})


def retold(ground: Ground, event: str, signals: Signals, word: Word | None = None) -> Change:
    """Give an incident other alerts, and perhaps an update; without alerts the field goes."""
    record, path = asked.event(ground, event), ground.site.path_by_event[event]
    header = {"signals": _kept(ground, signals) or None}
    if word is not None:
        clean = msgspec.structs.replace(word, message=asked.message(word.message))
        return added(ground, event, clean, header)
    data = written(ground, path, merged(fields_of(ground, path), header))
    if data == ground.read(path):
        return Change(subject=subject(record.kind, event, "nothing new"), record=event)
    firing = f"{len(signals)} alert{'s' * (len(signals) != 1)} firing"
    return Change(
        files={path: data},
        subject=subject(record.kind, event, firing, some(signals)),
        trailers=trailers(record.source, record.external_id),
        record=event,
    )


def after(ground: Ground, change: Change) -> Ground:
    """Return the ground as a change leaves it: what is decided next stands on that."""
    site = revise(_ROOT, ground.site, change.files).site
    return msgspec.structs.replace(ground, site=site, read=_over(ground.read, change.files))


def together(changes: Sequence[Change], subject: str) -> Change:
    """Return several changes, each made on the ground that the one before left, as one."""
    told = [change for change in changes if change.files]
    if len(told) < 2:
        return (*told, *changes, Change(subject=subject))[0]
    seen: dict[tuple[str, str], None] = {trailer: None for change in told for trailer in change.trailers}
    return Change(
        files={path: data for change in told for path, data in change.files.items()},
        subject=cut(subject, 100),
        body="\n".join(f"- {change.subject}" for change in told),
        trailers=tuple(seen),
        record=told[0].record,
        update=told[0].update,
        renamed={old: new for change in told for old, new in change.renamed.items()},
    )


def _kept(ground: Ground, signals: Signals) -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = {}
    for key, services in signals.items():
        kept[asked.line(key) or "alert"] = asked.statuses(ground, services, "signals")
    return kept


def _over(read: Callable[[str], bytes], files: Mapping[str, Any]) -> Callable[[str], bytes]:
    def look(path: str) -> bytes:
        if path not in files:
            return read(path)
        data = files[path]
        if data is None:
            raise FileNotFoundError(path)
        return bytes(data)

    return look
